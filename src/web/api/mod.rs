//! The live state as JSON: one document for each question, written while it is sent.

mod incidents;
mod pieces;
mod silences;
mod status;

pub(super) use incidents::incidents;
pub(super) use silences::silences;
pub(super) use status::status;
