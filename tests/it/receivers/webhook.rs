//! What a webhook is sent, and what its answers mean.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use authvigil::domain::notice::{Attempt, Way};
use authvigil::domain::secret::SecretRef;
use authvigil::notify::{Carried, Carrier, Carriers, Folders, Outlook, Receiver};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;

use super::scene::{DOCUMENT, SECRET, carriers, opened, patience, post};
use crate::support::lab::{Answer, Lab, Request};

/// A receiver that answers so, and what the post to it came to.
async fn answered(answer: Answer) -> Carried {
    let lab = Lab::http();
    lab.route("/hook", move |_| answer.clone());
    post(patience(), &lab.url("/hook")).await
}

async fn request() -> Request {
    let lab = Lab::http();
    lab.route("/hook", |_| Answer::status(204));
    post(patience(), &lab.url("/hook?token=1")).await;
    lab.requests().remove(0)
}

#[tokio::test]
async fn a_document_is_posted_with_the_notices_name() {
    let request = request().await;
    let names = [
        "content-type",
        "user-agent",
        "x-authvigil-notice",
        "idempotency-key",
    ];
    let fields = names.map(|name| request.header(name).unwrap().to_owned());
    let agent = concat!("authvigil/", env!("CARGO_PKG_VERSION"));
    let id = "0123456789abcdef";
    assert_eq!(fields, ["application/json", agent, id, id]);
    assert_eq!(request.body, DOCUMENT);
    assert_eq!(request.query.as_deref(), Some("token=1"));
}

#[tokio::test]
async fn a_signature_can_be_checked_with_the_shared_secret() {
    let request = request().await;
    let signature = request.header("x-authvigil-signature").unwrap();
    let (time, digits) = signature.split_once(",v1=").unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(time.strip_prefix("t=").unwrap().as_bytes());
    mac.update(b".");
    mac.update(&request.body);
    let expected = mac.finalize().into_bytes();
    let expected: Vec<String> = expected.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digits, expected.concat());
}

#[tokio::test]
async fn success_is_delivered() {
    let carried = answered(Answer::status(202)).await;
    assert_eq!(carried.attempt, Attempt::Delivered("HTTP 202".to_owned()));
}

#[tokio::test]
async fn gone_is_refused_for_good_with_the_words_of_the_other_side() {
    let carried = answered(Answer::status(410).body("no such\r\nhook\u{1b}[2J")).await;
    let expected = Attempt::Rejected("HTTP 410: no such hook [2J".to_owned());
    assert_eq!(carried.attempt, expected);
}

#[tokio::test]
async fn who_is_busy_is_left_alone_for_as_long_as_it_says() {
    let busy = Answer::status(429).header("Retry-After", "17");
    let carried = answered(busy).await;
    let expected = Carried {
        attempt: Attempt::Retried("HTTP 429".to_owned()),
        outlook: Outlook::Busy(Duration::from_secs(17)),
    };
    assert_eq!(carried, expected);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (lab, other) = (Lab::http(), Lab::http());
    let elsewhere = other.url("/hook");
    lab.route("/hook", move |_| Answer::redirect(&elsewhere));
    let carried = post(patience(), &lab.url("/hook")).await;
    assert_eq!(carried.attempt, Attempt::Retried("HTTP 302".to_owned()));
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn an_answer_that_repeats_the_url_does_not_betray_it() {
    let lab = Lab::http();
    let secret = lab.url("/hook-of-many-secrets");
    let parrot = format!("cannot post to {secret}");
    lab.route("/hook-of-many-secrets", move |_| {
        Answer::status(400).body(parrot.clone())
    });
    let carried = post(patience(), &secret).await;
    let expected = "HTTP 400: cannot post to [redacted]".to_owned();
    assert_eq!(carried.attempt, Attempt::Rejected(expected));
}

#[tokio::test]
async fn an_answer_that_repeats_parts_of_the_url_does_not_betray_them() {
    let lab = Lab::http();
    let path = "/services/T0000000/hook-of-many-secrets";
    lab.route(path, |_| {
        let words = "no POST /services/T0000000/hook-of-many-secrets, `hook-of-many-secrets`, \
            token=keep-it-secret";
        Answer::status(400).body(words)
    });
    let url = format!("{}?token=keep-it-secret", lab.url(path));
    let Attempt::Rejected(said) = post(patience(), &url).await.attempt else {
        panic!("a 400 is final");
    };
    for part in ["hook-of-many-secrets", "keep-it-secret"] {
        assert!(!said.contains(part), "{said}");
    }
    assert!(said.starts_with("HTTP 400: no POST [redacted]"), "{said}");
}

#[tokio::test]
async fn an_answer_that_repeats_the_login_of_the_url_does_not_betray_it() {
    let lab = Lab::http();
    lab.route("/hook", |_| {
        Answer::status(400)
            .body("no keep-it, no secret-of-the-hook, no a2VlcC1pdDpzZWNyZXQtb2YtdGhlLWhvb2s=")
    });
    let url = lab.url("/hook");
    let url = url.replace("://", "://keep-it:secret-of-the-hook@");
    let carried = post(patience(), &url).await;
    let expected = "HTTP 400: no [redacted], no [redacted], no [redacted]".to_owned();
    assert_eq!(carried.attempt, Attempt::Rejected(expected));
}

#[tokio::test]
async fn an_answer_that_repeats_a_secret_where_it_is_cut_does_not_betray_its_beginning() {
    let lab = Lab::http();
    let before = "x".repeat(285);
    let bodies = [
        ("/shown", format!("{before} keep-it-secret and more")),
        ("/read", format!("no{}keep-it-secret", " ".repeat(4085))),
    ];
    for (path, body) in bodies {
        lab.route(path, move |_| Answer::status(400).body(body.clone()));
    }
    let shown = format!("{}?token=keep-it-secret", lab.url("/shown"));
    let read = format!("{}?token=keep-it-secret", lab.url("/read"));
    let carried = [
        post(patience(), &shown).await.attempt,
        post(patience(), &read).await.attempt,
    ];
    let expected = [
        format!("HTTP 400: {before} [redacted] and…"),
        "HTTP 400: no".to_owned(),
    ];
    assert_eq!(carried, expected.map(Attempt::Rejected));
}

#[tokio::test]
async fn a_secret_that_is_missing_is_read_again_later() {
    let url = SecretRef::File("hook".into());
    let carriers = carriers(patience(), url);
    let carried = carriers.carry(&opened(), &Way::Webhook).await;
    let expected = Attempt::Retried("the file `hook` is missing".to_owned());
    assert_eq!(carried.attempt, expected);
}

#[tokio::test]
async fn what_is_owed_on_a_way_that_left_the_configuration_waits_for_it() {
    let url = SecretRef::File("hook".into());
    let carriers = carriers(patience(), url);
    let nobody: [&Receiver; 0] = [];
    let folders: Arc<dyn Carrier> = Arc::new(Folders::new(nobody, None));
    let of_others = Carriers {
        files: Some(folders),
        ..carriers.clone()
    };
    let mut notice = opened();
    notice.receiver = authvigil::domain::check::Name::parse("former").unwrap();
    let email = Way::Email("oncall@example.com".to_owned());
    let carried = [
        carriers.carry(&notice, &Way::Webhook).await,
        carriers.carry(&notice, &Way::File).await,
        carriers.carry(&notice, &email).await,
        of_others.carry(&notice, &Way::File).await,
    ];
    let expected = [
        "the receiver has no webhook any more",
        "nothing is configured any more that could tell by file",
        "nothing is configured any more that could tell by email",
        "the receiver has no directory any more",
    ];
    let expected = expected.map(|why| Attempt::Retried(why.to_owned()).into());
    assert_eq!(carried, expected);
}

/// The example of the document's page, and what it says of each signature, body, secret and moment.
const CHECK: &str = r"
import json, sys
for given in json.load(sys.stdin):
    signature, body, secret, now = given
    print(is_genuine(signature, body.encode(), secret.encode(), now))
";

/// What the documented example says of each of these.
fn judged(cases: &serde_json::Value) -> Vec<String> {
    let page = std::fs::read_to_string("docs/reference/webhook.md").unwrap();
    let (_, rest) = page.split_once("```python\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    let mut python = Command::new("python3")
        .args(["-c", &format!("{example}\n{CHECK}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = python.stdin.take().unwrap();
    stdin.write_all(cases.to_string().as_bytes()).unwrap();
    drop(stdin);
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    said.lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn the_documented_example_tells_a_genuine_post_from_others() {
    let request = request().await;
    let signature = request.header("x-authvigil-signature").unwrap();
    let body = String::from_utf8(request.body.to_vec()).unwrap();
    let time = signature.strip_prefix("t=").unwrap();
    let time: i64 = time.split_once(',').unwrap().0.parse().unwrap();
    let cases = json!([
        [signature, body, SECRET, time + 60],
        [signature, format!("{body} "), SECRET, time],
        [signature, body, "another", time],
        [signature, body, SECRET, time + 301],
        ["", body, SECRET, time],
        ["t=,v1=ä", body, SECRET, time],
    ]);
    let expected = ["True", "False", "False", "False", "False", "False"];
    assert_eq!(judged(&cases), expected);
}
