//! Turns a credential into what a request carries.
//!
//! In come personas and what was configured of each credential; out go presentations: header
//! fields, a query parameter, a client certificate, or a dialogue that goes on from what the server
//! answers. Secrets are read at the moment of use, so that a rotated file counts at once, and a
//! secret that cannot be read means that nothing is sent.
//!
//! **Invariant:** never judges, never stores, and never presents an empty or placeholder secret in
//! the place of a missing one.

mod certificate;
mod command;
mod digest;
mod holdings;
mod impostor;
mod jwt;
mod keyring;
mod lease;
mod leases;
mod login;
mod oauth2;
mod registry;
mod settings;
mod source;
mod tokens;

pub use keyring::Keyring;
pub use settings::{
    ClientAuth, Command, Credential, KeyPlace, LoginForm, OAuth2, PasswordUse, RegistryToken,
    Settings, TokenPlace, UserPassword,
};
