//! What else an answer says: headers, body, time, caches.

use jiff::Timestamp;

use super::login::whole;
use super::{Question, status};
use crate::domain::advice::{Advice, AdviceCode};
use crate::domain::check::Role;
use crate::domain::endpoint::Origin;
use crate::domain::expectation::{
    BodyExpectation, HeaderExpectation, HeaderRule, TextExpectation, Whole,
};
use crate::domain::finding::{Class, Finding, Reason};
use crate::domain::observation::{
    Answer, BodyEnd, Field, Observation, is_sensitive, latin1, without_query_values,
};
use crate::domain::presenter::Proof;
use crate::domain::secret::REDACTED;

/// A refusal that caches may keep for longer than this hides a mended login.
const LONG_LIVED_SECONDS: u64 = 60;

/// More field lines of a header than this are not shown, and no more of each than that.
const MOST_SHOWN: usize = 10;
const LONGEST_SHOWN: usize = 4000;

/// Clocks that differ by more than this, in seconds, make tokens look expired.
const SKEW_SECONDS: i64 = 60;

/// Adds what is wrong with headers, body, location, time and cacheability.
pub(super) fn findings(
    question: &Question<'_>,
    observation: &Observation,
    answer: &Answer,
    findings: &mut Vec<Finding>,
) {
    let expectation = &question.check.expectation;
    findings.extend(
        expectation
            .headers
            .iter()
            .filter_map(|rule| header(rule, answer)),
    );
    findings.extend(
        expectation
            .body
            .iter()
            .filter_map(|rule| body(rule, answer)),
    );
    findings.extend(location(question, answer));
    findings.extend(too_slow(question, observation));
    findings.extend(cacheable(question, answer));
    findings.extend(unproven(question, answer));
}

fn header(expected: &HeaderExpectation, answer: &Answer) -> Option<Finding> {
    let name = expected.name.as_str();
    let lines: Vec<&Field> = answer.lines(name).collect();
    if expected.rule.is_met_by(&lines) {
        return None;
    }
    let saw = match lines.as_slice() {
        [] => format!("no `{name}`"),
        _ if is_sensitive(name) => format!("`{name}: {REDACTED}`"),
        lines => {
            let few = lines.iter().take(MOST_SHOWN);
            let values: Vec<String> = few.map(|line| shown(name, &line.text())).collect();
            let more = if lines.len() > MOST_SHOWN {
                " and more"
            } else {
                ""
            };
            format!("`{name}: {}`{more}", values.join("`, `"))
        }
    };
    let wanted = match &expected.rule {
        HeaderRule::AnyLine(_) if is_sensitive(name) => "another value".to_owned(),
        rule @ (HeaderRule::Absent
        | HeaderRule::AnyLine(_)
        | HeaderRule::NoLine(_)
        | HeaderRule::Present) => rule.to_string(),
    };
    Some(Finding::new(
        Reason::HeaderMismatch,
        format!("`{name}`: {wanted}"),
        saw,
    ))
}

fn shown(name: &str, value: &str) -> String {
    let value = match name {
        "location" | "content-location" | "refresh" | "link" => without_query_values(value),
        _ => value.to_owned(),
    };
    match value.char_indices().nth(LONGEST_SHOWN) {
        Some((at, _)) => format!("{}…", value.get(..at).unwrap_or_default()),
        None => value,
    }
}

/// A body is described and never shown: it may hold what only its holder should see.
fn body(expected: &BodyExpectation, answer: &Answer) -> Option<Finding> {
    if expected.is_met_by(&answer.body.bytes, whole(&answer.body)) != Some(false) {
        return None;
    }
    Some(Finding::new(
        Reason::BodyMismatch,
        expected.to_string(),
        described(answer),
    ))
}

fn described(answer: &Answer) -> String {
    let kind = answer
        .first("content-type")
        .map_or_else(|| "no type".to_owned(), Field::text);
    let more = if whole(&answer.body) == Whole::No {
        ", cut off"
    } else {
        ""
    };
    let coding = answer.first("content-encoding").map(Field::text);
    let coding = coding.map_or_else(String::new, |coding| format!(", compressed by {coding}"));
    format!("{} bytes of {kind}{coding}{more}", answer.body.bytes.len())
}

/// What it means that a body ended before an expectation could be told.
pub(super) fn unfinished_body(question: &Question<'_>, answer: &Answer) -> Option<Finding> {
    let undecided = |rule: &&BodyExpectation| {
        rule.is_met_by(&answer.body.bytes, whole(&answer.body))
            .is_none()
    };
    let expected = question
        .check
        .expectation
        .body
        .iter()
        .find(undecided)?
        .to_string();
    match &answer.body.end {
        BodyEnd::Complete => None,
        BodyEnd::CutOff => {
            let saw = format!(
                "nothing of it in the first {} bytes",
                answer.body.bytes.len()
            );
            Some(Finding::new(Reason::ResponseTooLarge, expected, saw))
        }
        BodyEnd::Broken(silence) => {
            let saw = format!("{} and then: {}", described(answer), silence.detail);
            Some(Finding::new(silence.reason, expected, saw))
        }
    }
}

fn location(question: &Question<'_>, answer: &Answer) -> Option<Finding> {
    let expected = question.check.expectation.location.as_ref()?;
    let first = answer.first_location.as_deref().map(latin1);
    let met = first.or_else(|| answer.first("location").map(Field::text));
    let is_met = match &met {
        Some(location) => expected.is_met_by(location),
        None => matches!(expected, TextExpectation::MatchesNot(_)),
    };
    if is_met {
        return None;
    }
    let saw = met.map_or_else(
        || "no `location`".to_owned(),
        |location| format!("`location: {}`", without_query_values(&location)),
    );
    Some(Finding::new(
        Reason::HeaderMismatch,
        format!("`location`: {expected}"),
        saw,
    ))
}

fn too_slow(question: &Question<'_>, observation: &Observation) -> Option<Finding> {
    let most = question.check.expectation.max_duration?;
    (observation.duration > most).then(|| {
        let milliseconds = |duration: std::time::Duration| format!("{} ms", duration.as_millis());
        let expected = format!("at most {}", milliseconds(most));
        Finding::new(
            Reason::TooSlow,
            expected,
            milliseconds(observation.duration),
        )
    })
}

/// An answer that was meant for one caller and that a shared cache may hand to others.
fn cacheable(question: &Question<'_>, answer: &Answer) -> Option<Finding> {
    if !is_admission(question, answer) {
        return None;
    }
    let caching = Caching::of(answer);
    let saw = if answer
        .first("age")
        .is_some_and(|age| seconds(&age.text()) > Some(0))
    {
        let age = answer.first("age").map(Field::text).unwrap_or_default();
        format!("`age: {age}`: a cache answered")
    } else if caching.is_shared() {
        format!("`cache-control: {}`", caching.text)
    } else {
        return None;
    };
    Some(Finding::new(
        Reason::Cacheable,
        "an answer that shared caches do not keep",
        saw,
    ))
}

/// A server that admits the holder and cannot prove that it knows the password (RFC 7616 §3.5).
fn unproven(question: &Question<'_>, answer: &Answer) -> Option<Finding> {
    let proof = question.circumstances.shown.proof?;
    match proof {
        Proof::Wrong(why) if is_admission(question, answer) => Some(Finding::new(
            Reason::AuthenticationInfoMismatch,
            "an `authentication-info` that follows from the password",
            why,
        )),
        Proof::Right | Proof::Wrong(_) => None,
    }
}

fn is_admission(question: &Question<'_>, answer: &Answer) -> bool {
    question.check.role() == Role::Admitted
        && question.check.persona.is_holder()
        && (200..=299).contains(&answer.status)
}

/// What `Cache-Control` says (RFC 9111 §5.2.2).
struct Caching {
    text: String,
}

impl Caching {
    fn of(answer: &Answer) -> Self {
        let lines: Vec<String> = answer.lines("cache-control").map(Field::text).collect();
        Self {
            text: lines.join(", "),
        }
    }

    fn directive(&self, wanted: &str) -> Option<&str> {
        self.text.split(',').find_map(|directive| {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            let named = name.trim().eq_ignore_ascii_case(wanted);
            named.then(|| value.trim().trim_matches('"'))
        })
    }

    fn forbids(&self) -> bool {
        self.directive("no-store").is_some() || self.directive("private").is_some()
    }

    fn is_shared(&self) -> bool {
        self.directive("public").is_some() || self.directive("s-maxage").is_some()
    }
}

fn seconds(text: &str) -> Option<u64> {
    text.trim().parse().ok()
}

/// What is worth mending about the rest of the answer.
pub(super) fn advice(
    question: &Question<'_>,
    answer: &Answer,
    findings: &[Finding],
) -> Vec<Advice> {
    let mut advice = Vec::new();
    advice.extend(uncontrolled_caching(question, answer));
    advice.extend(refusal_in_cache(answer));
    advice.extend(challenge_on_success(question, answer));
    let locked_out = findings
        .iter()
        .any(|finding| finding.reason.class() == Class::Lockout);
    if locked_out {
        advice.extend(clock_skew(question.circumstances.now, answer));
        advice.extend(foreign_redirect(question, answer));
    }
    advice
}

fn uncontrolled_caching(question: &Question<'_>, answer: &Answer) -> Option<Advice> {
    let caching = Caching::of(answer);
    let silent =
        !caching.forbids() && !caching.is_shared() && caching.directive("no-cache").is_none();
    (is_admission(question, answer) && silent).then(|| Advice {
        code: AdviceCode::CacheControlMissing,
        message: "the protected answer says neither `Cache-Control: private` nor `no-store`".into(),
    })
}

fn refusal_in_cache(answer: &Answer) -> Option<Advice> {
    if !matches!(answer.status, 401 | 403) {
        return None;
    }
    let age = answer
        .first("age")
        .and_then(|age| seconds(&age.text()))
        .filter(|age| *age > 0);
    if let Some(age) = age {
        let message = format!("the {} came out of a cache: `age: {age}`", answer.status);
        return Some(Advice {
            code: AdviceCode::CachedRefusal,
            message,
        });
    }
    let caching = Caching::of(answer);
    let kept = caching.directive("max-age").and_then(seconds)?;
    (kept > LONG_LIVED_SECONDS && !caching.forbids()).then(|| Advice {
        code: AdviceCode::LongLivedRefusal,
        message: format!("caches may keep this {} for {kept} s", answer.status),
    })
}

fn challenge_on_success(question: &Question<'_>, answer: &Answer) -> Option<Advice> {
    let success = (200..=299).contains(&answer.status);
    let line = answer.first("www-authenticate").filter(|_| success)?;
    // The last leg of Negotiate comes with the answer itself (RFC 4559 §5).
    let last_leg = line.text().to_ascii_lowercase().starts_with("negotiate");
    let applies = !last_leg && question.check.role() == Role::Admitted;
    applies.then(|| Advice {
        code: AdviceCode::ChallengeOnSuccess,
        message: format!("{} carries a challenge", status::status_line(answer.status)),
    })
}

fn clock_skew(now: Timestamp, answer: &Answer) -> Option<Advice> {
    let date = answer.first("date")?.text();
    let theirs = jiff::fmt::rfc2822::parse(&date).ok()?.timestamp();
    let seconds = (theirs.as_second() - now.as_second()).abs();
    (seconds > SKEW_SECONDS).then(|| Advice {
        code: AdviceCode::ClockSkew,
        message: format!("the server's clock and this one are {seconds} s apart"),
    })
}

fn foreign_redirect(question: &Question<'_>, answer: &Answer) -> Option<Advice> {
    let here = &question.endpoint.request.url;
    let location = answer.first("location")?.text();
    let there = here.join(&location).ok()?;
    (Origin::of(&there) != Origin::of(here)).then(|| Advice {
        code: AdviceCode::CredentialRedirectForeign,
        message: format!(
            "the holder is sent on to {}; a client that follows may take the credential along",
            there.origin().ascii_serialization()
        ),
    })
}
