//! The status page: what is wrong, since when and why, for people who look from afar or from close.
//!
//! In comes a [`Snapshot`] of the live state; out go whole HTML pages, and the one style sheet that
//! they share. Pages work under `default-src 'none'; style-src 'self'`: no script, no image, no font,
//! no inline style; bars and strips are drawings in the markup.
//! What a server sent is cut, made visible and escaped (by `text`, and by the templates).
//!
//! **Invariant:** a page is a function of its arguments: it reads no clock and touches nothing.
//!
//! **Invariant:** no text reaches the markup unescaped; the only types that are taken for markup are
//! templates of this module.

mod change;
mod check;
mod drift;
mod endpoint;
mod evidence;
mod expiry;
mod headline;
mod incident;
mod monitor;
mod notices;
mod overview;
mod persona;
mod phases;
mod silence;
mod standing;
mod strip;
mod text;
mod trouble;

use askama::Template;

use self::headline::Headline;
use self::monitor::OwnTrouble;
use self::text::Moment;
use crate::domain::check::Name;
use crate::domain::status::{Change, Snapshot};

/// The style sheet, to be served at `/style.css`.
pub const STYLE: &str = include_str!("style.css");

/// The page at `/`: everything that is watched, the worst first.
pub fn overview(snapshot: &Snapshot) -> String {
    written(&overview::Overview::of(snapshot))
}

/// The page at `/endpoints/NAME`: all that is known of one endpoint; `None` where there is none of
/// this name.
///
/// `changes` are its recent ones, the newest first; those of other endpoints are left out.
pub fn endpoint(snapshot: &Snapshot, name: &Name, changes: &[Change]) -> Option<String> {
    let mut endpoints = snapshot.endpoints.iter();
    let status = endpoints.find(|status| status.endpoint.name == *name)?;
    Some(written(&endpoint::Page::of(snapshot, status, changes)))
}

/// The page for whatever is not here; `what` names it: `endpoint named "orders"`.
pub fn not_found(snapshot: &Snapshot, what: &str) -> String {
    written(&NotFound {
        frame: Frame::of(snapshot),
        what: text::shown(what, text::LINE),
    })
}

/// What every page shows around its subject.
struct Frame {
    headline: Headline,
    own_troubles: Vec<OwnTrouble>,
    taken: Moment,
    started: Moment,
}

impl Frame {
    fn of(snapshot: &Snapshot) -> Self {
        let now = snapshot.taken_at;
        Self {
            headline: Headline::of(snapshot),
            own_troubles: monitor::own_troubles(snapshot),
            taken: Moment::of(now, now),
            started: Moment::of(snapshot.started_at, now),
        }
    }
}

#[derive(Template)]
#[template(path = "not_found.html")]
struct NotFound {
    frame: Frame,
    what: String,
}

/// Writes a page. The templates call nothing that fails, and writing to a string cannot.
fn written(page: &impl Template) -> String {
    page.render().unwrap_or_default()
}
