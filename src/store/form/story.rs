//! What a person needs to see of an incident, as it is kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::time::{from_micros, micros};
use super::{FindingForm, finding, finding_form};
use crate::domain::check::Role;
use crate::domain::finding::Finding;
use crate::domain::notice::{Difference, Story};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoryForm {
    at: i64,
    request: String,
    persona: String,
    role: RoleForm,
    findings: Vec<FindingForm>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    beside: Vec<FindingForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status_line: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    challenge_lines: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    silence: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    remote_addr: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    good_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    differences: Vec<DifferenceForm>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    control_failing: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reproduction: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    runbook_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page_url: Option<String>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RoleForm {
    Refused,
    Admitted,
}

#[derive(Debug, Serialize, Deserialize)]
struct DifferenceForm {
    what: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    now: Option<String>,
}

impl StoryForm {
    pub(super) fn of(story: &Story) -> Self {
        Self {
            at: micros(story.at),
            request: story.request.clone(),
            persona: story.persona.clone(),
            role: match story.role {
                Role::Refused => RoleForm::Refused,
                Role::Admitted => RoleForm::Admitted,
            },
            findings: story.findings.iter().map(finding_form).collect(),
            beside: story.beside.iter().map(finding_form).collect(),
            status_line: story.status_line.clone(),
            challenge_lines: story.challenge_lines.clone(),
            silence: story.silence.clone(),
            remote_addr: story.remote_addr.clone(),
            good_at: story.good_at.map(micros),
            differences: story.differences.iter().map(DifferenceForm::of).collect(),
            control_failing: story.control_failing,
            reproduction: story.reproduction.clone(),
            labels: story.labels.clone(),
            runbook_url: story.runbook_url.as_ref().map(ToString::to_string),
            page_url: story.page_url.as_ref().map(ToString::to_string),
        }
    }

    /// The story; `None` where none of its findings is known any more.
    pub(super) fn story(self) -> Option<Story> {
        let findings: Vec<Finding> = self.findings.iter().filter_map(finding).collect();
        if findings.is_empty() && !self.findings.is_empty() {
            return None;
        }
        let differences = self.differences.into_iter();
        Some(Story {
            at: from_micros(self.at)?,
            request: self.request,
            persona: self.persona,
            role: match self.role {
                RoleForm::Refused => Role::Refused,
                RoleForm::Admitted => Role::Admitted,
            },
            findings,
            beside: self.beside.iter().filter_map(finding).collect(),
            status_line: self.status_line,
            challenge_lines: self.challenge_lines,
            silence: self.silence,
            remote_addr: self.remote_addr,
            good_at: self.good_at.and_then(from_micros),
            differences: differences.map(DifferenceForm::difference).collect(),
            control_failing: self.control_failing,
            reproduction: self.reproduction,
            labels: self.labels,
            runbook_url: self.runbook_url.and_then(|url| url.parse().ok()),
            page_url: self.page_url.and_then(|url| url.parse().ok()),
        })
    }
}

impl DifferenceForm {
    fn of(difference: &Difference) -> Self {
        Self {
            what: difference.what.clone(),
            before: difference.before.clone(),
            now: difference.now.clone(),
        }
    }

    fn difference(self) -> Difference {
        Difference {
            what: self.what,
            before: self.before,
            now: self.now,
        }
    }
}
