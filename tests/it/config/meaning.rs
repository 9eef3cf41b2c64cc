//! What a configuration means, once it is taken.

use std::time::Duration;

use authvigil::config::{Config, load};
use authvigil::credential::Credential;
use authvigil::domain::check::{Disguise, Persona, Role};
use authvigil::domain::endpoint::{Endpoint, HeaderText, Strikes};
use authvigil::domain::expectation::ChallengeExpectation;
use authvigil::domain::finding::{Class, Severity};
use authvigil::domain::routing::MatchRule;
use authvigil::domain::secret::SecretRef;

use super::{faults_of, load_text, root, without};

const CREDENTIALS: &str = "\
credentials:
  reader: {basic_auth: {username: reader, password_env: READER}}
  ci: {authorization: {credentials_env: CI}}
  key: {api_key: {header: X-API-Key, value_env: KEY}}
  form: {login_form: {url: 'https://a/login', secret_field: p, secret_env: P}}
  edge: {client_certificate: {cert_file: a.pem, key_file: a.key}}
";

fn config(text: &str) -> Config {
    load_text(text).unwrap_or_else(|faults| panic!("{faults}"))
}

/// The only endpoint of a text that is put behind the credentials.
fn endpoint(keys: &str) -> Endpoint {
    let text =
        format!("{CREDENTIALS}endpoints:\n  - name: a\n    url: https://a.example.com/\n{keys}");
    config(&text).endpoints.remove(0)
}

/// The checks of an endpoint: name, persona and statuses.
fn checks(keys: &str) -> Vec<String> {
    let endpoint = endpoint(keys);
    let check = |check: &authvigil::domain::check::Check| {
        format!(
            "{} as {}: {}",
            check.name, check.persona, check.expectation.status
        )
    };
    endpoint.checks.iter().map(check).collect()
}

#[test]
fn a_credential_stands_for_three_checks() {
    assert_eq!(
        checks("    credential: reader\n"),
        [
            "anonymous as anonymous: 401",
            "invalid as invalid: 401",
            "valid as reader: 2xx"
        ]
    );
}

#[test]
fn an_endpoint_without_credential_has_the_anonymous_check_alone() {
    assert_eq!(checks(""), ["anonymous as anonymous: 401"]);
}

#[test]
fn what_a_refusal_looks_like_depends_on_the_kind_of_credential() {
    let refused = |name: &str| checks(&format!("    credential: {name}\n")).swap_remove(1);
    assert_eq!(refused("key"), "invalid as invalid: 401 or 403");
    assert_eq!(refused("form"), "invalid as invalid: 401, 403, 302 or 303");
    assert_eq!(
        refused("edge"),
        "invalid as invalid: 400, 401, 403, 495, 496 or a refused TLS handshake"
    );
    for (name, optional) in [
        ("reader", false),
        ("ci", false),
        ("key", true),
        ("form", true),
        ("edge", true),
    ] {
        let endpoint = endpoint(&format!("    credential: {name}\n"));
        let challenge = &endpoint.checks[0].expectation.challenge;
        assert_eq!(
            matches!(challenge, ChallengeExpectation::Optional),
            optional,
            "{name}"
        );
    }
}

#[test]
fn what_is_written_lies_on_top_of_the_defaults_key_by_key() {
    let endpoint = endpoint(
        "    credential: key\n    refused: {status: [401, 404]}\n    checks:\n      - as: anonymous\n        expect: {challenge: none}\n      - as: key\n",
    );
    let expectation = &endpoint.checks[0].expectation;
    assert_eq!(expectation.status.to_string(), "401 or 404");
    assert!(matches!(
        expectation.challenge,
        ChallengeExpectation::Absent
    ));
    assert_eq!(endpoint.checks[1].role(), Role::Admitted);
}

#[test]
fn a_real_token_that_must_be_refused_meets_401_or_403() {
    let endpoint = endpoint("    checks:\n      - as: ci\n      - as: {token_file: other}\n");
    let check = &endpoint.checks[1];
    assert_eq!(check.name.as_str(), "token_file");
    assert_eq!(check.expectation.status.to_string(), "401 or 403");
    let Persona::Impostor(impostor) = &check.persona else {
        panic!("{}", check.persona)
    };
    assert!(matches!(impostor.disguise, Disguise::TokenFile(_)));
    assert_eq!(
        impostor
            .credential
            .as_ref()
            .map(ToString::to_string)
            .as_deref(),
        Some("ci")
    );
}

#[test]
fn a_bare_invalid_imitates_the_endpoints_credential_or_the_only_one_named() {
    let imitated = |keys: &str| {
        let endpoint = endpoint(keys);
        let mut personas = endpoint.checks.iter().map(|check| &check.persona);
        let invalid = personas.find(|it| matches!(it, Persona::Invalid(_)));
        invalid
            .and_then(Persona::credential)
            .map(ToString::to_string)
    };
    let own = "    credential: reader\n    checks: [{as: invalid}, {as: ci}]\n";
    assert_eq!(imitated(own).as_deref(), Some("reader"));
    let only = "    checks: [{as: ci}, {as: {tampered: ci}}, {as: invalid}]\n";
    assert_eq!(imitated(only).as_deref(), Some("ci"));
}

#[test]
fn the_short_challenge_is_that_of_the_refused_checks_alone() {
    let endpoint = endpoint("    credential: reader\n    challenge: Basic realm=\"a\"\n");
    let named: Vec<bool> = endpoint
        .checks
        .iter()
        .map(|check| matches!(check.expectation.challenge, ChallengeExpectation::Offers(_)))
        .collect();
    assert_eq!(named, [true, true, false]);
}

#[test]
fn an_endpoints_own_keys_win_over_its_profile_and_that_over_global() {
    let text = "\
global: {interval: 1m, timeout: 5s, labels: {env: prod, tier: one}}
profiles:
  p:
    interval: 2m
    timeout: 7s
    challenge: Basic realm=\"profile\"
    refused: {status: 403}
    headers: {X-A: profile, X-B: profile}
    labels: {tier: two, team: payments}
    severity: {outage: warning}
    tls_config: {server_name: profile.example.com, min_version: TLS1.3}
endpoints:
  - name: a
    url: https://a.example.com/
    profile: p
    timeout: 9s
    refused: {challenge: Basic realm=\"own\"}
    headers: {x-a: own}
    labels: {team: orders}
    tls_config: {server_name: own.example.com}
";
    let endpoint = config(text).endpoints.remove(0);
    assert_eq!(endpoint.interval, Duration::from_mins(2));
    assert_eq!(endpoint.timeout, Duration::from_secs(9));
    let expectation = &endpoint.checks[0].expectation;
    assert_eq!(expectation.status.to_string(), "403");
    let ChallengeExpectation::Offers(offers) = &expectation.challenge else {
        panic!("a challenge is named")
    };
    assert!(format!("{offers:?}").contains("own"), "{offers:?}");
    let headers: Vec<String> = endpoint
        .request
        .headers
        .iter()
        .map(|(name, value)| match value {
            HeaderText::Plain(value) => format!("{name}: {}", value.to_str().unwrap()),
            HeaderText::Secret(_) => format!("{name}: secret"),
        })
        .collect();
    assert_eq!(headers, ["x-a: own", "x-b: profile"]);
    let labels: Vec<String> = endpoint
        .labels
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(labels, ["env=prod", "team=orders", "tier=two"]);
    assert_eq!(
        endpoint.severity.get(&Class::Outage),
        Some(&Severity::Warning)
    );
    assert_eq!(
        endpoint.transport.server_name.as_deref(),
        Some("own.example.com")
    );
    assert_eq!(endpoint.transport.min_version.as_str(), "TLS 1.3");
}

#[test]
fn refused_credentials_are_shown_every_five_minutes_or_every_interval_if_that_is_longer() {
    let refused = |keys: &str| endpoint(keys).refused_interval;
    assert_eq!(refused(""), Duration::from_mins(5));
    assert_eq!(refused("    interval: 1h\n"), Duration::from_hours(1));
    assert_eq!(
        refused("    interval: 1h\n    refused_interval: 10m\n"),
        Duration::from_mins(10)
    );
}

#[test]
fn an_outage_takes_three_failures_unless_configured() {
    let strikes = |failures, recoveries| Strikes {
        failures,
        recoveries,
    };
    let confirm = endpoint("").confirm;
    assert_eq!(confirm.default, strikes(2, 2));
    assert_eq!(confirm.classes.get(&Class::Outage), Some(&strikes(3, 2)));
    let text = "\
alerting: {confirm: {failures: 4, classes: {outage: {recoveries: 5}}}}
endpoints:
  - {name: a, url: 'https://a/', confirm: {recoveries: 1, classes: {outage: {failures: 9}}}}
";
    let confirm = config(text).endpoints.remove(0).confirm;
    assert_eq!(confirm.default, strikes(4, 1));
    assert_eq!(confirm.classes.get(&Class::Outage), Some(&strikes(9, 5)));
}

#[test]
fn paths_are_relative_to_the_file_that_names_them_and_systemds_stay_as_written() {
    let path = root().join("tests/fixtures/config/good/every-credential.yaml");
    let config = load(&path).unwrap();
    let folder = path.parent().unwrap();
    let secret = |name: &str| {
        let name = authvigil::domain::check::Name::parse(name).unwrap();
        match &config.credentials.credentials[&name] {
            Credential::Basic(user) => user.password.clone(),
            Credential::Authorization { credentials, .. } => credentials.clone(),
            Credential::ApiKey { value, .. } => value.clone(),
            Credential::LoginForm(form) => form.secret.clone(),
            Credential::Digest(_)
            | Credential::Command(_)
            | Credential::OAuth2(_)
            | Credential::RegistryToken(_)
            | Credential::ClientCertificate { .. } => panic!("{name}"),
        }
    };
    assert_eq!(
        secret("basic"),
        SecretRef::File("$CREDENTIALS_DIRECTORY/basic".into())
    );
    assert_eq!(
        secret("bearer"),
        SecretRef::File("/etc/authvigil/token".into())
    );
    assert_eq!(secret("query"), SecretRef::File(folder.join("../key")));
    assert_eq!(secret("form"), SecretRef::File(folder.join("form")));
    assert_eq!(secret("header"), SecretRef::Env("KEY".into()));
}

#[test]
fn the_user_agent_names_this_version_unless_configured() {
    let agent = |text: &str| config(text).endpoints.remove(0).request.user_agent;
    let plain = "endpoints: [{name: a, url: 'https://a/'}]\n";
    assert_eq!(
        agent(plain),
        concat!("authvigil/", env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(
        agent(&format!("global: {{user_agent: knock/1}}\n{plain}")),
        "knock/1"
    );
    assert_eq!(
        agent("endpoints: [{name: a, url: 'https://a/', headers: {user-agent: own}}]\n"),
        "own"
    );
}

#[test]
fn a_ca_file_is_read_with_the_configuration() {
    let directory = tempfile::tempdir().unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let authority = rcgen::CertificateParams::new(vec!["ca".to_owned()]).unwrap();
    let pem = authority.self_signed(&key).unwrap().pem();
    std::fs::write(directory.path().join("ca.pem"), &pem).unwrap();
    let text = "endpoints: [{name: a, url: 'https://a/', tls_config: {ca_file: ca.pem}}]\n";
    let path = directory.path().join("authvigil.yaml");
    std::fs::write(&path, text).unwrap();
    let config = load(&path).unwrap();
    let authorities = config.endpoints[0].transport.authorities.as_ref().unwrap();
    assert_eq!(authorities.path, directory.path().join("ca.pem"));
    assert_eq!(&*authorities.pem, pem.as_bytes());
}

#[test]
fn drop_in_files_share_what_they_have() {
    let config = load(&root().join("tests/fixtures/config/good/drop-in-files.yaml")).unwrap();
    let names: Vec<&str> = config.endpoints.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["invoices", "ledger"]);
    assert_eq!(config.endpoints[1].timeout, Duration::from_secs(20));
    assert_eq!(config.survey.files.len(), 3);
}

#[test]
fn a_name_that_two_files_have_is_a_fault_that_names_both_places() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
    let credential = "credentials:\n  ci: {authorization: {credentials_env: CI}}\n";
    let endpoint = "endpoints:\n  - {name: a, url: 'https://a/', credential: ci}\n";
    write(
        "authvigil.yaml",
        &format!("endpoint_files: [one.yaml, two.yaml]\n{endpoint}"),
    );
    write("one.yaml", credential);
    write("two.yaml", &format!("{credential}{endpoint}"));
    let faults = load(&directory.path().join("authvigil.yaml")).unwrap_err();
    assert_eq!(
        without(directory.path(), &faults.to_string()),
        "\
two.yaml:2:3: a second credential is called `ci`
    2 |   ci: {authorization: {credentials_env: CI}}
      |   ^^ the first is here (one.yaml:2)
hint: give one of them another name

two.yaml:4:12: a second endpoint is called `a`
    4 |   - {name: a, url: 'https://a/', credential: ci}
      |            ^ the first is here (authvigil.yaml:3)
hint: give one of them another name"
    );
}

#[test]
fn a_drop_in_file_has_no_global_sections() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
    write(
        "authvigil.yaml",
        "endpoint_files: ['*.d/*.yaml']\nendpoints: [{name: a, url: 'https://a/'}]\n",
    );
    std::fs::create_dir(directory.path().join("x.d")).unwrap();
    write("x.d/one.yaml", "global: {interval: 1m}\n");
    let faults = load(&directory.path().join("authvigil.yaml")).unwrap_err();
    assert_eq!(
        without(directory.path(), &faults.to_string()),
        "\
x.d/one.yaml:1:1: there is no key `global` here
    1 | global: {interval: 1m}
      | ^^^^^^
hint: the keys here are `credentials`, `profiles` or `endpoints`"
    );
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let faults = load(&directory.path().join("authvigil.yaml")).unwrap_err();
    assert_eq!(
        without(directory.path(), &faults.to_string()),
        "authvigil.yaml: this file does not exist"
    );
}

#[test]
fn a_file_that_is_no_utf_8_says_from_which_line_on() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("authvigil.yaml");
    std::fs::write(&path, b"endpoints:\n  - name: stra\xdfe\n").unwrap();
    assert_eq!(
        without(directory.path(), &load(&path).unwrap_err().to_string()),
        "authvigil.yaml: this file is no UTF-8 from line 2 on\nhint: save it as UTF-8"
    );
}

#[test]
fn a_branch_takes_over_what_it_leaves_out() {
    let config = load(&root().join("config/authvigil.yaml")).unwrap();
    let route = config.alerting.unwrap().policy.route.unwrap();
    let [bypass, warning, rest] = route.routes.as_slice() else {
        panic!("three branches")
    };
    assert_eq!(bypass.receiver.as_str(), "security");
    assert!(bypass.goes_on);
    assert_eq!(bypass.group_by, ["endpoint"]);
    assert_eq!(warning.repeat_interval, Duration::from_hours(4));
    assert_eq!(warning.mute_time_intervals.len(), 1);
    assert_eq!(rest.matchers.len(), 0);
    assert!(matches!(&bypass.matchers[0].rule, MatchRule::Is(class) if class == "bypass"));
}

#[test]
fn an_expression_of_a_matcher_is_anchored() {
    let text = "\
endpoints: [{name: a, url: 'https://a/'}]
alerting:
  receivers: [{name: r, file: {directory: d}}]
  route:
    receiver: r
    routes: [{matchers: ['endpoint=~\"a|b\"']}]
";
    let route = config(text).alerting.unwrap().policy.route.unwrap();
    let matcher = &route.routes[0].matchers[0];
    assert!(matcher.is_met_by("a") && matcher.is_met_by("b"));
    assert!(!matcher.is_met_by("ab") && !matcher.is_met_by("xa") && !matcher.is_met_by(""));
}

#[test]
fn a_fault_in_a_profile_is_told_once_for_all_its_endpoints() {
    let text = "\
profiles: {p: {challenge: 'Basic realm=\"'}}
endpoints:
  - {name: a, url: 'https://a/', profile: p}
  - {name: b, url: 'https://b/', profile: p}
";
    assert_eq!(faults_of(text).matches("this is no challenge").count(), 1);
}

#[test]
fn a_profile_that_nobody_uses_is_read_for_its_faults_as_well() {
    let text = "profiles: {p: {method: get}}\nendpoints: [{name: a, url: 'https://a/'}]\n";
    let said = faults_of(text);
    assert!(said.contains("methods are written in capitals"), "{said}");
}
