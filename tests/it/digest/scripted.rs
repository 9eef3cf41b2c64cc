//! Servers that follow a script: what is asked for again, what is answered, and what stands.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use authvigil::domain::observation::Observation;
use authvigil::domain::presenter::Proof;

use super::rig::{CHALLENGE, Verifier, knocks, shown, user};
use crate::support::lab::{Answer, Lab, Request};

fn reader() -> Verifier {
    Verifier::of("reader", "s3cret")
}

/// A lab that answers its first request, its second one and so on by a function of the number.
fn scripted(answer: impl Fn(usize, &Request) -> Answer + Send + Sync + 'static) -> Lab {
    let lab = Lab::http();
    let number = AtomicUsize::new(0);
    lab.route("/", move |request| {
        answer(number.fetch_add(1, Ordering::Relaxed), request)
    });
    lab
}

/// A parameter of what each request showed.
fn each(lab: &Lab, name: &str) -> Vec<Option<String>> {
    let requests = lab.requests();
    let param = |request| shown(request).and_then(|it| it.param(name).map(str::to_owned));
    requests.iter().map(param).collect()
}

fn status(observation: &Observation) -> Option<u16> {
    observation.answer().map(|answer| answer.status)
}

#[tokio::test]
async fn every_persona_dances_and_only_the_holder_is_let_in() {
    let lab = Lab::http();
    let verifier = reader();
    lab.route("/", move |request| verifier.answer(request));
    let personas = [
        "reader",
        "anonymous",
        "{invalid: reader}",
        "{wrong_password: reader}",
        "{empty: reader}",
    ];
    let knocks = knocks(&lab.url("/"), personas, "").await;
    assert_eq!(knocks.each_ref().map(|it| it.reason), ["pass"; 5]);
    let statuses = knocks.map(|it| status(&it.observation));
    let no = Some(401);
    assert_eq!(statuses, [Some(200), no, no, no, no]);
    let users: Vec<_> = lab.requests().iter().map(user).collect();
    let nobody = users[4].clone().unwrap();
    assert!(nobody.starts_with("authvigil-nobody-"), "{nobody}");
    let (reader, empty) = (Some("reader".to_owned()), Some(String::new()));
    let first = || None;
    assert_eq!(
        users,
        [
            first(),
            reader.clone(),
            first(),
            first(),
            Some(nobody),
            first(),
            reader,
            first(),
            empty
        ]
    );
}

#[tokio::test]
async fn each_probe_has_nonces_and_connections_of_its_own() {
    let lab = Lab::http();
    let verifier = reader();
    lab.route("/", move |request| verifier.answer(request));
    let url = lab.url("/");
    for _ in 0..3 {
        let [knock] = knocks(&url, ["reader"], "").await;
        assert_eq!(knock.reason, "pass");
    }
    for name in ["nonce", "cnonce"] {
        let seen: BTreeSet<_> = each(&lab, name).into_iter().flatten().collect();
        assert_eq!(seen.len(), 3, "{name}");
    }
    let connections: BTreeSet<_> = lab.requests().iter().map(|it| it.connection).collect();
    assert_eq!(connections.len(), 6);
}

#[tokio::test]
async fn a_nonce_that_went_stale_is_replaced() {
    for stale in ["true", "\"true\"", "TRUE"] {
        let verifier = reader();
        let lab = scripted(move |number, request| match number {
            0 => Answer::unauthorized(CHALLENGE),
            1 => Answer::unauthorized(&format!(
                "Digest realm=\"lab\", nonce=\"new\", qop=\"auth\", stale={stale}"
            )),
            _ => verifier.answer(request),
        });
        let [knock] = knocks(&lab.url("/"), ["reader"], "").await;
        assert_eq!((knock.reason, knock.proof), ("pass", Some(Proof::Right)));
        let nonces = each(&lab, "nonce");
        assert_eq!(
            nonces,
            [None, Some("n".into()), Some("new".into())],
            "{stale}"
        );
        let counts = each(&lab, "nc");
        let once = Some("00000001".to_owned());
        assert_eq!(counts, [None, once.clone(), once], "{stale}");
    }
}

#[tokio::test]
async fn a_server_whose_nonces_are_always_stale_refuses_after_two_answers() {
    let lab = scripted(|number, _| {
        let nonce = format!("nonce=\"{number}\", stale=true");
        Answer::unauthorized(&CHALLENGE.replace("nonce=\"n\"", &nonce))
    });
    let [knock] = knocks(&lab.url("/"), ["reader"], "").await;
    assert_eq!(knock.reason, "credential_rejected");
    assert_eq!(
        each(&lab, "nonce"),
        [None, Some("0".into()), Some("1".into())]
    );
}

#[tokio::test]
async fn a_second_refusal_with_another_nonce_stands() {
    let lab = scripted(|number, _| {
        Answer::unauthorized(&CHALLENGE.replace("\"n\"", &format!("\"{number}\"")))
    });
    let [knock] = knocks(&lab.url("/"), ["reader"], "").await;
    assert_eq!(knock.reason, "credential_rejected");
    assert_eq!(each(&lab, "nonce"), [None, Some("0".into())]);
}

#[tokio::test]
async fn of_several_challenges_the_strongest_that_is_known_is_answered() {
    let verifier = reader();
    let lab = scripted(move |_, request| {
        if verifier.admits(request) {
            return Answer::status(200);
        }
        Answer::unauthorized(
            "Digest realm=\"lab\", nonce=\"1\", qop=\"auth\", algorithm=SHA3-256",
        )
        .header(
            "WWW-Authenticate",
            "Basic realm=\"lab\", Digest realm=\"lab\", nonce=\"2\", qop=\"auth\", algorithm=MD5",
        )
        .header(
            "WWW-Authenticate",
            "Digest realm=\"lab\", nonce=\"3\", qop=\"auth\", algorithm=\"sha-256\", opaque=\"o\"",
        )
    });
    let [knock] = knocks(&lab.url("/"), ["reader"], "").await;
    assert_eq!(knock.reason, "pass");
    let row = ["nonce", "algorithm", "opaque"].map(|name| each(&lab, name)[1].clone().unwrap());
    assert_eq!(row, ["3", "sha-256", "o"]);
}

#[tokio::test]
async fn a_challenge_with_broken_grammar_is_answered_as_far_as_it_can_be_read() {
    let verifier = reader();
    let lab = scripted(move |_, request| {
        if verifier.admits(request) {
            return Answer::status(200);
        }
        // No comma before `qop`, and a parameter without a value.
        Answer::unauthorized("Digest realm=\"lab\", nonce=\"n\" qop=\"auth\", opaque=")
    });
    let [knock] = knocks(&lab.url("/"), ["reader"], "").await;
    assert_eq!(knock.reason, "pass");
}

#[tokio::test]
async fn a_refusal_that_offers_no_digest_that_is_known_stands_and_nothing_is_shown() {
    let rows = [
        "Basic realm=\"lab\"",
        "Digest realm=\"lab\"",
        "Digest",
        "Digest realm=\"lab\", nonce=\"n\", algorithm=MD6",
        "Digest realm=\"lab\", nonce=\"n\", qop=\"auth-conf\"",
        "Digest \u{fffd}\"\\",
        "",
    ];
    for challenge in rows {
        let challenge = challenge.to_owned();
        let lab = scripted(move |_, _| {
            Answer::status(401).header_bytes("WWW-Authenticate", challenge.as_bytes())
        });
        let [knock] = knocks(&lab.url("/"), ["reader"], "").await;
        assert_eq!(knock.reason, "credential_rejected");
        assert_eq!(each(&lab, "response"), [None]);
    }
}

#[tokio::test]
async fn an_open_door_is_seen_at_the_first_request() {
    let lab = scripted(|_, _| Answer::status(200));
    let personas = ["{invalid: reader}", "{empty: reader}", "reader"];
    let knocks = knocks(&lab.url("/"), personas, "").await;
    assert_eq!(
        knocks.map(|it| it.reason),
        ["invalid_admitted", "impostor_admitted", "pass"]
    );
    assert_eq!(each(&lab, "response"), [None, None, None]);
}

#[tokio::test]
async fn a_door_that_opens_for_any_digest_is_a_bypass() {
    let lab = scripted(|_, request| match request.header("authorization") {
        Some(_) => Answer::status(200),
        None => Answer::unauthorized(CHALLENGE),
    });
    let personas = ["{invalid: reader}", "{wrong_password: reader}", "anonymous"];
    let knocks = knocks(&lab.url("/"), personas, "").await;
    assert_eq!(
        knocks.map(|it| it.reason),
        ["invalid_admitted", "impostor_admitted", "pass"]
    );
}

/// A change to a right `Authentication-Info`.
type Info = fn(String) -> String;

#[tokio::test]
async fn a_server_that_proves_nothing_right_is_told_of() {
    let right = |request: &Request| reader().info(request);
    let rows: [(&str, Info); 5] = [
        ("pass", |info| info),
        ("pass", |_| "nextnonce=\"another\"".to_owned()),
        ("authentication_info_mismatch", |info| {
            info.replace("rspauth=\"", "rspauth=\"0")
        }),
        ("authentication_info_mismatch", |info| {
            info.replace("cnonce=\"", "cnonce=\"0")
        }),
        ("authentication_info_mismatch", |info| {
            info.replace("nc=00000001", "nc=00000002")
        }),
    ];
    for (reason, change) in rows {
        let lab = scripted(move |_, request| {
            if reader().admits(request) {
                let info = change(right(request));
                return Answer::status(200).header("Authentication-Info", &info);
            }
            Answer::unauthorized(CHALLENGE)
        });
        let [knock] = knocks(&lab.url("/"), ["reader"], "").await;
        assert_eq!(knock.reason, reason, "{:?}", knock.proof);
    }
}

#[tokio::test]
async fn auth_int_covers_the_body_that_is_sent() {
    let verifier = reader();
    let lab = scripted(move |_, request| {
        if verifier.admits(request) {
            return Answer::status(200);
        }
        Answer::unauthorized(&CHALLENGE.replace("\"auth\"", "\"auth-int\""))
    });
    let more = "method: POST, body: 'lot=7&side=left'";
    let [knock] = knocks(&lab.url("/"), ["reader"], more).await;
    assert_eq!(knock.reason, "pass");
    let bodies: Vec<_> = lab.requests().iter().map(|it| it.body.clone()).collect();
    assert_eq!(bodies, ["lot=7&side=left"; 2]);
}

#[tokio::test]
async fn the_uri_is_what_stands_in_the_request_line() {
    let lab = Lab::http();
    // The verifier holds `uri` against the request target.
    for path in ["/a%20b/%C3%A4", "/x;y=1", "/plain"] {
        let verifier = reader();
        lab.route(path, move |request| verifier.answer(request));
    }
    for path in [
        "/a%20b/\u{e4}?q=\u{e4}+b",
        "/x;y=1?",
        "/plain?a='b'&c=%22|^",
    ] {
        let [knock] = knocks(&lab.url(path), ["reader"], "").await;
        assert_eq!(knock.reason, "pass", "{path}: {:?}", lab.requests());
    }
}

#[tokio::test]
async fn each_hop_of_a_redirect_asks_anew() {
    let lab = Lab::http();
    let (first, second) = (reader(), reader());
    lab.route("/", move |request| {
        if first.admits(request) {
            return Answer::redirect("/next?a=b");
        }
        Answer::unauthorized(CHALLENGE)
    });
    lab.route("/next", move |request| second.answer(request));
    let more = "follow_redirects: same_origin";
    let [knock] = knocks(&lab.url("/"), ["reader"], more).await;
    assert_eq!((knock.reason, knock.proof), ("pass", Some(Proof::Right)));
    let uris = each(&lab, "uri");
    assert_eq!(
        uris,
        [None, Some("/".into()), None, Some("/next?a=b".into())]
    );
}

#[tokio::test]
async fn a_refusal_whose_body_never_ends_does_not_hold_up_the_answer() {
    let verifier = reader();
    let lab = scripted(move |_, request| {
        if verifier.admits(request) {
            return Answer::status(200);
        }
        Answer::unauthorized(CHALLENGE)
            .body("wait")
            .body_after(Duration::from_hours(1))
    });
    let [knock] = knocks(&lab.url("/"), ["reader"], "").await;
    assert_eq!(knock.reason, "pass");
}

#[tokio::test]
async fn a_long_and_odd_nonce_comes_back_as_it_was() {
    let nonce = format!("{}\\\"\\\\\t\u{e4}", "n".repeat(20_000));
    let challenge = CHALLENGE.replace("\"n\"", &format!("\"{nonce}\""));
    let lab = scripted(
        move |_, request| match request.headers.get("authorization") {
            Some(_) => Answer::status(200),
            None => Answer::status(401).header_bytes("WWW-Authenticate", challenge.as_bytes()),
        },
    );
    let [knock] = knocks(&lab.url("/"), ["reader"], "").await;
    assert_eq!(knock.reason, "pass");
    let requests = lab.requests();
    let value = requests[1].headers.get("authorization").unwrap();
    let quoted = format!("nonce=\"{nonce}\"");
    let mut windows = value.as_bytes().windows(quoted.len());
    assert!(windows.any(|window| window == quoted.as_bytes()));
}
