//! `routes` says who would be told, and why.

use crate::support::program::Scene;

const CONFIG: &str = r#"
credentials:
  reader: {basic_auth: {username: reader, password_file: secret}}
endpoints:
  - name: orders
    url: https://orders.example.com/v1
    credential: reader
    labels: {team: payments}
alerting:
  receivers:
    - {name: oncall, file: {directory: mail}}
    - {name: security, webhook: {url_file: hook}}
    - {name: tickets, alertmanager: {urls: ['http://127.0.0.1:9093']}}
  time_intervals:
    - {name: always, time_intervals: [{times: [{start_time: '00:00', end_time: '24:00'}]}]}
  route:
    receiver: oncall
    routes:
      - {matchers: ['class="bypass"'], receiver: security, continue: true}
      - {matchers: ['team="payments"', 'severity="warning"'], receiver: tickets, mute_time_intervals: [always]}
"#;

#[track_caller]
fn told(labels: &[&str]) -> String {
    let mut arguments = vec!["routes"];
    arguments.extend(labels);
    let run = Scene::of(CONFIG).run(&arguments);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{labels:?}");
    run.stdout
}

#[test]
fn each_route_is_told_with_its_receiver_and_its_because() {
    let out = told(&["class=bypass"]);
    let expected = [
        "  class=\"bypass\"\n  severity=\"critical\" (derived)\n\nsecurity\n  webhook\n",
        "  route 0.0: class=\"bypass\"\n  group_by: endpoint\n",
        "A bypass is told at once",
    ];
    for text in expected {
        assert!(out.contains(text), "{text:?} is not in\n{out}");
    }
}

#[test]
fn what_follows_from_endpoint_check_and_reason_is_filled_in() {
    let out = told(&["endpoint=orders", "check=valid", "reason=not_found"]);
    let expected = [
        "host=\"orders.example.com\" (derived)\n",
        "persona=\"reader\" (derived)\n",
        "severity=\"warning\" (derived)\n  team=\"payments\" (derived)\n\ntickets\n",
        "  route 0.1: team=\"payments\", severity=\"warning\"\n",
        "  muted now\n",
    ];
    for text in expected {
        assert!(out.contains(text), "{text:?} is not in\n{out}");
    }
}

#[test]
fn a_label_that_is_given_wins_over_what_would_follow() {
    let out = told(&["endpoint=orders", "reason=not_found", "severity=critical"]);
    assert!(out.contains("severity=\"critical\"\n"), "{out}");
    assert!(out.contains("\noncall\n"), "{out}");
}

#[test]
fn without_routes_nobody_would_be_told() {
    let scene = Scene::of("endpoints: [{name: a, url: 'https://a.example.com/'}]");
    let run = scene.run(&["routes", "class=bypass"]);
    assert_eq!(run.code, 0);
    assert!(
        run.stdout.contains("nobody would be told"),
        "{}",
        run.stdout
    );
}

#[test]
fn what_no_incident_can_have_is_a_usage_error_with_a_hint() {
    let rows = [
        ("clas=bypass", "did you mean `class`?"),
        ("class=bypas", "did you mean `bypass`?"),
        ("endpoint=order", "did you mean `orders`?"),
        ("bypass", "write it like `class=bypass`"),
    ];
    for (label, hint) in rows {
        let run = Scene::of(CONFIG).run(&["routes", label]);
        assert_eq!((run.code, run.stdout.as_str()), (64, ""), "{label}");
        assert!(run.stderr.contains(hint), "{}", run.stderr);
    }
}
