//! The subjects: the verdict and the check first, in one line.

use authvigil::domain::finding::Reason;
use authvigil::domain::incident::Resolution;
use authvigil::domain::notice::{Cause, Notice, Occasion};
use authvigil::notify::render::letter;

use super::scene::{
    bypass, crowd, ended, heartbeat, incident, lockout, notice, opened, outage, over,
};

fn subject(notice: &Notice) -> String {
    letter(notice).subject
}

#[test]
fn a_bypass_is_named_with_its_check_and_the_status_that_was_met() {
    assert_eq!(
        subject(&opened(vec![bypass()])),
        "[authvigil] CRITICAL bypass orders/anonymous: let in without credentials (200)"
    );
}

#[test]
fn a_recovery_says_how_long_it_lasted() {
    assert_eq!(
        subject(&ended(bypass(), Resolution::Recovered)),
        "[authvigil] RESOLVED bypass orders/anonymous: let in without credentials (200), over \
         after 4 min"
    );
}

#[test]
fn a_check_that_left_the_configuration_is_not_called_fixed() {
    assert_eq!(
        subject(&ended(bypass(), Resolution::Removed)),
        "[authvigil] REMOVED (not fixed) bypass orders/anonymous: let in without credentials \
         (200), open for 4 min"
    );
}

#[test]
fn many_are_counted_by_class_the_gravest_first() {
    assert_eq!(
        subject(&opened(crowd(12))),
        "[authvigil] CRITICAL 12 incidents: bypass 1, lockout 1, outage 10"
    );
}

#[test]
fn many_at_one_endpoint_name_it() {
    assert_eq!(
        subject(&opened(vec![bypass(), lockout()])),
        "[authvigil] CRITICAL 2 incidents at orders: bypass 1, lockout 1"
    );
}

#[test]
fn some_that_recovered_and_some_that_were_removed_are_told_apart() {
    let incidents = vec![
        over(bypass(), Resolution::Recovered, 60),
        over(lockout(), Resolution::Removed, 60),
    ];
    assert_eq!(
        subject(&notice(Occasion::Ended, incidents, 61)),
        "[authvigil] ENDED 2 incidents at orders: bypass 1, lockout 1; 1 resolved, 1 removed (not \
         fixed)"
    );
}

#[test]
fn each_cause_is_named() {
    let rows = [
        (
            Cause::Host("db.example.com".to_owned()),
            "host db.example.com: 3 checks in outage",
        ),
        (
            Cause::Credential("partner".to_owned()),
            "credential partner: 3 checks locked out",
        ),
        (
            Cause::TokenEndpoint("partner".to_owned()),
            "token endpoint of partner: 3 checks without a token",
        ),
    ];
    for (cause, said) in rows {
        let occasion = Occasion::Opened { cause: Some(cause) };
        assert_eq!(
            subject(&notice(occasion, crowd(3), 10)),
            format!("[authvigil] CRITICAL {said}")
        );
    }
}

#[test]
fn what_goes_on_says_for_how_long() {
    let occasion = Occasion::Repeated { cause: None };
    let incidents = vec![outage("orders/anonymous")];
    assert_eq!(
        subject(&notice(occasion, incidents, 7500)),
        "[authvigil] CRITICAL outage orders/anonymous: connection refused, still after 2 h 5 min"
    );
}

#[test]
fn a_heartbeat_says_whether_all_is_well() {
    assert_eq!(
        [heartbeat(0, (0, 0)), heartbeat(1, (2, 3))].map(|notice| subject(&notice)),
        [
            "[authvigil] all is well: 120 checks, 345,600 probes",
            "[authvigil] not all is well: 1 incident open, 2 failing and 3 unknown of 120 checks"
        ]
    );
}

#[test]
fn the_longest_names_leave_room_for_what_matters_at_the_end() {
    let check = format!("{}/{}", "e".repeat(63), "c".repeat(63));
    let long = |reason| ended(incident(&check, reason, "", ""), Resolution::Removed);
    for reason in Reason::ALL {
        let subject = subject(&long(*reason));
        assert!(subject.ends_with(", open for 4 min"), "{subject}");
        assert!(subject.chars().count() <= 200, "{subject}");
    }
}
