//! How a check or an endpoint stands: one word for a verdict, its severity and what hinders it.

use askama::Template;
use askama::filters::HtmlSafe;
use jiff::Timestamp;

use crate::domain::finding::{Class, Finding, Severity};
use crate::domain::judge::Judgement;
use crate::domain::status::{CheckStatus, EndpointStatus, Mark};

/// How it stands, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Standing {
    /// Somebody got in who must not.
    Bypass,
    /// Fails, and is worth a page.
    Critical,
    /// Fails, and is worth a ticket.
    Warning,
    /// No verdict is possible.
    Unknown,
    /// No verdict yet.
    Pending,
    /// Not probed for a while; the last verdict, if any, was good.
    Held,
    /// Holds.
    Pass,
}

impl Standing {
    pub(super) const ALL: [Self; 7] = [
        Self::Bypass,
        Self::Critical,
        Self::Warning,
        Self::Unknown,
        Self::Pending,
        Self::Held,
        Self::Pass,
    ];

    pub(super) fn of(check: &CheckStatus) -> Self {
        let judged = check
            .last
            .as_ref()
            .map(|seen| Self::of_judgement(&seen.judgement));
        match judged {
            Some(Self::Pass) | None if check.held.is_some() => Self::Held,
            None => Self::Pending,
            Some(judged) => judged,
        }
    }

    pub(super) fn of_judgement(judgement: &Judgement) -> Self {
        judgement.worst().map_or(Self::Pass, Self::of_finding)
    }

    pub(super) fn of_finding(finding: &Finding) -> Self {
        Self::of_class(finding.reason.class(), finding.severity)
    }

    pub(super) fn of_class(class: Class, severity: Severity) -> Self {
        match (class, severity) {
            (Class::Bypass, _) => Self::Bypass,
            (class, _) if class.is_unknown() => Self::Unknown,
            (_, Severity::Critical) => Self::Critical,
            (_, Severity::Warning) => Self::Warning,
        }
    }

    /// The class of the style sheet.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Bypass => "bypass",
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Unknown => "unknown",
            Self::Pending => "pending",
            Self::Held => "held",
            Self::Pass => "pass",
        }
    }

    /// The word for people.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Bypass => "bypass",
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Unknown => "unknown",
            Self::Pending => "pending",
            Self::Held => "held back",
            Self::Pass => "pass",
        }
    }

    /// Whether an answer shows that something is wrong.
    pub(super) fn is_failing(self) -> bool {
        matches!(self, Self::Bypass | Self::Critical | Self::Warning)
    }

    /// Whether somebody should look.
    pub(super) fn is_trouble(self) -> bool {
        self.is_failing() || self == Self::Unknown
    }

    pub(super) fn badge(self) -> Badge {
        Badge(self)
    }

    pub(super) fn icon(self) -> Icon {
        Icon(self)
    }
}

impl From<Mark> for Standing {
    fn from(mark: Mark) -> Self {
        match mark {
            Mark::Pass => Self::Pass,
            Mark::Unknown => Self::Unknown,
            Mark::Warning => Self::Warning,
            Mark::Critical => Self::Critical,
        }
    }
}

/// How an endpoint stands: as the worst of its checks, and since when it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EndpointStanding {
    pub(super) standing: Standing,
    /// Since when the first of the worst checks stands so; `None` before a first verdict.
    pub(super) since: Option<Timestamp>,
    /// Since when the last of them does: its newest trouble.
    pub(super) newest: Option<Timestamp>,
}

impl EndpointStanding {
    pub(super) fn of(status: &EndpointStatus) -> Self {
        let checks = || {
            status
                .checks
                .iter()
                .map(|check| (Standing::of(check), check))
        };
        let standing = checks().map(|(standing, _)| standing).min();
        let standing = standing.unwrap_or(Standing::Pending);
        let worst = || checks().filter(|(of_check, _)| *of_check == standing);
        let since = || worst().filter_map(|(_, check)| check.last.as_ref().map(|seen| seen.since));
        Self {
            standing,
            since: since().min(),
            newest: since().max(),
        }
    }
}

/// A standing as a shape and a word.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<span class="badge {{ self.0.class() }}">{{ self.0.icon() }}{{ self.0.word() }}</span>"#
)]
pub(super) struct Badge(Standing);

/// A standing as a shape alone; a word stands beside it.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><path d="{{ self.path() }}"/></svg>"#
)]
pub(super) struct Icon(Standing);

impl HtmlSafe for Badge {}
impl HtmlSafe for Icon {}

impl Icon {
    /// A drawing in a square of 16: shapes differ, so that nobody needs the colour.
    fn path(&self) -> &'static str {
        match self.0 {
            // A padlock with its shackle swung open.
            Standing::Bypass => "M3 8V4a3 3 0 0 1 6 0v1H7.4V4a1.4 1.4 0 0 0-2.8 0v4H14v7H5V8z",
            // A cross in a square.
            Standing::Critical => {
                "M1 1h14v14H1zM4 5.4 6.6 8 4 10.6 5.4 12 8 9.4l2.6 2.6 1.4-1.4L9.4 8 12 5.4 10.6 4 8 6.6 5.4 4z"
            }
            // An exclamation mark in a triangle.
            Standing::Warning => "M8 1l7.5 14H.5zM7 6v4.5h2V6zM7 11.5v2h2v-2z",
            // A question mark in a circle.
            Standing::Unknown => {
                "M8 .5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM5 6.2C5 4.4 6.3 3.3 8 3.3s3 1.1 3 2.8c0 1.9-2.1 2.1-2.1 3.7H7.1c0-2.4 2-2.5 2-3.7 0-.7-.5-1.1-1.1-1.1S6.9 5.4 6.9 6.2zM7 10.8h2v2H7z"
            }
            // Three dots.
            Standing::Pending => "M1 6.5h3.5v3.5H1zM6.25 6.5h3.5v3.5h-3.5zM11.5 6.5H15v3.5h-3.500z",
            // Two bars.
            Standing::Held => "M3 2h4v12H3zM9 2h4v12H9z",
            // A closed padlock.
            Standing::Pass => "M4 7V5a4 4 0 0 1 8 0v2h1v8H3V7zM5.8 7h4.4V5a2.2 2.2 0 0 0-4.4 0z",
        }
    }
}
