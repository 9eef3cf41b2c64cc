//! Sessions are shared, kept while they hold, let go where they are refused, and told to nobody.

use authvigil::domain::presenter::Provenance;
use futures_util::future::join_all;

use super::*;

#[tokio::test]
async fn all_checks_of_a_session_share_one_login() {
    let lab = portal();
    let keyring = keyring(form(&lab.url("/login")));
    let to = lab.url("/orders");
    let holder = holder();
    let all = join_all((0..20).map(|_| shown(&keyring, &holder, &to))).await;
    let one = vec!["cookie: csrftoken=cookie-of-the-page; session=session-1".to_owned()];
    assert_eq!(all, vec![one; 20]);
    assert_eq!(posts(&lab), 1);
}

#[tokio::test]
async fn a_session_is_shown_where_its_cookies_belong_and_nowhere_else() {
    let lab = Lab::http();
    lab.route("/login", |_| {
        Answer::status(200).header("Set-Cookie", "app=abcdef; Path=/app")
    });
    let keyring = keyring(form(&lab.url("/login")));
    let there = shown(&keyring, &holder(), &lab.url("/app/orders")).await;
    assert_eq!(there, ["cookie: app=abcdef"]);
    let why = failure(&keyring, &holder(), &lab.url("/orders?key=1")).await;
    assert_eq!(
        (why.reason.as_str(), why.rejected, why.detail),
        (
            "token_unavailable",
            false,
            format!(
                "the session's cookies do not reach the endpoint: the domain, the path or `Secure` of \
                 `app` keeps them from `{}`",
                lab.url("/orders")
            )
        )
    );
}

#[tokio::test]
async fn a_session_ends_when_its_cookies_say() {
    let lab = Lab::http();
    lab.route("/login", |_| {
        Answer::status(200).header("Set-Cookie", "session=abcdef; Path=/; Max-Age=7200")
    });
    let keyring = keyring(form(&lab.url("/login")));
    let until = known(&keyring, &lab.url("/")).await.validity.until.unwrap();
    let left = until.duration_since(jiff::Timestamp::now()).as_secs();
    assert!((7000..=7200).contains(&left), "{left}");
}

#[tokio::test]
async fn a_session_of_a_moment_is_logged_in_for_each_time() {
    let lab = Lab::http();
    lab.route("/login", |_| {
        Answer::status(200).header("Set-Cookie", "session=abcdef; Path=/; Max-Age=1")
    });
    let keyring = keyring(form(&lab.url("/login")));
    let first = known(&keyring, &lab.url("/")).await;
    assert_eq!(first.provenance, Provenance::Fetched);
    // Until its cookie has ended, whenever that is noticed.
    let again = loop {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let again = known(&keyring, &lab.url("/")).await;
        if again.provenance == Provenance::Fetched {
            break again;
        }
    };
    assert_eq!(again.fingerprint, first.fingerprint);
    assert_eq!(posts(&lab), 2);
}

#[tokio::test]
async fn a_kept_session_that_is_refused_gives_way_to_a_new_one_once_a_minute() {
    let lab = portal();
    let keyring = keyring(form(&lab.url("/login")));
    let to = lab.url("/orders");
    let fetched = known(&keyring, &to).await;
    // Another login would give no better one.
    assert!(!keyring.refused(&holder(), &fetched).await);
    let kept = known(&keyring, &to).await;
    assert_eq!(kept.provenance, Provenance::Kept);
    assert!(keyring.refused(&holder(), &kept).await);
    let cookies = shown(&keyring, &holder(), &to).await;
    assert_eq!(
        cookies,
        ["cookie: csrftoken=cookie-of-the-page; session=session-2"]
    );
    let kept = known(&keyring, &to).await;
    assert!(!keyring.refused(&holder(), &kept).await);
    assert_eq!(posts(&lab), 2);
}

#[tokio::test]
async fn a_refused_password_is_not_tried_again_at_once() {
    let lab = portal();
    let mut wrong = form(&lab.url("/login"));
    wrong.secret = SecretRef::Literal(Secret::new("an old password"));
    let keyring = keyring(wrong);
    let first = failure(&keyring, &holder(), &lab.url("/")).await;
    let second = failure(&keyring, &holder(), &lab.url("/")).await;
    assert_eq!((first.rejected, second.rejected), (true, false));
    assert_eq!(first.detail, second.detail);
    assert_eq!(posts(&lab), 1);
}

#[tokio::test]
async fn nobody_logs_in_to_know_a_secret() {
    let lab = portal();
    let keyring = keyring(form(&lab.url("/login")));
    let wrong = impostor(Disguise::WrongPassword);
    keyring.read_ahead([&holder(), &wrong]).await;
    let name = keyring.fingerprint(&holder()).await;
    assert!(name.is_some());
    assert_eq!(
        keyring.redactor().text("it is s3cret words").as_ref(),
        "it is [redacted]"
    );
    assert_eq!(lab.requests().len(), 0);
}

#[tokio::test]
async fn cookies_are_secrets() {
    let lab = portal();
    let keyring = keyring(form(&lab.url("/login")));
    shown(&keyring, &holder(), &lab.url("/")).await;
    assert_eq!(
        keyring
            .redactor()
            .text("session-1 cookie-of-the-page")
            .as_ref(),
        "[redacted] [redacted]"
    );
}

#[tokio::test]
async fn a_login_is_looked_at_by_what_the_form_was_answered() {
    let lab = portal();
    let keyring = keyring(form(&lab.url("/login")));
    let (seen, shown) = keyring.tend(&name()).await;
    let seen = seen.unwrap();
    let answer = seen.answer().unwrap();
    let cookie = answer.first("set-cookie").unwrap().text();
    assert_eq!((answer.status, answer.body.bytes.len()), (302, 0));
    assert!(!cookie.contains("session-1"), "{cookie}");
    assert_eq!(shown.provenance, Provenance::Fetched);
    let (_, shown) = keyring.tend(&name()).await;
    assert_eq!(shown.provenance, Provenance::Kept);
    assert_eq!(posts(&lab), 1);
}
