//! `authvigil probe URL`: one knock without a configuration, and everything that came of it.

mod arguments;
mod transport;

use serde_json::json;

use crate::support::hostile::nobody::ClosedPort;
use crate::support::lab::{Answer, Lab, door};
use crate::support::program::{Report, Run, Scene};

/// Probes one answer and shows it to a person.
fn told(answer: Answer) -> Run {
    let lab = Lab::http();
    lab.route("/", move |_| answer.clone());
    Scene::new().run(&["probe", &lab.url("/")])
}

#[test]
fn every_answer_is_explained_and_none_is_a_failure() {
    let rows = [
        (
            Answer::unauthorized("Basic realm=\"lab\""),
            "401 Unauthorized",
            "the lock works",
        ),
        (Answer::status(403), "403 Forbidden", "no login prompt"),
        (Answer::status(404), "404 Not Found", "hides from strangers"),
        (
            Answer::status(407),
            "407 Proxy Authentication Required",
            "A proxy on the way",
        ),
        (Answer::status(423), "423 Locked", "The account is locked"),
        (Answer::status(429), "429 Too Many Requests", "Retry-After"),
        (Answer::redirect("/login"), "302 Found", "Sent elsewhere"),
        (Answer::status(503), "503 Service Unavailable", "is broken"),
        (
            Answer::status(200).json("{}"),
            "200 OK",
            "open to everybody",
        ),
    ];
    for (answer, status, meaning) in rows {
        let run = told(answer);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{status}");
        let text = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(status), "{}", run.stdout);
        assert!(text.contains(meaning), "{status}: {}", run.stdout);
        for heading in ["\nPhases\n", "\nOther headers\n", "as nobody"] {
            assert!(run.stdout.contains(heading), "{heading}: {}", run.stdout);
        }
    }
}

#[test]
fn a_login_page_is_an_answer_that_lets_everybody_in() {
    let run = told(Answer::login_page());
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains("200 OK"), "{}", run.stdout);
    assert!(run.stdout.contains("text/html"), "{}", run.stdout);
}

#[test]
fn challenges_are_shown_as_received_and_taken_apart_with_their_lints() {
    let line = "Digest realm=x, nonce=\"n\", algorithm=MD5, qop=\"auth\", Basic realm=\"a b\"";
    let run = told(Answer::unauthorized(line));
    for text in [
        "Challenges, as received",
        line,
        "1. digest: ",
        "2. basic: ",
        "realm = \"a b\"",
        "algorithm = MD5",
        "(RFC 7616)",
        "Worth mending",
        "realm-not-quoted",
    ] {
        assert!(run.stdout.contains(text), "{text}: {}", run.stdout);
    }
}

#[test]
fn headers_that_hold_secrets_are_named_and_not_shown() {
    let answer = Answer::status(200)
        .header("Set-Cookie", "session=abcdefgh")
        .header("X-Api-Key", "abcdefgh")
        .header("Content-Location", "/a?ticket=abcdefgh")
        .header("Server", "lab/1");
    let run = told(answer);
    assert!(
        run.stdout.contains("set-cookie: [redacted]"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("server: lab/1"), "{}", run.stdout);
    assert!(!run.stdout.contains("abcdefgh"), "{}", run.stdout);
}

#[test]
fn a_silence_says_why_and_exits_3() {
    let closed = ClosedPort::take();
    let url = format!("http://{}/", closed.address());
    let run = Scene::new().run(&["probe", &url]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stdout.contains("no answer"), "{}", run.stdout);
    assert!(run.stdout.contains("connect_refused"), "{}", run.stdout);
    let report = Report::of(Scene::new().run(&["probe", "--json", &url]));
    assert_eq!(report.run.code, 3);
    assert_eq!(report.results()[0]["reason"], "connect_refused");
}

#[test]
fn json_is_that_of_a_check_with_one_result() {
    for (answer, status) in [
        (Answer::unauthorized("Basic realm=\"lab\""), 401),
        (Answer::status(403), 403),
        (Answer::status(404), 404),
        (Answer::redirect("/login?next=x"), 302),
        (Answer::login_page(), 200),
    ] {
        let lab = Lab::http();
        lab.route("/", move |_| answer.clone());
        let report = Report::of(Scene::new().run(&["probe", "--json", &lab.url("/")]));
        assert_eq!(report.run.code, 0, "{status}");
        assert_eq!(report.document["version"], 1);
        let [result] = report.results() else {
            panic!("one result: {}", report.run.stdout)
        };
        assert_eq!(
            (&result["endpoint"], &result["check"]),
            (&json!("127.0.0.1"), &json!("anonymous"))
        );
        assert_eq!(result["observation"]["status"], status);
    }
}

#[test]
fn an_expected_status_makes_the_exit_code_that_of_a_check() {
    let lab = Lab::http();
    lab.route("/shut", |_| Answer::unauthorized("Basic realm=\"lab\""));
    lab.route("/open", |_| Answer::status(200));
    lab.route("/hidden", |_| Answer::status(404));
    for (path, expected, code) in [
        ("/shut", "401", 0),
        ("/shut", "2xx,401", 0),
        ("/open", "401", 2),
        ("/open", "200..=299", 0),
        ("/hidden", "401", 1),
        ("/shut", "403", 1),
    ] {
        let run = Scene::new().run(&["probe", &lab.url(path), "--expect-status", expected]);
        assert_eq!(run.code, code, "{path} {expected}: {}", run.stdout);
        assert_eq!(
            run.stdout.contains("\nFindings\n"),
            code != 0,
            "{}",
            run.stdout
        );
    }
}

#[test]
fn an_expected_challenge_makes_the_exit_code_that_of_a_check() {
    let lab = Lab::http();
    lab.route("/", |_| Answer::unauthorized("Basic realm=\"lab\", Bearer"));
    for (expected, code) in [
        (&["Basic realm=\"lab\""][..], 0),
        (&["basic", "Bearer"], 0),
        (&["Basic realm=\"other\""], 1),
        (&["Negotiate"], 1),
    ] {
        let url = lab.url("/");
        let mut arguments = vec!["probe", &url];
        for challenge in expected {
            arguments.extend(["--expect-challenge", challenge]);
        }
        let run = Scene::new().run(&arguments);
        assert_eq!(run.code, code, "{expected:?}: {}", run.stdout);
    }
}

#[test]
fn silence_is_unknown_whatever_was_expected() {
    let closed = ClosedPort::take();
    let url = format!("http://{}/", closed.address());
    let run = Scene::new().run(&["probe", &url, "--expect-status", "401"]);
    assert_eq!(run.code, 3, "{}", run.stdout);
}

#[test]
fn a_user_is_shown_with_a_password_from_each_place_it_may_come_from() {
    let lab = Lab::http();
    lab.route("/", door::basic("lab", "reader", "the s3cret:é"));
    let scene = Scene::new().set("AUTHVIGIL_PASSWORD", "the s3cret:é");
    scene.write("pw", "the s3cret:é\n");
    let bare = Scene::new();
    let url = lab.url("/");
    for (what, scene, arguments) in [
        (
            "a file",
            &scene,
            &["--user", "reader", "--password-file", "pw"][..],
        ),
        ("the environment", &scene, &["--user", "reader"]),
        ("a colon", &bare, &["--user", "reader:the s3cret:é"]),
    ] {
        let run = scene.run(&[&["probe", &url], arguments].concat());
        assert_eq!(run.code, 0, "{what}: {}", run.stderr);
        assert!(run.stdout.contains("200 OK"), "{what}: {}", run.stdout);
        assert!(
            run.stdout.contains("with the given credential"),
            "{what}: {}",
            run.stdout
        );
    }
    let run = bare.run(&["probe", &url, "--user", "reader"]);
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert!(run.stdout.contains("nothing was sent"), "{}", run.stdout);
    assert!(run.stdout.contains("AUTHVIGIL_PASSWORD"), "{}", run.stdout);
    assert_eq!(lab.requests().len(), 3);
}

#[test]
fn a_token_is_read_from_its_file() {
    let lab = Lab::http();
    lab.route("/", door::bearer("lab", "a-token"));
    let scene = Scene::new();
    scene.write("token", "a-token\n");
    scene.write("other", "another-token\n");
    let url = lab.url("/");
    let run = scene.run(&["probe", &url, "--bearer-file", "token"]);
    assert!(run.stdout.contains("200 OK"), "{}", run.stdout);
    let run = scene.run(&["probe", &url, "--bearer-file", "other"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stdout.contains("The credential was not accepted"),
        "{}",
        run.stdout
    );
}
