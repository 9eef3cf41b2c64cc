//! Our own health: what this program does, and how well.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use prometheus::core::Collector;
use prometheus::{
    Gauge, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, TextEncoder,
};

use super::families::VERDICTS;
use super::lines::Lines;
use super::table::{
    BUILD_INFO, CHANGES_LOST, INCIDENTS, Metric, NOTICES, PROBE_DURATION, PROBES_IN_FLIGHT,
    PROBES_SKIPPED, PROCESS_CPU, RELOAD_SUCCESS_TIME, RELOAD_SUCCESSFUL, SCHEDULE_LAG,
    STORE_FAILURES, STORE_UP,
};
use crate::domain::check::Name;
use crate::domain::finding::{Class, Verdict};
use crate::domain::notice::Attempt;
use crate::domain::status::Skip;

/// Bounds of the duration of probes, in seconds: from a neighbour to the longest timeouts in use.
pub(super) const DURATION_BOUNDS: [f64; 12] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// Bounds of the schedule's lag, in seconds: from a timer's own grain to a whole usual interval.
pub(super) const LAG_BOUNDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0,
];

/// Why there are no metrics.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// A metric was refused by the registry.
    #[error("register the metric `{name}`")]
    Register {
        /// The name of the metric.
        name: &'static str,
        /// What the registry says.
        #[source]
        source: prometheus::Error,
    },
}

/// How the state file does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreHealth {
    /// Whether it can be written at present.
    pub up: bool,
    /// How many attempts to write it have failed since the program started.
    pub failures: u64,
    /// How many changes of a verdict have been lost since then.
    pub changes_lost: u64,
}

/// Everything that `/metrics` shows beside the snapshot: our own health.
///
/// Meant to be shared: every method takes it as it is.
///
/// ```
/// use std::time::Duration;
/// use authvigil::domain::finding::Verdict;
/// use authvigil::metrics::Metrics;
///
/// let metrics = Metrics::new("0.1.0")?;
/// metrics.started(Duration::from_millis(2));
/// metrics.probed(Verdict::Pass, Duration::from_millis(30));
/// metrics.ended();
/// # Ok::<(), authvigil::metrics::MetricsError>(())
/// ```
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    probe_duration: HistogramVec,
    schedule_lag: Histogram,
    probes_in_flight: IntGauge,
    probes_skipped: IntCounterVec,
    incidents: IntCounterVec,
    notices: IntCounterVec,
    store_up: IntGauge,
    store_failures: Total,
    changes_lost: Total,
    reload_successful: IntGauge,
    reload_success_time: Gauge,
}

impl Metrics {
    /// Metrics of a program of this version that has done nothing yet: every counter at 0, the
    /// store taken to be up.
    pub fn new(version: &str) -> Result<Self, MetricsError> {
        let registry = Registry::new();
        let metrics = Self {
            probe_duration: probe_duration(&registry)?,
            schedule_lag: register(&registry, &SCHEDULE_LAG, |metric| {
                Histogram::with_opts(histogram(metric, &LAG_BOUNDS))
            })?,
            probes_in_flight: gauge(&registry, &PROBES_IN_FLIGHT)?,
            probes_skipped: probes_skipped(&registry)?,
            incidents: incidents(&registry)?,
            notices: register(&registry, &NOTICES, |metric| {
                IntCounterVec::new(opts(metric), metric.labels)
            })?,
            store_up: gauge(&registry, &STORE_UP)?,
            store_failures: Total::new(&registry, &STORE_FAILURES)?,
            changes_lost: Total::new(&registry, &CHANGES_LOST)?,
            reload_successful: gauge(&registry, &RELOAD_SUCCESSFUL)?,
            reload_success_time: register(&registry, &RELOAD_SUCCESS_TIME, |metric| {
                Gauge::with_opts(opts(metric))
            })?,
            registry,
        };
        metrics.store_up.set(1);
        register_build(&metrics.registry, version)?;
        register_process(&metrics.registry)?;
        Ok(metrics)
    }

    /// A probe came to a verdict; it took this long as a whole.
    pub fn probed(&self, verdict: Verdict, took: Duration) {
        let of_verdict = self.probe_duration.with_label_values(&[verdict.as_str()]);
        of_verdict.observe(took.as_secs_f64());
    }

    /// A probe was started, this long after its time. Each start has an end.
    pub fn started(&self, lag: Duration) {
        self.schedule_lag.observe(lag.as_secs_f64());
        self.probes_in_flight.inc();
    }

    /// A probe that was started is over, however it went.
    pub fn ended(&self) {
        self.probes_in_flight.dec();
    }

    /// So many turns of a check passed without a probe.
    pub fn skipped(&self, cause: Skip, turns: u64) {
        let of_cause = self.probes_skipped.with_label_values(&[cause.as_str()]);
        of_cause.inc_by(turns);
    }

    /// An incident was opened.
    pub fn incident_opened(&self, class: Class) {
        self.incidents.with_label_values(&[class.as_str()]).inc();
    }

    /// A notice was tried on one way.
    pub fn tried(&self, receiver: &Name, attempt: &Attempt) {
        let labels = [attempt.as_str(), receiver.as_str()];
        self.notices.with_label_values(&labels).inc();
    }

    /// These can be told: each of their series is there from 0, from the next scrape on.
    ///
    /// Done with each exposition; before the first one, nobody could have seen the 0.
    pub(super) fn receivers(&self, receivers: &[Name]) {
        for receiver in receivers {
            for outcome in outcomes() {
                self.notices
                    .with_label_values(&[outcome, receiver.as_str()]);
            }
        }
    }

    /// The configuration was read without a fault: at the start, and with each reload.
    pub fn reloaded(&self, at: Timestamp) {
        let since_1970 = SignedDuration::from_millis(at.as_millisecond());
        self.reload_success_time.set(since_1970.as_secs_f64());
        self.reload_successful.set(1);
    }

    /// The configuration was read once more and had faults.
    pub fn reload_failed(&self) {
        self.reload_successful.set(0);
    }

    /// The state file was looked after, and this is how it does.
    pub fn stored(&self, health: StoreHealth) {
        self.store_up.set(health.up.into());
        self.store_failures.reach(health.failures);
        self.changes_lost.reach(health.changes_lost);
    }

    /// Writes our own health as it is now; says whether there was any.
    pub(super) fn write(&self, lines: &mut Lines) -> bool {
        let mut text = String::new();
        match TextEncoder::new().encode_utf8(&self.registry.gather(), &mut text) {
            Ok(()) => lines.push(&text),
            Err(error) => {
                tracing::error!(%error, "our own health is missing from a scrape");
            }
        }
        !text.is_empty()
    }
}

/// A counter that follows a total which is kept elsewhere.
#[derive(Debug)]
struct Total {
    counter: IntCounter,
    reached: AtomicU64,
}

impl Total {
    fn new(registry: &Registry, metric: &Metric) -> Result<Self, MetricsError> {
        let counter = register(registry, metric, |metric| {
            IntCounter::with_opts(opts(metric))
        })?;
        Ok(Self {
            counter,
            reached: AtomicU64::new(0),
        })
    }

    /// Goes up to a total; a smaller one is old news.
    fn reach(&self, total: u64) {
        let before = self.reached.fetch_max(total, Ordering::Relaxed);
        self.counter.inc_by(total.saturating_sub(before));
    }
}

/// Every verdict is there from the start, so that a rate can be taken of its first one.
fn probe_duration(registry: &Registry) -> Result<HistogramVec, MetricsError> {
    let by_verdict = register(registry, &PROBE_DURATION, |metric| {
        HistogramVec::new(histogram(metric, &DURATION_BOUNDS), metric.labels)
    })?;
    for verdict in VERDICTS {
        by_verdict.with_label_values(&[verdict.as_str()]);
    }
    Ok(by_verdict)
}

/// Every cause is there from the start, likewise.
fn probes_skipped(registry: &Registry) -> Result<IntCounterVec, MetricsError> {
    let by_cause = register(registry, &PROBES_SKIPPED, |metric| {
        IntCounterVec::new(opts(metric), metric.labels)
    })?;
    for cause in Skip::ALL {
        by_cause.with_label_values(&[cause.as_str()]);
    }
    Ok(by_cause)
}

/// Every class is there from the start, likewise.
fn incidents(registry: &Registry) -> Result<IntCounterVec, MetricsError> {
    let by_class = register(registry, &INCIDENTS, |metric| {
        IntCounterVec::new(opts(metric), metric.labels)
    })?;
    for class in Class::ALL {
        by_class.with_label_values(&[class.as_str()]);
    }
    Ok(by_class)
}

/// What may come of a try, by the names that labels have.
pub(super) fn outcomes() -> [&'static str; 3] {
    let attempts = [Attempt::Delivered, Attempt::Retried, Attempt::Rejected];
    attempts.map(|attempt| attempt(String::new()).as_str())
}

fn register_build(registry: &Registry, version: &str) -> Result<(), MetricsError> {
    let build = register(registry, &BUILD_INFO, |metric| {
        IntGaugeVec::new(opts(metric), metric.labels)
    })?;
    build.with_label_values(&[version]).set(1);
    Ok(())
}

/// What Linux knows of this process; other systems are not asked.
#[cfg(target_os = "linux")]
fn register_process(registry: &Registry) -> Result<(), MetricsError> {
    use prometheus::process_collector::ProcessCollector;
    let collector = Box::new(ProcessCollector::for_self());
    let refused = |source| MetricsError::Register {
        name: PROCESS_CPU.name,
        source,
    };
    registry.register(collector).map_err(refused)
}

#[cfg(not(target_os = "linux"))]
fn register_process(_: &Registry) -> Result<(), MetricsError> {
    Ok(())
}

fn gauge(registry: &Registry, metric: &Metric) -> Result<IntGauge, MetricsError> {
    register(registry, metric, |metric| IntGauge::with_opts(opts(metric)))
}

/// Makes a metric and has the registry show it.
fn register<C: Collector + Clone + 'static>(
    registry: &Registry,
    metric: &Metric,
    make: impl FnOnce(&Metric) -> prometheus::Result<C>,
) -> Result<C, MetricsError> {
    let registered = make(metric).and_then(|it| {
        registry.register(Box::new(it.clone()))?;
        Ok(it)
    });
    registered.map_err(|source| MetricsError::Register {
        name: metric.name,
        source,
    })
}

fn opts(metric: &Metric) -> Opts {
    Opts::new(metric.name, metric.help)
}

fn histogram(metric: &Metric, bounds: &[f64]) -> HistogramOpts {
    HistogramOpts::new(metric.name, metric.help).buckets(bounds.to_vec())
}
