//! One account: what became of its password, and who may show it next.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::{Denied, Held, lock};
use crate::credential::PasswordUse;
use crate::domain::check::Name;
use crate::domain::judge::{is_admission, is_rejection};
use crate::domain::observation::{Answer, Observation};
use crate::domain::presenter::{Provenance, Shown, Unpresentable};
use crate::schedule::{Guard, Leave};

/// A real user is shown a wrong password no oftener than this.
const BETWEEN_WRONG: Duration = Duration::from_mins(15);

/// What became of one password, and those who wait to show it.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) guard: Mutex<Guard>,
    /// Rings when one that was on its way has come back.
    pub(super) returned: Notify,
    /// When its user was last shown a wrong password on purpose.
    wronged_at: Mutex<Option<Instant>>,
}

impl Account {
    pub(super) fn ask(&self, now: Instant) -> Leave {
        lock(&self.guard).ask(now)
    }

    /// Lets a wrong password be shown to a real account, and not again too soon.
    pub(super) fn wrong_again(&self, name: &Name, now: Instant) -> Result<(), Denied> {
        let mut wronged_at = lock(&self.wronged_at);
        if let Some(until) = wronged_at.map(|at| at + BETWEEN_WRONG)
            && now < until
        {
            let why = format!("held back: `{name}` was shown a wrong password lately");
            return Err(Denied::Held(Held { until, why }));
        }
        *wronged_at = Some(now);
        Ok(())
    }

    /// Until when the password is held back, where it is.
    pub(super) fn held_until(&self, now: Instant) -> Option<Instant> {
        lock(&self.guard).held_until().filter(|until| now < *until)
    }
}

/// A password on its way. What became of it is told, or nothing is known of it: then it neither was
/// accepted nor rejected, and the next one may go.
pub(super) struct Outing<'a> {
    account: &'a Account,
    is_told: bool,
}

impl<'a> Outing<'a> {
    pub(super) fn of(account: &'a Account) -> Self {
        Self {
            account,
            is_told: false,
        }
    }

    /// Takes down what became of the password, and lets the next one go.
    ///
    /// A wrong password has no fingerprint: it counts against the account, and is no rotation.
    pub(super) fn tell(mut self, fate: Fate, fingerprint: Option<[u8; 32]>, now: Instant) {
        self.is_told = true;
        let mut guard = lock(&self.account.guard);
        let news = match fate {
            Fate::Rejected => {
                guard.rejected(fingerprint, now);
                false
            }
            Fate::Accepted => guard.accepted(),
            Fate::Undecided => {
                guard.undecided();
                false
            }
        };
        drop(guard);
        if news {
            self.account.returned.notify_waiters();
        }
        self.account.returned.notify_one();
    }
}

impl Drop for Outing<'_> {
    fn drop(&mut self) {
        if !self.is_told {
            lock(&self.account.guard).undecided();
            self.account.returned.notify_one();
        }
    }
}

/// What became of a password that may have been shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is right.
    Accepted,
    /// It was not wanted, and a server may have counted that.
    Rejected,
    /// Neither: it was not shown, or nothing is known of what became of it.
    Undecided,
}

impl Fate {
    /// What became of the password with a probe, or on the way to it.
    pub(super) fn of(
        shows: PasswordUse,
        seen: &Result<Observation, Unpresentable>,
        shown: &Shown,
    ) -> Self {
        match (shows, seen) {
            // At the login, wherever that is.
            (_, Err(why)) if why.rejected => Self::Rejected,
            (PasswordUse::AtLogin, _) if shown.provenance == Provenance::Fetched => Self::Accepted,
            (PasswordUse::EachProbe, Ok(seen)) => seen.answer().map_or(Self::Undecided, Self::by),
            (PasswordUse::AtLogin | PasswordUse::EachProbe | PasswordUse::Never, _) => {
                Self::Undecided
            }
        }
    }

    /// What became of a password that is wrong on purpose.
    pub(super) fn of_wrong(
        shows: PasswordUse,
        seen: &Result<Observation, Unpresentable>,
        shown: &Shown,
    ) -> Self {
        match (shows, seen) {
            // What came of the login is not told; a server that refused it has counted it.
            (PasswordUse::AtLogin, Ok(_)) => Self::Rejected,
            (PasswordUse::AtLogin | PasswordUse::EachProbe | PasswordUse::Never, _) => {
                Self::of(shows, seen, shown)
            }
        }
    }

    fn by(answer: &Answer) -> Self {
        if is_rejection(answer) {
            Self::Rejected
        } else if is_admission(answer) {
            // A page that asks to log in is no acceptance.
            Self::Accepted
        } else {
            Self::Undecided
        }
    }
}
