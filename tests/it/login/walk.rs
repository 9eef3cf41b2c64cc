//! The way of a login, request by request.

use http::Method;

use super::*;
use crate::support::lab::Answer;

/// The requests that a lab met, as method and path.
fn steps(lab: &Lab) -> Vec<String> {
    let requests = lab.requests();
    let step = |it: &Request| format!("{} {}", it.method, it.path);
    requests.iter().map(step).collect()
}

/// A form that posts to `/in`, which gives a session.
fn form_to_in(lab: &Lab) -> &Lab {
    lab.route("/in", |_| {
        Answer::status(200).header("Set-Cookie", "session=abcdef; Path=/")
    })
}

fn page_with(action: &str) -> Answer {
    Answer::status(200).html(format!(
        "<form method=post action='{action}'><input name=user><input name=password></form>"
    ))
}

#[tokio::test]
async fn a_form_is_sent_as_a_browser_sends_it() {
    let lab = portal();
    let keyring = keyring(form(&lab.url("/login")));
    let cookies = shown(&keyring, &holder(), &lab.url("/orders")).await;
    assert_eq!(
        cookies,
        ["cookie: csrftoken=cookie-of-the-page; session=session-1"]
    );
    assert_eq!(steps(&lab), ["GET /login", "POST /login", "GET /home"]);
    let sent = &lab.requests()[1];
    let origin = lab.url("");
    let page = lab.url("/login");
    for (field, value) in [
        ("cookie", "csrftoken=cookie-of-the-page"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", origin.as_str()),
        ("referer", page.as_str()),
    ] {
        assert_eq!(sent.header(field), Some(value), "{field}");
    }
    assert_eq!(
        sent.body,
        "csrf=csrf-0123456789&user=watch&password=s3cret+words"
    );
}

#[tokio::test]
async fn a_form_behind_redirects_and_on_a_page_of_a_401_is_a_form() {
    let lab = Lab::http();
    lab.route("/", |_| Answer::redirect("/a"));
    lab.route("/a", |_| Answer::redirect("b/login"));
    lab.route("/b/login", |_| {
        Answer::unauthorized("Bearer")
            .html("<form method=post action=../in><input name=password></form>")
    });
    form_to_in(&lab);
    let keyring = keyring(form(&lab.url("/")));
    let cookies = shown(&keyring, &holder(), &lab.url("/orders")).await;
    assert_eq!(cookies, ["cookie: session=abcdef"]);
    assert_eq!(steps(&lab), ["GET /", "GET /a", "GET /b/login", "POST /in"]);
}

#[tokio::test]
async fn a_form_that_is_got_carries_its_fields_in_the_query() {
    let lab = Lab::http();
    lab.route("/login", |_| {
        Answer::status(200).html("<form action='/in?old=1'><input name=password></form>")
    });
    form_to_in(&lab);
    shown(&keyring(form(&lab.url("/login"))), &holder(), &lab.url("/")).await;
    let requests = lab.requests();
    let sent = &requests[1];
    assert_eq!(
        (&sent.method, sent.query.as_deref(), sent.body.as_ref()),
        (
            &Method::GET,
            Some("password=s3cret+words&user=watch"),
            &b""[..]
        )
    );
}

#[tokio::test]
async fn where_no_page_has_a_form_the_fields_are_posted_straight() {
    for no_page in [
        Answer::status(404),
        Answer::status(405),
        Answer::status(200).json("{}"),
        Answer::status(401).json("{}"),
    ] {
        let lab = Lab::http();
        lab.route("/api/session", move |request| match request.method {
            Method::POST => Answer::status(204).header("Set-Cookie", "sid=abcdef"),
            _ => no_page.clone(),
        });
        let keyring = keyring(form(&lab.url("/api/session")));
        let cookies = shown(&keyring, &holder(), &lab.url("/api/orders")).await;
        assert_eq!(cookies, ["cookie: sid=abcdef"]);
        assert_eq!(lab.requests()[1].body, "user=watch&password=s3cret+words");
    }
}

#[tokio::test]
async fn a_form_that_goes_to_another_origin_gets_nothing() {
    let (lab, other) = (Lab::http(), Lab::http());
    let action = other.url("/in");
    let named = action.clone();
    lab.route("/login", move |_| page_with(&action));
    form_to_in(&other);
    let why = failure(&keyring(form(&lab.url("/login"))), &holder(), &lab.url("/")).await;
    assert_eq!(
        (why.reason.as_str(), why.rejected, why.detail),
        (
            "token_unavailable",
            false,
            format!(
                "the login at `{}` has a form that goes to `{named}`, and a secret goes nowhere but \
                 to the configured origin",
                lab.url("/login")
            )
        )
    );
    assert_eq!((steps(&lab).len(), steps(&other).len()), (1, 0));
}

#[tokio::test]
async fn a_page_that_leads_to_another_origin_is_not_followed() {
    let (lab, other) = (Lab::http(), portal());
    let next = other.url("/login?secret=1");
    lab.route("/login", move |_| Answer::redirect(&next));
    let why = failure(&keyring(form(&lab.url("/login"))), &holder(), &lab.url("/")).await;
    assert_eq!(
        why.detail,
        format!(
            "the login at `{}` leads to `{}`, and a login stays within its origin",
            lab.url("/login"),
            other.url("/login")
        )
    );
    assert_eq!(steps(&other).len(), 0);
}

#[tokio::test]
async fn a_ring_of_redirects_is_left_after_five() {
    let lab = Lab::http();
    Lab::redirect_in_a_ring(&[&lab], "/login");
    let why = failure(&keyring(form(&lab.url("/login"))), &holder(), &lab.url("/")).await;
    assert!(
        why.detail
            .ends_with("redirected more than 5 times before a form came"),
        "{}",
        why.detail
    );
    assert_eq!(steps(&lab).len(), 6);
}

#[tokio::test]
async fn what_has_to_be_posted_again_stays_within_the_origin() {
    let (lab, other) = (Lab::http(), Lab::http());
    let away = other.url("/in");
    lab.route("/login", |_| page_with("/first"));
    lab.route("/first", |_| {
        Answer::status(307).header("Location", "/second")
    });
    lab.route("/second", move |_| {
        Answer::status(308)
            .header("Location", &away)
            .header("Set-Cookie", "session=abcdef; Path=/")
    });
    shown(&keyring(form(&lab.url("/login"))), &holder(), &lab.url("/")).await;
    assert_eq!(steps(&lab), ["GET /login", "POST /first", "POST /second"]);
    assert_eq!(steps(&other).len(), 0);
}

#[tokio::test]
async fn cookies_of_the_redirects_behind_the_form_count_and_another_origin_ends_them() {
    let (lab, other) = (Lab::http(), Lab::http());
    let away = other.url("/");
    lab.route("/login", |_| page_with("/in"));
    lab.route("/in", |_| {
        Answer::status(303)
            .header("Location", "/landed")
            .header("Set-Cookie", "a=first-cookie; Path=/")
    });
    lab.route("/landed", move |_| {
        Answer::redirect(&away).header("Set-Cookie", "b=second-cookie; Path=/")
    });
    let cookies = shown(&keyring(form(&lab.url("/login"))), &holder(), &lab.url("/")).await;
    assert_eq!(cookies, ["cookie: a=first-cookie; b=second-cookie"]);
    assert_eq!(steps(&other).len(), 0);
}

#[tokio::test]
async fn a_login_takes_no_longer_than_it_may_in_all() {
    let lab = Lab::http();
    let slow = Duration::from_millis(1500);
    lab.route("/login", move |_| page_with("/in").after(slow));
    lab.route("/in", move |_| Answer::redirect("/login").after(slow));
    let mut hasty = form(&lab.url("/login"));
    hasty.timeout = Duration::from_secs(2);
    let why = failure(&keyring(hasty), &holder(), &lab.url("/")).await;
    assert_eq!(
        (why.reason.as_str(), why.rejected),
        ("token_unavailable", false)
    );
    assert!(
        why.detail.contains("gave no answer: timeout"),
        "{}",
        why.detail
    );
}
