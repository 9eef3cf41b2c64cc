//! Where secrets come from: files, the environment, systemd's credentials directory.
//!
//! The only place that reads them. What was read is remembered for a second at the most, so that a
//! rotated file counts at once. A file that others can get at is told of in the log.

mod places;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncReadExt as _;

use self::places::Places;
use crate::clock::SharedClock;
use crate::domain::finding::Reason;
use crate::domain::presenter::Unpresentable;
use crate::domain::secret::{Secret, SecretRef};

/// The variable in which systemd names the directory of a unit's credentials.
const CREDENTIALS_DIRECTORY: &str = "CREDENTIALS_DIRECTORY";

/// The largest file that is taken for a secret, in bytes.
const LARGEST: u64 = 256 * 1024;

/// How long a read may take: a named pipe without a writer, or a dead network mount, never ends.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long what was read is as good as new. Thousands of probes may show one credential; whoever is
/// told that a secret is wrong calls [`Source::forget`] and reads it again.
const FRESH: Duration = Duration::from_secs(1);

/// Reads secrets, and remembers for a moment what it read.
#[derive(Debug)]
pub(super) struct Source {
    clock: SharedClock,
    recent: Mutex<HashMap<PathBuf, (Instant, Secret)>>,
    places: Places,
}

impl Source {
    pub(super) fn new(clock: SharedClock) -> Self {
        Self {
            clock,
            recent: Mutex::default(),
            places: Places::default(),
        }
    }

    /// Reads a secret.
    pub(super) async fn read(&self, reference: &SecretRef) -> Result<Secret, Unpresentable> {
        let secret = match reference {
            SecretRef::Literal(secret) => secret.clone(),
            SecretRef::Env(name) => environment(name)?,
            SecretRef::File(path) => without_line_break(self.file(path).await?),
        };
        if secret.is_empty() {
            return Err(unavailable(format!("{} is empty", describe(reference))));
        }
        Ok(secret)
    }

    /// Reads a whole file, with what stands at its end.
    pub(super) async fn file(&self, path: &Path) -> Result<Secret, Unpresentable> {
        let now = self.clock.monotonic();
        if let Some((read_at, secret)) = self.recent().get(path)
            && now.saturating_duration_since(*read_at) < FRESH
        {
            return Ok(secret.clone());
        }
        let secret = self.open(path).await?;
        self.recent().insert(path.to_owned(), (now, secret.clone()));
        Ok(secret)
    }

    /// Has the next reader read again.
    pub(super) fn forget(&self) {
        self.recent().clear();
    }

    /// The time of day: what a secret says of itself is held against it.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn recent(&self) -> MutexGuard<'_, HashMap<PathBuf, (Instant, Secret)>> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn open(&self, path: &Path) -> Result<Secret, Unpresentable> {
        let place = place(path)?;
        let shown = place.path.display();
        let failed = |why: String| unavailable(format!("`{shown}` cannot be read: {why}"));
        match tokio::time::timeout(PATIENCE, self.whole(&place)).await {
            Ok(Ok(bytes)) if bytes.len() as u64 > LARGEST => {
                Err(failed(format!("it is larger than {LARGEST} bytes")))
            }
            Ok(Ok(bytes)) => Ok(Secret::new(bytes)),
            Ok(Err(error)) => Err(failed(error.to_string())),
            Err(_elapsed) => Err(failed(format!(
                "no end came within {} s",
                PATIENCE.as_secs()
            ))),
        }
    }

    async fn whole(&self, place: &Place) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = tokio::fs::File::open(&place.path).await?;
        // What is asked of the open file holds for what is read from it.
        let metadata = file.metadata().await?;
        if !place.is_systemds {
            self.places.look(&place.path, &metadata).await;
        }
        file.take(LARGEST + 1).read_to_end(&mut bytes).await?;
        Ok(bytes)
    }
}

/// Eight hex digits that stay the same on one machine and tell nothing of it.
pub(super) fn installation() -> String {
    let identity = [
        "/etc/machine-id",
        "/var/lib/dbus/machine-id",
        "/etc/hostname",
    ]
    .iter()
    .find_map(|path| std::fs::read(path).ok())
    .unwrap_or_default();
    let digest = Sha256::new()
        .chain_update("authvigil-nobody")
        .chain_update(identity)
        .finalize();
    let [a, b, c, d, ..]: [u8; 32] = digest.into();
    format!("{:08x}", u32::from_be_bytes([a, b, c, d]))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
fn environment(name: &str) -> Result<Secret, Unpresentable> {
    use std::os::unix::ffi::OsStringExt as _;
    match std::env::var_os(name) {
        Some(value) => Ok(Secret::new(value.into_vec())),
        None => Err(unavailable(format!(
            "the environment variable `{name}` is not set"
        ))),
    }
}

/// Where a file of the configuration lies.
struct Place {
    path: PathBuf,
    /// Whether systemd put it there, who sees to it that nobody else can read it.
    is_systemds: bool,
}

fn place(path: &Path) -> Result<Place, Unpresentable> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    let directory = std::env::var_os(CREDENTIALS_DIRECTORY).map(PathBuf::from);
    let prefix = format!("${CREDENTIALS_DIRECTORY}");
    match (path.strip_prefix(&prefix), directory) {
        (Ok(rest), Some(directory)) => Ok(Place {
            path: directory.join(rest),
            is_systemds: true,
        }),
        (Ok(_), None) => Err(unavailable(format!(
            "`{}` cannot be read: ${CREDENTIALS_DIRECTORY} is not set (systemd sets it for a \
             service with `LoadCredential=`)",
            path.display()
        ))),
        (Err(_), directory) => Ok(Place {
            path: path.to_owned(),
            is_systemds: directory.is_some_and(|it| path.starts_with(it)),
        }),
    }
}

/// Editors and `echo` end a file with a line break that is no part of the secret.
fn without_line_break(secret: Secret) -> Secret {
    let bytes = secret.expose();
    let shorter = bytes
        .strip_suffix(b"\r\n")
        .or_else(|| bytes.strip_suffix(b"\n"));
    shorter.map(Secret::new).unwrap_or(secret)
}

fn describe(reference: &SecretRef) -> String {
    match reference {
        SecretRef::Literal(_) => "the secret in the configuration".to_owned(),
        SecretRef::Env(name) => format!("the environment variable `{name}`"),
        SecretRef::File(path) => format!("`{}`", path.display()),
    }
}

fn unavailable(detail: String) -> Unpresentable {
    Unpresentable::new(Reason::SecretUnavailable, detail)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::SystemClock;

    async fn read(reference: &SecretRef) -> Result<Secret, Unpresentable> {
        Source::new(Arc::new(SystemClock)).read(reference).await
    }

    fn dropped(text: &str) -> Vec<u8> {
        without_line_break(Secret::new(text)).expose().to_vec()
    }

    #[test]
    fn one_trailing_line_break_is_dropped_and_no_more() {
        assert_eq!(dropped("a\n"), b"a");
        assert_eq!(dropped("a\r\n"), b"a");
        assert_eq!(dropped("a\n\n"), b"a\n");
        assert_eq!(dropped("a "), b"a ");
    }

    #[tokio::test]
    async fn a_missing_file_names_itself() {
        let reference = SecretRef::File("/nonexistent/secret".into());
        let Err(unpresentable) = read(&reference).await else {
            panic!("it does not exist")
        };
        assert_eq!(unpresentable.reason, Reason::SecretUnavailable);
        assert!(
            unpresentable
                .detail
                .starts_with("`/nonexistent/secret` cannot be read: ")
        );
    }

    #[tokio::test]
    async fn an_endless_file_is_no_secret() {
        let Err(unpresentable) = read(&SecretRef::File("/dev/zero".into())).await else {
            panic!("it has no end")
        };
        assert_eq!(
            unpresentable.detail,
            "`/dev/zero` cannot be read: it is larger than 262144 bytes"
        );
    }

    #[tokio::test]
    async fn an_empty_secret_is_none() {
        let Err(unpresentable) = read(&SecretRef::File("/dev/null".into())).await else {
            panic!("it is empty")
        };
        assert_eq!(unpresentable.detail, "`/dev/null` is empty");
    }

    #[test]
    fn an_installation_is_eight_hex_digits_and_stays() {
        let digits = installation();
        assert!(digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(digits, installation());
    }
}
