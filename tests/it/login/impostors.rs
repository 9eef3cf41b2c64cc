//! Who has no session, and what they show.

use super::*;

/// A made-up value: the same on each machine, and nobody's.
fn has_nobody(line: &str, name: &str) -> bool {
    line.contains(&format!("{name}=authvigil-nobody-"))
}

#[tokio::test]
async fn a_made_up_session_has_the_cookies_of_the_last_real_one() {
    let lab = portal();
    let keyring = keyring(form(&lab.url("/login")));
    let invalid = Persona::Invalid(name());
    let before = shown(&keyring, &invalid, &lab.url("/")).await.concat();
    assert!(
        has_nobody(&before, "cookie: session") && !before.contains(';'),
        "{before}"
    );
    shown(&keyring, &holder(), &lab.url("/")).await;
    let after = shown(&keyring, &invalid, &lab.url("/")).await.concat();
    assert!(
        has_nobody(&after, "csrftoken") && has_nobody(&after, "; session"),
        "{after}"
    );
    assert_eq!(posts(&lab), 1);
}

#[tokio::test]
async fn an_empty_session_has_cookies_without_values() {
    let lab = portal();
    let keyring = keyring(form(&lab.url("/login")));
    shown(&keyring, &holder(), &lab.url("/")).await;
    let empty = shown(&keyring, &impostor(Disguise::Empty), &lab.url("/")).await;
    assert_eq!(empty, ["cookie: csrftoken=; session="]);
}

#[tokio::test]
async fn a_wrong_password_makes_a_whole_login_and_knocks_with_what_came() {
    let lab = portal();
    let keyring = keyring(form(&lab.url("/login")));
    let wrong = impostor(Disguise::WrongPassword);
    let cookies = shown(&keyring, &wrong, &lab.url("/orders")).await;
    assert_eq!(cookies, ["cookie: csrftoken=cookie-of-the-page"]);
    let sent = lab.requests()[1].body.clone();
    let sent = String::from_utf8(sent.to_vec()).unwrap();
    assert!(
        sent.starts_with("csrf=csrf-0123456789&user=watch&password=authvigil-nobody-"),
        "{sent}"
    );
}

#[tokio::test]
async fn a_wrong_password_neither_takes_nor_spoils_the_holders_session() {
    let lab = portal();
    let keyring = keyring(form(&lab.url("/login")));
    let wrong = impostor(Disguise::WrongPassword);
    let before = shown(&keyring, &holder(), &lab.url("/")).await;
    shown(&keyring, &wrong, &lab.url("/")).await;
    assert_eq!(shown(&keyring, &holder(), &lab.url("/")).await, before);
}

#[tokio::test]
async fn a_wrong_password_that_is_let_in_shows_its_session() {
    let lab = Lab::http();
    lab.route("/login", |_| {
        Answer::status(200).header("Set-Cookie", "session=abcdef; Path=/")
    });
    let keyring = keyring(form(&lab.url("/login")));
    let wrong = impostor(Disguise::WrongPassword);
    let cookies = shown(&keyring, &wrong, &lab.url("/")).await;
    assert_eq!(cookies, ["cookie: session=abcdef"]);
}

#[tokio::test]
async fn a_wrong_password_that_no_login_looked_at_proves_nothing() {
    let lab = Lab::http();
    lab.route("/login", |_| Answer::status(503));
    let keyring = keyring(form(&lab.url("/login")));
    let wrong = impostor(Disguise::WrongPassword);
    let why = failure(&keyring, &wrong, &lab.url("/")).await;
    assert_eq!(
        (why.reason.as_str(), why.rejected),
        ("token_unavailable", false)
    );
}

#[tokio::test]
async fn cookies_out_of_a_file_are_shown_as_they_stand() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("stale");
    std::fs::write(&file, "session=an-old-one; csrf=x\n").unwrap();
    let keyring = keyring(form("http://127.0.0.1:9/login"));
    for disguise in [Disguise::Expired(file.clone()), Disguise::TokenFile(file)] {
        let cookies = shown(&keyring, &impostor(disguise), "http://127.0.0.1:9/").await;
        assert_eq!(cookies, ["cookie: session=an-old-one; csrf=x"]);
    }
    assert_eq!(keyring.redactor().text("an-old-one").as_ref(), "[redacted]");
}

#[tokio::test]
async fn cookies_of_the_session_that_holds_are_no_impostors() {
    let lab = portal();
    let keyring = keyring(form(&lab.url("/login")));
    let cookies = shown(&keyring, &holder(), &lab.url("/orders")).await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("stale");
    std::fs::write(&file, cookies[0].trim_start_matches("cookie: ")).unwrap();
    let stale = impostor(Disguise::TokenFile(file.clone()));
    let why = failure(&keyring, &stale, &lab.url("/orders")).await;
    assert_eq!(why.reason.as_str(), "probe_failed");
    let old = "session=session-0; csrftoken=cookie-of-the-page";
    let file = directory.path().join("older");
    std::fs::write(&file, old).unwrap();
    let another = impostor(Disguise::Expired(file));
    let cookies = shown(&keyring, &another, &lab.url("/orders")).await;
    assert_eq!(cookies, [format!("cookie: {old}")]);
}

#[tokio::test]
async fn nobody_knows_what_a_session_looks_like_while_nobody_can_log_in() {
    let lab = Lab::http();
    lab.route("/login", |_| Answer::status(503));
    let keyring = keyring(form(&lab.url("/login")));
    failure(&keyring, &holder(), &lab.url("/")).await;
    for persona in [Persona::Invalid(name()), impostor(Disguise::Empty)] {
        let why = failure(&keyring, &persona, &lab.url("/")).await;
        assert_eq!(why.reason.as_str(), "token_unavailable");
    }
}
