//! What the unit tests of this room commit.

use std::sync::Arc;

use jiff::Timestamp;

use super::{SavedAccount, SavedCheck};
use crate::domain::check::{CheckId, Name};
use crate::domain::drift::Baseline;
use crate::domain::finding::{Finding, Reason, Verdict};
use crate::domain::incident::IncidentId;
use crate::domain::judge::Judgement;
use crate::domain::notice::{
    Delivery, MessageId, Notice, NoticeId, Occasion, Owed, Said, Telling, Thread, Way,
};
use crate::domain::status::{Change, History, Seen};

/// So many seconds after a moment in 2026.
pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

/// One of the checks.
pub(super) fn id(number: i64) -> CheckId {
    CheckId {
        endpoint: Name::parse("orders").unwrap(),
        check: Name::parse(&format!("check-{number}")).unwrap(),
    }
}

/// A failure of some size.
pub(super) fn seen(seconds: i64) -> Seen {
    let finding = Finding::new(Reason::NotFound, "401", "x".repeat(1_000));
    Seen {
        at: at(seconds),
        since: at(seconds),
        judgement: Judgement::of(vec![finding]),
        observation: None,
    }
}

/// A change of one of the checks.
pub(super) fn change(number: i64, seconds: i64) -> Change {
    Change {
        id: id(number),
        before: Some(Verdict::Pass),
        seen: seen(seconds),
    }
}

/// What is counted of an account whose password was rejected so many times.
pub(super) fn account(times: i64) -> SavedAccount {
    SavedAccount {
        rejected_at: (0..times).map(at).collect(),
        is_counted_out: times >= 4,
        wronged_at: None,
    }
}

/// All of one of the checks.
pub(super) fn saved(number: i64, seconds: i64) -> SavedCheck {
    SavedCheck {
        id: id(number),
        definition: 0,
        last: Some(seen(seconds)),
        good: None,
        held: None,
        history: History::default(),
        holder_body: None,
        baseline: Baseline::default(),
    }
}

/// A notice that is owed, tried so often.
pub(super) fn owed(number: i64, attempts: u32) -> Arc<Owed> {
    let notice = Notice {
        id: NoticeId::parse(&format!("{number:016}")).unwrap(),
        receiver: Name::parse("oncall").unwrap(),
        created_at: at(number),
        occasion: Occasion::Test,
        thread: Thread {
            message_id: MessageId::parse(&format!("<{number}@example.com>")).unwrap(),
            in_reply_to: None,
            references: Vec::new(),
        },
        incidents: Vec::new(),
    };
    let delivery = Delivery {
        attempts,
        ..Delivery::default()
    };
    Arc::new(Owed {
        notice: Arc::new(notice),
        deliveries: [(Way::File, delivery)].into(),
    })
}

/// What the receiver was told of an incident at some time.
pub(super) fn telling(number: i64, seconds: i64) -> Telling {
    Telling {
        incident: IncidentId::parse(&format!("{number:016x}")).unwrap(),
        receiver: Name::parse("oncall").unwrap(),
        said: Said::Opened,
        at: at(seconds),
        group: String::new(),
        mails: Vec::new(),
        thread: Vec::new(),
    }
}
