//! The challenge reader against `fixtures/challenges.jsonl`: headers that were seen in the world or
//! stand in the tests of other readers, with the parse that is wanted.

use std::collections::BTreeMap;

use authvigil::domain::challenge::{Challenge, ExpectedChallenge, LintContext, lint, read};
use serde_json::Value;

const CORPUS: &str = include_str!("../fixtures/challenges.jsonl");

/// Cases marked `lenient` because readers disagree, although the grammar accepts them.
const LENIENT_AND_WELL_FORMED: &[&str] = &[
    "hc-two-words-comma",
    "mcp-scope-empty",
    "own-only-commas",
    "own-param-split-lines",
    "own-sp-only",
];

struct Case {
    id: String,
    lines: Vec<Vec<u8>>,
    valid: Value,
    challenges: Vec<Plain>,
    note: String,
}

/// A challenge as the corpus writes it: scheme, opaque word, parameters without order.
type Plain = (String, Option<String>, BTreeMap<String, String>);

fn cases() -> Vec<Case> {
    CORPUS
        .lines()
        .map(|line| case(&serde_json::from_str(line).unwrap()))
        .collect()
}

fn case(json: &Value) -> Case {
    Case {
        id: text(&json["id"]),
        lines: json["headers"]
            .as_array()
            .unwrap()
            .iter()
            .map(bytes)
            .collect(),
        valid: json["valid"].clone(),
        challenges: json["challenges"]
            .as_array()
            .unwrap()
            .iter()
            .map(wanted)
            .collect(),
        note: text(&json["note"]),
    }
}

fn text(json: &Value) -> String {
    json.as_str().unwrap().to_owned()
}

fn bytes(line: &Value) -> Vec<u8> {
    line.as_str()
        .unwrap()
        .chars()
        .map(|byte| u8::try_from(byte).unwrap())
        .collect()
}

fn wanted(json: &Value) -> Plain {
    let params = json["params"].as_object().unwrap();
    let params = params
        .iter()
        .map(|(name, value)| (name.clone(), text(value)))
        .collect();
    (
        text(&json["scheme"]),
        json["token68"].as_str().map(str::to_owned),
        params,
    )
}

fn plain(challenge: &Challenge) -> Plain {
    let params = challenge.params.iter();
    let params = params
        .map(|param| (param.name.clone(), param.value.clone()))
        .collect();
    (challenge.scheme.clone(), challenge.token68.clone(), params)
}

fn challenges_of(case: &Case) -> Vec<Plain> {
    read(&case.lines).challenges.iter().map(plain).collect()
}

/// The lints that a note names behind `lint=`.
fn lints_of(note: &str) -> impl Iterator<Item = &str> {
    let list = note.split_once("lint=").map_or("", |(_, list)| list);
    let end = list.find(|c: char| !c.is_ascii_lowercase() && !matches!(c, '0'..='9' | '-' | ','));
    let list = list.get(..end.unwrap_or(list.len())).unwrap_or_default();
    list.split(',').filter(|name| !name.is_empty())
}

#[test]
fn the_corpus_is_read_whole() {
    assert_eq!(cases().len(), 276);
}

#[test]
fn well_formed_headers_read_as_wanted_and_without_fault() {
    for case in cases()
        .iter()
        .filter(|case| case.valid == Value::Bool(true))
    {
        let reading = read(&case.lines);
        assert_eq!(reading.fault, None, "{}", case.id);
        assert_eq!(challenges_of(case), case.challenges, "{}", case.id);
    }
}

#[test]
fn malformed_headers_have_a_fault_within_their_lines() {
    for case in cases()
        .iter()
        .filter(|case| case.valid == Value::Bool(false))
    {
        let fault = read(&case.lines).fault;
        let fault = fault.unwrap_or_else(|| panic!("{} has no fault", case.id));
        assert!(
            fault.column <= case.lines[fault.line].len(),
            "{}: {fault}",
            case.id
        );
    }
}

#[test]
fn headers_that_clients_recover_read_as_wanted() {
    for case in cases().iter().filter(|case| case.valid == "lenient") {
        assert_eq!(challenges_of(case), case.challenges, "{}", case.id);
    }
}

#[test]
fn a_recovered_header_has_a_fault_unless_the_grammar_accepts_it() {
    for case in cases().iter().filter(|case| case.valid == "lenient") {
        let well_formed = LENIENT_AND_WELL_FORMED.contains(&case.id.as_str());
        assert_eq!(
            read(&case.lines).fault.is_none(),
            well_formed,
            "{}",
            case.id
        );
    }
}

#[test]
fn a_lint_that_a_note_names_is_given() {
    let context = LintContext {
        status: 401,
        ..LintContext::default()
    };
    let mut named = 0;
    for case in cases() {
        let given = lint(&read(&case.lines), &context);
        for name in lints_of(&case.note) {
            let found = given.iter().any(|advice| advice.code.as_str() == name);
            assert!(found, "{}: {name} is not among {given:?}", case.id);
            named += 1;
        }
    }
    assert!(named >= 30, "only {named} lints are named");
}

#[test]
fn every_well_formed_challenge_meets_itself_as_an_expectation() {
    for case in cases()
        .iter()
        .filter(|case| case.valid == Value::Bool(true))
    {
        let [line] = case.lines.as_slice() else {
            continue;
        };
        let (Ok(header), [challenge]) = (str::from_utf8(line), case.challenges.as_slice()) else {
            continue;
        };
        let expected = ExpectedChallenge::parse(header).unwrap();
        assert_eq!(
            expected.difference(&read(&[header]).challenges),
            None,
            "{challenge:?}"
        );
    }
}
