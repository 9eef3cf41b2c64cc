//! A configuration is read again, however that is brought about, and nothing else changes.

use std::fs;
use std::os::unix::fs::symlink;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nix::sys::signal::Signal;

use super::{LOCKED, PASSWORD, USER, alone, config, locked_lab, scene, scene_of, triad};
use crate::support::certificates::{Certificate, write_authority};
use crate::support::daemon::Daemon;
use crate::support::lab::{Answer, Lab, door};

const DONE: &str = "the configuration was read again";

/// A configuration that watches the door as `orders`, and once more as `added`.
fn longer(lab: &Lab) -> String {
    let url = lab.url("/orders");
    config("", &[triad("orders", &url), alone("added", &url)])
}

#[track_caller]
fn until_added(daemon: &Daemon) {
    daemon.until_reasons(&[("added/anonymous", "pass")]);
}

fn reloads(daemon: &Daemon) -> usize {
    daemon.log().matches(DONE).count()
}

#[test]
fn a_hangup_reads_the_configuration_again() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    daemon.signal(Signal::SIGHUP);
    daemon.until("the reload", || reloads(&daemon) == 1);
    daemon.until_reasons(&LOCKED);
}

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
        // Later than whoever noticed the new directory looks into it.
        daemon.until_probed("orders/anonymous", 2);
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
    // Later than whoever noticed the change of the main file looks at it.
    daemon.until_probed("orders/anonymous", 2);
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
            .replace("state/", "../../state/")
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
fn a_command_reads_the_configuration_again() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    let run = daemon.scene.run(&["reload"]);
    assert_eq!((run.code, run.stdout.trim()), (0, DONE), "{}", run.stderr);
    daemon.until("the reload", || reloads(&daemon) == 1);
}

#[test]
fn a_post_reads_the_configuration_again_where_that_is_allowed() {
    let lab = locked_lab();
    let text = config("", &[triad("orders", &lab.url("/orders"))]);
    let daemon = Daemon::start(scene(
        &text.replace("web: {", "web: {enable_lifecycle: true, "),
    ));
    assert_eq!(daemon.ask("POST", "/-/reload").status, 200);
    daemon.until("the reload", || reloads(&daemon) == 1);
}

#[test]
fn a_post_reads_nothing_where_that_is_not_allowed() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    assert_eq!(daemon.ask("POST", "/-/reload").status, 403);
    daemon.until_reasons(&LOCKED);
    assert_eq!(reloads(&daemon), 0);
}

#[test]
fn what_stays_as_it_is_keeps_what_is_known_of_it() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    daemon.until_reasons(&LOCKED);
    daemon.until_probed("orders/anonymous", 1);
    let (before, probes) = (daemon.status(), daemon.probes("orders/anonymous"));
    daemon.scene.write("authvigil.yaml", longer(&lab));
    until_added(&daemon);
    let after = daemon.status();
    let since = |status: &serde_json::Value| {
        let results = status["results"].as_array().unwrap().iter();
        let orders = results.filter(|result| result["endpoint"] == "orders");
        orders
            .map(|result| result["since"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(since(&after), since(&before));
    assert_eq!(after["started_at"], before["started_at"]);
    assert!(daemon.probes("orders/anonymous") >= probes);
}

/// A daemon over a file that has become faulty.
fn faulty(lab: &Lab) -> Daemon {
    let daemon = Daemon::start(scene_of(lab));
    daemon.until_reasons(&LOCKED);
    let good = fs::read_to_string(daemon.path("authvigil.yaml")).unwrap();
    let bad = good.replace("timeout: 900ms", "timeout: 90s, intervall: 2s");
    daemon.scene.write("authvigil.yaml", bad);
    daemon.until("the metric", || reload_metric(&daemon) == Some(0.0));
    daemon
}

fn reload_metric(daemon: &Daemon) -> Option<f64> {
    let metrics = daemon.metrics();
    metrics.value("authvigil_config_last_reload_successful", &[])
}

#[test]
fn a_faulty_file_changes_nothing_but_what_is_said_of_it() {
    let lab = locked_lab();
    let daemon = faulty(&lab);
    daemon.until_probed("orders/anonymous", 2);
    daemon.until_reasons(&LOCKED);
    let errors: Vec<_> = daemon
        .lines()
        .into_iter()
        .filter(|line| line["level"] == "ERROR")
        .collect();
    let [error] = errors.as_slice() else {
        panic!("{errors:?}")
    };
    let said = error["message"].as_str().unwrap();
    assert!(said.contains("authvigil.yaml:1:"), "{said}");
    assert!(
        said.contains("intervall") && said.contains("timeout"),
        "{said}"
    );
    let page = daemon.get("/").body;
    assert!(page.contains("authvigil.yaml:1:"), "{page}");
}

#[test]
fn a_reload_by_command_prints_the_faults() {
    let lab = locked_lab();
    let daemon = faulty(&lab);
    let run = daemon.scene.run(&["reload"]);
    assert_eq!(run.code, 78);
    assert!(run.stderr.contains("authvigil.yaml:1:"), "{}", run.stderr);
    assert!(
        run.stderr.contains("intervall") && run.stderr.contains("timeout"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_mended_file_is_good_again() {
    let lab = locked_lab();
    let daemon = faulty(&lab);
    daemon.scene.write("authvigil.yaml", longer(&lab));
    until_added(&daemon);
    assert_eq!(reload_metric(&daemon), Some(1.0));
    let page = daemon.get("/").body;
    assert!(!page.contains("authvigil.yaml:1:"), "{page}");
}

#[test]
fn a_rotated_secret_counts_without_a_reload_and_without_a_lockout() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    daemon.until_reasons(&LOCKED);
    // The server is told by the same file, so that both change at once; the daemon may still have the
    // old password at hand.
    let file = daemon.path("password");
    lab.route("/orders", move |request| match request.basic() {
        Some((user, word)) if user == USER && fs::read(&file).unwrap() == word.as_bytes() => {
            Answer::status(200)
        }
        _ => door::basic("orders", USER, "nobody's")(request),
    });
    let new = daemon.scene.write("new-password", "rotated-secret");
    fs::rename(new, daemon.path("password")).unwrap();
    daemon.until("the new one is shown", || {
        let requests = lab.requests();
        let shown = requests
            .iter()
            .filter_map(crate::support::lab::Request::basic);
        shown.filter(|(_, word)| word == "rotated-secret").count() > 1
    });
    daemon.until_reasons(&LOCKED);
    let stopped = daemon.stop();
    assert!(
        !stopped.log.contains("credential_rejected"),
        "{}",
        stopped.log
    );
    assert!(!stopped.log.contains(DONE), "{}", stopped.log);
}

#[test]
fn a_reload_loses_no_probe_that_is_under_way() {
    let lab = Lab::http();
    lab.route("/orders", |request| {
        door::basic("orders", USER, PASSWORD)(request).after(Duration::from_millis(300))
    });
    let daemon = Daemon::start_with(scene_of(&lab), &["--log-level", "debug"]);
    for round in 1..=5 {
        let before = lab.requests().len();
        daemon.until("one is under way", || lab.requests().len() > before);
        daemon.signal(Signal::SIGHUP);
        daemon.until("the reload", || reloads(&daemon) == round);
    }
    let stopped = daemon.stop();
    let probed = stopped.log.matches("\"message\":\"probed\"").count();
    let asked = lab.requests().len();
    assert!(probed >= asked, "{probed} of {asked}: {}", stopped.log);
}

#[test]
fn an_endpoint_that_leads_elsewhere_now_is_probed_soon() {
    let (lab, open_lab) = (locked_lab(), Lab::http());
    super::open(&open_lab);
    let seldom = |lab: &Lab| {
        let text = config("", &[triad("orders", &lab.url("/orders"))]);
        text.replace("interval: 1s", "interval: 1h")
    };
    let daemon = Daemon::start(scene(&seldom(&lab)));
    daemon.until_reasons(&LOCKED);
    daemon.scene.write("authvigil.yaml", seldom(&open_lab));
    daemon.until_reasons(&[("orders/anonymous", "anonymous_admitted")]);
}

#[test]
fn many_reloads_in_a_row_end_with_the_last_file() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    let short = fs::read_to_string(daemon.path("authvigil.yaml")).unwrap();
    for round in 0..20 {
        let text = if round % 2 == 0 {
            longer(&lab)
        } else {
            short.clone()
        };
        daemon.scene.write("authvigil.yaml", text);
        daemon.signal(Signal::SIGHUP);
        daemon.until_some("an answer", || {
            daemon.status()["results"].as_array().cloned()
        });
    }
    daemon.scene.write("authvigil.yaml", longer(&lab));
    until_added(&daemon);
    daemon.until_reasons(&LOCKED);
    assert_eq!(daemon.stop().code, Some(0));
}

#[test]
fn what_takes_effect_at_the_next_start_is_told() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    let text = longer(&lab)
        .replace("127.0.0.1:0", "127.0.0.2:0")
        .replace(".db}", "-2.db, retention: {max_age: 2h}}");
    daemon.scene.write("authvigil.yaml", text);
    until_added(&daemon);
    let lines = daemon.lines().into_iter();
    let warnings: Vec<String> = lines
        .filter(|line| line["level"] == "WARN")
        .map(|line| line["message"].as_str().unwrap().to_owned())
        .collect();
    for key in ["`web.listen`", "`state.path`", "`state.retention`"] {
        let told = warnings.iter().filter(|warning| warning.contains(key));
        assert_eq!(told.count(), 1, "{key}: {warnings:?}");
    }
    assert_eq!(daemon.stop().code, Some(0));
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
    daemon
        .scene
        .write("authvigil.yaml", longer(&lab).replace("state/", ""));
    until_added(&daemon);
    assert_eq!(reloads(&daemon), 1);
}

#[test]
fn a_secret_that_comes_later_is_used_without_a_reload() {
    let lab = locked_lab();
    let scene = scene_of(&lab);
    fs::remove_file(scene.path().join("password")).unwrap();
    let daemon = Daemon::start(scene);
    daemon.until_reasons(&[
        ("orders/anonymous", "pass"),
        ("orders/valid", "secret_unavailable"),
    ]);
    daemon.scene.write("password", PASSWORD);
    daemon.until_reasons(&LOCKED);
}

#[test]
fn authorities_that_are_mended_are_trusted_after_a_reload() {
    let lab = Lab::https(Certificate::Valid);
    super::lock(&lab);
    let tls = "tls_config: {ca_file: ca.pem}}";
    let endpoint = triad("orders", &lab.url("/orders")).replace('}', &format!(", {tls}"));
    let scene = scene(&config("", &[endpoint]));
    let stranger = Certificate::SelfSigned.issue();
    scene.write("ca.pem", stranger.certificate_pem());
    let daemon = Daemon::start(scene);
    daemon.until_reasons(&[("orders/anonymous", "certificate_invalid")]);
    write_authority(daemon.scene.path());
    daemon.signal(Signal::SIGHUP);
    daemon.until_reasons(&LOCKED);
}
