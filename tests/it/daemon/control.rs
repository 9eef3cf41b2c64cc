//! The control socket: who may use it, and what they cannot do to it.

use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;

use super::{LOCKED, locked_lab, scene_of};
use crate::support::daemon::{DEADLINE, Daemon};

const SOCKET: &str = "state/authvigil.db.sock";

fn call(daemon: &Daemon) -> UnixStream {
    let stream = UnixStream::connect(daemon.path(SOCKET)).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream
}

#[test]
fn owner_and_group_may_command_and_nobody_else() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    let mode = std::fs::metadata(daemon.path(SOCKET))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o7777, 0o660, "{mode:o}");
}

#[test]
fn a_line_asks_and_a_line_answers() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    let mut stream = call(&daemon);
    stream.write_all(b"{\"command\":\"reload\"}\n").unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert_eq!(reply, "{\"outcome\":\"done\"}\n");
}

#[test]
fn garbage_and_silence_do_no_harm() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    let silent: Vec<UnixStream> = (0..20).map(|_| call(&daemon)).collect();
    for garbage in [
        b"\0\xFF\n".to_vec(),
        b"{\"command\":\"destroy\"}\n".to_vec(),
        b"[".repeat(200_000),
        vec![b' '; 3 << 20],
    ] {
        let mut stream = call(&daemon);
        // A daemon that has heard enough may hang up early.
        drop(stream.write_all(&garbage));
        drop(stream.shutdown(std::net::Shutdown::Write));
        let mut reply = Vec::new();
        drop(stream.read_to_end(&mut reply));
        assert_eq!(reply, b"", "{}", String::from_utf8_lossy(&reply));
    }
    assert_eq!(daemon.scene.run(&["reload"]).code, 0);
    daemon.until_reasons(&LOCKED);
    drop(silent);
    assert_eq!(daemon.stop().code, Some(0));
}

#[test]
fn the_socket_is_gone_after_the_stop() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    let stopped = daemon.stop();
    assert!(!stopped.scene.path().join(SOCKET).exists());
    let run = stopped.scene.run(&["reload"]);
    assert_eq!(run.code, 70);
    assert!(run.stderr.contains("no daemon answers"), "{}", run.stderr);
}

#[test]
fn a_socket_that_a_killed_daemon_left_is_taken_over() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    let daemon = Daemon::start(daemon.kill().scene);
    assert_eq!(daemon.scene.run(&["reload"]).code, 0);
}
