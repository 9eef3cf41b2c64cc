//! The doorbell: shows the credential only with leave, reads a rotated secret again, redacts at the
//! gate.

mod account;
mod doors;

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use account::{Account, Fate, Outing};
use doors::Doors;
use tokio::sync::oneshot;
use tracing::warn;

use crate::clock::SharedClock;
use crate::credential::{Keyring, PasswordUse, Settings};
use crate::domain::check::{Check, Disguise, Name, Persona, Role};
use crate::domain::courier::Courier;
use crate::domain::endpoint::{Endpoint, HeaderText};
use crate::domain::finding::Reason;
use crate::domain::judge::{holds_login_form, is_admitted};
use crate::domain::observation::{Observation, is_sensitive};
use crate::domain::presenter::{Presenter as _, Provenance, Shown, Unpresentable};
use crate::domain::secret::{Secret, SecretRef};
use crate::keeper::Keeper;
use crate::probe::{Prober, Target, Visit, visit};
use crate::schedule::{Leave, Turns};
use crate::store::SavedAccount;

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
    /// What was met at each door, so that it is known how it refuses.
    doors: Mutex<Doors>,
    /// Who keeps what is counted of accounts; a single run counts for itself.
    keeper: Option<Keeper>,
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
        Self {
            keeper: self.keeper.clone(),
            ..Self::with_accounts(Arc::clone(&self.prober), keyring, &self.accounts)
        }
    }

    /// Goes on from what a former run counted of accounts, and has what is counted from now on be
    /// kept for the next one.
    pub(super) fn resume(&mut self, accounts: &BTreeMap<Name, SavedAccount>) {
        for (name, saved) in accounts {
            let account = Arc::new(Account::resumed(saved, &self.clock));
            self.accounts.insert(name.clone(), account);
        }
    }

    /// Has the keeper know what is counted of accounts from now on.
    pub(super) fn report_to(&mut self, keeper: Keeper) {
        self.keeper = Some(keeper);
    }

    fn with_accounts(
        prober: Arc<Prober>,
        keyring: Keyring,
        known: &BTreeMap<Name, Arc<Account>>,
    ) -> Self {
        let clock = prober.clock();
        // A credential that is away for one configuration comes back to what was counted.
        let counted = known
            .iter()
            .filter(|(_, account)| !account.is_blank(&clock));
        let mut accounts: BTreeMap<Name, Arc<Account>> = counted
            .map(|(name, account)| (name.clone(), Arc::clone(account)))
            .collect();
        for name in keyring.passwords() {
            let account = known.get(name).map(Arc::clone).unwrap_or_default();
            accounts.insert(name.clone(), account);
        }
        Self {
            prober,
            clock,
            accounts,
            keyring,
            keeper: None,
            doors: Mutex::default(),
            turns: Mutex::default(),
        }
    }

    /// Waits until it is this origin's turn to meet a credential that it must refuse.
    pub(super) async fn turn(&self, endpoint: &Endpoint) {
        let now = self.clock.monotonic();
        let due = lock(&self.turns).take(&endpoint.origin(), now);
        tokio::time::sleep(due.saturating_duration_since(now)).await;
    }

    /// Knocks once, and once more where what was shown is not what would be shown now.
    pub(super) async fn knock(
        &self,
        target: &Target,
        check: &Check,
        timeout: Duration,
        manner: Manner,
    ) -> Result<Knocked, Denied> {
        let persona = &check.persona;
        let outing = match self.guarded(persona) {
            Some((name, account)) => Some(self.leave(name, account, persona, manner).await?),
            None => None,
        };
        let mut outing = outing;
        let started = self.clock.monotonic();
        let mut visited = self.visit(target, persona, timeout).await;
        if is_refusal(check, &visited) && self.keyring.refused(persona, &visited.shown).await {
            // What was rejected is counted, and other bytes need a leave of their own.
            if let (Some(first), Some((name, account))) = (outing.take(), self.guarded(persona)) {
                self.tell(first, target, check, &visited).await;
                outing = Some(self.leave(name, account, persona, manner).await?);
            }
            let took = self.clock.monotonic().saturating_duration_since(started);
            let left = timeout.saturating_sub(took).max(LEAST.min(timeout));
            visited = self.try_again(target, check, &visited, left).await;
        }
        lock(&self.doors).learn(target.url(), check, &visited.observation);
        if let Some(outing) = outing {
            self.tell(outing, target, check, &visited).await;
            self.note(persona).await;
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
        let (observation, shown) = self.keyring.tend(name).await;
        let visited = Visit { observation, shown };
        if let Some(outing) = outing {
            let fate = Fate::of_fetching(&visited.observation);
            let fingerprint = self.keyring.fingerprint(&holder).await;
            outing.fetched(&visited.shown);
            outing.tell(fate, fingerprint, 1, self.clock.monotonic());
            self.note(&holder).await;
        }
        Ok((visited.observation, visited.shown))
    }

    /// Knocks with what took the place of what was refused.
    async fn try_again(
        &self,
        target: &Target,
        check: &Check,
        refused: &Visit,
        timeout: Duration,
    ) -> Visit {
        let kept = refused.shown.provenance == Provenance::Kept;
        if kept {
            warn!(
                credential = check.persona.credential().map(Name::as_str),
                status = status(&refused.observation),
                "what was kept of a credential was refused; another one is fetched and shown"
            );
        }
        let mut visited = self.visit(target, &check.persona, timeout).await;
        visited.shown.renewed = kept;
        visited
    }

    /// Has the account know what became of its password.
    async fn tell(&self, outing: Outing<'_>, target: &Target, check: &Check, visited: &Visit) {
        let persona = &check.persona;
        let usage = persona.credential();
        let usage = usage.map_or(PasswordUse::Never, |name| self.keyring.shows_password(name));
        let Visit { observation, shown } = visited;
        let shown = outing.proving(shown);
        let at_door = |seen: &Observation| lock(&self.doors).fate(target.url(), check, seen);
        let fate = if is_wrong(persona) {
            Fate::of_wrong(usage, observation, &shown, at_door)
        } else {
            Fate::of(usage, observation, &shown, at_door)
        };
        let fingerprint = match usage {
            _ if is_wrong(persona) => None,
            // What was shown with the probe is a session; the password went elsewhere.
            PasswordUse::AtLogin if fate != Fate::Undecided => {
                self.keyring.fingerprint(persona).await
            }
            PasswordUse::AtLogin | PasswordUse::EachProbe | PasswordUse::Never => shown.fingerprint,
        };
        outing.tell(fate, fingerprint, shown.times(), self.clock.monotonic());
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
            Persona::Impostor(impostor) => {
                let name = impostor.credential.as_ref()?;
                // What is made of a token may have to be fetched first, with the real password.
                let fetches = self.keyring.shows_password(name) == PasswordUse::AtLogin;
                let alters = matches!(
                    impostor.disguise,
                    Disguise::Tampered | Disguise::Truncated | Disguise::Unsigned
                );
                (is_wrong(persona) || (fetches && alters)).then_some(name)?
            }
            Persona::Anonymous | Persona::Invalid(_) => return None,
        };
        // What was counted under this name may be of a password that it no longer is.
        let has_password = self.keyring.shows_password(name) != PasswordUse::Never;
        Some((name, self.accounts.get(name).filter(|_| has_password)?))
    }

    /// Has what is counted be on the disk before the password goes: a run that ends in between must
    /// not be one more chance to show it. A disk that takes long holds nothing up for longer than this.
    async fn note_ahead(&self, name: &Name, account: &Account) {
        const LONGEST: Duration = Duration::from_secs(1);
        let Some(keeper) = &self.keeper else { return };
        let (noted, is_noted) = oneshot::channel();
        account.note(name, keeper, &self.clock, Some(noted)).await;
        let _noted_or_late = tokio::time::timeout(LONGEST, is_noted).await.is_ok();
    }

    /// Has the keeper know what is counted now.
    async fn note(&self, persona: &Persona) {
        if let (Some((name, account)), Some(keeper)) = (self.guarded(persona), &self.keeper) {
            account.note(name, keeper, &self.clock, None).await;
        }
    }

    async fn leave<'a>(
        &self,
        name: &Name,
        account: &'a Account,
        persona: &Persona,
        manner: Manner,
    ) -> Result<Outing<'a>, Denied> {
        loop {
            let fingerprint = if is_wrong(persona) {
                None
            } else {
                self.keyring.name_bytes(persona).await
            };
            let times = self.keyring.shows_at_most(name);
            match account.ask(fingerprint, times, self.clock.monotonic()) {
                Leave::Go(footing) => {
                    let mut outing = Outing::of(account, footing);
                    if is_wrong(persona) {
                        account.wrong_again(name, self.clock.monotonic())?;
                    }
                    if outing.is_risked() {
                        self.note_ahead(name, account).await;
                    }
                    outing.sets_out(self.clock.monotonic());
                    return Ok(outing);
                }
                Leave::Wait if manner == Manner::ComesBack => return Err(Denied::NotYet),
                Leave::Wait => account.returned.notified().await,
                Leave::Held { .. } => {
                    if !is_wrong(persona) {
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

/// Whether a real user is shown a password that is wrong on purpose.
fn is_wrong(persona: &Persona) -> bool {
    matches!(persona, Persona::Impostor(impostor) if impostor.shows_wrong_password())
}

/// A second try gets at least this much of a probe's time, whatever the first one took.
const LEAST: Duration = Duration::from_millis(500);

/// Whether an answer says that what the holder showed is not wanted: a 401, and for what was kept
/// also where a login is asked for in the place of what the check expects.
fn is_refusal(check: &Check, visited: &Visit) -> bool {
    let Some(answer) = visited
        .observation
        .as_ref()
        .ok()
        .and_then(Observation::answer)
    else {
        return false;
    };
    let asks_to_log_in = || {
        let page = (300..=399).contains(&answer.status) || holds_login_form(answer);
        let kept = visited.shown.provenance == Provenance::Kept;
        kept && page && check.role() == Role::Admitted && !is_admitted(check, answer)
    };
    check.persona.is_holder() && (answer.status == 401 || asks_to_log_in())
}

/// The status of the answer, if one came.
pub(super) fn status(observation: &Result<Observation, Unpresentable>) -> Option<u16> {
    let answer = observation.as_ref().ok().and_then(Observation::answer);
    answer.map(|answer| answer.status)
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
        Self::new(Reason::NotProbed, detail)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
