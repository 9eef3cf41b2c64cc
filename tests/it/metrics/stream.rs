//! The exposition comes in chunks, made while they are asked for.

use std::fmt::Write as _;
use std::sync::Arc;

use authvigil::domain::finding::Reason;
use authvigil::domain::status::Snapshot;

use super::{everything, metrics, text};
use crate::support::exposition;
use crate::support::incidents::incident;
use crate::support::status::{now, snapshot};

const KIB: usize = 1024;

/// As many endpoints with three checks each.
fn many(endpoints: usize) -> String {
    let mut yaml =
        "credentials: {c: {basic_auth: {username: u, password_env: P}}}\nendpoints:\n".to_owned();
    for number in 0..endpoints {
        writeln!(
            yaml,
            "  - {{name: e{number}, url: 'https://e{number}.test/', credential: c}}"
        )
        .unwrap();
    }
    yaml
}

#[test]
fn chunks_are_small_however_many_checks_there_are() {
    let all = Arc::new(snapshot(&many(1_000)));
    let sizes: Vec<usize> = metrics().encode(all).map(|chunk| chunk.len()).collect();
    let (last, others) = sizes.split_last().unwrap();
    assert!(others.len() > 20, "{sizes:?}");
    assert!(
        others
            .iter()
            .all(|size| (64 * KIB..80 * KIB).contains(size)),
        "{sizes:?}"
    );
    assert!((1..80 * KIB).contains(last), "{sizes:?}");
}

#[test]
fn chunks_are_small_however_many_incidents_there_are() {
    let numbered = |number| {
        let id = format!("e{number}/anonymous");
        Arc::new(incident(&id, Reason::AnonymousAdmitted, now()))
    };
    let all = Snapshot {
        incidents: (0..30_000).map(numbered).collect(),
        ..snapshot(&many(1))
    };
    let sizes: Vec<usize> = metrics()
        .encode(Arc::new(all))
        .map(|chunk| chunk.len())
        .collect();
    assert!(sizes.len() > 20, "{sizes:?}");
    assert!(sizes.iter().all(|size| *size < 80 * KIB), "{sizes:?}");
}

#[test]
fn families_stay_whole_over_the_borders_of_chunks() {
    let text = text(&metrics(), &snapshot(&many(300)));
    let families = exposition::read(&text).unwrap();
    let probes = families
        .iter()
        .find(|family| family.name == "authvigil_probes_total");
    assert_eq!(probes.unwrap().samples.len(), 300 * 3 * 3);
}

#[test]
fn an_exposition_ends_and_stays_ended() {
    let (metrics, all) = everything();
    let mut chunks = metrics.encode(Arc::new(all));
    assert_eq!(chunks.by_ref().count(), 1);
    assert_eq!(chunks.next(), None);
}

#[test]
fn what_is_told_of_checks_is_the_same_at_each_scrape() {
    let (metrics, all) = everything();
    let of_checks = |text: String| text.split("# HELP process_").next().map(ToOwned::to_owned);
    assert_eq!(
        of_checks(text(&metrics, &all)),
        of_checks(text(&metrics, &all))
    );
}
