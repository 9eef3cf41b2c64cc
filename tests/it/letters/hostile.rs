//! What a server, a name or a number of incidents cannot do to a mail.

use std::sync::Arc;

use authvigil::domain::finding::{Finding, Reason};
use authvigil::domain::incident::Resolution;
use authvigil::domain::notice::{Difference, Notice, Occasion, Story};
use authvigil::notify::Letter;
use authvigil::notify::render::letter;
use lettre::message::MultiPart;
use proptest::prelude::*;

use super::scene::{bypass, denied, ended, incident, notice, opened, over, telling};

/// What a mail may take, whole and encoded.
const MOST: usize = 100 << 10;

/// A mail as it goes over the wire, with headers of the usual length.
fn wire(letter: &Letter) -> Vec<u8> {
    let from = "authvigil <authvigil@example.com>".parse().unwrap();
    let to = "oncall@example.com".parse().unwrap();
    let parts = MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone());
    let message = lettre::Message::builder().from(from).to(to);
    let message = message.subject(letter.subject.clone());
    message.multipart(parts).unwrap().formatted()
}

/// A text in every place that a server or a person fills.
fn everywhere(story: &mut Story, text: &str, times: usize) {
    let finding = || Finding::new(Reason::AnonymousAdmitted, text, text);
    let difference = || Difference {
        what: text.to_owned(),
        before: Some(text.to_owned()),
        now: Some(text.to_owned()),
    };
    story.request = format!("GET https://api.example.com/{text}");
    text.clone_into(&mut story.persona);
    story.findings = std::iter::repeat_with(finding).take(times).collect();
    story.beside = std::iter::repeat_with(finding).take(times).collect();
    story.status_line = Some(format!("HTTP/1.1 200 {text}"));
    story.challenge_lines = vec![format!("Basic realm=\"{text}\""); times];
    story.silence = Some(text.to_owned());
    story.remote_addr = Some(text.to_owned());
    story.differences = std::iter::repeat_with(difference).take(times).collect();
    story.reproduction = Some(format!("curl '{text}'"));
    story.labels = (0..times)
        .map(|at| (format!("{text}{at}"), text.to_owned()))
        .collect();
}

fn of(text: &str, times: usize) -> Notice {
    opened(vec![telling(bypass(), |story| {
        everywhere(story, text, times);
    })])
}

/// What is wrong with a letter, whoever wrote what stands in it.
fn complaints(letter: &Letter) -> Vec<String> {
    let mut complaints = Vec::new();
    let is_stray = |character: char| {
        character.is_control()
            || "\u{202a}\u{202b}\u{202d}\u{202e}\u{2066}\u{2028}\u{feff}".contains(character)
    };
    if letter.subject.chars().any(is_stray) || letter.subject.chars().count() > 200 {
        complaints.push(format!("subject {:?}", letter.subject));
    }
    if letter.text.chars().any(|it| it != '\n' && is_stray(it)) {
        complaints.push("the text holds characters that steer".to_owned());
    }
    if letter.html.chars().any(|it| it != '\n' && is_stray(it)) {
        complaints.push("the HTML holds characters that steer".to_owned());
    }
    if let Err(error) = super::shown::elements(&letter.html) {
        complaints.push(format!("the HTML is not well-formed: {error}"));
    }
    complaints
}

/// Texts that try to break out of a header, a page, a terminal or a line.
const NASTY: [&str; 12] = [
    "x\r\nBcc: victim@example.com\r\n\r\nhello",
    "\"><script>alert(1)</script>",
    "</pre></td></table><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }} {% include \"mail.html\" %}",
    "&lt;b&gt; &#60;script&#62; &amp;",
    "\u{1b}[2J\u{1b}]0;owned\u{7}",
    "\u{202e}drowssap\u{2066}",
    "nul\0byte",
    "\u{80}\u{9b}31m\u{ff}\u{fe}",
    "]]> <!-- --> <![CDATA[",
    "a\u{2028}b\u{2029}c\u{feff}\u{200b}",
    "=?utf-8?B?W3Rlc3Rd?= `backticks` 'quotes'",
];

#[test]
fn no_text_breaks_out_of_subject_text_or_html() {
    for text in NASTY {
        let letter = letter(&of(text, 3));
        assert_eq!(complaints(&letter), Vec::<String>::new(), "{text:?}");
    }
}

#[test]
fn no_text_of_what_is_still_wrong_breaks_out_of_an_end() {
    for text in NASTY {
        let denied = telling(denied(), |story| everywhere(story, text, 3));
        let letter = letter(&ended(denied, Resolution::Recovered));
        assert!(letter.text.contains("still fails: bypass"), "{text:?}");
        assert_eq!(complaints(&letter), Vec::<String>::new(), "{text:?}");
    }
}

#[test]
fn a_thousand_ends_after_which_something_is_wrong_stay_below_a_hundred_kibibytes() {
    let text = "\u{e9}=<>".repeat(500);
    let incidents = (0..1000).map(|at| {
        let one = incident(&format!("e{at}/c"), Reason::ForbiddenInstead, "", "");
        let one = telling(one, |story| everywhere(story, &text, 4));
        over(one, Resolution::Recovered, 60)
    });
    let letter = letter(&notice(Occasion::Ended, incidents.collect(), 61));
    assert!(wire(&letter).len() < MOST, "{}", wire(&letter).len());
    assert!(letter.subject.ends_with(", but a bypass is open"));
}

#[test]
fn what_a_server_sent_is_no_element_of_the_html() {
    let usual = super::shown::elements(&letter(&of("harmless", 3)).html).unwrap();
    for text in NASTY {
        let elements = super::shown::elements(&letter(&of(text, 3)).html).unwrap();
        // A sentence may stand in for a `curl` line that cannot be shown.
        let of_server = ["script", "img", "b"];
        let count = |names: &[String]| {
            let names = names.iter().filter(|it| of_server.contains(&it.as_str()));
            names.count()
        };
        assert_eq!(count(&elements), count(&usual), "{text:?}");
    }
}

#[test]
fn a_command_that_would_have_to_be_changed_to_be_shown_is_left_out() {
    let text = letter(&of("\u{202e}", 1)).text;
    assert!(!text.contains("curl '"), "{text}");
    let text = letter(&of("quite harmless", 1)).text;
    assert!(text.contains("curl 'quite harmless'"), "{text}");
}

#[test]
fn a_mail_of_endless_realms_stays_below_a_hundred_kibibytes() {
    for piece in ["\u{e9}=<>", "\u{1f512}", "\0", "\"'&<", "a", "="] {
        let text = piece.repeat((64 << 10) / piece.len());
        let letter = letter(&of(&text, 100));
        assert!(
            wire(&letter).len() < MOST,
            "{piece:?}: {}",
            wire(&letter).len()
        );
        assert_eq!(complaints(&letter), Vec::<String>::new(), "{piece:?}");
    }
}

/// So many incidents with the longest names, each with so much to say.
fn many(count: usize, text: &str) -> Notice {
    let incidents = (0..count).map(|at| {
        let check = format!("{:e>63}/{}", at, "c".repeat(63));
        let one = incident(&check, Reason::AnonymousAdmitted, text, text);
        telling(one, |story| everywhere(story, text, 10))
    });
    opened(incidents.collect())
}

#[test]
fn a_mail_of_a_thousand_incidents_stays_below_a_hundred_kibibytes_and_counts_them() {
    for text in ["saw 200", &"\u{e9}=<>".repeat(2000)] {
        let letter = letter(&many(1000, text));
        assert!(wire(&letter).len() < MOST, "{}", wire(&letter).len());
        assert!(letter.text.contains("incidents more: the status page"));
        assert!(
            letter
                .subject
                .contains("CRITICAL 1,000 incidents: bypass 1,000")
        );
    }
}

#[test]
fn an_ordinary_crowd_is_listed_whole() {
    let names = (0..40).map(|at| format!("{at:e>63}/{}", "c".repeat(63)));
    let one = |name: String| incident(&name, Reason::AnonymousAdmitted, "401", "200 OK");
    let letter = letter(&opened(names.map(one).collect()));
    let text = letter.text.replace('\n', " ");
    let listed = (0..40).filter(|at| text.contains(&format!("{at:e>63}/")));
    assert_eq!(listed.count(), 40);
}

#[test]
fn the_estimate_of_the_encoded_size_is_never_too_small() {
    for text in ["\u{e9}=<>", "a", "\u{1f512} ", "= =\n"] {
        let letter = letter(&of(&text.repeat(5000), 40));
        let parts = authvigil::notify::render::MOST;
        assert!(wire(&letter).len() < parts + 2048, "{text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_sent_the_letter_is_whole(text in "\\PC{0,40}|[\\x00-\\xff]{0,200}|.{0,60}") {
        let mut notice = of(&text, 2);
        let story = Arc::clone(&notice.incidents[0].story);
        prop_assert_eq!(complaints(&letter(&notice)), Vec::<String>::new());
        notice.incidents.push(Arc::new(telling(bypass(), |it| *it = (*story).clone())));
        prop_assert_eq!(complaints(&letter(&notice)), Vec::<String>::new());
    }
}
