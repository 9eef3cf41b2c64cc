//! Users, their passwords, and what checking them costs.

use authvigil::domain::secret::Secret;
use authvigil::web::{Protection, Users};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::port::{Port, settings};
use super::visitor::Answer;

fn users(pairs: &[(&str, &str)]) -> Protection {
    let hashed = pairs.iter().map(|(name, password)| {
        let hash = bcrypt::hash(password, 4).unwrap();
        ((*name).to_owned(), Secret::new(hash))
    });
    Protection {
        users: Users(hashed.collect()),
        ..Protection::default()
    }
}

fn ask(port: &Port, path: &str, pair: &str) -> Answer {
    let value = format!("Basic {}", STANDARD.encode(pair));
    port.ask(&format!("GET {path}"), &[("Authorization", &value)])
}

#[test]
fn no_path_is_open_to_strangers_and_every_path_is_to_users() {
    let port = Port::protected(users(&[("alice", "secret")]));
    for path in [
        "/",
        "/metrics",
        "/api/v1/status",
        "/api/v1/incidents",
        "/api/v1/silences",
        "/-/healthy",
        "/-/ready",
        "/style.css",
    ] {
        let stranger = port.get(path);
        let challenge = "Basic realm=\"authvigil\", charset=\"UTF-8\"";
        let seen = (stranger.status, stranger.header("www-authenticate"));
        assert_eq!(seen, (401, challenge), "{path}");
        assert_eq!(ask(&port, path, "alice:wrong").status, 401, "{path}");
        assert_eq!(ask(&port, path, "alice:secret").status, 200, "{path}");
    }
    assert_eq!(port.get("/nowhere").status, 401);
    assert_eq!(port.ask("POST /-/reload", &[]).status, 401);
}

#[test]
fn two_hundred_scrapes_hash_one_password() {
    let port = Port::protected(users(&[("prometheus", "secret")]));
    for _ in 0..200 {
        assert_eq!(ask(&port, "/metrics", "prometheus:secret").status, 200);
    }
    assert_eq!(port.access.passwords_hashed(), 1);
}

#[test]
fn replaced_users_hold_from_the_next_request_on() {
    let port = Port::protected(users(&[("alice", "old")]));
    assert_eq!(ask(&port, "/", "alice:old").status, 200);
    port.access
        .replace(settings(users(&[("alice", "new")])))
        .unwrap();
    assert_eq!(ask(&port, "/", "alice:old").status, 401);
    assert_eq!(ask(&port, "/", "alice:new").status, 200);
    port.access
        .replace(settings(Protection::default()))
        .unwrap();
    assert_eq!(port.get("/").status, 200);
}

#[test]
fn two_credentials_at_once_are_none() {
    let port = Port::protected(users(&[("alice", "secret")]));
    let right = format!("Basic {}", STANDARD.encode("alice:secret"));
    let headers = [
        ("Authorization", right.as_str()),
        ("Authorization", "Basic eDp5"),
    ];
    assert_eq!(port.ask("GET /", &headers).status, 401);
}

#[test]
fn a_foreign_name_is_refused_before_a_password_is_looked_at() {
    let port = Port::protected(users(&[("alice", "secret")]));
    let value = format!("Basic {}", STANDARD.encode("alice:secret"));
    let request = super::visitor::request(
        "GET /",
        &[("Host", "evil.example"), ("Authorization", &value)],
    );
    assert_eq!(port.say(&request).unwrap().status, 421);
    assert_eq!(port.access.passwords_hashed(), 0);
}
