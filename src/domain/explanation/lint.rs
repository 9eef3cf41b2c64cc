//! Pages of the lints: shorter than those of the reasons, and about mending.

mod basic;
mod bearer;
mod digest_choice;
mod digest_form;
mod dpop;
mod framework;
mod scheme;
mod seen;

use super::Explanation;

/// The subjects in the order of the reference, each with its pages.
pub(super) static GROUPS: [(&str, &[Explanation]); 8] = [
    ("Every scheme", &framework::PAGES),
    ("Basic", &basic::PAGES),
    (
        "Digest: what it holds and how it is written",
        &digest_form::PAGES,
    ),
    ("Digest: what it offers, and to whom", &digest_choice::PAGES),
    ("Bearer and what builds on it", &bearer::PAGES),
    ("DPoP", &dpop::PAGES),
    ("Other schemes", &scheme::PAGES),
    ("Around the challenge", &seen::PAGES),
];
