//! Token endpoints that give no token, and what waits for them; credentials that expire.

use super::*;
use crate::domain::endpoint::{TokenEndpoint, Transport};
use crate::domain::presenter::{Provenance, Validity};

/// Endpoints whose holder needs a token, and somebody who is to be told.
fn waiting(count: usize) -> String {
    let endpoint = |at| {
        format!("  - {{name: e{at}, url: 'https://e{at}.example.com/', credential: billing}}\n")
    };
    let endpoints = (0..count).map(endpoint).collect::<Vec<String>>().concat();
    format!(
        "
credentials: {{billing: {{authorization: {{credentials_file: t}}}}}}
endpoints:
{endpoints}
alerting:
  smtp: {{host: 127.0.0.1, tls: none, from: watch@auth.test}}
  receivers: [{{name: oncall, email: {{to: [a@auth.test]}}}}]
  route: {{receiver: oncall, group_wait: 10s, group_interval: 1m, repeat_interval: 4h}}
"
    )
}

/// The same configuration, with the endpoint that the daemon adds.
fn with_token_endpoint(config: &str) -> Adoption {
    let mut adoption = adoption(config);
    let configured: Vec<_> = adoption.endpoints.iter().map(|it| (**it).clone()).collect();
    let watched = TokenEndpoint {
        credential: &Name::parse("billing").unwrap(),
        url: &"https://idp.example.com/token".parse().unwrap(),
        transport: &Transport::default(),
        timeout: Duration::from_secs(5),
    }
    .watched(&configured)
    .unwrap();
    adoption.endpoints.push(Arc::new(watched));
    adoption
}

fn play(count: usize) -> Play {
    let config = waiting(count);
    let mut play = Play::of(&config);
    play.apply(Event::Adopted(with_token_endpoint(&config)));
    play
}

fn no_token() -> Result<Observation, Unpresentable> {
    let detail = "the token endpoint refused the connection";
    Err(Unpresentable::new(Reason::TokenUnavailable, detail))
}

/// Every holder, and the token endpoint, meet this once, and a minute passes.
fn minute(play: &mut Play, count: usize, met: impl Fn() -> Result<Observation, Unpresentable>) {
    for at in 0..count {
        play.meets(&format!("e{at}/valid"), met());
        for refused in ["anonymous", "invalid"] {
            play.meets(&format!("e{at}/{refused}"), answer(401));
        }
    }
    play.meets("token.billing/token", met());
    play.wait(60);
}

/// What was shown of a credential with this validity, in days from the start.
fn shown(from: Option<i64>, until: Option<i64>, provenance: Provenance) -> Shown {
    let day = |day: i64| start() + SignedDuration::from_hours(24 * day);
    Shown {
        fingerprint: Some([7; 32]),
        validity: Validity {
            from: from.map(day),
            until: until.map(day),
        },
        provenance,
        proof: None,
        ..Shown::default()
    }
}

/// A check meets this with such a credential.
fn shows(play: &mut Play, id: &str, shown: Shown, outcome: Result<Observation, Unpresentable>) {
    let observed = Observed {
        id: id_of(id),
        endpoint: Arc::clone(&play.endpoint(id_of(id).endpoint.as_str()).endpoint),
        at: play.now().wall,
        outcome,
        shown,
        redactor: Redactor::default(),
    };
    play.apply(Event::Observed(Box::new(observed)));
}

#[test]
fn provider_that_gives_no_token_is_one_incident_and_one_notice_for_fifty_checks() {
    let mut play = play(50);
    minute(&mut play, 50, || answer(200));
    for _ in 0..3 {
        minute(&mut play, 50, no_token);
    }
    assert_eq!(
        play.open(),
        [(
            "token.billing/token".to_owned(),
            Class::Lockout,
            Reason::TokenUnavailable
        )]
    );
    assert_eq!(occasions(&play.says_within(30)), ["opened"]);
    for _ in 0..3 {
        minute(&mut play, 50, || answer(200));
    }
    assert_eq!(play.open(), []);
    assert_eq!(occasions(&play.says_within(30)), ["ended"]);
}

#[test]
fn incident_of_a_token_endpoint_names_the_checks_that_depend_on_it() {
    let mut play = play(10);
    (0..2).for_each(|_| minute(&mut play, 10, no_token));
    let incident = play.newest();
    assert_eq!(
        incident.story.findings[0].saw,
        "the token endpoint refused the connection; 10 checks depend on it: e0/valid, \
         e1/valid, e2/valid, e3/valid, e4/valid, e5/valid, e6/valid, e7/valid and 2 \
         more"
    );
    assert_eq!(incident.story.request, "POST https://idp.example.com/token");
    assert_eq!(incident.story.reproduction, None);
}

#[test]
fn check_that_waits_for_a_token_shows_that_it_does() {
    let mut play = play(1);
    minute(&mut play, 1, no_token);
    assert_eq!(play.reasons("e0/valid"), [Reason::TokenUnavailable]);
    assert_eq!(play.check("e0/valid").counts.of_class(Class::Lockout), 1);
}

#[test]
fn wait_for_a_token_neither_opens_nor_closes_what_was_wrong_before() {
    let mut play = play(1);
    play.meets("e0/valid", answer(401));
    (0..5).for_each(|_| minute(&mut play, 1, no_token));
    assert_eq!(play.open().len(), 1, "the token endpoint's alone");
    play.meets("e0/valid", answer(401));
    let at_check = (
        "e0/valid".to_owned(),
        Class::Lockout,
        Reason::CredentialRejected,
    );
    assert!(play.open().contains(&at_check), "the second in a row");
    (0..5).for_each(|_| minute(&mut play, 1, no_token));
    assert!(play.open().contains(&at_check));
}

#[test]
fn hold_of_an_account_opens_nothing_at_a_check_that_waits_for_its_token() {
    let mut play = play(1);
    play.meets("e0/valid", no_token());
    play.hold("e0/valid", 900);
    assert_eq!(play.open(), []);
}

#[test]
fn check_that_gets_no_token_although_there_is_one_tells_that_itself() {
    let mut play = play(2);
    for _ in 0..3 {
        play.meets("e0/valid", no_token());
        play.meets("e1/valid", answer(200));
        play.wait(30);
        play.meets("token.billing/token", answer(200));
        play.wait(30);
    }
    let at_check = (
        "e0/valid".to_owned(),
        Class::Lockout,
        Reason::TokenUnavailable,
    );
    assert_eq!(play.open(), [at_check]);
}

#[test]
fn check_that_waits_for_a_token_tells_where_its_token_endpoint_is_held_back() {
    let mut play = play(1);
    play.meets("token.billing/token", answer(200));
    play.hold("token.billing/token", 900);
    play.wait(60);
    play.meets("e0/valid", no_token());
    play.hold("e0/valid", 900);
    let at_check = (
        "e0/valid".to_owned(),
        Class::Lockout,
        Reason::TokenUnavailable,
    );
    assert_eq!(play.open(), [at_check]);
}

#[test]
fn without_a_check_of_its_own_a_token_endpoint_is_told_where_the_token_is_missed() {
    let mut play = Play::of(&waiting(1));
    for _ in 0..2 {
        play.meets("e0/valid", no_token());
        play.wait(60);
    }
    let open = (
        "e0/valid".to_owned(),
        Class::Lockout,
        Reason::TokenUnavailable,
    );
    assert_eq!(play.open(), [open]);
}

#[test]
fn token_endpoint_has_the_verdict_that_there_is_a_token_whatever_it_answered() {
    let mut play = play(1);
    let form = "<form><input type=password></form>";
    for met in [answer(200), answer(302), page(200, form)] {
        play.meets("token.billing/token", met);
        assert_eq!(play.reasons("token.billing/token"), []);
        let last = play.check("token.billing/token").last.clone().unwrap();
        assert_eq!(last.judgement.advice, []);
    }
    assert_eq!(
        play.live
            .credentials
            .values()
            .next()
            .unwrap()
            .last_accepted_at,
        None
    );
}

#[test]
fn refusals_prove_little_while_the_holder_waits_for_a_token() {
    let mut play = play(1);
    play.meets("e0/valid", no_token());
    play.meets("e0/anonymous", answer(401));
    let last = play.check("e0/anonymous").last.clone().unwrap();
    let codes: Vec<_> = last
        .judgement
        .advice
        .iter()
        .map(|it| it.code.as_str())
        .collect();
    assert!(codes.contains(&"control_failing"), "{codes:?}");
}

#[test]
fn monitor_that_is_cut_off_is_not_thought_connected_for_want_of_tokens() {
    let mut play = play(6);
    for _ in 0..2 {
        for at in 0..6 {
            play.meets(&format!("e{at}/anonymous"), silence(Reason::ConnectTimeout));
            play.meets(&format!("e{at}/valid"), no_token());
        }
        play.meets("token.billing/token", answer(200));
        play.wait(60);
    }
    play.look_round();
    assert!(play.live.monitor.isolated);
}

#[test]
fn credential_that_expires_soon_is_told_at_its_first_check_alone() {
    let mut play = play(3);
    for _ in 0..2 {
        for at in 0..3 {
            let of = shown(Some(-300), Some(10), Provenance::Configured);
            shows(&mut play, &format!("e{at}/valid"), of, answer(200));
        }
        play.wait(60);
    }
    let open = (
        "e0/valid".to_owned(),
        Class::Response,
        Reason::CredentialExpiring,
    );
    assert_eq!(play.open(), [open]);
    let [verdict, others] = ["e0/valid", "e1/valid"].map(|id| play.check(id));
    assert!(verdict.last.as_ref().unwrap().judgement.findings.is_empty());
    assert!(others.expiring.is_empty());
    let finding = verdict.expiring.credential.clone().unwrap();
    assert_eq!(
        finding.expected,
        "at least 14 days of a credential's lifetime left"
    );
    assert_eq!(
        finding.saw,
        "`billing` expires on 2026-12-02T12:00:00Z, in 9 days"
    );
}

#[test]
fn renewed_credential_ends_the_incident() {
    let mut play = play(1);
    for until in [5, 5, 300, 300] {
        let of = shown(Some(-1), Some(until), Provenance::Configured);
        // Of a lifetime of six days a quarter is a day and a half.
        let of = if until == 5 {
            shown(None, Some(5), of.provenance)
        } else {
            of
        };
        shows(&mut play, "e0/valid", of, answer(200));
        play.wait(60);
    }
    assert_eq!(play.open(), []);
    assert_eq!(play.newest().reason, Reason::CredentialExpiring);
    assert!(!play.newest().is_open());
}

#[test]
fn what_is_fetched_does_not_expire_for_anybody() {
    let mut play = play(1);
    for provenance in [Provenance::Fetched, Provenance::Kept] {
        let of = shown(None, Some(1), provenance);
        shows(&mut play, "e0/valid", of, answer(200));
        assert_eq!(play.reasons("e0/valid"), []);
        assert_eq!(
            play.live.credentials.values().next().unwrap().expires_at,
            None
        );
    }
}

#[test]
fn short_lived_credential_is_told_of_in_the_last_quarter_of_its_life() {
    let mut play = play(1);
    for (from, until, told) in [(-4, 4, false), (-7, 1, true)] {
        let of = shown(Some(from), Some(until), Provenance::Configured);
        shows(&mut play, "e0/valid", of, answer(200));
        assert_eq!(!play.check("e0/valid").expiring.is_empty(), told, "{until}");
    }
}

#[test]
fn longest_time_that_a_check_asks_for_counts_wherever_it_stands() {
    let asks = "e1.example.com/', admitted: {credential_min_remaining: 90d}";
    let config = waiting(2).replace("e1.example.com/'", asks);
    let mut play = Play::of(&config);
    let of = shown(Some(-300), Some(80), Provenance::Configured);
    shows(&mut play, "e0/valid", of, answer(200));
    assert_eq!(play.reasons("e0/valid"), [Reason::CredentialExpiring]);
}
