//! Faults: what is wrong with a configuration, shown at the line where it stands.

use std::fmt;
use std::path::PathBuf;

use unicode_width::UnicodeWidthChar;

/// Whether the configuration can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It cannot.
    Fault,
    /// It can, and it is unwise.
    Warning,
}

/// One thing that is wrong, and what to do about it.
///
/// ```text
/// authvigil.yaml:14:12: `timeout` must be shorter than `interval`
///    14 |   timeout: 90s
///       |            ^^^ 90s, while `interval` is 60s (line 13)
/// hint: lower `timeout`, or raise `interval` above 90s
/// ```
///
/// Neither the texts nor the line that is shown hold a secret or a control character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Whether it is a fault or a warning.
    pub level: Level,
    /// The file as it was named.
    pub file: PathBuf,
    /// Where in the file; nowhere for what is wrong with the file as a whole.
    pub excerpt: Option<Excerpt>,
    /// What is wrong: a fragment without a final period.
    pub message: String,
    /// What was found at the place; shown below it.
    pub label: Option<String>,
    /// What to do.
    pub hint: Option<String>,
}

/// The place of a fault, with its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// How many characters are underlined; at least 1.
    pub length: usize,
    /// The line without secrets, cut to a width that can be read.
    pub text: String,
    /// Where in `text` the underlining starts, in characters counted from 0.
    pub offset: usize,
}

impl Fault {
    /// A fault of a file as a whole.
    pub(crate) fn of_file(file: impl Into<PathBuf>, message: impl Into<String>) -> Self {
        Self {
            level: Level::Fault,
            file: file.into(),
            excerpt: None,
            message: message.into(),
            label: None,
            hint: None,
        }
    }

    fn order(&self) -> (usize, usize) {
        let excerpt = self.excerpt.as_ref();
        excerpt.map_or((0, 0), |at| (at.line, at.column))
    }
}

/// The fault as it is shown to a person, over several lines and without a final line break.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if let Some(at) = &self.excerpt {
            write!(f, "{}:{}:", at.line, at.column)?;
        }
        if self.level == Level::Warning {
            f.write_str(" warning:")?;
        }
        write!(f, " {}", self.message)?;
        if let Some(at) = &self.excerpt {
            write!(f, "\n{at}")?;
            if let Some(label) = &self.label {
                write!(f, " {label}")?;
            }
        }
        if let Some(hint) = &self.hint {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |text: &mut dyn Iterator<Item = char>| -> usize {
            text.map(|char| char.width().unwrap_or(1)).sum()
        };
        let indent = width(&mut self.text.chars().take(self.offset));
        let carets = width(&mut self.text.chars().skip(self.offset).take(self.length));
        let (indent, carets) = (" ".repeat(indent), "^".repeat(carets.max(1)));
        writeln!(f, "{:>5} | {}", self.line, self.text)?;
        write!(f, "{:>5} | {indent}{carets}", "")
    }
}

/// Everything that is wrong with a configuration: never empty as an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// The faults in the order of their files and lines; what says the same twice is said once.
    pub(crate) fn sorted(mut faults: Vec<Fault>) -> Self {
        let mut files: Vec<PathBuf> = Vec::new();
        for fault in &faults {
            if !files.contains(&fault.file) {
                files.push(fault.file.clone());
            }
        }
        let rank = |fault: &Fault| files.iter().position(|file| *file == fault.file);
        faults.sort_by_cached_key(|fault| (rank(fault), fault.order(), fault.message.clone()));
        faults.dedup();
        Self(faults)
    }

    /// The faults, one after the other.
    pub fn iter(&self) -> std::slice::Iter<'_, Fault> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &'a Faults {
    type Item = &'a Fault;
    type IntoIter = std::slice::Iter<'a, Fault>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// All of them, with an empty line between two.
impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.iter().enumerate() {
            let gap = if index == 0 { "" } else { "\n\n" };
            write!(f, "{gap}{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
