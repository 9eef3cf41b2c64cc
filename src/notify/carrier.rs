//! The contract between the sender, which decides when to try, and those who know a way.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::domain::notice::{Attempt, Notice, Way};

/// Tells one notice on one way, once.
///
/// It must come to an end by itself; what does not is cut off by the sender after minutes. A try that
/// is cut off counts as undelivered, so the next one must be recognisable as the same notice.
pub trait Carrier: Send + Sync {
    /// Makes one try, and says what it came to. Fails in no other way.
    fn carry<'a>(&'a self, notice: &'a Notice, way: &'a Way) -> Carrying<'a>;
}

/// The future of one try.
pub type Carrying<'a> = Pin<Box<dyn Future<Output = Carried> + Send + 'a>>;

/// What one try came to, and what it says about the next ones to the same place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// What became of this notice.
    pub attempt: Attempt,
    /// What others that wait for the same place may expect. Counts with `Attempt::Retried` only.
    pub outlook: Outlook,
}

/// What a try that failed says about others to the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// Nothing: they may well get through.
    Open,
    /// Nobody answers there, so that one try at a time is enough until somebody does.
    Unreachable,
    /// The other side asked to be left alone for so long.
    Busy(Duration),
}

impl Carried {
    /// Nobody could be reached; why.
    pub fn unreachable(why: impl Into<String>) -> Self {
        Self {
            attempt: Attempt::Retried(why.into()),
            outlook: Outlook::Unreachable,
        }
    }
}

impl From<Attempt> for Carried {
    fn from(attempt: Attempt) -> Self {
        Self {
            attempt,
            outlook: Outlook::Open,
        }
    }
}
