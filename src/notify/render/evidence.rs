//! One incident on a sheet: what was expected and seen, and what to do about it.

use std::sync::Arc;

use super::remains::remains;
use super::room::Room;
use super::sheet::{Block, Change, Fact};
use super::words;
use crate::domain::explanation::of_reason;
use crate::domain::finding::{Class, Finding, Reason};
use crate::domain::incident::{Ended, Incident, Reproduced, Resolution};
use crate::domain::notice::{Notice, Story};
use crate::domain::reproduction::quoted;
use crate::domain::wording::span;

/// The longest line for a shell: half of one does something else.
const LONGEST_COMMAND: usize = 2000;

/// The whole story of an incident.
///
/// What an earlier one of the same mail says of the same reason is not said again.
pub(super) fn story(
    incident: &Incident,
    earlier: &[Arc<Incident>],
    notice: &Notice,
    room: &Room,
) -> Vec<Block> {
    let is_news = !earlier.iter().any(|other| other.reason == incident.reason);
    let mut blocks = vec![Block::Facts(facts(incident, notice, room))];
    blocks.extend(warnings(incident));
    expected(incident, notice, room, &mut blocks);
    received(incident, room, &mut blocks);
    match incident.ended.map(|ended| ended.resolution) {
        None | Some(Resolution::Removed) => {
            changed(&incident.story, room, &mut blocks);
            by_hand(&incident.story, &mut blocks);
            if incident.is_open() && is_news {
                advice(incident, &mut blocks);
            }
        }
        Some(Resolution::Recovered) => {}
    }
    leads(incident, room, &mut blocks);
    if incident.is_open() {
        commands(incident, &mut blocks);
    }
    blocks
}

fn facts(incident: &Incident, notice: &Notice, room: &Room) -> Vec<Fact> {
    let story = &incident.story;
    let persona = room.shown(&story.persona);
    let mut facts = vec![
        Fact::new("Check", incident.check.to_string()),
        Fact::new("Asked", room.shown(&story.request)),
        Fact::new("As", format!("{persona}, who {}", words::role(story.role))),
        Fact::new("Found", found(incident)),
    ];
    match incident.ended {
        None => facts.push(Fact::new(
            "Since",
            words::moment_ago(incident.since, notice.created_at),
        )),
        Some(ended) => facts.extend(end(incident, ended, notice)),
    }
    facts.push(Fact::new("Seen at", words::moment(story.at)));
    if let Some(reproduced) = incident.reproduced {
        facts.push(Fact::new("Seen again", words::reproduced(reproduced)));
    }
    if let Some(address) = &story.remote_addr {
        facts.push(Fact::new("Answered by", room.shown(address)));
    }
    facts.push(Fact::new("Incident", incident.id.to_string()));
    facts
}

fn found(incident: &Incident) -> String {
    format!(
        "{}, {}, {}",
        incident.class.as_str(),
        incident.reason,
        incident.severity.as_str(),
    )
}

fn end(incident: &Incident, ended: Ended, notice: &Notice) -> [Fact; 3] {
    let name = match ended.resolution {
        Resolution::Recovered if remains(incident, notice).is_empty() => "Well since",
        Resolution::Recovered => "Over since",
        Resolution::Removed => "Removed",
    };
    [
        Fact::new("From", words::moment(incident.since)),
        Fact::new(name, words::moment(ended.at)),
        Fact::new("Lasted", span(ended.at.duration_since(incident.since))),
    ]
}

/// What must not be overlooked.
fn warnings(incident: &Incident) -> Vec<Block> {
    let mut warnings = Vec::new();
    if let Some(Ended {
        resolution: Resolution::Removed,
        ..
    }) = incident.ended
    {
        warnings.push(
            "Removed, not fixed: what failed is asked no more, so nobody knows whether it is \
             mended.",
        );
    }
    if incident.is_open() && incident.story.control_failing {
        warnings.push(
            "The rightful holder is not admitted either, so a refusal proves little: look at that \
             first.",
        );
    }
    if incident.is_open() && incident.reproduced.is_some_and(Reproduced::is_partial) {
        warnings.push(
            "Not every probe met this. Compare the configuration of the replicas; the incident \
             resolves only after ten passes in a row.",
        );
    }
    warnings
        .into_iter()
        .map(|text| Block::Warning(text.to_owned()))
        .collect()
}

fn expected(incident: &Incident, notice: &Notice, room: &Room, blocks: &mut Vec<Block>) {
    let story = &incident.story;
    let remains = remains(incident, notice);
    if !remains.is_empty() {
        blocks.push(Block::Heading("Still wrong with this check"));
        blocks.push(Block::Facts(findings(&remains, room)));
    }
    let heading = if incident.is_open() {
        "Expected and saw"
    } else {
        "Expected and saw, when it was opened"
    };
    blocks.push(Block::Heading(heading));
    let told: Vec<&Finding> = story.findings.iter().collect();
    blocks.push(Block::Facts(findings(&told, room)));
    if let Some(heading) = beside_heading(incident) {
        let beside: Vec<&Finding> = story.beside.iter().collect();
        blocks.push(Block::Heading(heading));
        blocks.push(Block::Facts(findings(&beside, room)));
    }
}

/// What stands above further findings; `None` where there are none, or they are told already.
fn beside_heading(incident: &Incident) -> Option<&'static str> {
    let heading = match incident.ended.map(|ended| ended.resolution) {
        None => "Also wrong with this check",
        Some(Resolution::Removed) => "Also wrong with this check, then",
        Some(Resolution::Recovered) => return None,
    };
    (!incident.story.beside.is_empty()).then_some(heading)
}

fn findings(findings: &[&Finding], room: &Room) -> Vec<Fact> {
    let (some, rest) = room.some(findings);
    let mut facts = Vec::new();
    for finding in some {
        facts.push(Fact::new("Reason", finding.reason.as_str()));
        facts.push(Fact::new("Expected", room.shown(&finding.expected)));
        facts.push(Fact::new("Saw", room.shown(&finding.saw)));
    }
    facts.extend(more(rest, "finding"));
    facts
}

fn more(rest: usize, noun: &str) -> Option<Fact> {
    (rest > 0).then(|| Fact::new("And", format!("{} more", words::counted(rest, noun))))
}

fn received(incident: &Incident, room: &Room, blocks: &mut Vec<Block>) {
    let story = &incident.story;
    let is_told = |silence: &&String| story.findings.iter().any(|it| it.saw == **silence);
    if let Some(silence) = story.silence.as_ref().filter(|it| !is_told(it)) {
        blocks.push(Block::Heading("Why no answer came"));
        blocks.push(Block::Received(vec![room.shown(silence)]));
    }
    let Some(status) = &story.status_line else {
        return;
    };
    let (some, rest) = room.some(&story.challenge_lines);
    let lines = some.iter();
    let lines = lines.map(|line| format!("WWW-Authenticate: {}", room.shown(line)));
    let mut received = vec![room.shown(status)];
    received.extend(lines);
    if rest > 0 {
        received.push(format!("… and {} more", words::counted(rest, "line")));
    }
    let heading = if incident.is_open() {
        "The answer, as received"
    } else {
        "The answer then, as received"
    };
    blocks.push(Block::Heading(heading));
    blocks.push(Block::Received(received));
    if story.challenge_lines.is_empty() {
        let none = "It has no `WWW-Authenticate` line.";
        blocks.push(Block::Sentences(none.to_owned()));
    }
}

fn changed(story: &Story, room: &Room, blocks: &mut Vec<Block>) {
    let Some(good_at) = story.good_at else {
        let never = "This check has never been well since this monitor knows it.";
        blocks.push(Block::Sentences(never.to_owned()));
        return;
    };
    blocks.push(Block::Heading("Changed since it was well"));
    let well = words::moment(good_at);
    if story.differences.is_empty() {
        let same = format!("It was last well at {well}; nothing else that is remembered differs.");
        blocks.push(Block::Sentences(same));
        return;
    }
    blocks.push(Block::Sentences(format!("It was last well at {well}.")));
    let (some, rest) = room.some(&story.differences);
    let value = |value: &Option<String>| match value {
        Some(value) => room.shown(value),
        None => "(none)".to_owned(),
    };
    let changes = some.iter().map(|difference| Change {
        what: room.shown(&difference.what),
        before: value(&difference.before),
        now: value(&difference.now),
    });
    blocks.push(Block::Changes(changes.collect()));
    blocks.extend(more(rest, "difference").map(|fact| Block::Facts(vec![fact])));
}

/// The question, for the reader to ask again.
fn by_hand(story: &Story, blocks: &mut Vec<Block>) {
    let Some(line) = &story.reproduction else {
        return;
    };
    blocks.push(Block::Heading("Ask it yourself"));
    let command = crate::domain::harmless::shown(line, LONGEST_COMMAND);
    // A line that had to be changed or cut is another command.
    if command == *line {
        blocks.push(Block::Command(command));
    } else {
        let long =
            "The `curl` line is too long for a mail, or holds characters that cannot be shown.";
        blocks.push(Block::Sentences(long.to_owned()));
    }
}

fn advice(incident: &Incident, blocks: &mut Vec<Block>) {
    let page = of_reason(incident.reason);
    blocks.push(Block::Heading("What it means"));
    blocks.push(Block::Sentences(page.meaning.to_owned()));
    blocks.push(Block::Heading("Likely causes"));
    blocks.push(Block::Steps(page.causes.to_vec()));
    blocks.push(Block::Heading("First steps"));
    blocks.push(Block::Steps(page.first_steps.to_vec()));
}

/// Where to read on, and the configured labels.
fn leads(incident: &Incident, room: &Room, blocks: &mut Vec<Block>) {
    let story = &incident.story;
    let mut facts = Vec::new();
    facts.extend(
        story
            .runbook_url
            .as_ref()
            .map(|url| Fact::link("Runbook", url)),
    );
    facts.extend(
        story
            .page_url
            .as_ref()
            .map(|url| Fact::link("Status page", url)),
    );
    let labels: Vec<(&String, &String)> = story.labels.iter().collect();
    let (some, rest) = room.some(&labels);
    for (name, value) in some {
        let label = format!("{}={}", room.shown(name), room.shown(value));
        facts.push(Fact::new("Label", label));
    }
    facts.extend(more(rest, "label"));
    if !facts.is_empty() {
        blocks.push(Block::Heading("Read on"));
        blocks.push(Block::Facts(facts));
    }
}

/// Commands for this incident, ready to paste.
fn commands(incident: &Incident, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading("Commands"));
    if incident.reason == Reason::ChallengeChanged {
        let accept = "If the new challenge is meant:";
        blocks.push(Block::Sentences(accept.to_owned()));
        let name = quoted(&incident.check.to_string());
        blocks.push(Block::Command(format!("authvigil accept {name}")));
    }
    let known = match incident.class {
        Class::Bypass => {
            "If it is known, to be told no more of it for two hours (24 hours at most):"
        }
        Class::Lockout
        | Class::Outage
        | Class::Denial
        | Class::Challenge
        | Class::Response
        | Class::Internal => "If it is known, to be told no more of it for two hours:",
    };
    blocks.push(Block::Sentences(known.to_owned()));
    blocks.push(Block::Command(silence(incident)));
    blocks.push(Block::Sentences("The whole page on the reason:".to_owned()));
    blocks.push(Block::Command(format!(
        "authvigil explain {}",
        incident.reason
    )));
}

/// The line that silences an incident.
fn silence(incident: &Incident) -> String {
    let matcher = |label: &str, value: &str| quoted(&format!("{label}=\"{value}\""));
    [
        "authvigil silence add --for 2h --comment 'known'".to_owned(),
        matcher("endpoint", incident.check.endpoint.as_str()),
        matcher("check", incident.check.check.as_str()),
        matcher("class", incident.class.as_str()),
    ]
    .join(" ")
}
