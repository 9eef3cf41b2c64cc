//! The house is built as `ARCHITECTURE.md` says: who imports whom, and who may touch what.
//!
//! Code in `#[cfg(test)]` is left out: tests may be blunt.

mod arrows;
mod rules;
mod source;
mod table;
