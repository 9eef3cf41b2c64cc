//! A mail before it is text or HTML: what it says, part by part.

use crate::domain::explanation::{Piece, pieces};
use crate::domain::finding::Severity;

/// What a mail says.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    /// How it looks from afar.
    pub(super) tone: Tone,
    /// The word in capitals: `CRITICAL`.
    pub(super) badge: String,
    /// One line: what it is about.
    pub(super) title: String,
    /// A sentence on it, which a list of mails shows beside the subject.
    pub(super) lead: String,
    /// Everything else, in order.
    pub(super) blocks: Vec<Block>,
}

impl Sheet {
    /// The element of a part's head: no level is left out below the title.
    pub(super) fn level(&self) -> &'static str {
        let mut blocks = self.blocks.iter();
        if blocks.any(|block| matches!(block, Block::Incident(_))) {
            "h3"
        } else {
            "h2"
        }
    }
}

/// How a mail looks from afar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// Somebody has to get up.
    Critical,
    /// Somebody has to look.
    Warning,
    /// It is over.
    Resolved,
    /// Something worth knowing.
    Plain,
}

impl Tone {
    pub(super) fn of(severity: Severity) -> Self {
        match severity {
            Severity::Critical => Self::Critical,
            Severity::Warning => Self::Warning,
        }
    }

    /// The colour behind white letters.
    pub(super) fn colour(self) -> &'static str {
        match self {
            Self::Critical => "#a4002f",
            Self::Warning => "#8a4b00",
            Self::Resolved => "#17663a",
            Self::Plain => "#3d4b5c",
        }
    }
}

/// A part of a mail. Texts are harmless, and not escaped.
#[derive(Clone, Debug)]
pub(super) enum Block {
    /// The head of one of several incidents.
    Incident(String),
    /// The head of a part.
    Heading(&'static str),
    /// Sentences of this program's, with backticks round what is literal.
    Sentences(String),
    /// The same, not to be overlooked.
    Warning(String),
    /// Names and values.
    Facts(Vec<Fact>),
    /// Lines as they were received.
    Received(Vec<String>),
    /// A line for a shell.
    Command(String),
    /// Sentences of this program's, in order.
    Steps(Vec<&'static str>),
    /// What is not as it was.
    Changes(Vec<Change>),
    /// Incidents, a line each.
    Table(Vec<Row>),
}

/// A name and a value.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) value: String,
    /// Whether the value is the address of a page.
    pub(super) leads: bool,
}

impl Fact {
    pub(super) fn new(name: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        Self {
            name,
            value,
            leads: false,
        }
    }

    /// A link, where the address is one for a browser and of a sane length.
    pub(super) fn link(name: &'static str, url: &url::Url) -> Self {
        /// Nobody reads a longer one, and it could fill a mail.
        const LONGEST: usize = 500;
        let is_short = url.as_str().len() <= LONGEST;
        let value = crate::domain::harmless::shown(url.as_str(), LONGEST);
        Self {
            name,
            value,
            leads: is_short && ["http", "https"].contains(&url.scheme()),
        }
    }
}

/// Something that is not as it was.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) what: String,
    pub(super) before: String,
    pub(super) now: String,
}

/// One incident of many.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) check: String,
    pub(super) severity: &'static str,
    pub(super) class: &'static str,
    pub(super) reason: &'static str,
    pub(super) when: String,
    pub(super) saw: String,
}

impl Block {
    /// A sentence in its parts, for HTML.
    pub(super) fn pieces(sentence: &str) -> Vec<Piece<'_>> {
        pieces(sentence)
    }
}
