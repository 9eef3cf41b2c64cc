//! A change of the configuration's files is noticed, however it was made.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::reload::{longer, reloads, until_added};
use super::{LOCKED, alone, config, locked_lab, scene, scene_of, triad};
use crate::support::daemon::Daemon;
use crate::support::lab::Lab;

#[test]
fn a_file_that_is_written_in_place_is_read_again() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    daemon.scene.write("authvigil.yaml", longer(&lab));
    until_added(&daemon);
}

#[test]
fn a_file_that_is_renamed_over_the_old_one_is_read_again() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    let new = daemon.scene.write("new.yaml", longer(&lab));
    fs::rename(new, daemon.path("authvigil.yaml")).unwrap();
    until_added(&daemon);
}

/// A configuration with drop-ins, and the drop-in that adds an endpoint.
fn with_drop_ins(lab: &Lab) -> (String, String) {
    let url = lab.url("/orders");
    let main = config(
        "endpoint_files: [{path: 'endpoints.d/*.yaml', optional: true}]",
        &[triad("orders", &url)],
    );
    (main, format!("endpoints:\n{}", alone("added", &url)))
}

/// Waits until the kernel tells the daemon what happens in a directory.
fn until_watched(daemon: &Daemon, name: &str) {
    let directory = fs::metadata(daemon.path(name)).unwrap();
    let watch = format!(" ino:{:x} ", directory.ino());
    let is_watched = |line: &str| line.starts_with("inotify ") && line.contains(&watch);
    daemon.until("it is watched", || {
        let mut open = fs::read_dir(format!("/proc/{}/fdinfo", daemon.id())).unwrap();
        open.any(|entry| {
            // What was closed meanwhile was no watch.
            let told = fs::read_to_string(entry.unwrap().path());
            told.is_ok_and(|told| told.lines().any(is_watched))
        })
    });
}

#[test]
fn a_new_drop_in_is_read() {
    let lab = locked_lab();
    let (main, drop_in) = with_drop_ins(&lab);
    let scene = scene(&main);
    fs::create_dir(scene.path().join("endpoints.d")).unwrap();
    let daemon = Daemon::start(scene);
    daemon.scene.write("endpoints.d/added.yaml", drop_in);
    until_added(&daemon);
}

#[test]
fn a_directory_of_drop_ins_that_is_made_later_is_watched() {
    let lab = locked_lab();
    let (main, drop_in) = with_drop_ins(&lab);
    let daemon = Daemon::start(scene(&main));
    for round in 0..2 {
        if round > 0 {
            fs::remove_dir_all(daemon.path("endpoints.d")).unwrap();
            daemon.until_reasons(&[("added/anonymous", "not there")]);
        }
        fs::create_dir(daemon.path("endpoints.d")).unwrap();
        until_watched(&daemon, "endpoints.d");
        daemon.scene.write("endpoints.d/added.yaml", &drop_in);
        until_added(&daemon);
    }
}

#[test]
fn a_directory_that_came_with_a_reload_by_command_is_watched() {
    let lab = locked_lab();
    let (main, drop_in) = with_drop_ins(&lab);
    let scene = scene_of(&lab);
    fs::create_dir(scene.path().join("endpoints.d")).unwrap();
    let daemon = Daemon::start(scene);
    daemon.scene.write("authvigil.yaml", main);
    assert_eq!(daemon.scene.run(&["reload"]).code, 0);
    daemon.until("the reload", || reloads(&daemon) > 0);
    until_watched(&daemon, "endpoints.d");
    daemon.scene.write("endpoints.d/added.yaml", drop_in);
    until_added(&daemon);
}

#[test]
fn a_drop_in_that_kept_a_configuration_from_being_read_is_watched() {
    let lab = locked_lab();
    let (main, drop_in) = with_drop_ins(&lab);
    let scene = scene_of(&lab);
    fs::create_dir(scene.path().join("endpoints.d")).unwrap();
    scene.write("endpoints.d/added.yaml", drop_in.replace("url", "ulr"));
    let daemon = Daemon::start(scene);
    daemon.scene.write("authvigil.yaml", main);
    daemon.until("the fault", || daemon.log().contains("ulr"));
    daemon.scene.write("endpoints.d/added.yaml", drop_in);
    until_added(&daemon);
}

#[test]
fn a_swap_below_a_symbolic_link_is_read_as_in_kubernetes() {
    let lab = locked_lab();
    let scene = scene_of(&lab);
    let at = |name: &str| scene.path().join(name);
    fs::create_dir(at("mount")).unwrap();
    for (version, text) in [
        ("..1", fs::read_to_string(at("authvigil.yaml")).unwrap()),
        ("..2", longer(&lab)),
    ] {
        fs::create_dir(at("mount").join(version)).unwrap();
        let text = text
            .replace("state/", "../state/")
            .replace("password_file: password", "password_file: ../password");
        fs::write(at("mount").join(version).join("authvigil.yaml"), text).unwrap();
    }
    symlink("..1", at("mount/..data")).unwrap();
    symlink("..data/authvigil.yaml", at("mount/authvigil.yaml")).unwrap();
    symlink("..2", at("mount/..data_tmp")).unwrap();
    let daemon = Daemon::start_with(scene, &["--config", "mount/authvigil.yaml"]);
    daemon.until_reasons(&LOCKED);
    fs::rename(daemon.path("mount/..data_tmp"), daemon.path("mount/..data")).unwrap();
    until_added(&daemon);
}

#[test]
fn a_directory_that_never_rests_does_not_put_a_reload_off() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    let (noise, done) = (daemon.path("noise"), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                fs::write(&noise, "something").unwrap();
                std::thread::park_timeout(Duration::from_millis(20));
            }
        });
        daemon.scene.write("authvigil.yaml", longer(&lab));
        let added = std::panic::catch_unwind(AssertUnwindSafe(|| until_added(&daemon)));
        done.store(true, Ordering::Relaxed);
        added.unwrap();
    });
}

#[test]
fn a_state_file_beside_the_configuration_is_no_change_of_it() {
    let lab = locked_lab();
    let text = config("", &[triad("orders", &lab.url("/orders"))]);
    let daemon = Daemon::start(scene(&text.replace("state/", "")));
    daemon.until_reasons(&LOCKED);
    daemon.replace("authvigil.yaml", &longer(&lab).replace("state/", ""));
    until_added(&daemon);
    assert_eq!(reloads(&daemon), 1);
}
