use super::*;

const NOW: &str = "2030-01-01T00:00:00Z";

fn read(json: &str) -> Result<(Printed, Option<Timestamp>), String> {
    Printed::read(&Secret::new(json), NOW.parse().unwrap())
}

fn fields(printed: &Printed) -> Vec<String> {
    let line = |(name, value): &(HeaderName, Secret)| {
        format!("{name}: {}", String::from_utf8_lossy(value.expose()))
    };
    printed.presentation().headers.iter().map(line).collect()
}

#[test]
fn headers_are_shown_as_they_are_printed() {
    let json = r#"{"version":1,"headers":{"Authorization":"Bearer abc","X-Key":"k"},
        "expires_at":"2030-01-01T01:00:00Z"}"#;
    let (printed, until) = read(json).unwrap();
    assert_eq!(fields(&printed), ["authorization: Bearer abc", "x-key: k"]);
    assert_eq!(until, "2030-01-01T01:00:00Z".parse().ok());
}

#[test]
fn a_token_is_a_bearer_token_unless_it_says_otherwise() {
    let shown = |json| fields(&read(json).unwrap().0);
    assert_eq!(shown(r#"{"token":"abc"}"#), ["authorization: Bearer abc"]);
    assert_eq!(
        shown(r#"{"token":"abc","type":"Token"}"#),
        ["authorization: Token abc"]
    );
}

#[test]
fn a_life_in_seconds_counts_from_now() {
    let (_, until) = read(r#"{"token":"abc","expires_in":3600}"#).unwrap();
    assert_eq!(until, "2030-01-01T01:00:00Z".parse().ok());
    let (_, unsaid) = read(r#"{"token":"abc"}"#).unwrap();
    assert_eq!(unsaid, None);
}

#[test]
fn whatever_the_format_does_not_have_is_refused_without_quoting_it() {
    let rows = [
        ("s3cret", "printed no JSON (line 1, column 1)"),
        ("", "printed no JSON (line 1, column 0)"),
        ("\"s3cret\"", "printed JSON that is no object"),
        ("{}", "must print either `headers` or `token`"),
        (
            r#"{"token":"s3cret","s3cret":1}"#,
            "printed JSON with 1 unknown key(s); it may hold `version`, `headers`, `token`, `type`, \
             `expires_at`, `expires_in`",
        ),
        (
            r#"{"version":2,"token":"s3cret"}"#,
            "printed JSON of another `version` than 1",
        ),
        (
            r#"{"token":"s3cret","headers":{}}"#,
            "must print either `headers` or `token`",
        ),
        (
            r#"{"token":"s3 cret"}"#,
            "printed a `token` that cannot stand in a header",
        ),
        (
            r#"{"token":""}"#,
            "printed a `token` that cannot stand in a header",
        ),
        (
            r#"{"token":"s","type":"a b"}"#,
            "printed a `type` that is no scheme, such as `Bearer`",
        ),
        (
            r#"{"headers":{"A":"s"},"type":"Bearer"}"#,
            "printed a `type`, which goes with `token` and not with `headers`",
        ),
        (
            r#"{"headers":{}}"#,
            "must print `headers` as an object of names and values",
        ),
        (
            r#"{"headers":[]}"#,
            "must print `headers` as an object of names and values",
        ),
        (
            r#"{"headers":{"a b":"s"}}"#,
            "printed a header with a name that none can have",
        ),
        (
            r#"{"headers":{"Host":"s"}}"#,
            "printed the header `host`, which belongs to the exchange itself",
        ),
        (r#"{"headers":{"A":"s","a":"t"}}"#, "printed a header twice"),
        (
            r#"{"headers":{"A":"s\r\nB: t"}}"#,
            "printed the header `a` with a value that is no text, empty, or of several lines",
        ),
        (
            r#"{"token":"s","expires_at":"tomorrow"}"#,
            "printed an `expires_at` that is no RFC 3339 time",
        ),
        (
            r#"{"token":"s","expires_in":-1}"#,
            "printed an `expires_in` that is no number of seconds",
        ),
        (
            r#"{"token":"s","expires_in":1,"expires_at":"2030-01-01T01:00:00Z"}"#,
            "printed both `expires_at` and `expires_in`",
        ),
    ];
    for (json, why) in rows {
        assert_eq!(read(json).map(|_| ()), Err(why.to_owned()), "{json}");
    }
}

#[test]
fn what_follows_the_scheme_is_a_secret_of_its_own() {
    let (printed, _) =
        read(r#"{"headers":{"Authorization":"Basic abc","X-Key":"k e y"}}"#).unwrap();
    let secrets = printed.secrets();
    let secrets: Vec<_> = secrets.iter().map(Secret::expose).collect();
    let expected: [&[u8]; 3] = [b"abc", b"Basic abc", b"k e y"];
    assert_eq!(secrets, expected);
}

#[test]
fn nobody_has_the_shape_of_what_was_printed_last() {
    let nobody = |printed| fields(&Shape::of(printed).with(&Secret::new("nobody")));
    assert_eq!(nobody(None), ["authorization: Bearer nobody"]);
    let json = r#"{"headers":{"Authorization":"Token abc","X-Key":"k"}}"#;
    assert_eq!(
        nobody(Some(&read(json).unwrap().0)),
        ["authorization: Token nobody", "x-key: nobody"]
    );
}
