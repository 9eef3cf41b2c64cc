//! What holds whatever happens.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::play::{Play, branch, policy, route};
use crate::domain::check::Name;
use crate::domain::finding::{Class, Reason};
use crate::domain::incident::IncidentId;
use crate::domain::notice::{Isolation, Occasion};

const REASONS: [Reason; 4] = [
    Reason::AnonymousAdmitted,
    Reason::CredentialRejected,
    Reason::ConnectRefused,
    Reason::NotFound,
];

#[derive(Clone, Copy, Debug)]
enum Deed {
    /// Opens or ends the incident of a check and a class.
    Turn(usize, usize),
    Silence(usize, i64),
    SilenceBypass(i64),
    Isolate,
    Rejoin,
    Reload(bool),
    Restart(i64),
    Pass(i64),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        6 => (0..6_usize, 0..REASONS.len()).prop_map(|(check, reason)| Deed::Turn(check, reason)),
        1 => (0..6_usize, 1..2000_i64).prop_map(|(check, seconds)| Deed::Silence(check, seconds)),
        1 => (1..2000_i64).prop_map(Deed::SilenceBypass),
        1 => Just(Deed::Isolate),
        1 => Just(Deed::Rejoin),
        1 => any::<bool>().prop_map(Deed::Reload),
        1 => (0..3000_i64).prop_map(Deed::Restart),
        6 => (0..800_i64).prop_map(Deed::Pass),
    ];
    proptest::collection::vec(deed, 1..60)
}

fn routes(second: bool) -> crate::domain::routing::Policy {
    let mut root = route("oncall");
    let mut bypasses = branch("security", "class", "bypass");
    bypasses.goes_on = true;
    root.routes = vec![bypasses, branch("tickets", "severity", "warning")];
    if second {
        root.routes.swap(0, 1);
        root.routes.push(branch("oncall", "class", "outage"));
    }
    policy(Some(root))
}

fn act(play: &mut Play, open: &mut BTreeMap<(usize, usize), IncidentId>, deed: Deed) {
    match deed {
        Deed::Turn(check, reason) => {
            if let Some(id) = open.remove(&(check, reason)) {
                play.end(&id);
            } else {
                // Two incidents of one check and class never begin at the same moment.
                play.pass_milliseconds(1);
                let name = format!("e{}/c{}", check / 2, check % 2);
                let host = [("host", "shared.example.com"), ("credential", "shared")];
                let id = play.open_with(&name, REASONS[reason], &host);
                open.insert((check, reason), id);
            }
        }
        Deed::Silence(check, seconds) => {
            play.silence(&[("endpoint", &format!("e{}", check / 2))], seconds);
        }
        Deed::SilenceBypass(seconds) => {
            play.silence(&[("class", "bypass")], seconds);
        }
        Deed::Isolate => {
            let isolation = Isolation {
                since: play.now,
                down: 5,
                hosts: 6,
            };
            play.dispatch.isolated(Some(isolation), play.now);
            play.settle();
        }
        Deed::Rejoin => {
            play.dispatch.isolated(None, play.now);
            play.settle();
        }
        Deed::Reload(second) => play.reload(routes(second)),
        Deed::Restart(seconds) => play.restart(seconds),
        Deed::Pass(seconds) => play.pass(seconds),
    }
}

/// How often each receiver was told of each incident that it was opened, and that it ended.
type Count = BTreeMap<(IncidentId, Name), (usize, usize)>;

fn count(play: &Play) -> Count {
    let mut count = Count::new();
    for (_, draft) in &play.drafts {
        for incident in &draft.incidents {
            let key = (incident.id.clone(), draft.receiver.clone());
            let (opened, ended) = count.entry(key).or_default();
            if let Occasion::Opened { .. } = draft.occasion {
                *opened += 1;
            } else {
                assert_eq!(*opened, 1, "told more before it was told");
                *ended += usize::from(draft.occasion == Occasion::Ended);
            }
        }
    }
    count
}

/// Everything that may hold anything back is over after this.
fn until_all_is_said(play: &mut Play) {
    play.dispatch.isolated(None, play.now);
    play.settle();
    play.pass(4000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn everybody_is_told_once_and_hears_of_the_end_of_what_they_were_told(deeds in deeds()) {
        let mut play = Play::under(routes(false));
        let mut open = BTreeMap::new();
        for deed in deeds {
            act(&mut play, &mut open, deed);
        }
        until_all_is_said(&mut play);
        for ((id, receiver), (opened, ended)) in count(&play) {
            let is_over = !play.incidents[&id].is_open();
            prop_assert_eq!(opened, 1, "{} was told {} times of {}", receiver, opened, id);
            prop_assert_eq!(ended, usize::from(is_over), "{} and the end of {}", receiver, id);
        }
    }

    #[test]
    fn whatever_is_open_and_not_held_back_is_told(deeds in deeds()) {
        let mut play = Play::under(routes(false));
        let mut open = BTreeMap::new();
        for deed in deeds {
            act(&mut play, &mut open, deed);
        }
        until_all_is_said(&mut play);
        let count = count(&play);
        for id in open.values() {
            let labels = &play.incidents[id].labels;
            for found in play.policy.routes_of(labels) {
                let key = (id.clone(), found.route.receiver.clone());
                prop_assert!(count.contains_key(&key), "{:?} of {:?}", key, labels);
            }
        }
    }

    #[test]
    fn every_bypass_that_was_not_silenced_is_told_and_so_is_its_end(deeds in deeds()) {
        let mut play = Play::under(routes(false));
        let mut open = BTreeMap::new();
        for deed in deeds {
            if !matches!(deed, Deed::SilenceBypass(_)) {
                act(&mut play, &mut open, deed);
            }
        }
        for id in open.values() {
            play.end(id);
        }
        until_all_is_said(&mut play);
        let count = count(&play);
        let bypasses = play.incidents.values().filter(|it| it.class == Class::Bypass);
        for bypass in bypasses {
            let told = count.iter().filter(|((id, _), _)| *id == bypass.id);
            let told: Vec<_> = told.map(|(_, told)| *told).collect();
            prop_assert!(!told.is_empty(), "{} at {}", bypass.check, bypass.opened_at);
            prop_assert!(told.iter().all(|told| *told == (1, 1)));
        }
    }

    #[test]
    fn no_mail_has_the_id_of_another_one(deeds in deeds()) {
        let mut play = Play::under(routes(false));
        let mut open = BTreeMap::new();
        for deed in deeds {
            act(&mut play, &mut open, deed);
        }
        let ids: BTreeSet<_> = play.drafts.iter().map(|(_, it)| it.thread.message_id.clone()).collect();
        prop_assert_eq!(ids.len(), play.drafts.len());
    }

    #[test]
    fn what_is_settled_is_forgotten(deeds in deeds()) {
        let mut play = Play::under(routes(false));
        let mut open = BTreeMap::new();
        for deed in deeds {
            act(&mut play, &mut open, deed);
        }
        for id in open.values() {
            play.end(id);
        }
        until_all_is_said(&mut play);
        let forgotten = play.incidents.keys().all(|id| play.dispatch.is_settled(id));
        prop_assert!(forgotten);
        prop_assert_eq!(play.dispatch.wake_at(), None);
    }
}
