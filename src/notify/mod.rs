//! From the outbox to receivers: mail, files, Alertmanagers and webhooks.
//!
//! In come notices that are owed and the ways to tell them; out goes what each try came to.
//!
//! **Invariant:** knows nothing of why an incident opened, and no receiver holds up another one.

mod carrier;
mod file;
mod letter;
mod mime;
pub mod render;
mod sender;
mod settings;
mod smtp;
mod words;

pub use carrier::{Carried, Carrier, Carrying, Outlook};
pub use file::Folder;
pub use letter::Letter;
pub use sender::{Limits, Report, Reports, Sender};
pub use settings::{
    ClientCertificate, Mailbox, Receiver, Settings, Smtp, SmtpAuth, SmtpProof, SmtpSecurity,
    TlsSettings, Webhook,
};
pub use smtp::{Patience, Relay, Stage, Step, Trial};
