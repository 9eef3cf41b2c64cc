//! What holds for every reading; for the property tests and for the fuzz target.

use super::grammar::{Plain, readings};
use crate::domain::challenge::{
    Challenge, ExpectedChallenge, LintContext, Reading, latin1, lint, read,
};

/// Longest field value that is held against the slow grammar.
pub(crate) const SHORT: usize = 40;

/// A challenge without the forms of its values.
pub(crate) fn plain(challenge: &Challenge) -> Plain {
    let params = challenge.params.iter();
    let params = params
        .map(|param| (param.name.clone(), param.value.clone()))
        .collect();
    (challenge.scheme.clone(), challenge.token68.clone(), params)
}

/// Challenges without the forms of their values.
pub(crate) fn plain_list(reading: &Reading) -> Vec<Plain> {
    reading.challenges.iter().map(plain).collect()
}

/// Names are lower-case and unique, faults lie within their lines, and advice is bounded.
pub(crate) fn assert_sane(lines: &[Vec<u8>]) {
    let reading = read(lines);
    for challenge in &reading.challenges {
        assert!(!challenge.scheme.is_empty());
        assert_eq!(challenge.scheme, challenge.scheme.to_ascii_lowercase());
        assert!(challenge.token68.is_none() || challenge.params.is_empty());
        let mut names: Vec<_> = challenge.params.iter().map(|param| &param.name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), challenge.params.len(), "a name occurs twice");
    }
    if let Some(fault) = &reading.fault {
        assert!(
            fault.column <= lines[fault.line].len(),
            "{fault} lies outside of its line"
        );
        assert!(fault.to_string().chars().count() <= 200);
    }
    for advice in lint(
        &reading,
        &LintContext {
            status: 401,
            ..LintContext::default()
        },
    ) {
        assert!(advice.message.chars().count() <= 200, "{}", advice.message);
        assert!(
            !advice.message.chars().any(char::is_control),
            "{}",
            advice.message
        );
    }
}

/// Where a line is well-formed, the lenient reading gives what the strict one gives.
///
/// A second line that holds nothing but a fault forces the lenient reading of both.
pub(crate) fn assert_lenient_agrees(line: &[u8]) {
    let strict = read(&[line]);
    if strict.fault.is_some() {
        return;
    }
    let lenient = read(&[line, b"\""]);
    assert!(lenient.fault.is_some(), "{}", latin1(line));
    assert_eq!(lenient.challenges, strict.challenges, "{}", latin1(line));
    let (ours, theirs) = (strict.manners, lenient.manners);
    assert_eq!(ours.crowded, theirs.crowded, "{}", latin1(line));
    assert_eq!(ours.spaced_equals, theirs.spaced_equals, "{}", latin1(line));
    assert_eq!(
        ours.needless_escape,
        theirs.needless_escape,
        "{}",
        latin1(line)
    );
}

/// The grammar written out gives exactly this reading, or none where there is a fault.
pub(crate) fn assert_grammar_agrees(line: &[u8]) {
    if line.len() > SHORT {
        return;
    }
    let trimmed = line.trim_ascii_blank();
    let reading = read(&[line]);
    let mut ways = readings(trimmed);
    assert!(ways.len() <= 1, "ambiguous: {} {ways:?}", latin1(line));
    let way = ways.pop_first();
    match &reading.fault {
        None => assert_eq!(Some(plain_list(&reading)), way, "{}", latin1(line)),
        Some(fault) => {
            let refused = way.is_none_or(|way| has_twice(&way));
            assert!(refused, "the grammar accepts {}: {fault}", latin1(line));
        }
    }
}

fn has_twice(challenges: &[Plain]) -> bool {
    challenges.iter().any(|(_, _, params)| {
        let mut names: Vec<_> = params.iter().map(|(name, _)| name).collect();
        names.sort();
        names.dedup();
        names.len() < params.len()
    })
}

/// Two well-formed lines give the challenges of the one and then those of the other, whether they
/// come as two lines or as one.
pub(crate) fn assert_lines_concatenate(one: &[u8], other: &[u8]) {
    let (first, second) = (read(&[one]), read(&[other]));
    if first.fault.is_some() || second.fault.is_some() {
        return;
    }
    let both = [first.challenges, second.challenges].concat();
    let apart = read(&[one, other]);
    let joined = read(&[[one, b",", other].concat()]);
    assert_eq!((apart.challenges, apart.fault), (both.clone(), None));
    assert_eq!((joined.challenges, joined.fault), (both, None));
}

/// A challenge that is written as an expectation prints back and meets itself.
pub(crate) fn assert_meets_itself(line: &[u8]) {
    let Ok(text) = str::from_utf8(line) else {
        return;
    };
    let Ok(expected) = ExpectedChallenge::parse(text) else {
        return;
    };
    assert_eq!(expected.to_string(), text.trim_ascii());
    let reading = read(&[text.trim_ascii_end()]);
    assert_eq!(reading.challenges.len(), 1, "{text}");
    assert_eq!(expected.difference(&reading.challenges), None, "{text}");
}

/// `http-auth` gives the same challenges, wherever both claim to understand.
pub(crate) fn assert_oracle_agrees(line: &[u8]) {
    let Ok(text) = str::from_utf8(line.trim_ascii_blank()) else {
        return;
    };
    let reading = read(&[line]);
    match (http_auth::parse_challenges(text), &reading.fault) {
        (Ok(theirs), None) => {
            let theirs: Vec<Plain> = theirs.iter().map(plain_of_oracle).collect();
            assert_eq!(plain_list(&reading), theirs, "{text}");
        }
        (Ok(theirs), Some(fault)) => {
            let theirs: Vec<Plain> = theirs.iter().map(plain_of_oracle).collect();
            assert!(
                has_twice(&theirs),
                "only the oracle understands {text:?}: {fault}"
            );
        }
        (Err(error), None) => {
            assert!(
                departs(text, &reading),
                "only the oracle refuses {text:?}: {error}"
            );
        }
        (Err(_), Some(_)) => {}
    }
}

fn plain_of_oracle(challenge: &http_auth::ChallengeRef<'_>) -> Plain {
    let params = challenge.params.iter();
    let params = params.map(|(name, value)| (name.to_ascii_lowercase(), value.to_unescaped()));
    (
        challenge.scheme.to_ascii_lowercase(),
        None,
        params.collect(),
    )
}

/// Whether the header uses what `http-auth` leaves out; each departure is a fixture of its own.
fn departs(text: &str, reading: &Reading) -> bool {
    let opaque = reading
        .challenges
        .iter()
        .any(|challenge| challenge.token68.is_some());
    let spaces = ["  ", " ,", "\t"].iter().any(|blank| text.contains(blank));
    opaque || spaces || !text.is_ascii() || reading.challenges.is_empty()
}

/// Trims SP and HTAB only.
trait TrimBlank {
    fn trim_ascii_blank(&self) -> &Self;
}

impl TrimBlank for [u8] {
    fn trim_ascii_blank(&self) -> &Self {
        let is_text = |byte: &u8| !matches!(byte, b' ' | b'\t');
        let start = self.iter().position(is_text).unwrap_or(self.len());
        let end = self
            .iter()
            .rposition(is_text)
            .map_or(start, |last| last + 1);
        self.get(start..end).unwrap_or_default()
    }
}
