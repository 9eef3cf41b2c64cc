//! What a running daemon lets out, on every way out at once.

mod told;

use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixDatagram, UnixStream};

use super::secrets::{SECRETS, USER};
use super::{detector, parrot, places, roundabout};
use crate::support::daemon::{DEADLINE, Daemon, STATE};
use crate::support::lab::Lab;
use crate::support::program::Scene;

/// A configuration with the secret by file, by variable and as it is, and by a longer way.
fn config(scene: &Scene, lab: &Lab, secret: &str) -> String {
    // A text in JSON is a text in YAML.
    let literal = serde_json::to_string(secret).unwrap();
    let mut config = format!(
        "global: {{interval: 1s, refused_interval: 1s, timeout: 900ms}}\nweb: {{listen: \
         '127.0.0.1:0'}}\nstate: {{path: {STATE}}}\ncredentials:\n  basic: {{basic_auth: {{username: \
         {USER}, password_file: secret}}}}\n  token: {{authorization: {{credentials_env: TOKEN}}}}\n  \
         key: {{api_key: {{header: X-Key, value: {literal}}}}}\n{}endpoints:\n",
        roundabout::credentials(scene, lab)
    );
    let mut names = roundabout::names().into_iter().cycle();
    for (name, url) in places(lab) {
        let more = names.next().unwrap();
        writeln!(
            config,
            "  - name: {name}\n    url: '{url}'\n    checks: [{{as: basic}}, {{as: token}}, {{as: \
             key}}, {{as: anonymous}}, {{as: {more}}}]"
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

/// What a daemon says on all ways, after some rounds and a reload that fails beside the secret.
fn everything_said(secret: &str) -> Vec<(String, Vec<u8>)> {
    let lab = parrot::start(secret);
    roundabout::teach(&lab);
    let scene = Scene::new().set("TOKEN", secret);
    roundabout::equip(&scene, secret);
    let good = config(&scene, &lab, secret);
    scene.write("authvigil.yaml", &good);
    let notices = UnixDatagram::bind(scene.path().join("notify")).unwrap();
    notices.set_nonblocking(true).unwrap();
    let path = scene.path().join("notify");
    let scene = scene.set("NOTIFY_SOCKET", path.to_str().unwrap());
    let daemon = Daemon::start_with(scene, &["--log-level", "debug"]);
    daemon.until("a round has passed", || {
        daemon.status()["summary"]["pending"] == 0
    });
    daemon.until_probed("s200/anonymous", 1);
    daemon.until_probed("mirror/program-header", 1);
    daemon
        .scene
        .write("authvigil.yaml", good.replace("value:", "valve:"));
    let mut said = vec![("the control socket".to_owned(), control(&daemon))];
    let names = places(&lab)
        .into_iter()
        .chain([roundabout::mirrored(&lab)])
        .map(|(name, _)| format!("/endpoints/{name}"));
    let documents = ["status", "incidents", "silences"].map(|name| format!("/api/v1/{name}"));
    let paths = ["/", "/metrics"].map(str::to_owned).into_iter();
    let paths = paths.chain(documents);
    for path in names.chain(paths) {
        let body = daemon.get(&path).body.into_bytes();
        said.push((path, body));
    }
    let line = fs::read(format!("/proc/{}/cmdline", daemon.id())).unwrap();
    said.push(("the command line".to_owned(), line));
    for end in ["", "-wal"] {
        let bytes = fs::read(daemon.path(&format!("{STATE}{end}"))).unwrap();
        said.push((format!("the state file{end}"), bytes));
    }
    let stopped = daemon.stop();
    said.push(("the log".to_owned(), stopped.log.into_bytes()));
    let file = fs::read(stopped.scene.path().join(STATE)).unwrap();
    said.push(("the closed state file".to_owned(), file));
    said.push(("what systemd is told".to_owned(), received(&notices)));
    said
}

/// The answer to a reload that is refused.
fn control(daemon: &Daemon) -> Vec<u8> {
    let mut stream = UnixStream::connect(daemon.path("state/authvigil.db.sock")).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.write_all(b"{\"command\":\"reload\"}\n").unwrap();
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).unwrap();
    assert!(
        reply.starts_with(b"{\"outcome\":\"refused\""),
        "{}",
        reply.escape_ascii()
    );
    reply
}

fn received(socket: &UnixDatagram) -> Vec<u8> {
    let mut all = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(length) = socket.recv(&mut buffer) {
        all.extend_from_slice(&buffer[..length]);
    }
    all
}

fn no_way_out_has_it(which: usize) {
    let (what, secret) = SECRETS[which];
    for (place, bytes) in everything_said(secret) {
        assert!(!bytes.is_empty(), "nothing in {place}");
        let secrets = [secret, roundabout::FETCHED, roundabout::PRINTED].map(str::as_bytes);
        if let Some(leak) = detector::leak_of_any(&bytes, &secrets) {
            panic!("{what}: a piece of a secret in {place}, {leak}");
        }
    }
}

#[test]
fn a_running_daemon_lets_no_plain_secret_out() {
    no_way_out_has_it(0);
}

#[test]
fn a_running_daemon_lets_no_secret_with_quotes_out() {
    no_way_out_has_it(1);
}

#[test]
fn a_running_daemon_lets_no_secret_out_that_encoders_disagree_on() {
    no_way_out_has_it(6);
}
