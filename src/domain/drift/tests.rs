//! Fingerprints that stay the same under harmless change, baselines, and what drift is worth.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use url::Url;

use super::*;
use crate::domain::advice::{Advice, AdviceCode};
use crate::domain::challenge::read;
use crate::domain::check::{Check, Name, Persona};
use crate::domain::endpoint::{
    Confirm, Drift, Endpoint, FollowRedirects, Request, Strikes, Transport,
};
use crate::domain::expectation::{Expectation, StatusSet};
use crate::domain::finding::{Class, Finding, Reason, Severity};
use crate::domain::judge::{Circumstances, Judgement, Question};
use crate::domain::observation::{Answer, Body, Field, HttpVersion};

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn second(number: i64) -> Timestamp {
    Timestamp::from_second(number).unwrap()
}

fn of(lines: &[&str]) -> String {
    Fingerprint::of(401, &read(lines).challenges).to_string()
}

#[test]
fn a_fingerprint_reads_like_the_challenges_that_it_was_made_of() {
    let rows: [(&str, &[&str], &str); 9] = [
        ("no challenge", &[], "4xx no challenge"),
        (
            "a realm",
            &[r#"Basic realm="orders""#],
            r#"4xx basic(realm="orders")"#,
        ),
        (
            "several, sorted",
            &[r#"Negotiate, Basic realm="x""#],
            r#"4xx basic(realm="x"); negotiate"#,
        ),
        (
            "the same twice",
            &["Negotiate YII=, Negotiate"],
            "4xx negotiate",
        ),
        (
            "values that last",
            &[r#"Bearer scope="b  a b", error=invalid_token, error_description="no""#],
            r#"4xx bearer(error=invalid_token, error_description, scope="a b")"#,
        ),
        (
            "an algorithm in any case, and no nonce",
            &[
                r#"Digest realm="", algorithm=SHA-256, nonce="a", opaque="b", qop="auth", stale=true"#,
            ],
            r#"4xx digest(algorithm=sha-256, qop, realm="")"#,
        ),
        (
            "hosts of addresses",
            &[r#"Bearer resource_metadata="https://ID.example.com:8443/x?y""#],
            "4xx bearer(resource_metadata=//id.example.com)",
        ),
        (
            "hosts of a list of addresses",
            &[r#"Digest domain="/a https://b.example/ http://a.example/""#],
            r#"4xx digest(domain="//a.example //b.example")"#,
        ),
        (
            "text that would end its quotes",
            &[r#"Basic realm="a\"); b\\""#],
            r#"4xx basic(realm="a\"); b\\")"#,
        ),
    ];
    for (case, lines, wanted) in rows {
        assert_eq!(of(lines), wanted, "{case}");
    }
}

#[test]
fn a_malformed_header_counts_with_what_was_recovered() {
    let malformed = [r#"Basic realm="security" charset="UTF-8""#];
    assert!(read(&malformed).fault.is_some());
    assert_eq!(of(&malformed), r#"4xx basic(charset, realm="security")"#);
}

#[test]
fn whatever_differs_from_answer_to_answer_is_left_out() {
    let fleeting = [
        r#"Digest nonce="1""#,
        r#"Digest opaque="1""#,
        "Digest stale=TRUE",
        r#"Digest challenge="1""#,
        r#"Digest token-key="1""#,
        "Digest sid=1",
        "Digest data=1",
        r#"Digest DPoP-Nonce="1""#,
        "Digest max_age=1",
        "Digest dG9rZW42OA==",
    ];
    let fingerprints: BTreeSet<String> = fleeting.iter().map(|line| of(&[line])).collect();
    assert_eq!(fingerprints, BTreeSet::from(["4xx digest".to_owned()]));
}

#[test]
fn changes_that_matter_make_another_fingerprint() {
    let lines = [
        r#"Bearer realm="a""#,
        r#"Bearer realm="A""#,
        r#"Basic realm="a""#,
        r#"Bearer realm="a", scope="x""#,
        r#"Bearer realm="a", scope="x y""#,
        r#"Bearer realm="a", error="invalid_token""#,
        r#"Bearer realm="a", as_uri="https://a.example/""#,
        r#"Bearer realm="a", as_uri="https://b.example/""#,
        r#"Bearer realm="a", as_uri="/""#,
        r#"Bearer realm="a", Basic realm="a""#,
        r#"Bearer realm="a, Basic""#,
        r"Bearer realm",
    ];
    let fingerprints: BTreeSet<String> = lines.iter().map(|line| of(&[line])).collect();
    assert_eq!(fingerprints.len(), lines.len());
    let challenges = read(&["Negotiate"]).challenges;
    assert_ne!(
        Fingerprint::of(401, &challenges),
        Fingerprint::of(503, &challenges)
    );
}

#[test]
fn hostile_headers_make_a_bounded_fingerprint_that_still_tells_them_apart() {
    let long = "x".repeat(60_000);
    let names: Vec<String> = (0..6_000).map(|number| format!("n{number}=1")).collect();
    let names = names.join(",");
    let schemes: Vec<String> = (0..6_000).map(|number| format!("S{number}")).collect();
    let schemes = schemes.join(",");
    let headers = [
        format!("Basic realm=\"{long}\""),
        format!("Basic realm=\"{long}y\""),
        format!("{long} a=b"),
        format!("Bearer {long}=b"),
        format!("Bearer a=\"https://{long}.example/\""),
        format!("Bearer error=\"{}\"", "\u{9b}".repeat(30_000)),
        format!("Bearer {names}"),
        format!("Bearer {names},n=1"),
        schemes.clone(),
        format!("{schemes},T"),
    ];
    let fingerprints = headers.iter().map(|header| {
        let bytes: Vec<u8> = header.chars().map(|it| u8::try_from(it).unwrap()).collect();
        Fingerprint::of(401, &read(&[bytes]).challenges)
    });
    let fingerprints: BTreeSet<Fingerprint> = fingerprints.collect();
    assert_eq!(fingerprints.len(), headers.len());
    for fingerprint in &fingerprints {
        assert!(
            fingerprint.as_str().chars().count() <= 2000,
            "{fingerprint}"
        );
        assert!(!fingerprint.as_str().contains(char::is_control));
    }
}

fn fingerprint(text: &str) -> Fingerprint {
    Fingerprint::stored(text)
}

/// A baseline that has accepted `a`.
fn settled() -> Baseline {
    Baseline {
        accepted: BTreeSet::from([fingerprint("a")]),
        strange: Vec::new(),
    }
}

#[test]
fn the_first_form_is_learnt_and_known_from_then_on() {
    let mut baseline = Baseline::default();
    let mut meet = |trust| baseline.meet(&fingerprint("a"), trust, second(1));
    assert_eq!(
        [Trust::Sound, Trust::Sound, Trust::Doubtful].map(&mut meet),
        [Met::Learnt, Met::Known, Met::Known]
    );
    assert_eq!(baseline, settled());
}

#[test]
fn a_doubtful_form_is_not_learnt() {
    let mut baseline = Baseline::default();
    let met = baseline.meet(&fingerprint("a"), Trust::Doubtful, second(1));
    assert_eq!((met, baseline), (Met::Passed, Baseline::default()));
}

#[test]
fn a_second_form_is_strange_however_sound_and_often_it_is() {
    let mut baseline = settled();
    for (trust, at) in [(Trust::Sound, 1), (Trust::Doubtful, 2), (Trust::Sound, 3)] {
        let met = baseline.meet(&fingerprint("b"), trust, second(at));
        assert_eq!(met, Met::Strange);
    }
    let strange = Strange {
        fingerprint: fingerprint("b"),
        since: second(1),
        at: second(3),
    };
    assert_eq!(baseline.strange, [strange]);
}

#[test]
fn a_server_that_makes_up_forms_fills_no_memory_and_the_latest_are_kept() {
    let mut baseline = settled();
    for number in 0..100 {
        let form = fingerprint(&format!("form {number}"));
        baseline.meet(&form, Trust::Sound, second(number));
        // This one comes again and again, and stays.
        baseline.meet(&fingerprint("b"), Trust::Sound, second(number));
    }
    let kept: Vec<i64> = baseline
        .strange
        .iter()
        .map(|it| it.at.as_second())
        .collect();
    assert_eq!(kept, [93, 94, 95, 96, 97, 98, 99, 99]);
    let last = baseline.strange.last().unwrap();
    assert_eq!((last.fingerprint.as_str(), last.since), ("b", second(0)));
}

#[test]
fn what_was_accepted_is_known_beside_what_was_before() {
    let mut baseline = settled();
    baseline.meet(&fingerprint("b"), Trust::Sound, second(1));
    baseline.meet(&fingerprint("c"), Trust::Sound, second(1));
    assert_eq!((baseline.accept(), baseline.accept()), (2, 0));
    let mut meet = |text| baseline.meet(&fingerprint(text), Trust::Sound, second(2));
    assert_eq!(["a", "b", "c"].map(&mut meet), [Met::Known; 3]);
    assert_eq!(baseline.strange, []);
}

fn endpoint(drift: Drift) -> Endpoint {
    let default = Strikes {
        failures: 2,
        recoveries: 2,
    };
    Endpoint {
        name: name("orders"),
        request: Request {
            url: Url::parse("https://orders.example.com/v1").unwrap(),
            method: Method::GET,
            headers: Vec::new(),
            body: None,
            user_agent: HeaderValue::from_static("authvigil"),
            follow_redirects: FollowRedirects::Never,
            body_size_limit: 65_536,
        },
        transport: Transport::default(),
        checks: Vec::new(),
        interval: Duration::from_mins(1),
        refused_interval: Duration::from_mins(5),
        timeout: Duration::from_secs(10),
        severity: BTreeMap::from([(Class::Challenge, Severity::Critical)]),
        allow_cleartext: false,
        drift,
        confirm: Confirm {
            default,
            classes: BTreeMap::new(),
        },
        labels: BTreeMap::new(),
        runbook_url: None,
        tokens_of: None,
    }
}

fn check(status: StatusSet) -> Check {
    Check {
        name: name("anonymous"),
        persona: Persona::Anonymous,
        expectation: Expectation::of_status(status),
    }
}

fn answer(status: u16, realm: &str) -> Answer {
    Answer {
        status,
        http_version: HttpVersion::Http11,
        fields: vec![Field {
            name: HeaderName::from_static("www-authenticate"),
            value: format!("Basic realm=\"{realm}\"").into_bytes(),
        }],
        body: Body::default(),
        first_location: None,
    }
}

#[test]
fn only_an_agreed_refusal_of_4xx_carries_a_fingerprint() {
    let rows = [
        ("the agreed status", vec![401], 401, true),
        ("one of several", vec![401, 403], 403, true),
        ("another status", vec![401], 403, false),
        ("a redirect", vec![401, 302], 302, false),
        ("let in", vec![401], 200, false),
        ("a check to be admitted", vec![200, 401], 401, false),
    ];
    for (case, agreed, status, carries) in rows {
        let check = check(StatusSet::of(&agreed));
        let fingerprint = fingerprint_of(&check, &answer(status, "a"));
        let wanted = carries.then(|| Fingerprint::stored(r#"4xx basic(realm="a")"#));
        assert_eq!(fingerprint, wanted, "{case}");
    }
}

/// Holds answers with these realms, one after the other, and gives the last judgement.
fn held(drift: Drift, realms: &[&str]) -> (Option<Met>, Judgement) {
    let (endpoint, check) = (endpoint(drift), check(StatusSet::of(&[401])));
    let question = Question {
        endpoint: &endpoint,
        check: &check,
        circumstances: Circumstances::default(),
    };
    let mut baseline = Baseline::default();
    let mut last = (None, Judgement::default());
    for realm in realms {
        let mut judgement = Judgement::default();
        let met = hold(
            &question,
            &answer(401, realm),
            &mut baseline,
            &mut judgement,
        );
        last = (met, judgement);
    }
    last
}

#[test]
fn a_change_is_a_finding_of_the_configured_severity_where_it_alerts() {
    let (met, judgement) = held(Drift::Alert, &["a", "b"]);
    let finding = Finding {
        reason: Reason::ChallengeChanged,
        severity: Severity::Critical,
        expected: r#"4xx basic(realm="a")"#.to_owned(),
        saw: r#"4xx basic(realm="b")"#.to_owned(),
    };
    assert_eq!(
        (met, judgement),
        (Some(Met::Strange), Judgement::of(vec![finding]))
    );
}

#[test]
fn a_change_is_advice_where_it_is_recorded() {
    let (met, judgement) = held(Drift::Record, &["a", "b"]);
    let advice = Advice {
        code: AdviceCode::ChallengeDrift,
        message: r#"offered: 4xx basic(realm="b"); accepted: 4xx basic(realm="a")"#.to_owned(),
    };
    let wanted = Judgement {
        findings: Vec::new(),
        advice: vec![advice],
    };
    assert_eq!((met, judgement), (Some(Met::Strange), wanted));
}

#[test]
fn a_change_is_nothing_where_it_is_ignored() {
    assert_eq!(
        held(Drift::Ignore, &["a", "b"]),
        (None, Judgement::default())
    );
}

#[test]
fn a_form_that_comes_back_to_the_accepted_one_is_fine() {
    for drift in [Drift::Alert, Drift::Record] {
        let wanted = (Some(Met::Known), Judgement::default());
        assert_eq!(held(drift, &["a", "b", "a"]), wanted);
    }
}

#[test]
fn advice_stays_short_whatever_is_offered_and_accepted() {
    let mut baseline = Baseline::default();
    for number in 0..20 {
        let long = format!("{number}{}", "é".repeat(2000));
        baseline.accepted.insert(Fingerprint::stored(&long));
    }
    let strange = Fingerprint::stored(&"é".repeat(2000));
    let drifted = judge(Drift::Record, &baseline, Met::Strange, &strange);
    let Some(Drifted::Advice(advice)) = drifted else {
        panic!("no advice: {drifted:?}");
    };
    assert!(advice.message.chars().count() < 650, "{}", advice.message);
}

#[test]
fn an_answer_that_is_not_the_agreed_one_is_doubtful_and_so_is_any_while_the_holder_is_kept_out() {
    let (endpoint, check) = (endpoint(Drift::Record), check(StatusSet::of(&[401])));
    let trusted = |holder_admitted, reasons: &[Reason]| {
        let circumstances = Circumstances {
            holder_admitted,
            ..Circumstances::default()
        };
        let question = Question {
            endpoint: &endpoint,
            check: &check,
            circumstances,
        };
        let findings = reasons.iter().map(|reason| Finding::new(*reason, "", ""));
        trust(&question, &Judgement::of(findings.collect()))
    };
    let rows: [(Option<bool>, &[Reason], Trust); 8] = [
        (None, &[], Trust::Sound),
        (Some(true), &[], Trust::Sound),
        (Some(false), &[], Trust::Doubtful),
        (
            None,
            &[Reason::ChallengeMalformed, Reason::TooSlow],
            Trust::Sound,
        ),
        (
            None,
            &[Reason::TooSlow, Reason::BodyMismatch],
            Trust::Doubtful,
        ),
        (None, &[Reason::ChallengeMismatch], Trust::Doubtful),
        (None, &[Reason::ChallengeMissing], Trust::Doubtful),
        (None, &[Reason::ForbiddenInstead], Trust::Doubtful),
    ];
    for (holder, reasons, wanted) in rows {
        assert_eq!(trusted(holder, reasons), wanted, "{holder:?} {reasons:?}");
    }
}
