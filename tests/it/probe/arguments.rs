//! What the command line may ask for, and what it may not.

use crate::support::lab::{Answer, Lab};
use crate::support::program::Scene;

#[test]
fn a_credential_is_not_sent_in_clear_text_but_to_loopback_or_with_leave() {
    let scene = Scene::new();
    scene.write("token", "a-token");
    for credential in [&["--user", "reader:pw"][..], &["--bearer-file", "token"]] {
        let arguments = [&["probe", "http://door.test/"], credential].concat();
        let run = scene.run(&arguments);
        assert_eq!((run.code, run.stdout.as_str()), (64, ""), "{arguments:?}");
        assert!(run.stderr.contains("--allow-cleartext"), "{}", run.stderr);
    }
    let lab = Lab::http();
    lab.route("/", |_| Answer::unauthorized("Basic realm=\"lab\""));
    let pair = "door.test=127.0.0.1";
    let url = lab.url_at("door.test", "/");
    let leave = [
        "--user",
        "reader:a-word",
        "--resolve",
        pair,
        "--allow-cleartext",
    ];
    let run = scene.run(&[&["probe", url.as_str()][..], &leave].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(lab.requests()[0].basic().is_some());
}

#[test]
fn what_makes_no_sense_is_usage_and_sends_nothing() {
    let lab = Lab::http();
    let url = lab.url("/");
    let scene = Scene::new();
    for (arguments, hint) in [
        (&["--timeout", "0s"][..], "500ms"),
        (&["--timeout", "soon"], "500ms"),
        (&["--expect-status", "nine"], "nine"),
        (&["--expect-challenge", "Basic realm=\"a"], "challenge"),
        (&["--header", "no colon"], "Name: value"),
        (&["--header", "Authorization: Basic x"], "credential"),
        (&["--method", "get"], "GET"),
        (&["--resolve", "door.test"], "HOST=ADDRESS"),
        (&["--password-file", "pw"], "--user"),
        (&["--user", "a:b", "--password-file", "pw"], "not both"),
        (
            &["--user", "a", "--bearer-file", "t"],
            "cannot be used with",
        ),
    ] {
        let run = scene.run(&[&["probe", &url], arguments].concat());
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (64, ""),
            "{arguments:?}: {}",
            run.stderr
        );
        assert!(run.stderr.contains(hint), "{arguments:?}: {}", run.stderr);
    }
    for url in ["ftp://127.0.0.1/", "http://u:p@127.0.0.1/"] {
        assert_eq!(scene.run(&["probe", url]).code, 64, "{url}");
    }
    assert_eq!(lab.connections(), 0);
}

#[test]
fn method_and_headers_are_sent_as_given() {
    let lab = Lab::http();
    lab.route("/", |_| Answer::status(200));
    let arguments = [
        "-X",
        "HEAD",
        "-H",
        "Accept: application/json",
        "-H",
        "X-Two:  b ",
    ];
    let run = Scene::new().run(&[&["probe", &lab.url("/")][..], &arguments].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let request = &lab.requests()[0];
    assert_eq!(request.method, "HEAD");
    assert_eq!(request.header("accept"), Some("application/json"));
    assert_eq!(request.header("x-two"), Some("b"));
}

#[test]
fn a_timeout_ends_a_probe_and_says_so() {
    let lab = Lab::http();
    lab.route("/", |_| {
        Answer::status(200).after(std::time::Duration::from_mins(1))
    });
    let run = Scene::new().run(&["probe", &lab.url("/"), "--timeout", "200ms"]);
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert!(run.stdout.contains("timeout"), "{}", run.stdout);
    assert!(
        run.took < std::time::Duration::from_secs(5),
        "{:?}",
        run.took
    );
}

#[test]
fn a_redirect_is_shown_and_not_followed() {
    let lab = Lab::http();
    Lab::redirect_in_a_ring(&[&lab], "/");
    let run = Scene::new().run(&["probe", &lab.url("/")]);
    assert!(run.stdout.contains("302 Found"), "{}", run.stdout);
    assert!(
        run.stdout.contains(&format!("location: {}", lab.url("/"))),
        "{}",
        run.stdout
    );
    assert_eq!(lab.requests().len(), 1);
}

#[test]
fn a_password_on_the_command_line_is_warned_about_and_not_quoted() {
    let lab = Lab::http();
    let scene = Scene::new();
    let run = scene.run(&["probe", &lab.url("/"), "--user", "reader:Vq7kestrelZw4"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("--password-file"), "{}", run.stderr);
    assert!(!run.stderr.contains("Vq7kestrel"), "{}", run.stderr);
}
