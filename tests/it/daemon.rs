//! The running daemon: `authvigil run` as a process, over servers whose locks break and are mended.

mod acceptance;
mod alerting;
mod control;
mod demo;
mod files;
mod holds;
mod log;
mod prometheus;
mod reload;
mod restart;
mod rounds;
mod silences;
mod systemd;
mod trouble;

use std::process::{Command, Stdio};

use crate::support::lab::{Lab, door};
use crate::support::program::{Run, Scene};

/// The user that the lab's door opens to.
const USER: &str = "reader";

/// The password of that user.
const PASSWORD: &str = "s3cret-of-the-lab";

/// How often and how long it is probed: no answer on loopback takes so long, not even on a busy
/// machine. The first probes come within a second, which more frequent ones would not.
const TIMING: &str = "interval: 3s, refused_interval: 3s, timeout: 2900ms";

/// For those who do not mind a late answer, but have to wait for many.
const BRISK: &str = "interval: 1s, refused_interval: 1s, timeout: 900ms";

/// For those whose every probe counts: one for each check.
const ONCE: &str = "interval: 1h, refused_interval: 1h, timeout: 50s";

/// A configuration with these further sections and these endpoints, probed as [`TIMING`] says.
fn config(sections: &str, endpoints: &[String]) -> String {
    format!(
        "global: {{{TIMING}}}\n\
         web: {{listen: '127.0.0.1:0'}}\n\
         state: {{path: {}}}\n\
         credentials: {{orders-reader: {{basic_auth: {{username: {USER}, password_file: password}}}}}}\n\
         {sections}\n\
         endpoints:\n{}",
        crate::support::daemon::STATE,
        endpoints.concat(),
    )
}

/// A text with another piece in the place of one that is there.
#[track_caller]
fn changed(text: &str, piece: &str, other: &str) -> String {
    assert!(text.contains(piece), "no `{piece}`: {text}");
    text.replace(piece, other)
}

/// An endpoint with the three checks that a credential stands for.
fn triad(name: &str, url: &str) -> String {
    format!("  - {{name: {name}, url: '{url}', credential: orders-reader}}\n")
}

/// An endpoint that strangers alone knock at.
fn alone(name: &str, url: &str) -> String {
    format!("  - {{name: {name}, url: '{url}'}}\n")
}

/// A lab with a locked door at `/orders`.
fn locked_lab() -> Lab {
    let lab = Lab::http();
    lock(&lab);
    lab
}

/// Locks the door.
fn lock(lab: &Lab) {
    lab.route("/orders", door::basic("orders", USER, PASSWORD));
}

/// Opens the door to everybody, as a misplaced line in a server's configuration does.
fn open(lab: &Lab) {
    use crate::support::lab::Answer;
    lab.route("/orders", |_| {
        Answer::status(200).json("{\"door\":\"open\"}")
    });
}

/// A scene with a configuration and the password.
fn scene(config: &str) -> Scene {
    let scene = Scene::of(config);
    scene.write("password", PASSWORD);
    let closed = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(scene.path().join("password"), closed).unwrap();
    scene
}

/// A scene that watches the door of a lab as `orders`.
fn scene_of(lab: &Lab) -> Scene {
    scene(&config("", &[triad("orders", &lab.url("/orders"))]))
}

/// Asserts that a command made no sense, and that this was said of it.
#[track_caller]
fn assert_refused(run: &Run, hint: &str) {
    let told = (run.code, run.stdout.as_str());
    assert_eq!(told, (64, ""), "{}", run.stderr);
    assert!(run.stderr.contains(hint), "no `{hint}`: {}", run.stderr);
}

/// Becomes the daemon, under its own process id, after these lines of Python.
fn wrapped(scene: &Scene, lines: &str) -> Command {
    let script = format!(
        "import os, socket, sys\npid = str(os.getpid())\n{lines}\n\
         os.execv(sys.argv[1], [sys.argv[1], 'run'])\n"
    );
    let daemon = scene.command(&[]);
    let mut command = Command::new("python3");
    command.current_dir(scene.path()).stdin(Stdio::null());
    for (name, value) in daemon.get_envs() {
        command.env(name, value.unwrap());
    }
    command.arg("-c").arg(script).arg(daemon.get_program());
    command
}

/// What the three checks of `orders` come to while the lock holds.
const LOCKED: [(&str, &str); 3] = [
    ("orders/anonymous", "pass"),
    ("orders/invalid", "pass"),
    ("orders/valid", "pass"),
];

/// What they come to while the door is open.
const OPEN: [(&str, &str); 3] = [
    ("orders/anonymous", "anonymous_admitted"),
    ("orders/invalid", "invalid_admitted"),
    ("orders/valid", "pass"),
];
