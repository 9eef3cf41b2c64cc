//! Sheets that are about no incident, and the end of every sheet.

use super::room::Room;
use super::sheet::{Block, Fact, Sheet, Tone};
use super::words;
use crate::domain::notice::{Heartbeat, Isolation, Notice};
use crate::domain::silence::Silence;
use crate::domain::wording::span;

pub(super) fn isolated(notice: &Notice, isolation: &Isolation, room: &Room) -> Sheet {
    let mut sheet =
        Sheet {
            tone: Tone::Critical,
            badge: "CRITICAL".to_owned(),
            title: "This monitor may be cut off".to_owned(),
            lead: format!(
                "{} of {} cannot be reached, more than half of all, so the fault may be this \
             monitor's own network, resolver or proxy.",
                words::grouped(isolation.down),
                words::counted(isolation.hosts, "host"),
            ),
            blocks: vec![
            Block::Facts(vec![
                Fact::new("Since", words::moment_ago(isolation.since, notice.created_at)),
                Fact::new("In outage", hosts(isolation)),
            ]),
            Block::Sentences(
                "No mail of their own is sent for these outages while this goes on; a bypass is \
                 told at all times."
                    .to_owned(),
            ),
            Block::Heading("First steps"),
            Block::Steps(vec![
                "On the monitor's machine, ask one of the hosts by hand: `authvigil probe URL`, or \
                 `curl -sv URL`.",
                "See whether names resolve: `getent hosts HOST`; and whether there is a way out: \
                 `ip route get ADDRESS`.",
                "Ask from elsewhere. If the hosts answer there, mend this monitor's network, \
                 resolver, proxy or firewall; if they do not, many of them are down indeed.",
            ]),
        ],
        };
    incidents(notice, room, &mut sheet);
    sheet
}

pub(super) fn rejoined(notice: &Notice, isolation: &Isolation, room: &Room) -> Sheet {
    let lasted = notice.created_at.duration_since(isolation.since);
    let mut sheet = Sheet {
        tone: Tone::Resolved,
        badge: "RESOLVED".to_owned(),
        title: "This monitor reaches most hosts again".to_owned(),
        lead: format!(
            "It may have been cut off for {}. Outages that go on are told from now on.",
            span(lasted)
        ),
        blocks: vec![Block::Facts(vec![
            Fact::new("From", words::moment(isolation.since)),
            Fact::new("To", words::moment(notice.created_at)),
            Fact::new("Lasted", span(lasted)),
            Fact::new("Were down", hosts(isolation)),
        ])],
    };
    incidents(notice, room, &mut sheet);
    sheet
}

fn hosts(isolation: &Isolation) -> String {
    format!(
        "{} of {}",
        words::grouped(isolation.down),
        words::counted(isolation.hosts, "host")
    )
}

/// The checks of incidents that such a notice lists.
fn incidents(notice: &Notice, room: &Room, sheet: &mut Sheet) {
    if notice.incidents.is_empty() {
        return;
    }
    let (some, rest) = notice
        .incidents
        .split_at(notice.incidents.len().min(room.rows));
    let checks = some.iter();
    let checks = checks.map(|incident| Fact::new("Check", incident.check.to_string()));
    let mut facts: Vec<Fact> = checks.collect();
    if !rest.is_empty() {
        facts.push(Fact::new(
            "And",
            format!("{} more", words::counted(rest.len(), "check")),
        ));
    }
    sheet.blocks.push(Block::Heading("Checks in outage"));
    sheet.blocks.push(Block::Facts(facts));
}

pub(super) fn silenced(silence: &Silence, room: &Room) -> Sheet {
    let lead = if silence.names_bypass() {
        "Bypasses are silenced: somebody may be let in who must not, and nobody is told of it \
         until the silence ends. If that is not meant, end it now."
    } else {
        "Incidents that match are not told of until the silence ends. They are still opened, \
         counted and shown."
    };
    let mut facts = vec![
        Fact::new("From", words::moment(silence.starts_at)),
        Fact::new("Until", words::moment(silence.ends_at)),
        Fact::new(
            "For",
            span(silence.ends_at.duration_since(silence.starts_at)),
        ),
        Fact::new("By", room.shown(&silence.author)),
        Fact::new("Because", room.shown(&silence.comment)),
    ];
    let (some, rest) = room.some(&silence.matchers);
    let matchers = some.iter();
    facts.extend(matchers.map(|it| Fact::new("Matches", room.shown(&words::matcher(it)))));
    if rest > 0 {
        facts.push(Fact::new(
            "And",
            format!("{} more", words::counted(rest, "matcher")),
        ));
    }
    facts.push(Fact::new("Silence", silence.id.to_string()));
    Sheet {
        tone: Tone::Warning,
        badge: "SILENCED".to_owned(),
        title: format!("Silenced until {}", words::minute(silence.ends_at)),
        lead: lead.to_owned(),
        blocks: vec![
            Block::Facts(facts),
            Block::Heading("Commands"),
            Block::Sentences("To end it:".to_owned()),
            Block::Command(format!("authvigil silence expire {}", silence.id)),
        ],
    }
}

pub(super) fn heartbeat(notice: &Notice, heartbeat: &Heartbeat) -> Sheet {
    let (failing, unknown) = heartbeat.failing;
    let is_well = (heartbeat.open, failing, unknown) == (0, 0, 0);
    let probes = usize::try_from(heartbeat.probes).unwrap_or(usize::MAX);
    let (badge, title, tone) = if is_well {
        ("ALIVE", "All is well", Tone::Resolved)
    } else {
        ("ALIVE", "Not all is well", Tone::Warning)
    };
    let lead = "This monitor is alive, and its mail gets out. When this mail stays away, look \
                after the monitor.";
    Sheet {
        tone,
        badge: badge.to_owned(),
        title: title.to_owned(),
        lead: lead.to_owned(),
        blocks: vec![Block::Facts(vec![
            Fact::new("Since", words::moment(heartbeat.since)),
            Fact::new("Until", words::moment(notice.created_at)),
            Fact::new("Checks", words::grouped(heartbeat.checks)),
            Fact::new("Probes", words::grouped(probes)),
            Fact::new("Failing", words::counted(failing, "check")),
            Fact::new("Unknown", words::counted(unknown, "check")),
            Fact::new("Open", words::counted(heartbeat.open, "incident")),
        ])],
    }
}

pub(super) fn test(notice: &Notice) -> Sheet {
    Sheet {
        tone: Tone::Plain,
        badge: "TEST".to_owned(),
        title: format!("Test of the receiver {}", notice.receiver),
        lead: "Somebody tries whether notices arrive here. Nothing is wrong, and nothing is to be \
               done."
            .to_owned(),
        blocks: vec![Block::Facts(vec![Fact::new(
            "Sent",
            words::moment(notice.created_at),
        )])],
    }
}

/// What stands at the end of every mail.
pub(super) fn close(sheet: &mut Sheet, notice: &Notice) {
    sheet.blocks.push(Block::Heading("About this mail"));
    sheet.blocks.push(Block::Sentences(format!(
        "authvigil wrote it for the receiver `{}`, as notice `{}`, at {}. Replies are not read.",
        notice.receiver,
        notice.id,
        words::moment(notice.created_at),
    )));
}
