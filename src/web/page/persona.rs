//! Who knocks, in words.

use crate::domain::check::{Disguise, Persona};

/// A noun for a persona: `a stranger without credentials`.
pub(super) fn words(persona: &Persona) -> String {
    match persona {
        Persona::Anonymous => "a stranger without credentials".to_owned(),
        Persona::Invalid(_) => "a stranger with a made-up credential".to_owned(),
        Persona::Holder(name) => format!("the rightful holder of {name}"),
        Persona::Impostor(impostor) => {
            let shown = disguise(&impostor.disguise);
            match &impostor.credential {
                Some(name) => format!("an impostor with {shown} ({name})"),
                None => format!("an impostor with {shown}"),
            }
        }
    }
}

fn disguise(disguise: &Disguise) -> &'static str {
    match disguise {
        Disguise::WrongPassword => "the real user and a wrong password",
        Disguise::Empty => "an empty credential",
        Disguise::Tampered => "a token whose signature was altered",
        Disguise::Unsigned => "a token without signature",
        Disguise::Truncated => "a token without its end",
        Disguise::Expired(_) => "a token that has expired",
        Disguise::TokenFile(_) => "a token that is not for this endpoint",
    }
}
