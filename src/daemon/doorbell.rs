//! The doorbell: shows the credential only with leave, reads a rotated secret again, redacts at the
//! gate.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::clock::SharedClock;
use crate::credential::{Keyring, Settings};
use crate::domain::check::{Disguise, Name, Persona};
use crate::domain::courier::Courier;
use crate::domain::endpoint::{Endpoint, HeaderText};
use crate::domain::finding::Reason;
use crate::domain::judge::{is_admission, is_rejection};
use crate::domain::observation::{Answer, Observation, is_sensitive};
use crate::domain::presenter::{Presenter as _, Provenance, Shown, Unpresentable};
use crate::domain::secret::{Secret, SecretRef};
use crate::probe::{Prober, Target, Visit, visit};
use crate::schedule::{Guard, Leave, Turns};

/// What every knock of a run has in common.
#[derive(Debug)]
pub(super) struct Doorbell {
    /// The time.
    pub(super) clock: SharedClock,
    /// Who presents the personas.
    pub(super) keyring: Keyring,
    /// Who knocks.
    pub(super) prober: Arc<Prober>,
    /// Whose turn it is at each origin.
    turns: Mutex<Turns>,
    /// One account for each password, over all endpoints that it opens.
    accounts: BTreeMap<Name, Arc<Account>>,
}

/// What became of one password, and those who wait to show it.
#[derive(Debug, Default)]
struct Account {
    guard: Mutex<Guard>,
    /// Rings when one that was on its way has come back.
    returned: Notify,
    /// When its user was last shown a wrong password on purpose.
    wronged_at: Mutex<Option<Instant>>,
}

/// What came of a knock.
pub(super) type Knocked = (Result<Observation, Unpresentable>, Shown);

/// No knock: the account asked for rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    /// Until when.
    pub(super) until: Instant,
    /// Why.
    pub(super) why: String,
}

/// What becomes of a knock whose account gives no leave yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// It waits for as long as it takes: a single run has no later turn.
    Waits,
    /// It goes away and comes back: its place is somebody else's meanwhile.
    ComesBack,
}

/// Why nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Denied {
    /// The account asked for rest.
    Held(Held),
    /// The account gives no leave yet.
    NotYet,
}

/// A real user is shown a wrong password no oftener than this.
const BETWEEN_WRONG: Duration = Duration::from_mins(15);

impl Doorbell {
    /// A doorbell that nobody has rung yet.
    pub(super) fn new(clock: SharedClock, credentials: Settings) -> Self {
        let prober = Arc::new(Prober::new(clock));
        let courier = Arc::clone(&prober) as Arc<dyn Courier>;
        let keyring = Keyring::new(credentials, prober.clock(), courier);
        Self::with_accounts(prober, keyring, &BTreeMap::new())
    }

    /// A doorbell for other credentials, which forgets nothing of the accounts that it knows, and of
    /// what was fetched for credentials that stay the same.
    pub(super) fn renewed(&self, credentials: Settings) -> Self {
        let keyring = self.keyring.renewed(credentials);
        Self::with_accounts(Arc::clone(&self.prober), keyring, &self.accounts)
    }

    /// Does not show an account's password for this long, as a former run would not have.
    pub(super) fn resume(&self, name: &Name, left: Duration) {
        if let Some(account) = self.accounts.get(name) {
            lock(&account.guard).resume(left, self.clock.monotonic());
        }
    }

    /// Goes on from a rejection that a former run saw so long ago.
    pub(super) fn recall(&self, name: &Name, ago: Duration) {
        if let Some(account) = self.accounts.get(name) {
            lock(&account.guard).recall(ago, self.clock.monotonic());
        }
    }

    fn with_accounts(
        prober: Arc<Prober>,
        keyring: Keyring,
        known: &BTreeMap<Name, Arc<Account>>,
    ) -> Self {
        let clock = prober.clock();
        let accounts = keyring.passwords().map(|name| {
            let account = known.get(name).map(Arc::clone).unwrap_or_default();
            (name.clone(), account)
        });
        Self {
            prober,
            clock,
            accounts: accounts.collect(),
            keyring,
            turns: Mutex::default(),
        }
    }

    /// Waits until it is this origin's turn to meet a credential that it must refuse.
    pub(super) async fn turn(&self, endpoint: &Endpoint) {
        let now = self.clock.monotonic();
        let due = lock(&self.turns).take(&endpoint.origin(), now);
        tokio::time::sleep(due.saturating_duration_since(now)).await;
    }

    /// Knocks once, and once more where the secret changed under it.
    pub(super) async fn knock(
        &self,
        target: &Target,
        persona: &Persona,
        timeout: Duration,
        manner: Manner,
    ) -> Result<Knocked, Denied> {
        let outing = match self.guarded(persona) {
            Some((name, account)) => Some(self.leave(name, account, persona, manner).await?),
            None => None,
        };
        let knock = || self.visit(target, persona, timeout);
        let mut visited = knock().await;
        if status(&visited.observation) == Some(401)
            && self.keyring.refused(persona, &visited.shown).await
        {
            visited = knock().await;
        }
        if let Some(outing) = outing {
            let fingerprint = visited.shown.fingerprint.filter(|_| persona.is_holder());
            outing.tell(&visited.observation, fingerprint, self.clock.monotonic());
        }
        Ok((visited.observation, visited.shown))
    }

    /// Sees to it that the token or session of a credential's holder is at hand.
    pub(super) async fn tend(&self, name: &Name, manner: Manner) -> Result<Knocked, Denied> {
        let holder = Persona::Holder(name.clone());
        let outing = match self.guarded(&holder) {
            Some((name, account)) => Some(self.leave(name, account, &holder, manner).await?),
            None => None,
        };
        let (seen, shown) = self.keyring.tend(name).await;
        // What was kept says nothing of the password: it was shown another time.
        if let Some(outing) = outing.filter(|_| shown.provenance != Provenance::Kept) {
            outing.tell(&seen, shown.fingerprint, self.clock.monotonic());
        }
        Ok((seen, shown))
    }

    async fn visit(&self, target: &Target, persona: &Persona, timeout: Duration) -> Visit {
        let visited = visit(&self.prober, target, persona, &self.keyring, timeout).await;
        let redactor = self.keyring.redactor();
        let observation = visited.observation.map(|seen| seen.redacted(&redactor));
        Visit {
            observation,
            ..visited
        }
    }

    /// The account that a rejection of this persona counts against.
    fn guarded<'a>(&'a self, persona: &'a Persona) -> Option<(&'a Name, &'a Account)> {
        let name = match persona {
            Persona::Holder(name) => name,
            Persona::Impostor(impostor) if impostor.disguise == Disguise::WrongPassword => {
                impostor.credential.as_ref()?
            }
            Persona::Anonymous | Persona::Impostor(_) | Persona::Invalid(_) => return None,
        };
        Some((name, self.accounts.get(name)?))
    }

    async fn leave<'a>(
        &self,
        name: &Name,
        account: &'a Account,
        persona: &Persona,
        manner: Manner,
    ) -> Result<Outing<'a>, Denied> {
        loop {
            match account.ask(self.clock.monotonic()) {
                Leave::Go => {
                    let outing = Outing::of(account);
                    if !persona.is_holder() {
                        account.wrong_again(name, self.clock.monotonic())?;
                    }
                    return Ok(outing);
                }
                Leave::Wait if manner == Manner::ComesBack => return Err(Denied::NotYet),
                Leave::Wait => account.returned.notified().await,
                Leave::Held { .. } => {
                    if persona.is_holder() {
                        let fingerprint = self.keyring.fingerprint(persona).await;
                        lock(&account.guard).renew(fingerprint);
                    }
                    // What has been renewed is asked for anew; one that is held still is so.
                    if let Some(until) = account.held_until(self.clock.monotonic()) {
                        // Whoever waits behind is to learn the same.
                        account.returned.notify_one();
                        return Err(Denied::Held(rejected_too_often(name, until)));
                    }
                }
            }
        }
    }
}

impl Doorbell {
    /// Reads what the checks of these endpoints will show, so that no answer quotes it unseen.
    pub(super) async fn read_ahead(&self, endpoints: &[Endpoint]) {
        for endpoint in endpoints {
            for (_, text) in &endpoint.request.headers {
                if let HeaderText::Secret(secret) = text {
                    let _needed_later = self.keyring.read(secret).await.is_ok();
                }
            }
        }
        let keys = endpoints
            .iter()
            .flat_map(|endpoint| endpoint.request.url.query_pairs());
        for (_, value) in keys.filter(|(name, _)| is_sensitive(name)) {
            let secret = SecretRef::Literal(Secret::new(value.as_bytes()));
            let _needed_later = self.keyring.read(&secret).await.is_ok();
        }
        let mut ahead: Vec<&Persona> = Vec::new();
        let mut known: HashSet<String> = HashSet::new();
        for check in endpoints.iter().flat_map(|endpoint| &endpoint.checks) {
            if known.insert(format!("{:?}", check.persona)) {
                ahead.push(&check.persona);
            }
        }
        self.keyring.read_ahead(ahead).await;
    }
}

impl Account {
    fn ask(&self, now: Instant) -> Leave {
        lock(&self.guard).ask(now)
    }

    /// Lets a wrong password be shown to a real account, and not again too soon.
    fn wrong_again(&self, name: &Name, now: Instant) -> Result<(), Denied> {
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
    fn held_until(&self, now: Instant) -> Option<Instant> {
        lock(&self.guard).held_until().filter(|until| now < *until)
    }
}

/// A password on its way. What became of it is told, or nothing is known of it: then it neither was
/// accepted nor rejected, and the next one may go.
struct Outing<'a> {
    account: &'a Account,
    is_told: bool,
}

impl<'a> Outing<'a> {
    fn of(account: &'a Account) -> Self {
        Self {
            account,
            is_told: false,
        }
    }

    /// Takes down what became of the password, and lets the next one go.
    ///
    /// A wrong password has no fingerprint: it counts against the account, and is no rotation.
    fn tell(
        mut self,
        observation: &Result<Observation, Unpresentable>,
        fingerprint: Option<[u8; 32]>,
        now: Instant,
    ) {
        self.is_told = true;
        let mut guard = lock(&self.account.guard);
        let news = match answer(observation) {
            Some(answer) if is_rejection(answer) => {
                guard.rejected(fingerprint, now);
                false
            }
            // A page that asks to log in is no acceptance.
            Some(answer) if is_admission(answer) => guard.accepted(),
            _ => {
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

/// The status of the answer, if one came.
pub(super) fn status(observation: &Result<Observation, Unpresentable>) -> Option<u16> {
    answer(observation).map(|answer| answer.status)
}

fn answer(observation: &Result<Observation, Unpresentable>) -> Option<&Answer> {
    observation.as_ref().ok()?.answer()
}

fn rejected_too_often(name: &Name, until: Instant) -> Held {
    let why = format!(
        "held back: the password of `{name}` was rejected four times, and more would risk a lock on \
         the account"
    );
    Held { until, why }
}

impl From<Denied> for Unpresentable {
    /// What a single run says of it.
    fn from(denied: Denied) -> Self {
        let detail = match denied {
            Denied::Held(held) => held.why,
            Denied::NotYet => "held back: others show the account's password already".to_owned(),
        };
        Self {
            reason: Reason::NotProbed,
            detail,
            rejected: false,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
