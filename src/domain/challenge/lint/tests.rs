//! Claims on the rules as a whole, and a row for each code.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::domain::challenge::read;

fn unauthorized() -> LintContext {
    LintContext {
        origin: "https://orders.example.com".to_owned(),
        status: 401,
        ..LintContext::default()
    }
}

fn codes(lines: &[&str], context: &LintContext) -> Vec<&'static str> {
    lint(&read(lines), context)
        .iter()
        .map(|advice| advice.code.as_str())
        .collect()
}

fn with_status(status: u16) -> LintContext {
    LintContext {
        status,
        credentials_sent: true,
        ..unauthorized()
    }
}

#[test]
fn examples_of_the_standards_get_no_advice() {
    let sha = r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#;
    let md5 = sha.replace("SHA-256", "MD5");
    let strangers: [&[&str]; 10] = [
        &[r#"Basic realm="WallyWorld""#],
        &[r#"Basic realm="foo", charset="UTF-8""#],
        &[sha, &md5],
        &[
            r#"Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true"#,
        ],
        &[r#"Bearer realm="example""#],
        &[r#"DPoP algs="ES256 PS256""#],
        &[
            r#"Bearer resource_metadata="https://resource.example.com/.well-known/oauth-protected-resource""#,
        ],
        &["Negotiate"],
        &[r#"PrivateToken challenge="abc...", token-key="123...""#],
        &[r#"GNAP as_uri="https://as.example/gnap/tx", access="FWWIKYBQ6U56NL1""#],
    ];
    for lines in strangers {
        assert_eq!(codes(lines, &unauthorized()), [""; 0], "{lines:?}");
    }
    let callers = [
        (
            401,
            r#"Bearer realm="example", error="invalid_token", error_description="The access token expired""#,
        ),
        (
            401,
            r#"DPoP error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof""#,
        ),
        (
            401,
            r#"Bearer error="insufficient_user_authentication", error_description="A different authentication level is required", acr_values="myACR""#,
        ),
        (
            401,
            r#"Bearer error="insufficient_user_authentication", error_description="More recent authentication is required", max_age="5""#,
        ),
        (
            403,
            r#"Bearer error="insufficient_scope", scope="files:write", resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource", error_description="File write permission required for this operation""#,
        ),
    ];
    for (status, line) in callers {
        assert_eq!(codes(&[line], &with_status(status)), [""; 0], "{line}");
    }
}

#[test]
fn examples_of_the_standards_that_bend_a_rule_get_that_advice_only() {
    let newauth =
        r#"Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\"""#;
    assert_eq!(
        codes(&[newauth], &unauthorized()),
        ["multi-on-one-line", "scheme-unregistered"]
    );
    let both = r#"Bearer, DPoP algs="ES256 PS256""#;
    assert_eq!(
        codes(&[both], &unauthorized()),
        ["multi-on-one-line", "bearer-no-auth-param"]
    );
}

fn caller() -> LintContext {
    LintContext {
        credentials_sent: true,
        ..unauthorized()
    }
}

fn caller_without_nonce() -> LintContext {
    LintContext {
        dpop_nonces: Some(0),
        ..caller()
    }
}

fn over_h2() -> LintContext {
    LintContext {
        http_version_2: true,
        ..unauthorized()
    }
}

fn refused_by_proxy() -> LintContext {
    LintContext {
        status: 407,
        ..unauthorized()
    }
}

/// Name of the code, field lines, and what is known of the answer.
type Row = (&'static str, &'static [&'static str], fn() -> LintContext);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("no-challenge", &[" , ,"], unauthorized),
    ("no-challenge", &[""], refused_by_proxy),
    ("empty-element", &["Basic realm=\"a\",,charset=UTF-8"], unauthorized),
    ("empty-element", &[",Basic realm=\"a\""], unauthorized),
    ("empty-element", &["Basic realm=\"a\","], unauthorized),
    ("empty-element", &["Basic , realm=\"a\""], unauthorized),
    ("empty-element", &["Negotiate,", "Basic realm=\"a\""], unauthorized),
    ("dup-param", &["Basic realm=\"a\", Realm=\"b\""], unauthorized),
    ("bws", &["Basic realm = \"a\""], unauthorized),
    ("bws", &["Basic realm= \"a\" x=y"], unauthorized),
    ("needless-escape", &["Basic realm=\"\\a\""], unauthorized),
    ("token68", &["Basic QWxh"], unauthorized),
    ("token68", &["Newauth abc=="], unauthorized),
    ("orphan-param-line", &["Digest realm=\"a\"", "nonce=\"b\""], unauthorized),
    ("orphan-param-line", &["Digest realm=\"a\" x", "nonce=\"b\""], unauthorized),
    ("multi-on-one-line", &["Negotiate, NTLM"], unauthorized),
    ("multi-on-one-line", &["Basic realm=a Digest realm=b"], unauthorized),
    ("unknown-scheme-first", &["ApiKey", "Basic realm=\"a\""], unauthorized),
    ("scheme-unregistered", &["ApiKey"], unauthorized),
    ("realm-not-quoted", &["Newauth realm=a"], unauthorized),
    ("realm-non-ascii", &["Basic realm=\"Caf\u{e9}\""], unauthorized),
    ("basic-realm-missing", &["Basic"], unauthorized),
    ("basic-charset-not-utf8", &["Basic realm=\"a\", charset=latin1"], unauthorized),
    ("basic-extra-param", &["Basic realm=\"a\", qop=\"auth\""], unauthorized),
    ("digest-realm-missing", &["Digest nonce=\"a\""], unauthorized),
    ("digest-nonce-missing", &["Digest realm=\"a\""], unauthorized),
    ("digest-qop-missing", &["Digest realm=\"a\", nonce=\"b\""], unauthorized),
    ("digest-domain-not-quoted", &["Digest domain=a"], unauthorized),
    ("digest-nonce-not-quoted", &["Digest nonce=a"], unauthorized),
    ("digest-opaque-not-quoted", &["Digest opaque=a"], unauthorized),
    ("digest-qop-not-quoted", &["Digest qop=auth"], unauthorized),
    ("digest-algorithm-quoted", &["Digest algorithm=\"MD5\""], unauthorized),
    ("digest-stale-quoted", &["Digest stale=\"FALSE\""], unauthorized),
    ("digest-algorithm-unknown", &["Digest algorithm=SHA-1"], unauthorized),
    ("digest-qop-unknown", &["Digest qop=\"auth-conf\""], unauthorized),
    ("digest-charset-not-utf8", &["Digest charset=latin1"], unauthorized),
    ("digest-userhash-unknown", &["Digest userhash=1"], unauthorized),
    ("digest-md5-only", &["Digest realm=\"a\"", "Digest realm=\"a\", algorithm=MD5-sess"], unauthorized),
    ("md5-first", &["Digest realm=\"a\"", "Digest realm=\"a\", algorithm=SHA-256"], unauthorized),
    ("digest-same-algorithm", &["Digest realm=\"a\"", "Digest realm=\"a\", algorithm=md5"], unauthorized),
    ("domain-foreign-origin", &["Digest domain=\"/a https://other.example/\""], unauthorized),
    ("domain-file-path", &["Digest domain=\"C:\\\\inetpub\""], unauthorized),
    ("bearer-no-auth-param", &["Bearer"], unauthorized),
    ("bearer-token68", &["Bearer scope="], unauthorized),
    ("bearer-error-without-credentials", &["Bearer error=\"invalid_token\""], unauthorized),
    ("bearer-error-without-credentials", &["Bearer error_description=\"x\""], unauthorized),
    ("bearer-error-unknown", &["Bearer error=\"unauthorized\""], caller),
    ("bearer-error-status", &["Bearer error=\"insufficient_scope\""], caller),
    ("bearer-param-characters", &["Bearer error_description=\"a\\\"b\""], caller),
    ("step-up-requirement-missing", &["Bearer error=\"insufficient_user_authentication\""], caller),
    ("step-up-max-age-not-integer", &["Bearer max_age=-1"], caller),
    ("resource-metadata-not-url", &["Bearer resource_metadata=\"invalid-url\""], unauthorized),
    ("resource-metadata-not-https", &["DPoP resource_metadata=\"http://a.example/\""], unauthorized),
    ("mcp-scope-missing", &["Bearer resource_metadata=\"https://mcp.example.com/.well-known/oauth-protected-resource\""], unauthorized),
    ("dpop-algs-missing", &["DPoP"], unauthorized),
    ("dpop-algs-symmetric", &["DPoP algs=\"ES256 HS256\""], unauthorized),
    ("dpop-error-without-credentials", &["DPoP algs=\"ES256\", error=\"invalid_token\""], unauthorized),
    ("dpop-nonce-missing", &["DPoP error=\"use_dpop_nonce\""], caller_without_nonce),
    ("connection-auth-over-h2", &["Negotiate"], over_h2),
    ("ntlm-exposed", &["NTLM"], unauthorized),
    ("oauth1", &["OAuth realm=\"a\""], unauthorized),
    ("scram-sha-1-only", &["SCRAM-SHA-1 realm=\"a\""], unauthorized),
    ("hoba-param-missing", &["HOBA challenge=\"a\""], unauthorized),
    ("mutual-param-missing", &["Mutual realm=\"a\""], unauthorized),
    ("private-token-challenge-missing", &["PrivateToken token-key=\"a\""], unauthorized),
    ("gnap-as-uri-missing", &["GNAP access=\"a\""], unauthorized),
];

#[test]
fn each_row_gets_its_advice() {
    for (code, lines, context) in ROWS {
        assert!(codes(lines, &context()).contains(code), "{code}: {lines:?}");
    }
}

#[test]
fn each_code_of_this_room_has_a_row() {
    let elsewhere = AdviceCode::ALL
        .iter()
        .skip_while(|code| **code != AdviceCode::ControlFailing);
    let elsewhere: BTreeSet<_> = elsewhere.map(|code| code.as_str()).collect();
    let rows: BTreeSet<_> = ROWS.iter().map(|row| row.0).collect();
    let ours: BTreeSet<_> = AdviceCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(rows, &ours - &elsewhere);
}

#[test]
fn rules_hold_their_tongue_where_they_would_have_to_guess() {
    let unknown = LintContext {
        credentials_sent: true,
        ..LintContext::default()
    };
    let rows = [
        ("no-challenge", vec![], unauthorized()),
        ("no-challenge", vec![""], with_status(200)),
        (
            "empty-element",
            vec!["Negotiate", "", "Basic realm=\"a\""],
            unauthorized(),
        ),
        (
            "empty-element",
            vec!["Negotiate , Basic realm=\"a\""],
            unauthorized(),
        ),
        (
            "orphan-param-line",
            vec!["Basic realm=\"a", "b=c\", charset=UTF-8"],
            unauthorized(),
        ),
        (
            "multi-on-one-line",
            vec!["Negotiate", "NTLM"],
            unauthorized(),
        ),
        (
            "unknown-scheme-first",
            vec!["NTLM", "Basic realm=\"a\""],
            unauthorized(),
        ),
        (
            "digest-same-algorithm",
            vec!["Digest realm=\"a\"", "Digest realm=\"b\""],
            unauthorized(),
        ),
        (
            "domain-foreign-origin",
            vec!["Digest domain=\"https://ORDERS.example.com:443/\""],
            unauthorized(),
        ),
        (
            "domain-foreign-origin",
            vec!["Digest domain=\"https://other.example/\""],
            unknown.clone(),
        ),
        (
            "bearer-error-without-credentials",
            vec!["Bearer error=\"invalid_token\""],
            with_status(401),
        ),
        (
            "bearer-error-status",
            vec!["Bearer error=\"insufficient_scope\""],
            unknown,
        ),
        (
            "resource-metadata-not-https",
            vec!["Bearer resource_metadata=\"http://127.0.0.1:1/\""],
            unauthorized(),
        ),
        (
            "dpop-nonce-missing",
            vec!["DPoP error=\"use_dpop_nonce\""],
            unauthorized(),
        ),
    ];
    for (code, lines, context) in rows {
        assert!(
            !codes(&lines, &context).contains(&code),
            "{code}: {lines:?}"
        );
    }
}

#[test]
fn a_reading_with_a_fault_is_judged_on_what_was_recovered() {
    let found = codes(&["Basic realm=security charset=latin1"], &unauthorized());
    assert_eq!(found, ["realm-not-quoted", "basic-charset-not-utf8"]);
}

/// Lines that look like challenges, with hostile lengths and bytes in every place.
fn hostile_line() -> impl Strategy<Value = Vec<u8>> {
    let schemes = prop::sample::select(vec![
        "Basic", "Bearer", "Digest", "DPoP", "GNAP", "HOBA", "Mutual", "NTLM", "OAuth", "X",
    ]);
    let names = prop::sample::select(vec![
        "realm",
        "charset",
        "algorithm",
        "nonce",
        "qop",
        "domain",
        "error",
        "scope",
        "algs",
        "max_age",
        "resource_metadata",
        "userhash",
        "stale",
        "opaque",
        "error_description",
    ]);
    let value = prop::collection::vec(any::<u8>(), 0..300);
    let param = (names, any::<bool>(), value);
    (schemes, prop::collection::vec(param, 0..6)).prop_map(|(scheme, params)| {
        let mut line = format!("{scheme} ").into_bytes();
        for (name, quoted, value) in params {
            let quote: &[u8] = if quoted { b"\"" } else { b"" };
            line.extend([name.as_bytes(), b"=", quote, &value, quote, b","].concat());
        }
        line
    })
}

proptest! {
    #[test]
    fn messages_are_short_and_plain_and_codes_come_once(
        lines in prop::collection::vec(hostile_line(), 0..4),
        http_version_2: bool,
        credentials_sent: bool,
    ) {
        let context = LintContext { credentials_sent, http_version_2, ..unauthorized() };
        let advice = lint(&read(&lines), &context);
        let codes: BTreeSet<_> = advice.iter().map(|advice| advice.code).collect();
        prop_assert_eq!(codes.len(), advice.len());
        for Advice { code, message } in advice {
            prop_assert!(message.chars().count() <= 200, "{}: {}", code, message);
            prop_assert!(!message.chars().any(char::is_control), "{}: {}", code, message);
        }
    }
}
