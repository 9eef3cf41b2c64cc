use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::domain::notice::{MessageId, Thread};

fn notice() -> NoticeId {
    NoticeId::parse("0123456789abcdef").unwrap()
}

fn letter(text: &str) -> Letter {
    Letter {
        subject: "down".to_owned(),
        date: "2026-11-22T21:22:42.5Z".parse().unwrap(),
        thread: Thread {
            message_id: MessageId::of(&notice(), "example.com"),
            in_reply_to: None,
            references: Vec::new(),
        },
        text: text.to_owned(),
        html: format!("<p>{text}</p>"),
    }
}

const NAME: &str = "20261122T212242Z-0123456789abcdef.eml";

fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[tokio::test]
async fn a_missing_directory_is_made_and_closed_to_others() {
    let scene = tempfile::tempdir().unwrap();
    let directory = scene.path().join("a/mail");
    let folder = Folder::new(directory.clone(), None);
    let attempt = folder.deliver(&notice(), &letter("x")).await;
    let path = directory.join(NAME);
    assert_eq!(attempt, Attempt::Delivered(path.display().to_string()));
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    // Whatever the umask takes away, it gives nothing to others.
    assert_eq!((mode(&path) & !0o640, mode(&directory) & !0o750), (0, 0));
}

#[tokio::test]
async fn a_repeat_leaves_one_file_and_nothing_else() {
    let scene = tempfile::tempdir().unwrap();
    let folder = Folder::new(scene.path().to_owned(), None);
    for text in ["first", "second"] {
        folder.deliver(&notice(), &letter(text)).await;
    }
    assert_eq!(names(scene.path()), [NAME]);
    let mail = std::fs::read_to_string(scene.path().join(NAME)).unwrap();
    assert!(mail.contains("second") && !mail.contains("first"));
}

#[tokio::test]
async fn what_a_crash_left_behind_is_in_nobodys_way() {
    let scene = tempfile::tempdir().unwrap();
    let elsewhere = scene.path().join("elsewhere");
    std::fs::write(&elsewhere, "kept").unwrap();
    let directory = scene.path().join("mail");
    std::fs::create_dir(&directory).unwrap();
    let left = directory.join(format!(".{NAME}.new"));
    std::os::unix::fs::symlink(&elsewhere, left).unwrap();
    let folder = Folder::new(directory.clone(), None);
    folder.deliver(&notice(), &letter("x")).await;
    assert_eq!(names(&directory), [NAME]);
    assert_eq!(std::fs::read_to_string(elsewhere).unwrap(), "kept");
}

#[tokio::test]
async fn a_directory_that_is_none_is_tried_again_and_named() {
    let scene = tempfile::tempdir().unwrap();
    let occupied = scene.path().join("file");
    std::fs::write(&occupied, "").unwrap();
    let folder = Folder::new(occupied.clone(), None);
    let Attempt::Retried(why) = folder.deliver(&notice(), &letter("x")).await else {
        panic!("there is no directory")
    };
    assert!(
        why.starts_with(&format!("`{}/", occupied.display())),
        "{why}"
    );
}

#[tokio::test]
async fn a_place_where_nothing_can_be_written_is_tried_again() {
    // Nothing can be written below this one, whoever tries.
    let folder = Folder::new(PathBuf::from("/proc/self/mail"), None);
    let attempt = folder.deliver(&notice(), &letter("x")).await;
    assert!(matches!(attempt, Attempt::Retried(_)), "{attempt:?}");
}

#[tokio::test]
async fn the_sender_is_the_relays_where_there_is_one() {
    let scene = tempfile::tempdir().unwrap();
    let from = Mailbox {
        name: None,
        address: "watch@example.com".to_owned(),
    };
    let folder = Folder::new(scene.path().to_owned(), Some(from));
    folder.deliver(&notice(), &letter("x")).await;
    let mail = std::fs::read_to_string(scene.path().join(NAME)).unwrap();
    assert!(mail.contains("From: watch@example.com\r\n"), "{mail}");
}
