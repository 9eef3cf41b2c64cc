//! Who is told about incidents, and how: the valid form of `alerting`.

use crate::domain::endpoint::Confirm;
use crate::domain::routing::Policy;
use crate::notify::Settings;

/// Who is told about incidents, and how.
#[derive(Clone, Debug)]
pub struct Alerting {
    /// How verdicts are confirmed; the endpoints have it already.
    pub confirm: Confirm,
    /// Who is told of what, and when.
    pub policy: Policy,
    /// How they are told.
    pub notify: Settings,
}
