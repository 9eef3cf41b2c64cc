//! `authvigil demo`: a lock that holds, breaks and is mended, its mails, and a place left clean.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::program::Scene;

/// A demo that runs.
struct Demo {
    child: Child,
    lines: BufReader<ChildStdout>,
    scene: Scene,
}

impl Demo {
    fn start() -> Self {
        Self::with(&[])
    }

    /// Starts one with these arguments.
    fn with(arguments: &[&str]) -> Self {
        let scene = Scene::new();
        fs::create_dir(scene.path().join("tmp")).unwrap();
        let mut child = scene
            .command(&[&["demo"], arguments].concat())
            .env("TMPDIR", scene.path().join("tmp"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            lines,
            scene,
        }
    }

    /// The lines up to the one that holds a text. A demo that gives up ends the wait.
    fn until(&mut self, wanted: &str) -> String {
        let mut text = String::new();
        while !text
            .lines()
            .last()
            .is_some_and(|line| line.contains(wanted))
        {
            let read = self.lines.read_line(&mut text).unwrap();
            assert!(read > 0, "no `{wanted}`: {text}");
        }
        text
    }

    /// Interrupts it; the exit code, and how much it left behind.
    fn interrupt(mut self) -> (Option<i32>, usize) {
        let id = Pid::from_raw(self.child.id().try_into().unwrap());
        kill(id, Signal::SIGINT).unwrap();
        let code = self.child.wait().unwrap().code();
        (code, self.left())
    }

    fn left(&self) -> usize {
        fs::read_dir(self.scene.path().join("tmp")).unwrap().count()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn the_demo_shows_a_lock_that_holds_and_breaks_and_leaves_nothing_behind() {
    let mut demo = Demo::start();
    let shown = demo.until("The lock holds");
    assert!(
        shown.contains("challenge: Basic realm=\"orders\""),
        "{shown}"
    );
    assert!(!shown.contains("password:"), "{shown}");
    let shown = demo.until("Now somebody breaks it");
    assert!(!shown.contains("anonymous_admitted"), "{shown}");
    let shown = demo.until("authvigil_incident_open{");
    assert!(
        shown.contains("authvigil_check_failing{endpoint=\"orders\",check=\"anonymous\""),
        "{shown}"
    );
    assert_eq!(demo.interrupt(), (Some(0), 0));
}

#[test]
fn the_demo_shows_the_mail_and_its_recovery_in_one_thread_and_keeps_them_where_asked() {
    let box_of_mail = tempfile::tempdir().unwrap();
    let directory = box_of_mail.path().join("new").join("mail");
    let mut demo = Demo::with(&["--mail", directory.to_str().unwrap()]);
    demo.until("Subject: [authvigil] CRITICAL bypass orders/");
    let first = demo.until("Message-ID: ");
    let first = first.rsplit("Message-ID: ").next().unwrap().trim();
    let shown = demo.until(".eml");
    assert!(shown.contains("HTTP/1.1 200 OK"), "{shown}");
    demo.until("Subject: [authvigil] RESOLVED bypass orders/");
    let shown = demo.until("In-Reply-To: ");
    assert_eq!(
        shown.rsplit("In-Reply-To: ").next().unwrap().trim(),
        first,
        "{shown}"
    );
    let recovery = demo.until(".eml");
    let recovery = fs::read_to_string(recovery.lines().last().unwrap().trim()).unwrap();
    assert_eq!(demo.interrupt(), (Some(0), 0));
    assert!(
        recovery.contains(&format!("In-Reply-To: {first}\r\n")),
        "{recovery}"
    );
    assert!(fs::read_dir(directory).unwrap().count() >= 2);
}

#[test]
fn a_demo_that_is_interrupted_at_its_start_leaves_nothing_behind() {
    let mut demo = Demo::start();
    demo.until("A protected site was started");
    assert_eq!(demo.interrupt(), (Some(0), 0));
}

#[test]
fn a_demo_of_a_given_length_ends_by_itself() {
    let scene = Scene::new();
    let directory = scene.path().to_str().unwrap().to_owned();
    let scene = scene.set("TMPDIR", &directory);
    let run = scene.run(&["demo", "--for", "1500ms"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.took >= Duration::from_millis(1500), "{:?}", run.took);
    assert!(run.stdout.contains("status page"), "{}", run.stdout);
    assert_eq!(fs::read_dir(directory).unwrap().count(), 0);
}

#[test]
fn a_demo_finds_another_port_where_its_own_is_taken() {
    // Where somebody else has it, it is taken just as well.
    let _taken = TcpListener::bind("127.0.0.1:9401");
    let mut demo = Demo::start();
    let shown = demo.until("status page");
    assert!(!shown.lines().last().unwrap().contains(":9401/"), "{shown}");
    assert_eq!(demo.interrupt(), (Some(0), 0));
}
