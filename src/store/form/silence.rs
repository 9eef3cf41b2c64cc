//! A silence as it is kept.

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::time::{from_micros, micros};
use crate::domain::routing::{MatchRule, Matcher};
use crate::domain::silence::{Silence, SilenceId};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SilenceForm {
    id: String,
    matchers: Vec<MatcherForm>,
    starts_at: i64,
    ends_at: i64,
    #[serde(default)]
    comment: String,
    #[serde(default)]
    author: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct MatcherForm {
    label: String,
    rule: RuleForm,
    text: String,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RuleForm {
    Is,
    IsNot,
    Matches,
    MatchesNot,
}

/// A silence, as text.
pub(in crate::store) fn to_text(silence: &Silence) -> serde_json::Result<String> {
    serde_json::to_string(&SilenceForm::of(silence))
}

/// The silence; `None` where the text says nothing that can be understood.
pub(in crate::store) fn from_text(text: &str) -> Option<Silence> {
    let form: SilenceForm = serde_json::from_str(text).ok()?;
    form.silence()
}

impl SilenceForm {
    pub(super) fn of(silence: &Silence) -> Self {
        Self {
            id: silence.id.as_str().to_owned(),
            matchers: silence.matchers.iter().map(MatcherForm::of).collect(),
            starts_at: micros(silence.starts_at),
            ends_at: micros(silence.ends_at),
            comment: silence.comment.clone(),
            author: silence.author.clone(),
        }
    }

    /// The silence; `None` also where one of its matchers is not understood: with fewer of them it
    /// would cover more than was meant.
    pub(super) fn silence(self) -> Option<Silence> {
        let matchers = self.matchers.into_iter();
        let matchers: Vec<Matcher> = matchers.map(MatcherForm::matcher).collect::<Option<_>>()?;
        if matchers.is_empty() {
            return None;
        }
        Some(Silence {
            id: SilenceId::parse(&self.id)?,
            matchers,
            starts_at: from_micros(self.starts_at)?,
            ends_at: from_micros(self.ends_at)?,
            comment: self.comment,
            author: self.author,
        })
    }
}

impl MatcherForm {
    fn of(matcher: &Matcher) -> Self {
        let (rule, text) = match &matcher.rule {
            MatchRule::Is(text) => (RuleForm::Is, text.as_str()),
            MatchRule::IsNot(text) => (RuleForm::IsNot, text.as_str()),
            MatchRule::Matches(regex) => (RuleForm::Matches, regex.as_str()),
            MatchRule::MatchesNot(regex) => (RuleForm::MatchesNot, regex.as_str()),
        };
        Self {
            label: matcher.label.clone(),
            rule,
            text: text.to_owned(),
        }
    }

    fn matcher(self) -> Option<Matcher> {
        let rule = match self.rule {
            RuleForm::Is => MatchRule::Is(self.text),
            RuleForm::IsNot => MatchRule::IsNot(self.text),
            RuleForm::Matches => MatchRule::Matches(Regex::new(&self.text).ok()?),
            RuleForm::MatchesNot => MatchRule::MatchesNot(Regex::new(&self.text).ok()?),
        };
        Some(Matcher {
            label: self.label,
            rule,
        })
    }
}
