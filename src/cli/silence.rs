//! `authvigil silence`: what is known is not told for a while.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use jiff::{Timestamp, Unit};
use serde::Serialize as _;

use super::arguments::{Silence, SilenceAdd, SilenceCommand, SilenceExpire, SilenceList};
use super::ask::{ask, ask_once, unfit};
use super::exit::{Failure, USAGE};
use super::terminal::{ALARM, HEADING, QUIET, stderr, stdout, tell_aside, visible};
use crate::daemon::{Reply, Request};
use crate::document::{Harmless, SilenceDocument, VERSION};
use crate::domain::wording::span;

/// Has the daemon do it, and says what came of it.
pub(super) fn run(config: &Path, silence: &Silence) -> Result<u8, Failure> {
    match &silence.what {
        SilenceCommand::Add(add) => self::add(config, add),
        SilenceCommand::Expire(expire) => self::expire(config, expire),
        SilenceCommand::List(list) => self::list(config, list),
    }
}

fn add(config: &Path, add: &SilenceAdd) -> Result<u8, Failure> {
    // An empty `USER` says no more than none.
    let author = add
        .author
        .clone()
        .filter(|author| !author.trim().is_empty());
    let request = Request::SilenceAdd {
        matchers: add.matchers.clone(),
        seconds: add.length.as_secs(),
        comment: add.comment.clone(),
        author,
    };
    let (silence, notes) = match ask_once(config, request)? {
        Reply::Silenced { silence, notes } => (silence, notes),
        Reply::Done
        | Reply::Refused { .. }
        | Reply::Failed { .. }
        | Reply::Silences { .. }
        | Reply::Accepted { .. } => return Err(unfit()),
    };
    writeln!(stdout(), "{}", visible(&silence.id))?;
    let matchers = silence.matchers.join(" ");
    let until = format!("until {}: {matchers}", second(silence.ends_at));
    tell_aside("silenced", &until);
    for note in &notes {
        tell_aside("warning", note);
    }
    Ok(0)
}

fn expire(config: &Path, expire: &SilenceExpire) -> Result<u8, Failure> {
    let requests = expire.ids.iter();
    let requests = requests.map(|id| Request::SilenceExpire { id: id.clone() });
    let replies = ask(config, requests)?;
    let mut code = 0;
    for (id, reply) in expire.ids.iter().zip(replies) {
        match reply {
            Reply::Done => writeln!(stdout(), "{} has ended", visible(id))?,
            Reply::Refused { why } => {
                writeln!(stderr(), "{ALARM}error:{ALARM:#} {}", visible(&why))?;
                code = USAGE;
            }
            Reply::Failed { why } => return Err(Failure::Own(why)),
            Reply::Silenced { .. } | Reply::Silences { .. } | Reply::Accepted { .. } => {
                return Err(unfit());
            }
        }
    }
    Ok(code)
}

fn list(config: &Path, list: &SilenceList) -> Result<u8, Failure> {
    let (at, silences) = match ask_once(config, Request::SilenceList)? {
        Reply::Silences { at, silences } => (at, silences),
        Reply::Done
        | Reply::Refused { .. }
        | Reply::Failed { .. }
        | Reply::Silenced { .. }
        | Reply::Accepted { .. } => return Err(unfit()),
    };
    let mut out = BufWriter::new(stdout());
    if list.json {
        write_json(&mut out, &silences)?;
    } else {
        write_text(&mut out, at, &silences)?;
    }
    out.flush()?;
    Ok(0)
}

fn write_json(out: &mut impl Write, silences: &[SilenceDocument]) -> io::Result<()> {
    #[derive(serde::Serialize)]
    struct Document<'a> {
        version: u32,
        silences: &'a [SilenceDocument],
    }
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, Harmless);
    let document = Document {
        version: VERSION,
        silences,
    };
    document.serialize(&mut serializer)?;
    writeln!(out)
}

fn write_text(out: &mut impl Write, at: Timestamp, silences: &[SilenceDocument]) -> io::Result<()> {
    if silences.is_empty() {
        return writeln!(out, "nothing is silenced");
    }
    for silence in silences {
        let left = span(silence.ends_at.duration_since(at));
        writeln!(
            out,
            "{HEADING}{}{HEADING:#}  ends in {left} {QUIET}({}){QUIET:#}",
            visible(&silence.id),
            second(silence.ends_at),
        )?;
        for matcher in &silence.matchers {
            writeln!(out, "          {}", visible(matcher))?;
        }
        let (author, comment) = (visible(&silence.author), visible(&silence.comment));
        writeln!(out, "          {QUIET}{author}:{QUIET:#} {comment}")?;
    }
    Ok(())
}

/// A moment for people, to the second.
fn second(at: Timestamp) -> Timestamp {
    at.round(Unit::Second).unwrap_or(at)
}
