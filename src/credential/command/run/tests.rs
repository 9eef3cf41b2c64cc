use std::time::Duration;

use super::*;

fn shell(script: &str, timeout: Duration) -> Command {
    Command {
        program: "/bin/sh".into(),
        arguments: vec!["-c".to_owned(), script.to_owned()],
        timeout,
    }
}

/// What a script prints, given ample time.
async fn printed(script: &str) -> Result<String, String> {
    let printed = run(&shell(script, Duration::from_secs(20))).await?;
    Ok(String::from_utf8(printed.expose().to_vec()).unwrap())
}

#[tokio::test]
async fn arguments_meet_no_shell_and_the_environment_is_empty() {
    let arguments = ["%s|", "a b", "$HOME", "*", ";id"];
    let command = Command {
        program: "/usr/bin/printf".into(),
        arguments: arguments.map(str::to_owned).to_vec(),
        timeout: Duration::from_secs(20),
    };
    let printed = run(&command).await.unwrap();
    assert_eq!(printed.expose(), b"a b|$HOME|*|;id|");
    let environment = Command {
        program: "/usr/bin/env".into(),
        arguments: Vec::new(),
        ..command
    };
    assert_eq!(run(&environment).await.unwrap().expose(), b"");
}

#[tokio::test]
async fn a_program_starts_in_the_root_with_nothing_to_read() {
    assert_eq!(printed("pwd; cat").await, Ok("/\n".into()));
}

#[tokio::test]
async fn a_program_that_fails_is_not_quoted() {
    let why = printed("echo token=abc; echo 'no token=abc' >&2; exit 3").await;
    let why = why.unwrap_err();
    assert!(why.starts_with("failed (exit status: 3); "), "{why}");
    assert!(why.contains("standard error, 13 bytes,"), "{why}");
    assert!(!why.contains("abc"), "{why}");
    assert_eq!(
        printed("exit 1").await,
        Err("failed (exit status: 1), and complained of nothing".into())
    );
}

#[tokio::test]
async fn a_program_that_is_not_there_says_so() {
    let command = Command {
        program: "/nonexistent/helper".into(),
        arguments: Vec::new(),
        timeout: Duration::from_secs(20),
    };
    let why = run(&command).await.unwrap_err();
    assert!(why.starts_with("cannot be started: No such file"), "{why}");
}

#[tokio::test]
async fn a_program_that_prints_without_end_is_no_credential() {
    assert_eq!(
        printed("while :; do echo 0123456789012345678901234567890123456789; done").await,
        Err("printed more than 262144 bytes".into())
    );
}

#[tokio::test]
async fn a_program_that_complains_without_end_waits_for_no_reader() {
    let script = "i=0; while [ $i -lt 4000 ]; do echo a long complaint of many words >&2; \
                  i=$((i+1)); done; echo done";
    assert_eq!(printed(script).await, Ok("done\n".into()));
}

/// Whether a process is there, other than as one that nobody waited for yet.
fn lives(id: i32) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let state = state.rsplit(") ").next().unwrap_or_default();
    !state.is_empty() && !state.starts_with(['Z', 'X'])
}

async fn dies(id: i32) {
    // It was told to end; the system does that in its own time.
    for _ in 0..2000 {
        if !lives(id) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{id} still lives");
}

fn id_in(path: &std::path::Path) -> Option<i32> {
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}

#[tokio::test]
async fn a_program_that_hangs_dies_at_its_deadline_with_all_that_it_started() {
    let directory = tempfile::tempdir().unwrap();
    let ids = ["child", "grandchild"].map(|name| directory.path().join(name));
    let script = format!(
        "sleep 1000 & echo $! > '{}'; echo $$ > '{}'; wait",
        ids[1].display(),
        ids[0].display()
    );
    let failed = run(&shell(&script, Duration::from_secs(4))).await;
    assert_eq!(failed, Err("did not end within 4s".into()));
    for id in ids {
        dies(id_in(&id).unwrap()).await;
    }
}

#[tokio::test]
async fn whoever_gives_up_waiting_leaves_no_program_behind() {
    let directory = tempfile::tempdir().unwrap();
    let id = directory.path().join("id");
    let script = format!("echo $$ > '{}'; sleep 1000", id.display());
    let command = shell(&script, Duration::from_secs(1000));
    let waiting = tokio::spawn(async move { run(&command).await });
    let id = loop {
        if let Some(id) = id_in(&id) {
            break id;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    waiting.abort();
    dies(id).await;
}

#[tokio::test]
async fn a_program_whose_child_holds_the_output_has_not_ended() {
    let hanging = shell("sleep 1000 & echo '{}'", Duration::from_secs(2));
    assert_eq!(run(&hanging).await, Err("did not end within 2s".into()));
}
