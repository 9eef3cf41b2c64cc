//! What the daemon makes of locks, round after round.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::{
    LOCKED, OPEN, PASSWORD, USER, alone, config, lock, locked_lab, open, scene, scene_of, triad,
};
use crate::support::background::{Background, adopt, listen};
use crate::support::certificates::{Certificate, write_authority};
use crate::support::daemon::{Daemon, results};
use crate::support::hostile::{Hostile, How, Script, Stage};
use crate::support::lab::{Answer, Lab};

/// A daemon that saw the lock hold and then the door open.
fn opened(lab: &Lab) -> Daemon {
    let daemon = Daemon::start(scene_of(lab));
    daemon.until_reasons(&LOCKED);
    open(lab);
    daemon.until_reasons(&OPEN);
    daemon
}

#[test]
fn a_lock_that_holds_passes_every_check() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    daemon.until_reasons(&LOCKED);
    let all = json!({"pass": 3, "fail": 0, "unknown": 0, "pending": 0});
    daemon.until("the summary says so", || daemon.status()["summary"] == all);
    daemon.until("the metrics say so", || {
        daemon.metrics().values("authvigil_check_success", &[]) == [1.0; 3]
    });
}

#[test]
fn the_api_tells_an_open_door_and_since_when() {
    let lab = locked_lab();
    let daemon = opened(&lab);
    let seen = daemon.result("orders/anonymous");
    let told = ["verdict", "class", "reason", "severity"].map(|key| &seen[key]);
    assert_eq!(told, ["fail", "bypass", "anonymous_admitted", "critical"]);
    daemon.until_probed("orders/anonymous", 1);
    let later = daemon.result("orders/anonymous");
    assert_eq!(later["since"], seen["since"]);
    assert!(
        time(&later["observed_at"]) > time(&later["since"]),
        "{later}"
    );
}

fn time(value: &Value) -> jiff::Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

#[test]
fn the_metrics_tell_an_open_door() {
    let lab = locked_lab();
    let metrics = opened(&lab).metrics();
    let check = [("endpoint", "orders"), ("check", "anonymous")];
    assert_eq!(metrics.value("authvigil_check_success", &check), Some(0.0));
    let failing = metrics.value(
        "authvigil_check_failing",
        &[
            ("endpoint", "orders"),
            ("check", "anonymous"),
            ("class", "bypass"),
            ("reason", "anonymous_admitted"),
            ("severity", "critical"),
        ],
    );
    assert_eq!(failing, Some(1.0));
}

#[test]
fn the_pages_tell_an_open_door() {
    let lab = locked_lab();
    let daemon = opened(&lab);
    for path in ["/", "/endpoints/orders"] {
        let page = daemon.get(path);
        assert_eq!(page.status, 200, "{path}");
        assert!(
            page.body.contains("anonymous_admitted"),
            "{path}: {}",
            page.body
        );
    }
}

#[test]
fn a_mended_lock_passes_again_and_the_page_tells_both_changes() {
    let lab = locked_lab();
    let daemon = opened(&lab);
    lock(&lab);
    daemon.until_reasons(&LOCKED);
    let rows = daemon.until_some("both changes stand on the page", || {
        let rows = changes(&daemon.get("/endpoints/orders").body, "anonymous");
        (rows.len() > 2).then_some(rows)
    });
    let [mended, opened, first] = rows.as_slice() else {
        panic!("{rows:?}")
    };
    assert!(
        mended.contains("fail →") && !mended.contains("<code>"),
        "{mended}"
    );
    assert!(
        opened.contains("pass →") && opened.contains("anonymous_admitted"),
        "{opened}"
    );
    assert!(first.contains("pending →"), "{first}");
    let failing = daemon.metrics().values("authvigil_check_failing", &[]);
    assert_eq!(failing, Vec::<f64>::new());
}

/// The rows of a page's table of changes that are about a check, the newest first.
fn changes(page: &str, check: &str) -> Vec<String> {
    let (_, table) = page.split_once("id=\"changes\"").unwrap();
    let rows = table
        .split("<tr>")
        .filter(|row| row.contains(&format!("<td>{check}</td>")));
    rows.map(ToOwned::to_owned).collect()
}

/// A slow lock that sees whether one persona knocks twice at once.
struct Turnstile {
    address: SocketAddr,
    counts: Arc<Mutex<Counts>>,
    _background: Background,
}

#[derive(Default)]
struct Counts {
    /// The connections on which somebody waits for an answer, by what was shown.
    waiting: Vec<(String, Arc<TcpStream>)>,
    visits: usize,
    doubles: Vec<String>,
}

impl Turnstile {
    fn start() -> Self {
        let (listener, address) = listen(Ipv4Addr::LOCALHOST.into());
        let counts = Arc::new(Mutex::new(Counts::default()));
        let shared = Arc::clone(&counts);
        Self {
            address,
            counts,
            _background: Background::run(move || serve(listener, shared)),
        }
    }
}

async fn serve(listener: TcpListener, counts: Arc<Mutex<Counts>>) {
    let listener = adopt(listener);
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(visit(Arc::new(stream), Arc::clone(&counts)));
    }
}

async fn visit(stream: Arc<TcpStream>, counts: Arc<Mutex<Counts>>) {
    let Some(shown) = shown(&stream).await else {
        return;
    };
    counts.lock().unwrap().enter(&shown, &stream);
    sleep(Duration::from_millis(600)).await;
    counts.lock().unwrap().leave(&stream);
    let key = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        format!("{USER}:{PASSWORD}"),
    );
    let head = if shown == format!("Basic {key}") {
        "200 OK\r\nContent-Length: 0"
    } else {
        "401 No\r\nContent-Length: 0\r\nWWW-Authenticate: Basic realm=\"orders\""
    };
    let answer = format!("HTTP/1.1 {head}\r\n\r\n");
    // Who has gone needs no answer.
    drop(stream.writable().await);
    drop(stream.try_write(answer.as_bytes()));
}

/// The value of `Authorization`, empty where there is none.
async fn shown(stream: &TcpStream) -> Option<String> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        stream.readable().await.ok()?;
        match stream.try_read_buf(&mut request) {
            Ok(0) => return None,
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return None,
        }
    }
    let text = String::from_utf8(request).ok()?;
    let line = text
        .lines()
        .find(|line| line.to_lowercase().starts_with("authorization:"));
    Some(line.map_or("", |line| line[14..].trim()).to_owned())
}

impl Counts {
    fn enter(&mut self, shown: &str, stream: &Arc<TcpStream>) {
        self.visits += 1;
        // Who gave up is no longer there, whether or not that was noticed.
        let gone = |stream: &TcpStream| match stream.try_read(&mut [0]) {
            Ok(_) => true,
            Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
        };
        self.waiting.retain(|(_, stream)| !gone(stream));
        if self.waiting.iter().any(|(other, _)| other == shown) {
            self.doubles.push(shown.to_owned());
        }
        self.waiting.push((shown.to_owned(), Arc::clone(stream)));
    }

    fn leave(&mut self, stream: &Arc<TcpStream>) {
        self.waiting
            .retain(|(_, other)| !Arc::ptr_eq(other, stream));
    }
}

#[test]
fn no_check_is_probed_twice_at_once_whatever_is_reloaded() {
    let turnstile = Turnstile::start();
    let url = format!("http://{}/", turnstile.address);
    let daemon = Daemon::start(scene(&config("", &[triad("orders", &url)])));
    for _ in 0..5 {
        let before = turnstile.counts.lock().unwrap().visits;
        daemon.until("another one knocks", || {
            turnstile.counts.lock().unwrap().visits > before
        });
        daemon.signal(nix::sys::signal::Signal::SIGHUP);
    }
    daemon.until_reasons(&LOCKED);
    daemon.until_probed("orders/anonymous", 2);
    let doubles = turnstile.counts.lock().unwrap().doubles.clone();
    assert_eq!(doubles, Vec::<String>::new());
}

#[test]
fn the_holder_knocks_first_so_that_a_login_page_is_never_taken_for_a_bypass() {
    let lab = Lab::http();
    lab.route("/orders", |request| match request.basic() {
        Some((user, password)) if user == USER && password == PASSWORD => Answer::status(200)
            .json("{\"orders\":[]}")
            .after(Duration::from_millis(300)),
        _ => Answer::login_page(),
    });
    let daemon = Daemon::start(scene_of(&lab));
    daemon.until_reasons(&[
        ("orders/anonymous", "login_page"),
        ("orders/invalid", "login_page"),
        ("orders/valid", "pass"),
    ]);
    let log = daemon.stop().log;
    assert!(!log.contains("admitted"), "{log}");
}

#[test]
fn a_certificate_that_expires_soon_is_one_finding_and_no_failure() {
    let lab = Lab::https(Certificate::ExpiringSoon);
    lock(&lab);
    let tls = "    tls_config: {ca_file: ca.pem}\n";
    let endpoint = |name: &str| {
        format!(
            "  - name: {name}\n    url: '{}'\n    credential: orders-reader\n{tls}",
            lab.url("/orders")
        )
    };
    let scene = scene(&config("", &[endpoint("orders"), endpoint("twin")]));
    write_authority(scene.path());
    let daemon = Daemon::start(scene);
    let status = daemon.until_some("all have a verdict, and none was late", || {
        let status = daemon.status();
        let none = ["pending", "unknown"].map(|key| status["summary"][key] == 0);
        (none == [true; 2]).then_some(status)
    });
    let found: Vec<String> = results(&status)
        .filter(|result| {
            let findings = result["findings"].as_array().unwrap();
            findings
                .iter()
                .any(|it| it["reason"] == "certificate_expiring")
        })
        .map(crate::support::daemon::name)
        .collect();
    assert_eq!(found, ["orders/anonymous"]);
    daemon.until("the metrics say so", || {
        daemon.metrics().values("authvigil_check_success", &[]) == [1.0; 6]
    });
}

#[test]
fn a_check_without_a_verdict_yet_is_pending_and_has_no_success() {
    let hanging = Hostile::start(Script::Stops(Stage::Connect, How::Hang));
    let endpoint = format!(
        "  - {{name: slow, url: '{}', interval: 60s, timeout: 50s}}\n",
        hanging.url()
    );
    let lab = locked_lab();
    let daemon = Daemon::start(scene(&config(
        "",
        &[endpoint, alone("door", &lab.url("/orders"))],
    )));
    daemon.until_reasons(&[("door/anonymous", "pass")]);
    let pending = daemon.result("slow/anonymous");
    assert_eq!(
        (
            &pending["verdict"],
            &pending["observed_at"],
            &pending["since"]
        ),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!(daemon.status()["summary"]["pending"], 1);
    let success = daemon
        .metrics()
        .values("authvigil_check_success", &[("endpoint", "slow")]);
    assert_eq!(success, Vec::<f64>::new());
}
