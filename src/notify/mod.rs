//! From the outbox to receivers: mail, files, Alertmanagers and webhooks.
//!
//! In come notices that are owed and the ways to tell them; out goes what each try came to.
//!
//! **Invariant:** knows nothing of why an incident opened, and no receiver holds up another one.

mod alertmanager;
mod carrier;
mod carriers;
mod file;
mod http;
mod letter;
mod letters;
mod mime;
pub mod render;
mod sender;
mod settings;
mod smtp;
mod webhook;
mod words;

pub use alertmanager::{Alertmanagers, Resender, Told};
pub use carrier::{Carried, Carrier, Carrying, Outlook};
pub use carriers::Carriers;
pub use file::Folder;
pub use http::{Http, HttpError, Patience as HttpPatience};
pub use letter::Letter;
pub use letters::{Folders, Mails};
pub use sender::{Limits, Report, Reports, Sender};
pub use settings::{
    ClientCertificate, Mailbox, Receiver, Settings, Smtp, SmtpAuth, SmtpProof, SmtpSecurity,
    TlsSettings, Webhook,
};
pub use smtp::{Patience, Relay, Stage, Step, Trial};
pub use webhook::{Document, Webhooks};
