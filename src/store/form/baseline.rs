//! The challenges that a check may offer, as they are kept.

use serde::{Deserialize, Serialize};

use super::time::{from_micros, micros};
use crate::domain::drift::{Baseline, Fingerprint, Strange};

#[derive(Debug, Serialize, Deserialize)]
struct BaselineForm {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    accepted: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    strange: Vec<StrangeForm>,
}

#[derive(Debug, Serialize, Deserialize)]
struct StrangeForm {
    fingerprint: String,
    since: i64,
    at: i64,
}

/// A baseline, as text; `None` for one that holds nothing.
pub(in crate::store) fn to_text(baseline: &Baseline) -> serde_json::Result<Option<String>> {
    if *baseline == Baseline::default() {
        return Ok(None);
    }
    let accepted = baseline.accepted.iter();
    let form = BaselineForm {
        accepted: accepted.map(ToString::to_string).collect(),
        strange: baseline.strange.iter().map(StrangeForm::of).collect(),
    };
    serde_json::to_string(&form).map(Some)
}

/// The baseline; one that holds nothing where the text says nothing that can be understood.
pub(in crate::store) fn from_text(text: &str) -> Baseline {
    serde_json::from_str(text).map_or_else(|_| Baseline::default(), BaselineForm::baseline)
}

impl BaselineForm {
    fn baseline(self) -> Baseline {
        let accepted = self.accepted.iter();
        let strange = self.strange.into_iter().filter_map(StrangeForm::strange);
        Baseline {
            accepted: accepted.map(|text| Fingerprint::stored(text)).collect(),
            strange: strange.take(Baseline::MOST_STRANGE).collect(),
        }
    }
}

impl StrangeForm {
    fn of(strange: &Strange) -> Self {
        Self {
            fingerprint: strange.fingerprint.to_string(),
            since: micros(strange.since),
            at: micros(strange.at),
        }
    }

    fn strange(self) -> Option<Strange> {
        Some(Strange {
            fingerprint: Fingerprint::stored(&self.fingerprint),
            since: from_micros(self.since)?,
            at: from_micros(self.at)?,
        })
    }
}
