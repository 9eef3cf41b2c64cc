//! Passwords that were rejected, and checks that are not probed for the sake of the account.

use tokio::sync::oneshot;

use super::*;
use crate::domain::routing::{MatchRule, Matcher};
use crate::keeper::event::Wish;

/// So many endpoints behind one password; the first belong to another team than the last.
fn shared(endpoints: std::ops::Range<usize>) -> String {
    let team = |at| if at < 10 { "near" } else { "far" };
    let endpoint = |at| {
        let team = team(at);
        format!(
            "  - {{name: e{at}, url: 'https://e{at}.example.com/', credential: reader, labels: \
             {{team: {team}}}}}\n"
        )
    };
    let endpoints = endpoints.map(endpoint).collect::<Vec<String>>().concat();
    format!(
        "
credentials: {{reader: {{basic_auth: {{username: reader, password_file: reader}}}}}}
endpoints:
{endpoints}
alerting:
  smtp: {{host: 127.0.0.1, tls: none, from: watch@auth.test}}
  receivers:
    - {{name: oncall, email: {{to: [a@auth.test]}}}}
    - {{name: far, email: {{to: [b@auth.test]}}}}
    - {{name: tickets, email: {{to: [c@auth.test]}}}}
  route: {{receiver: oncall, group_wait: 10s, group_interval: 1m, repeat_interval: 4h}}
"
    )
}

/// The same, where somebody else is told of some, and warnings go to a third.
fn by_team(endpoints: std::ops::Range<usize>) -> String {
    shared(endpoints).replace(
        "repeat_interval: 4h}",
        "repeat_interval: 4h, routes: [{receiver: tickets, matchers: ['severity=\"warning\"']}, \
         {receiver: far, matchers: ['team=\"far\"']}]}",
    )
}

/// For a minute strangers are refused, and each holder meets what is given for it, or is held back.
fn minute(
    play: &mut Play,
    endpoints: std::ops::Range<usize>,
    met: impl Fn(usize) -> Option<u16>,
) -> Vec<Arc<Owed>> {
    for at in endpoints {
        for refused in ["anonymous", "invalid"] {
            play.meets(&format!("e{at}/{refused}"), answer(401));
        }
        let holder = format!("e{at}/valid");
        match met(at) {
            Some(status) => drop(play.meets(&holder, answer(status))),
            None => play.hold(&holder, 600),
        }
    }
    play.says_within(60)
}

/// The password is rejected at the first four of so many, and held back for some minutes.
fn rejected(config: &str, count: usize) -> (Play, Vec<Arc<Owed>>) {
    let mut play = Play::of(config);
    minute(&mut play, 0..count, |_| Some(200));
    let mut owed = minute(&mut play, 0..count, |at| {
        Some(if at < 4 { 401 } else { 200 })
    });
    for _ in 0..6 {
        owed.extend(minute(&mut play, 0..count, |_| None));
    }
    (play, owed)
}

/// What was said to whom, and of how many checks.
fn said(owed: &[Arc<Owed>]) -> Vec<(&str, &str, usize)> {
    let notices = owed.iter().map(|owed| &owed.notice);
    let mut said: Vec<_> = notices
        .map(|it| {
            let occasion = it.occasion.as_str();
            (it.receiver.as_str(), occasion, it.incidents.len())
        })
        .collect();
    said.sort_unstable();
    said
}

/// How many incidents of a class are open.
fn open_of(play: &Play, class: Class) -> usize {
    let open = play.open().into_iter();
    open.filter(|(_, of, _)| *of == class).count()
}

#[test]
fn one_wrong_password_is_one_notice_however_many_checks_it_holds_back() {
    let (play, owed) = rejected(&shared(0..20), 20);
    assert_eq!(said(&owed), [("oncall", "opened", 4)]);
    assert_eq!(
        [Class::Lockout, Class::Internal].map(|class| open_of(&play, class)),
        [4, 0]
    );
}

#[test]
fn check_that_a_rejected_password_holds_back_shows_that_it_is_not_probed() {
    let (play, _) = rejected(&shared(0..20), 20);
    let shown = ["e0/valid", "e19/valid"].map(|id| play.reasons(id));
    assert_eq!(shown, [[Reason::NotProbed], [Reason::NotProbed]]);
}

#[test]
fn right_password_is_one_notice_however_many_checks_were_held_back() {
    let (mut play, _) = rejected(&shared(0..20), 20);
    let mut owed = Vec::new();
    // One is let in first; the others have their turns after it.
    owed.extend(minute(&mut play, 0..20, |at| (at == 0).then_some(200)));
    for _ in 0..6 {
        owed.extend(minute(&mut play, 0..20, |_| Some(200)));
    }
    let occasions = said(&owed);
    assert!(
        occasions
            .iter()
            .all(|(_, occasion, _)| *occasion == "ended"),
        "{occasions:?}"
    );
    let told: usize = occasions.iter().map(|(_, _, checks)| checks).sum();
    assert_eq!((told, play.open()), (4, vec![]));
}

#[test]
fn check_that_is_not_probed_although_the_password_is_right_again_is_told() {
    let (mut play, _) = rejected(&shared(0..20), 20);
    let mut owed = Vec::new();
    for _ in 0..6 {
        for at in 0..19 {
            for check in ["anonymous", "invalid", "valid"] {
                let status = if check == "valid" { 200 } else { 401 };
                play.meets(&format!("e{at}/{check}"), answer(status));
            }
        }
        for refused in ["anonymous", "invalid"] {
            play.meets(&format!("e19/{refused}"), answer(401));
        }
        owed.extend(play.says_within(60));
    }
    let open = ("e19/valid".to_owned(), Class::Internal, Reason::NotProbed);
    assert_eq!(play.open(), [open]);
    assert!(said(&owed).contains(&("oncall", "opened", 1)));
}

#[test]
fn checks_are_told_once_those_whose_lockout_told_of_them_are_gone() {
    let (mut play, _) = rejected(&shared(0..20), 20);
    play.apply(Event::Adopted(adoption(&shared(4..20))));
    for _ in 0..6 {
        minute(&mut play, 4..20, |_| None);
    }
    assert_eq!(
        [Class::Lockout, Class::Internal].map(|class| open_of(&play, class)),
        [0, 16]
    );
}

#[test]
fn check_that_its_endpoint_holds_back_is_told_beside_a_lockout() {
    let (mut play, _) = rejected(&shared(0..5), 5);
    let status = play.check("e4/valid");
    let hold = Hold {
        span: Some(Duration::from_mins(5)),
        ..status.held.clone().unwrap()
    };
    for _ in 0..6 {
        for at in 0..5 {
            for refused in ["anonymous", "invalid"] {
                play.meets(&format!("e{at}/{refused}"), answer(401));
            }
        }
        play.apply(Event::Held {
            id: id_of("e4/valid"),
            hold: hold.clone(),
        });
        play.says_within(60);
    }
    assert!(
        play.open()
            .contains(&("e4/valid".to_owned(), Class::Internal, Reason::NotProbed))
    );
}

#[test]
fn restart_tells_nothing_of_what_a_rejected_password_holds_back() {
    let (play, _) = rejected(&shared(0..20), 20);
    let mut play = play.restarted(&shared(0..20));
    let undelivered = play.says();
    assert_eq!(said(&undelivered), [("oncall", "opened", 4)]);
    let mut owed = Vec::new();
    for _ in 0..8 {
        owed.extend(minute(&mut play, 0..20, |_| None));
    }
    assert_eq!(said(&owed), []);
    assert_eq!(open_of(&play, Class::Internal), 0);
}

#[test]
fn those_who_are_told_of_no_lockout_are_told_what_is_not_probed() {
    let (_, owed) = rejected(&by_team(0..20), 20);
    let said = said(&owed);
    assert!(said.contains(&("oncall", "opened", 4)), "{said:?}");
    let tickets = said.iter().filter(|(to, _, _)| *to == "tickets");
    let checks: usize = tickets.map(|(_, _, checks)| checks).sum();
    assert_eq!(checks, 10, "those of the other team: {said:?}");
}

#[test]
fn lockout_that_is_silenced_at_its_endpoint_does_not_silence_other_checks() {
    let mut play = Play::of(&shared(0..5));
    let (reply, _named) = oneshot::channel();
    let wish = Wish {
        matchers: vec![Matcher {
            label: "endpoint".to_owned(),
            rule: MatchRule::Is("e0".to_owned()),
        }],
        length: Duration::from_hours(4),
        comment: "known".to_owned(),
        author: "ops".to_owned(),
    };
    play.apply(Event::Silenced(wish, reply));
    let mut owed = minute(&mut play, 0..5, |_| Some(200));
    for _ in 0..2 {
        let met = |at| Some(if at == 0 { 401 } else { 200 });
        owed.extend(minute(&mut play, 0..5, met));
    }
    for _ in 0..6 {
        owed.extend(minute(&mut play, 0..5, |_| None));
    }
    let checks: usize = said(&owed).iter().map(|(_, _, checks)| checks).sum();
    assert_eq!(checks, 4, "all but the one that is silenced");
}
