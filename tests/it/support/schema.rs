//! Checks reports against a schema.

use std::io::Write;
use std::process::Command;

const JUNIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/junit.xsd");

/// Holds a JUnit report against `tests/fixtures/junit.xsd`; the error is what `xmllint` says of it.
pub(crate) fn check_junit(report: &str) -> Result<(), String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(report.as_bytes()).unwrap();
    let xmllint = Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema", JUNIT])
        .arg(file.path())
        .output()
        .expect("`xmllint` is not installed; `tests/run` installs it");
    if xmllint.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&xmllint.stderr).into_owned())
    }
}
