//! A day on which much goes wrong: every standing, every place of the page.

use authvigil::domain::finding::Reason;
use authvigil::domain::status::{Monitor, Reload, Trouble};
use jiff::SignedDuration;

use super::{State, ago, answer, certificate, now, seen, silence};

/// What is watched on that day.
pub(crate) fn config() -> String {
    std::fs::read_to_string("tests/fixtures/status-page/authvigil.yaml").unwrap()
}

/// A day on which much goes wrong, as the fixture `status-page` has it.
pub(crate) fn bad_day() -> State {
    let mut state = State::of(&config());
    opened(&mut state);
    locked_out(&mut state);
    unsettled(&mut state);
    state.certificate("wiki/anonymous", certificate("CN=wiki.example.com", 6));
    state.certificate(
        "tickets/anonymous",
        certificate("CN=tickets.example.com", -1),
    );
    if let Some(credential) = state
        .snapshot
        .credentials
        .iter_mut()
        .find(|of| of.name.as_str() == "billing")
    {
        credential.expires_at = Some(now() + SignedDuration::from_hours(9 * 24));
    }
    state
}

fn opened(state: &mut State) {
    state.sees(
        "orders/anonymous",
        seen(answer(200, &[("content-type", "application/json")])),
        12,
    );
    state.history(
        "orders/anonymous",
        &format!("{}{}", "p".repeat(48), "c".repeat(12)),
    );
    state.sees("orders/invalid", seen(answer(200, &[])), 9);
    state.history("orders/invalid", &format!("{}cc", "p".repeat(58)));
}

fn locked_out(state: &mut State) {
    let challenge = "Bearer realm=\"billing\", error=\"invalid_token\", error_description=\"The access token expired\"";
    state.sees(
        "invoices/valid",
        seen(answer(401, &[("www-authenticate", challenge)])),
        127,
    );
    state.history(
        "invoices/valid",
        &format!("{}w{}{}", "p".repeat(20), "p".repeat(9), "c".repeat(30)),
    );
    let weaker = "Basic realm=\"archive\"";
    state.sees(
        "archive/anonymous",
        seen(answer(401, &[("www-authenticate", weaker)])),
        44,
    );
    state.history(
        "archive/anonymous",
        &format!("{}{}", "p".repeat(16), "w".repeat(44)),
    );
    state.sees(
        "warehouse-stock-levels-of-the-northern-region-v2.internal.api/anonymous",
        seen(answer(403, &[])),
        3 * 24 * 60,
    );
    state.history(
        "warehouse-stock-levels-of-the-northern-region-v2.internal.api/anonymous",
        &"w".repeat(60),
    );
}

fn unsettled(state: &mut State) {
    let refused = silence(
        Reason::ConnectTimeout,
        "no connection to 192.0.2.80:443 within 10 s",
    );
    for check in ["anonymous", "invalid", "valid"] {
        let id = format!("reports/{check}");
        state.sees(&id, seen(refused.clone()), 5);
        state.history(&id, &format!("{}uuuuu", "p".repeat(55)));
    }
    state.hold("partner-feed/invalid", 25, "429 with Retry-After: 1800");
    state.forget("search/anonymous");
}

/// The monitor's own troubles, all at once.
pub(crate) fn troubled(mut state: State) -> State {
    state.snapshot.monitor = Monitor {
        reload: Reload {
            succeeded_at: ago(200),
            failure: Some(
                "authvigil.yaml:14:12: `timeout` must be shorter than `interval`".to_owned(),
            ),
        },
        store: Some(Trouble {
            since: ago(3),
            what: "The disk of the state file is full; incidents are kept in memory.".to_owned(),
        }),
        isolated: true,
    };
    state
}
