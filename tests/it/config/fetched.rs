//! Credentials that are fetched or printed: what their keys mean, and who may see their files.

use std::fs::{Permissions, set_permissions, write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use authvigil::config::{Config, load};
use authvigil::credential::{ClientAuth, Credential, LoginForm, OAuth2, RegistryToken};
use authvigil::domain::check::{Name, Persona};
use authvigil::domain::endpoint::{TlsVersion, Transport};
use authvigil::domain::expectation::ChallengeExpectation;
use authvigil::domain::secret::SecretRef;

use super::{load_text, root, without};

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn every() -> Config {
    load(&root().join("tests/fixtures/config/good/every-fetched-credential.yaml")).unwrap()
}

fn credential(config: &Config, text: &str) -> Credential {
    config.credentials.credentials[&name(text)].clone()
}

fn oauth2(text: &str) -> OAuth2 {
    let Credential::OAuth2(token) = credential(&every(), text) else {
        panic!("a token")
    };
    *token
}

#[test]
fn a_token_is_asked_for_as_it_is_written() {
    let full = oauth2("full");
    let expected = OAuth2 {
        token_url: "https://id.example.com/token?tenant=a".parse().unwrap(),
        client_id: "authvigil".to_owned(),
        client_secret: Some(SecretRef::Env("SECRET".to_owned())),
        client_auth: ClientAuth::Body,
        refresh_token: None,
        scopes: vec!["a".to_owned(), "b".to_owned()],
        audience: Some("urn:example:orders".to_owned()),
        resource: vec![
            "https://api.example.com/v1".parse().unwrap(),
            "urn:example:orders".parse().unwrap(),
        ],
        endpoint_params: [("tenant".to_owned(), "a".to_owned())].into(),
        transport: Transport {
            server_name: Some("id.internal".to_owned()),
            min_version: TlsVersion::Tls13,
            proxy: Some("http://proxy.example.com:3128".parse().unwrap()),
            ..Transport::default()
        },
        timeout: Duration::from_millis(2500),
    };
    assert_eq!(full, expected);
}

#[test]
fn a_token_that_is_not_tuned_is_fetched_by_basic_within_ten_seconds() {
    let public = oauth2("public");
    assert_eq!(public.client_auth, ClientAuth::Basic);
    assert_eq!(public.timeout, Duration::from_secs(10));
    assert_eq!(public.transport, Transport::default());
    assert_eq!(public.client_secret, None);
    assert_eq!(public.resource.len(), 1);
}

#[test]
fn a_mailbox_gets_its_tokens_as_a_credential_does() {
    let text = "\
endpoints: [{name: a, url: 'https://a/'}]
alerting:
  smtp:
    host: mail.example.com
    from: a@example.com
    auth:
      username: a
      oauth2:
        token_url: https://id.example.com/token
        client_id: a
        client_secret_env: S
        client_auth: body
        audience: mail
        timeout: 3s
  receivers: [{name: r, email: {to: a@example.com}}]
  route: {receiver: r}
";
    let smtp = load_text(text).unwrap().alerting.unwrap().notify.smtp;
    let auth = smtp.unwrap().auth.unwrap();
    let authvigil::notify::SmtpProof::OAuth2(token) = auth.proof else {
        panic!("a token")
    };
    assert_eq!(token.client_auth, ClientAuth::Body);
    assert_eq!(token.audience.as_deref(), Some("mail"));
    assert_eq!(token.timeout, Duration::from_secs(3));
}

#[test]
fn a_login_travels_its_own_way() {
    let Credential::LoginForm(form) = credential(&every(), "form") else {
        panic!("a login form")
    };
    let LoginForm {
        transport, timeout, ..
    } = *form;
    assert_eq!(timeout, Duration::from_mins(1));
    let expected = Transport {
        min_version: TlsVersion::Tls13,
        proxy: Some("socks5://proxy.example.com".parse().unwrap()),
        ..Transport::default()
    };
    assert_eq!(transport, expected);
}

#[test]
fn a_registry_token_is_asked_of_its_realm() {
    let Credential::RegistryToken(token) = credential(&every(), "registry") else {
        panic!("a registry token")
    };
    let RegistryToken {
        realm,
        service,
        scopes,
        user,
        timeout,
        ..
    } = *token;
    assert_eq!(realm.as_str(), "http://127.0.0.1:5001/auth?x=1");
    assert_eq!(service.as_deref(), Some("registry.example.com"));
    assert_eq!(
        scopes,
        ["repository:library/alpine:pull,push", "registry:catalog:*"]
    );
    assert_eq!(user.username, "puller");
    assert_eq!(
        user.password,
        SecretRef::File("$CREDENTIALS_DIRECTORY/puller".into())
    );
    assert_eq!(timeout, Duration::from_secs(3));
}

#[test]
fn the_arguments_of_a_program_stay_as_they_are() {
    let Credential::Command(command) = credential(&every(), "printed") else {
        panic!("a command")
    };
    assert_eq!(command.program, Path::new("/bin/sh"));
    assert_eq!(command.arguments, ["-c", "printf '%s' token", ""]);
}

#[test]
fn a_programs_path_is_absolute_even_where_the_configurations_is_not() {
    let directory = Path::new("tests/fixtures/config/good");
    let config = load(&directory.join("unwise-for-accounts.yaml")).unwrap();
    let Credential::Command(command) = credential(&config, "unrunnable") else {
        panic!("a command")
    };
    let expected = std::path::absolute(directory.join("unwise-for-accounts.yaml")).unwrap();
    assert_eq!(command.program, expected);
    assert!(command.program.is_absolute());
}

const KINDS: &str = "\
credentials:
  form: {login_form: {url: 'https://a/login', secret_field: p, secret_env: P}}
  registry: {registry_token: {realm: 'https://a/token', username: u, password_env: P}}
  printed: {command: [/bin/true]}
  reader: {basic_auth: {username: u, password_env: P}}
  spare: {basic_auth: {username: u, password_env: P}}
";

fn kinds(endpoints: &str) -> Config {
    load_text(&format!("{KINDS}{endpoints}")).unwrap_or_else(|faults| panic!("{faults}"))
}

#[test]
fn a_registry_refuses_with_a_challenge_and_what_a_program_prints_is_refused_in_any_way() {
    let config = kinds(
        "endpoints:\n  - {name: a, url: 'https://a/', credential: registry}\n  - {name: b, url: 'https://a/', credential: printed}\n",
    );
    let refused = |index: usize| {
        let expectation = &config.endpoints[index].checks[1].expectation;
        let optional = matches!(expectation.challenge, ChallengeExpectation::Optional);
        (expectation.status.to_string(), optional)
    };
    assert_eq!(refused(0), ("401".to_owned(), false));
    assert_eq!(refused(1), ("401 or 403".to_owned(), true));
}

#[test]
fn a_token_from_a_file_is_presented_as_the_endpoints_own_would_be() {
    for kind in ["form", "registry", "printed"] {
        let config = kinds(&format!(
            "endpoints:\n  - name: a\n    url: https://a/\n    credential: {kind}\n    checks: [{{as: {{expired: old}}}}]\n"
        ));
        let persona = &config.endpoints[0].checks[0].persona;
        assert_eq!(persona.credential(), Some(&name(kind)));
    }
}

#[test]
fn a_credential_is_at_home_wherever_any_check_names_it() {
    let config = kinds(
        "\
profiles: {p: {credential: reader}}
endpoints:
  - {name: a, url: 'https://profile/', profile: p}
  - {name: b, url: 'https://holder/', checks: [{as: reader}]}
  - {name: c, url: 'https://invalid:8443/x', checks: [{as: {invalid: reader}}]}
  - {name: d, url: 'https://impostor/', checks: [{as: {wrong_password: reader}}]}
  - {name: e, url: 'https://nobody/', credential: reader, checks: [{as: anonymous}]}
",
    );
    let home = &config.credentials.origins[&name("reader")];
    let hosts: Vec<String> = home
        .iter()
        .map(|origin| format!("{}:{}", origin.host, origin.port))
        .collect();
    assert_eq!(
        hosts,
        ["holder:443", "impostor:443", "invalid:8443", "profile:443"]
    );
    assert!(!config.credentials.origins.contains_key(&name("spare")));
}

#[test]
fn the_holder_is_to_be_admitted_as_long_as_the_credential_holds() {
    let config = every();
    let small = config.endpoints.iter().find(|it| it.name == name("small"));
    let least: Vec<(String, Option<Duration>)> = small
        .unwrap()
        .checks
        .iter()
        .map(|check| {
            let least = check.expectation.credential_min_remaining;
            (check.name.to_string(), least)
        })
        .collect();
    let expected = [
        ("anonymous", None),
        ("invalid", None),
        ("valid", Some(Duration::from_hours(1))),
    ];
    assert_eq!(
        least,
        expected.map(|(name, least)| (name.to_owned(), least))
    );
}

#[test]
fn what_all_endpoints_confirm_late_is_said_once() {
    let text = "\
credentials: {c: {authorization: {credentials_env: C}}}
endpoints:
  - {name: a, url: 'https://a/', credential: c, interval: 30m}
  - {name: b, url: 'https://b/', credential: c, interval: 30m}
alerting:
  confirm: {failures: 3}
  receivers: [{name: r, file: {directory: d}}]
  route: {receiver: r}
";
    let said = load_text(text).unwrap().warnings.to_string();
    let lines: Vec<&str> = said.lines().skip_while(|it| !it.contains("late")).collect();
    assert_eq!(said.matches("a lockout would be told late").count(), 1);
    assert_eq!(lines[2], "      |   ^^^^^^^ 3 rejections take 1h");
}

/// A configuration in a directory of its own, with files of these modes beside it.
fn warned_of(credentials: &str, files: &[(&str, u32)]) -> String {
    let directory = tempfile::tempdir().unwrap();
    let place = |name: &str| -> PathBuf { directory.path().join(name) };
    for (file, mode) in files {
        write(place(file), "content").unwrap();
        set_permissions(place(file), Permissions::from_mode(*mode)).unwrap();
    }
    let text = format!(
        "credentials: {{c: {credentials}}}\nendpoints: [{{name: a, url: 'https://a/', credential: c}}]\n"
    );
    write(place("authvigil.yaml"), text).unwrap();
    let warnings = load(&place("authvigil.yaml")).unwrap().warnings;
    without(directory.path(), &warnings.to_string())
}

#[test]
fn a_secret_that_everybody_can_read_is_warned_of_with_the_way_out() {
    let said = warned_of(
        "{basic_auth: {username: u, password_file: secret}}",
        &[("secret", 0o644)],
    );
    assert_eq!(
        said,
        "\
authvigil.yaml:1:60: warning: the file of this secret lies open
    1 | credentials: {c: {basic_auth: {username: u, password_file: secret}}}
      |                                                            ^^^^^^ every user of this machine can read it
hint: `chmod 0600` it, or `0640` with the daemon's group"
    );
}

#[test]
fn a_secret_of_the_daemon_and_its_group_is_not_warned_of() {
    for mode in [0o400, 0o600, 0o640] {
        let said = warned_of(
            "{authorization: {credentials_file: secret}}",
            &[("secret", mode)],
        );
        assert_eq!(said, "", "{mode:o}");
    }
}

#[test]
fn of_a_client_certificate_the_private_key_alone_is_a_secret() {
    let certificate = "{client_certificate: {cert_file: a.pem, key_file: a.key}}";
    let closed = warned_of(certificate, &[("a.pem", 0o644), ("a.key", 0o600)]);
    assert_eq!(closed, "");
    let open = warned_of(certificate, &[("a.pem", 0o644), ("a.key", 0o604)]);
    assert_eq!(open.matches("lies open").count(), 1, "{open}");
}

#[test]
fn a_program_that_everybody_can_change_is_warned_of() {
    let safe = warned_of("{command: [program]}", &[("program", 0o755)]);
    assert_eq!(safe, "");
    let open = warned_of("{command: [program]}", &[("program", 0o777)]);
    let said = "somebody else decides what this program does";
    assert_eq!(open.matches(said).count(), 1, "{open}");
}

#[test]
fn the_example_of_the_design_is_taken() {
    let directory = tempfile::tempdir().unwrap();
    let place = |name: &str| directory.path().join(name);
    let folder = root().join("tests/fixtures/config/design");
    for file in ["authvigil.yaml", "web-config.yaml"] {
        std::fs::copy(folder.join(file), place(file)).unwrap();
    }
    let authority = rcgen::generate_simple_self_signed(["internal".to_owned()]).unwrap();
    write(place("internal-ca.pem"), authority.cert.pem()).unwrap();
    let config = load(&place("authvigil.yaml")).unwrap_or_else(|faults| panic!("{faults}"));
    let kinds: Vec<&str> = config
        .credentials
        .credentials
        .values()
        .map(Credential::kind)
        .collect();
    assert_eq!(
        kinds,
        [
            "oauth2",
            "digest_auth",
            "authorization",
            "client_certificate",
            "api_key",
            "login_form"
        ]
    );
    let personas: Vec<&Persona> = config.endpoints[0]
        .checks
        .iter()
        .map(|check| &check.persona)
        .collect();
    let billing = name("billing");
    assert_eq!(
        personas,
        [
            &Persona::Anonymous,
            &Persona::Invalid(billing.clone()),
            &Persona::Holder(billing)
        ]
    );
}
