//! The command line, as `--help` shows it.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::styling::{AnsiColor, Effects, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};
use tracing::level_filters::LevelFilter;
use url::Url;

use super::logs::LogFormat;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().effects(Effects::BOLD))
    .usage(AnsiColor::Green.on_default().effects(Effects::BOLD))
    .literal(AnsiColor::Cyan.on_default().effects(Effects::BOLD))
    .placeholder(AnsiColor::Cyan.on_default());

/// Proves that HTTP authentication still works: strangers meet 401, the rightful caller 200
#[derive(Debug, Parser)]
#[command(name = "authvigil", version, styles = STYLES, max_term_width = 100)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Arguments {
    /// The configuration file
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "AUTHVIGIL_CONFIG",
        default_value = "/etc/authvigil/authvigil.yaml"
    )]
    pub(super) config: PathBuf,

    /// The form of the log
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "FORMAT",
        env = "AUTHVIGIL_LOG_FORMAT",
        default_value_t = LogFormat::Auto
    )]
    pub(super) log_format: LogFormat,

    /// What is logged: off, error, warn, info, debug or trace; `info` for `run` and `warn` for the
    /// other commands unless given
    #[arg(long, global = true, value_name = "LEVEL", env = "AUTHVIGIL_LOG_LEVEL")]
    pub(super) log_level: Option<LevelFilter>,

    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Accept(Accept),
    Check(Check),
    Demo(Demo),
    Explain(Explain),
    NotifyTest(NotifyTest),
    Probe(Box<Probe>),
    Reload(Reload),
    Routes(Routes),
    Run(Run),
    Silence(Silence),
    Validate(Validate),
}

/// Accept the challenge that an endpoint offers by now as the right one
///
/// Has the running daemon take every challenge that it met and that differs from those accepted
/// before into what the checks of the endpoint may offer, and prints both. Exits 0, also where there
/// was nothing new; 64 where NAME is not configured, and 70 where no daemon answers.
#[derive(Debug, Args)]
pub(super) struct Accept {
    /// The endpoint, or one of its checks
    #[arg(value_name = "NAME[/CHECK]")]
    pub(super) name: String,
}

/// Make every check once, now
///
/// Exits 2 where a failure is critical, else 3 where a verdict is unknown, else 1 where a check
/// failed, else 0: Nagios reads that as it is. A faulty configuration exits 78, and a NAME that is
/// not configured 64.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// The endpoints to check; all where none is named
    pub(super) names: Vec<String>,

    /// The form of the report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,

    /// Make checks that are skipped because they can lock an account
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(super) include: Vec<Include>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// One JSON object
    Json,
    /// JUnit XML, for CI
    Junit,
    /// A table for a person
    Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Include {
    /// Show a wrong password to real accounts
    #[value(name = "wrong_password", alias = "wrong-password")]
    WrongPassword,
}

/// Show how it works: a protected site, the daemon and a mailbox, and a lock that breaks
///
/// The lock holds, breaks within ten seconds, and is mended; mail, metrics and status page show what
/// the daemon makes of it. All of it is on loopback and in one directory. Ctrl-C ends it, and nothing
/// is left behind, unless `--mail` says where to leave the mails.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// End after this time by itself: `500ms`, `30s`, `5m`
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    pub(super) length: Option<Duration>,
    /// Write the mails into this directory and leave them there, rather than to remove them
    #[arg(long = "mail", value_name = "DIRECTORY")]
    pub(super) mailbox: Option<PathBuf>,
}

/// Print the page for a reason or a lint
///
/// Without a name, lists all of them.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The reason, such as `credential_rejected`, or the lint, such as `realm-not-quoted`
    pub(super) code: Option<String>,
}

/// Send a test notice through each receiver and say what happened
///
/// No daemon is needed, and none is asked: the configuration is read and every way of the receivers
/// is tried once, with what the other side said. Exits 0 where all of them worked and 1 where one did
/// not; a RECEIVER that is not configured exits 64.
#[derive(Debug, Args)]
pub(super) struct NotifyTest {
    /// The receivers to test; all where none is named
    #[arg(value_name = "RECEIVER")]
    pub(super) receivers: Vec<String>,
}

/// Knock once, without a configuration, and show everything
///
/// Exits 0 on any answer and 3 on silence. With --expect-status or --expect-challenge it exits as
/// `check` does.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct Probe {
    /// Where to knock
    pub(super) url: Url,

    /// Send credentials over http:// to an address that is not loopback
    #[arg(long)]
    pub(super) allow_cleartext: bool,

    /// Show the token in this file
    #[arg(long, value_name = "FILE", conflicts_with = "user")]
    pub(super) bearer_file: Option<PathBuf>,

    /// Trust the authorities in this PEM file in place of the system's
    #[arg(long, value_name = "FILE")]
    pub(super) ca_file: Option<PathBuf>,

    /// Expect this challenge on offer, such as 'Basic realm="orders"'; may be repeated
    #[arg(long, value_name = "CHALLENGE")]
    pub(super) expect_challenge: Vec<String>,

    /// Expect one of these statuses, such as 401 or 2xx; may be repeated
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    pub(super) expect_status: Vec<String>,

    /// Add a header, such as 'Accept: application/json'; may be repeated
    #[arg(long, short = 'H', value_name = "HEADER")]
    pub(super) header: Vec<String>,

    /// Accept any certificate
    #[arg(long)]
    pub(super) insecure: bool,

    /// Print one JSON object, as `check --format json` does
    #[arg(long)]
    pub(super) json: bool,

    /// The request's method
    #[arg(long, short = 'X', value_name = "METHOD", default_value = "GET")]
    pub(super) method: String,

    /// Read the password of --user from this file
    #[arg(long, value_name = "FILE", requires = "user")]
    pub(super) password_file: Option<PathBuf>,

    /// Dial this address in place of resolving HOST; written HOST=ADDRESS, may be repeated
    #[arg(long, value_name = "HOST=ADDRESS")]
    pub(super) resolve: Vec<String>,

    /// How long the probe may take, such as 10s
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = duration)]
    pub(super) timeout: Duration,

    /// Show this user's password by Basic; it is read from --password-file, the environment
    /// variable `AUTHVIGIL_PASSWORD`, or after a colon
    ///
    /// What stands on a command line can be read by every user of the machine, so a file or the
    /// environment is better than NAME:PASSWORD.
    #[arg(long, value_name = "NAME")]
    pub(super) user: Option<String>,
}

/// Have the running daemon read its configuration again
///
/// Asks over the control socket beside the state file, as the configuration names it, and prints
/// every fault that the daemon found. Exits 0, or 78 where the daemon stays with what it had.
#[derive(Debug, Args)]
pub(super) struct Reload {}

/// Say who would be told of an incident with these labels, and why
///
/// What follows from the labels that are given is filled in: the class and the severity of a reason,
/// and what is configured for an endpoint and its check. Exits 0, or 64 where no incident has such a
/// label.
#[derive(Debug, Args)]
pub(super) struct Routes {
    /// Labels of the incident: `class=bypass`, `endpoint=orders`, `reason=not_found`
    #[arg(value_name = "LABEL=VALUE")]
    pub(super) labels: Vec<String>,
}

/// Run the daemon: every check again and again, metrics, status page and log
///
/// SIGHUP has it read the configuration again, as does a change of its files. SIGTERM or SIGINT stop
/// it in good order, a second one at once. A faulty configuration exits 78.
#[derive(Debug, Args)]
pub(super) struct Run {}

/// Keep what is known from being told for a while
///
/// The running daemon goes on probing, and opens and shows incidents as ever; it tells nobody. A
/// bypass is told all the same, unless a matcher says class="bypass", and that for at most a day.
/// Exits 0; 64 where what was asked for makes no sense, and 70 where no daemon answers.
#[derive(Debug, Args)]
pub(super) struct Silence {
    #[command(subcommand)]
    pub(super) what: SilenceCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum SilenceCommand {
    Add(SilenceAdd),
    Expire(SilenceExpire),
    List(SilenceList),
}

/// Silence incidents whose labels meet every MATCHER
///
/// Prints the name of the silence, for `expire`; until when it holds, and what it does not cover,
/// goes to standard error.
#[derive(Debug, Args)]
pub(super) struct SilenceAdd {
    /// What must hold, as in a route: 'class="lockout"', 'endpoint=~"billing-.*"'; a bare NAME or
    /// NAME/CHECK means that endpoint or check
    #[arg(required = true, value_name = "MATCHER")]
    pub(super) matchers: Vec<String>,

    /// Who wants it
    #[arg(long, value_name = "NAME", env = "USER", hide_env_values = true)]
    pub(super) author: Option<String>,

    /// Why, for whoever finds it
    #[arg(long, value_name = "TEXT")]
    pub(super) comment: String,

    /// For how long: `30m`, `2h`, `1d`
    #[arg(long = "for", alias = "duration", value_name = "DURATION", value_parser = seconds)]
    pub(super) length: Duration,
}

/// End silences before their time
///
/// Exits 64 where one of them is not there; the others are ended.
#[derive(Debug, Args)]
pub(super) struct SilenceExpire {
    /// The names, as `add` and `list` print them
    #[arg(required = true, value_name = "ID")]
    pub(super) ids: Vec<String>,
}

/// Show the silences that have not ended
#[derive(Debug, Args)]
pub(super) struct SilenceList {
    /// Print one JSON object
    #[arg(long)]
    pub(super) json: bool,
}

/// Read the configuration and print every fault; nothing is sent
///
/// Exits 0, or 78 where there is a fault.
#[derive(Debug, Args)]
pub(super) struct Validate {}

fn duration(text: &str) -> Result<Duration, String> {
    crate::config::duration(text)
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| "write a number and a unit, such as 500ms, 10s or 1m".to_owned())
}

/// A duration of whole seconds.
fn seconds(text: &str) -> Result<Duration, String> {
    crate::config::duration(text)
        .filter(|duration| duration.as_secs() > 0 && duration.subsec_nanos() == 0)
        .ok_or_else(|| "write a number and a unit, such as 30m, 2h or 1d".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        Arguments::command().debug_assert();
    }
}
