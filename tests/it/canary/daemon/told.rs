//! What is told of incidents, and what is said of the telling: none of the secrets that it takes.

use std::fmt::Write as _;
use std::fs;

use super::super::secrets::{SECRETS, USER};
use super::super::{detector, parrot, places, roundabout};
use crate::support::daemon::{Daemon, STATE};
use crate::support::lab::{Answer, Lab};
use crate::support::letter::Letter;
use crate::support::program::Scene;
use crate::support::smtp::{self, Moment, Relay, Script, say};

const HOOK: &str = "/hook-of-the-kingfisher-7Tq";
const SIGNING: &str = "nightjar-4Wx-signs-documents";
const TOKEN: &str = "nightingale-8Rm-opens-the-relay";
const CLIENT: &str = "bittern-9Kd-fetches-tokens";

/// How the daemon logs in at its relay.
#[derive(Clone, Copy, Debug)]
enum Login {
    Password,
    Token,
}

/// A relay that says what it was shown where it refuses somebody.
fn relay(login: Login) -> Relay {
    let (mechanisms, shown) = match login {
        Login::Password => ("PLAIN", smtp::PASSWORD),
        Login::Token => ("XOAUTH2", TOKEN),
    };
    let refusal = say(&format!("550 5.7.1 {shown} may not write to a@auth.test"));
    let script = Script {
        mechanisms,
        tokens: vec![TOKEN],
        ..Script::default()
    };
    Relay::start(script.at(
        Moment::Recipient("a@auth.test"),
        std::iter::repeat_n(refusal, 1000),
    ))
}

/// A server that takes documents at a secret place, and gives tokens; it says what it was shown.
fn hook() -> Lab {
    let hook = Lab::http();
    let refusal = format!("no room at {}", hook.url(HOOK));
    hook.route(HOOK, move |_| Answer::status(410).body(refusal.clone()));
    hook.route("/token", |_| {
        let token = format!("{{\"access_token\":\"{TOKEN}\",\"expires_in\":3600}}");
        Answer::status(200).json(token)
    });
    hook
}

fn config(scene: &Scene, lab: &Lab, relay: &Relay, hook: &Lab, login: Login) -> String {
    let proof = match login {
        Login::Password => "password_file: smtp".to_owned(),
        Login::Token => format!(
            "oauth2: {{token_url: '{}', client_id: watch, client_secret_file: client}}",
            hook.url("/token")
        ),
    };
    let mut config = format!(
        "global: {{interval: 1s, refused_interval: 1s, timeout: 900ms}}\n\
         web: {{listen: '127.0.0.1:0'}}\nstate: {{path: {STATE}}}\n\
         credentials:\n  basic: {{basic_auth: {{username: {USER}, password_file: secret}}}}\n{}\
         alerting:\n  \
           smtp: {{host: 127.0.0.1, port: {}, tls: none, from: watch@auth.test, auth: {{username: \
             {}, {proof}}}}}\n  \
           receivers:\n    \
             - {{name: oncall, email: {{to: [a@auth.test, b@auth.test]}}, file: {{directory: mail}}, \
             webhook: {{url_file: hook, secret_file: signing}}}}\n  \
           route: {{receiver: oncall, group_wait: 1s}}\n\
         endpoints:\n",
        roundabout::credentials(scene, lab),
        relay.address().port(),
        smtp::USER,
    );
    let mut names = roundabout::names().into_iter().cycle();
    for (name, url) in places(lab) {
        let more = names.next().unwrap();
        writeln!(
            config,
            "  - {{name: {name}, url: '{url}', drift: alert, checks: [{{as: basic}}, {{as: \
             anonymous}}, {{as: {more}}}]}}"
        )
        .unwrap();
    }
    let (name, url) = roundabout::mirrored(lab);
    let checks = roundabout::names().map(|it| format!("{{as: {it}}}"));
    let checks = checks.join(", ");
    writeln!(
        config,
        "  - {{name: {name}, url: '{url}', checks: [{checks}]}}"
    )
    .unwrap();
    config
}

/// Everything that is told, and what is said of it.
fn everything_told(login: Login, credential: &str) -> Vec<(String, Vec<u8>)> {
    let (lab, relay, hook) = (parrot::start(credential), relay(login), hook());
    roundabout::teach(&lab);
    let scene = Scene::new();
    roundabout::equip(&scene, credential);
    scene.write("authvigil.yaml", config(&scene, &lab, &relay, &hook, login));
    scene.write("smtp", smtp::PASSWORD);
    scene.write("client", CLIENT);
    scene.write("signing", SIGNING);
    scene.write("hook", hook.url(HOOK));
    let daemon = Daemon::start_with(scene, &["--log-level", "debug"]);
    let posts = || {
        let requests = hook.requests().into_iter();
        requests.filter(|it| it.path == HOOK).collect::<Vec<_>>()
    };
    daemon.until("everybody is told of several incidents", || {
        let page = daemon.get("/").body;
        let refused = page.contains("may not write to") && page.contains("no room at");
        refused && relay.taken().len() >= 3 && posts().len() >= 3
    });
    let mut said = Vec::new();
    for path in [
        "/",
        "/endpoints/s200",
        "/api/v1/incidents",
        "/api/v1/silences",
        "/metrics",
    ] {
        said.push((path.to_owned(), daemon.get(path).body.into_bytes()));
    }
    let comment = format!("why: {credential}");
    for arguments in [
        &[
            "silence",
            "add",
            "--for",
            "1h",
            "--comment",
            &comment,
            "s200",
        ][..],
        &["silence", "list", "--json"],
        &["accept", "s401"],
        &["notify-test"],
        &["routes", "class=bypass"],
    ] {
        let run = daemon.scene.run(arguments);
        let name = format!("{} {}", arguments[0], arguments.get(1).unwrap_or(&""));
        said.push((name, [run.stdout, run.stderr].concat().into_bytes()));
    }
    for mail in relay.taken() {
        let letter = Letter::read(&mail.content);
        let whole = [mail.content, letter.text, letter.html].concat();
        said.push(("a mail".to_owned(), whole.into_bytes()));
    }
    for file in fs::read_dir(daemon.path("mail")).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        said.push(("a mail file".to_owned(), bytes));
    }
    for post in posts() {
        said.push(("a document".to_owned(), post.body.to_vec()));
    }
    for end in ["", "-wal"] {
        let bytes = fs::read(daemon.path(&format!("{STATE}{end}"))).unwrap();
        said.push((format!("the state file{end}"), bytes));
    }
    said.push(("the log".to_owned(), daemon.stop().log.into_bytes()));
    said
}

fn nothing_told_has_a_secret(login: Login) {
    let credential = SECRETS[0].1;
    let secrets = [
        credential,
        smtp::PASSWORD,
        &HOOK[1..],
        SIGNING,
        TOKEN,
        CLIENT,
        roundabout::FETCHED,
        roundabout::PRINTED,
    ];
    let secrets = secrets.map(str::as_bytes);
    for (place, bytes) in everything_told(login, credential) {
        assert!(!bytes.is_empty(), "nothing in {place}");
        if let Some(leak) = detector::leak_of_any(&bytes, &secrets) {
            panic!("a piece of a secret in {place}, {leak}");
        }
    }
}

#[test]
fn a_daemon_that_tells_by_password_lets_no_secret_out() {
    nothing_told_has_a_secret(Login::Password);
}

#[test]
fn a_daemon_that_tells_by_token_lets_no_secret_out() {
    nothing_told_has_a_secret(Login::Token);
}
