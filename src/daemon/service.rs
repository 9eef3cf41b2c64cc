//! The running program: rooms built and joined by channels, reloaded, and stopped in good order.

use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tracing::{error, warn};

use super::backend::Window;
use super::control::{self};
use super::entries::entries;
use super::house::{House, adoption, follow_pace, telling};
use super::post::Post;
use super::pulse::Pulse;
use super::reader::Reader;
use super::watchlist::Watchlist;
use super::{errands, places};
use crate::clock::SharedClock;
use crate::config::Config;
use crate::keeper::{Event, Keeper, Neighbours, ToldAlertmanagers};
use crate::metrics::{Metrics, MetricsError};
use crate::notify::{HttpError, Limits, Reports, Resender, Sender};
use crate::schedule::{self, Agenda, Command, Start};
use crate::store::{self, Opened, Saved, Store, StoreError};
use crate::web::{Server, WebError};

/// How long what is not the probes' may take at the end.
const CLOSE_WITHIN: Duration = Duration::from_secs(10);

/// How long the last try at what is owed may take at the end.
const LAST_LETTERS: Duration = Duration::from_secs(10);

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
    /// Alertmanagers and webhooks cannot be told.
    #[error(transparent)]
    Notify(#[from] HttpError),
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
    /// Comes when the keeper was told of every try to tell a notice.
    all_told: oneshot::Receiver<()>,
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
        let (store, saved) = open_store(config.state.clone(), now).await?;
        let server = Server::bind(&config.web, listener)?;
        for warning in server.warnings() {
            warn!("{warning}");
        }
        let post = Post::new(SharedClock::clone(&clock))?;
        let (sender, reports, sending) = Sender::new(
            post.carriers(&telling(&config)),
            SharedClock::clone(&clock),
            now.as_microsecond().cast_unsigned(),
            Limits::default(),
        );
        let metrics = Arc::new(Metrics::new(env!("CARGO_PKG_VERSION"))?);
        metrics.reloaded(now);
        let mut watchlist = Watchlist::new(
            std::mem::take(&mut config.endpoints),
            config.credentials.clone(),
            SharedClock::clone(&clock),
        )
        .await;
        watchlist.resume(&saved);
        let entries = entries(&watchlist, &saved, now);
        let adoption = adoption(&config, &watchlist);
        let (errands, to_do) = mpsc::unbounded_channel();
        let (repeated, told) = watch::channel(Vec::new());
        let (keeper, keeping) = Keeper::new(
            saved,
            Neighbours {
                store: store.clone(),
                metrics: Arc::clone(&metrics),
                clock: SharedClock::clone(&clock),
                errands,
                repeated,
            },
        );
        watchlist.report_to(keeper.clone());
        let (commands, inbox) = mpsc::channel(4);
        let house = Arc::new(House {
            pulse: Arc::new(Pulse::new(Arc::clone(&metrics), SharedClock::clone(&clock))),
            address: server.address(),
            access: server.access(),
            watchlist: Mutex::new(Arc::new(watchlist)),
            survey: Mutex::new(config.survey.clone()),
            stopping: AtomicBool::new(false),
            in_force: tokio::sync::Mutex::new(config),
            clock,
            keeper,
            metrics,
            store,
            post,
            sender,
            reader,
            commands,
            agenda: Arc::new(Mutex::new(Agenda::new(places::limits()))),
        });
        let mut parts = JoinSet::new();
        parts.spawn(async move {
            keeping.await;
            Part::Keeper
        });
        house.take_up(adoption, entries).await;
        parts.spawn(errands::run(Arc::clone(&house), to_do));
        let all_told = open_post(&mut parts, &house, reports, told);
        parts.spawn(errands::send(sending));
        parts.spawn(run_schedule(Arc::clone(&house), inbox));
        parts.spawn(follow_pace(Arc::clone(&house)));
        let close_web = open_web(&mut parts, server, &house);
        open_control(&mut parts, &house).await;
        Ok(Self {
            house,
            parts,
            close_web,
            all_told,
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
        house.stopping.store(true, Ordering::Relaxed);
        house.keeper.tell(Event::Stopping).await;
        let patience = house.longest_timeout().min(LAST_PROBES) + Duration::from_secs(1);
        let (ended, all_ended) = oneshot::channel();
        if house.commands.send(Command::Stop { ended }).await.is_ok()
            && tokio::time::timeout(patience, all_ended).await.is_err()
        {
            warn!("some probes that were under way did not end in time");
        }
        // What the last tries came to is told to the keeper, so they come before its end.
        if tokio::time::timeout(CLOSE_WITHIN, house.keeper.hurry())
            .await
            .is_err()
        {
            error!("what is to be told was not handed over in time");
        }
        house.sender.finish(LAST_LETTERS).await;
        let _told_or_late = tokio::time::timeout(CLOSE_WITHIN, self.all_told)
            .await
            .is_ok();
        // The port goes on for as long as there is something to see.
        let _closing = self.close_web.send(()).is_ok();
        let ended = tokio::time::timeout(CLOSE_WITHIN, house.keeper.end()).await;
        if ended.is_err() {
            error!("the live state was not handed over in time");
        }
        // Before the store lets go of its lock: the next daemon has a socket of its own.
        let state = house.in_force.lock().await.state.path.clone();
        control::remove(&state);
        if let Err(failure) = house.store.close(CLOSE_WITHIN).await {
            error!(%failure, "the state file could not be closed in good order");
        }
        self.parts.abort_all();
        while self.parts.join_next().await.is_some() {}
    }
}

fn open_post(
    parts: &mut JoinSet<Part>,
    house: &Arc<House>,
    reports: Reports,
    told: watch::Receiver<ToldAlertmanagers>,
) -> oneshot::Receiver<()> {
    let (tell_all, all_told) = oneshot::channel();
    parts.spawn(errands::report(Arc::clone(house), reports, tell_all));
    let resender = Resender::new(house.post.alertmanagers.clone(), told);
    parts.spawn(errands::repeat(resender));
    all_told
}

async fn open_store(
    settings: store::Settings,
    now: Timestamp,
) -> Result<(Store, Saved), ServeError> {
    let opened = tokio::task::spawn_blocking(move || Store::open(settings, now)).await;
    let Opened { store, saved, .. } =
        opened.map_err(|_broke| ServeError::Broke(Part::Unknown))??;
    let count = saved.illegible;
    if count > 0 {
        error!(
            count,
            "notices that are owed cannot be read, and are not told"
        );
    }
    Ok((store, saved))
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
