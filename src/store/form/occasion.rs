//! Why somebody is told, as it is kept.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::silence::SilenceForm;
use super::time::{from_micros, micros};
use crate::domain::notice::{Cause, Heartbeat, Isolation, Occasion};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum OccasionForm {
    Opened(CommonForm),
    Repeated(CommonForm),
    Ended,
    Flapping,
    Isolated(IsolationForm),
    Rejoined(IsolationForm),
    Silenced(SilenceForm),
    Heartbeat(HeartbeatForm),
    Test,
}

/// What incidents have in common.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct CommonForm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cause: Option<CauseForm>,
}

#[derive(Debug, Serialize, Deserialize)]
struct CauseForm {
    kind: String,
    name: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct IsolationForm {
    since: i64,
    down: usize,
    hosts: usize,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct HeartbeatForm {
    since: i64,
    checks: usize,
    probes: u64,
    open: usize,
    fail: usize,
    unknown: usize,
}

impl OccasionForm {
    pub(super) fn of(occasion: &Occasion) -> Self {
        match occasion {
            Occasion::Opened { cause } => Self::Opened(CommonForm::of(cause.as_ref())),
            Occasion::Repeated { cause } => Self::Repeated(CommonForm::of(cause.as_ref())),
            Occasion::Ended => Self::Ended,
            Occasion::Flapping => Self::Flapping,
            Occasion::Isolated(isolation) => Self::Isolated(IsolationForm::of(isolation)),
            Occasion::Rejoined(isolation) => Self::Rejoined(IsolationForm::of(isolation)),
            Occasion::Silenced(silence) => Self::Silenced(SilenceForm::of(silence)),
            Occasion::Heartbeat(heartbeat) => Self::Heartbeat(HeartbeatForm::of(heartbeat)),
            Occasion::Test => Self::Test,
        }
    }

    pub(super) fn occasion(self) -> Option<Occasion> {
        Some(match self {
            Self::Opened(form) => Occasion::Opened {
                cause: form.cause(),
            },
            Self::Repeated(form) => Occasion::Repeated {
                cause: form.cause(),
            },
            Self::Ended => Occasion::Ended,
            Self::Flapping => Occasion::Flapping,
            Self::Isolated(form) => Occasion::Isolated(form.isolation()?),
            Self::Rejoined(form) => Occasion::Rejoined(form.isolation()?),
            Self::Silenced(form) => Occasion::Silenced(Arc::new(form.silence()?)),
            Self::Heartbeat(form) => Occasion::Heartbeat(form.heartbeat()?),
            Self::Test => Occasion::Test,
        })
    }
}

impl CommonForm {
    fn of(cause: Option<&Cause>) -> Self {
        Self {
            cause: cause.map(CauseForm::of),
        }
    }

    /// The cause; where its kind is not known any more, the incidents still speak for themselves.
    fn cause(self) -> Option<Cause> {
        self.cause.and_then(CauseForm::cause)
    }
}

impl CauseForm {
    fn of(cause: &Cause) -> Self {
        let (kind, name) = match cause {
            Cause::Host(name) => ("host", name),
            Cause::Credential(name) => ("credential", name),
            Cause::TokenEndpoint(name) => ("token_endpoint", name),
        };
        Self {
            kind: kind.to_owned(),
            name: name.clone(),
        }
    }

    fn cause(self) -> Option<Cause> {
        match self.kind.as_str() {
            "host" => Some(Cause::Host(self.name)),
            "credential" => Some(Cause::Credential(self.name)),
            "token_endpoint" => Some(Cause::TokenEndpoint(self.name)),
            _ => None,
        }
    }
}

impl IsolationForm {
    pub(super) fn of(isolation: &Isolation) -> Self {
        Self {
            since: micros(isolation.since),
            down: isolation.down,
            hosts: isolation.hosts,
        }
    }

    pub(super) fn isolation(self) -> Option<Isolation> {
        Some(Isolation {
            since: from_micros(self.since)?,
            down: self.down,
            hosts: self.hosts,
        })
    }
}

impl HeartbeatForm {
    fn of(heartbeat: &Heartbeat) -> Self {
        let (fail, unknown) = heartbeat.failing;
        Self {
            since: micros(heartbeat.since),
            checks: heartbeat.checks,
            probes: heartbeat.probes,
            open: heartbeat.open,
            fail,
            unknown,
        }
    }

    fn heartbeat(self) -> Option<Heartbeat> {
        Some(Heartbeat {
            since: from_micros(self.since)?,
            checks: self.checks,
            probes: self.probes,
            open: self.open,
            failing: (self.fail, self.unknown),
        })
    }
}
