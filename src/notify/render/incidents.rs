//! A sheet about incidents: the gravest in full, some more in a line each, and how many there are.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::evidence::story;
use super::remains::{brief, failing, remains, said as remains_said, tone};
use super::room::Room;
use super::sheet::{Block, Fact, Row, Sheet, Tone};
use super::subject::{common, removed, said, what};
use super::words;
use crate::domain::check::CheckId;
use crate::domain::explanation::of_reason;
use crate::domain::finding::Finding;
use crate::domain::incident::{Incident, Resolution};
use crate::domain::notice::{Cause, Notice, Occasion};

pub(super) fn sheet(notice: &Notice, room: &Room) -> Sheet {
    let (tone, badge) = look(notice);
    let (title, lead) = match notice.incidents.as_slice() {
        [] => ("No incident".to_owned(), String::new()),
        [one] => (title(one), lead(one, notice, room)),
        _ => (crowd(notice), crowd_lead(notice, room)),
    };
    let mut sheet = Sheet {
        tone,
        badge,
        title,
        lead,
        blocks: Vec::new(),
    };
    if notice.occasion == Occasion::Flapping {
        sheet.blocks.push(Block::Sentences(quiet(notice)));
    }
    blocks(notice, room, &mut sheet.blocks);
    sheet
}

/// The colour and the word in capitals.
fn look(notice: &Notice) -> (Tone, String) {
    let gravest = words::gravest(&notice.incidents);
    let badge = match &notice.occasion {
        Occasion::Ended => return over(notice),
        Occasion::Flapping => "FLAPPING",
        Occasion::Opened { .. }
        | Occasion::Repeated { .. }
        | Occasion::Isolated(_)
        | Occasion::Rejoined(_)
        | Occasion::Silenced(_)
        | Occasion::Heartbeat(_)
        | Occasion::Test => words::severity(gravest),
    };
    (Tone::of(gravest), badge.to_owned())
}

fn over(notice: &Notice) -> (Tone, String) {
    let (tone, badge) = match removed(&notice.incidents) {
        0 => (tone(notice).unwrap_or(Tone::Resolved), "RESOLVED"),
        count if count == notice.incidents.len() => (Tone::Warning, "REMOVED (not fixed)"),
        _ => (tone(notice).unwrap_or(Tone::Warning), "ENDED"),
    };
    (tone, badge.to_owned())
}

fn title(incident: &Incident) -> String {
    format!(
        "{} {}: {}",
        incident.class.as_str(),
        incident.check,
        what(incident)
    )
}

fn lead(incident: &Incident, notice: &Notice, room: &Room) -> String {
    let title = of_reason(incident.reason).title;
    let lasted = said(incident, notice);
    let resolution = incident.ended.map(|ended| ended.resolution);
    match (&notice.occasion, resolution) {
        (Occasion::Flapping, _) => {
            let state = match resolution {
                None => "it was open",
                Some(Resolution::Recovered) => "it was well",
                Some(Resolution::Removed) => "its check was asked no more",
            };
            format!(
                "{title}. It opened and resolved too often to be told each time: four changes \
                 within an hour. When this mail was written, {state}{}.",
                still(incident, notice, room)
            )
        }
        (_, Some(Resolution::Recovered)) => recovered(incident, notice, room),
        (_, Some(Resolution::Removed)) => format!(
            "It was open for {lasted} when its check left the configuration or began to ask \
             something else (another URL, persona or status). It was: {title}."
        ),
        (Occasion::Repeated { .. }, None) => format!("{title}. It goes on, for {lasted} by now."),
        (
            Occasion::Opened { .. }
            | Occasion::Ended
            | Occasion::Isolated(_)
            | Occasion::Rejoined(_)
            | Occasion::Silenced(_)
            | Occasion::Heartbeat(_)
            | Occasion::Test,
            None,
        ) => format!("{title}."),
    }
}

/// That it is over, or that this is and something else is not.
fn recovered(incident: &Incident, notice: &Notice, room: &Room) -> String {
    let title = of_reason(incident.reason).title;
    let (class, lasted) = (incident.class.as_str(), said(incident, notice));
    match still(incident, notice, room) {
        still if still.is_empty() => format!(
            "It is over, after {lasted}: the check has passed often enough in a row. It was: \
             {title}."
        ),
        still => format!("The {class} is over, after {lasted}{still}. It was: {title}."),
    }
}

/// What is still wrong, as the end of a sentence; empty where nothing is.
fn still(incident: &Incident, notice: &Notice, room: &Room) -> String {
    let remains = remains(incident, notice);
    // What expires soon is no part of the verdict.
    let passes = |finding: &&Finding| finding.reason.is_expiry();
    let what = if remains.iter().all(passes) {
        "something else is still wrong"
    } else {
        "the check still fails"
    };
    remains_said(&remains, room).map_or_else(String::new, |said| format!(", but {what}: {said}"))
}

/// What follows for whoever is told that something flaps.
fn quiet(notice: &Notice) -> String {
    let what = match notice.incidents.len() {
        1 => "it",
        _ => "one of them",
    };
    format!(
        "Nothing more is told of {what} until it has been calm for 30 minutes. Meanwhile the \
         status page and the metric `authvigil_incident_open` say how it stands."
    )
}

fn cause(notice: &Notice) -> Option<&Cause> {
    match &notice.occasion {
        Occasion::Opened { cause } | Occasion::Repeated { cause } => cause.as_ref(),
        Occasion::Ended
        | Occasion::Flapping
        | Occasion::Isolated(_)
        | Occasion::Rejoined(_)
        | Occasion::Silenced(_)
        | Occasion::Heartbeat(_)
        | Occasion::Test => None,
    }
}

fn crowd(notice: &Notice) -> String {
    let count = notice.incidents.len();
    match cause(notice) {
        Some(cause) => common(cause, count),
        None => format!(
            "{}: {}",
            words::counted(count, "incident"),
            words::by_class(&notice.incidents)
        ),
    }
}

fn crowd_lead(notice: &Notice, room: &Room) -> String {
    let why = match cause(notice) {
        Some(Cause::Host(_)) => "They share a host, which is the likely cause.",
        Some(Cause::Credential(_)) => "They share a credential, which is the likely cause.",
        Some(Cause::TokenEndpoint(_)) => "They share a token endpoint, which is the likely cause.",
        None => "",
    };
    let state = match &notice.occasion {
        Occasion::Repeated { .. } => "All of them go on.".to_owned(),
        Occasion::Ended => all_ended(notice, room),
        Occasion::Flapping => flapping(notice),
        Occasion::Opened { .. }
        | Occasion::Isolated(_)
        | Occasion::Rejoined(_)
        | Occasion::Silenced(_)
        | Occasion::Heartbeat(_)
        | Occasion::Test => String::new(),
    };
    let sentences = [why, &state].into_iter().filter(|text| !text.is_empty());
    sentences.collect::<Vec<_>>().join(" ")
}

fn all_ended(notice: &Notice, room: &Room) -> String {
    let failing = failing(notice);
    let Some((incident, finding)) = failing.first() else {
        return "All of them ended.".to_owned();
    };
    let checks: BTreeSet<&CheckId> = failing.iter().map(|(it, _)| &it.check).collect();
    let (check, finding) = (&incident.check, brief(finding, room));
    match checks.len() {
        1 => format!("All of them ended, but something is still wrong with {check}: {finding}."),
        count => format!(
            "All of them ended, but something is still wrong with {}; the gravest is {check}: \
             {finding}.",
            words::counted(count, "check")
        ),
    }
}

fn flapping(notice: &Notice) -> String {
    let open = notice.incidents.iter().filter(|it| it.is_open()).count();
    format!(
        "They opened and resolved too often to be told each time: four changes within an hour. \
         When this mail was written, {} of {} were open.",
        words::grouped(open),
        words::grouped(notice.incidents.len())
    )
}

fn blocks(notice: &Notice, room: &Room, blocks: &mut Vec<Block>) {
    if let [one] = notice.incidents.as_slice() {
        blocks.extend(story(one, &[], notice, room));
        return;
    }
    // Incidents of one cause have one story.
    let stories = cause(notice).map_or(room.stories, |_| 1);
    let told = notice.incidents.len().min(stories);
    let (full, others) = notice.incidents.split_at(told);
    for (at, incident) in full.iter().enumerate() {
        let (earlier, _) = full.split_at(at);
        blocks.push(Block::Incident(title(incident)));
        blocks.extend(story(incident, earlier, notice, room));
    }
    let (rows, rest) = others.split_at(others.len().min(room.rows));
    if !rows.is_empty() {
        blocks.push(Block::Incident("The others".to_owned()));
        let rows = rows.iter().map(|incident| row(incident, notice, room));
        blocks.push(Block::Table(rows.collect()));
    }
    let (named, unnamed) = names(rest, room);
    blocks.extend(named);
    if unnamed > 0 {
        blocks.extend(and_more(unnamed, notice));
    }
}

fn row(incident: &Incident, notice: &Notice, room: &Room) -> Row {
    /// A row is to be read at a glance.
    const SHORT: usize = 120;
    let saw = incident.story.findings.first();
    let saw = saw.map_or("", |finding| finding.saw.as_str());
    let still = match remains(incident, notice).as_slice() {
        [] => "",
        _ => ", something else is still wrong",
    };
    let when = match incident.ended {
        None => format!("since {}", words::minute(incident.since)),
        Some(ended) => format!(
            "{} to {}{still}",
            words::minute(incident.since),
            words::minute(ended.at)
        ),
    };
    Row {
        check: incident.check.to_string(),
        severity: incident.severity.as_str(),
        class: incident.class.as_str(),
        reason: incident.reason.as_str(),
        when,
        saw: crate::domain::harmless::shown(saw, room.text.min(SHORT)),
    }
}

/// The names of those for which there is no line, as far as there is room, and how many are left.
fn names(incidents: &[Arc<Incident>], room: &Room) -> (Option<Block>, usize) {
    let mut left = room.names;
    let names: Vec<String> = incidents
        .iter()
        .map_while(|incident| {
            let name = format!("{} {}", incident.class.as_str(), incident.check);
            left = left.checked_sub(name.len() + 2)?;
            Some(name)
        })
        .collect();
    let unnamed = incidents.len() - names.len();
    let block = (!names.is_empty()).then(|| {
        let count = words::counted(names.len(), "incident");
        Block::Sentences(format!("And {count} more: {}.", names.join(", ")))
    });
    (block, unnamed)
}

/// How many are not shown, and where they are.
fn and_more(count: usize, notice: &Notice) -> Vec<Block> {
    let mut incidents = notice.incidents.iter();
    let page = incidents.find_map(|incident| incident.story.page_url.as_ref());
    let home = page.and_then(|page| page.join("../").ok());
    let more = format!(
        "And {} more: the status page and `/api/v1/incidents` have them all.",
        words::counted(count, "incident")
    );
    let link = home.map(|url| Block::Facts(vec![Fact::link("Status page", &url)]));
    [Block::Sentences(more)].into_iter().chain(link).collect()
}
