//! From the outbox to receivers: mail, files, Alertmanagers and webhooks.
//!
//! In come notices that are owed and the ways to tell them; out goes what each try came to.
//!
//! **Invariant:** knows nothing of why an incident opened, and no receiver holds up another one.

mod letter;
pub mod render;
mod settings;

pub use letter::Letter;
pub use settings::{
    Mailbox, Receiver, Settings, Smtp, SmtpAuth, SmtpProof, SmtpSecurity, TlsSettings, Webhook,
};
