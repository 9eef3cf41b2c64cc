//! Confirmation and severity, class by class.

use std::collections::BTreeMap;

use super::layers::{Found, Layers};
use super::ledger::Ledger;
use crate::config::hint::nearest;
use crate::config::place::Place;
use crate::config::printable::printable;
use crate::config::raw::{self, Endpoint, SeverityWord};
use crate::domain::endpoint::{Confirm, Strikes};
use crate::domain::finding::{Class, Severity};

/// More in a row than anybody has the patience for.
const MOST: u32 = 100;

/// Reads how many verdicts confirm something. The last layer is the built-in one.
pub(crate) fn confirm(ledger: &mut Ledger, layers: &Layers<'_, raw::Confirm>) -> Confirm {
    let failures = count(
        ledger,
        "failures",
        layers.find("failures", |raw| &raw.failures),
    );
    let recoveries = count(
        ledger,
        "recoveries",
        layers.find("recoveries", |raw| &raw.recoveries),
    );
    let default = Strikes {
        failures: failures.unwrap_or(1),
        recoveries: recoveries.unwrap_or(1),
    };
    let mut classes: BTreeMap<Class, (Option<u32>, Option<u32>)> = BTreeMap::new();
    for found in layers.all("classes", |raw| &raw.classes) {
        for (word, raw) in found.value.iter() {
            let place = found.place.key(word);
            let Some(class) = class(ledger, &place, word, "a bypass is told at the first answer")
            else {
                continue;
            };
            let own = Layers::new([(raw, place)]);
            let failures = count(
                ledger,
                "failures",
                own.find("failures", |raw| &raw.failures),
            );
            let recoveries = count(
                ledger,
                "recoveries",
                own.find("recoveries", |raw| &raw.recoveries),
            );
            let entry = classes.entry(class).or_default();
            *entry = (entry.0.or(failures), entry.1.or(recoveries));
        }
    }
    let classes = classes.into_iter();
    let strikes = |(class, (failures, recoveries)): (Class, (Option<u32>, Option<u32>))| {
        let strikes = Strikes {
            failures: failures.unwrap_or(default.failures),
            recoveries: recoveries.unwrap_or(default.recoveries),
        };
        (class, strikes)
    };
    Confirm {
        default,
        classes: classes.map(strikes).collect(),
    }
}

fn count(ledger: &mut Ledger, key: &str, found: Option<Found<'_, u32>>) -> Option<u32> {
    let found = found?;
    if !(1..=MOST).contains(found.value) {
        ledger.fault(&found.place, format!("`{key}` lies between 1 and {MOST}"));
    }
    Some(*found.value)
}

/// Reads which severities differ from those of their classes.
pub(crate) fn severity(
    ledger: &mut Ledger,
    layers: &Layers<'_, Endpoint>,
) -> BTreeMap<Class, Severity> {
    let mut severities = BTreeMap::new();
    for found in layers.all("severity", |raw| &raw.severity) {
        for (word, severity) in found.value.iter() {
            let place = found.place.key(word);
            let severity = match severity {
                SeverityWord::Warning => Severity::Warning,
                SeverityWord::Critical => Severity::Critical,
            };
            if let Some(class) = class(ledger, &place, word, "a bypass is always critical") {
                severities.entry(class).or_insert(severity);
            }
        }
    }
    severities
}

/// Reads a class that may be tuned: any but `bypass`.
fn class(
    ledger: &mut Ledger,
    place: &Place<'_>,
    word: &str,
    why_not_bypass: &str,
) -> Option<Class> {
    let class = Class::ALL.into_iter().find(|class| class.as_str() == word);
    if class == Some(Class::Bypass) {
        ledger
            .fault(place, "`bypass` cannot be tuned")
            .on_key()
            .label(why_not_bypass)
            .hint("remove it");
        return None;
    }
    if class.is_none() {
        let known = Class::ALL.map(Class::as_str);
        let draft = ledger.fault(place, format!("there is no class `{}`", printable(word)));
        draft.on_key().hint(match nearest(word, known) {
            Some(known) => format!("did you mean `{known}`?"),
            None => {
                "there is `lockout`, `outage`, `denial`, `challenge`, `response` and `internal`"
                    .to_owned()
            }
        });
    }
    class
}
