//! What systemd is told, and what it hands over.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use nix::sys::signal::Signal;

use super::{LOCKED, locked_lab, scene_of, wrapped};
use crate::support::daemon::{DEADLINE, Daemon};
use crate::support::program::Scene;

/// The other end of `NOTIFY_SOCKET`.
struct Systemd {
    socket: UnixDatagram,
}

impl Systemd {
    /// A scene whose daemon tells systemd how it does.
    fn over(scene: Scene) -> (Self, Scene) {
        let path = scene.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(DEADLINE)).unwrap();
        let scene = scene.set("NOTIFY_SOCKET", path.to_str().unwrap());
        (Self { socket }, scene)
    }

    /// The next message that holds an assignment; its lines.
    fn until(&self, assignment: &str) -> Vec<String> {
        let mut before = Vec::new();
        loop {
            let mut buffer = [0; 4096];
            let Ok(length) = self.socket.recv(&mut buffer) else {
                panic!("no `{assignment}`, but {before:?}")
            };
            let text = std::str::from_utf8(&buffer[..length]).unwrap();
            let lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
            if lines.iter().any(|line| line == assignment) {
                return lines;
            }
            before.push(lines);
        }
    }
}

/// The value of a variable in a message.
fn value<'a>(message: &'a [String], name: &str) -> &'a str {
    let mut values = message
        .iter()
        .filter_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    values
        .next()
        .unwrap_or_else(|| panic!("no {name}: {message:?}"))
}

#[test]
fn systemd_is_told_of_readiness_with_a_status() {
    let lab = locked_lab();
    let (systemd, scene) = Systemd::over(scene_of(&lab));
    let daemon = Daemon::start(scene);
    let ready = systemd.until("READY=1");
    let status = value(&ready, "STATUS");
    assert!(status.contains(&daemon.address().to_string()), "{status}");
    assert!(
        status.contains("3 not probed yet") || status.contains("pass"),
        "{status}"
    );
}

#[test]
fn systemd_is_told_of_a_reload_and_of_its_end() {
    let lab = locked_lab();
    let (systemd, scene) = Systemd::over(scene_of(&lab));
    let daemon = Daemon::start(scene);
    systemd.until("READY=1");
    daemon.signal(Signal::SIGHUP);
    let reloading = systemd.until("RELOADING=1");
    let when: u64 = value(&reloading, "MONOTONIC_USEC").parse().unwrap();
    assert!(when > 0);
    let ready = systemd.until("READY=1");
    assert_ne!(value(&ready, "STATUS"), "");
}

#[test]
fn systemd_is_told_of_the_end_of_a_reload_that_failed() {
    let lab = locked_lab();
    let (systemd, scene) = Systemd::over(scene_of(&lab));
    let daemon = Daemon::start(scene);
    systemd.until("READY=1");
    daemon.scene.write("authvigil.yaml", "endpoints: nonsense");
    systemd.until("RELOADING=1");
    systemd.until("READY=1");
    daemon.until_reasons(&LOCKED);
}

#[test]
fn systemd_is_told_of_the_stop() {
    let lab = locked_lab();
    let (systemd, scene) = Systemd::over(scene_of(&lab));
    let daemon = Daemon::start(scene);
    systemd.until("READY=1");
    let stopped = daemon.stop();
    assert_eq!(stopped.code, Some(0), "{}", stopped.log);
    systemd.until("STOPPING=1");
}

#[test]
fn the_watchdog_gets_signs_of_life() {
    let lab = locked_lab();
    let (systemd, scene) = Systemd::over(scene_of(&lab));
    let command = wrapped(
        &scene,
        "os.environ['WATCHDOG_PID'] = pid\nos.environ['WATCHDOG_USEC'] = '400000'",
    );
    let _daemon = Daemon::begin_by(scene, command);
    for _ in 0..3 {
        systemd.until("WATCHDOG=1");
    }
}

#[test]
fn nobody_gets_signs_of_life_who_did_not_ask() {
    let lab = locked_lab();
    let (systemd, scene) = Systemd::over(scene_of(&lab));
    let daemon = Daemon::start(scene);
    daemon.until_reasons(&LOCKED);
    assert_eq!(daemon.stop().code, Some(0));
    systemd
        .socket
        .set_read_timeout(Some(Duration::from_millis(1)))
        .unwrap();
    let mut buffer = [0; 4096];
    while let Ok(length) = systemd.socket.recv(&mut buffer) {
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        assert!(!text.contains("WATCHDOG"), "{text}");
    }
}

#[test]
fn a_socket_that_systemd_hands_over_is_served() {
    let lab = locked_lab();
    let scene = scene_of(&lab);
    let command = wrapped(
        &scene,
        "door = socket.socket()\ndoor.bind(('127.0.0.1', 0))\ndoor.listen()\n\
         open('port', 'w').write(str(door.getsockname()[1]))\nos.dup2(door.fileno(), 3)\n\
         os.set_inheritable(3, True)\nos.environ['LISTEN_PID'] = pid\n\
         os.environ['LISTEN_FDS'] = '1'",
    );
    let daemon = Daemon::begin_by(scene, command);
    let port = std::fs::read_to_string(daemon.path("port")).unwrap();
    assert_eq!(daemon.address().port().to_string(), port);
    daemon.until_reasons(&LOCKED);
}

#[test]
fn a_socket_of_another_kind_is_told_and_not_served() {
    let lab = locked_lab();
    let scene = scene_of(&lab);
    let command = wrapped(
        &scene,
        "door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n\
         door.bind(('127.0.0.1', 0))\nos.dup2(door.fileno(), 3)\n\
         os.set_inheritable(3, True)\nos.environ['LISTEN_PID'] = pid\n\
         os.environ['LISTEN_FDS'] = '1'",
    );
    let daemon = Daemon::begin_by(scene, command);
    daemon.until_reasons(&LOCKED);
    let log = daemon.log();
    assert!(log.contains("handed over cannot be used"), "{log}");
}
