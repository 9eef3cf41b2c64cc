//! What was told of the bad day: incidents, notices on their ways, silences, drift.

use std::sync::Arc;

use authvigil::domain::drift::{Fingerprint, Trust};
use authvigil::domain::finding::Reason;
use authvigil::domain::incident::{Incident, Reproduced};
use authvigil::domain::notice::{Attempt, Occasion, Way};

use super::{State, ago, name, now};
use crate::support::incidents::{email, incident, opened, owed, recovered, silence, tried};

/// The state with two open incidents and one that ended; one mail arrived, one waits, one was
/// refused; outages are silenced, and a challenge drifted.
pub(crate) fn alarmed(mut state: State) -> State {
    let bypass = Arc::new(Incident {
        reproduced: Some(Reproduced { again: 3, of: 3 }),
        ..incident("orders/anonymous", Reason::AnonymousAdmitted, ago(12))
    });
    let lockout = incident("invoices/valid", Reason::CredentialRejected, ago(127));
    let (lockout, slow) = (
        Arc::new(lockout),
        Arc::new(recovered(
            incident("orders/valid", Reason::TooSlow, ago(600)),
            ago(540),
        )),
    );
    let delivered = Attempt::Delivered("250 2.0.0 queued".to_owned());
    let later = Attempt::Retried("451 4.7.1 try again later".to_owned());
    let never = Attempt::Rejected("550 5.1.1 no such user here".to_owned());
    let oncall = [email("oncall@example.com")];
    let first = owed("oncall", opened(), ago(11), &[&bypass], &oncall);
    let hook = owed("tickets", opened(), ago(10), &[&bypass], &[Way::Webhook]);
    let lost = owed(
        "security",
        opened(),
        ago(126),
        &[&lockout],
        &[email("gone@example.com")],
    );
    let ended = owed("oncall", Occasion::Ended, ago(540), &[&slow], &oncall);
    let notices = [
        tried(tried(hook, &later, ago(9)), &later, ago(2)),
        tried(first, &delivered, ago(11)),
        tried(lost, &never, ago(126)),
        tried(ended, &delivered, ago(540)),
    ];
    let snapshot = &mut state.snapshot;
    snapshot.notices = notices.map(Arc::new).to_vec();
    snapshot.incidents = vec![bypass, lockout, slow];
    snapshot.receivers = ["oncall", "security", "tickets"].map(name).to_vec();
    snapshot.silences = vec![
        Arc::new(silence("outage", now(), -30..90)),
        Arc::new(silence("bypass", now(), 60..120)),
    ];
    drifted(&mut state);
    state
}

fn drifted(state: &mut State) {
    let baseline = &mut state.check("archive/anonymous").baseline;
    let usual = Fingerprint::stored("4xx digest(algorithm=sha-256, qop, realm=\"archive\")");
    let weaker = Fingerprint::stored("4xx basic(realm=\"archive\")");
    baseline.meet(&usual, Trust::Sound, ago(9_000));
    baseline.meet(&weaker, Trust::Sound, ago(44));
    baseline.meet(&weaker, Trust::Sound, ago(1));
}
