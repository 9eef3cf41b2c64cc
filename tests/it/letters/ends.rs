//! What a mail says of an end that is no end of all trouble, and of what comes and goes.

use authvigil::domain::finding::{Finding, Reason};
use authvigil::domain::incident::{Incident, Resolution};
use authvigil::domain::notice::{Notice, Occasion};
use authvigil::notify::render::letter;

use super::scene::{
    bypass, denied, ended, flapping, incident, let_in, lockout, notice, over, slow, telling,
};

/// The text in one line, so that it can be searched for sentences.
fn text(notice: &Notice) -> String {
    letter(notice)
        .text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn recovered(incident: Incident) -> Incident {
    over(incident, Resolution::Recovered, 240)
}

/// Which of these a text says.
fn said<'a>(text: &str, sentences: &[&'a str]) -> Vec<&'a str> {
    let sentences = sentences.iter().copied();
    sentences.filter(|it| text.contains(it)).collect()
}

const OVER: [&str; 2] = ["It is over", "passed often enough"];

#[test]
fn what_flaps_is_told_with_what_that_means() {
    let sentences = [
        "It opened and resolved too often to be told each time: four changes within an hour.",
        "Nothing more is told of it until it has been calm for 30 minutes.",
        "Meanwhile the status page and the metric `authvigil_incident_open` say how it stands.",
    ];
    let text = text(&flapping(vec![lockout()]));
    assert_eq!(said(&text, &sentences), sentences);
}

#[test]
fn what_flaps_is_told_as_open_or_well_and_never_as_over() {
    let sentences = [
        "When this mail was written, it was open.",
        "When this mail was written, it was well.",
        OVER[0],
        OVER[1],
    ];
    let of = |incident| text(&flapping(vec![incident]));
    let texts = [of(lockout()), of(recovered(lockout()))];
    let told = texts.each_ref().map(|text| said(text, &sentences));
    assert_eq!(told, [vec![sentences[0]], vec![sentences[1]]]);
}

#[test]
fn several_that_flap_are_counted_by_how_they_stand() {
    let text = text(&flapping(vec![lockout(), recovered(denied())]));
    let sentence = "When this mail was written, 1 of 2 were open. Nothing more is told of one of \
                    them until it has been calm for 30 minutes.";
    assert_eq!(said(&text, &[sentence, OVER[0]]), [sentence]);
}

#[test]
fn an_end_beside_a_bypass_says_so_in_the_subject() {
    assert_eq!(
        letter(&ended(denied(), Resolution::Recovered)).subject,
        "[authvigil] RESOLVED denial orders/anonymous: refused with 403 in place of the agreed answer, \
         but a bypass is open"
    );
}

#[test]
fn an_end_of_several_beside_a_bypass_says_so_in_the_subject() {
    let incidents = vec![recovered(lockout()), recovered(denied())];
    assert_eq!(
        letter(&notice(Occasion::Ended, incidents, 241)).subject,
        "[authvigil] RESOLVED 2 incidents at orders: lockout 1, denial 1, but a bypass is open"
    );
}

#[test]
fn the_longest_names_leave_room_for_the_open_bypass() {
    let check = format!("{}/{}", "e".repeat(63), "c".repeat(63));
    for reason in Reason::ALL {
        let incident = telling(incident(&check, *reason, "", ""), |story| {
            story.beside = vec![let_in()];
        });
        let is_bypass = reason.class() == let_in().reason.class();
        let subject = letter(&ended(incident, Resolution::Recovered)).subject;
        assert_eq!(
            subject.ends_with(", but a bypass is open"),
            !is_bypass,
            "{subject}"
        );
        assert!(subject.chars().count() <= 200, "{subject}");
    }
}

#[test]
fn what_is_still_wrong_stands_in_the_first_sentence_the_gravest_first() {
    let sentence = "The denial is over, after 4 minutes, but the check still fails: bypass, \
                    anonymous_admitted, saw 200 OK; and 1 more finding. It was:";
    let text = text(&ended(denied(), Resolution::Recovered));
    assert_eq!(said(&text, &[sentence, OVER[0], OVER[1]]), [sentence]);
}

#[test]
fn the_html_names_what_is_still_wrong_too() {
    let html = letter(&ended(denied(), Resolution::Recovered)).html;
    let sentences = [
        "the check still fails: bypass, anonymous_admitted, saw 200 OK",
        OVER[0],
    ];
    assert_eq!(said(&html, &sentences), [sentences[0]]);
}

#[test]
fn everything_that_is_still_wrong_is_listed_the_gravest_first() {
    let text = text(&ended(denied(), Resolution::Recovered));
    let list = "Still wrong with this check --------------------------- \
                Reason anonymous_admitted Expected 401 Saw 200 OK \
                Reason too_slow Expected an answer within 500 milliseconds Saw one after 2.1 \
                seconds";
    assert_eq!(said(&text, &[list, "Well since"]), [list]);
}

#[test]
fn what_remains_and_is_no_bypass_leaves_the_subject_as_it_is() {
    let incident = telling(denied(), |story| story.beside = vec![slow()]);
    let subject = letter(&ended(incident, Resolution::Recovered)).subject;
    assert!(subject.ends_with(", over after 4 min"), "{subject}");
}

#[test]
fn a_certificate_that_expires_soon_is_not_called_a_failing_check() {
    let expiring = Finding::new(Reason::CertificateExpiring, "30 days", "12 days");
    let incident = telling(denied(), |story| story.beside = vec![expiring]);
    let text = text(&ended(incident, Resolution::Recovered));
    let sentences = [
        "but something else is still wrong: response, certificate_expiring, saw 12 days",
        "still fails",
    ];
    assert_eq!(said(&text, &sentences), [sentences[0]]);
}

#[test]
fn what_the_same_mail_tells_the_end_of_is_not_still_wrong() {
    let denied = telling(denied(), |story| story.beside = vec![let_in()]);
    let incidents = vec![recovered(bypass()), recovered(denied)];
    let letter = letter(&notice(Occasion::Ended, incidents, 241));
    let texts = [letter.subject.as_str(), letter.text.as_str()];
    let told = texts.map(|text| said(text, &["but a bypass is open", "still wrong"]));
    assert_eq!(told, [Vec::<&str>::new(), Vec::new()]);
}

#[test]
fn several_that_ended_name_the_check_with_which_something_is_still_wrong() {
    let incidents = vec![recovered(lockout()), recovered(denied())];
    let text = text(&notice(Occasion::Ended, incidents, 241));
    let sentence = "All of them ended, but something is still wrong with orders/anonymous: \
                    bypass, anonymous_admitted, saw 200 OK.";
    assert_eq!(said(&text, &[sentence]), [sentence]);
}

#[test]
fn a_check_that_asks_something_else_by_now_may_be_why_an_incident_was_removed() {
    let text = text(&ended(bypass(), Resolution::Removed));
    let sentences = [
        "It was open for 4 minutes when its check left the configuration or began to ask \
         something else (another URL, persona or status).",
        "Removed, not fixed: what failed is asked no more, so nobody knows whether it is mended.",
    ];
    assert_eq!(said(&text.replace(" ! ", " "), &sentences), sentences);
}

#[test]
fn why_no_answer_came_is_not_said_twice() {
    let text = text(&super::scene::opened(vec![super::scene::outage(
        "orders/partner",
    )]));
    assert_eq!(text.matches("connection refused").count(), 2, "{text}");
}
