//! What a visitor may take of the port, so that there is always some left for others.

use std::time::Duration;

/// What a visitor may take: places and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many connections there may be at a time; further ones are closed at once.
    pub places: usize,
    /// How long a TLS handshake may take.
    pub handshake: Duration,
    /// How long the head of a request may take, and how long a connection may lie idle.
    pub head: Duration,
    /// How long a reader may take nothing of what is meant for it.
    pub stall: Duration,
    /// How long requests that are under way may take once the end has come.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            places: 512,
            handshake: Duration::from_secs(10),
            // Between the usual scrape intervals, so that no scrape meets a connection at its end.
            head: Duration::from_secs(25),
            stall: Duration::from_secs(30),
            grace: Duration::from_secs(5),
        }
    }
}
