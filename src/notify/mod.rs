//! From the outbox to receivers: mail, files, Alertmanagers and webhooks.
//!
//! In come notices that are owed and the ways to tell them; out goes what each try came to.
//!
//! **Invariant:** knows nothing of why an incident opened, and no receiver holds up another one.

mod alertmanager;
mod carrier;
mod carriers;
mod http;
mod render;
mod sender;
mod settings;
mod webhook;

pub use alertmanager::{Alertmanagers, Resender, Told};
pub use carrier::{Carried, Carrier, Carrying, Outlook};
pub use carriers::Carriers;
pub use http::{Http, HttpError, Patience};
pub use sender::{Limits, Report, Reports, Sender};
pub use settings::{
    Mailbox, Receiver, Settings, Smtp, SmtpAuth, SmtpProof, SmtpSecurity, TlsSettings, Webhook,
};
pub use webhook::{Document, Webhooks};
