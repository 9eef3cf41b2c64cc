//! From text that a person wrote to a valid [`Config`], or to everything that is wrong with it.
//!
//! In comes a path; out goes a [`Config`] in which nothing needs to be checked again, or the
//! [`Faults`], all of them, each with its line and a hint. What a person may write (`raw`) is apart
//! from what it means (`validate`), and nothing outside of this room sees the former.
//! A fault is first a path and a sentence; which line that is, is looked up only if there are any.
//!
//! **Invariant:** never opens a socket and never reads a secret; is imported by `daemon` and `cli`
//! alone.

pub mod alerting;
mod complaint;
mod fault;
mod hint;
mod locate;
mod mask;
mod place;
mod printable;
mod raw;
mod read;
pub mod reference;
pub mod schema;
mod settings;
mod survey;
mod validate;
mod yaml;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

pub use alerting::Alerting;
pub use fault::{Excerpt, Fault, Faults, Level};
pub(crate) use hint::nearest;
use read::Files;
pub use settings::Global;
pub use survey::Survey;

use crate::credential;
use crate::domain::endpoint::{Authorities, Endpoint};
use crate::domain::routing::Matcher;

/// A valid configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// Defaults for every endpoint; the endpoints have them already.
    pub global: Global,
    /// The port with metrics, status page and API.
    pub web: crate::web::Settings,
    /// The state file.
    pub state: crate::store::Settings,
    /// Who is told about incidents, and how; `None` where nothing is configured.
    pub alerting: Option<Alerting>,
    /// Every credential.
    pub credentials: credential::Settings,
    /// What is watched, in the order of the files; at least one.
    pub endpoints: Vec<Endpoint>,
    /// What works and is unwise: literal secrets, credentials that nobody uses.
    pub warnings: Faults,
    /// The files that were read, and what they said.
    pub survey: Survey,
}

/// Reads a configuration and the files that it names.
///
/// ```no_run
/// # use std::path::Path;
/// match authvigil::config::load(Path::new("authvigil.yaml")) {
///     Ok(config) => assert!(!config.endpoints.is_empty()),
///     Err(faults) => assert!(!faults.is_empty()),
/// }
/// ```
pub fn load(path: &Path) -> Result<Config, Faults> {
    made_valid(path, read::files(path))
}

/// Reads a configuration, and tells which files that were, right or wrong.
pub fn load_surveyed(path: &Path) -> (Result<Config, Faults>, Survey) {
    let files = read::files(path);
    let survey = files.survey();
    (made_valid(path, files), survey)
}

/// Reads a configuration out of a text, as if it stood in a file of this name.
///
/// ```
/// use std::path::Path;
/// let text = "endpoints: [{name: orders, url: 'https://orders.example.com/'}]";
/// let config = authvigil::config::parse(Path::new("example.yaml"), text.to_owned()).unwrap();
/// assert_eq!(config.endpoints[0].name.as_str(), "orders");
/// ```
pub fn parse(name: &Path, text: String) -> Result<Config, Faults> {
    made_valid(name, read::files_of_text(name, text))
}

/// Reads a duration as the configuration writes it: `500ms`, `30s`, `5m`, `4h`, `14d`.
pub fn duration(text: &str) -> Option<Duration> {
    text.parse::<raw::Period>().ok().map(|period| period.0)
}

/// Reads a matcher as a route has it: `class="bypass"`. `labels` are the names of all configured
/// labels; on failure, says what is wrong and what to write.
///
/// ```
/// use std::collections::BTreeSet;
/// use authvigil::config::matcher;
///
/// let labels = BTreeSet::from(["team".to_owned()]);
/// assert!(matcher(r#"team=~"pay.*""#, &labels).is_ok());
/// let refused = matcher(r#"class="bypas""#, &labels).unwrap_err();
/// assert_eq!(refused, "`class` is never `bypas`; did you mean `bypass`?");
/// ```
pub fn matcher(text: &str, labels: &BTreeSet<String>) -> Result<Matcher, String> {
    validate::lone_matcher(text, labels)
}

/// Reads a PEM file with at least one certificate; on failure, says why in words that follow the
/// file's name.
pub fn authorities(path: &Path) -> Result<Authorities, String> {
    validate::authorities(path)
}

fn made_valid(path: &Path, files: Files) -> Result<Config, Faults> {
    let (output, drafts) = if files.is_whole() {
        let (output, drafts) = validate::validate(&files.input);
        (Some(output), drafts)
    } else {
        (None, Vec::new())
    };
    let survey = files.survey();
    let (mut faults, warnings) = files.tell(&drafts);
    if let (Some(output), true) = (output, faults.is_empty())
        && let (Some(web), Some(state)) = (output.web, output.state)
    {
        return Ok(Config {
            global: output.global,
            web,
            state,
            alerting: output.alerting,
            credentials: output.credentials,
            endpoints: output.endpoints,
            warnings: Faults::sorted(warnings),
            survey,
        });
    }
    if faults.is_empty() {
        faults.push(Fault::of_file(path, "cannot be made valid"));
    }
    Err(Faults::sorted(faults))
}
