//! What the parts of a running daemon share, and what they ask of each other through it.

use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tracing::{debug, error, info, warn};

use super::entries::entries;
use super::post::Post;
use super::pulse::Pulse;
use super::reader::Reader;
use super::service::{Part, causes};
use super::watchlist::Watchlist;
use crate::clock::SharedClock;
use crate::config::{Config, Survey};
use crate::domain::check::CheckId;
use crate::domain::routing::Policy;
use crate::domain::status::{Hold, Skip};
use crate::keeper::{Adoption, Event, Keeper, Pace};
use crate::metrics::Metrics;
use crate::notify::{Sender, Settings};
use crate::schedule::{Command, End, Entry, HeldBy, SharedAgenda, Witness as _};
use crate::store::{Saved, Store};
use crate::web::Access;

/// How often the keeper is told how the schedule departs from the configured intervals.
const PACE_EVERY: Duration = Duration::from_secs(2);

/// What the parts of a running daemon share.
#[derive(Debug)]
pub(super) struct House {
    pub(super) clock: SharedClock,
    pub(super) keeper: Keeper,
    pub(super) metrics: Arc<Metrics>,
    pub(super) store: Store,
    pub(super) post: Post,
    pub(super) sender: Sender,
    pub(super) pulse: Arc<Pulse>,
    pub(super) address: SocketAddr,
    pub(super) reader: Reader,
    pub(super) access: Access,
    pub(super) commands: mpsc::Sender<Command>,
    pub(super) agenda: SharedAgenda,
    pub(super) watchlist: Mutex<Arc<Watchlist>>,
    /// The configuration that is in force, as far as it matters for the next one.
    pub(super) in_force: tokio::sync::Mutex<Config>,
    /// What the files said when they were last read.
    pub(super) survey: Mutex<Survey>,
    /// Whether the end has begun.
    pub(super) stopping: AtomicBool,
}

impl House {
    /// Reads the configuration again and goes on with it; a faulty one changes nothing else.
    pub(super) async fn reload(&self) -> Result<(), String> {
        // Held for as long as it takes: the second of two reloads sees what the first one did.
        let mut in_force = self.in_force.lock().await;
        let (read, survey) = self.reader.read().await;
        if let Some(survey) = survey {
            *self.survey.lock().unwrap_or_else(PoisonError::into_inner) = survey;
        }
        match read {
            Ok(config) => match self.access.replace(config.web.clone()) {
                Ok(put_off) => {
                    for sentence in put_off.into_iter().chain(self.access.warnings()) {
                        warn!("{sentence}");
                    }
                    self.go_on_with(&mut in_force, config).await;
                    Ok(())
                }
                Err(refused) => Err(self.refuse(causes(&refused)).await),
            },
            Err(faults) => Err(self.refuse(faults).await),
        }
    }

    /// What the configuration consisted of when it was last read, right or wrong.
    pub(super) fn last_read(&self) -> Survey {
        let survey = self.survey.lock().unwrap_or_else(PoisonError::into_inner);
        survey.clone()
    }

    async fn refuse(&self, faults: String) -> String {
        error!("the configuration stays as it was: {faults}");
        self.metrics.reload_failed();
        let first = faults.lines().next().unwrap_or_default().to_owned();
        self.keeper.tell(Event::Refused { faults: first }).await;
        faults
    }

    async fn go_on_with(&self, in_force: &mut Config, mut config: Config) {
        for warning in &config.warnings {
            warn!("{warning}");
        }
        if config.state.path != in_force.state.path {
            let path = config.state.path.display();
            warn!("`state.path` is {path} now; it takes effect at the next start");
        }
        if config.state.retention != in_force.state.retention {
            warn!("`state.retention` has changed; it takes effect at the next start");
        }
        config.state = in_force.state.clone();
        let endpoints = std::mem::take(&mut config.endpoints);
        let count = endpoints.len();
        let credentials = config.credentials.clone();
        let renewed = Arc::new(self.watchlist().renewed(endpoints, credentials).await);
        let now = self.clock.now();
        *self
            .watchlist
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Arc::clone(&renewed);
        let entries = entries(&renewed, &Saved::default(), now);
        self.sender.replace(self.post.carriers(&telling(&config)));
        self.take_up(adoption(&config, &renewed), entries).await;
        self.metrics.reloaded(now);
        *in_force = config;
        info!(endpoints = count, "the configuration was read again");
    }

    /// Has keeper and schedule go on with a configuration.
    pub(super) async fn take_up(&self, adoption: Adoption, entries: Vec<Entry>) {
        self.keeper.tell(Event::Adopted(adoption)).await;
        if self.commands.send(Command::Adopt(entries)).await.is_err() {
            debug!("the schedule is gone");
        }
    }

    /// How the schedule departs from the configured intervals.
    pub(super) fn pace(&self) -> Pace {
        let (held, stretched) = {
            let agenda = self.agenda.lock().unwrap_or_else(PoisonError::into_inner);
            (agenda.held(), agenda.stretched().to_vec())
        };
        let watchlist = self.watchlist();
        // What holds an account back was told by the one who was to show its password.
        let by_endpoint = held.into_iter().filter(|held| held.by == HeldBy::Endpoint);
        let held = by_endpoint.map(|held| {
            let until = watchlist.wall_time(held.until);
            let why = "held back: the endpoint answered 423 or 429".to_owned();
            (
                held.id,
                Hold {
                    until,
                    why,
                    span: held.span,
                },
            )
        });
        Pace {
            held: held.collect(),
            stretched: stretched.into_iter().collect(),
        }
    }

    pub(super) fn watchlist(&self) -> Arc<Watchlist> {
        let watchlist = self
            .watchlist
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&watchlist)
    }

    /// Which files and directories a change is looked for in.
    pub(super) async fn in_force<T>(&self, look: impl FnOnce(&Config) -> T) -> T {
        look(&*self.in_force.lock().await)
    }

    pub(super) fn longest_timeout(&self) -> Duration {
        let watchlist = self.watchlist();
        let timeouts = watchlist.endpoints.iter().map(|endpoint| endpoint.timeout);
        timeouts.max().unwrap_or_default()
    }

    pub(super) async fn knock(&self, id: CheckId) -> End {
        let (event, end) = self.watchlist().knock(&id).await;
        if matches!(event, Some(Event::Held { .. })) {
            self.pulse.skipped(&id, Skip::HeldBack, 1);
        }
        if let Some(event) = event {
            self.keeper.tell(event).await;
        }
        end
    }
}

/// How a configuration has receivers be told.
pub(super) fn telling(config: &Config) -> Settings {
    let alerting = config.alerting.as_ref();
    alerting.map_or_else(Settings::default, |alerting| alerting.notify.clone())
}

/// What the keeper needs of a configuration.
pub(super) fn adoption(config: &Config, watchlist: &Watchlist) -> Adoption {
    let alerting = config.alerting.as_ref();
    let policy = alerting.map_or_else(Policy::default, |alerting| alerting.policy.clone());
    let credentials = config.credentials.credentials.iter();
    Adoption {
        endpoints: watchlist.endpoints.clone(),
        policy: Arc::new(Policy {
            page: config.web.page(),
            ..policy
        }),
        presentations: credentials
            .map(|(name, credential)| (name.clone(), credential.presentation()))
            .collect(),
    }
}

/// Tells the keeper what the schedule holds back, and the log where an origin is asked for too much.
pub(super) async fn follow_pace(house: Arc<House>) -> Part {
    let mut known = Pace::default();
    loop {
        tokio::time::sleep(PACE_EVERY).await;
        let pace = house.pace();
        for (origin, cadence) in &pace.stretched {
            if known.stretched.get(origin) != Some(cadence) {
                warn!(
                    host = origin.host,
                    port = origin.port,
                    seconds = cadence.as_secs(),
                    "too many checks show this origin a credential to be refused for one a second: \
                     each waits longer than `refused_interval`"
                );
            }
        }
        if pace != known {
            house.keeper.tell(Event::Paced(pace.clone())).await;
            known = pace;
        }
    }
}
