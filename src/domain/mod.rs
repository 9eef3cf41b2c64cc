//! The words of the program and the decisions it takes.
//!
//! In come values that other rooms made: what a person configured and what a probe saw.
//! Out go judgements: findings, advice and verdicts.
//! Everything here is a value or a function of values, so that each rule of the product can be read,
//! tested and argued about without a socket.
//!
//! **Invariant:** nothing here waits, reads a clock, touches a socket, a file or the environment,
//! logs, or serialises; time and randomness are arguments.

pub mod advice;
pub mod challenge;
pub mod check;
pub mod courier;
pub mod drift;
pub mod endpoint;
pub mod expectation;
pub mod explanation;
pub mod fetches;
pub mod finding;
pub mod harmless;
pub mod incident;
pub mod judge;
pub mod notice;
pub mod oauth2;
pub mod observation;
pub mod presenter;
pub mod reproduction;
pub mod rest;
pub mod routing;
pub mod secret;
pub mod silence;
pub mod status;
pub mod wording;
