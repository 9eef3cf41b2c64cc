//! What is told of checks, endpoints and credentials.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use authvigil::domain::fetches::FetchOutcome;
use authvigil::domain::finding::{Class, Finding, Reason, Severity};
use authvigil::domain::observation::Phases;
use authvigil::domain::status::Snapshot;
use authvigil::metrics::SECTIONS;

use super::{CONFIGURATION, everything, families, fetches, lines, metrics};
use crate::support::status::{answer, certificate, check, endpoint, sees, silence, snapshot};

const ANONYMOUS: &str = r#"{endpoint="orders",check="anonymous""#;

/// What is told of `orders/anonymous` in one family, from behind the names on.
fn of_anonymous(snapshot: &Snapshot, family: &str) -> Vec<String> {
    let lines = lines(snapshot, family);
    let own = lines.iter().filter_map(|line| line.strip_prefix(ANONYMOUS));
    own.map(ToOwned::to_owned).collect()
}

/// A snapshot in which `orders/anonymous` saw an answer and came to these findings.
fn answered(findings: &[Reason], challenges: &[&str]) -> Snapshot {
    let mut all = snapshot(CONFIGURATION);
    let status = check(&mut all, "orders/anonymous");
    sees(status, findings, Some(answer(401, challenges)));
    all
}

#[test]
fn before_a_first_verdict_a_check_is_neither_a_success_nor_a_failure() {
    let all = snapshot(CONFIGURATION);
    for family in [
        "authvigil_check_success",
        "authvigil_check_failing",
        "authvigil_last_probe_timestamp_seconds",
        "authvigil_http_status_code",
    ] {
        assert_eq!(lines(&all, family), [""; 0], "{family}");
    }
}

#[test]
fn counters_are_there_from_0_before_a_first_verdict() {
    let all = snapshot(CONFIGURATION);
    assert_eq!(
        of_anonymous(&all, "authvigil_probes_total"),
        [
            r#",verdict="pass"} 0"#,
            r#",verdict="fail"} 0"#,
            r#",verdict="unknown"} 0"#
        ]
    );
    let classes = Class::ALL.map(|class| format!(r#",class="{}"}} 0"#, class.as_str()));
    assert_eq!(
        of_anonymous(&all, "authvigil_probe_failures_total"),
        classes
    );
}

#[test]
fn only_a_pass_is_a_success() {
    for (findings, success) in [
        (&[][..], "} 1"),
        (&[Reason::AnonymousAdmitted], "} 0"),
        (&[Reason::Timeout], "} 0"),
    ] {
        let all = answered(findings, &[]);
        assert_eq!(of_anonymous(&all, "authvigil_check_success"), [success]);
    }
}

#[test]
fn a_certificate_that_expires_soon_is_told_and_leaves_the_check_a_success() {
    let mut all = answered(&[], &[]);
    let finding = Finding::new(Reason::CertificateExpiring, "later", "soon");
    check(&mut all, "orders/anonymous").expiring.certificate = Some(finding);
    assert_eq!(of_anonymous(&all, "authvigil_check_success"), ["} 1"]);
    assert_eq!(
        of_anonymous(&all, "authvigil_check_failing"),
        [r#",class="response",reason="certificate_expiring",severity="warning"} 1"#]
    );
}

#[test]
fn one_finding_made_twice_is_one_series() {
    let twice = [
        Reason::HeaderMismatch,
        Reason::HeaderMismatch,
        Reason::NotFound,
    ];
    let all = answered(&twice, &[]);
    assert_eq!(
        of_anonymous(&all, "authvigil_check_failing"),
        [
            r#",class="denial",reason="not_found",severity="warning"} 1"#,
            r#",class="response",reason="header_mismatch",severity="warning"} 1"#
        ]
    );
}

#[test]
fn severities_are_those_of_the_findings() {
    let mut all = answered(&[Reason::NotFound], &[]);
    let last = check(&mut all, "orders/anonymous").last.as_mut().unwrap();
    last.judgement.findings[0].severity = Severity::Critical;
    assert_eq!(
        of_anonymous(&all, "authvigil_check_failing"),
        [r#",class="denial",reason="not_found",severity="critical"} 1"#]
    );
}

#[test]
fn verdicts_and_their_classes_are_counted() {
    let mut all = answered(&[Reason::NotFound, Reason::TooSlow], &[]);
    sees(
        check(&mut all, "orders/anonymous"),
        &[Reason::NotFound],
        None,
    );
    let above_0 = |family| {
        let mut lines = of_anonymous(&all, family);
        lines.retain(|line| !line.ends_with(" 0"));
        lines
    };
    assert_eq!(above_0("authvigil_probes_total"), [r#",verdict="fail"} 2"#]);
    assert_eq!(
        above_0("authvigil_probe_failures_total"),
        [r#",class="denial"} 2"#, r#",class="response"} 1"#]
    );
}

#[test]
fn an_answer_has_its_status_and_its_phases() {
    let all = answered(&[], &[]);
    assert_eq!(of_anonymous(&all, "authvigil_http_status_code"), ["} 401"]);
    assert_eq!(
        of_anonymous(&all, "authvigil_http_duration_seconds"),
        [
            r#",phase="resolve"} 0.001"#,
            r#",phase="connect"} 0.002"#,
            r#",phase="tls"} 0.003"#,
            r#",phase="processing"} 0.004"#,
            r#",phase="transfer"} 0.005"#
        ]
    );
}

#[test]
fn silence_has_no_status_and_only_the_phases_that_were_reached() {
    let mut all = answered(&[], &["Basic realm=a"]);
    let phases = Phases {
        connect: Some(Duration::from_millis(7)),
        ..Phases::default()
    };
    let silence = silence(Reason::TlsFailure, phases);
    sees(
        check(&mut all, "orders/anonymous"),
        &[Reason::TlsFailure],
        Some(silence),
    );
    assert_eq!(of_anonymous(&all, "authvigil_http_status_code"), [""; 0]);
    assert_eq!(of_anonymous(&all, "authvigil_challenge_info"), [""; 0]);
    assert_eq!(
        of_anonymous(&all, "authvigil_http_duration_seconds"),
        [r#",phase="connect"} 0.007"#]
    );
}

#[test]
fn the_time_of_a_probe_has_milliseconds() {
    let all = answered(&[], &[]);
    assert_eq!(
        of_anonymous(&all, "authvigil_last_probe_timestamp_seconds"),
        ["} 1795348800.250"]
    );
}

#[test]
fn a_probe_that_was_not_sent_has_no_time() {
    let mut all = snapshot(CONFIGURATION);
    sees(
        check(&mut all, "orders/anonymous"),
        &[Reason::SecretUnavailable],
        None,
    );
    assert_eq!(
        of_anonymous(&all, "authvigil_last_probe_timestamp_seconds"),
        [""; 0]
    );
    assert_eq!(of_anonymous(&all, "authvigil_check_success"), ["} 0"]);
}

#[test]
fn each_scheme_on_offer_is_named_once_and_a_made_up_one_never() {
    let offered = [
        "Basic realm=a, NTLM",
        "BASIC realm=b",
        "Evil-Scheme x=y, Worse z=1",
    ];
    let all = answered(&[], &offered);
    assert_eq!(
        of_anonymous(&all, "authvigil_challenge_info"),
        [
            r#",scheme="basic"} 1"#,
            r#",scheme="ntlm"} 1"#,
            r#",scheme="other"} 1"#
        ]
    );
}

#[test]
fn an_endpoint_has_the_labels_of_all_endpoints() {
    assert_eq!(
        lines(&snapshot(CONFIGURATION), "authvigil_endpoint_info"),
        [
            r#"{endpoint="orders",env="prod",team="pay \"ments\" \\ more"} 1"#,
            r#"{endpoint="open",env="prod",team=""} 1"#
        ]
    );
}

#[test]
fn a_label_that_prometheus_could_not_read_is_left_out() {
    let mut all = snapshot(CONFIGURATION);
    let status = endpoint(&mut all, "open");
    let labels = &mut Arc::make_mut(&mut status.endpoint).labels;
    for name in ["endpoint", "1st", "a-b", "", "ü", "__name__"] {
        labels.insert(name.to_owned(), "x".to_owned());
    }
    assert_eq!(
        lines(&all, "authvigil_endpoint_info").last().unwrap(),
        r#"{endpoint="open",env="prod",team=""} 1"#
    );
}

#[test]
fn a_certificate_is_told_where_one_was_seen() {
    let mut all = snapshot(CONFIGURATION);
    endpoint(&mut all, "orders").certificate = Some(certificate("2027-01-01T00:00:00Z"));
    assert_eq!(
        lines(&all, "authvigil_certificate_expiry_timestamp_seconds"),
        [r#"{endpoint="orders"} 1798761600.000"#]
    );
}

#[test]
fn credentials_tell_when_they_expire_and_when_they_were_accepted() {
    let (_, mut all) = everything();
    let expiry = "authvigil_credential_expiry_timestamp_seconds";
    let accepted = "authvigil_credential_last_accepted_timestamp_seconds";
    assert_eq!(
        lines(&all, expiry),
        [r#"{credential="reader"} 1798070400.000"#]
    );
    assert_eq!(
        lines(&all, accepted),
        [r#"{credential="reader"} 1795348800.250"#]
    );
    all.credentials[0].expires_at = None;
    all.credentials[0].last_accepted_at = None;
    assert_eq!(lines(&all, expiry), [""; 0]);
    assert_eq!(lines(&all, accepted), [""; 0]);
}

#[test]
fn fetches_are_counted_by_what_came_of_them() {
    let mut all = snapshot(CONFIGURATION);
    all.fetches = vec![
        fetches(FetchOutcome::Fetched, 7),
        fetches(FetchOutcome::Rejected, 2),
        fetches(FetchOutcome::Failed(Reason::ConnectRefused), 1),
    ];
    assert_eq!(
        lines(&all, "authvigil_token_fetches_total"),
        [
            r#"{credential="reader",outcome="fetched"} 7"#,
            r#"{credential="reader",outcome="rejected"} 2"#,
            r#"{credential="reader",outcome="connect_refused"} 1"#,
        ]
    );
}

#[test]
fn the_series_of_an_endpoint_go_with_it() {
    let (metrics, mut all) = everything();
    all.endpoints.remove(0);
    // The keeper ends the incidents of what is watched no more.
    all.incidents.clear();
    let families = families(&metrics, &all);
    let mut samples = families.iter().flat_map(|family| &family.samples);
    assert!(samples.all(|sample| sample.label("endpoint") != "orders"));
}

#[test]
fn a_monitor_that_is_cut_off_says_so() {
    let mut all = snapshot(CONFIGURATION);
    assert_eq!(lines(&all, "authvigil_monitor_isolated"), ["0"]);
    all.monitor.isolated = true;
    assert_eq!(lines(&all, "authvigil_monitor_isolated"), ["1"]);
}

#[test]
fn an_exposition_holds_what_the_table_lists_and_nothing_else() {
    let (metrics, all) = everything();
    let families = families(&metrics, &all);
    let listed = SECTIONS.iter().flat_map(|section| section.metrics);
    let listed: BTreeSet<_> = listed
        .map(|it| (it.name, it.kind.as_str(), it.help))
        .collect();
    let found: BTreeSet<_> = families
        .iter()
        .map(|it| (it.name.as_str(), it.kind.as_str(), it.help.as_str()))
        .collect();
    assert_eq!(found, listed);
}

#[test]
fn samples_have_the_labels_that_the_table_lists() {
    let (_, all) = everything();
    for family in families(&metrics(), &all) {
        let mut listed = SECTIONS.iter().flat_map(|section| section.metrics);
        let metric = listed.find(|metric| metric.name == family.name).unwrap();
        for sample in &family.samples {
            let labels = sample.labels.iter().map(|(label, _)| label.as_str());
            let extra = ["le", "env", "team"];
            let own: Vec<&str> = labels.filter(|label| !extra.contains(label)).collect();
            assert_eq!(own, metric.labels, "{}", sample.name);
        }
    }
}
