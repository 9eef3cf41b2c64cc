//! What other commands write, and what a configuration that holds a secret itself makes them write.

use std::fmt::Write as _;
use std::sync::{Mutex, mpsc};

use super::secrets::{SECRETS, USER};
use super::{assert_silent, assert_silent_run, detector, parrot, places};
use crate::support::lab::{Answer, Lab};
use crate::support::program::Scene;

/// A configuration with the secret itself wherever one may stand.
fn literal(lab: &Lab, secret: &str) -> String {
    // A text in JSON is a text in YAML.
    let quoted = serde_json::to_string(secret).unwrap();
    let mut config = format!(
        "credentials:\n  basic:\n    basic_auth:\n      username: {USER}\n      password: {quoted}\n  \
         token:\n    authorization:\n      credentials: {quoted}\n  key:\n    api_key:\n      header: \
         X-Key\n      value: {quoted}\nendpoints:\n"
    );
    for (name, url) in places(lab) {
        write!(config, "  - name: {name}\n    url: '{url}'\n    headers:\n      X-Token: {{value: {quoted}}}\n    \
             checks:\n      - as: basic\n      - as: token\n      - as: key\n      - as: anonymous\n").unwrap();
    }
    config
}

#[test]
fn a_secret_in_the_configuration_itself_is_not_quoted() {
    for (what, secret) in SECRETS {
        let lab = parrot::start(secret);
        let scene = Scene::of(&literal(&lab, secret));
        assert_silent(&scene, secret, what);
        let run = scene.run(&["validate"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(run.stderr.contains("warning"), "{}", run.stderr);
        assert_silent_run(&run, secret, &format!("validate, {what}"));
    }
}

#[test]
fn a_fault_beside_a_secret_does_not_quote_it() {
    let lab = Lab::http();
    for (what, secret) in SECRETS {
        let good = literal(&lab, secret);
        let quoted = serde_json::to_string(secret).unwrap();
        for (fault, config) in [
            ("an unknown key", good.replace("password:", "pasword:")),
            (
                "an unknown kind",
                good.replace("basic_auth:", "basic_authentication:"),
            ),
            (
                "an open quote",
                good.replace(&quoted, &quoted[..quoted.len() - 1]),
            ),
            ("no quotes", good.replace(&quoted, secret)),
            (
                "a number of a key",
                good.replace(&quoted, &format!("[{quoted}]")),
            ),
            (
                "a file of that name",
                good.replace("password:", "password_file:"),
            ),
            (
                "a variable of that name",
                good.replace("password:", "password_env:"),
            ),
            (
                "user information",
                good.replace("http://", &format!("http://u:{secret}@")),
            ),
        ] {
            let run = Scene::of(&config).run(&["validate", "--log-level", "trace"]);
            // A file may have any name, which is no secret.
            if fault != "a file of that name" {
                assert_silent_run(&run, secret, &format!("{fault}, {what}"));
            }
        }
    }
}

#[test]
fn a_probe_does_not_quote_what_it_was_given() {
    for (at, (what, secret)) in SECRETS.into_iter().enumerate() {
        let lab = parrot::start(secret);
        let scene = Scene::new().set("AUTHVIGIL_PASSWORD", secret);
        scene.write("secret", secret);
        let pair = format!("{USER}:{secret}");
        let header = format!("X-Auth-Token: {secret}");
        let ways = [
            ["--user", USER, "--password-file", "secret"],
            ["--user", USER, "--log-level", "trace"],
            ["--user", &pair, "--log-level", "trace"],
            ["--bearer-file", "secret", "--log-level", "trace"],
            ["--header", &header, "--log-level", "trace"],
        ];
        for (door, (name, url)) in places(&lab).into_iter().enumerate() {
            let way = ways[(at + door) % ways.len()];
            let unfit = way[0] == "--header" && !secret.is_ascii();
            if unfit || (at + door) % 2 == 0 {
                continue;
            }
            for format in [&[][..], &["--json"]] {
                let run = scene.run(&[&["probe", &url], &way[..], format].concat());
                assert_eq!(run.code, 0, "{}", run.stderr);
                assert_silent_run(&run, secret, &format!("{name} {way:?} {format:?}, {what}"));
            }
        }
    }
}

#[test]
fn a_probe_that_is_refused_does_not_quote_what_it_was_given() {
    for (what, secret) in SECRETS {
        let scene = Scene::new();
        let pair = format!("{USER}:{secret}");
        let in_url = format!("http://{USER}:Vq7kestrelZw4quartzPx9@127.0.0.1:1/");
        for arguments in [
            &["probe", "http://door.test/", "--user", &pair][..],
            &[
                "probe",
                "https://door.test/",
                "--user",
                &pair,
                "--password-file",
                "pw",
            ],
            &["probe", "https://door.test/", "--header", secret],
            &[
                "probe",
                "https://door.test/",
                "--header",
                &format!("X Token: {secret}"),
            ],
            &[
                "probe",
                "https://door.test/",
                "--user",
                &pair,
                "--expect-status",
                "nine",
            ],
            &["probe", &in_url],
        ] {
            let run = scene.run(arguments);
            assert_eq!(run.code, 64, "{arguments:?}: {}", run.stderr);
            assert_silent_run(&run, secret, what);
            assert_silent_run(&run, "Vq7kestrelZw4quartzPx9", what);
        }
    }
}

#[test]
fn the_types_of_a_configuration_do_not_print_what_they_hold() {
    for (what, secret) in SECRETS {
        let lab = Lab::http();
        let scene = Scene::of(&literal(&lab, secret));
        let config = authvigil::config::load(&scene.path().join("authvigil.yaml")).unwrap();
        let printed = format!("{config:?}\n{config:#?}");
        assert_eq!(
            detector::leak(printed.as_bytes(), secret.as_bytes()),
            None,
            "{what}"
        );
    }
}

#[test]
fn a_running_check_has_no_secret_on_its_command_line() {
    let (_, secret) = SECRETS[0];
    let lab = Lab::http();
    let (tell, told) = mpsc::channel::<u32>();
    let (answer, answered) = mpsc::channel();
    let told = Mutex::new(told);
    lab.route("/", move |_| {
        let process = told.lock().unwrap().recv().unwrap();
        let line = std::fs::read(format!("/proc/{process}/cmdline")).unwrap();
        answer.send(line).unwrap();
        Answer::status(200)
    });
    let scene = Scene::of(&format!(
        "credentials: {{ci: {{authorization: {{credentials_file: secret}}}}}}\nendpoints: [{{name: \
         a, url: '{}', checks: [{{as: ci}}]}}]\n",
        lab.url("/")
    ));
    scene.write("secret", secret);
    let mut child = scene
        .command(&["check"])
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    tell.send(child.id()).unwrap();
    let line = answered.recv().unwrap();
    assert!(child.wait().unwrap().success());
    assert!(
        line.ends_with(b"authvigil\0check\0"),
        "{}",
        String::from_utf8_lossy(&line)
    );
    assert_eq!(detector::leak(&line, secret.as_bytes()), None);
}
