//! Where the configuration of a running daemon is read from.

use std::path::PathBuf;

use crate::config::{self, Config, Survey};

/// A configuration that can be read again.
#[derive(Clone, Debug)]
pub(super) enum Reader {
    /// A file, and the files that it names.
    File(PathBuf),
    /// A text that is part of the program; it never changes.
    Text {
        /// The name that faults give it.
        name: &'static str,
        /// The text.
        text: String,
    },
}

impl Reader {
    /// Reads and validates it, away from the threads that must not wait. All faults as text; and
    /// what it consisted of, where that can be told.
    pub(super) async fn read(&self) -> (Result<Config, String>, Option<Survey>) {
        let reader = self.clone();
        let read = tokio::task::spawn_blocking(move || match reader {
            Self::File(path) => config::load_surveyed(&path),
            Self::Text { name, text } => (config::parse(name.as_ref(), text), Survey::default()),
        });
        match read.await {
            Ok((read, survey)) => (read.map_err(|faults| faults.to_string()), Some(survey)),
            Err(broke) => {
                let broke = format!("reading the configuration broke off: {broke}");
                (Err(broke), None)
            }
        }
    }

    /// What it consists of at present, right or wrong, where it was like this before.
    pub(super) async fn survey(&self, before: Survey) -> Survey {
        let Self::File(path) = self.clone() else {
            return before;
        };
        let surveyed = tokio::task::spawn_blocking(move || before.again(&path));
        surveyed.await.unwrap_or_default()
    }
}
