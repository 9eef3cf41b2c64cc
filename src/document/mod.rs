//! The JSON that machines read: results, alike on the command line and in the API, and incidents and
//! silences.
//!
//! In come values of the domain; out go documents that serde writes. Field names are a contract.
//!
//! **Invariant:** decides nothing, and shows what it is given: redaction is done before.

mod harmless;
mod incident;
mod result;
mod silence;

pub use harmless::{Harmless, steers};
pub use incident::{IncidentDocument, shown_address};
pub use result::ResultDocument;
pub use silence::SilenceDocument;

/// The version of the shape; it changes when a field goes away or changes its meaning.
pub const VERSION: u32 = 1;
