//! The state file: what outlives the program, whatever happens to it.

mod damage;
mod forgotten;
mod illegible;
mod kept;
mod killed;
mod outbox;
mod retention;
mod sample;
mod trouble;

use std::path::PathBuf;
use std::time::Duration;

use authvigil::domain::check::{CheckId, Name};
use authvigil::domain::drift::Baseline;
use authvigil::domain::finding::{Finding, Reason, Verdict};
use authvigil::domain::judge::Judgement;
use authvigil::domain::status::{Change, Seen};
use authvigil::store::{Batch, Opened, Retention, SavedCheck, Settings, Store};
use jiff::Timestamp;
use tempfile::TempDir;

/// Longer than anything here takes on a busy machine.
const LONG: Duration = Duration::from_mins(1);

/// A directory with a state file that is opened again and again.
struct Shelf {
    directory: TempDir,
    retention: Retention,
}

impl Shelf {
    fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            retention: Retention {
                max_age: Duration::from_hours(24),
                max_changes: 100_000,
            },
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn settings(&self) -> Settings {
        Settings {
            path: self.path("state.db"),
            retention: self.retention,
        }
    }

    fn open(&self) -> Opened {
        Store::open(self.settings(), at(0)).unwrap()
    }

    /// What lies in the directory.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.directory.path()).unwrap();
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<_> = entries
            .map(|entry| name(entry).into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// So many seconds after a moment in 2026.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

fn id(endpoint: &str, check: &str) -> CheckId {
    CheckId {
        endpoint: Name::parse(endpoint).unwrap(),
        check: Name::parse(check).unwrap(),
    }
}

/// A failure, with as many letters of evidence.
fn seen(seconds: i64, letters: usize) -> Seen {
    Seen {
        at: at(seconds),
        since: at(seconds),
        judgement: Judgement::of(vec![Finding::new(
            Reason::NotFound,
            "401",
            "x".repeat(letters),
        )]),
        observation: None,
    }
}

fn change(endpoint: &str, seconds: i64) -> Change {
    Change {
        id: id(endpoint, "anonymous"),
        before: Some(Verdict::Pass),
        seen: seen(seconds, 1),
    }
}

fn saved(id: CheckId, seconds: i64) -> SavedCheck {
    SavedCheck {
        id,
        definition: u64::MAX - 1,
        last: Some(seen(seconds, 1)),
        good: None,
        held: None,
        history: "pc".parse().unwrap(),
        holder_body: Some([7; 32]),
        baseline: Baseline::default(),
    }
}

fn changes(changes: impl IntoIterator<Item = Change>) -> Batch {
    Batch {
        changes: changes.into_iter().collect(),
        ..Batch::default()
    }
}

async fn committed(store: &Store, batch: Batch) {
    store.commit(batch, at(0));
    store.settle().await.unwrap();
}

/// When each change of `orders` that is kept was seen, the newest first.
async fn seconds(store: &Store) -> Vec<i64> {
    let changes = store.changes(&id("orders", "a").endpoint, usize::MAX).await;
    let second = |change: Change| change.seen.at.as_second() - at(0).as_second();
    changes.into_iter().map(second).collect()
}
