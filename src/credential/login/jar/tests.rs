use super::*;
use crate::domain::observation::{Body, BodyEnd, Field, HttpVersion};

fn answer(cookies: &[&str]) -> Answer {
    let field = |value: &&str| Field {
        name: http::header::SET_COOKIE,
        value: value.as_bytes().to_vec(),
    };
    Answer {
        status: 200,
        http_version: HttpVersion::Http11,
        fields: cookies.iter().map(field).collect(),
        body: Body {
            bytes: Vec::new(),
            end: BodyEnd::Complete,
        },
        first_location: None,
    }
}

fn url(url: &str) -> Url {
    url.parse().unwrap()
}

fn jar(cookies: &[&str]) -> Jar {
    let mut jar = Jar::default();
    jar.take(&answer(cookies), &url("https://www.example.com/app/login"));
    jar
}

fn sent(jar: &Jar, to: &str) -> Option<String> {
    let header = jar.header(&url(to))?;
    Some(String::from_utf8(header.expose().to_vec()).unwrap())
}

#[test]
fn cookies_go_where_domain_path_and_scheme_let_them() {
    let jar = jar(&[
        "host=1",
        "path=2; Path=/",
        "wide=3; Path=/; Domain=example.com",
        "safe=4; Path=/; Secure; HttpOnly; SameSite=Lax",
    ]);
    let rows = [
        (
            "https://www.example.com/app/x",
            Some("host=1; path=2; safe=4; wide=3"),
        ),
        ("https://www.example.com/", Some("path=2; safe=4; wide=3")),
        ("http://www.example.com/", Some("path=2; wide=3")),
        ("https://api.example.com/", Some("wide=3")),
        ("https://example.org/", None),
    ];
    for (to, cookies) in rows {
        assert_eq!(sent(&jar, to).as_deref(), cookies, "{to}");
    }
}

#[test]
fn a_cookie_for_somebody_elses_domain_is_not_taken() {
    let jar = jar(&["a=1; Domain=example.org", "b=2; Domain=other.example.com"]);
    assert!(jar.is_empty());
}

#[test]
fn a_cookie_that_is_taken_back_is_gone() {
    let mut jar = jar(&["session=1; Path=/"]);
    let back = answer(&["session=; Path=/; Max-Age=0"]);
    jar.take(&back, &url("https://www.example.com/"));
    assert!(jar.is_empty());
}

#[test]
fn values_are_sent_byte_for_byte() {
    let jar = jar(&[r#"s="a b,c=d%20"; Path=/"#]);
    assert_eq!(
        sent(&jar, "https://www.example.com/").as_deref(),
        Some(r#"s="a b,c=d%20""#)
    );
}

#[test]
fn a_session_ends_with_the_first_cookie_that_the_form_was_sent_for() {
    let mut jar = jar(&["csrf=1; Path=/; Max-Age=60"]);
    jar.is_sent();
    let given = answer(&[
        "session=2; Path=/; Expires=Wed, 01 Jan 2098 00:00:00 GMT",
        "stay=3; Path=/; Expires=Thu, 01 Jan 2099 00:00:00 GMT",
        "theme=4; Path=/",
    ]);
    jar.take(&given, &url("https://www.example.com/"));
    assert_eq!(jar.until(), "2098-01-01T00:00:00Z".parse().ok());
}

#[test]
fn a_session_of_a_browser_does_not_say_when_it_ends() {
    let mut jar = Jar::default();
    jar.is_sent();
    jar.take(&answer(&["session=1"]), &url("https://www.example.com/"));
    assert_eq!((jar.is_empty(), jar.until()), (false, None));
}

#[test]
fn thousands_of_cookies_large_ones_and_broken_ones_are_left_out() {
    let large = format!("large={}", "x".repeat(5000));
    let endless = format!("endless=1; Max-Age={}; Path=/", "9".repeat(40));
    let many: Vec<String> = (0..5000).map(|at| format!("c{at}=1; Path=/")).collect();
    let mut all = vec![
        "",
        "=",
        "novalue",
        "=anonymous",
        large.as_str(),
        endless.as_str(),
    ];
    all.extend(many.iter().map(String::as_str));
    let jar = jar(&all);
    assert_eq!(jar.names().len(), MOST);
    assert!(!jar.names().contains(&"large".to_owned()));
}

#[test]
fn cookies_together_are_bounded() {
    let many: Vec<String> = (0..100)
        .map(|at| format!("c{at}={}", "x".repeat(4000)))
        .collect();
    let jar = jar(&many.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(jar.names().len(), MOST_BYTES / 4003);
}

#[test]
fn words_that_prove_nothing_are_no_secrets() {
    let jar = jar(&["theme=dark", "session=0123456789abcdef"]);
    let values: Vec<Secret> = jar.values();
    assert_eq!(values, [Secret::new("0123456789abcdef")]);
}

#[test]
fn a_jar_prints_nothing_of_itself() {
    assert_eq!(format!("{:?}", jar(&["session=hunter2"])), "Jar { .. }");
}
