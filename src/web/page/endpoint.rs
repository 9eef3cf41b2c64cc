//! The page of one endpoint.

use askama::Template;
use url::Url;

use super::Frame;
use super::change::Row;
use super::check::CheckView;
use super::evidence::Shown;
use super::incident::Incidents;
use super::standing::{EndpointStanding, Standing};
use super::text::{LINE, Moment, period, shown};
use crate::domain::status::{Change, EndpointStatus, Snapshot};

/// Changes beyond this number are left out.
const MOST_CHANGES: usize = 100;

#[derive(Template)]
#[template(path = "endpoint.html")]
pub(super) struct Page {
    frame: Frame,
    name: String,
    standing: Standing,
    since: Option<Moment>,
    method: String,
    url: String,
    interval: String,
    timeout: String,
    labels: Vec<(String, String)>,
    runbook: Option<String>,
    /// The credential whose tokens come from here.
    tokens_of: Option<String>,
    certificate: Option<Shown>,
    /// The worst first, otherwise as configured.
    checks: Vec<CheckView>,
    open: Incidents,
    ended: Incidents,
    changes: Vec<Row>,
}

impl Page {
    pub(super) fn of(snapshot: &Snapshot, status: &EndpointStatus, changes: &[Change]) -> Self {
        let (now, endpoint) = (snapshot.taken_at, &*status.endpoint);
        let EndpointStanding {
            standing, since, ..
        } = EndpointStanding::of(status);
        let views = status.pairs().map(|(check, of)| {
            let view = CheckView::of(endpoint, check, of, now);
            view.with_credential(&check.persona, snapshot)
        });
        let mut checks: Vec<CheckView> = views.collect();
        checks.sort_by_key(|check| check.standing);
        if let Some(worst) = checks
            .first_mut()
            .and_then(|check| check.findings.first_mut())
        {
            worst.is_open = true;
        }
        let changes = changes
            .iter()
            .filter(|change| change.id.endpoint == endpoint.name);
        Self {
            frame: Frame::of(snapshot),
            name: endpoint.name.to_string(),
            standing,
            since: since.map(|since| Moment::of(since, now)),
            method: shown(endpoint.request.method.as_str(), LINE),
            url: shown(&status.shown_url(), LINE),
            interval: period(endpoint.interval),
            timeout: period(endpoint.timeout),
            labels: endpoint
                .labels
                .iter()
                .map(|(name, value)| (shown(name, LINE), shown(value, LINE)))
                .collect(),
            runbook: endpoint
                .runbook_url
                .as_ref()
                .filter(|url| is_web(url))
                .map(Url::to_string),
            tokens_of: endpoint.tokens_of.as_ref().map(ToString::to_string),
            certificate: status
                .certificate
                .as_ref()
                .map(|certificate| Shown::of(certificate, now)),
            checks,
            open: Incidents::open_at(snapshot, &endpoint.name),
            ended: Incidents::ended_at(snapshot, &endpoint.name),
            changes: changes
                .take(MOST_CHANGES)
                .map(|change| Row::of(change, now))
                .collect(),
        }
    }

    /// How it stands, after its name: `orders stands open`.
    fn phrase(&self) -> &'static str {
        match self.standing {
            Standing::Bypass => "stands open",
            Standing::Critical | Standing::Warning => "is failing",
            Standing::Unknown => "cannot be judged",
            Standing::Pending => "has no verdict yet",
            Standing::Held => "is held back",
            Standing::Pass => "holds",
        }
    }
}

/// Whether a link to it does no more than to open a page.
pub(super) fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}
