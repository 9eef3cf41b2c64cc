//! Impostors at a validator that works, which refuses each of them, and at validators that are broken
//! in one way each: the impostor that is made for it finds it.

mod issuer;
mod validator;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use issuer::{Algorithm, Issuer};
use serde_json::json;
use validator::{AUDIENCE, Accounts, Flaw, KEY, Keys, Lock, PASSWORD, Tokens, USER};

use crate::support::lab::{Answer, Lab};
use crate::support::program::{Report, Scene};

/// One endpoint for each check: what must be refused waits a second at the same origin.
struct Doors {
    labs: Vec<Lab>,
    config: String,
}

impl Doors {
    fn behind(lock: impl Lock, credential: &str, checks: &[&str]) -> Self {
        let lock: Arc<dyn Lock> = Arc::new(lock);
        let mut config = format!("credentials: {{ci: {credential}}}\nendpoints:\n");
        let mut labs = Vec::new();
        for (at, check) in checks.iter().enumerate() {
            let (lab, lock) = (Lab::http(), Arc::clone(&lock));
            lab.route("/", move |request| lock.answer(request));
            let url = lab.url("/");
            writeln!(
                config,
                "  - {{name: door{at}, credential: ci, url: '{url}', checks: [{{as: {check}}}]}}"
            )
            .unwrap();
            labs.push(lab);
        }
        Self { labs, config }
    }

    /// Which checks did not pass, and why.
    fn trouble(&self, files: &[(&str, &str)]) -> BTreeSet<(String, String)> {
        let scene = Scene::of(&self.config);
        for (name, text) in files {
            scene.write(name, text);
        }
        let report = scene.check_with(&["--include", "wrong_password"]);
        assert_eq!(report.results().len(), self.labs.len());
        let asked = self.labs.iter().filter(|lab| !lab.requests().is_empty());
        assert_eq!(asked.count(), self.labs.len(), "{}", report.run.stdout);
        trouble(&report)
    }
}

fn trouble(report: &Report) -> BTreeSet<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let failed = report.results().iter().filter(|it| it["verdict"] != "pass");
    failed
        .map(|result| (text(&result["check"]), text(&result["reason"])))
        .collect()
}

fn admitted(checks: &[&str]) -> BTreeSet<(String, String)> {
    let reason = "impostor_admitted";
    let pair = |check: &&str| ((*check).to_owned(), reason.to_owned());
    checks.iter().map(pair).collect()
}

const OF_A_TOKEN: [&str; 8] = [
    "ci",
    "anonymous",
    "{tampered: ci}",
    "{unsigned: ci}",
    "{truncated: ci}",
    "{empty: ci}",
    "{expired: expired}",
    "{token_file: foreign}",
];

fn at_tokens(algorithm: Algorithm, flaw: Flaw) -> BTreeSet<(String, String)> {
    let issuer = Arc::new(Issuer::new(algorithm));
    let token = |audience, life| issuer.token(audience, life);
    let files = [
        ("token", token(AUDIENCE, 3600)),
        ("expired", token(AUDIENCE, -3600)),
        ("foreign", token("another service", 3600)),
    ];
    let lock = Tokens {
        issuer: Arc::clone(&issuer),
        flaw,
    };
    let credential = "{authorization: {credentials_file: token}}";
    let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
    Doors::behind(lock, credential, &OF_A_TOKEN).trouble(&files)
}

#[test]
fn a_validator_that_works_refuses_every_impostor_of_an_hs256_token() {
    assert_eq!(at_tokens(Algorithm::Hs256, Flaw::None), admitted(&[]));
}

#[test]
fn a_validator_that_works_refuses_every_impostor_of_an_es256_token() {
    assert_eq!(at_tokens(Algorithm::Es256, Flaw::None), admitted(&[]));
}

#[test]
fn a_validator_that_works_refuses_every_impostor_of_an_rs256_token() {
    assert_eq!(at_tokens(Algorithm::Rs256, Flaw::None), admitted(&[]));
}

#[test]
fn a_validator_that_takes_the_algorithm_none_is_found_by_the_unsigned_token() {
    let found = at_tokens(Algorithm::Rs256, Flaw::TakesNone);
    assert_eq!(found, admitted(&["unsigned-ci"]));
}

#[test]
fn a_validator_that_ignores_signatures_is_found_by_whoever_has_a_bad_one() {
    let found = at_tokens(Algorithm::Es256, Flaw::IgnoresSignature);
    assert_eq!(
        found,
        admitted(&["tampered-ci", "truncated-ci", "unsigned-ci"])
    );
}

#[test]
fn a_validator_that_ignores_the_expiry_is_found_by_the_expired_token() {
    let found = at_tokens(Algorithm::Hs256, Flaw::IgnoresExpiry);
    assert_eq!(found, admitted(&["expired"]));
}

#[test]
fn a_validator_that_ignores_the_audience_is_found_by_the_foreign_token() {
    let found = at_tokens(Algorithm::Es256, Flaw::IgnoresAudience);
    assert_eq!(found, admitted(&["token_file"]));
}

#[test]
fn a_validator_that_compares_what_it_was_shown_alone_is_found_by_the_truncated_token() {
    let found = at_tokens(Algorithm::Hs256, Flaw::ComparesPrefix);
    assert_eq!(found, admitted(&["truncated-ci"]));
}

#[test]
fn a_validator_that_takes_nothing_for_a_token_is_found_by_the_empty_one() {
    let found = at_tokens(Algorithm::Hs256, Flaw::TakesEmpty);
    assert_eq!(found, admitted(&["empty-ci"]));
}

fn at_keys(flaw: Flaw, place: &str) -> BTreeSet<(String, String)> {
    let credential = format!("{{api_key: {{{place}, value_file: key}}}}");
    let checks = [
        "ci",
        "anonymous",
        "{tampered: ci}",
        "{truncated: ci}",
        "{empty: ci}",
        "{token_file: foreign}",
    ];
    let files = [("key", KEY), ("foreign", "sk_Qe7Rf1Tb4Zc9Wd2X")];
    Doors::behind(Keys { flaw }, &credential, &checks).trouble(&files)
}

#[test]
fn a_lock_that_compares_whole_keys_refuses_every_impostor_of_one() {
    for place in ["header: X-API-Key", "query: key"] {
        assert_eq!(at_keys(Flaw::None, place), admitted(&[]), "{place}");
    }
}

#[test]
fn a_lock_that_compares_keys_without_case_is_found_by_the_tampered_one() {
    let found = at_keys(Flaw::IgnoresCase, "header: X-API-Key");
    assert_eq!(found, admitted(&["tampered-ci"]));
}

#[test]
fn a_lock_that_compares_the_beginning_of_a_key_is_found_by_the_truncated_one() {
    let found = at_keys(Flaw::ComparesPrefix, "query: key");
    assert_eq!(found, admitted(&["truncated-ci"]));
}

#[test]
fn a_lock_that_takes_an_empty_key_is_found_by_it() {
    let found = at_keys(Flaw::TakesEmpty, "header: X-API-Key");
    assert_eq!(found, admitted(&["empty-ci"]));
}

fn at_accounts(flaw: Flaw) -> BTreeSet<(String, String)> {
    let credential = format!("{{basic_auth: {{username: {USER}, password_file: password}}}}");
    let checks = ["ci", "anonymous", "{empty: ci}", "{wrong_password: ci}"];
    let doors = Doors::behind(Accounts { flaw }, &credential, &checks);
    doors.trouble(&[("password", PASSWORD)])
}

#[test]
fn a_lock_that_compares_passwords_refuses_every_impostor_of_an_account() {
    assert_eq!(at_accounts(Flaw::None), admitted(&[]));
}

#[test]
fn a_lock_that_looks_at_the_user_alone_is_found_by_the_wrong_password() {
    assert_eq!(
        at_accounts(Flaw::IgnoresSignature),
        admitted(&["wrong_password-ci"])
    );
}

#[test]
fn a_lock_that_takes_an_empty_password_is_found_by_the_empty_account() {
    assert_eq!(at_accounts(Flaw::TakesEmpty), admitted(&["empty-ci"]));
}

/// The impostors of a token that an endpoint gives out.
fn at_fetched_tokens(flaw: Flaw) -> BTreeSet<(String, String)> {
    let issuer = Arc::new(Issuer::new(Algorithm::Es256));
    let (source, given) = (Lab::http(), issuer.token(AUDIENCE, 3600));
    source.route("/token", move |_| {
        let answer = json!({"access_token": given, "token_type": "Bearer", "expires_in": 3600});
        Answer::status(200).json(answer.to_string())
    });
    let credential = format!(
        "{{oauth2: {{token_url: '{}', client_id: watch, client_secret_file: secret}}}}",
        source.url("/token")
    );
    let foreign = issuer.token("another service", 3600);
    let lock = Tokens { issuer, flaw };
    let checks: Vec<&str> = OF_A_TOKEN
        .into_iter()
        .filter(|check| !check.contains("expired"))
        .collect();
    let files = [
        ("secret", "bittern-9Kd-fetches-tokens"),
        ("foreign", &foreign),
    ];
    Doors::behind(lock, &credential, &checks).trouble(&files)
}

#[test]
fn a_validator_that_works_refuses_every_impostor_of_a_fetched_token() {
    assert_eq!(at_fetched_tokens(Flaw::None), admitted(&[]));
}

#[test]
fn a_validator_that_ignores_signatures_is_found_with_a_fetched_token_too() {
    assert_eq!(
        at_fetched_tokens(Flaw::IgnoresSignature),
        admitted(&["tampered-ci", "truncated-ci", "unsigned-ci"])
    );
}

/// What becomes of one persona whose file holds this token, at a door that is open.
fn of_a_file(persona: &str, token: &str) -> (String, usize, String) {
    let lab = Lab::http();
    lab.route("/", |_| Answer::status(200));
    let scene = Scene::of(&format!(
        "credentials: {{ci: {{authorization: {{credentials_file: token}}}}}}\nendpoints: [{{name: \
         door, credential: ci, url: '{}', checks: [{{as: {{{persona}: file}}}}]}}]\n",
        lab.url("/")
    ));
    scene.write("token", "the-holders-own-token");
    scene.write("file", token);
    let report = scene.check();
    let reason = report.reason(&format!("door/{persona}")).to_owned();
    (reason, lab.requests().len(), report.run.stdout)
}

#[test]
fn an_expired_token_that_has_not_expired_is_no_impostor_and_is_not_shown() {
    let token = Issuer::new(Algorithm::Hs256).token(AUDIENCE, 3600);
    let (reason, shown, report) = of_a_file("expired", &token);
    assert_eq!((reason.as_str(), shown), ("probe_failed", 0));
    assert!(report.contains("has not expired yet"), "{report}");
}

#[test]
fn the_holders_own_token_is_no_impostor_and_is_not_shown() {
    for persona in ["expired", "token_file"] {
        let (reason, shown, report) = of_a_file(persona, "the-holders-own-token");
        assert_eq!((reason.as_str(), shown), ("probe_failed", 0), "{report}");
    }
}

#[test]
fn a_foreign_token_may_be_forbidden_and_a_spoilt_one_must_be_asked_for_another() {
    let lab = Lab::http();
    lab.route("/", |_| Answer::status(403));
    let scene = Scene::of(&format!(
        "credentials: {{ci: {{authorization: {{credentials_file: token}}}}}}\nendpoints: [{{name: \
         door, url: '{}', checks: [{{as: {{token_file: file}}}}, {{as: {{truncated: ci}}}}]}}]\n",
        lab.url("/")
    ));
    scene.write("token", "the-holders-own-token");
    scene.write("file", "a-token-for-another-service");
    let report = scene.check();
    assert_eq!(report.reason("door/token_file"), "pass");
    assert_eq!(report.reason("door/truncated-ci"), "forbidden_instead");
}
