//! One account: what became of its password, and who may show it next.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, oneshot};

use super::{Denied, Held, lock};
use crate::clock::SharedClock;
use crate::credential::PasswordUse;
use crate::domain::check::Name;
use crate::domain::judge::{holds_login_form, is_admission};
use crate::domain::observation::{Answer, Observation};
use crate::domain::presenter::{Provenance, Shown, Unpresentable};
use crate::keeper::{Event, Keeper};
use crate::schedule::{Count, Footing, Guard, Leave};
use crate::store::SavedAccount;

/// A real user is shown a wrong password no oftener than this.
const BETWEEN_WRONG: Duration = Duration::from_mins(15);

/// What became of one password, and those who wait to show it.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) guard: Mutex<Guard>,
    /// Rings when one that was on its way has come back.
    pub(super) returned: Notify,
    /// Names a session that was logged in for and that no endpoint has judged yet.
    unproven: Mutex<Option<[u8; 32]>>,
    /// When its user was last shown a wrong password on purpose.
    wronged_at: Mutex<Option<Instant>>,
    /// What was last told to be counted, to whoever keeps it.
    noted: tokio::sync::Mutex<SavedAccount>,
}

impl Account {
    /// An account that goes on from what a former run counted.
    pub(super) fn resumed(saved: &SavedAccount, clock: &SharedClock) -> Self {
        let (wall, now) = (clock.now(), clock.monotonic());
        let instant = |at: &Timestamp| {
            // A clock that was set back makes none of them a thing of the future.
            let ago = Duration::try_from(wall.duration_since(*at)).unwrap_or_default();
            now.checked_sub(ago)
        };
        let account = Self {
            noted: tokio::sync::Mutex::new(saved.clone()),
            ..Self::default()
        };
        let count = Count {
            rejections: saved.rejected_at.iter().filter_map(instant).collect(),
            is_counted_out: saved.is_counted_out,
        };
        lock(&account.guard).resume(count, now);
        *lock(&account.wronged_at) = saved.wronged_at.as_ref().and_then(instant);
        account
    }

    pub(super) fn ask(&self, fingerprint: Option<[u8; 32]>, times: usize, now: Instant) -> Leave {
        lock(&self.guard).ask(fingerprint, times, now)
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

    /// Whether nothing is counted, so that nothing is lost with the account.
    pub(super) fn is_blank(&self, clock: &SharedClock) -> bool {
        self.counted(clock) == SavedAccount::default()
    }

    /// Has the keeper know what is counted, where that is another thing than it knows.
    ///
    /// `noted` is answered once it is on the disk, at once where there is nothing new.
    pub(super) async fn note(
        &self,
        name: &Name,
        keeper: &Keeper,
        clock: &SharedClock,
        noted: Option<oneshot::Sender<()>>,
    ) {
        // Held until it is told, so that what is told last is also what is newest.
        let mut known = self.noted.lock().await;
        let account = self.counted(clock);
        if !same(&known, &account) {
            let event = Event::Counted {
                name: name.clone(),
                account: account.clone(),
                noted,
            };
            keeper.tell(event).await;
            *known = account;
        }
    }

    fn counted(&self, clock: &SharedClock) -> SavedAccount {
        let (wall, now) = (clock.now(), clock.monotonic());
        let time = |at: Instant| {
            let ago = SignedDuration::try_from(now.saturating_duration_since(at));
            let at = wall.checked_sub(ago.unwrap_or(SignedDuration::MAX));
            at.unwrap_or(Timestamp::MIN)
        };
        let Count {
            rejections,
            is_counted_out,
        } = lock(&self.guard).count(now);
        let wronged_at = *lock(&self.wronged_at);
        let recent = |at: &Instant| now.saturating_duration_since(*at) < BETWEEN_WRONG;
        SavedAccount {
            rejected_at: rejections.into_iter().map(time).collect(),
            is_counted_out,
            wronged_at: wronged_at.filter(recent).map(time),
        }
    }
}

/// Whether the same is counted. Two clocks that drift apart make no news.
fn same(one: &SavedAccount, other: &SavedAccount) -> bool {
    const DRIFT: SignedDuration = SignedDuration::from_millis(50);
    let near = |(one, other): (&Timestamp, &Timestamp)| one.duration_since(*other).abs() < DRIFT;
    one.is_counted_out == other.is_counted_out
        && one.rejected_at.len() == other.rejected_at.len()
        && one.rejected_at.iter().zip(&other.rejected_at).all(near)
        && match (&one.wronged_at, &other.wronged_at) {
            (Some(one), Some(other)) => near((one, other)),
            (one, other) => one == other,
        }
}

/// A password on its way. What became of it is told, or nothing is known of it: then it may have
/// been rejected, unless it was not even sent.
pub(super) struct Outing<'a> {
    account: &'a Account,
    footing: Footing,
    /// When it was sent, where that is so and what became of it was not told.
    untold_since: Option<Instant>,
    is_told: bool,
}

impl<'a> Outing<'a> {
    pub(super) fn of(account: &'a Account, footing: Footing) -> Self {
        Self {
            account,
            footing,
            untold_since: None,
            is_told: false,
        }
    }

    /// Whether it may come to a rejection, as far as is known.
    pub(super) fn is_risked(&self) -> bool {
        self.footing == Footing::Risked
    }

    /// It is sent now: who breaks off from here on leaves it open what became of it.
    pub(super) fn sets_out(&mut self, now: Instant) {
        self.untold_since = Some(now);
    }

    /// A session was logged in for. Whether its login went well is known where it is shown first.
    pub(super) fn fetched(&self, shown: &Shown) {
        if shown.provenance == Provenance::Fetched {
            *lock(&self.account.unproven) = shown.fingerprint;
        }
    }

    /// What was shown; a kept session that nobody has judged is as good as one fetched for it.
    pub(super) fn proving(&self, shown: &Shown) -> Shown {
        let mut unproven = lock(&self.account.unproven);
        let is_it = shown.provenance == Provenance::Kept && *unproven == shown.fingerprint;
        if !is_it || unproven.take().is_none() {
            return *shown;
        }
        Shown {
            provenance: Provenance::Fetched,
            ..*shown
        }
    }

    /// Takes down what became of the password, shown so many times, and lets the next one go.
    ///
    /// A wrong password has no fingerprint: it counts against the account, and is no rotation.
    pub(super) fn tell(
        mut self,
        fate: Fate,
        fingerprint: Option<[u8; 32]>,
        times: usize,
        now: Instant,
    ) {
        self.is_told = true;
        let mut guard = lock(&self.account.guard);
        let news = match fate {
            Fate::Rejected => {
                guard.rejected(self.footing, fingerprint, now);
                (1..times).for_each(|_| guard.rejected_again(now));
                false
            }
            Fate::Accepted => guard.accepted(self.footing, fingerprint, now),
            Fate::Undecided => {
                guard.undecided(self.footing, now);
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
        if self.is_told {
            return;
        }
        let mut guard = lock(&self.account.guard);
        match self.untold_since {
            Some(sent) if self.is_risked() => guard.rejected(self.footing, None, sent),
            Some(_) | None => guard.dropped(self.footing),
        }
        drop(guard);
        self.account.returned.notify_one();
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
    /// What became of the password with a probe, or on the way to it; `at_door` says what the answer,
    /// or its absence, means there.
    pub(super) fn of(
        usage: PasswordUse,
        seen: &Result<Observation, Unpresentable>,
        shown: &Shown,
        at_door: impl Fn(&Observation) -> Self,
    ) -> Self {
        match (usage, seen) {
            // Whoever asks for another scheme got no password.
            (PasswordUse::EachProbe, Ok(_)) if shown.is_withheld() => Self::Undecided,
            // At the login, wherever that is.
            (_, Err(why)) if why.rejected || why.unanswered => Self::Rejected,
            // A login may refuse without a word that is understood: what it gave must open the door.
            (PasswordUse::AtLogin, Ok(seen)) if shown.provenance == Provenance::Fetched => {
                match seen.answer() {
                    Some(answer) if leads_to_a_login(answer) => Self::Rejected,
                    Some(_) => at_door(seen),
                    // The login was answered; only the endpoint behind it was not.
                    None => Self::Undecided,
                }
            }
            (PasswordUse::EachProbe, Ok(seen)) => at_door(seen),
            (PasswordUse::AtLogin | PasswordUse::EachProbe | PasswordUse::Never, _) => {
                Self::Undecided
            }
        }
    }

    /// What became of a password that is wrong on purpose.
    pub(super) fn of_wrong(
        usage: PasswordUse,
        seen: &Result<Observation, Unpresentable>,
        shown: &Shown,
        at_door: impl Fn(&Observation) -> Self,
    ) -> Self {
        match (usage, seen) {
            // What came of the login is not told; a server that refused it has counted it.
            (PasswordUse::AtLogin, Ok(_)) => Self::Rejected,
            (PasswordUse::EachProbe, Ok(seen))
                if !shown.is_withheld() && seen.answer().is_some_and(|it| !is_admission(it)) =>
            {
                Self::Rejected
            }
            (PasswordUse::AtLogin | PasswordUse::EachProbe | PasswordUse::Never, _) => {
                Self::of(usage, seen, shown, at_door)
            }
        }
    }

    /// What became of the password where nothing but a token or a session was fetched: whether that is
    /// any good is known once it was shown.
    pub(super) fn of_fetching(seen: &Result<Observation, Unpresentable>) -> Self {
        match seen {
            Err(why) if why.rejected || why.unanswered => Self::Rejected,
            Ok(_) | Err(_) => Self::Undecided,
        }
    }
}

fn leads_to_a_login(answer: &Answer) -> bool {
    (300..=399).contains(&answer.status) || holds_login_form(answer)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::SystemClock;
    use crate::domain::observation::{Body, BodyEnd, HttpVersion, Outcome, Phases};

    fn clock() -> SharedClock {
        Arc::new(SystemClock)
    }

    fn ago(clock: &SharedClock, minutes: i64) -> Timestamp {
        clock.now() - SignedDuration::from_mins(minutes)
    }

    #[test]
    fn what_a_former_run_counted_is_what_this_one_counts() {
        let clock = clock();
        let saved = SavedAccount {
            rejected_at: vec![ago(&clock, 9), ago(&clock, 3)],
            is_counted_out: false,
            wronged_at: Some(ago(&clock, 9)),
        };
        let account = Account::resumed(&saved, &clock);
        let counted = account.counted(&clock);
        assert!(same(&counted, &saved), "{counted:?}");
    }

    #[test]
    fn what_counts_no_more_is_not_kept() {
        let clock = clock();
        let saved = SavedAccount {
            rejected_at: vec![ago(&clock, 16)],
            is_counted_out: false,
            wronged_at: Some(ago(&clock, 16)),
        };
        assert!(Account::resumed(&saved, &clock).is_blank(&clock));
    }

    #[test]
    fn a_rejection_from_the_future_is_one_of_now() {
        let clock = clock();
        let saved = SavedAccount {
            rejected_at: vec![ago(&clock, -600); 4],
            is_counted_out: true,
            wronged_at: None,
        };
        let account = Account::resumed(&saved, &clock);
        let now = clock.monotonic();
        let until = account.held_until(now);
        let left = until.map(|until| until.saturating_duration_since(now));
        assert!(left <= Some(BETWEEN_WRONG), "{left:?}");
    }

    #[test]
    fn a_wrong_password_is_not_shown_again_after_a_restart() {
        let clock = clock();
        let saved = SavedAccount {
            wronged_at: Some(ago(&clock, 14)),
            ..SavedAccount::default()
        };
        let account = Account::resumed(&saved, &clock);
        let name = Name::parse("reader").unwrap();
        assert!(account.wrong_again(&name, clock.monotonic()).is_err());
    }

    /// What a server says that lets nobody in.
    fn refusal() -> Observation {
        let answer = Answer {
            status: 401,
            http_version: HttpVersion::Http11,
            fields: Vec::new(),
            body: Body {
                bytes: Vec::new(),
                end: BodyEnd::Complete,
            },
            first_location: None,
        };
        Observation {
            outcome: Outcome::Answer(answer),
            phases: Phases::default(),
            duration: Duration::ZERO,
            remote_addr: None,
            tls: None,
        }
    }

    /// How many rejections are counted after one went out on this footing and nothing was told.
    fn lost(footing: Footing, sent: bool) -> usize {
        let (clock, account) = (clock(), Account::default());
        let now = clock.monotonic();
        account.ask(None, 1, now);
        let mut outing = Outing::of(&account, footing);
        if sent {
            outing.sets_out(now);
        }
        drop(outing);
        lock(&account.guard).undecided(Footing::Risked, now);
        account.counted(&clock).rejected_at.len()
    }

    #[test]
    fn a_password_that_was_sent_and_not_told_of_may_have_been_rejected() {
        assert_eq!(lost(Footing::Risked, true), 1);
    }

    #[test]
    fn a_password_that_was_not_sent_or_is_known_to_be_right_is_not_counted() {
        assert_eq!(
            [lost(Footing::Risked, false), lost(Footing::Known, true)],
            [0, 0]
        );
    }

    #[test]
    fn a_password_that_was_withheld_was_not_rejected() {
        let shown = Shown {
            answered: Some(0),
            ..Shown::default()
        };
        let seen = Ok(refusal());
        let at_door = |_: &Observation| Fate::Rejected;
        let usage = PasswordUse::EachProbe;
        let fates = [
            Fate::of(usage, &seen, &shown, at_door),
            Fate::of_wrong(usage, &seen, &shown, at_door),
        ];
        assert_eq!(fates, [Fate::Undecided; 2]);
        let fate = Fate::of(usage, &seen, &Shown::default(), at_door);
        assert_eq!(fate, Fate::Rejected);
    }

    #[test]
    fn a_session_that_nobody_has_judged_is_judged_once() {
        let account = Account::default();
        let outing = Outing::of(&account, Footing::Risked);
        let session = |provenance| Shown {
            fingerprint: Some([7; 32]),
            provenance,
            ..Shown::default()
        };
        outing.fetched(&session(Provenance::Fetched));
        let kept = session(Provenance::Kept);
        let judged = [(); 2].map(|()| outing.proving(&kept).provenance);
        assert_eq!(judged, [Provenance::Fetched, Provenance::Kept]);
    }
}
