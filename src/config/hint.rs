//! Hints: the nearest known word, and what other programs' words are called here.

/// The known word that a written one was most likely meant to be.
pub(crate) fn nearest<'k>(
    written: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Option<&'k str> {
    let written = snake_case(written);
    let length = written.chars().count();
    if !(2..=64).contains(&length) {
        return None;
    }
    let scored = known.into_iter().map(|word| {
        let distance = strsim::damerau_levenshtein(&written, &snake_case(word));
        (distance, word)
    });
    let near = scored.filter(|(distance, word)| *distance <= length.max(word.len()) / 3);
    near.min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// `validStatusCodes` and `valid-status-codes` are the same word.
fn snake_case(word: &str) -> String {
    let mut text = String::with_capacity(word.len() + 4);
    for char in word.chars() {
        if char.is_ascii_uppercase() && text.ends_with(|last: char| last.is_ascii_lowercase()) {
            text.push('_');
        }
        text.push(match char {
            '-' | ' ' => '_',
            char => char.to_ascii_lowercase(),
        });
    }
    text
}

/// What a key of Blackbox, Prometheus, Alertmanager or Gatus is called here.
pub(crate) fn foreign(key: &str) -> Option<&'static str> {
    let key = snake_case(key);
    let row = FOREIGN
        .iter()
        .find(|(names, _)| names.contains(&key.as_str()));
    row.map(|(_, hint)| *hint)
}

const FOREIGN: &[(&[&str], &str)] = &[
    // Blackbox exporter.
    (
        &[
            "valid_status_codes",
            "accepted_status_codes",
            "status_code",
            "expected_status",
        ],
        "here it is `status`, in `expect` of a check, or in `refused` and `admitted` of the endpoint",
    ),
    (
        &["modules"],
        "there are no modules here: put what endpoints share into `profiles`",
    ),
    (
        &["prober"],
        "everything here is probed over HTTP: remove it",
    ),
    (
        &["http"],
        "its keys stand directly at the endpoint, or in a profile",
    ),
    (
        &[
            "target",
            "targets",
            "static_configs",
            "scrape_configs",
            "instance",
        ],
        "list what is watched under `endpoints`, each with `name` and `url`",
    ),
    (
        &["valid_http_versions", "enable_http2", "enable_http3"],
        "here it is `http_version`: `any`, `1.1` or `2`",
    ),
    (
        &["fail_if_ssl", "fail_if_not_ssl"],
        "the scheme of `url` decides: an `https://` URL never passes without TLS",
    ),
    (
        &["fail_if_body_matches_regexp", "fail_if_matches_regexp"],
        "here it is `not_matches`, in `body` of an expectation",
    ),
    (
        &[
            "fail_if_body_not_matches_regexp",
            "fail_if_not_matches_regexp",
        ],
        "here it is `matches`, in `body` of an expectation",
    ),
    (
        &[
            "fail_if_body_json_matches_cel",
            "fail_if_body_json_not_matches_cel",
        ],
        "here it is `json`, in `body` of an expectation: `$.status: up`",
    ),
    (
        &["fail_if_header_matches", "fail_if_header_not_matches"],
        "here it is `headers` of an expectation: `Cache-Control: ~no-store`, or `'!~public'`",
    ),
    (
        &[
            "preferred_ip_protocol",
            "ip_protocol_fallback",
            "ip_version",
        ],
        "here it is `ip_protocol`: `ip4`, `ip6` or `any`",
    ),
    (
        &["no_follow_redirects", "ignore_redirect", "max_redirects"],
        "here it is `follow_redirects`: `never` (the default) or `same_origin`",
    ),
    (
        &["bearer_token", "bearer_token_file"],
        "make a credential of it: `authorization: {credentials_file: …}` under `credentials`",
    ),
    (
        &["http_headers"],
        "here it is `headers`; a secret value is `{value_file: …}` or `{value_env: …}`",
    ),
    (
        &["compression"],
        "bodies are read as they come; ask for a coding with `headers: {Accept-Encoding: gzip}`",
    ),
    (&["body_file"], "here it is `body`, with the text itself"),
    (
        &["no_proxy", "proxy_from_environment", "proxy_connect_header"],
        "the environment's proxy is never used: name one with `proxy_url`, or none",
    ),
    (
        &["max_version", "renegotiation"],
        "TLS 1.2 and 1.3 are spoken; only the oldest to accept is set, with `min_version`",
    ),
    (
        &["ca", "ca_cert", "cacert"],
        "here it is `ca_file`, the path of a PEM file",
    ),
    // Prometheus.
    (
        &["scrape_interval", "evaluation_interval"],
        "here it is `interval`",
    ),
    (&["scrape_timeout"], "here it is `timeout`"),
    (&["external_labels"], "here it is `labels`, under `global`"),
    (
        &["username_file"],
        "a user's name is no secret: write it with `username`",
    ),
    (
        &["rule_files", "scrape_config_files"],
        "drop-in files are named by `endpoint_files`",
    ),
    // Alertmanager.
    (
        &["match", "match_re"],
        "here it is `matchers`: `['class=\"bypass\"']`",
    ),
    (
        &["smarthost", "smtp_smarthost"],
        "here it is `host` and `port`, under `alerting: {smtp: …}`",
    ),
    (
        &[
            "smtp_from",
            "smtp_auth_username",
            "smtp_auth_password",
            "smtp_auth_password_file",
            "smtp_hello",
        ],
        "mail is set up under `alerting: {smtp: …}`: `from`, `hello`, and `auth` with `username` and `password_file`",
    ),
    (
        &[
            "auth_username",
            "auth_password",
            "auth_password_file",
            "auth_identity",
            "auth_secret",
        ],
        "here it is `auth`, with `username` and `password_file`",
    ),
    (
        &[
            "require_tls",
            "smtp_require_tls",
            "force_implicit_tls",
            "starttls",
        ],
        "here it is `tls`: `starttls` (the default), `implicit` or `none`",
    ),
    (
        &["send_resolved", "send_on_resolved"],
        "who is told of an incident is always told of its end: remove it",
    ),
    (
        &["email_configs", "webhook_configs"],
        "here it is `email: {to: […]}` and `webhook: {url_file: …}`",
    ),
    (
        &[
            "slack_configs",
            "pagerduty_configs",
            "opsgenie_configs",
            "msteams_configs",
            "slack",
            "pagerduty",
        ],
        "send it through `alertmanager: {urls: […]}` or `webhook: {url_file: …}`",
    ),
    (
        &["inhibit_rules"],
        "checks with a common cause share a notice without a rule: remove it",
    ),
    (
        &["resolve_timeout"],
        "an incident ends when its check recovers: remove it",
    ),
    (
        &[
            "smtp",
            "receivers",
            "route",
            "routes",
            "time_intervals",
            "heartbeat",
        ],
        "it belongs under `alerting`",
    ),
    // Gatus.
    (
        &["conditions"],
        "what must be met stands in `expect` of a check: `status`, `challenge`, `headers`, `body`",
    ),
    (&["group"], "put it into `labels`"),
    (
        &["alerts"],
        "who is told is decided under `alerting: {route: …}`",
    ),
    (
        &["maintenance"],
        "name the times under `alerting: {time_intervals: …}` and mute a route with them",
    ),
];

/// What belongs under `credentials` and was written at an endpoint.
pub(crate) fn credential_kind(key: &str) -> bool {
    [
        "basic_auth",
        "digest_auth",
        "authorization",
        "oauth2",
        "api_key",
        "login_form",
        "client_certificate",
        "registry_token",
        "command",
        "cert_file",
        "key_file",
    ]
    .contains(&key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_the_one_with_the_fewest_slips() {
        let known = ["interval", "refused_interval", "timeout", "url"];
        assert_eq!(nearest("intervall", known), Some("interval"));
        assert_eq!(nearest("timeOut", known), Some("timeout"));
        assert_eq!(nearest("ulr", known), Some("url"));
        assert_eq!(nearest("refused-interval", known), Some("refused_interval"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest("", known), None);
    }

    #[test]
    fn words_of_other_programs_are_known_in_any_spelling() {
        assert_eq!(foreign("validStatusCodes"), foreign("valid_status_codes"));
        assert!(foreign("fail_if_not_ssl").is_some_and(|hint| hint.contains("https://")));
        assert_eq!(foreign("interval"), None);
    }
}
