//! Credentials that a program prints.

use std::path::Path;

use authvigil::credential::Command;
use authvigil::domain::presenter::Provenance;
use futures_util::future::join_all;

use super::*;

const TO: &str = "http://127.0.0.1:9/";

/// A JWT that nobody verifies.
const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjaSJ9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg";

fn shell(script: &str) -> Keyring {
    keyring_of(Credential::Command(Command {
        program: "/bin/sh".into(),
        arguments: vec!["-c".to_owned(), script.to_owned()],
        timeout: Duration::from_secs(20),
    }))
}

/// A program that prints this.
fn printing(json: &str) -> Keyring {
    shell(&format!("echo '{json}'"))
}

/// A program that counts its runs in a file and prints the number as its token.
fn counting(file: &Path, more: &str) -> Keyring {
    let file = file.display();
    shell(&format!(
        "echo run >> '{file}'; n=$(wc -l < '{file}'); printf '{{\"token\":\"t0ken-%d\"{more}}}' $n"
    ))
}

#[tokio::test]
async fn headers_are_shown_as_they_are_printed() {
    let keyring =
        printing(r#"{"version":1,"headers":{"Authorization":"Hawk abc","X-Date":"now"}}"#);
    let lines = shown(&keyring, &holder(), TO).await;
    assert_eq!(lines, ["authorization: Hawk abc", "x-date: now"]);
}

#[tokio::test]
async fn all_who_want_it_share_one_run() {
    let directory = tempfile::tempdir().unwrap();
    let keyring = counting(&directory.path().join("runs"), "");
    let holder = holder();
    let all = join_all((0..20).map(|_| shown(&keyring, &holder, TO))).await;
    assert_eq!(
        all,
        vec![vec!["authorization: Bearer t0ken-1".to_owned()]; 20]
    );
}

#[tokio::test]
async fn what_is_kept_and_refused_gives_way_to_what_another_run_prints() {
    let directory = tempfile::tempdir().unwrap();
    let keyring = counting(&directory.path().join("runs"), "");
    known(&keyring, TO).await;
    let kept = known(&keyring, TO).await;
    assert_eq!(kept.provenance, Provenance::Kept);
    assert!(keyring.refused(&holder(), &kept).await);
    let lines = shown(&keyring, &holder(), TO).await;
    assert_eq!(lines, ["authorization: Bearer t0ken-2"]);
}

#[tokio::test]
async fn what_has_expired_is_not_kept() {
    let directory = tempfile::tempdir().unwrap();
    let keyring = counting(&directory.path().join("runs"), r#","expires_in":0"#);
    shown(&keyring, &holder(), TO).await;
    let lines = shown(&keyring, &holder(), TO).await;
    assert_eq!(lines, ["authorization: Bearer t0ken-2"]);
}

#[tokio::test]
async fn the_end_that_it_says_is_known() {
    let keyring = printing(r#"{"token":"abc","expires_at":"2099-01-01T00:00:00Z"}"#);
    let until = known(&keyring, TO).await.validity.until;
    assert_eq!(until, "2099-01-01T00:00:00Z".parse().ok());
}

#[tokio::test]
async fn no_program_runs_to_know_a_secret() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("runs");
    let keyring = counting(&file, "");
    let tampered = impostor(Disguise::Tampered);
    keyring.read_ahead([&holder(), &tampered]).await;
    assert_eq!(keyring.fingerprint(&holder()).await, None);
    assert!(!file.exists());
}

#[tokio::test]
async fn what_is_printed_is_secret() {
    let keyring = printing(r#"{"headers":{"Authorization":"Hawk id-and-mac"}}"#);
    shown(&keyring, &holder(), TO).await;
    assert_eq!(keyring.redactor().text("id-and-mac").as_ref(), "[redacted]");
}

#[tokio::test]
async fn a_program_that_fails_leaves_nothing_to_show_and_its_words_to_itself() {
    let keyring = shell("echo 'no t0ken for you' >&2; echo '{\"token\":\"t0ken\"}'; exit 2");
    let why = failure(&keyring, &holder(), TO).await;
    assert_eq!(
        (why.reason.as_str(), why.rejected),
        ("secret_unavailable", false)
    );
    let start = "the program `/bin/sh` failed (exit status: 2); ";
    assert!(why.detail.starts_with(start), "{}", why.detail);
    assert!(!why.detail.contains("t0ken"), "{}", why.detail);
}

#[tokio::test]
async fn output_that_is_no_credential_is_not_quoted() {
    let why = failure(&printing("hunter2"), &holder(), TO).await;
    assert_eq!(
        why.detail,
        "the program `/bin/sh` printed no JSON (line 1, column 1)"
    );
}

#[tokio::test]
async fn a_made_up_credential_has_the_shape_of_the_last_real_one() {
    let keyring = printing(r#"{"headers":{"Authorization":"Hawk abc","X-Key":"k"}}"#);
    let invalid = Persona::Invalid(name());
    let before = shown(&keyring, &invalid, TO).await.concat();
    assert!(
        before.starts_with("authorization: Bearer authvigil-nobody-"),
        "{before}"
    );
    shown(&keyring, &holder(), TO).await;
    let after = shown(&keyring, &invalid, TO).await;
    assert!(
        after[0].starts_with("authorization: Hawk authvigil-nobody-")
            && after[1].starts_with("x-key: authvigil-nobody-"),
        "{after:?}"
    );
}

#[tokio::test]
async fn a_token_can_be_altered_and_headers_cannot() {
    let token = printing(&format!(r#"{{"token":"{JWT}","type":"Token"}}"#));
    for disguise in [Disguise::Tampered, Disguise::Unsigned, Disguise::Truncated] {
        let word = disguise.as_str();
        let line = shown(&token, &impostor(disguise), TO).await.concat();
        assert!(
            line.starts_with("authorization: Token eyJ"),
            "{word}: {line}"
        );
        assert!(!line.contains(JWT), "{word}: {line}");
    }
    let empty = shown(&token, &impostor(Disguise::Empty), TO).await;
    assert_eq!(empty, ["authorization: Token "]);
    let headers = printing(r#"{"headers":{"X-Key":"k"}}"#);
    let why = failure(&headers, &impostor(Disguise::Tampered), TO).await;
    assert_eq!(
        why.detail,
        "the program of `portal` prints headers, and no `token` to alter"
    );
}
