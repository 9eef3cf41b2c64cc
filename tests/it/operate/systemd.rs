//! The units: systemd finds no fault in them, and what they expose stays small.

use std::path::Path;

use super::{read, run, said, shipped, succeeds};

/// The most that `systemd-analyze security` may say of a service.
const EXPOSURE: f64 = 1.5;

const SERVICES: [&str; 2] = ["authvigil.service", "authvigil-check.service"];

/// The version of systemd's tools.
fn version() -> u32 {
    let said = succeeds("systemd-analyze", &["--version"]);
    let number = said.split_whitespace().nth(1).unwrap();
    number.parse().unwrap_or_else(|_| panic!("{said}"))
}

/// The units with the program under test in the place of the installed one, and these drop-ins.
fn installed(directory: &Path, drop_ins: &[&str]) {
    for entry in std::fs::read_dir(shipped("deploy/systemd")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(directory.join(path.file_name().unwrap()), here(&text)).unwrap();
        }
    }
    let place = directory.join("authvigil.service.d");
    std::fs::create_dir(&place).unwrap();
    for name in drop_ins {
        let text = read(&format!("deploy/systemd/drop-ins/{name}"));
        std::fs::write(place.join(name), here(&text)).unwrap();
    }
}

/// A unit that names the program under test.
fn here(unit: &str) -> String {
    unit.replace("/usr/bin/authvigil", env!("CARGO_BIN_EXE_authvigil"))
}

/// What `systemd-analyze verify` has to say, but for what an older one cannot know.
fn complaints(drop_ins: &[&str]) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    installed(directory.path(), drop_ins);
    let units = ["authvigil.service", "authvigil.socket"];
    let checks = ["authvigil-check.service", "authvigil-check.timer"];
    let paths: Vec<String> = [units, checks]
        .concat()
        .iter()
        .map(|unit| directory.path().join(unit).display().to_string())
        .collect();
    let arguments = ["verify", "--man=no"].into_iter();
    let arguments: Vec<&str> = arguments.chain(paths.iter().map(String::as_str)).collect();
    let output = run("systemd-analyze", &arguments);
    let unknown = "Failed to parse service type, ignoring: notify-reload";
    let is_old = version() < 253;
    said(&output)
        .lines()
        // Other units of the machine are none of ours.
        .filter(|line| line.contains("authvigil"))
        .filter(|line| !(is_old && line.contains(unknown)))
        .map(ToOwned::to_owned)
        .collect()
}

#[test]
fn systemd_finds_no_fault_in_the_units() {
    assert_eq!(complaints(&[]), [""; 0]);
}

#[test]
fn systemd_finds_no_fault_in_the_drop_ins() {
    let names = ["secrets.conf", "older-systemd.conf", "allow-list.conf"];
    let shipped = std::fs::read_dir(shipped("deploy/systemd/drop-ins")).unwrap();
    assert_eq!(shipped.count(), names.len());
    assert_eq!(complaints(&names), [""; 0]);
}

#[test]
fn systemd_would_speak_of_a_fault() {
    let directory = tempfile::tempdir().unwrap();
    let unit = directory.path().join("authvigil.service");
    let text =
        read("deploy/systemd/authvigil.service").replace("PrivateTmp=yes", "PrivateTmpp=yes");
    std::fs::write(&unit, text).unwrap();
    let unit = unit.display().to_string();
    let said = said(&run("systemd-analyze", &["verify", "--man=no", &unit]));
    assert!(said.contains("PrivateTmpp"), "{said}");
}

#[test]
fn a_service_exposes_little() {
    for service in SERVICES {
        let unit = format!("deploy/systemd/{service}");
        let arguments = ["security", "--offline=yes", "--no-pager", &unit];
        let said = said(&run("systemd-analyze", &arguments));
        let (_, behind) = said.split_once("Overall exposure level for ").unwrap();
        let figure = behind.split_whitespace().nth(1).unwrap();
        let exposure: f64 = figure.parse().unwrap_or_else(|_| panic!("{said}"));
        assert!(exposure <= EXPOSURE, "{service}: {said}");
    }
}

#[test]
fn a_faulty_configuration_is_not_tried_again() {
    let unit = read("deploy/systemd/authvigil.service");
    let line = unit
        .lines()
        .find(|line| line.starts_with("RestartPreventExitStatus="));
    assert_eq!(line, Some("RestartPreventExitStatus=64 78"));
}

#[test]
fn the_user_of_the_service_is_the_one_that_is_made() {
    let root = tempfile::tempdir().unwrap();
    let place = root.path().join("usr/lib/sysusers.d");
    std::fs::create_dir_all(&place).unwrap();
    std::fs::create_dir(root.path().join("etc")).unwrap();
    let text = read("deploy/systemd/sysusers.d/authvigil.conf");
    std::fs::write(place.join("authvigil.conf"), text).unwrap();
    succeeds(
        "systemd-sysusers",
        &[&format!("--root={}", root.path().display())],
    );
    let users = std::fs::read_to_string(root.path().join("etc/passwd")).unwrap();
    let user = users.lines().find(|line| line.starts_with("authvigil:"));
    let fields: Vec<&str> = user.unwrap().split(':').collect();
    assert_eq!(fields[5..], ["/var/lib/authvigil", "/usr/sbin/nologin"]);
    let unit = read("deploy/systemd/authvigil.service");
    assert!(
        unit.contains("\nUser=authvigil\nGroup=authvigil\n"),
        "{unit}"
    );
}

#[test]
fn secrets_on_the_disk_are_for_systemd_alone() {
    let text = read("deploy/systemd/tmpfiles.d/authvigil.conf");
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    let rows: Vec<Vec<&str>> = rows.map(|line| line.split_whitespace().collect()).collect();
    let secrets = rows.iter().find(|row| row[1] == "/etc/authvigil/secrets");
    assert_eq!(secrets.unwrap()[2..5], ["0750", "root", "authvigil"]);
    for row in &rows {
        assert!(row[2].ends_with('0'), "the world may look into {}", row[1]);
    }
}
