//! Silences: what somebody wants, read and refused.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::SignedDuration;
use tracing::info;

use super::super::control::Reply;
use super::super::house::House;
use super::{No, check, hint};
use crate::config;
use crate::document::SilenceDocument;
use crate::domain::routing::{MatchRule, Matcher};
use crate::domain::secret::Redactor;
use crate::domain::silence::{Bypasses, Silence, SilenceId};
use crate::domain::wording::span;
use crate::keeper::{Event, Wish};

/// The most matchers of a silence.
const MOST_MATCHERS: usize = 64;

/// The longest comment, in characters.
const LONGEST_COMMENT: usize = 1000;

/// The longest name of an author, in characters.
const LONGEST_AUTHOR: usize = 100;

/// The longest silence: as long as anything in the configuration.
const LONGEST: Duration = Duration::from_hours(3650 * 24);

impl House {
    /// Has incidents not be told for a while.
    pub(super) async fn silence(
        &self,
        texts: &[String],
        length: Duration,
        (comment, author): (String, String),
    ) -> Result<Reply, No> {
        let matchers = self.matchers(texts)?;
        judge_length(&matchers, length)?;
        let redactor = self.watchlist().redactor();
        let wish = Wish {
            comment: given(&redactor, "comment", &comment, LONGEST_COMMENT)?,
            author: given(&redactor, "author", &author, LONGEST_AUTHOR)?,
            matchers,
            length,
        };
        let notes = self.notes(&wish.matchers);
        let id = self.have_done(|reply| Event::Silenced(wish, reply)).await?;
        let snapshot = self.seen().await?;
        let made = snapshot.silences.iter().find(|it| it.id == id);
        let Some(made) = made else {
            let why = format!("the silence `{id}` was made, and is over already");
            return Err(No::Failed(why));
        };
        let silence = SilenceDocument::of(made);
        info!(
            silence = %id,
            author = silence.author,
            comment = silence.comment,
            matchers = silence.matchers.join(" "),
            until = %silence.ends_at,
            "incidents are silenced"
        );
        Ok(Reply::Silenced { silence, notes })
    }

    /// Every silence that has not ended.
    pub(super) async fn list_silences(&self) -> Result<Reply, No> {
        let snapshot = self.seen().await?;
        let silences = snapshot.silences.iter();
        Ok(Reply::Silences {
            at: snapshot.taken_at,
            silences: silences.map(|it| SilenceDocument::of(it)).collect(),
        })
    }

    /// Ends a silence.
    pub(super) async fn expire_silence(&self, text: &str) -> Result<Reply, No> {
        let unknown = || {
            let hint = "`authvigil silence list` shows those that have not ended";
            No::Refused(format!("there is no silence `{text}`; {hint}"))
        };
        let id = SilenceId::parse(text).ok_or_else(unknown)?;
        let name = id.clone();
        let was_there = self.have_done(|reply| Event::Expired(name, reply)).await?;
        if !was_there {
            return Err(unknown());
        }
        info!(silence = %id, "a silence was ended");
        Ok(Reply::Done)
    }

    fn matchers(&self, texts: &[String]) -> Result<Vec<Matcher>, No> {
        if texts.is_empty() || texts.len() > MOST_MATCHERS {
            let why = format!("a silence has 1 to {MOST_MATCHERS} matchers");
            return Err(No::Refused(why));
        }
        let labels = self.label_names();
        let mut matchers = Vec::new();
        for text in texts {
            if text.contains(['=', '!', '"', ' ']) {
                let matcher = config::matcher(text, &labels);
                matchers.push(matcher.map_err(|why| No::Refused(format!("`{text}`: {why}")))?);
            } else {
                matchers.extend(self.named(text)?);
            }
        }
        Ok(matchers)
    }

    /// What `NAME` and `NAME/CHECK` are short for.
    fn named(&self, text: &str) -> Result<Vec<Matcher>, No> {
        let is = |label: &str, value: &str| Matcher {
            label: label.to_owned(),
            rule: MatchRule::Is(value.to_owned()),
        };
        let (name, only) = match text.split_once('/') {
            Some((name, check)) => (name, Some(check)),
            None => (text, None),
        };
        let endpoint = self.endpoint(name)?;
        let mut matchers = vec![is("endpoint", name)];
        if let Some(only) = only {
            check(&endpoint, only)?;
            matchers.push(is("check", only));
        }
        Ok(matchers)
    }

    /// The names of all labels that an endpoint is configured with.
    fn label_names(&self) -> BTreeSet<String> {
        let watchlist = self.watchlist();
        let endpoints = watchlist.endpoints.iter();
        endpoints.flat_map(|it| it.labels.keys().cloned()).collect()
    }

    /// What whoever asks may not expect of these matchers.
    fn notes(&self, matchers: &[Matcher]) -> Vec<String> {
        let watchlist = self.watchlist();
        let names = || watchlist.endpoints.iter().map(|it| it.name.as_str());
        let meant = matchers.iter().filter_map(|matcher| match &matcher.rule {
            MatchRule::Is(value) if matcher.label == "endpoint" => Some(value.as_str()),
            MatchRule::Is(_)
            | MatchRule::IsNot(_)
            | MatchRule::Matches(_)
            | MatchRule::MatchesNot(_) => None,
        });
        let unknown = meant.filter(|value| names().all(|name| name != *value));
        let mut notes: Vec<String> = unknown
            .map(|value| {
                let hint = hint(value, names());
                format!("no endpoint is named `{value}` at present{hint}")
            })
            .collect();
        if Bypasses::of(matchers) == Bypasses::Spared {
            let note = "a bypass is told all the same, unless a matcher says `class=\"bypass\"`";
            notes.push(note.to_owned());
        }
        notes
    }
}

fn judge_length(matchers: &[Matcher], length: Duration) -> Result<(), No> {
    let said = |length: Duration| span(SignedDuration::try_from(length).unwrap_or_default());
    if length.is_zero() || length > LONGEST {
        let longest = said(LONGEST);
        let why = format!("a silence lasts at least one second and at most {longest}");
        return Err(No::Refused(why));
    }
    let longest = Silence::LONGEST_FOR_BYPASS;
    if Bypasses::of(matchers) == Bypasses::Meant && length > longest {
        return Err(No::Refused(format!(
            "a bypass can be silenced for at most {}, and this is {}; ask for less, and again when \
             it has ended",
            said(longest),
            said(length),
        )));
    }
    Ok(())
}

/// A text that must say something, and not too much; without a secret.
fn given(redactor: &Redactor, what: &str, text: &str, most: usize) -> Result<String, No> {
    let text = text.trim();
    if text.is_empty() || text.chars().nth(most).is_some() {
        let why = format!("the {what} of a silence has 1 to {most} characters");
        return Err(No::Refused(why));
    }
    Ok(redactor.text(text).into_owned())
}
