//! An observation as it is kept.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::answer::{AnswerForm, SilenceForm};
use super::time::nanos;
use super::tls::{Chains, TlsForm};
use crate::domain::observation::{Observation, Outcome, Phases};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ObservationForm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<AnswerForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    silence: Option<SilenceForm>,
    #[serde(default)]
    phases: PhasesForm,
    duration: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    remote_addr: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tls: Option<TlsForm>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct PhasesForm {
    resolve: Option<u64>,
    connect: Option<u64>,
    tls: Option<u64>,
    processing: Option<u64>,
    transfer: Option<u64>,
}

impl ObservationForm {
    pub(super) fn of(observation: &Observation) -> Self {
        let (answer, silence) = match &observation.outcome {
            Outcome::Answer(answer) => (Some(AnswerForm::of(answer)), None),
            Outcome::Silence(silence) => (None, Some(SilenceForm::of(silence))),
        };
        Self {
            answer,
            silence,
            phases: PhasesForm::of(observation.phases),
            duration: nanos(observation.duration),
            remote_addr: observation.remote_addr.map(|address| address.to_string()),
            tls: observation.tls.as_ref().map(TlsForm::of),
        }
    }

    /// The observation; `None` where its outcome cannot be understood any more.
    pub(super) fn observation(self, chains: &mut Chains) -> Option<Observation> {
        let outcome = match (self.answer, self.silence) {
            (Some(answer), _) => Outcome::Answer(answer.answer()?),
            (None, Some(silence)) => Outcome::Silence(silence.silence()?),
            (None, None) => return None,
        };
        Some(Observation {
            outcome,
            phases: self.phases.phases(),
            duration: Duration::from_nanos(self.duration),
            remote_addr: self.remote_addr.and_then(|text| text.parse().ok()),
            tls: self.tls.map(|form| form.tls(chains)),
        })
    }
}

impl PhasesForm {
    fn of(phases: Phases) -> Self {
        Self {
            resolve: phases.resolve.map(nanos),
            connect: phases.connect.map(nanos),
            tls: phases.tls.map(nanos),
            processing: phases.processing.map(nanos),
            transfer: phases.transfer.map(nanos),
        }
    }

    fn phases(self) -> Phases {
        Phases {
            resolve: self.resolve.map(Duration::from_nanos),
            connect: self.connect.map(Duration::from_nanos),
            tls: self.tls.map(Duration::from_nanos),
            processing: self.processing.map(Duration::from_nanos),
            transfer: self.transfer.map(Duration::from_nanos),
        }
    }
}
