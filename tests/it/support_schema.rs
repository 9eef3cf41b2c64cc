//! The schema of JUnit reports takes what build servers read and nothing else.

use crate::support::schema::check_junit;

const REPORT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="authvigil" tests="3" failures="1" errors="1" time="0.25">
  <testsuite name="orders" tests="3" failures="1" errors="1" skipped="0" time="0.25"
      timestamp="2026-01-02T03:04:05Z">
    <properties><property name="url" value="https://orders.test/"/></properties>
    <testcase classname="orders" name="valid" time="0.1"/>
    <testcase classname="orders" name="anonymous" time="0.1">
      <failure type="anonymous_admitted" message="let in">expected 401, saw 200</failure>
      <system-out>GET / HTTP/1.1</system-out>
    </testcase>
    <testcase classname="orders" name="invalid" time="0.05"><error type="timeout"/></testcase>
  </testsuite>
</testsuites>"#;

#[test]
fn a_report_as_build_servers_read_it_passes() {
    assert_eq!(check_junit(REPORT), Ok(()));
}

#[test]
fn a_report_with_a_fault_does_not_pass() {
    let rows = [
        (
            "time=\"0.05\"",
            "time=\"0.05s\"",
            "is not a valid value of the atomic type",
        ),
        (
            "name=\"invalid\"",
            "name=\"valid\"",
            "Duplicate key-sequence",
        ),
        (
            "<error type=\"timeout\"/>",
            "<error/><failure/>",
            "This element is not expected",
        ),
        (
            "<error type=\"timeout\"/>",
            "<unknown/>",
            "This element is not expected",
        ),
        (
            "tests=\"3\" ",
            "",
            "The attribute 'tests' is required but missing",
        ),
        ("name=\"invalid\"", "name=\"\"", "[facet 'minLength']"),
        (
            "02T03",
            "02 03",
            "is not a valid value of the atomic type 'xs:dateTime'",
        ),
        ("saw 200", "saw <200", "parser error"),
    ];
    for (good, bad, fault) in rows {
        let report = REPORT.replace(good, bad);
        assert!(
            check_junit(&report).is_err_and(|said| said.contains(fault)),
            "{good} → {bad}"
        );
    }
}
