//! Whatever was seen, what is told can be read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use authvigil::domain::check::Name;
use authvigil::domain::finding::{Finding, Reason, Severity};
use authvigil::domain::incident::Incident;
use authvigil::domain::notice::{Attempt, Owed, Way};
use authvigil::domain::observation::{Observation, Phases};
use authvigil::domain::status::{Counts, Snapshot};
use authvigil::metrics::SECTIONS;
use jiff::ToSpan as _;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::{CONFIGURATION, families, metrics};
use crate::support::incidents::{incident, opened, owed, recovered, tried};
use crate::support::status::{answer, certificate, check, endpoint, now, sees, silence, snapshot};

const CHECKS: [&str; 4] = [
    "orders/anonymous",
    "orders/invalid",
    "orders/valid",
    "open/anonymous",
];

/// What one check came to.
#[derive(Clone, Debug)]
struct Course {
    findings: Vec<Reason>,
    observation: Option<Observation>,
    certificate: Option<Severity>,
    counts: Counts,
}

fn courses() -> impl Strategy<Value = Vec<Option<Course>>> {
    vec(option::of(course()), CHECKS.len())
}

fn course() -> impl Strategy<Value = Course> {
    let severity = select(vec![Severity::Warning, Severity::Critical]);
    let counts = (any::<u64>(), any::<[u64; 7]>()).prop_map(|(fail, classes)| Counts {
        fail,
        classes,
        ..Counts::default()
    });
    let parts = (
        vec(reason(), 0..6),
        option::of(observation()),
        option::of(severity),
        counts,
    );
    parts.prop_map(|(findings, observation, certificate, counts)| Course {
        findings,
        observation,
        certificate,
        counts,
    })
}

fn reason() -> impl Strategy<Value = Reason> {
    select(Reason::ALL)
}

/// An answer with hostile challenges, or a silence.
fn observation() -> impl Strategy<Value = Observation> {
    let challenge = prop_oneof![
        "[A-Za-z0-9-]{1,12}( [a-z]{1,5}=\"?[ -~]{0,9}\"?)?(, [A-Z][a-z]{2,9})*",
        "\\PC{0,40}",
    ];
    let answered = (any::<u16>(), vec(challenge, 0..5)).prop_map(|(status, challenges)| {
        let challenges: Vec<&str> = challenges.iter().map(String::as_str).collect();
        answer(status, &challenges)
    });
    let phases = option::of(any::<std::time::Duration>()).prop_map(|connect| Phases {
        connect,
        ..Phases::default()
    });
    let silent = (reason(), phases).prop_map(|(reason, phases)| silence(reason, phases));
    prop_oneof![answered, silent]
}

/// Labels with names and values that no configuration would let pass, line breaks among them.
fn labels() -> impl Strategy<Value = BTreeMap<String, String>> {
    let name = prop_oneof!["[a-z_]{1,4}", Just("endpoint".to_owned()), "\\PC{0,4}"];
    btree_map(name, "[\\PC\n\"\\\\]{0,9}", 0..5)
}

/// Open and ended incidents of few checks, so that many have the same labels.
fn incidents() -> impl Strategy<Value = Vec<Arc<Incident>>> {
    let one = (select(CHECKS.to_vec()), reason(), 0..3_i64, any::<bool>());
    let one = one.prop_map(|(id, reason, minute, is_over)| {
        let it = incident(id, reason, now() - minute.minutes());
        Arc::new(if is_over { recovered(it, now()) } else { it })
    });
    vec(one, 0..12)
}

/// Notices of any age, for those who can be told and for others, with whatever a relay said.
fn notices() -> impl Strategy<Value = Vec<Arc<Owed>>> {
    let attempt = prop_oneof![
        "\\PC{0,20}".prop_map(Attempt::Delivered),
        "\\PC{0,20}".prop_map(Attempt::Retried),
        "\\PC{0,20}".prop_map(Attempt::Rejected),
    ];
    let receiver = select(vec!["oncall", "tickets", "gone"]);
    let one = (receiver, -900..900_i64, option::of(attempt));
    let one = one.prop_map(|(receiver, seconds, attempt)| {
        let at = now() - seconds.seconds();
        let fresh = owed(receiver, opened(), at, &[], &[Way::File, Way::Webhook]);
        let notice = attempt
            .iter()
            .fold(fresh, |it, attempt| tried(it, attempt, now()));
        Arc::new(notice)
    });
    vec(one, 0..8)
}

fn lived(courses: Vec<Option<Course>>) -> Snapshot {
    let mut all = snapshot(CONFIGURATION);
    let lived = CHECKS.into_iter().zip(courses);
    for (id, course) in lived.filter_map(|(id, course)| Some((id, course?))) {
        let status = check(&mut all, id);
        sees(status, &course.findings, course.observation);
        status.counts = course.counts;
        status.expiring.certificate = course.certificate.map(|severity| Finding {
            severity,
            ..Finding::new(Reason::CertificateExpiring, "later", "soon")
        });
    }
    endpoint(&mut all, "open").certificate = Some(certificate("1949-12-31T23:59:59.999Z"));
    all
}

proptest! {
    #[test]
    fn whatever_was_seen_the_exposition_is_well_formed(
        courses in courses(),
        labels in labels(),
        incidents in incidents(),
        notices in notices(),
    ) {
        let mut all = lived(courses);
        (all.incidents, all.notices) = (incidents, notices);
        all.receivers = ["oncall", "tickets"].map(|name| Name::parse(name).unwrap()).to_vec();
        Arc::make_mut(&mut endpoint(&mut all, "orders").endpoint).labels = labels;
        let families = families(&metrics(), &all);
        let listed = SECTIONS.iter().flat_map(|section| section.metrics);
        let listed: BTreeSet<&str> = listed.map(|metric| metric.name).collect();
        for family in &families {
            prop_assert!(listed.contains(family.name.as_str()), "{}", family.name);
        }
    }

    #[test]
    fn nothing_that_a_server_sent_becomes_a_label(
        scheme in "Zz[a-z]{9}",
        status in any::<u16>(),
    ) {
        let mut all = snapshot(CONFIGURATION);
        let challenge = format!("{scheme} realm=\"{scheme}\"");
        let seen = answer(status, &[&challenge]);
        sees(check(&mut all, "open/anonymous"), &[Reason::NotFound], Some(seen));
        let families = families(&metrics(), &all);
        let samples = families.iter().flat_map(|family| &family.samples);
        let mut labels = samples.flat_map(|sample| &sample.labels);
        let scheme = scheme.to_lowercase();
        prop_assert!(labels.all(|(_, value)| !value.to_lowercase().contains(&scheme)));
    }
}
