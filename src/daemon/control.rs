//! The control socket: commands that change something reach a running daemon through it.
//!
//! It lies beside the state file, and who may write to it is who may command: owner and group. One
//! line of JSON asks, one line answers.

mod words;

use std::ffi::OsString;
use std::io;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{debug, warn};
pub use words::{AcceptedCheck, Reply, Request};

/// The longest request, in bytes.
const LONGEST_REQUEST: u64 = 1 << 20;

/// The longest answer, in bytes: some ten thousand silences.
const LONGEST_REPLY: u64 = 1 << 24;

/// How long somebody who asks may take to say what.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long an answer may take: a reload reads the whole configuration.
const ANSWER_WITHIN: Duration = Duration::from_mins(1);

/// Why a running daemon could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Nobody listens.
    #[error("no daemon answers at `{0}`; is `authvigil run` running with this configuration?")]
    NobodyThere(PathBuf, #[source] io::Error),
    /// Who asks may not.
    #[error("you may not write to `{0}`; its owner and group may")]
    NotAllowed(PathBuf, #[source] io::Error),
    /// The talk broke off.
    #[error("the daemon at `{0}` gave no answer that can be read")]
    NoAnswer(PathBuf, #[source] io::Error),
}

/// Where the socket of a state file lies: beside it, with `.sock` after its whole name, so that no
/// two state files share one.
pub(super) fn path(state: &Path) -> PathBuf {
    let mut name = OsString::from(state);
    name.push(".sock");
    name.into()
}

/// Does what is asked for.
pub(super) type Answering =
    Arc<dyn Fn(Request) -> futures_util::future::BoxFuture<'static, Reply> + Send + Sync>;

/// Asks the daemon whose state file this is.
pub async fn ask(state: &Path, request: Request) -> Result<Reply, ControlError> {
    let path = path(state);
    let stream = match UnixStream::connect(&path).await {
        Ok(stream) => stream,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            return Err(ControlError::NotAllowed(path, error));
        }
        Err(error) => return Err(ControlError::NobodyThere(path, error)),
    };
    let talk = timeout(ANSWER_WITHIN, talk(stream, request));
    let reply = talk.await.unwrap_or_else(|late| Err(late.into()));
    reply.map_err(|error| ControlError::NoAnswer(path, error))
}

async fn talk(mut stream: UnixStream, request: Request) -> io::Result<Reply> {
    send(&mut stream, &request).await?;
    receive(&mut stream, LONGEST_REPLY).await
}

/// Listens beside the state file; a socket that a former run left is taken over, and anything else
/// that lies there is left alone.
///
/// The caller holds the lock of the state file, so nobody else listens there.
pub(super) fn listen(state: &Path) -> io::Result<UnixListener> {
    let path = path(state);
    if std::fs::symlink_metadata(&path).is_ok_and(|found| found.file_type().is_socket()) {
        std::fs::remove_file(&path)?;
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o660))?;
    Ok(listener)
}

/// Takes the socket away, so that nobody asks where nobody answers.
pub(super) fn remove(state: &Path) {
    let path = path(state);
    if std::fs::symlink_metadata(&path).is_ok_and(|found| found.file_type().is_socket()) {
        let _gone_anyway = std::fs::remove_file(&path).is_ok();
    }
}

/// Serves until it is dropped.
pub(super) async fn serve(listener: UnixListener, answering: Answering) {
    let mut talks = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                talks.spawn(answer(stream, Arc::clone(&answering)));
            }
            Err(error) => {
                warn!(%error, "the control socket cannot be listened on; trying again");
                tokio::time::sleep(PATIENCE).await;
            }
        }
        while talks.try_join_next().is_some() {}
    }
}

async fn answer(mut stream: UnixStream, answering: Answering) {
    let talk = async {
        let request: Request = timeout(PATIENCE, receive(&mut stream, LONGEST_REQUEST)).await??;
        let request = request.signed(|| user(&stream));
        let reply = answering(request).await;
        timeout(PATIENCE, send(&mut stream, &reply)).await?
    };
    if let Err(error) = talk.await {
        debug!(%error, "a talk on the control socket broke off");
    }
}

/// Who is at the other end, as the system knows it.
fn user(stream: &UnixStream) -> String {
    let known = stream.peer_cred();
    known.map_or_else(
        |_unknown| "somebody".to_owned(),
        |it| format!("uid {}", it.uid()),
    )
}

async fn send<T: Serialize>(stream: &mut UnixStream, what: &T) -> io::Result<()> {
    let mut line = serde_json::to_vec(what)?;
    line.push(b'\n');
    stream.write_all(&line).await
}

async fn receive<T: for<'a> Deserialize<'a>>(
    stream: &mut UnixStream,
    longest: u64,
) -> io::Result<T> {
    let mut line = Vec::new();
    let mut reader = BufReader::new(stream.take(longest));
    reader.read_until(b'\n', &mut line).await?;
    Ok(serde_json::from_slice(&line)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_state_files_in_one_directory_have_a_socket_each() {
        let paths = ["prod.db", "prod.sqlite", "prod.sock"].map(|name| path(name.as_ref()));
        let expected = ["prod.db.sock", "prod.sqlite.sock", "prod.sock.sock"];
        assert_eq!(paths, expected.map(PathBuf::from));
    }

    #[tokio::test]
    async fn socket_of_a_former_run_is_taken_over_and_any_other_file_is_left() {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("state.db");
        drop(listen(&state).unwrap());
        listen(&state).unwrap();
        std::fs::remove_file(path(&state)).unwrap();
        std::fs::write(path(&state), "precious").unwrap();
        listen(&state).unwrap_err();
        assert_eq!(std::fs::read_to_string(path(&state)).unwrap(), "precious");
    }
}
