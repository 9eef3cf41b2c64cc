//! Which logins went well, and which did not.

use http::Method;

use super::*;

/// A page with a form whose answer is this one.
fn answering(answer: Answer) -> Lab {
    let lab = Lab::http();
    lab.route("/login", move |request| match request.method {
        Method::POST => answer.clone(),
        _ => Answer::status(200).html(FORM),
    });
    lab
}

fn with_cookie(answer: Answer) -> Answer {
    answer.header("Set-Cookie", "session=abcdef; Path=/")
}

/// What is said of a login whose form meets this answer, behind the URL, and whether the secret
/// counts as rejected.
async fn said(lab: &Lab) -> (String, bool) {
    let why = failure(&keyring(form(&lab.url("/login"))), &holder(), &lab.url("/")).await;
    assert_eq!(why.reason.as_str(), "token_unavailable");
    let prefix = format!("the login at `{}` ", lab.url("/login"));
    let detail = why.detail.strip_prefix(&prefix).unwrap().to_owned();
    (detail, why.rejected)
}

#[tokio::test]
async fn a_status_says_whether_the_password_was_refused() {
    let rows = [
        (400, "answered 400", true),
        (401, "answered 401", true),
        (403, "answered 403", true),
        (404, "answered 404", false),
        (422, "answered 422", true),
        (423, "answered 423 (account_locked)", true),
        (429, "answered 429 (rate_limited)", false),
        (500, "answered 500 (server_error)", false),
        (503, "answered 503 (server_error)", false),
    ];
    for (status, why, rejected) in rows {
        let lab = answering(with_cookie(Answer::status(status)));
        assert_eq!(said(&lab).await, (why.to_owned(), rejected), "{status}");
    }
}

#[tokio::test]
async fn who_asks_for_rest_is_quoted() {
    let lab = answering(Answer::status(429).header("Retry-After", "120"));
    let said = said(&lab).await;
    assert_eq!(
        said,
        (
            "answered 429 (rate_limited), to retry after 120".into(),
            false
        )
    );
}

#[tokio::test]
async fn a_form_that_comes_again_is_a_refusal() {
    let lab = answering(with_cookie(Answer::status(200)).html(FORM));
    let again = "was refused: the page with the form came again (200)";
    assert_eq!(said(&lab).await, (again.into(), true));
    let lab = answering(with_cookie(Answer::redirect("/login?error=1")));
    assert_eq!(said(&lab).await, (again.into(), true));
}

#[tokio::test]
async fn a_login_without_a_cookie_is_no_session() {
    let lab = answering(Answer::status(200).html("<h1>Welcome</h1>"));
    assert_eq!(
        said(&lab).await,
        ("set no cookie: there is no session".into(), true)
    );
}

#[tokio::test]
async fn a_page_behind_the_form_that_refuses_is_a_refusal() {
    let lab = answering(with_cookie(Answer::redirect("/denied")));
    lab.route("/denied", |_| Answer::status(403));
    assert_eq!(
        said(&lab).await,
        ("led to a page that answered 403".into(), true)
    );
}

#[tokio::test]
async fn a_page_behind_the_form_may_be_missing_or_broken() {
    for status in [404, 500] {
        let lab = answering(with_cookie(Answer::redirect("/home")));
        lab.route("/home", move |_| Answer::status(status));
        let keyring = keyring(form(&lab.url("/login")));
        let cookies = shown(&keyring, &holder(), &lab.url("/")).await;
        assert_eq!(cookies, ["cookie: session=abcdef"], "{status}");
    }
}

#[tokio::test]
async fn a_page_to_change_the_password_is_no_login_form() {
    let lab = answering(with_cookie(Answer::redirect("/account")));
    lab.route("/account", |_| {
        Answer::status(200).html("<form><input name=password><input name=again></form>")
    });
    let keyring = keyring(form(&lab.url("/login")));
    let cookies = shown(&keyring, &holder(), &lab.url("/")).await;
    assert_eq!(cookies, ["cookie: session=abcdef"]);
}

#[tokio::test]
async fn a_page_that_cannot_be_had_is_shown_no_secret() {
    for (status, why) in [
        (429, "answered 429 (rate_limited)"),
        (502, "answered 502 (server_error)"),
    ] {
        let lab = Lab::http();
        lab.route("/login", move |_| Answer::status(status).html(FORM));
        assert_eq!(said(&lab).await, (why.to_owned(), false));
        assert_eq!(posts(&lab), 0);
    }
}

#[tokio::test]
async fn a_refusal_without_a_form_is_shown_no_secret() {
    for status in [400, 401, 403] {
        let lab = Lab::http();
        let wall = "<p>Request blocked</p>";
        lab.route("/login", move |_| Answer::status(status).html(wall));
        assert_eq!(said(&lab).await, (format!("answered {status}"), false));
        assert_eq!(posts(&lab), 0);
    }
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_is_sent_nowhere() {
    let lab = portal();
    let mut form = form(&lab.url("/login"));
    form.secret = SecretRef::File("/nonexistent/portal".into());
    let why = failure(&keyring(form), &holder(), &lab.url("/")).await;
    assert_eq!(why.reason.as_str(), "secret_unavailable");
    assert_eq!(lab.requests().len(), 0);
}
