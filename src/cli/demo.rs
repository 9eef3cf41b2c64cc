//! `authvigil demo`: a lock that holds, breaks, and is mended, and what the daemon says and mails of it.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;

use super::arguments::Demo;
use super::exit::Failure;
use super::run::runtime;
use super::terminal::{HEADING, QUIET, counted, paragraph, stdout, visible};
use super::text;
use crate::daemon::{DemoError, DemoOptions, Mail, Scene, causes, demo, real_time};

/// How many lines of a mail's text are shown where they are news.
const FIRST_SCREEN: usize = 36;

/// How many are shown where the mail says little that is new.
const FEW: usize = 12;

/// Shows the demo; exits 0 where it went as it should.
pub(super) fn run(arguments: &Demo) -> Result<u8, Failure> {
    let runtime = runtime()?;
    let options = DemoOptions {
        length: arguments.length,
        mailbox: arguments.mailbox.clone(),
    };
    let shown = runtime.block_on(demo(real_time(), options, |scene| {
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
        Scene::Started {
            config,
            address,
            mailbox,
        } => started(out, config, *address, mailbox)?,
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
        Scene::Mailed(mail) => {
            heading(out, "… and mails")?;
            letter(out, mail, FIRST_SCREEN)?;
        }
        Scene::Mended => heading(out, "The lock is mended …")?,
        Scene::HoldsAgain(report) => {
            heading(out, "… and the daemon says")?;
            text::write(out, report)?;
        }
        Scene::MailedAgain(mail) => {
            heading(out, "… and mails, in the same thread")?;
            letter(out, mail, FEW)?;
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

fn started(
    out: &mut impl Write,
    config: &str,
    address: SocketAddr,
    mailbox: &Path,
) -> io::Result<()> {
    let told = "A protected site was started on loopback, and the daemon that watches it. This is \
                the daemon's configuration (the password is left out here):";
    paragraph(out, "", "", told)?;
    writeln!(out)?;
    for line in config.lines() {
        writeln!(out, "  {QUIET}{}{QUIET:#}", visible(line))?;
    }
    writeln!(
        out,
        "\n  status page  {HEADING}http://{address}/{HEADING:#}"
    )?;
    writeln!(out, "  metrics      http://{address}/metrics")?;
    writeln!(out, "  JSON         http://{address}/api/v1/status")?;
    writeln!(out, "  mail         {}", shown(mailbox))?;
    paragraph(
        out,
        "\n",
        "",
        "Ctrl-C ends the demo, and leaves nothing behind but the mails, where `--mail DIRECTORY` \
         says where to leave them.",
    )
}

/// Subject, thread, the first lines of the text, and where the whole of it lies.
fn letter(out: &mut impl Write, mail: &Mail, lines: usize) -> io::Result<()> {
    writeln!(
        out,
        "  {HEADING}Subject: {}{HEADING:#}",
        visible(&mail.subject)
    )?;
    writeln!(out, "  {QUIET}Message-ID: {}{QUIET:#}", mail.message_id)?;
    if let Some(first) = &mail.in_reply_to {
        writeln!(out, "  {QUIET}In-Reply-To: {first}{QUIET:#}")?;
    }
    writeln!(out)?;
    for line in mail.text.lines().take(lines) {
        writeln!(out, "{}", format!("  {}", visible(line)).trim_end())?;
    }
    let more = mail.text.lines().count().saturating_sub(lines);
    writeln!(
        out,
        "  {QUIET}… {} more, and the same in HTML{QUIET:#}",
        counted(more, "line")
    )?;
    writeln!(out, "\n  {}", shown(&mail.path))?;
    writeln!(
        out,
        "  {QUIET}Every mail program opens it; `less` shows it as it was written.{QUIET:#}"
    )
}

fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}

fn heading(out: &mut impl Write, text: &str) -> io::Result<()> {
    writeln!(out, "\n{HEADING}{text}{HEADING:#}\n")
}
