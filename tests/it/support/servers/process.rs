//! A server process: its directory, its ports, its start and its end.

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::support::certificates;

const LOGIN_PAGE: &str = "<!doctype html><title>Sign in</title><form method=post>\
                          <input name=user><input type=password name=password></form>\n";

/// Where Debian keeps the modules of Apache httpd.
const APACHE_MODULES: &str = "/usr/lib/apache2/modules";

/// How often a start is tried with other ports, should somebody have taken one meanwhile.
const TRIES: usize = 5;

/// How often a server is asked whether it is ready, and the pause between: ten seconds in all.
const POLLS: usize = 2000;
const PAUSE: Duration = Duration::from_millis(5);

/// What it takes to start a server.
pub(super) struct Recipe {
    /// The program and its arguments; `@directory@` stands for the server's directory.
    pub(super) command: &'static [&'static str],
    /// Files to put into the directory; `@name@` stands for a port, `@directory@` likewise.
    pub(super) files: &'static [(&'static str, &'static str)],
    /// The names of the ports that it listens on; the first speaks plain HTTP.
    pub(super) ports: &'static [&'static str],
}

/// A running server.
#[derive(Debug)]
pub(super) struct Server {
    directory: TempDir,
    ports: BTreeMap<&'static str, u16>,
    child: Child,
}

impl Server {
    /// Starts one and returns once it answers; `prepare` may add files to its directory.
    pub(super) fn start(recipe: &Recipe, prepare: impl Fn(&Path)) -> Self {
        Self::start_at(recipe, "/ready", prepare)
    }

    /// The same for one that tells its directory's name under another path.
    pub(super) fn start_at(recipe: &Recipe, ready: &str, prepare: impl Fn(&Path)) -> Self {
        for _ in 0..TRIES {
            let directory = tempfile::tempdir().unwrap();
            furnish(directory.path());
            prepare(directory.path());
            let ports = free_ports(recipe.ports);
            write_files(recipe, directory.path(), &ports);
            let child = spawn(recipe, directory.path());
            let mut server = Self {
                directory,
                ports,
                child,
            };
            if server.becomes_ready(recipe.ports[0], ready) {
                return server;
            }
        }
        panic!("{} did not start in {TRIES} tries", recipe.command[0]);
    }

    /// The address of a port.
    pub(super) fn address(&self, port: &str) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.ports[port]).into()
    }

    /// The certificate of the authority that vouches for the server.
    pub(super) fn authority(&self) -> PathBuf {
        self.directory.path().join("ca.pem")
    }

    /// Whether it answers in the end; if not, it has ended and says why on the test's output.
    fn becomes_ready(&mut self, port: &str, path: &str) -> bool {
        let address = self.address(port);
        for _ in 0..POLLS {
            if self.child.try_wait().unwrap().is_some() {
                let log = std::fs::read_to_string(self.directory.path().join("error.log"));
                let mut output = std::io::stderr();
                writeln!(output, "ended at once: {}", log.unwrap_or_default()).unwrap();
                return false;
            }
            if is_ready(address, path, self.directory.path()) {
                return true;
            }
            std::thread::park_timeout(PAUSE);
        }
        panic!("nothing came from {address} in {:?}", PAUSE * 2000);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; what counts is that it is gone.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What every server finds in its directory: pages, users, certificates, room for temporary files.
fn furnish(directory: &Path) {
    // Apache httpd, started by root, reads as `nobody`.
    std::fs::set_permissions(directory, Permissions::from_mode(0o755)).unwrap();
    let www = directory.join("www");
    std::fs::create_dir(&www).unwrap();
    std::fs::create_dir(directory.join("tmp")).unwrap();
    std::fs::write(www.join("ok.txt"), "ok\n").unwrap();
    std::fs::write(www.join("login.html"), LOGIN_PAGE).unwrap();
    // The directory's name is what tells this server from another on the same port.
    std::fs::write(www.join("ready"), instance(directory)).unwrap();
    certificates::write_authority(directory);
    certificates::Certificate::Valid
        .issue()
        .write(directory, "valid");
}

fn instance(directory: &Path) -> String {
    directory.file_name().unwrap().to_str().unwrap().to_owned()
}

/// Ports that are free now: below those that the system hands out by itself, so that it is unlikely
/// that one is taken before the server gets it.
fn free_ports(names: &'static [&'static str]) -> BTreeMap<&'static str, u16> {
    let mut held = Vec::new();
    let mut ports = BTreeMap::new();
    for name in names {
        let listener = free_listener();
        ports.insert(*name, listener.local_addr().unwrap().port());
        held.push(listener);
    }
    ports
}

/// A listener on such a port, for whoever is to free it at the last moment.
pub(crate) fn free_listener() -> TcpListener {
    use std::hash::{BuildHasher, RandomState};
    loop {
        let chance = RandomState::new().hash_one(()) % 12_000;
        let port = 20_000 + u16::try_from(chance).unwrap();
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            return listener;
        }
    }
}

fn write_files(recipe: &Recipe, directory: &Path, ports: &BTreeMap<&str, u16>) {
    for (name, template) in recipe.files {
        let mut text = template
            .replace("@directory@", directory.to_str().unwrap())
            .replace("@modules@", APACHE_MODULES)
            .replace("@instance@", &instance(directory));
        for (port, number) in ports {
            text = text.replace(&format!("@{port}@"), &number.to_string());
        }
        std::fs::write(directory.join(name), text).unwrap();
    }
}

fn spawn(recipe: &Recipe, directory: &Path) -> Child {
    let (program, arguments) = recipe.command.split_first().unwrap();
    let arguments = arguments
        .iter()
        .map(|argument| argument.replace("@directory@", directory.to_str().unwrap()));
    let child = Command::new(program)
        .args(arguments)
        .current_dir(directory)
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    match child {
        Ok(child) => child,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            panic!("`{program}` is not installed; `tests/run` installs it")
        }
        Err(error) => panic!("`{program}` does not start: {error}"),
    }
}

/// Whether it is this server, and no other, that answers.
fn is_ready(address: SocketAddr, path: &str, directory: &Path) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else {
        return false;
    };
    stream
        .set_read_timeout(Some(Duration::from_secs(1)))
        .unwrap();
    let request = format!("GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n");
    let mut answer = String::new();
    stream.write_all(request.as_bytes()).is_ok()
        && stream.read_to_string(&mut answer).is_ok()
        && answer.contains(&instance(directory))
}
