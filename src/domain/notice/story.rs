//! What a person needs to see of an incident in order to act.

use std::collections::BTreeMap;

use jiff::Timestamp;
use url::Url;

use crate::domain::check::Role;
use crate::domain::finding::Finding;

/// What was seen, what was expected, and what to do about it. All of it is redacted, and none of it
/// is escaped yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Story {
    /// When the probe that this tells of ended.
    pub at: Timestamp,
    /// What was asked: method and URL, without the values of its query.
    pub request: String,
    /// Who knocked, as reports name it.
    pub persona: String,
    /// What the check asks of the lock.
    pub role: Role,
    /// Findings of the incident's class, the gravest first; never empty.
    pub findings: Vec<Finding>,
    /// What else is wrong with the check; of an incident that ended, what was still wrong then.
    pub beside: Vec<Finding>,
    /// The status line as received, such as `HTTP/1.1 200 OK`; `None` where no answer came.
    pub status_line: Option<String>,
    /// The `WWW-Authenticate` lines as received, without the name; latin-1.
    pub challenge_lines: Vec<String>,
    /// Why no answer came, where none did.
    pub silence: Option<String>,
    /// The address that answered.
    pub remote_addr: Option<String>,
    /// When all was last well, if it ever was.
    pub good_at: Option<Timestamp>,
    /// What changed since then.
    pub differences: Vec<Difference>,
    /// Whether the rightful holder is not admitted either, so that a refusal proves little.
    pub control_failing: bool,
    /// A `curl` line that asks the same, with variables in place of secrets.
    pub reproduction: Option<String>,
    /// The configured labels.
    pub labels: BTreeMap<String, String>,
    /// Where the on-call engineer reads on.
    pub runbook_url: Option<Url>,
    /// The page of the endpoint on the status page, where it can be reached.
    pub page_url: Option<Url>,
}

/// Something that is not as it was when all was well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What: `status`, `challenge`, `address`, `certificate`, or the name of a header.
    pub what: String,
    /// How it was; `None` where it was absent.
    pub before: Option<String>,
    /// How it is; `None` where it is absent.
    pub now: Option<String>,
}
