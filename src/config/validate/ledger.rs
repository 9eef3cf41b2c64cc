//! What is to be said about the configuration, before anybody knows on which line it stands.

use crate::config::fault::Level;
use crate::config::place::{Path, Place};

/// Which part of an entry a draft is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The value.
    Value,
    /// The key.
    Key,
    /// A key that the value, a map, should have.
    Missing(&'static str),
    /// The characters from the first to before the second, of a text.
    Within(usize, usize),
}

/// A fault or a warning whose line is not known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) level: Level,
    pub(crate) path: Path,
    pub(crate) part: Part,
    pub(crate) message: String,
    pub(crate) label: Option<String>,
    pub(crate) hint: Option<String>,
    /// Another place, whose line the label ends with.
    pub(crate) see: Option<Path>,
}

impl Draft {
    /// What is shown below the offending text.
    pub(crate) fn label(&mut self, label: impl Into<String>) -> &mut Self {
        self.label = Some(label.into());
        self
    }

    /// What to do about it.
    pub(crate) fn hint(&mut self, hint: impl Into<String>) -> &mut Self {
        self.hint = Some(hint.into());
        self
    }

    /// Another place that the label speaks of.
    pub(crate) fn see(&mut self, place: &Place<'_>) -> &mut Self {
        self.see = Some(place.path());
        self
    }

    /// Points at the key rather than at its value.
    pub(crate) fn on_key(&mut self) -> &mut Self {
        self.on(Part::Key)
    }

    /// Points at this part of the entry.
    pub(crate) fn on(&mut self, part: Part) -> &mut Self {
        self.part = part;
        self
    }

    /// Points at some characters of a text, counted from 0.
    pub(crate) fn within(&mut self, from: usize, to: usize) -> &mut Self {
        self.part = Part::Within(from, to);
        self
    }
}

/// Collects drafts. Nothing that is found wrong stops the search for more.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    drafts: Vec<Draft>,
}

impl Ledger {
    /// Something that must be mended before the configuration counts.
    pub(crate) fn fault(&mut self, place: &Place<'_>, message: impl Into<String>) -> &mut Draft {
        self.add(Level::Fault, place, message.into())
    }

    /// Something that works and is unwise.
    pub(crate) fn warn(&mut self, place: &Place<'_>, message: impl Into<String>) -> &mut Draft {
        self.add(Level::Warning, place, message.into())
    }

    /// A key that must be there and is not.
    pub(crate) fn missing(&mut self, map: &Place<'_>, key: &'static str) -> &mut Draft {
        let draft = self.fault(map, format!("`{key}` is missing"));
        draft.part = Part::Missing(key);
        draft
    }

    /// Takes over what another ledger collected.
    pub(crate) fn append(&mut self, drafts: impl IntoIterator<Item = Draft>) {
        self.drafts.extend(drafts);
    }

    /// Everything that was collected.
    pub(crate) fn into_drafts(self) -> Vec<Draft> {
        self.drafts
    }

    fn add(&mut self, level: Level, place: &Place<'_>, message: String) -> &mut Draft {
        let draft = Draft {
            level,
            path: place.path(),
            part: Part::Value,
            message,
            label: None,
            hint: None,
            see: None,
        };
        self.drafts.push(draft);
        let last = self.drafts.len() - 1;
        &mut self.drafts[last]
    }
}
