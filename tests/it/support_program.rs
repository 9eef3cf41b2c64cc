//! Running a program tells what it said and what it cost.

use std::process::Command;
use std::time::Duration;

use crate::support::program::{authvigil, run};

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

#[test]
fn a_run_tells_code_output_and_time() {
    let run = run(&mut shell(
        "echo '{\"a\": 1}'; echo oh >&2; sleep 0.05; exit 3",
    ));
    assert_eq!((run.code, run.stderr.as_str()), (Some(3), "oh\n"));
    assert_eq!(run.json(), serde_json::json!({"a": 1}));
    assert!(run.duration >= Duration::from_millis(50));
}

#[test]
fn a_run_tells_the_most_memory_that_was_resident() {
    let small = run(&mut shell("exec sleep 0.1")).peak_memory;
    // `dd` holds one block in memory.
    let large = run(&mut shell(
        "exec dd bs=32M count=40 if=/dev/zero of=/dev/null",
    ))
    .peak_memory;
    assert!(small > 0 && small < 16 << 20, "{small}");
    assert!(large > 32 << 20 && large < 48 << 20, "{large}");
}

#[test]
fn the_program_under_test_runs() {
    assert!(run(&mut authvigil()).code.is_some());
}
