//! The running program: rooms built and joined by channels, reloaded, and stopped in good order.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tracing::{debug, error, info, warn};

use super::backend::Window;
use super::control::{self, Reply, Request};
use super::pulse::Pulse;
use super::reader::Reader;
use super::watchlist::Watchlist;
use crate::clock::SharedClock;
use crate::config::{Config, Survey};
use crate::domain::check::CheckId;
use crate::domain::status::{Hold, Skip, cadence};
use crate::keeper::{Event, Keeper, Neighbours, Pace};
use crate::metrics::{Metrics, MetricsError};
use crate::schedule::{
    self, Agenda, Command, End, Entry, HeldBy, Kind, Limits, SharedAgenda, Start, Witness as _,
};
use crate::store::{Opened, Saved, Store, StoreError};
use crate::web::{Access, Server, WebError};

/// Probes that are under way at the same time, overall and at one origin. A hostile head may take
/// half a megabyte, and a server that hangs keeps its places for a whole timeout.
const LIMITS: Limits = Limits {
    overall: 512,
    per_origin: 16,
};

/// How often the keeper is told how the schedule departs from the configured intervals.
const PACE_EVERY: Duration = Duration::from_secs(2);

/// How long what is not the probes' may take at the end.
const CLOSE_WITHIN: Duration = Duration::from_secs(10);

/// Probes that are under way at the end are waited for no longer than this, whatever their timeout.
const LAST_PROBES: Duration = Duration::from_secs(30);

/// Why the daemon cannot start, or cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Another daemon works with this state file.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The web port cannot be had.
    #[error(transparent)]
    Web(#[from] WebError),
    /// The metrics contradict each other.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// Signals cannot be listened for.
    #[error("signals cannot be received")]
    Signals(#[source] std::io::Error),
    /// A part ended although nobody asked it to.
    #[error("{0} ended unexpectedly, by a fault of this program; please report it")]
    Broke(Part),
}

/// A part of the running program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The owner of live state.
    Keeper,
    /// Who starts probes.
    Schedule,
    /// The web port.
    Web,
    /// The control socket.
    Control,
    /// Whichever one it was, it broke.
    Unknown,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Keeper => "the keeper of live state",
            Self::Schedule => "the schedule",
            Self::Web => "the web port",
            Self::Control => "the control socket",
            Self::Unknown => "a part of the daemon",
        })
    }
}

/// A daemon that runs.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) house: Arc<House>,
    parts: JoinSet<Part>,
    close_web: oneshot::Sender<()>,
}

/// What the parts of a running daemon share.
#[derive(Debug)]
pub(super) struct House {
    pub(super) clock: SharedClock,
    pub(super) keeper: Keeper,
    pub(super) metrics: Arc<Metrics>,
    pub(super) store: Store,
    pub(super) pulse: Arc<Pulse>,
    pub(super) address: SocketAddr,
    pub(super) reader: Reader,
    access: Access,
    commands: mpsc::Sender<Command>,
    agenda: SharedAgenda,
    watchlist: Mutex<Arc<Watchlist>>,
    /// The configuration that is in force, as far as it matters for the next one.
    in_force: tokio::sync::Mutex<Config>,
    /// What the files said when they were last read.
    survey: Mutex<Survey>,
}

impl Service {
    /// Opens the state, binds the port, and starts the parts. The configuration is valid.
    pub(super) async fn start(
        mut config: Config,
        reader: Reader,
        clock: SharedClock,
        listener: Option<TcpListener>,
    ) -> Result<Self, ServeError> {
        let now = clock.now();
        let settings = config.state.clone();
        let opened = tokio::task::spawn_blocking(move || Store::open(settings, now)).await;
        let Opened { store, saved, .. } =
            opened.map_err(|_broke| ServeError::Broke(Part::Unknown))??;
        let server = Server::bind(&config.web, listener)?;
        for warning in server.warnings() {
            warn!("{warning}");
        }
        let metrics = Arc::new(Metrics::new(env!("CARGO_PKG_VERSION"))?);
        metrics.reloaded(now);
        let watchlist = Watchlist::new(
            std::mem::take(&mut config.endpoints),
            config.credentials.clone(),
            SharedClock::clone(&clock),
        )
        .await;
        watchlist.resume(&saved, now);
        let entries = entries(&watchlist, &saved, now);
        let (keeper, keeping) = Keeper::new(
            saved,
            Neighbours {
                store: store.clone(),
                metrics: Arc::clone(&metrics),
                clock: SharedClock::clone(&clock),
            },
        );
        let (commands, inbox) = mpsc::channel(4);
        let house = Arc::new(House {
            pulse: Arc::new(Pulse::new(Arc::clone(&metrics), SharedClock::clone(&clock))),
            address: server.address(),
            access: server.access(),
            watchlist: Mutex::new(Arc::new(watchlist)),
            survey: Mutex::new(config.survey.clone()),
            in_force: tokio::sync::Mutex::new(config),
            clock,
            keeper,
            metrics,
            store,
            reader,
            commands,
            agenda: Arc::new(Mutex::new(Agenda::new(LIMITS))),
        });
        let mut parts = JoinSet::new();
        parts.spawn(async move {
            keeping.await;
            Part::Keeper
        });
        house.take_up(entries).await;
        parts.spawn(run_schedule(Arc::clone(&house), inbox));
        parts.spawn(follow_pace(Arc::clone(&house)));
        let close_web = open_web(&mut parts, server, &house);
        open_control(&mut parts, &house).await;
        Ok(Self {
            house,
            parts,
            close_web,
        })
    }

    /// Waits until a part ends, which none should.
    pub(super) async fn broken(&mut self) -> Part {
        match self.parts.join_next().await {
            Some(Ok(part)) => part,
            Some(Err(_)) => Part::Unknown,
            None => std::future::pending().await,
        }
    }

    /// Stops: no new probes, then those under way, then what is to be stored.
    pub(super) async fn stop(mut self) {
        let house = Arc::clone(&self.house);
        let patience = house.longest_timeout().min(LAST_PROBES) + Duration::from_secs(1);
        let (ended, all_ended) = oneshot::channel();
        if house.commands.send(Command::Stop { ended }).await.is_ok()
            && tokio::time::timeout(patience, all_ended).await.is_err()
        {
            warn!("some probes that were under way did not end in time");
        }
        // The port goes on for as long as there is something to see.
        let _closing = self.close_web.send(()).is_ok();
        let ended = tokio::time::timeout(CLOSE_WITHIN, house.keeper.end()).await;
        if ended.is_err() {
            error!("the live state was not handed over in time");
        }
        if let Err(failure) = house.store.close(CLOSE_WITHIN).await {
            error!(%failure, "the state file could not be closed in good order");
        }
        let state = house.in_force.lock().await.state.path.clone();
        let _gone_anyway = std::fs::remove_file(control::path(&state)).is_ok();
        self.parts.abort_all();
        while self.parts.join_next().await.is_some() {}
    }
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
                    for sentence in put_off {
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
        let credentials = config.credentials.clone();
        let renewed = Arc::new(self.watchlist().renewed(endpoints, credentials).await);
        let now = self.clock.now();
        *self
            .watchlist
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Arc::clone(&renewed);
        self.take_up(entries(&renewed, &Saved::default(), now))
            .await;
        self.metrics.reloaded(now);
        *in_force = config;
        info!(
            endpoints = renewed.endpoints.len(),
            "the configuration was read again"
        );
    }

    /// Has keeper and schedule go on with the present watchlist.
    async fn take_up(&self, entries: Vec<Entry>) {
        let endpoints = self.watchlist().endpoints.clone();
        self.keeper.tell(Event::Adopted(endpoints)).await;
        if self.commands.send(Command::Adopt(entries)).await.is_err() {
            debug!("the schedule is gone");
        }
    }

    /// How the schedule departs from the configured intervals.
    fn pace(&self) -> Pace {
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
            (held.id, Hold { until, why })
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

    fn longest_timeout(&self) -> Duration {
        let watchlist = self.watchlist();
        let timeouts = watchlist.endpoints.iter().map(|endpoint| endpoint.timeout);
        timeouts.max().unwrap_or_default()
    }

    async fn knock(&self, id: CheckId) -> End {
        let Some((event, end)) = self.watchlist().knock(&id).await else {
            return End::default();
        };
        if matches!(event, Event::Held { .. }) {
            self.pulse.skipped(&id, Skip::HeldBack, 1);
        }
        self.keeper.tell(event).await;
        end
    }

    async fn answer(&self, request: Request) -> Reply {
        match request {
            Request::Reload => match self.reload().await {
                Ok(()) => Reply::Done,
                Err(why) => Reply::Refused { why },
            },
        }
    }
}

async fn run_schedule(house: Arc<House>, inbox: mpsc::Receiver<Command>) -> Part {
    let knocking = Arc::clone(&house);
    let knock = move |start: Start| {
        let house = Arc::clone(&knocking);
        async move { house.knock(start.id).await }
    };
    schedule::run(&house.agenda, &house.clock, knock, &*house.pulse, inbox).await;
    Part::Schedule
}

/// Tells the keeper what the schedule holds back, and the log where an origin is asked for too much.
async fn follow_pace(house: Arc<House>) -> Part {
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

fn open_web(parts: &mut JoinSet<Part>, server: Server, house: &Arc<House>) -> oneshot::Sender<()> {
    let (close, closed) = oneshot::channel::<()>();
    let window = Arc::new(Window::new(Arc::clone(house)));
    parts.spawn(async move {
        let stop = async {
            let _asked_or_gone = closed.await.is_ok();
        };
        if let Err(failure) = server.serve(window, stop).await {
            error!(failure = causes(&failure), "the web port failed");
        }
        Part::Web
    });
    close
}

async fn open_control(parts: &mut JoinSet<Part>, house: &Arc<House>) {
    let state = house.in_force(|config| config.state.path.clone()).await;
    let listener = match control::listen(&state) {
        Ok(listener) => listener,
        Err(failure) => {
            let path = control::path(&state);
            warn!(%failure, path = %path.display(), "there is no control socket");
            return;
        }
    };
    let house = Arc::clone(house);
    let answering: control::Answering = Arc::new(move |request| {
        let house = Arc::clone(&house);
        Box::pin(async move { house.answer(request).await })
    });
    parts.spawn(async move {
        control::serve(listener, answering).await;
        Part::Control
    });
}

/// What the schedule has to know of every check.
fn entries(watchlist: &Watchlist, saved: &Saved, now: Timestamp) -> Vec<Entry> {
    let mut entries = Vec::new();
    for endpoint in &watchlist.endpoints {
        let definition = watchlist.definition(&endpoint.name);
        for check in &endpoint.checks {
            let id = CheckId {
                endpoint: endpoint.name.clone(),
                check: check.name.clone(),
            };
            let known = saved.checks.get(&id);
            let sent = known.and_then(|known| known.last.as_ref());
            let kind = Kind::of(&check.persona);
            // A holder is held back by its account, which was told.
            let hold = known.filter(|_| kind != Kind::Holder);
            let hold = hold.and_then(|known| known.held.as_ref());
            entries.push(Entry {
                origin: endpoint.origin(),
                kind,
                cadence: cadence(endpoint, &check.persona),
                definition,
                rested: sent.map(|seen| between(seen.at, now)),
                held: hold.map(|hold| between(now, hold.until)),
                id,
            });
        }
    }
    entries
}

/// The time from one to the other; none where the clock was set back.
fn between(from: Timestamp, to: Timestamp) -> Duration {
    let duration: SignedDuration = to.duration_since(from);
    Duration::try_from(duration).unwrap_or_default()
}

/// An error and its causes, in one line.
pub fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        text.push_str(": ");
        text.push_str(&source.to_string());
        cause = source.source();
    }
    text
}
