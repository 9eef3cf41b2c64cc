//! The program as its users meet it: a process with a configuration file, arguments and an exit code.
//!
//! ```ignore
//! let scene = Scene::new();
//! scene.write("authvigil.yaml", &config);
//! let report = scene.check();
//! assert_eq!(report.reason("orders/anonymous"), "anonymous_admitted");
//! ```

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A directory with a configuration, and runs of the program over it.
#[derive(Debug)]
pub(crate) struct Scene {
    directory: TempDir,
    variables: BTreeMap<String, String>,
}

impl Scene {
    /// An empty directory.
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self {
            directory,
            variables: BTreeMap::new(),
        }
    }

    /// A directory whose `authvigil.yaml` holds this.
    pub(crate) fn of(config: &str) -> Self {
        let scene = Self::new();
        scene.write("authvigil.yaml", config);
        scene
    }

    /// Sets a variable of the program's environment, which is otherwise empty.
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Writes a file of the directory that nobody else may read: most hold a secret.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// The directory.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Runs the program in the directory, to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        #[expect(
            clippy::disallowed_methods,
            reason = "how long a run took is what is tested"
        )]
        let started = Instant::now();
        let output = self.command(arguments).output().unwrap();
        Run::of(&output, started.elapsed())
    }

    /// The command that would run the program in the directory.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_authvigil"));
        command
            .current_dir(self.path())
            .env_clear()
            .env("AUTHVIGIL_CONFIG", "authvigil.yaml")
            .envs(&self.variables)
            .args(arguments)
            .stdin(Stdio::null());
        command
    }

    /// Runs `check --format json` and reads the report.
    pub(crate) fn check(&self) -> Report {
        self.check_with(&[])
    }

    /// Runs `check --format json` with more arguments and reads the report.
    pub(crate) fn check_with(&self, arguments: &[&str]) -> Report {
        let run = self.run(&[&["check", "--format", "json"], arguments].concat());
        Report::of(run)
    }
}

/// What a run of the program came to.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
}

impl Run {
    fn of(output: &Output, took: Duration) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout.clone()).unwrap(),
            stderr: String::from_utf8(output.stderr.clone()).unwrap(),
            took,
        }
    }
}

/// The report of a `check --format json`, or of a `probe --json`.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) run: Run,
    pub(crate) document: Value,
}

impl Report {
    /// Reads what a run wrote; a run that wrote none is told with its errors.
    pub(crate) fn of(run: Run) -> Self {
        let document = serde_json::from_str(&run.stdout);
        let Ok(document) = document else {
            panic!("no report, exit code {}: {}", run.code, run.stderr)
        };
        Self { run, document }
    }

    /// All results, in order.
    pub(crate) fn results(&self) -> &[Value] {
        self.document["results"].as_array().unwrap()
    }

    /// The result of a check, named `endpoint/check`.
    pub(crate) fn result(&self, id: &str) -> &Value {
        let found = self.results().iter().find(|result| {
            format!("{}/{}", text(&result["endpoint"]), text(&result["check"])) == id
        });
        found.unwrap_or_else(|| panic!("no result for {id}: {}", self.run.stdout))
    }

    /// The reason of a check, or `pass`.
    pub(crate) fn reason(&self, id: &str) -> &str {
        let result = self.result(id);
        result["reason"]
            .as_str()
            .unwrap_or_else(|| text(&result["verdict"]))
    }

    /// The reasons of all findings of a check, the gravest first.
    pub(crate) fn reasons(&self, id: &str) -> Vec<&str> {
        let findings = self.result(id)["findings"].as_array().unwrap();
        findings
            .iter()
            .map(|finding| text(&finding["reason"]))
            .collect()
    }

    /// The codes of all advice of a check.
    pub(crate) fn advice(&self, id: &str) -> Vec<&str> {
        let advice = self.result(id)["advice"].as_array().unwrap();
        advice.iter().map(|advice| text(&advice["code"])).collect()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
