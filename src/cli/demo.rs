//! `authvigil demo`: a lock that holds, breaks, and is mended, and what the daemon says of it.

use std::io::{self, Write};

use super::arguments::Demo;
use super::exit::Failure;
use super::run::runtime;
use super::terminal::{HEADING, QUIET, paragraph, stdout};
use super::text;
use crate::daemon::{DemoError, Scene, causes, demo, real_time};

/// Shows the demo; exits 0 where it went as it should.
pub(super) fn run(arguments: &Demo) -> Result<u8, Failure> {
    let runtime = runtime()?;
    let shown = runtime.block_on(demo(real_time(), arguments.length, |scene| {
        write(&mut stdout(), scene)
    }));
    runtime.shutdown_background();
    match shown {
        Ok(()) => Ok(0),
        Err(DemoError::Told(error)) => Err(error.into()),
        Err(error) => Err(Failure::Own(causes(&error))),
    }
}

fn write(out: &mut impl Write, scene: &Scene) -> io::Result<()> {
    match scene {
        Scene::Started { config, address } => {
            let told = "A protected site was started on loopback, and the daemon that watches it. \
                        This is the daemon's configuration (the password is left out here):";
            paragraph(out, "", "", told)?;
            writeln!(out)?;
            for line in config.lines() {
                writeln!(out, "  {QUIET}{line}{QUIET:#}")?;
            }
            writeln!(
                out,
                "\n  status page  {HEADING}http://{address}/{HEADING:#}"
            )?;
            writeln!(out, "  metrics      http://{address}/metrics")?;
            writeln!(out, "  JSON         http://{address}/api/v1/status")?;
            paragraph(
                out,
                "\n",
                "",
                "Ctrl-C ends the demo, and leaves nothing behind.",
            )?;
        }
        Scene::Holds(report) => {
            heading(out, "The lock holds")?;
            text::write(out, report)?;
        }
        Scene::Broken => {
            heading(out, "Now somebody breaks it: the site lets everybody in …")?;
        }
        Scene::Seen { report, metrics } => {
            heading(out, "… and the daemon says")?;
            text::write(out, report)?;
            writeln!(out)?;
            for line in metrics {
                writeln!(out, "  {QUIET}{line}{QUIET:#}")?;
            }
        }
        Scene::Mended => heading(out, "The lock is mended …")?,
        Scene::HoldsAgain(report) => {
            heading(out, "… and the daemon says")?;
            text::write(out, report)?;
        }
        Scene::Waiting => {
            let next = "The daemon runs on; look at its status page. Next: `authvigil explain \
                        anonymous_admitted` tells what lies behind a finding, and `authvigil probe \
                        URL` knocks on a site of your own.";
            writeln!(out)?;
            paragraph(out, "", "", next)?;
        }
    }
    out.flush()
}

fn heading(out: &mut impl Write, text: &str) -> io::Result<()> {
    writeln!(out, "\n{HEADING}{text}{HEADING:#}\n")
}
