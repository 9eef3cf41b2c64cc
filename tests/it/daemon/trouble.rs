//! Disks and servers that do not do as they should.

use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::time::Duration;

use nix::sys::signal::Signal;

use super::{
    BRISK, LOCKED, OPEN, TIMING, alone, changed, config, locked_lab, open, scene, scene_of, triad,
    wrapped,
};
use crate::support::daemon::{Daemon, STATE};
use crate::support::hostile::{BodyFault, HeadFault, Hostile, How, Part, Script, Stage};
use crate::support::lab::Lab;
use crate::support::program::Scene;

/// A scene whose state file cannot be made: its directory would have to be a file.
fn without_a_place(lab: &Lab) -> Scene {
    let scene = scene_of(lab);
    scene.write("state", "a file, where a directory is needed");
    scene
}

#[test]
fn a_state_that_cannot_be_written_stops_no_probe() {
    let lab = locked_lab();
    let daemon = Daemon::begin(without_a_place(&lab), &[]);
    daemon.until_reasons(&LOCKED);
    open(&lab);
    daemon.until_reasons(&OPEN);
    daemon.until("the metrics tell it", || {
        let metrics = daemon.metrics();
        metrics.value("authvigil_store_up", &[]) == Some(0.0)
            && metrics.values("authvigil_check_success", &[]) == [0.0, 0.0, 1.0]
    });
    let stopped = daemon.stop();
    assert_eq!(stopped.code, Some(0), "{}", stopped.log);
}

#[test]
fn a_state_that_cannot_be_written_is_told_everywhere() {
    let lab = locked_lab();
    let daemon = Daemon::begin(without_a_place(&lab), &[]);
    daemon.until("the page tells it", || {
        daemon.get("/").body.contains("state/authvigil.db")
    });
    let ready = daemon.get("/-/ready");
    assert_eq!(ready.status, 503);
    assert!(ready.body.contains("state/authvigil.db"), "{}", ready.body);
    assert_eq!(daemon.get("/-/healthy").status, 200);
    let lines = daemon.lines();
    let told = lines.iter().filter(|line| {
        let message = line["message"].as_str().unwrap_or_default();
        line["level"] == "ERROR" && message.contains("state/authvigil.db")
    });
    assert_eq!(told.count(), 1, "{}", daemon.log());
}

#[test]
fn a_state_that_can_be_written_again_is_written() {
    let lab = locked_lab();
    let daemon = Daemon::begin(without_a_place(&lab), &[]);
    daemon.until_reasons(&LOCKED);
    fs::remove_file(daemon.path("state")).unwrap();
    daemon.until("it is ready", || daemon.get("/-/ready").status == 200);
    let before = daemon.result("orders/valid");
    let daemon = Daemon::begin(daemon.stop().scene, &[]);
    assert_eq!(daemon.result("orders/valid")["since"], before["since"]);
}

#[test]
fn a_damaged_state_file_is_set_aside_and_named() {
    let lab = locked_lab();
    let scene = scene_of(&lab);
    fs::create_dir(scene.path().join("state")).unwrap();
    scene.write(STATE, b"no database at all\n".repeat(500));
    let daemon = Daemon::start(scene);
    daemon.until_reasons(&LOCKED);
    let names: Vec<String> = fs::read_dir(daemon.path("state"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let aside = names.iter().find(|name| name.contains(".damaged-"));
    let aside = aside.unwrap_or_else(|| panic!("{names:?}"));
    daemon.until("the log names both", || {
        let log = daemon.log();
        let mut lines = log.lines().filter(|line| line.contains(aside.as_str()));
        lines.any(|line| line.contains(&format!("{STATE}`")) || line.contains(&format!("{STATE} ")))
    });
    assert_eq!(daemon.metrics().value("authvigil_store_up", &[]), Some(1.0));
}

#[test]
fn hostile_servers_do_not_stop_the_probes_of_others() {
    let hostile: Vec<Hostile> = [
        Script::Body(BodyFault::EndlessChunks),
        Script::Body(BodyFault::GzipBomb),
        Script::Drips(Part::Head),
        Script::Drips(Part::Body),
        Script::Head(HeadFault::EndlessLines),
        Script::Head(HeadFault::Garbage),
        Script::Stops(Stage::Connect, How::Hang),
        Script::Stops(Stage::MidHead, How::Reset),
    ]
    .into_iter()
    .map(Hostile::start)
    .collect();
    let lab = locked_lab();
    let urls = hostile.iter().map(Hostile::url).enumerate();
    let mut endpoints: Vec<String> = urls
        .map(|(at, url)| alone(&format!("hostile-{at}"), &url))
        .collect();
    endpoints.push(triad("orders", &lab.url("/orders")));
    let daemon = Daemon::start(scene(&config("", &endpoints)));
    daemon.until("everybody was probed", || {
        daemon.status()["summary"]["pending"] == 0
    });
    daemon.until_probed("orders/anonymous", 2);
    daemon.until_reasons(&LOCKED);
    open(&lab);
    daemon.until_reasons(&OPEN);
    let memory = daemon.metrics().value("process_resident_memory_bytes", &[]);
    assert!(memory.unwrap() < 256.0 * 1024.0 * 1024.0, "{memory:?}");
    let stopped = daemon.stop();
    assert_eq!(stopped.code, Some(0), "{}", stopped.log);
    assert!(stopped.took < Duration::from_secs(10), "{:?}", stopped.took);
}

/// Limits a resource of a running daemon, by the name that `setrlimit(2)` has for it.
fn limit(daemon: &Daemon, resource: &str, most: &str) {
    let script = "import resource, sys\n\
                  process, which = int(sys.argv[1]), getattr(resource, sys.argv[2])\n\
                  hard = resource.prlimit(process, which)[1]\n\
                  most = hard if sys.argv[3] == 'all' else int(sys.argv[3])\n\
                  resource.prlimit(process, which, (most, hard))";
    let status = Command::new("python3")
        .args(["-c", script, &daemon.id().to_string(), resource, most])
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn what_is_learnt_while_the_disk_is_full_is_written_when_it_is_not() {
    let lab = locked_lab();
    let scene = scene_of(&lab);
    // Python ignores the signal that tells of the limit, and so does what it becomes.
    let command = wrapped(&scene, "");
    let daemon = Daemon::begin_by(scene, command);
    daemon.until_reasons(&LOCKED);
    daemon.until("it is ready", || daemon.get("/-/ready").status == 200);
    // As if the disk were full.
    limit(&daemon, "RLIMIT_FSIZE", "1");
    open(&lab);
    daemon.until_reasons(&OPEN);
    daemon.until("it is not ready", || daemon.get("/-/ready").status == 503);
    let before = daemon.result("orders/anonymous");
    limit(&daemon, "RLIMIT_FSIZE", "all");
    daemon.until("it is ready again", || daemon.get("/-/ready").status == 200);
    let daemon = Daemon::begin(daemon.kill().scene, &[]);
    let after = daemon.result("orders/anonymous");
    assert_eq!(
        (&after["since"], &after["reason"]),
        (&before["since"], &before["reason"])
    );
}

#[test]
fn a_visitor_who_hangs_does_not_hold_up_the_end() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    let mut visitor = TcpStream::connect(daemon.address()).unwrap();
    visitor
        .write_all(b"GET /metrics HTTP/1.1\r\nHost: ")
        .unwrap();
    let commander = UnixStream::connect(daemon.path("state/authvigil.db.sock")).unwrap();
    daemon.until_reasons(&LOCKED);
    let stopped = daemon.stop();
    drop((visitor, commander));
    assert_eq!(stopped.code, Some(0), "{}", stopped.log);
    assert!(stopped.took < Duration::from_secs(10), "{:?}", stopped.took);
}

#[test]
fn want_of_descriptors_is_no_fault_of_what_is_watched() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    daemon.until_reasons(&LOCKED);
    let before = daemon.log().lines().count();
    limit(&daemon, "RLIMIT_NOFILE", "1");
    daemon.until("all verdicts change", || {
        daemon.log().matches("\"before\":\"pass\"").count() >= 3
    });
    limit(&daemon, "RLIMIT_NOFILE", "all");
    daemon.until_reasons(&LOCKED);
    for line in &daemon.lines()[before..] {
        // Somebody may be late beside it, and that is another matter.
        let own = ["probe_failed", "secret_unavailable", "timeout"]
            .contains(&line["finding"].as_str().unwrap_or("probe_failed"));
        assert!(own && line["verdict"] != "fail", "{line}");
    }
    assert_eq!(daemon.stop().code, Some(0));
}

#[test]
fn turns_that_passed_while_the_machine_slept_are_counted() {
    let lab = locked_lab();
    let text = config("", &[triad("orders", &lab.url("/orders"))]);
    let daemon = Daemon::start(scene(&changed(&text, TIMING, BRISK)));
    daemon.until_reasons(&LOCKED);
    daemon.signal(Signal::SIGSTOP);
    // Nothing happens in a process that sleeps, so there is nothing to wait for but the time that
    // its turns take, and two more that a busy machine may be late.
    std::thread::park_timeout(Duration::from_millis(3500));
    daemon.signal(Signal::SIGCONT);
    daemon.until("they are counted", || {
        let labels = [("cause", "late")];
        let metrics = daemon.metrics();
        metrics.value("authvigil_probes_skipped_total", &labels) >= Some(3.0)
    });
    daemon.until_probed("orders/anonymous", 1);
    daemon.until_reasons(&LOCKED);
}
