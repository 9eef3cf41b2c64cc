//! The integration tests: one binary, one file for each subject.

#![expect(clippy::unwrap_used, reason = "a test may be blunt")]

mod challenge_corpus;
