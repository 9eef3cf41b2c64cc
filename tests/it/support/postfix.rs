//! A real relay: Postfix, with Dovecot to say who may log in.
//!
//! Both want to be root; what they are told keeps them on loopback and in a directory of their own.

use std::fs::Permissions;
use std::io::{BufRead as _, BufReader, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use super::certificates::Certificate;
use super::servers::free_listener;
use super::smtp::{PASSWORD, USER};

/// How long a start, a delivery or an end may take on a machine that has other things to do.
const DEADLINE: Duration = Duration::from_secs(20);

const PAUSE: Duration = Duration::from_millis(20);

/// How often a start is tried with other ports, should somebody have taken one meanwhile.
const TRIES: usize = 3;

const PORTS: [&str; 3] = ["plain", "starttls", "implicit"];

const FILES: [(&str, &str); 4] = [
    (
        "conf/main.cf",
        include_str!("../../servers/postfix/main.cf"),
    ),
    (
        "conf/master.cf",
        include_str!("../../servers/postfix/master.cf"),
    ),
    (
        "dovecot.conf",
        include_str!("../../servers/dovecot/dovecot.conf"),
    ),
    (
        "oauth2.conf",
        include_str!("../../servers/dovecot/oauth2.conf"),
    ),
];

/// A running Postfix with its Dovecot.
///
/// `grey@auth.test` meets 451, `nobody@auth.test` 550, `leave@auth.test` 521 and a closed connection,
/// every other address of `auth.test` the one Maildir, and a subject with `spam` in it 550.
#[derive(Debug)]
pub(crate) struct Postfix {
    children: Vec<Child>,
    ports: [u16; 3],
    directory: TempDir,
}

impl Postfix {
    /// Starts both; tokens are looked up at this URL (RFC 7662), and these mechanisms are on offer.
    pub(crate) fn start(mechanisms: &str, introspection: &str) -> Self {
        let owner = user("postfix").expect("Postfix is not installed; `tests/run` installs it");
        let mut log = String::new();
        for _ in 0..TRIES {
            let directory = tempfile::tempdir().unwrap();
            let ports = PORTS.map(|_| free_listener());
            let ports = ports.map(|held| held.local_addr().unwrap().port());
            furnish(directory.path(), owner);
            write_files(directory.path(), ports, [mechanisms, introspection]);
            let mut running = Self {
                children: vec![dovecot(directory.path()), postfix(directory.path())],
                ports,
                directory,
            };
            if running.becomes_ready() {
                return running;
            }
            log = running.log();
        }
        panic!("Postfix did not start in {TRIES} tries: {log}");
    }

    /// The port without TLS and without a login.
    pub(crate) fn plain(&self) -> SocketAddr {
        self.address(0)
    }

    /// The port with `STARTTLS`, which wants a login.
    pub(crate) fn starttls(&self) -> SocketAddr {
        self.address(1)
    }

    /// The port with TLS from the first byte, which wants a login.
    pub(crate) fn implicit(&self) -> SocketAddr {
        self.address(2)
    }

    /// The next mail in the Maildir.
    pub(crate) fn mail(&self) -> String {
        let inbox = self.directory.path().join("mail/inbox/new");
        let end = Instant::now() + DEADLINE;
        while Instant::now() < end {
            let mut entries = std::fs::read_dir(&inbox).unwrap();
            if let Some(entry) = entries.next() {
                return std::fs::read_to_string(entry.unwrap().path()).unwrap();
            }
            std::thread::park_timeout(PAUSE);
        }
        panic!("no mail came within {DEADLINE:?}: {}", self.log());
    }

    fn address(&self, at: usize) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.ports[at]).into()
    }

    /// The process that has all others of Postfix as its children; its own parent is a script, which
    /// ends with it.
    fn master(&self) -> Option<i32> {
        let file = self.directory.path().join("queue/pid/master.pid");
        std::fs::read_to_string(file).ok()?.trim().parse().ok()
    }

    fn log(&self) -> String {
        let read = |name| std::fs::read_to_string(self.directory.path().join(name));
        let logs = [read("mail.log"), read("dovecot.log"), read("start.log")];
        logs.map(Result::unwrap_or_default).concat()
    }

    /// Whether it greets in time; if not, one of them may have ended, or somebody else has its port.
    fn becomes_ready(&mut self) -> bool {
        let end = Instant::now() + DEADLINE;
        while Instant::now() < end {
            let ended = |child: &mut Child| child.try_wait().unwrap().is_some();
            if self.children.iter_mut().any(ended) {
                return false;
            }
            let socket = self.directory.path().join("auth");
            if socket.exists() && greets(self.plain()) {
                return true;
            }
            std::thread::park_timeout(PAUSE);
        }
        false
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        // Asked to end, both end their children; killed, they could not.
        let ids = self.children.iter().map(|child| child.id().cast_signed());
        let [dovecot, script] = [0, 1].map(|at| ids.clone().nth(at));
        for id in dovecot.into_iter().chain(self.master().or(script)) {
            // One that is gone already cannot be asked.
            let _asked = kill(Pid::from_raw(id), Signal::SIGTERM).is_ok();
        }
        let end = Instant::now() + DEADLINE;
        for child in &mut self.children {
            while Instant::now() < end && matches!(child.try_wait(), Ok(None)) {
                std::thread::park_timeout(PAUSE);
            }
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// The number of a user.
fn user(name: &str) -> Option<u32> {
    let users = std::fs::read_to_string("/etc/passwd").unwrap();
    let mut users = users
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>());
    let found = users.find(|fields| fields.first() == Some(&name))?;
    found.get(2)?.parse().ok()
}

fn furnish(directory: &Path, owner: u32) {
    // Most of Postfix and all of Dovecot's workers are not root.
    std::fs::set_permissions(directory, Permissions::from_mode(0o755)).unwrap();
    for name in [
        "conf",
        "queue",
        "data",
        "mail/inbox/new",
        "mail/inbox/cur",
        "mail/inbox/tmp",
    ] {
        std::fs::create_dir_all(directory.join(name)).unwrap();
    }
    let needs_root = "Postfix runs as root alone; so do its tests";
    chown(directory.join("data"), Some(owner), None).expect(needs_root);
    for name in [
        "mail",
        "mail/inbox",
        "mail/inbox/new",
        "mail/inbox/cur",
        "mail/inbox/tmp",
    ] {
        chown(directory.join(name), Some(65534), Some(65534)).unwrap();
    }
    std::fs::write(
        directory.join("passwd"),
        format!("{USER}:{{PLAIN}}{PASSWORD}\n"),
    )
    .unwrap();
    Certificate::Valid.issue().write(directory, "valid");
}

fn write_files(directory: &Path, ports: [u16; 3], [mechanisms, introspection]: [&str; 2]) {
    for (name, template) in FILES {
        let mut text = template
            .replace("@directory@", directory.to_str().unwrap())
            .replace("@mechanisms@", mechanisms)
            .replace("@introspection@", introspection);
        for (port, number) in PORTS.iter().zip(ports) {
            text = text.replace(&format!("@{port}@"), &number.to_string());
        }
        std::fs::write(directory.join(name), text).unwrap();
    }
}

fn dovecot(directory: &Path) -> Child {
    let config = directory.join("dovecot.conf");
    spawn(
        directory,
        "dovecot",
        &["-F", "-c", config.to_str().unwrap()],
    )
}

fn postfix(directory: &Path) -> Child {
    let config = directory.join("conf");
    spawn(
        directory,
        "postfix",
        &["-c", config.to_str().unwrap(), "start-fg"],
    )
}

fn spawn(directory: &Path, program: &str, arguments: &[&str]) -> Child {
    let log = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(directory.join("start.log"))
        .unwrap();
    let child = Command::new(program)
        .args(arguments)
        .current_dir(directory)
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn();
    match child {
        Ok(child) => child,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            panic!("`{program}` is not installed; `tests/run` installs it")
        }
        Err(error) => panic!("`{program}` does not start: {error}"),
    }
}

fn greets(address: SocketAddr) -> bool {
    let Ok(stream) = TcpStream::connect(address) else {
        return false;
    };
    stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    let mut line = String::new();
    let read = BufReader::new(stream).read_line(&mut line);
    read.is_ok() && line.starts_with("220 relay.auth.test ")
}
