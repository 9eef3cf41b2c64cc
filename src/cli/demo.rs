//! `authvigil demo`: a lock that holds, and then does not.

use std::io::{self, Write};

use super::exit::Failure;
use super::terminal::{HEADING, QUIET, paragraph, stdout};
use super::{check, text};
use crate::daemon::{Demo, DemoError, Report, real_time};

/// Shows the demo; exits 0 where it went as it should.
pub(super) fn run() -> Result<u8, Failure> {
    let (whole, broken, config) =
        check::wait(shown())?.map_err(|error| Failure::Own(error.to_string()))?;
    write(&mut stdout(), &config, &whole, &broken)?;
    Ok(0)
}

async fn shown() -> Result<(Report, Report, String), DemoError> {
    let demo = Demo::start(real_time()).await?;
    let whole = demo.check().await?;
    demo.break_lock();
    let broken = demo.check().await?;
    Ok((whole, broken, demo.config_text()))
}

fn write(out: &mut impl Write, config: &str, whole: &Report, broken: &Report) -> io::Result<()> {
    let told = "A protected site was started on loopback. This configuration watches it (the \
                password is left out here):";
    paragraph(out, "", "", told)?;
    writeln!(out)?;
    for line in config.lines() {
        writeln!(out, "  {QUIET}{line}{QUIET:#}")?;
    }
    writeln!(out, "\n{HEADING}The lock holds{HEADING:#}\n")?;
    text::write(out, whole)?;
    writeln!(
        out,
        "\n{HEADING}Then somebody breaks it: the site lets everybody in{HEADING:#}\n"
    )?;
    text::write(out, broken)?;
    let next = "Next: `authvigil explain anonymous_admitted` tells what lies behind a finding, and \
                `authvigil probe URL` knocks on a site of your own. The site of this demo is gone.";
    writeln!(out)?;
    paragraph(out, "", "", next)
}
