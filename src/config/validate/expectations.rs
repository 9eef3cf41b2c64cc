//! Expectations: defaults by role and kind, what was written on top, contradictions refused.

use std::time::Duration;

use http::HeaderName;
use regex::Regex;
use serde_json_path::JsonPath;

use super::Context;
use super::layers::{Found, Layers};
use super::ledger::Ledger;
use crate::config::place::Place;
use crate::config::printable::printable;
use crate::config::raw::{self, OneOrMany, Period};
use crate::credential::Credential;
use crate::domain::challenge::ExpectedChallenge;
use crate::domain::expectation::{
    BodyExpectation, ChallengeExpectation, Expectation, HeaderExpectation, HeaderRule,
    JsonExpectation, StatusSet, TextExpectation,
};

/// Which defaults an expectation starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    /// Those of checks that must be refused.
    Refused,
    /// Those of a real token that must be refused here.
    ForeignToken,
    /// Those of the rightful holder.
    Admitted,
}

/// The layers of one expectation and what they lie on.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    /// What was written, the innermost first.
    pub(crate) layers: Layers<'a, raw::Expectation>,
    /// The challenge that holds, wherever it was written.
    pub(crate) challenge: Option<Found<'a, OneOrMany>>,
    /// Where the defaults come from.
    pub(crate) base: Base,
    /// When a probe is cut off.
    pub(crate) timeout: Duration,
}

/// Reads one expectation.
pub(crate) fn expectation(
    context: &Context<'_>,
    ledger: &mut Ledger,
    source: &Source<'_>,
    kind: Option<&Credential>,
) -> Expectation {
    let (status, challenge) = defaults(source.base, kind);
    let layers = &source.layers;
    let written = layers.find("status", |raw| &raw.status);
    let mut expectation = Expectation {
        challenge,
        ..Expectation::of_status(written.map_or(status, |found| found.value.0.clone()))
    };
    if let Some(found) = source.challenge {
        let read = challenges(ledger, &found.place, found.value);
        expectation.challenge = read.unwrap_or(expectation.challenge);
        refuse_none_on_401(ledger, &found, &expectation);
    }
    expectation.max_duration = max_duration(ledger, source);
    let mut reader = Reader { context, ledger };
    expectation.headers = reader.headers(layers, &expectation.challenge);
    expectation.body = reader.body(&layers.block("body", |raw| &raw.body));
    let location = layers.find("location", |raw| &raw.location);
    expectation.location = location.and_then(|found| reader.text(&found.place, found.value));
    let least = layers.find("certificate_min_remaining", |raw| {
        &raw.certificate_min_remaining
    });
    expectation.certificate_min_remaining = least.map(|found| found.value.0);
    let least = layers.find("credential_min_remaining", |raw| {
        &raw.credential_min_remaining
    });
    if let Some(found) = least.filter(|_| source.base != Base::Admitted) {
        ledger
            .warn(
                &found.place,
                "`credential_min_remaining` is never looked at here",
            )
            .on_key()
            .label("a caller who must be refused has no credential to renew")
            .hint("move it to `admitted`, or to the check of a credential's holder");
    }
    expectation.credential_min_remaining = least.map(|found| found.value.0);
    expectation
}

/// What holds where nothing is written.
fn defaults(base: Base, kind: Option<&Credential>) -> (StatusSet, ChallengeExpectation) {
    let challenge = match kind {
        Some(
            Credential::ApiKey { .. }
            | Credential::Command(_)
            | Credential::LoginForm(_)
            | Credential::ClientCertificate { .. },
        ) => ChallengeExpectation::Optional,
        Some(
            Credential::Basic(_)
            | Credential::Digest(_)
            | Credential::Authorization { .. }
            | Credential::OAuth2(_)
            | Credential::RegistryToken(_),
        )
        | None => ChallengeExpectation::WellFormed,
    };
    let status = match (base, kind) {
        (Base::Admitted, _) => StatusSet::success(),
        (Base::ForeignToken, _)
        | (Base::Refused, Some(Credential::ApiKey { .. } | Credential::Command(_))) => {
            StatusSet::of(&[401, 403])
        }
        (Base::Refused, Some(Credential::LoginForm(_))) => StatusSet::of(&[401, 403, 302, 303]),
        (Base::Refused, Some(Credential::ClientCertificate { .. })) => {
            StatusSet::of(&[400, 401, 403, 495, 496]).or_tls_refused()
        }
        (Base::Refused, _) => StatusSet::of(&[401]),
    };
    (status, challenge)
}

/// Reads `optional`, `none`, a challenge, or a list of challenges.
fn challenges(
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &OneOrMany,
) -> Option<ChallengeExpectation> {
    match raw {
        OneOrMany::One(word) if word == "optional" => Some(ChallengeExpectation::Optional),
        OneOrMany::One(word) if word == "none" => Some(ChallengeExpectation::Absent),
        OneOrMany::One(text) => {
            let one = challenge(ledger, place, text)?;
            Some(ChallengeExpectation::Offers(vec![one]))
        }
        OneOrMany::Many(texts) if texts.is_empty() => {
            ledger
                .fault(place, "the list names no challenge")
                .hint("write `none` to expect that there is none, or leave the key out");
            None
        }
        OneOrMany::Many(texts) => {
            let texts = texts.iter().enumerate();
            let read = texts.map(|(index, text)| challenge(ledger, &place.index(index), text));
            let read: Vec<_> = read.collect();
            let all: Option<Vec<_>> = read.into_iter().collect();
            all.map(ChallengeExpectation::Offers)
        }
    }
}

fn challenge(ledger: &mut Ledger, place: &Place<'_>, text: &str) -> Option<ExpectedChallenge> {
    if ["optional", "none"].contains(&text.to_ascii_lowercase().as_str()) {
        let word = text.to_ascii_lowercase();
        ledger
            .fault(place, format!("`{word}` stands alone, in lower case"))
            .hint(format!("write `challenge: {word}`"));
        return None;
    }
    match ExpectedChallenge::parse(text) {
        Ok(challenge) => Some(challenge),
        Err(fault) => {
            let before = text.get(..fault.column).unwrap_or(text);
            let at = before.chars().count();
            let draft = ledger.fault(place, "this is no challenge (RFC 9110, section 11.6.1)");
            draft
                .within(at, at + 1)
                .label(printable(&format!("{} here", fault.kind)));
            if starts_with_parameter(text) {
                draft.hint(
                    "a comma cut it: quote the challenge, `'Basic realm=\"a\", charset=\"UTF-8\"'`",
                );
            } else {
                draft.hint("write it as the header has it: `Basic realm=\"orders\"`");
            }
            None
        }
    }
}

/// Whether a text looks like the rest of a challenge that flow style cut at a comma.
pub(crate) fn starts_with_parameter(text: &str) -> bool {
    let name = text.split_once('=').map(|(name, _)| name.trim_end());
    name.is_some_and(super::credentials::is_token)
}

fn refuse_none_on_401(
    ledger: &mut Ledger,
    found: &Found<'_, OneOrMany>,
    expectation: &Expectation,
) {
    let absent = matches!(expectation.challenge, ChallengeExpectation::Absent);
    if absent && expectation.status == StatusSet::of(&[401]) {
        ledger
            .warn(&found.place, "a 401 without a challenge is agreed")
            .label("RFC 9110, section 15.5.2, demands one")
            .hint("write `optional` to accept both, or name the challenge");
    }
}

/// Reads the longest that a probe may take; it must be over before the probe is cut off.
fn max_duration(ledger: &mut Ledger, source: &Source<'_>) -> Option<Duration> {
    let found = source
        .layers
        .find("max_duration", |raw| &raw.max_duration)?;
    if found.value.0 >= source.timeout {
        ledger
            .warn(&found.place, "`max_duration` is never exceeded")
            .label(format!(
                "`timeout` ends the probe after {}",
                Period(source.timeout)
            ))
            .hint("lower `max_duration`, or raise `timeout`");
    }
    Some(found.value.0)
}

struct Reader<'r, 'c> {
    context: &'r Context<'c>,
    ledger: &'r mut Ledger,
}

impl Reader<'_, '_> {
    fn headers(
        &mut self,
        layers: &Layers<'_, raw::Expectation>,
        challenge: &ChallengeExpectation,
    ) -> Vec<HeaderExpectation> {
        let mut headers: Vec<HeaderExpectation> = Vec::new();
        for found in layers.all("headers", |raw| &raw.headers) {
            let inner = headers.len();
            for (text, rule) in found.value.iter() {
                let place = found.place.key(text);
                let Some(name) = self.header_name(&place, text) else {
                    continue;
                };
                if headers[inner..].iter().any(|other| other.name == name) {
                    self.twice(&place, &name);
                    continue;
                }
                if headers.iter().any(|other| other.name == name) {
                    continue;
                }
                let Some(rule) = self.header_rule(&place, rule) else {
                    continue;
                };
                self.refuse_contradiction(&place, &name, &rule, challenge);
                headers.push(HeaderExpectation { name, rule });
            }
        }
        headers
    }

    fn header_name(&mut self, place: &Place<'_>, text: &str) -> Option<HeaderName> {
        let name = HeaderName::from_bytes(text.as_bytes()).ok();
        if name.is_none() {
            self.ledger
                .fault(place, "this is no header name (RFC 9110, section 5.1)")
                .on_key();
        }
        name
    }

    fn twice(&mut self, place: &Place<'_>, name: &HeaderName) {
        self.ledger
            .fault(place, format!("the header `{name}` stands here twice"))
            .on_key()
            .label("names are compared without case");
    }

    fn header_rule(&mut self, place: &Place<'_>, text: &str) -> Option<HeaderRule> {
        match text {
            "absent" => return Some(HeaderRule::Absent),
            "present" => return Some(HeaderRule::Present),
            _ => {}
        }
        match self.text(place, text)? {
            TextExpectation::MatchesNot(regex) => Some(HeaderRule::NoLine(regex)),
            text @ (TextExpectation::Exactly(_) | TextExpectation::Matches(_)) => {
                Some(HeaderRule::AnyLine(text))
            }
        }
    }

    fn refuse_contradiction(
        &mut self,
        place: &Place<'_>,
        name: &HeaderName,
        rule: &HeaderRule,
        challenge: &ChallengeExpectation,
    ) {
        let offers = matches!(challenge, ChallengeExpectation::Offers(_));
        let absent = matches!(rule, HeaderRule::Absent);
        let none = matches!(challenge, ChallengeExpectation::Absent);
        let present = matches!(rule, HeaderRule::Present | HeaderRule::AnyLine(_));
        if *name == http::header::WWW_AUTHENTICATE && ((offers && absent) || (none && present)) {
            self.ledger
                .fault(place, "this contradicts `challenge`")
                .label("no answer can meet both")
                .hint("leave `WWW-Authenticate` to `challenge`");
        }
    }

    fn text(&mut self, place: &Place<'_>, text: &str) -> Option<TextExpectation> {
        if text.is_empty() {
            self.ledger
                .fault(place, "there is nothing to compare with")
                .hint("write the exact text, `~regex` or `'!~regex'`");
            return None;
        }
        if let Some(pattern) = text.strip_prefix("!~") {
            return self
                .regex(place, pattern, 2)
                .map(TextExpectation::MatchesNot);
        }
        match text.strip_prefix('~') {
            Some(pattern) => self.regex(place, pattern, 1).map(TextExpectation::Matches),
            None => Some(TextExpectation::Exactly(text.to_owned())),
        }
    }

    fn regex(&mut self, place: &Place<'_>, pattern: &str, prefix: usize) -> Option<Regex> {
        if pattern.is_empty() {
            self.ledger
                .fault(place, "an empty expression matches everything")
                .hint("write what must match");
            return None;
        }
        match self.context.regex(pattern) {
            Ok(regex) => Some(regex),
            Err(why) => {
                let end = prefix + pattern.chars().count();
                self.ledger
                    .fault(place, "this is no regular expression")
                    .within(prefix, end)
                    .label(why)
                    .hint("the syntax is that of Rust's regex: no look-around, no back-references");
                None
            }
        }
    }

    fn body(&mut self, layers: &Layers<'_, raw::BodyRules>) -> Vec<BodyExpectation> {
        let mut rules = Vec::new();
        if let Some(found) = layers.find("contains", |raw| &raw.contains) {
            for (index, text) in found.value.iter() {
                let place = element(&found.place, index);
                if text.is_empty() {
                    self.ledger
                        .fault(&place, "every body contains the empty text");
                    continue;
                }
                rules.push(BodyExpectation::Contains(text.to_owned()));
            }
        }
        if let Some(found) = layers.find("matches", |raw| &raw.matches) {
            rules.extend(self.patterns(&found).map(BodyExpectation::Matches));
        }
        if let Some(found) = layers.find("not_matches", |raw| &raw.not_matches) {
            rules.extend(self.patterns(&found).map(BodyExpectation::MatchesNot));
        }
        for (raw, place) in layers.iter() {
            let place = place.key("json");
            rules.extend(self.json(&place, raw));
        }
        rules
    }

    fn patterns(&mut self, found: &Found<'_, OneOrMany>) -> impl Iterator<Item = Regex> + use<> {
        let mut patterns = Vec::new();
        for (index, pattern) in found.value.iter() {
            patterns.extend(self.regex(&element(&found.place, index), pattern, 0));
        }
        patterns.into_iter()
    }

    fn json(&mut self, place: &Place<'_>, raw: &raw::BodyRules) -> Vec<BodyExpectation> {
        let mut rules = Vec::new();
        for (path, value) in &raw.json {
            match JsonPath::parse(path) {
                Ok(path) => rules.push(BodyExpectation::Json(Box::new(JsonExpectation {
                    path,
                    value: value.clone(),
                }))),
                Err(_error) => {
                    self.ledger
                        .fault(&place.key(path), "this is no JSONPath (RFC 9535)")
                        .on_key()
                        .hint("a path starts at the root: `$.status`");
                }
            }
        }
        rules
    }
}

/// The place of an element, or of the text that stands in place of a list.
fn element<'a>(place: &'a Place<'a>, index: Option<usize>) -> Place<'a> {
    index.map_or(*place, |index| place.index(index))
}
