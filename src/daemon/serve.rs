//! `authvigil run`: a service, the signals it gets, and the files it watches.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::OptionFuture;
use listenfd::ListenFd;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::Interval;
use tracing::{error, info, warn};

use super::house::House;
use super::reader::Reader;
use super::service::{ServeError, Service};
use super::systemd;
use super::watch::Watch;
use crate::clock::SharedClock;
use crate::config::{Config, Survey};

/// How often systemd is told how things are.
const STATUS_EVERY: Duration = Duration::from_secs(10);

/// How long the keeper may take to show that it is alive.
const PATIENCE: Duration = Duration::from_secs(5);

/// How the daemon came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Asked to stop, and everything was done that had to be.
    Orderly,
    /// Asked a second time, and ended at once.
    Hasty,
}

/// Runs until it is asked to stop. The configuration was read from the file, and is valid.
///
/// # Errors
///
/// It cannot start, or a part of it broke; what is wrong with single endpoints, the state file or a
/// later configuration is no error: it is told, and the rest goes on.
pub async fn serve(
    path: PathBuf,
    config: Config,
    clock: SharedClock,
) -> Result<Ending, ServeError> {
    let mut signals = Signals::new().map_err(ServeError::Signals)?;
    let mut hangup = signal(SignalKind::hangup()).map_err(ServeError::Signals)?;
    let reader = Reader::File(path);
    let mut files = Files::of(&config);
    let mut service = Service::start(config, reader, clock, inherited()).await?;
    let house = Arc::clone(&service.house);
    info!(address = %house.address, "listening");
    systemd::ready(&status(&house).await);
    let ended = attend(&mut service, &mut signals, &mut hangup, &mut files).await;
    systemd::stopping();
    info!("stopping");
    let ending = tokio::select! {
        () = service.stop() => Ending::Orderly,
        () = signals.stop() => Ending::Hasty,
    };
    ended.map(|()| ending)
}

/// Does what comes until it is time to stop.
async fn attend(
    service: &mut Service,
    signals: &mut Signals,
    hangup: &mut Signal,
    files: &mut Files,
) -> Result<(), ServeError> {
    let house = Arc::clone(&service.house);
    let mut report = tokio::time::interval(STATUS_EVERY);
    let mut watchdog = systemd::watchdog().map(|within| tokio::time::interval(within / 2));
    loop {
        tokio::select! {
            () = signals.stop() => return Ok(()),
            part = service.broken() => {
                error!("{part} ended unexpectedly");
                return Err(ServeError::Broke(part));
            }
            _ = hangup.recv() => reload(&house, files).await,
            () = files.changed(&house) => reload(&house, files).await,
            _ = report.tick() => systemd::status(&status(&house).await),
            Some(_) = OptionFuture::from(watchdog.as_mut().map(Interval::tick)) => {
                if is_well(&house).await {
                    systemd::alive();
                }
            }
        }
    }
}

async fn reload(house: &House, files: &mut Files) {
    systemd::reloading();
    // What is wrong was logged.
    let _told = house.reload().await.is_ok();
    files.stirred = true;
    systemd::ready(&status(house).await);
}

/// Whether schedule and keeper both move on: what a watchdog is to know.
async fn is_well(house: &House) -> bool {
    let answers = house.keeper.snapshot(PATIENCE).await.is_some();
    let well = answers && house.pulse.is_felt();
    if !well {
        warn!("schedule or keeper stand still; systemd is told nothing, and will end the program");
    }
    well
}

/// One line on how things are.
async fn status(house: &House) -> String {
    let Some(snapshot) = house.keeper.snapshot(PATIENCE).await else {
        return "the keeper of live state does not answer".to_owned();
    };
    let tally = snapshot.tally();
    format!(
        "{} pass, {} fail, {} unknown, {} not probed yet; {}",
        tally.pass, tally.fail, tally.unknown, tally.pending, house.address
    )
}

/// The web port, where systemd has bound it already.
fn inherited() -> Option<std::net::TcpListener> {
    let mut handed_over = ListenFd::from_env();
    match handed_over.take_tcp_listener(0) {
        Ok(listener) => listener,
        Err(failure) => {
            warn!(%failure, "the socket that systemd handed over cannot be used");
            None
        }
    }
}

/// The signals that ask for the end.
pub(super) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Listens for them from now on.
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits until somebody asks for the end.
    pub(super) async fn stop(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// The files of the configuration.
struct Files {
    watch: Watch,
    /// Whether something may have changed, which was not looked at yet.
    stirred: bool,
}

impl Files {
    fn of(config: &Config) -> Self {
        let mut watch = Watch::new(&config.state.path);
        watch.look_at(&config.survey.files, &config.survey.directories);
        Self {
            watch,
            // What changed before the watch began.
            stirred: true,
        }
    }

    /// Waits until the files say something else than when they were last read.
    ///
    /// Nothing is lost where this is given up and called again.
    async fn changed(&mut self, house: &House) {
        loop {
            if !self.stirred {
                self.watch.changed().await;
                self.stirred = true;
            }
            let last_read = house.last_read();
            let survey = house.reader.survey(last_read.clone()).await;
            // What was just begun to be watched may have changed before.
            self.stirred = self.learn(house, &survey).await;
            if survey.stamp != last_read.stamp {
                return;
            }
        }
    }

    /// Watches what the configuration in force consists of, and what the files of now do: one that
    /// is at fault is mended in a file that only it names. Says whether any of it is new.
    async fn learn(&mut self, house: &House, survey: &Survey) -> bool {
        let look = |config: &Config| config.survey.clone();
        let Survey {
            mut files,
            mut directories,
            ..
        } = house.in_force(look).await;
        files.extend_from_slice(&survey.files);
        directories.extend(survey.directories.iter().cloned());
        files.sort_unstable();
        files.dedup();
        self.watch.look_at(&files, &directories)
    }
}
