//! The role table and every reason that the judge can give, a row each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};
use jiff::{SignedDuration, Timestamp};
use regex::Regex;
use url::Url;

use super::*;
use crate::domain::challenge::ExpectedChallenge;
use crate::domain::check::{Disguise, Impostor, Name, Persona};
use crate::domain::endpoint::{Confirm, Drift, FollowRedirects, Request, Strikes, Transport};
use crate::domain::expectation::{
    BodyExpectation, ChallengeExpectation, Expectation, HeaderExpectation, HeaderRule, StatusSet,
    TextExpectation,
};
use crate::domain::observation::{Body, BodyEnd, Certificate, Phases, Tls};
use crate::domain::presenter::{Proof, Validity};

const LOGIN_PAGE: &str = "<form><input type=password></form>";

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn endpoint() -> Endpoint {
    let strikes = Strikes {
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
        severity: BTreeMap::new(),
        allow_cleartext: false,
        drift: Drift::Record,
        confirm: Confirm {
            default: strikes,
            classes: BTreeMap::new(),
        },
        labels: BTreeMap::new(),
        runbook_url: None,
        tokens_of: None,
    }
}

fn check(persona: Persona, expectation: Expectation) -> Check {
    Check {
        name: name("it"),
        persona,
        expectation,
    }
}

fn refused(persona: Persona) -> Check {
    check(persona, Expectation::of_status(StatusSet::of(&[401])))
}

fn admitted(persona: Persona) -> Check {
    check(persona, Expectation::of_status(StatusSet::success()))
}

fn invalid() -> Persona {
    Persona::Invalid(name("reader"))
}

fn holder() -> Persona {
    Persona::Holder(name("reader"))
}

fn impostor() -> Persona {
    Persona::Impostor(Impostor {
        disguise: Disguise::Tampered,
        credential: Some(name("reader")),
    })
}

/// An answer, said short: status, header lines, body.
fn answer(status: u16, fields: &[(&str, &str)], body: &str) -> Answer {
    let field = |(name, value): &(&str, &str)| Field {
        name: HeaderName::try_from(*name).unwrap(),
        value: value.bytes().collect(),
    };
    Answer {
        status,
        http_version: HttpVersion::Http11,
        fields: fields.iter().map(field).collect(),
        body: Body {
            bytes: body.into(),
            end: BodyEnd::Complete,
        },
        first_location: None,
    }
}

fn seen(outcome: Outcome) -> Observation {
    Observation {
        outcome,
        phases: Phases::default(),
        duration: Duration::from_millis(20),
        remote_addr: Some(([192, 0, 2, 1], 443).into()),
        tls: None,
    }
}

fn silence(reason: Reason) -> Observation {
    seen(Outcome::Silence(Silence {
        reason,
        detail: "said the system".into(),
    }))
}

fn judged(check: &Check, circumstances: Circumstances, observation: &Observation) -> Judgement {
    let endpoint = endpoint();
    judge(
        &Question {
            endpoint: &endpoint,
            check,
            circumstances,
        },
        observation,
    )
}

fn reasons(judgement: &Judgement) -> Vec<&'static str> {
    judgement
        .findings
        .iter()
        .map(|finding| finding.reason.as_str())
        .collect()
}

const BASIC: (&str, &str) = ("www-authenticate", "Basic realm=\"orders\"");

/// The status a check met, and the reasons that it must give.
type Row = (&'static str, Check, u16, &'static [&'static str]);

#[expect(clippy::too_many_lines, reason = "a table")]
fn role_table() -> Vec<Row> {
    let anonymous_admitted = || admitted(Persona::Anonymous);
    let mut rows: Vec<Row> = vec![
        (
            "nobody meets 200",
            refused(Persona::Anonymous),
            200,
            &["anonymous_admitted"],
        ),
        (
            "nobody meets 204",
            refused(Persona::Anonymous),
            204,
            &["anonymous_admitted"],
        ),
        (
            "a made-up credential meets 200",
            refused(invalid()),
            200,
            &["invalid_admitted"],
        ),
        (
            "an impostor meets 200",
            refused(impostor()),
            200,
            &["impostor_admitted"],
        ),
        (
            "refused with 403",
            refused(Persona::Anonymous),
            403,
            &["forbidden_instead"],
        ),
        (
            "refused with 404",
            refused(Persona::Anonymous),
            404,
            &["not_found"],
        ),
        (
            "refused with 410",
            refused(Persona::Anonymous),
            410,
            &["not_found"],
        ),
        (
            "refused with 302",
            refused(Persona::Anonymous),
            302,
            &["redirected"],
        ),
        (
            "refused with 308",
            refused(Persona::Anonymous),
            308,
            &["redirected"],
        ),
        (
            "refused with 400",
            refused(Persona::Anonymous),
            400,
            &["unexpected_status"],
        ),
        (
            "refused with 418",
            refused(invalid()),
            418,
            &["unexpected_status"],
        ),
        (
            "refused with 423",
            refused(invalid()),
            423,
            &["unexpected_status"],
        ),
        (
            "refused with 101",
            refused(Persona::Anonymous),
            101,
            &["unexpected_status"],
        ),
        (
            "refused with 429",
            refused(invalid()),
            429,
            &["rate_limited"],
        ),
        (
            "refused with 503",
            refused(Persona::Anonymous),
            503,
            &["server_error"],
        ),
        ("refused as agreed", refused(Persona::Anonymous), 401, &[]),
        ("the holder meets 200", admitted(holder()), 200, &[]),
        (
            "the holder meets 401",
            admitted(holder()),
            401,
            &["credential_rejected"],
        ),
        (
            "the holder meets 403",
            admitted(holder()),
            403,
            &["credential_forbidden"],
        ),
        (
            "the holder meets 423",
            admitted(holder()),
            423,
            &["account_locked"],
        ),
        (
            "the holder meets 302",
            admitted(holder()),
            302,
            &["credential_redirected"],
        ),
        (
            "the holder meets 404",
            admitted(holder()),
            404,
            &["not_found"],
        ),
        (
            "the holder meets 410",
            admitted(holder()),
            410,
            &["not_found"],
        ),
        (
            "the holder meets 400",
            admitted(holder()),
            400,
            &["unexpected_status"],
        ),
        (
            "the holder meets 429",
            admitted(holder()),
            429,
            &["rate_limited"],
        ),
        (
            "the holder meets 500",
            admitted(holder()),
            500,
            &["server_error"],
        ),
        (
            "an open page asks for login",
            anonymous_admitted(),
            401,
            &["unexpected_status"],
        ),
        (
            "an open page is forbidden",
            anonymous_admitted(),
            403,
            &["unexpected_status"],
        ),
        (
            "an open page is gone",
            anonymous_admitted(),
            404,
            &["not_found"],
        ),
        (
            "an open page breaks",
            anonymous_admitted(),
            502,
            &["server_error"],
        ),
        (
            "an open page is slowed",
            anonymous_admitted(),
            429,
            &["rate_limited"],
        ),
    ];
    // Whatever a status means, it is no finding where it is agreed.
    for agreed in [302, 403, 404, 410, 429, 503] {
        let expectation = Expectation::of_status(StatusSet::of(&[agreed]));
        rows.push((
            "agreed",
            check(Persona::Anonymous, expectation),
            agreed,
            &[],
        ));
    }
    rows
}

#[test]
fn each_cell_of_the_role_table_gives_its_reason() {
    for (row, check, status, wanted) in role_table() {
        let fields: &[_] = if status == 401 { &[BASIC] } else { &[] };
        let observation = seen(Outcome::Answer(answer(status, fields, "{}")));
        let judgement = judged(&check, Circumstances::default(), &observation);
        assert_eq!(reasons(&judgement), wanted, "{row} ({status})");
    }
}

fn with(mut check: Check, change: impl FnOnce(&mut Expectation)) -> Check {
    change(&mut check.expectation);
    check
}

fn offers(texts: &[&str]) -> ChallengeExpectation {
    let expected = texts
        .iter()
        .map(|text| ExpectedChallenge::parse(text).unwrap());
    ChallengeExpectation::Offers(expected.collect())
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn each_finding_beside_the_status_gives_its_reason() {
    let html = ("content-type", "text/html");
    let json = ("content-type", "application/json");
    let challenge = |expected| with(refused(invalid()), |it| it.challenge = expected);
    let contains = |text: &str| {
        let text = BodyExpectation::Contains(text.into());
        with(admitted(holder()), |it| it.body = vec![text])
    };
    let header = |rule| {
        let name = HeaderName::from_static("x-version");
        with(admitted(holder()), |it| {
            it.headers = vec![HeaderExpectation { name, rule }];
        })
    };
    let location = |text: &str| {
        let expectation = Expectation::of_status(StatusSet::of(&[302]));
        let text = TextExpectation::Exactly(text.into());
        with(check(Persona::Anonymous, expectation), |it| {
            it.location = Some(text);
        })
    };
    let rows: Vec<(&str, Check, Answer, &[&str])> = vec![
        (
            "a 401 without a challenge",
            refused(invalid()),
            answer(401, &[], ""),
            &["challenge_missing"],
        ),
        (
            "a 401 with an empty field",
            refused(invalid()),
            answer(401, &[("www-authenticate", "")], ""),
            &["challenge_missing"],
        ),
        (
            "a challenge that breaks the grammar",
            refused(invalid()),
            answer(
                401,
                &[("www-authenticate", "Basic realm=\"a\" charset=\"UTF-8\"")],
                "",
            ),
            &["challenge_malformed"],
        ),
        (
            "a malformed challenge is matched all the same",
            challenge(offers(&["Basic realm=\"b\""])),
            answer(
                401,
                &[("www-authenticate", "Basic realm=\"a\" charset=\"UTF-8\"")],
                "",
            ),
            &["challenge_malformed", "challenge_mismatch"],
        ),
        (
            "another realm",
            challenge(offers(&["Basic realm=\"invoices\""])),
            answer(401, &[BASIC], ""),
            &["challenge_mismatch"],
        ),
        (
            "one of two schemes is missing",
            challenge(offers(&["Basic", "Digest"])),
            answer(401, &[BASIC], ""),
            &["challenge_mismatch"],
        ),
        (
            "none was agreed",
            challenge(ChallengeExpectation::Absent),
            answer(401, &[BASIC], ""),
            &["challenge_unexpected"],
        ),
        (
            "none was needed",
            challenge(ChallengeExpectation::Optional),
            answer(401, &[], ""),
            &[],
        ),
        (
            "a weaker scheme beside the agreed one",
            challenge(offers(&["Bearer"])),
            answer(
                401,
                &[("www-authenticate", "Bearer realm=\"a\""), BASIC],
                "",
            ),
            &["challenge_insecure"],
        ),
        (
            "a missing challenge on a 403 is none",
            refused(Persona::Anonymous),
            answer(403, &[], ""),
            &["forbidden_instead"],
        ),
        (
            "a wrong status hides no wrong challenge",
            challenge(offers(&["Basic realm=\"invoices\""])),
            answer(403, &[BASIC], ""),
            &["forbidden_instead", "challenge_mismatch"],
        ),
        (
            "a header is missing",
            header(HeaderRule::Present),
            answer(200, &[], ""),
            &["header_mismatch"],
        ),
        (
            "a header is there that must not be",
            header(HeaderRule::Absent),
            answer(200, &[("x-version", "1")], ""),
            &["header_mismatch"],
        ),
        (
            "any field line may fit",
            header(HeaderRule::AnyLine(TextExpectation::Exactly("2".into()))),
            answer(200, &[("x-version", "1"), ("x-version", "2")], ""),
            &[],
        ),
        (
            "no field line may match",
            header(HeaderRule::NoLine(Regex::new("2").unwrap())),
            answer(200, &[("x-version", "1"), ("x-version", "2")], ""),
            &["header_mismatch"],
        ),
        (
            "the body lacks a text",
            contains("orders"),
            answer(200, &[json], "{}"),
            &["body_mismatch"],
        ),
        (
            "the body has the text",
            contains("orders"),
            answer(200, &[json], "{\"orders\"}"),
            &[],
        ),
        (
            "another location",
            location("/login"),
            answer(302, &[("location", "/elsewhere")], ""),
            &["header_mismatch"],
        ),
        (
            "slower than agreed",
            with(admitted(holder()), |it| {
                it.max_duration = Some(Duration::from_millis(19));
            }),
            answer(200, &[], ""),
            &["too_slow"],
        ),
        (
            "public",
            admitted(holder()),
            answer(200, &[("cache-control", "public")], ""),
            &["cacheable"],
        ),
        (
            "kept by shared caches",
            admitted(holder()),
            answer(200, &[("cache-control", "max-age=0, s-maxage=60")], ""),
            &["cacheable"],
        ),
        (
            "out of a cache",
            admitted(holder()),
            answer(200, &[("age", "7")], ""),
            &["cacheable"],
        ),
        (
            "public for nobody in particular",
            admitted(Persona::Anonymous),
            answer(200, &[("cache-control", "public")], ""),
            &[],
        ),
        (
            "the holder meets a login page",
            admitted(holder()),
            answer(200, &[html], LOGIN_PAGE),
            &["credential_redirected"],
        ),
        (
            "the holder meets the wanted page, which holds a form",
            contains("<form>"),
            answer(200, &[html], LOGIN_PAGE),
            &[],
        ),
    ];
    for (row, check, answer, wanted) in rows {
        let observation = seen(Outcome::Answer(answer));
        let judgement = judged(&check, Circumstances::default(), &observation);
        assert_eq!(reasons(&judgement), wanted, "{row}");
    }
}

#[test]
fn each_silence_keeps_its_reason_and_leaves_the_verdict_open() {
    let outages = Reason::ALL
        .iter()
        .filter(|reason| reason.class() == Class::Outage);
    for reason in outages {
        let judgement = judged(
            &refused(invalid()),
            Circumstances::default(),
            &silence(*reason),
        );
        assert_eq!(reasons(&judgement), [reason.as_str()]);
        assert_eq!(judgement.verdict(), Verdict::Unknown, "{reason}");
    }
}

#[test]
fn a_refused_handshake_is_as_good_as_a_status_where_it_is_agreed() {
    let agreed = StatusSet::of(&[400]).or_tls_refused();
    let check = check(Persona::Anonymous, Expectation::of_status(agreed));
    let judgement = judged(
        &check,
        Circumstances::default(),
        &silence(Reason::TlsRefused),
    );
    assert_eq!(judgement.verdict(), Verdict::Pass);
}

#[test]
fn an_unsent_probe_is_unknown_and_says_why() {
    for reason in [
        Reason::SecretUnavailable,
        Reason::NotProbed,
        Reason::ProbeFailed,
    ] {
        let unpresentable = Unpresentable::new(reason, "`/run/secret` is empty");
        let judgement = judge_unsent(&endpoint(), &unpresentable);
        assert_eq!(judgement.verdict(), Verdict::Unknown);
        assert_eq!(judgement.findings[0].saw, "`/run/secret` is empty");
    }
}

fn circumstances(holder_body: &str) -> Circumstances {
    let body = Body {
        bytes: holder_body.into(),
        end: BodyEnd::Complete,
    };
    Circumstances {
        holder_body: Some(digest(&body)),
        ..Circumstances::default()
    }
}

#[test]
fn a_login_page_that_differs_from_what_the_holder_met_is_no_bypass() {
    let page = answer(200, &[("content-type", "text/html")], LOGIN_PAGE);
    let judgement = judged(
        &refused(Persona::Anonymous),
        circumstances("the orders"),
        &seen(Outcome::Answer(page)),
    );
    assert_eq!(reasons(&judgement), ["login_page"]);
}

#[test]
fn a_login_page_is_a_bypass_where_it_cannot_be_told_from_the_protected_page() {
    let page = || answer(200, &[("content-type", "text/html")], LOGIN_PAGE);
    let same = circumstances(LOGIN_PAGE);
    let nothing = Circumstances::default();
    for circumstances in [same, nothing] {
        let observation = seen(Outcome::Answer(page()));
        let judgement = judged(&refused(Persona::Anonymous), circumstances, &observation);
        assert_eq!(reasons(&judgement), ["anonymous_admitted"]);
    }
    let mut endpoint = endpoint();
    endpoint.request.method = Method::HEAD;
    let check = refused(Persona::Anonymous);
    let question = Question {
        endpoint: &endpoint,
        check: &check,
        circumstances: circumstances("other"),
    };
    let judgement = judge(&question, &seen(Outcome::Answer(page())));
    assert_eq!(reasons(&judgement), ["anonymous_admitted"]);
}

#[test]
fn json_that_quotes_a_form_is_no_login_page() {
    let page = answer(200, &[("content-type", "application/json")], LOGIN_PAGE);
    let observation = seen(Outcome::Answer(page));
    let judgement = judged(&refused(invalid()), circumstances("other"), &observation);
    assert_eq!(reasons(&judgement), ["invalid_admitted"]);
}

#[test]
fn an_open_door_is_a_bypass_however_the_body_ends() {
    let contains = BodyExpectation::Contains("never".into());
    let check = with(refused(Persona::Anonymous), |it| it.body = vec![contains]);
    for reason in [
        Reason::Timeout,
        Reason::ConnectionReset,
        Reason::ProtocolError,
    ] {
        let mut open = answer(200, &[], "");
        open.body.end = BodyEnd::Broken(Silence {
            reason,
            detail: "broke".into(),
        });
        let judgement = judged(
            &check,
            Circumstances::default(),
            &seen(Outcome::Answer(open)),
        );
        assert_eq!(reasons(&judgement), ["anonymous_admitted"]);
    }
}

#[test]
fn a_body_that_broke_off_matters_only_where_an_expectation_needed_it() {
    let broken = |body: &str| {
        let mut answer = answer(200, &[("cache-control", "no-store")], body);
        let silence = Silence {
            reason: Reason::Timeout,
            detail: "the body did not end".into(),
        };
        answer.body.end = BodyEnd::Broken(silence);
        seen(Outcome::Answer(answer))
    };
    let contains = BodyExpectation::Contains("orders".into());
    let wanting = with(admitted(holder()), |it| it.body = vec![contains]);
    let none = Circumstances::default();
    assert_eq!(
        reasons(&judged(&admitted(holder()), none, &broken(""))),
        [""; 0]
    );
    assert_eq!(
        reasons(&judged(&wanting, none, &broken("the orders"))),
        [""; 0]
    );
    assert_eq!(
        reasons(&judged(&wanting, none, &broken("the"))),
        ["timeout"]
    );
}

#[test]
fn a_body_beyond_the_limit_matters_only_where_an_expectation_needed_it() {
    let mut long = answer(200, &[], "the first bytes");
    long.body.end = BodyEnd::CutOff;
    let contains = BodyExpectation::Contains("orders".into());
    let wanting = with(admitted(holder()), |it| it.body = vec![contains]);
    let (none, observation) = (Circumstances::default(), seen(Outcome::Answer(long)));
    assert_eq!(
        reasons(&judged(&admitted(holder()), none, &observation)),
        [""; 0]
    );
    assert_eq!(
        reasons(&judged(&wanting, none, &observation)),
        ["response_too_large"]
    );
}

#[test]
fn a_rejected_credential_past_its_expiry_has_expired() {
    let now = Timestamp::from_second(1_700_000_000).unwrap();
    let expired = |seconds: i64| Circumstances {
        now,
        shown: Shown {
            validity: Validity {
                until: Some(now + SignedDuration::from_secs(seconds)),
                ..Validity::default()
            },
            ..Shown::default()
        },
        ..Circumstances::default()
    };
    let rejected = seen(Outcome::Answer(answer(401, &[BASIC], "")));
    let of = |seconds| judged(&admitted(holder()), expired(seconds), &rejected);
    assert_eq!(reasons(&of(-1)), ["credential_expired"]);
    assert_eq!(reasons(&of(1)), ["credential_rejected"]);
}

#[test]
fn a_wrong_proof_counts_where_the_holder_is_admitted_and_nowhere_else() {
    let proved = |proof| Circumstances {
        shown: Shown {
            proof,
            ..Shown::default()
        },
        ..Circumstances::default()
    };
    let wrong = Some(Proof::Wrong("`nc` is another one"));
    let of = |check: &Check, proof, status| {
        let observation = seen(Outcome::Answer(answer(status, &[BASIC], "")));
        judged(check, proved(proof), &observation)
    };
    let mismatch = of(&admitted(holder()), wrong, 200);
    let [finding] = mismatch.findings.as_slice() else {
        panic!("one finding, and not {mismatch:?}")
    };
    assert_eq!(
        (finding.reason.as_str(), finding.saw.as_str()),
        ("authentication_info_mismatch", "`nc` is another one")
    );
    assert_eq!(
        reasons(&of(&admitted(holder()), wrong, 401)),
        ["credential_rejected"]
    );
    assert_eq!(
        reasons(&of(&refused(invalid()), wrong, 200)),
        ["invalid_admitted"]
    );
    for proof in [None, Some(Proof::Right)] {
        assert_eq!(reasons(&of(&admitted(holder()), proof, 200)), [""; 0]);
    }
}

#[test]
fn basic_over_clear_text_is_insecure_unless_it_stays_here_or_is_allowed() {
    let refused = refused(Persona::Anonymous);
    let offered = seen(Outcome::Answer(answer(401, &[BASIC], "")));
    let of = |change: &dyn Fn(&mut Endpoint, &mut Observation)| {
        let (mut endpoint, mut observation) = (endpoint(), offered.clone());
        endpoint.request.url = Url::parse("http://orders.example.com/").unwrap();
        change(&mut endpoint, &mut observation);
        let circumstances = Circumstances::default();
        let question = Question {
            endpoint: &endpoint,
            check: &refused,
            circumstances,
        };
        reasons(&judge(&question, &observation)).first().copied()
    };
    assert_eq!(of(&|_, _| ()), Some("challenge_insecure"));
    assert_eq!(of(&|endpoint, _| endpoint.allow_cleartext = true), None);
    let here = Some(([127, 0, 0, 1], 80).into());
    assert_eq!(of(&|_, seen| seen.remote_addr = here), None);
    let by_proxy = of(&|endpoint, seen| {
        seen.remote_addr = here;
        endpoint.transport.proxy = Url::parse("http://127.0.0.1:3128").ok();
    });
    assert_eq!(by_proxy, Some("challenge_insecure"));
}

#[test]
fn the_worst_finding_comes_first_and_names_the_check() {
    let contains = BodyExpectation::Contains("orders".into());
    let check = with(refused(Persona::Anonymous), |it| {
        it.body = vec![contains];
        it.max_duration = Some(Duration::ZERO);
    });
    let open = seen(Outcome::Answer(answer(200, &[], "")));
    let judgement = judged(&check, Circumstances::default(), &open);
    assert_eq!(
        reasons(&judgement),
        ["anonymous_admitted", "body_mismatch", "too_slow"]
    );
}

#[test]
fn an_endpoint_weighs_its_classes_and_never_a_bypass() {
    let mut endpoint = endpoint();
    let severities = [
        (Class::Denial, Severity::Critical),
        (Class::Lockout, Severity::Warning),
        (Class::Bypass, Severity::Warning),
    ];
    endpoint.severity = severities.into();
    assert_eq!(severity_at(&endpoint, Reason::NotFound), Severity::Critical);
    assert_eq!(
        severity_at(&endpoint, Reason::CredentialRejected),
        Severity::Warning
    );
    assert_eq!(
        severity_at(&endpoint, Reason::AnonymousAdmitted),
        Severity::Critical
    );
    assert_eq!(
        severity_at(&endpoint, Reason::RateLimited),
        Severity::Warning
    );
}

fn advice_codes(judgement: &Judgement) -> BTreeSet<&'static str> {
    judgement
        .advice
        .iter()
        .map(|advice| advice.code.as_str())
        .collect()
}

#[test]
fn refusals_are_advised_to_prove_little_while_the_holder_is_out() {
    let failing = Circumstances {
        holder_admitted: Some(false),
        ..Circumstances::default()
    };
    let refusal = seen(Outcome::Answer(answer(401, &[BASIC], "")));
    let judgement = judged(&refused(Persona::Anonymous), failing, &refusal);
    assert_eq!(judgement.verdict(), Verdict::Pass);
    assert_eq!(
        advice_codes(&judgement),
        BTreeSet::from(["control_failing"])
    );
    let admitted = judged(&admitted(holder()), failing, &refusal);
    assert!(!advice_codes(&admitted).contains("control_failing"));
}

#[test]
fn whoever_had_nothing_to_show_was_not_refused() {
    let withheld = Circumstances {
        shown: Shown {
            answered: Some(0),
            ..Shown::default()
        },
        ..Circumstances::default()
    };
    let of = |status| {
        let seen = seen(Outcome::Answer(answer(status, &[BASIC], "")));
        reasons(&judged(&refused(invalid()), withheld, &seen))
    };
    assert_eq!(of(401), ["probe_failed"]);
    assert_eq!(of(200), ["invalid_admitted"]);
    assert_eq!(of(404), ["not_found"]);
}

#[test]
fn what_caches_may_do_with_a_refusal_is_advised() {
    let of = |field| {
        let refusal = seen(Outcome::Answer(answer(401, &[BASIC, field], "")));
        advice_codes(&judged(
            &refused(invalid()),
            Circumstances::default(),
            &refusal,
        ))
    };
    assert_eq!(of(("age", "3")), BTreeSet::from(["cached-refusal"]));
    assert_eq!(
        of(("cache-control", "max-age=600")),
        BTreeSet::from(["long-lived-refusal"])
    );
    assert_eq!(of(("cache-control", "max-age=60")), BTreeSet::new());
}

#[test]
fn a_lockout_is_advised_of_clocks_that_differ_and_of_foreign_redirects() {
    let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    let circumstances = Circumstances {
        now,
        ..Circumstances::default()
    };
    let of = |status, field| {
        let met = seen(Outcome::Answer(answer(status, &[BASIC, field], "")));
        advice_codes(&judged(&admitted(holder()), circumstances, &met))
    };
    assert!(of(401, ("date", "Sun, 22 Nov 2026 12:05:00 GMT")).contains("clock-skew"));
    assert!(!of(401, ("date", "Sun, 22 Nov 2026 12:00:30 GMT")).contains("clock-skew"));
    let foreign = ("location", "https://id.example.net/login");
    assert!(of(302, foreign).contains("credential-redirect-foreign"));
    assert!(!of(302, ("location", "/login")).contains("credential-redirect-foreign"));
}

fn certificate(subject: &str, days: std::ops::Range<i64>, now: Timestamp) -> Arc<Certificate> {
    let day = |days: i64| now + SignedDuration::from_hours(days * 24);
    Arc::new(Certificate {
        subject: subject.into(),
        issuer: "CN=issuer".into(),
        names: Vec::new(),
        not_before: day(days.start),
        not_after: day(days.end),
        fingerprint: [0; 32],
    })
}

#[test]
fn a_certificate_is_told_of_14_days_or_a_quarter_of_its_life_before_its_end() {
    let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    let of = |days, least| {
        let tls = Tls {
            version: None,
            chain: vec![certificate("CN=leaf", days, now)],
        };
        expiring(&tls, least, now).map(|finding| finding.saw)
    };
    let days = |days: u64| Some(Duration::from_secs(days * 24 * 3600));
    assert_eq!(of(-76..14, None), None);
    let soon = "CN=leaf expires on 2026-12-05T12:00:00Z, in 13 days".to_owned();
    assert_eq!(of(-77..13, None), Some(soon));
    // Six days in all: a quarter is a day and a half.
    assert_eq!(of(-4..2, None), None);
    assert!(of(-5..1, None).is_some());
    assert!(of(-1..89, days(90)).is_some());
    assert_eq!(of(-300..3, days(2)), None);
}

#[test]
fn refusal_of_a_credential_says_what_it_says_of_its_own_time() {
    let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    let hour = SignedDuration::from_hours(1);
    let of = |from, until| {
        let circumstances = Circumstances {
            now,
            shown: Shown {
                validity: Validity { from, until },
                ..Shown::default()
            },
            ..Circumstances::default()
        };
        let refusal = seen(Outcome::Answer(answer(401, &[BASIC], "")));
        let judgement = judged(&admitted(holder()), circumstances, &refusal);
        let worst = judgement.worst().unwrap();
        (worst.reason, worst.saw.clone())
    };
    let past = "401 Unauthorized; the credential expired on 2026-11-22T11:00:00Z";
    assert_eq!(
        of(None, Some(now - hour)),
        (Reason::CredentialExpired, past.to_owned())
    );
    let early = "401 Unauthorized; the credential is not valid before 2026-11-22T13:00:00Z";
    assert_eq!(
        of(Some(now + hour), Some(now + hour * 2)),
        (Reason::CredentialRejected, early.to_owned())
    );
    assert_eq!(
        of(Some(now - hour), Some(now + hour)),
        (Reason::CredentialRejected, "401 Unauthorized".to_owned())
    );
}

#[test]
fn a_cross_signed_certificate_that_nobody_needed_is_not_told_of() {
    let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    let chain = |second| Tls {
        version: None,
        chain: vec![certificate("CN=leaf", -10..80, now), second],
    };
    let expired = certificate("CN=cross", -1000..-1, now);
    let root = certificate("CN=issuer", -1000..3, now);
    let intermediate = certificate("CN=intermediate", -1000..3, now);
    assert_eq!(expiring(&chain(expired), None, now), None);
    assert_eq!(expiring(&chain(root), None, now), None);
    assert!(expiring(&chain(intermediate), None, now).is_some());
}
