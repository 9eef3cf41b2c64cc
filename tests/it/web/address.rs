//! Under which names the port answers, and to whose pages.

use super::port::Port;
use super::visitor::request;

/// A row: what is asked for, with which headers, and the status.
type Row = (&'static str, &'static [(&'static str, &'static str)], u16);

#[test]
fn requests_by_a_foreign_name_or_from_a_foreign_page_are_refused() {
    const LOCAL: (&str, &str) = ("Host", "localhost:1");
    let rows: &[Row] = &[
        ("GET /metrics", &[LOCAL], 200),
        ("GET /metrics", &[("Host", "127.0.0.1")], 200),
        ("GET /metrics", &[("Host", "[::1]:9401")], 200),
        ("GET /metrics", &[("Host", "monitor.example.com")], 200),
        ("GET /metrics", &[("Host", "MONITOR.example.com:8443")], 200),
        ("GET /metrics", &[("Host", "evil.example")], 421),
        ("GET /metrics", &[("Host", "localhost.evil.example")], 421),
        ("GET /metrics", &[("Host", "10.1.2.3:9401")], 421),
        ("GET /metrics", &[("Host", "")], 421),
        ("GET /nowhere", &[("Host", "evil.example")], 421),
        ("GET /-/healthy", &[("Host", "evil.example")], 421),
        ("POST /-/reload", &[("Host", "evil.example")], 421),
        ("GET /metrics", &[], 400),
        ("GET /metrics", &[LOCAL, ("Host", "localhost")], 400),
        ("GET http://evil.example/metrics", &[LOCAL], 421),
        ("GET http://localhost/metrics", &[LOCAL], 200),
        (
            "GET /metrics",
            &[LOCAL, ("Origin", "http://localhost:1")],
            200,
        ),
        (
            "GET /metrics",
            &[LOCAL, ("Origin", "http://localhost:2")],
            403,
        ),
        (
            "GET /metrics",
            &[LOCAL, ("Origin", "https://evil.example")],
            403,
        ),
        ("HEAD /metrics", &[LOCAL, ("Origin", "null")], 403),
        (
            "POST /-/reload",
            &[LOCAL, ("Origin", "https://evil.example")],
            403,
        ),
        (
            "OPTIONS /metrics",
            &[LOCAL, ("Origin", "https://evil.example")],
            403,
        ),
        (
            "GET /metrics",
            &[LOCAL, ("Sec-Fetch-Site", "cross-site")],
            200,
        ),
    ];
    let port = Port::open();
    for (line, headers, status) in rows {
        let answer = port.say(&request(line, headers)).unwrap();
        assert_eq!(answer.status, *status, "{line} {headers:?}");
    }
}

#[test]
fn a_page_of_another_site_cannot_have_the_configuration_read_again() {
    let mut settings = super::port::settings(authvigil::web::Protection::default());
    settings.enable_lifecycle = true;
    let port = Port::with(&settings, authvigil::web::Limits::default());
    for (site, status) in [
        ("cross-site", 403),
        ("same-site", 403),
        ("same-origin", 200),
        ("none", 200),
    ] {
        let answer = port.ask("POST /-/reload", &[("Sec-Fetch-Site", site)]);
        assert_eq!(answer.status, status, "{site}");
    }
}

#[test]
fn whoever_is_refused_for_a_name_is_told_the_key_and_not_the_name() {
    let port = Port::open();
    let answer = port.say(&request("GET /", &[("Host", "evil.example")]));
    assert_eq!(
        answer.unwrap().text(),
        "this port does not answer under the name in `Host`; if it should, add that name to \
         `web.hosts` in the configuration\n"
    );
}

#[test]
fn every_answer_forbids_frames_scripts_sniffing_and_caches() {
    let port = Port::open();
    let asked = [
        port.get("/"),
        port.get("/style.css"),
        port.get("/metrics"),
        port.get("/nowhere"),
        port.ask("DELETE /", &[]),
        port.say(&request("GET /", &[("Host", "evil.example")]))
            .unwrap(),
    ];
    for answer in asked {
        let seen = [
            "content-security-policy",
            "x-content-type-options",
            "x-frame-options",
            "referrer-policy",
            "cache-control",
        ]
        .map(|name| answer.header(name));
        let expected = [
            "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'",
            "nosniff",
            "DENY",
            "no-referrer",
            "no-store",
        ];
        assert_eq!(seen, expected, "{}", answer.status);
    }
}

#[test]
fn on_every_address_the_one_that_a_connection_came_to_is_a_name() {
    let mut settings = super::port::settings(authvigil::web::Protection::default());
    settings.listen = "0.0.0.0:0".parse().unwrap();
    let port = Port::with(&settings, authvigil::web::Limits::default());
    let at = |host: String| {
        let address = ([127, 0, 0, 1], port.address.port()).into();
        let request = request("GET /-/healthy", &[("Host", host.as_str())]);
        super::visitor::converse(&mut super::visitor::connect(address), &request).unwrap()
    };
    assert_eq!(at(format!("127.0.0.1:{}", port.address.port())).status, 200);
    assert_eq!(at(format!("0.0.0.0:{}", port.address.port())).status, 421);
}
