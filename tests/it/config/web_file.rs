//! The web configuration file, as exporter-toolkit has it: what it means, and what is said of it.

use std::path::Path;
use std::time::Duration;

use authvigil::config::{Config, Faults, load};
use authvigil::domain::endpoint::TlsVersion;
use authvigil::web::{ClientCertificates, Pem, RateLimit, Server, TlsRange};

use crate::support::certificates::{self, Certificate};

const HASH: &str = "$2y$10$uX441UXyPfuFDKJDI2Q/Veb/UKSWJjYMxg6MwNV7qVj2Aw3z58qf2";

/// Loads a configuration whose web configuration file has this text, in a directory below.
fn load_with(directory: &Path, web: &str) -> Result<Config, Faults> {
    std::fs::create_dir_all(directory.join("web")).unwrap();
    std::fs::write(directory.join("web/config.yml"), web).unwrap();
    let path = directory.join("authvigil.yaml");
    let text = "web: {config_file: web/config.yml, listen: '127.0.0.1:0'}\n\
                endpoints: [{name: a, url: 'https://a.example.com/'}]\n";
    std::fs::write(&path, text).unwrap();
    load(&path)
}

#[test]
fn every_key_of_tls_is_understood_and_its_paths_are_relative_to_its_own_file() {
    let directory = tempfile::tempdir().unwrap();
    let web = directory.path().join("web");
    std::fs::create_dir(&web).unwrap();
    Certificate::Valid.issue().write(&web, "server");
    let authorities = certificates::write_authority(&web);
    let authorities = authorities.file_name().unwrap().display();
    let text = format!(
        "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n  \
         client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: {authorities}\n  \
         client_allowed_sans: [prometheus.example.com]\n  min_version: TLS12\n  \
         max_version: TLS12\n  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, \
         TLS_AES_128_GCM_SHA256]\n  curve_preferences: [CurveP256, X25519]\n  \
         prefer_server_cipher_suites: false\n"
    );
    let config = load_with(directory.path(), &text).unwrap();
    let tls = config.web.protection.tls.as_ref().unwrap();
    let versions = TlsRange {
        min: TlsVersion::Tls12,
        max: TlsVersion::Tls12,
    };
    let clients = ClientCertificates::Required {
        authorities: Pem::File(web.join(authorities.to_string())),
        names: vec!["prometheus.example.com".to_owned()],
    };
    assert_eq!(tls.certificate, Pem::File(web.join("server.pem")));
    assert_eq!(tls.key, Pem::File(web.join("server.key")));
    assert_eq!(
        (&tls.clients, tls.range, tls.server_order),
        (&clients, versions, false)
    );
    assert_eq!(
        tls.cipher_suites,
        ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"]
    );
    assert_eq!(tls.groups, ["secp256r1", "X25519"]);
    assert!(Server::bind(&config.web, None).is_ok());
}

#[test]
fn certificate_and_key_may_stand_in_the_file_itself() {
    let directory = tempfile::tempdir().unwrap();
    let issued = Certificate::Valid.issue();
    let indented = |pem: String| pem.replace('\n', "\n    ");
    let text = format!(
        "tls_server_config:\n  cert: |\n    {}\n  key: |\n    {}\n",
        indented(issued.certificate_pem()),
        indented(issued.key_pem()),
    );
    let config = load_with(directory.path(), &text).unwrap();
    assert!(Server::bind(&config.web, None).is_ok());
}

#[test]
fn users_headers_and_limits_are_understood() {
    let directory = tempfile::tempdir().unwrap();
    let text = format!(
        "basic_auth_users: {{alice: {HASH}}}\nrate_limit: {{interval: 500ms, burst: 20}}\n\
         http_server_config: {{headers: {{X-Frame-Options: sameorigin, X-XSS-Protection: ''}}}}\n"
    );
    let protection = load_with(directory.path(), &text).unwrap().web.protection;
    let users: Vec<(&String, &[u8])> = protection
        .users
        .0
        .iter()
        .map(|(a, b)| (a, b.expose()))
        .collect();
    assert_eq!(users, [(&"alice".to_owned(), HASH.as_bytes())]);
    let names: Vec<&str> = protection
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["x-frame-options"]);
    let limit = RateLimit {
        interval: Duration::from_millis(500),
        burst: 20,
    };
    assert_eq!(protection.rate_limit, Some(limit));
}

#[test]
fn the_file_is_one_of_those_that_a_reload_depends_on() {
    let directory = tempfile::tempdir().unwrap();
    let config = load_with(directory.path(), "").unwrap();
    let names = ["authvigil.yaml", "web/config.yml"].map(|name| directory.path().join(name));
    assert_eq!(config.survey.files, names);
}

#[test]
fn neither_a_hash_nor_a_key_shows_however_the_file_is_broken() {
    let text = format!(
        "basic_auth_users:\n  alice: {HASH}\n  bob: canary-password\n  carol: [canary-list]\n  \
         dave: {{x: canary-map}}\ntls_server_config:\n  cert: x\n  key: canary-key\n"
    );
    let breaks: [fn(&str) -> String; 6] = [
        str::to_owned,
        |line| format!("{line}\n{line}"),
        |line| format!("{line}\""),
        |line| line.replacen(": ", ": [", 1),
        |line| line.replacen(':', "x:", 1),
        |line| format!("   {line}"),
    ];
    let lines: Vec<&str> = text.lines().collect();
    for at in 0..lines.len() {
        for broken in breaks {
            let mut lines: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
            lines[at] = broken(&lines[at]);
            let directory = tempfile::tempdir().unwrap();
            let faults = load_with(directory.path(), &lines.join("\n"))
                .unwrap_err()
                .to_string();
            let silent = !faults.contains("canary") && !faults.contains("uX441UXyPfuFDK");
            assert!(silent, "{}\n\n{faults}", lines.join("\n"));
        }
    }
}
