//! Every metric that there is: its name, type, labels and meaning.
//!
//! Names and labels are an interface: dashboards and rules depend on them.

/// How the values of a metric are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Only grows, from 0 at each start.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts what fell below each of its bounds.
    Histogram,
}

impl Kind {
    /// The word of the text format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// One metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// The name of the family.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// The names of its labels, in the order in which they are written.
    pub labels: &'static [&'static str],
    /// What it means, in a sentence.
    pub help: &'static str,
}

/// Metrics of one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// The subject, as a heading.
    pub title: &'static str,
    /// The metrics, in the order in which they are explained.
    pub metrics: &'static [Metric],
}

/// Declares each metric once: as a constant and as a row of its section.
macro_rules! metrics {
    ($($title:literal {
        $($constant:ident: $kind:ident $name:literal [$($label:literal),*] $help:literal;)+
    })+) => {
        $($(
            pub(super) const $constant: Metric = Metric {
                name: $name,
                kind: Kind::$kind,
                labels: &[$($label),*],
                help: $help,
            };
        )+)+

        /// Every metric, subject by subject.
        pub const SECTIONS: &[Section] = &[$(Section {
            title: $title,
            metrics: &[$($constant),+],
        }),+];
    };
}

metrics! {
    "Checks" {
        CHECK_SUCCESS: Gauge "authvigil_check_success" ["endpoint", "check"]
            "1 where the check's last verdict is pass, 0 where it is fail or unknown; absent before a first verdict.";
        CHECK_FAILING: Gauge "authvigil_check_failing" ["endpoint", "check", "class", "reason", "severity"]
            "1 for each finding of the check at present, what expires soon among them; the series goes away with the finding.";
        PROBES: Counter "authvigil_probes_total" ["endpoint", "check", "verdict"]
            "Verdicts of the check.";
        PROBE_FAILURES: Counter "authvigil_probe_failures_total" ["endpoint", "check", "class"]
            "Verdicts of the check with at least one finding of the class.";
        LAST_PROBE: Gauge "authvigil_last_probe_timestamp_seconds" ["endpoint", "check"]
            "When the check's last probe ended; absent where nothing could be sent.";
        HTTP_STATUS_CODE: Gauge "authvigil_http_status_code" ["endpoint", "check"]
            "Status code of the last probe's answer; absent where none came.";
        HTTP_DURATION: Gauge "authvigil_http_duration_seconds" ["endpoint", "check", "phase"]
            "Duration of each phase of the last probe, summed over its hops; absent for a phase that was not reached or not needed.";
        CHALLENGE_INFO: Gauge "authvigil_challenge_info" ["endpoint", "check", "scheme"]
            "1 for each authentication scheme on offer in the last probe's answer; schemes that are neither registered nor well known are counted as other.";
    }
    "Endpoints and credentials" {
        ENDPOINT_INFO: Gauge "authvigil_endpoint_info" ["endpoint"]
            "1 for each endpoint, with every configured label, for joins.";
        CERTIFICATE_EXPIRY: Gauge "authvigil_certificate_expiry_timestamp_seconds" ["endpoint"]
            "When the first certificate of the endpoint's chain expires, as last seen.";
        CREDENTIAL_EXPIRY: Gauge "authvigil_credential_expiry_timestamp_seconds" ["credential"]
            "When the credential expires, by its own word: `exp` of a JWT, the end of a client certificate; absent where it says nothing, or is fetched and renewed by this program.";
        CREDENTIAL_LAST_ACCEPTED: Gauge "authvigil_credential_last_accepted_timestamp_seconds" ["credential"]
            "When an endpoint last let the credential's rightful holder in; absent before the first time.";
        TOKEN_FETCHES: Counter "authvigil_token_fetches_total" ["credential", "outcome"]
            "Tokens, sessions and outputs of programs that were fetched for the credential's holder, by what came of it: fetched, rejected by the provider, or the reason why there was none; refused counts those that were kept and that an endpoint refused. It begins anew where a reload changes the credential.";
    }
    "Incidents and notices" {
        INCIDENT_OPEN: Gauge "authvigil_incident_open" ["endpoint", "check", "class", "severity"]
            "1 for each open incident; the series goes away when it ends.";
        INCIDENTS: Counter "authvigil_incidents_total" ["class"]
            "Incidents that were opened.";
        NOTICES: Counter "authvigil_notices_total" ["outcome", "receiver"]
            "Attempts to deliver a notice on one way, by what came of them; rejected ones are not tried again.";
        OUTBOX_PENDING: Gauge "authvigil_outbox_pending" ["receiver"]
            "Notices that are owed to the receiver and not delivered yet on every way.";
        OUTBOX_OLDEST_AGE: Gauge "authvigil_outbox_oldest_age_seconds" ["receiver"]
            "How long the oldest of these notices has been owed; 0 where none is.";
        DEAD_LETTERS: Gauge "authvigil_dead_letters" ["receiver"]
            "Notices to the receiver that were refused for good on some way, as far back as they are kept.";
        SILENCES_ACTIVE: Gauge "authvigil_silences_active" []
            "Silences that hold at present.";
    }
    "The monitor itself" {
        MONITOR_ISOLATED: Gauge "authvigil_monitor_isolated" []
            "1 while most hosts fail at once, so that the fault may be this monitor's; 0 otherwise.";
        PROBE_DURATION: Histogram "authvigil_probe_duration_seconds" ["verdict"]
            "Duration of whole probes, by verdict.";
        SCHEDULE_LAG: Histogram "authvigil_schedule_lag_seconds" []
            "How long after its time a probe was started.";
        PROBES_IN_FLIGHT: Gauge "authvigil_probes_in_flight" []
            "Probes that are under way.";
        PROBES_SKIPPED: Counter "authvigil_probes_skipped_total" ["cause"]
            "Turns that passed without a probe.";
        STORE_UP: Gauge "authvigil_store_up" []
            "1 while the state file can be written, 0 while what is learnt is kept in memory only.";
        STORE_FAILURES: Counter "authvigil_store_failures_total" []
            "Attempts to write the state file that failed.";
        CHANGES_LOST: Counter "authvigil_changes_lost_total" []
            "Changes of a verdict that could not be kept in the state file.";
        RELOAD_SUCCESSFUL: Gauge "authvigil_config_last_reload_successful" []
            "1 where the configuration was last read without a fault, 0 where it had faults and the one before is in force.";
        RELOAD_SUCCESS_TIME: Gauge "authvigil_config_last_reload_success_timestamp_seconds" []
            "When the configuration was last read without a fault.";
        BUILD_INFO: Gauge "authvigil_build_info" ["version"]
            "1, with the version of this program.";
    }
    // The wording of these is the `prometheus` crate's; a test holds it.
    "The process" {
        PROCESS_CPU: Counter "process_cpu_seconds_total" []
            "Total user and system CPU time spent in seconds.";
        PROCESS_MAX_FDS: Gauge "process_max_fds" []
            "Maximum number of open file descriptors.";
        PROCESS_OPEN_FDS: Gauge "process_open_fds" []
            "Number of open file descriptors.";
        PROCESS_RESIDENT_MEMORY: Gauge "process_resident_memory_bytes" []
            "Resident memory size in bytes.";
        PROCESS_START_TIME: Gauge "process_start_time_seconds" []
            "Start time of the process since unix epoch in seconds.";
        PROCESS_THREADS: Gauge "process_threads" []
            "Number of OS threads in the process.";
        PROCESS_VIRTUAL_MEMORY: Gauge "process_virtual_memory_bytes" []
            "Virtual memory size in bytes.";
    }
}
