//! Login pages of servers that mean no good.

use futures_util::future::join_all;

use super::*;
use crate::support::hostile::{Hostile, Script};

#[tokio::test]
async fn no_server_gets_more_than_its_time_and_none_gets_a_session() {
    let tries = Script::all().into_iter().map(async |script| {
        let server = Hostile::start(script);
        let mut hasty = form(&server.url());
        hasty.timeout = Duration::from_secs(2);
        let keyring = keyring(hasty);
        let (holder, endpoint) = (holder(), url("http://127.0.0.1:9/"));
        let trying = keyring.present(&holder, &endpoint);
        // Two seconds are what it may take; the rest is for a machine that is busy.
        let came = tokio::time::timeout(Duration::from_secs(20), trying).await;
        match came {
            Err(_elapsed) => format!("{script:?} hangs"),
            Ok(Ok(_)) => format!("{script:?} gives a session"),
            Ok(Err(why)) => why.reason.as_str().to_owned(),
        }
    });
    let mut all = join_all(tries).await;
    all.sort_unstable();
    all.dedup();
    assert_eq!(all, ["token_unavailable"]);
}

#[tokio::test]
async fn a_page_beyond_reason_is_not_read_to_its_end() {
    let lab = Lab::http();
    lab.route("/login", |_| {
        Answer::status(200).html("<p>".repeat(1 << 20))
    });
    let why = failure(&keyring(form(&lab.url("/login"))), &holder(), &lab.url("/")).await;
    assert!(
        why.detail
            .ends_with("broke off before a form with the field `password`"),
        "{}",
        why.detail
    );
    assert_eq!(posts(&lab), 0);
}

#[tokio::test]
async fn cookies_by_the_thousand_are_a_session_of_bounded_size() {
    let lab = Lab::http();
    lab.route("/login", |_| {
        let mut answer = Answer::status(200);
        for at in 0..1000 {
            answer = answer.header("Set-Cookie", &format!("c{at}=value-of-{at}; Path=/"));
        }
        answer
    });
    let keyring = keyring(form(&lab.url("/login")));
    let cookies = shown(&keyring, &holder(), &lab.url("/")).await.concat();
    assert_eq!(cookies.split("; ").count(), 180);
}

#[tokio::test]
async fn a_value_that_is_no_text_is_no_cookie() {
    let lab = Lab::http();
    lab.route("/login", |_| {
        Answer::status(200)
            .header_bytes("Set-Cookie", b"bad=\xff\xfe; Path=/")
            .header_bytes("Set-Cookie", b"good=abcdef; Path=/")
    });
    let keyring = keyring(form(&lab.url("/login")));
    let cookies = shown(&keyring, &holder(), &lab.url("/")).await;
    assert_eq!(cookies, ["cookie: good=abcdef"]);
}
