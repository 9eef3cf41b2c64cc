//! The login form in a page, as browsers read it: which form it is, what is in it already, and where
//! it goes.

mod page;

use std::collections::BTreeMap;

use page::{Draft, Page};
use url::Url;
use url::form_urlencoded::byte_serialize;

use super::without_query;
use crate::credential::settings::LoginForm;
use crate::domain::endpoint::Origin;
use crate::domain::secret::Secret;

/// How many fields are named in a message.
const NAMED: usize = 5;

/// A form that takes a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    /// Where it goes.
    pub(super) action: Url,
    /// How it goes there.
    pub(super) method: Sending,
    /// What is in it: names and values, as they stand in the page.
    pub(super) fields: Vec<(Vec<u8>, Vec<u8>)>,
}

/// How a form is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sending {
    /// In the query.
    Get,
    /// In the body.
    Post,
}

impl Form {
    /// The login form of a page; `None` where the page asks for no password.
    ///
    /// `is_whole` says whether the page came to its end: the form must have, in any case.
    pub(super) fn in_page(
        html: &[u8],
        url: &Url,
        is_whole: bool,
        wanted: &LoginForm,
    ) -> Result<Option<Self>, String> {
        let page = Page::read(html, url);
        let secret_field = wanted.secret_field.as_bytes();
        let Some(draft) = page.form_with(secret_field) else {
            return no_form(&page, is_whole, wanted);
        };
        if !draft.is_closed && !is_whole {
            return Err("broke off within the form".to_owned());
        }
        let form = Self {
            action: action(draft, &page, url)?,
            method: sending(draft)?,
            fields: draft.fields.clone(),
        };
        if Origin::of(&form.action) != Origin::of(&wanted.url) {
            return Err(format!(
                "has a form that goes to `{}`, and a secret goes nowhere but to the configured origin",
                without_query(&form.action)
            ));
        }
        Ok(Some(form))
    }

    /// Where no page has a form: what is configured, sent straight to the configured URL.
    pub(super) fn without_page(wanted: &LoginForm) -> Self {
        Self {
            action: wanted.url.clone(),
            method: Sending::Post,
            fields: Vec::new(),
        }
    }

    /// The fields of it that the configuration names.
    pub(super) fn named_of<'a>(&self, wanted: &'a LoginForm) -> Vec<&'a str> {
        let names = wanted.fields.keys().map(String::as_str);
        names.filter(|name| self.has(name)).collect()
    }

    /// The form as it is sent: what stood in it, the configured fields and the secret over that.
    pub(super) fn filled(
        &self,
        fields: &BTreeMap<String, String>,
        secret: (&str, &Secret),
    ) -> Secret {
        let mut filled = self.fields.clone();
        for (name, value) in fields {
            fill(&mut filled, name.as_bytes(), value.as_bytes());
        }
        fill(&mut filled, secret.0.as_bytes(), secret.1.expose());
        let pairs = filled.iter().map(|(name, value)| {
            let mut pair: String = byte_serialize(name).collect();
            pair.push('=');
            pair.extend(byte_serialize(value));
            pair
        });
        Secret::new(pairs.collect::<Vec<_>>().join("&"))
    }

    fn has(&self, name: &str) -> bool {
        let name = name.as_bytes();
        self.fields.iter().any(|(other, _)| other == name)
    }
}

/// Whether a page asks for the same once more: a form with the secret's field, and those beside it.
pub(super) fn asks_again(html: &[u8], url: &Url, wanted: &LoginForm, beside: &[&str]) -> bool {
    let page = Page::read(html, url);
    let mut forms = page.forms_with(wanted.secret_field.as_bytes());
    forms.any(|form| {
        let has = |name: &&str| {
            let mut fields = form.fields.iter();
            fields.any(|(other, _)| other == name.as_bytes())
        };
        beside.iter().all(has)
    })
}

/// Puts a value into the field of this name, in the place of whatever is there.
fn fill(fields: &mut Vec<(Vec<u8>, Vec<u8>)>, name: &[u8], value: &[u8]) {
    let Some(at) = fields.iter().position(|(other, _)| other == name) else {
        fields.push((name.to_vec(), value.to_vec()));
        return;
    };
    let mut seen = 0;
    fields.retain(|(other, _)| {
        seen += usize::from(other == name);
        other != name || seen == 1
    });
    if let Some((_, held)) = fields.get_mut(at) {
        *held = value.to_vec();
    }
}

/// A page that asks for another password than the configured one is no page to guess at.
fn no_form(page: &Page, is_whole: bool, wanted: &LoginForm) -> Result<Option<Form>, String> {
    let field = &wanted.secret_field;
    if !page.passwords.is_empty() {
        let names = page.passwords.iter().take(NAMED);
        let names: Vec<_> = names.map(|name| String::from_utf8_lossy(name)).collect();
        return Err(format!(
            "has no form with the field `{field}`; its password fields are `{}`",
            names.join("`, `")
        ));
    }
    if !is_whole {
        return Err(format!("broke off before a form with the field `{field}`"));
    }
    Ok(None)
}

/// Where a form goes: without an `action`, back to its page (HTML §4.10.21.3).
fn action(draft: &Draft, page: &Page, url: &Url) -> Result<Url, String> {
    let text = String::from_utf8_lossy(draft.action.trim_ascii());
    let mut action = if text.is_empty() {
        url.clone()
    } else {
        let base = page.base.as_ref().unwrap_or(url);
        let joined = base.join(&text);
        joined.map_err(|_no_url| "has a form whose `action` is no URL".to_owned())?
    };
    action.set_fragment(None);
    if !action.username().is_empty() || action.password().is_some() {
        return Err("has a form whose `action` names a user".to_owned());
    }
    Ok(action)
}

fn sending(draft: &Draft) -> Result<Sending, String> {
    let is = |text: &[u8], word: &str| text.trim_ascii().eq_ignore_ascii_case(word.as_bytes());
    if is(&draft.method, "dialog") {
        return Err("has a form that is sent nowhere (`method=dialog`)".to_owned());
    }
    if !is(&draft.method, "post") {
        return Ok(Sending::Get);
    }
    for unknown in ["multipart/form-data", "text/plain"] {
        if is(&draft.enctype, unknown) {
            return Err(format!(
                "has a form of the type `{unknown}`, and only urlencoded forms can be sent"
            ));
        }
    }
    Ok(Sending::Post)
}

#[cfg(test)]
mod tests;
