//! Apache httpd and lighttpd, and a relay in front of them that makes them complain.

use authvigil::domain::presenter::Proof;
use futures_util::future::join_all;

use super::relay::pass_on;
use super::rig::{knocks_of, shown};
use crate::support::lab::Lab;
use crate::support::servers::{Apache, FOREIGN, Lighttpd, PASSWORD, QUOTED, READER};

const HOLDER: (&str, &str) = (READER, PASSWORD);

/// Whom every server has to refuse, after the one whom it has to admit.
const PERSONAS: [&str; 5] = [
    "reader",
    "anonymous",
    "{invalid: reader}",
    "{wrong_password: reader}",
    "{empty: reader}",
];

#[tokio::test]
async fn apache_admits_the_holder_proves_that_it_knows_the_password_and_refuses_all_others() {
    let apache = Apache::start();
    for user in [HOLDER, FOREIGN, (QUOTED, PASSWORD)] {
        let knocks = knocks_of(user, &apache.http("/digest"), PERSONAS, "").await;
        assert_eq!(knocks[0].proof, Some(Proof::Right), "{user:?}");
        let reasons = knocks.map(|it| it.reason);
        assert_eq!(reasons, ["pass"; 5], "{user:?}");
    }
}

#[tokio::test]
async fn apache_is_answered_over_http_2_and_with_a_query() {
    let apache = Apache::start();
    let url = apache.https("/digest?day=1&night=%20");
    let ca = format!(
        "tls_config: {{ca_file: \"{}\"}}",
        apache.authority().display()
    );
    let [holder, nobody] = knocks_of(HOLDER, &url, ["reader", "{invalid: reader}"], &ca).await;
    assert_eq!((holder.reason, nobody.reason), ("pass", "pass"));
    assert_eq!(holder.proof, Some(Proof::Right));
}

#[tokio::test]
async fn lighttpd_admits_the_holder_by_every_algorithm_and_refuses_all_others() {
    let lighttpd = Lighttpd::start();
    let paths = [
        "/digest",
        "/digest-512",
        "/digest-hashed",
        "/digest-md5",
        "/digest-several",
    ];
    // It waits a second before it refuses a wrong answer, so all are asked at the same time.
    let personas = [
        "reader",
        "anonymous",
        "{invalid: reader}",
        "{wrong_password: reader}",
    ];
    let rows = paths.map(|path| [(HOLDER, path), (FOREIGN, path)]).concat();
    let knocks = rows.iter().map(async |(user, path)| {
        let knocks = knocks_of(*user, &lighttpd.http(path), personas, "").await;
        knocks.map(|it| it.reason)
    });
    for (row, reasons) in rows.iter().zip(join_all(knocks).await) {
        assert_eq!(reasons, ["pass"; 4], "{row:?}");
    }
}

/// Apache takes a nonce that it did not make for one that has gone stale.
#[tokio::test]
async fn apache_says_that_a_nonce_went_stale_and_the_next_one_is_answered() {
    let apache = Apache::start();
    let (lab, url) = (Lab::http(), apache.http("/digest"));
    lab.route("/digest", move |request| {
        let is_first = request.header("authorization").is_none();
        pass_on(request, &url, |value| match value.split_once("nonce=\"") {
            Some((before, nonce)) if is_first => {
                let another = if nonce.starts_with('A') { "B" } else { "A" };
                format!("{before}nonce=\"{another}{}", &nonce[1..])
            }
            _ => value.to_owned(),
        })
    });
    let personas = ["reader", "{wrong_password: reader}"];
    let [holder, wrong] = knocks_of(HOLDER, &lab.url("/digest"), personas, "").await;
    assert_eq!((holder.reason, wrong.reason), ("pass", "pass"));
    assert_eq!(holder.proof, Some(Proof::Right));
    let shown: Vec<_> = lab
        .requests()
        .iter()
        .map(|it| shown(it).is_some())
        .collect();
    // It looks at the password first, so that a wrong one is not asked for again.
    assert_eq!(shown, [false, true, true, false, true]);
}

#[tokio::test]
async fn whoever_changes_the_proof_on_its_way_is_told_of() {
    let apache = Apache::start();
    let (lab, url) = (Lab::http(), apache.http("/digest"));
    lab.route("/digest", move |request| {
        pass_on(request, &url, |value| {
            value.replace("rspauth=\"", "rspauth=\"0")
        })
    });
    let [holder] = knocks_of(HOLDER, &lab.url("/digest"), ["reader"], "").await;
    assert_eq!(holder.reason, "authentication_info_mismatch");
}
