//! What the daemon holds in memory stays there.

use std::fs;
use std::path::{Path, PathBuf};

use nix::sys::signal::Signal;

use super::{PASSWORD, locked_lab, scene_of};
use crate::support::daemon::Daemon;

/// All files below a directory.
fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

#[test]
fn a_daemon_that_is_aborted_leaves_its_memory_nowhere() {
    let daemon = Daemon::start(scene_of(&locked_lab()));
    daemon.until_probed("orders/valid", 1);
    let limits = fs::read_to_string(format!("/proc/{}/limits", daemon.id())).unwrap();
    let core = limits
        .lines()
        .find(|it| it.starts_with("Max core file size"));
    let words: Vec<&str> = core.unwrap().split_whitespace().collect();
    assert_eq!(words[4..], ["0", "0", "bytes"]);
    let before = files(daemon.scene.path());
    daemon.signal(Signal::SIGABRT);
    let stopped = daemon.ended();
    assert_eq!(stopped.code, None);
    let new = files(stopped.scene.path())
        .into_iter()
        .filter(|path| !before.contains(path));
    for path in new {
        let bytes = fs::read(&path).unwrap();
        let quotes = bytes
            .windows(PASSWORD.len())
            .any(|it| it == PASSWORD.as_bytes());
        assert!(!quotes, "{}", path.display());
    }
}

#[test]
fn a_daemon_that_is_not_dumped_still_counts_its_own_files_and_memory() {
    let daemon = Daemon::start(scene_of(&locked_lab()));
    let metrics = daemon.metrics();
    for name in [
        "process_open_fds",
        "process_max_fds",
        "process_resident_memory_bytes",
    ] {
        assert!(
            metrics.value(name, &[]).is_some_and(|value| value > 0.0),
            "{name}"
        );
    }
}

#[test]
fn a_secret_that_others_can_read_is_logged_once() {
    use std::os::unix::fs::PermissionsExt as _;

    let scene = scene_of(&locked_lab());
    let secret = files(scene.path())
        .into_iter()
        .find(|path| fs::read(path).is_ok_and(|it| it.starts_with(PASSWORD.as_bytes())));
    fs::set_permissions(secret.unwrap(), fs::Permissions::from_mode(0o644)).unwrap();
    let daemon = Daemon::start(scene);
    daemon.until_probed("orders/valid", 2);
    let log = daemon.stop().log;
    let told = log.matches("a secret lies in the open: every user of this machine can read it");
    assert_eq!(told.count(), 1, "{log}");
}
