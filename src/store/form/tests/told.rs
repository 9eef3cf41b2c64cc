//! What is told survives as it was.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::collection::{btree_map, btree_set, vec};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use regex::Regex;

use super::{finding, reason, time};
use crate::domain::check::{CheckId, Name, Role};
use crate::domain::drift::{Baseline, Fingerprint, Strange};
use crate::domain::finding::{Class, Severity};
use crate::domain::incident::{Ended, Incident, IncidentId, Reproduced, Resolution};
use crate::domain::notice::{
    Cause, Difference, Heartbeat, Isolation, Memo, MessageId, Notice, NoticeId, Occasion, Said,
    Story, Telling, Thread,
};
use crate::domain::routing::{MatchRule, Matcher};
use crate::domain::silence::{Silence, SilenceId};
use crate::store::form::{baseline, incident, notice, silence, told};

/// What a server may say: anything, with what breaks out of many formats, or very long.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => ".*",
        4 => "[\u{0}\u{1b}\r\n\"'\\\\<>&\u{2028}\u{fffd}\u{10ffff}é]{0,9}",
        1 => (1_000..20_000_usize).prop_map(|length| "\u{0}é".repeat(length)),
    ]
}

fn name() -> impl Strategy<Value = Name> {
    "[A-Za-z0-9._-]{1,63}".prop_map(|text| Name::parse(&text).unwrap())
}

fn message_id() -> impl Strategy<Value = MessageId> {
    "<[a-z0-9]{1,9}@[a-z.!]{1,9}>".prop_map(|text| MessageId::parse(&text).unwrap())
}

fn labels() -> impl Strategy<Value = BTreeMap<String, String>> {
    btree_map("[a-z]{0,3}", text(), 0..3)
}

prop_compose! {
    fn difference()(what in text(), before in of(text()), now in of(text())) -> Difference {
        Difference { what, before, now }
    }
}

type Texts = (String, String, Vec<String>, [Option<String>; 4]);

fn texts() -> impl Strategy<Value = Texts> {
    let optional = [of(text()), of(text()), of(text()), of(text())];
    (text(), text(), vec(text(), 0..3), optional)
}

prop_compose! {
    fn story()(
        (request, persona, challenge_lines, optional) in texts(),
        role in select(&[Role::Refused, Role::Admitted][..]),
        (findings, beside) in (vec(finding(), 1..3), vec(finding(), 0..3)),
        (at, good_at) in (time(), of(time())),
        (differences, control_failing) in (vec(difference(), 0..3), any::<bool>()),
        labels in labels(),
        urls in [of("https://[a-z]{1,9}/[a-zé ?#&]{0,9}"), of("http://[a-z]{1,9}:81/")],
    ) -> Story {
        let [status_line, silence, remote_addr, reproduction] = optional;
        let [runbook_url, page_url] = urls.map(|url| url.map(|url| url.parse().unwrap()));
        Story {
            at, request, persona, role, findings, beside, status_line, challenge_lines, silence,
            remote_addr, good_at, differences, control_failing, reproduction, labels, runbook_url,
            page_url,
        }
    }
}

prop_compose! {
    fn ended()(
        at in time(),
        resolution in select(&[Resolution::Recovered, Resolution::Removed][..]),
    ) -> Ended {
        Ended { at, resolution }
    }
}

prop_compose! {
    fn incidents()(
        (endpoint, check) in (name(), name()),
        class in select(&Class::ALL[..]),
        reason in reason(),
        severity in select(&[Severity::Warning, Severity::Critical][..]),
        (since, opened_at, ended) in (time(), time(), of(ended())),
        reproduced in of(any::<(u32, u32)>()),
        flapping in any::<bool>(),
        (labels, story) in (labels(), story()),
    ) -> Arc<Incident> {
        let check = CheckId { endpoint, check };
        Arc::new(Incident {
            id: IncidentId::new(&check, class, opened_at),
            check, class, reason, severity, since, opened_at, ended,
            reproduced: reproduced.map(|(again, of)| Reproduced { again, of }),
            flapping,
            labels: Arc::new(labels),
            story: Arc::new(story),
        })
    }
}

fn matcher() -> impl Strategy<Value = Matcher> {
    let regex = || {
        select(&["^(?s:a.*)$", "^(?s:\u{0}|é\n)$"][..]).prop_map(|text| Regex::new(text).unwrap())
    };
    let rule = prop_oneof![
        text().prop_map(MatchRule::Is),
        text().prop_map(MatchRule::IsNot),
        regex().prop_map(MatchRule::Matches),
        regex().prop_map(MatchRule::MatchesNot),
    ];
    (text(), rule).prop_map(|(label, rule)| Matcher { label, rule })
}

prop_compose! {
    fn silences()(
        id in "[0-9a-f]{8}",
        matchers in vec(matcher(), 1..4),
        (starts_at, ends_at) in (time(), time()),
        (comment, author) in (text(), text()),
    ) -> Silence {
        let id = SilenceId::parse(&id).unwrap();
        Silence { id, matchers, starts_at, ends_at, comment, author }
    }
}

fn cause() -> impl Strategy<Value = Option<Cause>> {
    of(prop_oneof![
        text().prop_map(Cause::Host),
        text().prop_map(Cause::Credential),
        text().prop_map(Cause::TokenEndpoint),
    ])
}

prop_compose! {
    fn isolation()(since in time(), down in any::<usize>(), hosts in any::<usize>()) -> Isolation {
        Isolation { since, down, hosts }
    }
}

prop_compose! {
    fn heartbeat()(
        since in time(),
        probes in any::<u64>(),
        counts in any::<[usize; 4]>(),
    ) -> Heartbeat {
        let [checks, open, fail, unknown] = counts;
        Heartbeat { since, checks, probes, open, failing: (fail, unknown) }
    }
}

fn occasion() -> impl Strategy<Value = Occasion> {
    prop_oneof![
        cause().prop_map(|cause| Occasion::Opened { cause }),
        cause().prop_map(|cause| Occasion::Repeated { cause }),
        Just(Occasion::Ended),
        Just(Occasion::Flapping),
        isolation().prop_map(Occasion::Isolated),
        isolation().prop_map(Occasion::Rejoined),
        silences().prop_map(|silence| Occasion::Silenced(Arc::new(silence))),
        heartbeat().prop_map(Occasion::Heartbeat),
        Just(Occasion::Test),
    ]
}

prop_compose! {
    fn notices()(
        id in "[0-9A-Za-z]{16,64}",
        receiver in name(),
        created_at in time(),
        occasion in occasion(),
        (message_id, in_reply_to, references) in
            (message_id(), of(message_id()), vec(message_id(), 0..3)),
        incidents in vec(incidents(), 0..3),
    ) -> Notice {
        Notice {
            id: NoticeId::parse(&id).unwrap(),
            receiver, created_at, occasion,
            thread: Thread { message_id, in_reply_to, references },
            incidents,
        }
    }
}

prop_compose! {
    fn memo()(
        heartbeat_at in of(time()),
        isolation in of((isolation(), btree_map(name(), message_id(), 0..3))),
    ) -> Memo {
        Memo { heartbeat_at, isolation }
    }
}

prop_compose! {
    fn strange()(fingerprint in text(), since in time(), at in time()) -> Strange {
        Strange { fingerprint: Fingerprint::stored(&fingerprint), since, at }
    }
}

prop_compose! {
    fn baselines()(accepted in btree_set(text(), 0..3), strange in vec(strange(), 0..3)) -> Baseline {
        let accepted = accepted.iter().map(|text| Fingerprint::stored(text)).collect();
        Baseline { accepted, strange }
    }
}

proptest! {
    #[test]
    fn incident_is_read_back_as_it_was(written in incidents()) {
        let text = incident::to_text(&written).unwrap();
        let read = incident::from_text(&text, &mut incident::Incidents::default());
        prop_assert_eq!(read, Some(written));
    }

    #[test]
    fn notice_is_read_back_as_it_was(written in notices()) {
        let text = notice::to_text(&written).unwrap();
        let read = notice::from_text(&text, &mut incident::Incidents::default());
        prop_assert_eq!(read, Some(notice::Read { notice: written, is_whole: true }));
    }

    #[test]
    fn silence_is_read_back_as_it_was(written in silences()) {
        let text = silence::to_text(&written).unwrap();
        prop_assert_eq!(silence::from_text(&text), Some(written));
    }

    #[test]
    fn telling_is_read_back_as_it_was(
        (incident, receiver, at) in ("[0-9a-f]{16}", name(), time()),
        group in text(),
        mails in vec(message_id(), 0..3),
        thread in vec(message_id(), 0..3),
    ) {
        let incident = IncidentId::parse(&incident).unwrap();
        let written = Telling {
            incident, receiver, said: Said::Opened, at, group, mails, thread,
        };
        let text = told::telling_to_text(&written).unwrap();
        let expected = (written.group, written.mails, written.thread);
        prop_assert_eq!(told::telling_from_text(&text), Some(expected));
    }

    #[test]
    fn memo_is_read_back_as_it_was(written in memo()) {
        let text = told::memo_to_text(&written).unwrap();
        prop_assert_eq!(told::memo_from_text(&text), written);
    }

    #[test]
    fn baseline_is_read_back_as_it_was(written in baselines()) {
        let text = baseline::to_text(&written).unwrap();
        let read = text.map(|text| baseline::from_text(&text)).unwrap_or_default();
        prop_assert_eq!(read, written);
    }

    #[test]
    fn no_text_stops_those_who_read_what_was_told(text in ".*") {
        let known = &mut incident::Incidents::default();
        prop_assert_eq!(incident::from_text(&text, known), None);
        prop_assert_eq!(notice::from_text(&text, known), None);
        prop_assert_eq!(silence::from_text(&text), None);
        prop_assert_eq!(told::telling_from_text(&text), None);
        prop_assert_eq!(told::memo_from_text(&text), Memo::default());
        prop_assert_eq!(baseline::from_text(&text), Baseline::default());
    }
}
