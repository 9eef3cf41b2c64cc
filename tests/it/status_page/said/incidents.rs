//! What the pages say of incidents, of who was told, of silences and of drift.

use std::sync::Arc;

use authvigil::domain::drift::{Baseline, Fingerprint, Trust};
use authvigil::domain::finding::Reason;
use authvigil::domain::incident::{Ended, Incident, Resolution};
use authvigil::domain::notice::{Attempt, Owed, Way};

use super::{TWO, between, of, overview, words};
use crate::support::incidents::{email, incident, opened, owed, recovered, silence, tried};
use crate::support::snapshot::{State, ago, alarmed, bad_day, now};

/// A section of a page, by the id of its heading.
fn section(html: &str, id: &str) -> String {
    words(between(html, &format!("<h2 id=\"{id}\">"), "</section>"))
}

/// A calm state with these incidents and notices.
fn with(incidents: &[&Arc<Incident>], notices: Vec<Owed>) -> State {
    let mut state = State::of(TWO);
    state.snapshot.incidents = incidents.iter().map(|it| Arc::clone(it)).collect();
    state.snapshot.notices = notices.into_iter().map(Arc::new).collect();
    state
}

fn bypass() -> Arc<Incident> {
    Arc::new(incident(
        "first/anonymous",
        Reason::AnonymousAdmitted,
        ago(12),
    ))
}

#[test]
fn open_incidents_say_what_since_when_how_grave_and_who_was_told() {
    let said = section(&overview(&alarmed(bad_day())), "incidents");
    assert_eq!(
        said,
        "Open incidents How grave What Since Who was told \
         bypass bypass, critical \
         orders anonymous: A caller without credentials was let in anonymous_admitted saw 200 OK reproduced 3/3 \
         for 12 minutes, since 2026-11-20 09:18 UTC \
         tickets opened 2026-11-20 09:20 UTC \
         waits webhook tried 2 times, last 2 minutes ago: 451 4.7.1 try again later \
         oncall opened 2026-11-20 09:19 UTC \
         delivered email to oncall@example.com 11 minutes ago \
         critical lockout, critical \
         invoices valid: The rightful credential met a 401 credential_rejected saw 200 OK \
         for 2 hours 7 minutes, since 2026-11-20 07:23 UTC \
         security opened 2026-11-20 07:24 UTC \
         refused email to gone@example.com 2 hours 6 minutes ago: 550 5.1.1 no such user here"
    );
}

#[test]
fn open_incidents_stand_before_everything_else() {
    let html = overview(&alarmed(bad_day()));
    let place = |id: &str| html.find(&format!("<h2 id=\"{id}\">")).unwrap();
    let order = ["incidents", "refused", "wrong", "silences", "expires"].map(place);
    assert!(order.is_sorted(), "{order:?}");
}

#[test]
fn without_incidents_notices_and_silences_nothing_is_said_of_them() {
    let html = overview(&State::of(TWO));
    let found: Vec<&str> = ["incidents", "refused", "silences"]
        .into_iter()
        .filter(|id| html.contains(&format!("<h2 id=\"{id}\">")))
        .collect();
    assert_eq!(found, Vec::<&str>::new());
}

#[test]
fn the_gravest_incident_comes_first() {
    let slow = Arc::new(incident("second/valid", Reason::TooSlow, ago(1)));
    let html = overview(&with(&[&slow, &bypass()], vec![]));
    let said = section(&html, "incidents");
    let place = |code: &str| said.find(code).unwrap();
    assert!(place("anonymous_admitted") < place("too_slow"), "{said}");
}

#[test]
fn an_incident_that_ended_is_no_open_one() {
    let over = Arc::new(recovered(Incident::clone(&bypass()), ago(1)));
    let html = overview(&with(&[&over], vec![]));
    assert!(!html.contains("Open incidents"), "{html}");
}

#[test]
fn an_incident_that_a_silence_covers_says_until_when() {
    let mut state = with(&[&bypass()], vec![]);
    state.snapshot.silences = vec![Arc::new(silence("bypass", now(), -5..30))];
    let said = section(&overview(&state), "incidents");
    assert!(
        said.ends_with("Silenced until 2026-11-20 10:00 UTC. No notice is known."),
        "{said}"
    );
}

#[test]
fn a_hundred_open_incidents_are_listed_as_far_as_there_is_room() {
    let numbered = |number| {
        Arc::new(incident(
            &format!("e{number}/anonymous"),
            Reason::Timeout,
            ago(9),
        ))
    };
    let all: Vec<Arc<Incident>> = (0..100).map(numbered).collect();
    let html = overview(&with(&all.iter().collect::<Vec<_>>(), vec![]));
    assert_eq!(html.matches("<code>timeout</code>").count(), 50);
    assert!(html.contains("50 more incidents open."), "{html}");
}

#[test]
fn a_notice_that_waits_for_more_than_five_minutes_is_a_trouble_of_the_monitor() {
    let of_age = |minutes| {
        let it = owed(
            "oncall",
            opened(),
            ago(minutes),
            &[],
            &[email("a@example.com")],
        );
        tried(
            it,
            &Attempt::Retried("connection refused".to_owned()),
            ago(1),
        )
    };
    let troubles = |minutes| {
        let html = overview(&with(&[], vec![of_age(3), of_age(minutes)]));
        html.contains("<section class=\"notices\"")
            .then(|| words(between(&html, "<ul>", "</ul>")))
    };
    assert_eq!(troubles(5), None);
    assert_eq!(
        troubles(7).unwrap(),
        "Notices do not get out. 2 notices wait for oncall; email to a@example.com: connection refused. \
         For 7 minutes, since 2026-11-20 09:23:00 UTC."
    );
}

#[test]
fn a_refused_notice_is_shown_with_the_other_sides_own_words() {
    let said = section(&overview(&alarmed(bad_day())), "refused");
    assert!(
        said.ends_with(
            "When To whom About What the other side said \
             2026-11-20 07:24 UTC 2 hours 6 minutes ago security email to gone@example.com \
             opened invoices/valid 550 5.1.1 no such user here"
        ),
        "{said}"
    );
}

#[test]
fn silences_say_what_is_quiet_until_when_by_whom_why_and_how_to_end_them() {
    let said = section(&overview(&alarmed(bad_day())), "silences");
    assert_eq!(
        said,
        "Silences What is not told Until By whom, and why To end it \
         class=&#34;outage&#34; 2026-11-20 11:00 UTC in 1 hour 30 minutes \
         ada: the lock is being changed authvigil silence expire 0badcafe \
         class=&#34;bypass&#34; from 2026-11-20 10:30 UTC to 2026-11-20 11:30 UTC in 2 hours \
         ada: the lock is being changed authvigil silence expire 0badcafe"
    );
}

#[test]
fn an_endpoint_page_has_its_own_incidents_with_all_notices() {
    let html = of(&alarmed(bad_day()), "orders");
    let said = section(&html, "incidents");
    assert!(
        said.starts_with(
            "Open incidents bypass anonymous: A caller without credentials was let in \
             anonymous_admitted bypass, critical, incident "
        ),
        "{said}"
    );
    assert!(
        said.ends_with(
            "open for 12 minutes, since 2026-11-20 09:18 UTC, reproduced 3/3. Saw 200 OK. \
             tickets opened 2026-11-20 09:20 UTC \
             waits webhook tried 2 times, last 2 minutes ago: 451 4.7.1 try again later \
             oncall opened 2026-11-20 09:19 UTC \
             delivered email to oncall@example.com 11 minutes ago"
        ),
        "{said}"
    );
}

#[test]
fn an_endpoint_page_says_how_long_past_incidents_lasted() {
    let html = of(&alarmed(bad_day()), "orders");
    let said = section(&html, "ended");
    assert!(
        said.ends_with(
            "recovered after 1 hour: from 2026-11-19 23:30 UTC to 2026-11-20 00:30 UTC. \
             Saw 200 OK. oncall ended 2026-11-20 00:30 UTC \
             delivered email to oncall@example.com 9 hours ago"
        ),
        "{said}"
    );
}

#[test]
fn an_incident_of_a_check_that_was_removed_is_not_said_to_be_fixed() {
    let at = ago(1);
    let removed = Incident {
        ended: Some(Ended {
            at,
            resolution: Resolution::Removed,
        }),
        ..Incident::clone(&bypass())
    };
    let html = of(&with(&[&Arc::new(removed)], vec![]), "first");
    let said = section(&html, "ended");
    assert!(
        said.contains("removed from the configuration, not fixed after 11 minutes"),
        "{said}"
    );
}

#[test]
fn drift_says_what_is_accepted_what_differs_since_when_and_how_to_accept_it() {
    let html = of(&alarmed(bad_day()), "archive");
    let drift = words(between(
        &html,
        "<details class=\"drift\" open>",
        "</details>",
    ));
    assert_eq!(
        drift,
        "Challenges that differ from every accepted one \
         accepted 4xx digest(algorithm=sha-256, qop, realm=&#34;archive&#34;) \
         differs 4xx basic(realm=&#34;archive&#34;) \
         for 44 minutes, since 2026-11-20 08:46 UTC; last met 1 minute ago \
         Where that is as it should be, authvigil accept archive accepts it."
    );
}

#[test]
fn without_drift_the_accepted_challenges_are_folded_away() {
    let mut state = State::of(TWO);
    let mut baseline = Baseline::default();
    baseline.meet(&Fingerprint::stored("4xx negotiate"), Trust::Sound, ago(9));
    state.set_baseline("first/anonymous", baseline);
    let html = of(&state, "first");
    let drift = words(between(&html, "<details class=\"drift\">", "</details>"));
    assert_eq!(drift, "Accepted challenges accepted 4xx negotiate");
}

#[test]
fn what_a_relay_said_and_what_a_silence_says_stays_harmless() {
    let evil = "550 <script>alert(1)</script>\u{1b}[2J\u{202e}\u{200b}<img src=x>";
    let mut open = Incident::clone(&bypass());
    let story = Arc::make_mut(&mut open.story);
    story.findings[0].saw = evil.to_owned();
    let open = Arc::new(open);
    let of_age = |minutes| owed("oncall", opened(), ago(minutes), &[&open], &[email(evil)]);
    let notices = vec![
        tried(of_age(1), &Attempt::Rejected(evil.to_owned()), ago(1)),
        tried(of_age(9), &Attempt::Retried(evil.repeat(50)), ago(1)),
    ];
    let mut state = with(&[&open], notices);
    let mut quiet = silence("bypass", now(), -5..30);
    (quiet.comment, quiet.author) = (evil.to_owned(), evil.to_owned());
    quiet.matchers[0].label = evil.to_owned();
    state.snapshot.silences = vec![Arc::new(quiet)];
    let mut baseline = Baseline::default();
    baseline.meet(&Fingerprint::stored(evil), Trust::Sound, ago(9));
    baseline.meet(&Fingerprint::stored(&evil.repeat(2)), Trust::Sound, ago(9));
    state.set_baseline("first/anonymous", baseline);
    for html in [overview(&state), of(&state, "first")] {
        let bad = ["<script", "<img", "\u{1b}", "\u{202e}", "\u{200b}"];
        let found: Vec<&str> = bad.into_iter().filter(|bad| html.contains(bad)).collect();
        assert_eq!(
            (found, html.contains("&#60;script&#62;")),
            (Vec::<&str>::new(), true)
        );
        assert!(html.len() < 100_000, "{}", html.len());
    }
}

#[test]
fn the_address_of_a_webhook_is_nowhere_and_values_in_that_of_an_alertmanager_neither() {
    let ways = [
        Way::Alertmanager("http://127.0.0.1:9093/?token=hunter2".to_owned()),
        Way::Webhook,
    ];
    let open = bypass();
    let state = with(
        &[&open],
        vec![owed("tickets", opened(), ago(9), &[&open], &ways)],
    );
    for html in [overview(&state), of(&state, "first")] {
        assert!(
            html.contains("alertmanager to http://127.0.0.1:9093/"),
            "{html}"
        );
        assert!(!html.contains("hunter2"), "{html}");
    }
}
