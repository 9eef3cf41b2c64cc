//! `authvigil notify-test`: a test notice through every receiver, and what happened on the way.

use std::io::{self, Write};
use std::path::Path;

use super::arguments::NotifyTest;
use super::check::wait;
use super::exit::Failure;
use super::terminal::{ALARM, GOOD, HEADING, QUIET, stdout, visible};
use super::validate;
use crate::daemon::{NotifyTestError, TestResult, causes, notify_test, real_time};
use crate::domain::notice::Attempt;
use crate::domain::wording::counted;

/// The exit code where a way did not work.
const UNDELIVERED: u8 = 1;

/// Sends, and says what came of it.
pub(super) fn run(path: &Path, test: &NotifyTest) -> Result<u8, Failure> {
    let config = validate::read(path)?;
    let mut tally = Tally::default();
    let mut written = Ok(());
    let tell = |result: TestResult| {
        tally.count(&result.attempt);
        // Whether anybody reads it or not, the others are tried.
        let now = write(&mut stdout(), &result);
        written = std::mem::replace(&mut written, Ok(())).and(now);
    };
    let alerting = config.alerting.as_ref();
    wait(notify_test(alerting, &test.receivers, real_time(), tell))?.map_err(
        |error| match error {
            NotifyTestError::UnknownReceiver { .. } | NotifyTestError::Nobody => {
                Failure::Usage(error.to_string())
            }
            NotifyTestError::Post(_) => Failure::Own(causes(&error)),
        },
    )?;
    written?;
    let Tally { delivered, others } = tally;
    let ways = counted(delivered + others, "way");
    writeln!(stdout(), "{ways}: {delivered} delivered, {others} not")?;
    Ok(if others == 0 { 0 } else { UNDELIVERED })
}

#[derive(Default)]
struct Tally {
    delivered: usize,
    others: usize,
}

impl Tally {
    fn count(&mut self, attempt: &Attempt) {
        match attempt {
            Attempt::Delivered(_) => self.delivered += 1,
            Attempt::Retried(_) | Attempt::Rejected(_) => self.others += 1,
        }
    }
}

fn write(out: &mut impl Write, result: &TestResult) -> io::Result<()> {
    let TestResult {
        receiver,
        way,
        steps,
        attempt,
    } = result;
    let way = way.to_string();
    writeln!(out, "{HEADING}{receiver}{HEADING:#}  {}", visible(&way))?;
    for step in steps {
        let (word, style) = if step.good {
            ("ok", GOOD)
        } else {
            ("FAIL", ALARM)
        };
        writeln!(
            out,
            "  {style}{word:<4}{style:#}  {:<15}  {} {QUIET}({} ms){QUIET:#}",
            step.stage.as_str(),
            visible(&step.said),
            step.took.as_millis(),
        )?;
    }
    let (word, style, said) = match attempt {
        Attempt::Delivered(said) => ("delivered", GOOD, said),
        Attempt::Retried(said) => ("not delivered, the daemon would try again", ALARM, said),
        Attempt::Rejected(said) => ("refused for good", ALARM, said),
    };
    let colon = if said.is_empty() { "" } else { ": " };
    writeln!(out, "  {style}{word}{style:#}{colon}{}\n", visible(said))
}
