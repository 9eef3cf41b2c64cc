//! No secret shows in what is said of a configuration, whatever is wrong with it.

use super::{faults_of, load_text};

/// A secret in every place that can hold one, each with the canary's song in it.
const FULL: &str = r#"credentials:
  basic:
    basic_auth:
      username: reader
      password: canary-one
  digest:
    digest_auth: {username: reader, password: "canary-two"}
  bearer:
    authorization:
      credentials: |
        canary-three
        canary-three-b
  oauth2:
    oauth2:
      token_url: https://id.example.com/token
      client_id: authvigil
      client_secret: 'canary-four'
      endpoint_params: {client_token: canary-five}
  key:
    api_key:
      header: X-API-Key
      value: &shared canary-six
  form:
    login_form:
      url: https://portal.example.com/login
      fields: {user: watch, one_time_token: canary-seven}
      secret_field: password
      secret: *shared
  registry:
    registry_token:
      realm: https://auth.example.com/token
      username: puller
      password: canary-fourteen
endpoints:
  - name: orders
    url: https://orders.example.com/?api_key=canary-eight&page=1
    credential: basic
    proxy_url: http://proxy.example.com:3128
    headers:
      X-Auth-Token: canary-nine
      X-Tenant: {value: canary-ten}
    interval: 60s
    timeout: 10s
  - {name: second, url: "https://orders.example.com/", credential: key, interval: 30s}
alerting:
  smtp:
    host: mail.example.com
    from: authvigil@example.com
    auth: {username: authvigil, password: canary-eleven}
  receivers:
    - name: hook
      webhook:
        url: https://hooks.example.com/services/canary-twelve
        secret: canary-thirteen
  route:
    receiver: hook
"#;

const SONG: &str = "canary-";

#[track_caller]
fn assert_silent(text: &str, what: &str) {
    let said = match load_text(text) {
        Ok(config) => config.warnings.to_string(),
        Err(faults) => faults.to_string(),
    };
    assert!(!said.contains(SONG), "{what}:\n{said}");
}

#[test]
fn the_warnings_about_literal_secrets_do_not_show_them() {
    let config = load_text(FULL).unwrap();
    assert!(config.warnings.len() > 8, "{}", config.warnings);
    assert!(
        !config.warnings.to_string().contains(SONG),
        "{}",
        config.warnings
    );
}

/// A way to break a line, with its name.
type Break = (&'static str, fn(&str) -> String);

#[test]
fn no_broken_line_shows_a_secret() {
    let lines: Vec<&str> = FULL.lines().collect();
    let breaks: [Break; 12] = [
        ("doubled", |line| format!("{line}\n{line}")),
        ("left out", |_| String::new()),
        ("unindented", |line| line.trim_start().to_owned()),
        ("indented", |line| format!("   {line}")),
        ("behind a tab", |line| format!("\t{line}")),
        ("with an open quote", |line| format!("{line}\"")),
        ("with a quote behind the colon", |line| {
            line.replacen(": ", ": \"", 1)
        }),
        ("with an open bracket", |line| line.replacen(": ", ": [", 1)),
        ("with a tag", |line| line.replacen(": ", ": !vault ", 1)),
        ("with an unknown key", |line| line.replacen(':', "x:", 1)),
        ("with two colons", |line| line.replacen(": ", ": a: ", 1)),
        ("commented by a stranger", |line| {
            format!("{line} # password: canary-zero")
        }),
    ];
    for (index, line) in lines.iter().enumerate() {
        for (name, wrong) in breaks {
            let mut broken: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            broken[index] = wrong(line);
            assert_silent(&broken.join("\n"), &format!("line {} {name}", index + 1));
        }
    }
}

#[test]
fn no_file_that_breaks_off_shows_a_secret() {
    for (end, _) in FULL.char_indices().step_by(4) {
        assert_silent(&FULL[..end], &format!("the first {end} bytes"));
        assert_silent(
            &format!("{}: {{", &FULL[..end]),
            &format!("the first {end} bytes and a brace"),
        );
    }
}

#[test]
fn no_misspelt_secret_key_shows_its_value() {
    for key in [
        "pasword",
        "Password",
        "passwd",
        "client-secret",
        "tokens",
        "api_token",
        "secrets",
    ] {
        let text = format!("credentials:\n  a:\n    basic_auth: {{{key}: canary-one}}\n");
        assert_silent(&text, key);
        let text = format!("credentials:\n  a:\n    basic_auth:\n      {key}: canary-one\n");
        assert_silent(&text, key);
    }
}

#[test]
fn a_secret_in_the_place_of_its_reference_is_not_shown() {
    let text = "credentials:\n  a:\n    authorization:\n      credentials_env: canary-one\n";
    let said = faults_of(text);
    assert!(said.contains("name of an environment variable"), "{said}");
    assert!(!said.contains(SONG), "{said}");
}

#[test]
fn a_password_that_is_used_as_a_name_as_well_is_not_shown() {
    let text = "credentials:\n  a:\n    basic_auth: {username: a, password: canary-one}\nendpoints:\n  - {name: a, url: 'https://a/', credential: canary-one}\n";
    assert_silent(text, "as a credential's name");
}

#[test]
fn userinfo_is_not_shown_wherever_a_url_stands() {
    for line in [
        "    proxy_url: http://bob:canary-one@proxy/",
        "    runbook_url: http://bob:canary/one-canary-two@h/",
        "    credential: https://bob:canary-one@h/",
        "    interval: https://canary-one@h/",
    ] {
        let text = format!("endpoints:\n  - name: a\n    url: https://a/\n{line}\n");
        assert_silent(&text, line);
    }
}
