//! Silences: asked of a running daemon, refused by it, and what they do.

use std::os::unix::fs::MetadataExt as _;

use serde_json::{Value, json};

use super::{
    LOCKED, OPEN, PASSWORD, USER, alone, assert_refused, config, locked_lab, open, scene, scene_of,
    triad,
};
use crate::support::daemon::Daemon;
use crate::support::lab::{Answer, Lab, door};

const ADD: &[&str] = &["silence", "add", "--author", "alice", "--comment", "upkeep"];

/// Adds a silence by alice, and gives its name.
#[track_caller]
fn add(daemon: &Daemon, arguments: &[&str]) -> String {
    let run = daemon.scene.run(&[ADD, arguments].concat());
    assert_eq!(run.code, 0, "{arguments:?}: {}", run.stderr);
    run.stdout.trim_end().to_owned()
}

/// The document of `silence list --json`.
#[track_caller]
fn listed(daemon: &Daemon) -> Value {
    let run = daemon.scene.run(&["silence", "list", "--json"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    serde_json::from_str(&run.stdout).unwrap()
}

/// The names of the silences that have not ended.
#[track_caller]
fn names(daemon: &Daemon) -> Vec<Value> {
    let document = listed(daemon);
    let silences = document["silences"].as_array().unwrap().iter();
    silences.map(|silence| silence["id"].clone()).collect()
}

/// How long a silence of a document lasts, in seconds.
fn seconds(silence: &Value) -> i64 {
    let at = |key: &str| {
        silence[key]
            .as_str()
            .unwrap()
            .parse::<jiff::Timestamp>()
            .unwrap()
    };
    at("ends_at").duration_since(at("starts_at")).as_secs()
}

#[test]
fn a_silence_is_shown_with_everything_that_was_said_of_it() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    let id = add(&daemon, &["--for", "2h", "class=lockout", "check!~\"a|b\""]);
    let mut document = listed(&daemon);
    let silence = &mut document["silences"][0];
    assert_eq!(seconds(silence), 2 * 3600);
    let silence = silence.as_object_mut().unwrap();
    silence.retain(|key, _| !key.ends_with("_at"));
    let matchers = ["class=\"lockout\"", "check!~\"a|b\""];
    let expected = json!({"version": 1, "silences": [
        {"id": id, "matchers": matchers, "comment": "upkeep", "author": "alice"},
    ]});
    assert_eq!(document, expected);
}

#[test]
fn a_person_sees_what_is_silenced_for_how_long_by_whom_and_why() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    let id = add(&daemon, &["--for", "2h", "class=lockout"]);
    let run = daemon.scene.run(&["silence", "list"]);
    for word in [&id, "ends in", "class=\"lockout\"", "alice: upkeep"] {
        assert!(run.stdout.contains(word), "no `{word}`: {}", run.stdout);
    }
}

#[test]
fn nothing_is_silenced_until_somebody_asks() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    let run = daemon.scene.run(&["silence", "list"]);
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (0, "nothing is silenced\n")
    );
}

#[test]
fn a_silence_that_is_expired_is_gone_and_the_others_stay() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    let first = add(&daemon, &["--for", "2h", "class=lockout"]);
    let second = add(&daemon, &["--for", "3h", "class=outage"]);
    let run = daemon.scene.run(&["silence", "expire", &first]);
    assert_eq!((run.code, run.stdout), (0, format!("{first} has ended\n")));
    assert_eq!(names(&daemon), [second]);
}

#[test]
fn a_silence_that_is_not_there_is_told_and_the_others_are_ended() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    let id = add(&daemon, &["--for", "2h", "class=lockout"]);
    let arguments = ["silence", "expire", "00000000", "no name", &id];
    let run = daemon.scene.run(&arguments);
    assert_eq!((run.code, run.stdout), (64, format!("{id} has ended\n")));
    for word in ["`00000000`", "`no name`", "authvigil silence list"] {
        assert!(run.stderr.contains(word), "no `{word}`: {}", run.stderr);
    }
}

#[test]
fn a_silence_outlives_a_crash() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    let id = add(&daemon, &["--for", "2h", "class=lockout"]);
    // A change reaches the disk within a moment; what was asked for later shows that it has.
    daemon.until("the silence is stored", || stored_silences(&daemon) == 1);
    let daemon = Daemon::start(daemon.kill().scene);
    assert_eq!(names(&daemon), [id]);
}

fn stored_silences(daemon: &Daemon) -> i64 {
    let file = rusqlite::Connection::open(daemon.path(crate::support::daemon::STATE)).unwrap();
    file.query_row("SELECT count(*) FROM silences", [], |row| row.get(0))
        .unwrap_or(0)
}

#[test]
fn a_bare_name_means_an_endpoint_or_one_of_its_checks() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    add(&daemon, &["--for", "1h", "orders"]);
    add(&daemon, &["--for", "2h", "orders/valid", "class=lockout"]);
    let document = listed(&daemon);
    let matchers = |at: usize| document["silences"][at]["matchers"].clone();
    assert_eq!(matchers(0), json!(["endpoint=\"orders\""]));
    let expected = json!([
        "endpoint=\"orders\"",
        "check=\"valid\"",
        "class=\"lockout\""
    ]);
    assert_eq!(matchers(1), expected);
}

#[test]
fn what_makes_no_sense_is_refused_with_a_hint() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    for (arguments, hint) in [
        (
            &["ordrs"][..],
            "no endpoint is named `ordrs`; did you mean `orders`?",
        ),
        (&["orders/anonymus"], "did you mean `anonymous`?"),
        (
            &["clas=bypass"],
            "no incident has a label `clas`; did you mean `class`?",
        ),
        (
            &["class=bypas"],
            "`class` is never `bypas`; did you mean `bypass`?",
        ),
        (&["check=~\"(\""], "this is no regular expression"),
        (&["orders", "class=\"lockout"], "this is no matcher"),
    ] {
        let run = daemon
            .scene
            .run(&[ADD, &["--for", "1h"], arguments].concat());
        assert_refused(&run, hint);
    }
    for (arguments, hint) in [
        (&["--for", "1h"][..], "MATCHER"),
        (&["--for", "soon", "orders"], "2h"),
        (&["--for", "0s", "orders"], "2h"),
        (&["orders"], "--for"),
        (&["--for", "1h", "--comment", " ", "orders"], "comment"),
    ] {
        let add = ["silence", "add", "--author", "alice"];
        let comment = ["--comment", "upkeep"];
        let has_comment = arguments.contains(&"--comment");
        let comment = if has_comment { &[][..] } else { &comment };
        let run = daemon.scene.run(&[&add, comment, arguments].concat());
        assert_refused(&run, hint);
    }
    let why = daemon
        .scene
        .run(&["silence", "add", "--for", "1h", "orders"]);
    assert_refused(&why, "--comment");
    assert_eq!(names(&daemon), [""; 0]);
}

#[test]
fn a_bypass_is_silenced_for_a_day_at_most() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    let bypass = "class=\"bypass\"";
    let run = daemon
        .scene
        .run(&[ADD, &["--for", "25h", "orders", bypass][..]].concat());
    assert_refused(&run, "a bypass can be silenced for at most 24 hours");
    let id = add(&daemon, &["--for", "1d", "orders", bypass]);
    assert_eq!(names(&daemon), [id]);
}

#[test]
fn who_silences_what_a_bypass_could_meet_is_told_that_it_is_told() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    let note = "a bypass is told all the same, unless a matcher says `class=\"bypass\"`";
    for (matchers, is_told) in [
        (&["orders"][..], true),
        (&["class=~\".*\""], true),
        (&["orders", "class=\"bypass\""], false),
        (&["class=lockout"], false),
    ] {
        let run = daemon
            .scene
            .run(&[ADD, &["--for", "1h"], matchers].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_eq!(run.stderr.contains(note), is_told, "{}", run.stderr);
    }
}

#[test]
fn an_endpoint_that_is_yet_to_come_can_be_silenced_and_is_remarked_on() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    let run = daemon
        .scene
        .run(&[ADD, &["--for", "1h", "endpoint=\"ordesr\""][..]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let hint = "no endpoint is named `ordesr` at present; did you mean `orders`?";
    assert!(run.stderr.contains(hint), "{}", run.stderr);
}

#[test]
fn a_configured_label_can_be_matched() {
    let lab = locked_lab();
    let endpoint =
        triad("orders", &lab.url("/orders")).replace("name:", "labels: {team: pay}, name:");
    let daemon = Daemon::start(scene(&config("", &[endpoint])));
    let id = add(&daemon, &["--for", "1h", "team=pay"]);
    assert_eq!(names(&daemon), [id]);
}

#[test]
fn whoever_gives_no_name_is_named_by_the_environment_or_the_socket() {
    let lab = locked_lab();
    let scene = scene_of(&lab).set("USER", "bob");
    let daemon = Daemon::start(scene);
    let add = ["silence", "add", "--comment", "upkeep", "--for"];
    assert_eq!(
        daemon
            .scene
            .run(&[&add[..], &["1h", "orders"]].concat())
            .code,
        0
    );
    let mut nameless = daemon
        .scene
        .command(&[&add[..], &["2h", "orders"]].concat());
    assert!(
        nameless
            .env_remove("USER")
            .output()
            .unwrap()
            .status
            .success()
    );
    let document = listed(&daemon);
    // The socket belongs to whoever started the daemon, who asks here as well.
    let uid = std::fs::metadata(daemon.path("state/authvigil.db.sock"))
        .unwrap()
        .uid();
    let author = |at: usize| document["silences"][at]["author"].as_str().unwrap();
    assert_eq!(author(0), "bob");
    assert_eq!(author(1), format!("uid {uid}"));
}

#[test]
fn a_secret_in_a_comment_is_not_repeated() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    daemon.until_reasons(&LOCKED);
    let comment = format!("the password is {PASSWORD}");
    let arguments = [
        "silence",
        "add",
        "--author",
        PASSWORD,
        "--comment",
        &comment,
    ];
    let run = daemon
        .scene
        .run(&[&arguments[..], &["--for", "1h", "orders"]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let shown = [listed(&daemon).to_string(), daemon.log(), run.stderr].concat();
    assert!(shown.contains("the password is"), "{shown}");
    assert!(!shown.contains(PASSWORD), "{shown}");
}

#[test]
fn without_a_daemon_every_command_says_so() {
    let lab = locked_lab();
    let scene = scene_of(&lab);
    for arguments in [
        &["accept", "orders"][..],
        &["silence", "list"],
        &["silence", "expire", "00000000"],
        &[ADD, &["--for", "1h", "orders"][..]].concat(),
    ] {
        let run = scene.run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (70, ""), "{arguments:?}");
        assert!(run.stderr.contains("no daemon answers"), "{}", run.stderr);
    }
}

/// Who is told, and where what they are told lies.
const ALERTING: &str = "alerting: {receivers: [{name: oncall, file: {directory: mail}}], \
                        route: {receiver: oncall}}";

/// A daemon that writes mails into files.
fn writing_daemon(lab: &Lab) -> Daemon {
    Daemon::start(scene(&config(
        ALERTING,
        &[triad("orders", &lab.url("/orders"))],
    )))
}

/// Whether a mail with these words in its subject was written.
fn is_told(daemon: &Daemon, words: &str) -> bool {
    let Ok(files) = std::fs::read_dir(daemon.path("mail")) else {
        return false;
    };
    let mails = files.map(|file| std::fs::read_to_string(file.unwrap().path()));
    // A mail that is being written has another name a moment later.
    mails.flatten().any(|mail| {
        let unfolded = mail.replace("\r\n ", " ");
        let mut lines = unfolded.lines();
        lines.any(|line| line.starts_with("Subject:") && line.contains(words))
    })
}

#[test]
fn a_bypass_is_told_through_a_silence_of_its_endpoint() {
    let lab = locked_lab();
    let daemon = writing_daemon(&lab);
    add(&daemon, &["--for", "1h", "orders"]);
    open(&lab);
    daemon.until("it is told", || is_told(&daemon, "CRITICAL bypass"));
}

#[test]
fn a_bypass_that_is_silenced_by_name_is_not_told_and_its_silence_is() {
    let lab = locked_lab();
    lab.route("/bills", door::basic("bills", USER, PASSWORD));
    let endpoints = ["orders", "bills"].map(|name| alone(name, &lab.url(&format!("/{name}"))));
    let daemon = Daemon::start(scene(&config(ALERTING, &endpoints)));
    daemon.until_probed("orders/anonymous", 1);
    add(&daemon, &["--for", "1h", "orders", "class=bypass"]);
    daemon.until("the silence is told", || {
        is_told(&daemon, "SILENCED a bypass")
    });
    open(&lab);
    daemon.until_reasons(&OPEN[..1]);
    // By the time that a later bypass is told, so would this one have been.
    lab.route("/bills", |_| Answer::status(200));
    daemon.until("the other bypass is told", || {
        is_told(&daemon, "CRITICAL bypass bills/anonymous")
    });
    assert!(!is_told(&daemon, "bypass orders"), "{}", daemon.log());
}
