//! Runs a program for what it prints, and no longer than it may.

use std::io;
use std::process::{ExitStatus, Stdio};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Child;

use crate::credential::settings::Command;
use crate::domain::secret::Secret;

/// The most bytes that a program may print.
const LARGEST: usize = 256 * 1024;

/// A program that runs, with all that it starts: they are one process group.
struct Running(Child);

/// Whoever gives up waiting leaves nothing behind.
impl Drop for Running {
    fn drop(&mut self) {
        // As long as it was not waited for, nobody else has its number.
        let group = self.0.id().and_then(|id| i32::try_from(id).ok());
        if let Some(group) = group {
            // It may have gone meanwhile, and then there is nothing to end.
            let _is_gone = killpg(Pid::from_raw(group), Signal::SIGKILL).is_err();
        }
    }
}

/// What it prints, where it ends well and in time; or why there is nothing, in words.
pub(super) async fn run(command: &Command) -> Result<Secret, String> {
    let started = start(command);
    let mut running = Running(started.map_err(|why| format!("cannot be started: {why}"))?);
    let ended = tokio::time::timeout(command.timeout, running.ended()).await;
    let (status, printed, complaint) = match ended {
        Ok(Ok(ended)) => ended,
        Ok(Err(why)) => return Err(why),
        Err(_elapsed) => return Err(format!("did not end within {:?}", command.timeout)),
    };
    if status.success() {
        return Ok(printed);
    }
    Err(match complaint {
        0 => format!("failed ({status}), and complained of nothing"),
        bytes => format!(
            "failed ({status}); what it wrote to its standard error, {bytes} bytes, may hold secrets \
             and is not shown: run it by hand to read them"
        ),
    })
}

fn start(command: &Command) -> io::Result<Child> {
    tokio::process::Command::new(&command.program)
        .args(&command.arguments)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
}

impl Running {
    /// Waits until it has ended, and nobody holds its output any more.
    async fn ended(&mut self) -> Result<(ExitStatus, Secret, usize), String> {
        let (stdout, stderr) = (self.0.stdout.take(), self.0.stderr.take());
        let reading = async {
            let printed = tokio::try_join!(printed(stdout), complaint(stderr));
            printed.map_err(|why| why.to_string())
        };
        let (printed, complaint) = reading.await?;
        let status = self.0.wait().await;
        let status = status.map_err(|why| format!("cannot be waited for: {why}"))?;
        Ok((status, printed, complaint))
    }
}

async fn printed(stdout: Option<impl AsyncRead + Unpin>) -> io::Result<Secret> {
    let mut bytes = Vec::new();
    if let Some(stdout) = stdout {
        let most = u64::try_from(LARGEST + 1).unwrap_or(u64::MAX);
        stdout.take(most).read_to_end(&mut bytes).await?;
    }
    let printed = Secret::new(bytes);
    if printed.expose().len() > LARGEST {
        return Err(io::Error::other(format!(
            "printed more than {LARGEST} bytes"
        )));
    }
    Ok(printed)
}

/// How many bytes it complains in. They are read, so that it does not wait for a reader, and forgotten:
/// traces and error messages are full of secrets that nobody here knows yet.
async fn complaint(stderr: Option<impl AsyncRead + Unpin>) -> io::Result<usize> {
    let Some(mut stderr) = stderr else {
        return Ok(0);
    };
    let (mut chunk, mut bytes) = ([0; 4096], 0);
    loop {
        match stderr.read(&mut chunk).await? {
            0 => return Ok(bytes),
            read => bytes += read,
        }
    }
}

#[cfg(test)]
mod tests;
