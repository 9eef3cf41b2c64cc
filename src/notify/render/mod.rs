//! What a notice says, for each way of telling it.

pub(super) mod alerts;
