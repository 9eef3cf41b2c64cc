//! JUnit reports hold to their schema, and their sums are right.

use crate::support::hostile::nobody::ClosedPort;
use crate::support::lab::{Answer, Lab, door};
use crate::support::program::{Run, Scene};
use crate::support::schema::check_junit;

/// All values of an attribute, in order.
fn attributes(report: &str, element: &str, attribute: &str) -> Vec<String> {
    let tags = report.split('<').filter(|tag| {
        tag.strip_prefix(element)
            .is_some_and(|rest| rest.starts_with([' ', '>', '/']))
    });
    let mark = format!(" {attribute}=\"");
    tags.filter_map(|tag| Some(tag.split_once(&mark)?.1.split_once('"')?.0.to_owned()))
        .collect()
}

fn sum(report: &str, element: &str, attribute: &str) -> usize {
    let values = attributes(report, element, attribute);
    values
        .iter()
        .map(|value| value.parse::<usize>().unwrap())
        .sum()
}

fn mixed() -> Run {
    let (lab, closed) = (Lab::http(), ClosedPort::take());
    lab.route("/good", door::basic("lab", "reader", "the-s3cret"));
    lab.route("/open", |_| Answer::status(200));
    lab.route("/nasty", |_| {
        Answer::status(403)
            .header_bytes(
                "WWW-Authenticate",
                b"Basic realm=\"]]> </failure> & \xff <![CDATA[ \t'\"",
            )
            .header("Location", "/\"><script>alert(1)</script>")
    });
    let scene = Scene::of(&format!(
        "credentials: {{reader: {{basic_auth: {{username: reader, password_file: pw}}}}}}\n\
         endpoints:\n  - {{name: good, url: '{}', credential: reader}}\n  - {{name: open, url: \
         '{}'}}\n  - {{name: nasty, url: '{}', challenge: Digest}}\n  - {{name: closed, url: \
         'http://{}/'}}\n",
        lab.url("/good"),
        lab.url("/open"),
        lab.url("/nasty"),
        closed.address()
    ));
    scene.write("pw", "the-s3cret");
    scene.run(&["check", "--format", "junit"])
}

#[test]
fn a_report_of_every_verdict_holds_to_the_schema_and_adds_up() {
    let run = mixed();
    assert_eq!(run.code, 2, "{}", run.stderr);
    let report = &run.stdout;
    assert_eq!(check_junit(report), Ok(()), "{report}");
    for (attribute, count) in [("tests", 6), ("failures", 2), ("errors", 1)] {
        assert_eq!(
            sum(report, "testsuites", attribute),
            count,
            "{attribute}: {report}"
        );
        assert_eq!(
            sum(report, "testsuite", attribute),
            count,
            "{attribute}: {report}"
        );
    }
    assert_eq!(
        attributes(report, "testsuite", "name"),
        ["good", "open", "nasty", "closed"]
    );
    assert_eq!(attributes(report, "testcase", "name").len(), 6);
    assert_eq!(
        attributes(report, "failure", "type"),
        ["anonymous_admitted", "forbidden_instead"]
    );
    assert_eq!(attributes(report, "error", "type"), ["connect_refused"]);
}

#[test]
fn what_a_server_sent_stays_text() {
    let report = mixed().stdout;
    assert!(
        !report.contains("<script>") && !report.contains("<![CDATA["),
        "{report}"
    );
    assert!(report.contains("&lt;/failure&gt;"), "{report}");
}

#[test]
fn a_report_of_passing_checks_alone_holds_to_the_schema() {
    let lab = Lab::http();
    lab.route("/", |_| Answer::unauthorized("Basic realm=\"lab\""));
    let config = format!("endpoints: [{{name: door, url: '{}'}}]\n", lab.url("/"));
    let run = Scene::of(&config).run(&["check", "--format", "junit"]);
    assert_eq!(
        (run.code, check_junit(&run.stdout)),
        (0, Ok(())),
        "{}",
        run.stdout
    );
}

#[test]
fn a_check_that_was_not_sent_is_an_error_and_took_no_time() {
    let lab = Lab::http();
    let run = Scene::of(&format!(
        "credentials: {{ci: {{authorization: {{credentials_file: gone}}}}}}\nendpoints: [{{name: \
         door, url: '{}', checks: [{{as: ci}}]}}]\n",
        lab.url("/")
    ))
    .run(&["check", "--format", "junit"]);
    assert_eq!(
        (run.code, check_junit(&run.stdout)),
        (3, Ok(())),
        "{}",
        run.stdout
    );
    assert_eq!(
        attributes(&run.stdout, "error", "type"),
        ["secret_unavailable"]
    );
    assert_eq!(attributes(&run.stdout, "testcase", "time"), ["0.000"]);
}
