//! How the store does.

use crate::domain::status::Trouble;

/// How the store does at present.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// What is wrong with the state file, if anything is. That a damaged file was set aside is told
    /// until the program ends, although all is well with the new one.
    pub trouble: Option<Trouble>,
    /// Whether what is committed reaches the disk.
    pub works: bool,
    /// How many commits failed.
    pub failures: u64,
    /// How many changes wait for the disk.
    pub waiting: usize,
    /// How many changes were dropped because too many waited.
    pub lost: u64,
    /// How often a file was begun anew while the program ran: what was committed before is not in
    /// it, so whoever holds the live state hands all of it over again.
    pub renewals: u64,
}
