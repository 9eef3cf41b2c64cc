//! Headless Chromium, as far as the status page needs it: what it makes of a page, and how that looks.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// How a page is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) scheme: Scheme,
}

/// What the reader prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Light,
    Dark,
}

/// What came of a visit.
#[derive(Debug)]
pub(crate) struct Visit {
    /// The document as it stood at the end.
    pub(crate) dom: String,
    /// What the browser said on its console: refused resources, violations, errors.
    pub(crate) complaints: Vec<String>,
}

/// Visits a page and writes its document.
pub(crate) fn visit(url: &str, scheme: Scheme) -> Visit {
    let profile = tempfile::tempdir().unwrap();
    let output = command(&profile, scheme)
        .args(["--dump-dom", url])
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "chromium failed: {log}");
    let complaints = log.lines().filter(|line| line.contains("CONSOLE"));
    Visit {
        dom: String::from_utf8(output.stdout).unwrap(),
        complaints: complaints.map(ToOwned::to_owned).collect(),
    }
}

/// Draws a page into a PNG file.
pub(crate) fn draw(url: &str, view: View, file: &Path) -> PathBuf {
    let profile = tempfile::tempdir().unwrap();
    let output = command(&profile, view.scheme)
        .arg("--hide-scrollbars")
        .arg(format!("--window-size={},{}", view.width, view.height))
        .arg(format!("--screenshot={}", file.display()))
        .arg(url)
        .output()
        .unwrap();
    assert!(
        file.is_file(),
        "chromium drew nothing: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    file.to_owned()
}

fn command(profile: &TempDir, scheme: Scheme) -> Command {
    let scheme = match scheme {
        Scheme::Dark => "--blink-settings=preferredColorScheme=0",
        Scheme::Light => "--blink-settings=preferredColorScheme=1",
    };
    let mut command = Command::new("chromium");
    command
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ])
        .args(["--enable-logging=stderr", "--v=0"])
        .arg(scheme)
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .stdin(Stdio::null());
    command
}
