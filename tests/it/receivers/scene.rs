//! Notices by hand, and carriers that tell them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use authvigil::clock::{Clock as _, SharedClock, SystemClock};
use authvigil::domain::check::{CheckId, Name, Persona, Role};
use authvigil::domain::finding::{Class, Finding, Reason};
use authvigil::domain::incident::{Incident, IncidentId};
use authvigil::domain::notice::{MessageId, Notice, NoticeId, Occasion, Story, Thread, Way};
use authvigil::domain::presenter::{Presentation, Presenter, Presenting, Unpresentable};
use authvigil::domain::secret::{Redactor, Secret, SecretRef};
use authvigil::notify::{
    Alertmanagers, Carried, Carrier as _, Carriers, Http, HttpPatience, Receiver, Webhook, Webhooks,
};
use jiff::Timestamp;

/// What every webhook here is posted.
pub(super) const DOCUMENT: &[u8] = b"{\"version\":1}";

/// What webhooks are signed with.
pub(super) const SECRET: &str = "a webhook's secret";

/// Reads literals, and redacts whatever it was made with.
struct Literals(Redactor);

impl Presenter for Literals {
    fn present<'a>(&'a self, _: &'a Persona, _: &'a url::Url) -> Presenting<'a, Presentation> {
        Box::pin(std::future::ready(Ok(Presentation::default())))
    }

    fn read<'a>(&'a self, secret: &'a SecretRef) -> Presenting<'a, Secret> {
        let read = match secret {
            SecretRef::Literal(secret) => Ok(secret.clone()),
            SecretRef::Env(_) | SecretRef::File(_) => Err(Unpresentable::new(
                Reason::SecretUnavailable,
                "the file `hook` is missing",
            )),
        };
        Box::pin(std::future::ready(read))
    }

    fn redactor(&self) -> Redactor {
        self.0.clone()
    }
}

pub(super) fn clock() -> SharedClock {
    Arc::new(SystemClock)
}

pub(super) fn patience() -> HttpPatience {
    HttpPatience::default()
}

/// Short, for those of whom nothing is to be expected.
pub(super) fn little_patience() -> HttpPatience {
    let short = Duration::from_millis(500);
    HttpPatience {
        connect: short,
        answer: short,
        words: short,
    }
}

pub(super) fn alertmanagers(patience: HttpPatience) -> Alertmanagers {
    Alertmanagers::new(Http::new(patience).unwrap(), clock())
}

/// Carriers for one receiver, `oncall`, with a webhook at this URL.
pub(super) fn carriers(patience: HttpPatience, url: SecretRef) -> Carriers {
    let secret = Secret::new(SECRET);
    let redactor = match &url {
        SecretRef::Literal(url) => Redactor::new([url, &secret]),
        SecretRef::Env(_) | SecretRef::File(_) => Redactor::new([&secret]),
    };
    let oncall = Receiver {
        name: name("oncall"),
        email: Vec::new(),
        alertmanager: Vec::new(),
        webhook: Some(Webhook {
            url,
            secret: Some(SecretRef::Literal(secret)),
        }),
        directory: None,
    };
    let http = Http::new(patience).unwrap();
    let webhooks = Webhooks::new(http, clock(), Arc::new(Literals(redactor)), |_| {
        DOCUMENT.to_vec()
    });
    Carriers {
        mail: None,
        files: None,
        alertmanagers: alertmanagers(patience),
        webhooks: webhooks.of([&oncall]),
    }
}

/// What one post to a webhook at this URL comes to.
pub(super) async fn post(patience: HttpPatience, url: &str) -> Carried {
    let url = SecretRef::Literal(Secret::new(url));
    let carriers = carriers(patience, url);
    carriers.carry(&opened(), &Way::Webhook).await
}

/// What telling an Alertmanager comes to.
pub(super) async fn tell(alertmanagers: &Alertmanagers, url: &str, notice: &Notice) -> Carried {
    let unused = SecretRef::Env("UNUSED".to_owned());
    let carriers = Carriers {
        alertmanagers: alertmanagers.clone(),
        ..carriers(patience(), unused)
    };
    let way = Way::Alertmanager(url.to_owned());
    carriers.carry(notice, &way).await
}

/// The notice that an incident has opened.
pub(super) fn opened() -> Notice {
    notice(
        Occasion::Opened { cause: None },
        vec![Arc::new(incident("orders"))],
    )
}

pub(super) fn notice(occasion: Occasion, incidents: Vec<Arc<Incident>>) -> Notice {
    let id = NoticeId::parse("0123456789abcdef").unwrap();
    Notice {
        thread: Thread {
            message_id: MessageId::of(&id, "example.com"),
            in_reply_to: None,
            references: Vec::new(),
        },
        id,
        receiver: name("oncall"),
        created_at: moment(),
        occasion,
        incidents,
    }
}

/// A bypass that is open since a minute ago.
pub(super) fn incident(endpoint: &str) -> Incident {
    let check = CheckId {
        endpoint: name(endpoint),
        check: name("anonymous"),
    };
    let opened_at = moment();
    let labels = [
        ("endpoint", endpoint),
        ("class", "bypass"),
        ("host", "orders.example.com"),
        ("team", "payments"),
    ];
    let labels = labels.map(|(label, value)| (label.to_owned(), value.to_owned()));
    Incident {
        id: IncidentId::new(&check, Class::Bypass, opened_at),
        check,
        class: Class::Bypass,
        reason: Reason::AnonymousAdmitted,
        severity: Reason::AnonymousAdmitted.severity(),
        since: opened_at,
        opened_at,
        ended: None,
        reproduced: None,
        flapping: false,
        labels: Arc::new(BTreeMap::from(labels)),
        story: Arc::new(story(opened_at)),
    }
}

fn story(at: Timestamp) -> Story {
    let page = "https://monitor.example.com/endpoints/orders";
    Story {
        at,
        request: "GET https://orders.example.com/".to_owned(),
        persona: "anonymous".to_owned(),
        role: Role::Refused,
        findings: vec![Finding::new(
            Reason::AnonymousAdmitted,
            "401",
            "200\u{1b}[2J",
        )],
        beside: Vec::new(),
        status_line: None,
        challenge_lines: Vec::new(),
        silence: None,
        remote_addr: None,
        good_at: None,
        differences: Vec::new(),
        control_failing: false,
        reproduction: None,
        labels: BTreeMap::new(),
        runbook_url: None,
        page_url: Some(page.parse().unwrap()),
    }
}

/// A minute ago, in whole seconds.
pub(super) fn moment() -> Timestamp {
    Timestamp::from_second(SystemClock.now().as_second() - 60).unwrap()
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}
