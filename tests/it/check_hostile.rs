//! Hostile servers: each ends soon after its timeout, in bounded memory, with its reason.

use std::fmt::Write as _;
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};

use crate::support::hostile::nobody::{Blackhole, ClosedPort, UNREACHABLE, UNRESOLVABLE};
use crate::support::hostile::{
    BodyFault, HeadFault, Hostile, How, Http2Fault, Part, Script, Stage, TlsFault,
};
use crate::support::program::Scene;

/// The timeout of the probes of many at once: long enough for all to have their say beside those who
/// never end theirs, even on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(6);

/// How much longer a run may take: what a busy machine needs to start it and to read all there is.
const LEEWAY: Duration = Duration::from_secs(5);

/// What a whole run may hold, in KiB.
const MOST_MEMORY: i64 = 128 * 1024;

/// What a stranger's check must say of a server that would answer 401 with a Basic challenge.
fn reason(script: Script) -> &'static str {
    match script {
        Script::Stops(stage, how) => of_stop(stage, how),
        Script::Drips(Part::Head) => "timeout",
        Script::Head(fault) => of_head(fault),
        // An answer counts from its head: no expectation needed these bodies.
        Script::Drips(Part::Body)
        | Script::Body(
            BodyFault::EndlessChunks
            | BodyFault::EndlessLength
            | BodyFault::Truncated
            | BodyFault::TruncatedChunks
            | BodyFault::Mischunked
            | BodyFault::GzipBomb,
        ) => "pass",
        Script::Tls(TlsFault::PlainOnTlsPort | TlsFault::Alert | TlsFault::Garbage) => {
            "tls_failure"
        }
        Script::Tls(TlsFault::TlsOnPlainPort) => "protocol_error",
        Script::Http2(fault) => of_http2(fault),
    }
}

fn of_stop(stage: Stage, how: How) -> &'static str {
    match (stage, how) {
        (Stage::AfterHead | Stage::MidBody, _) => "pass",
        (_, How::Hang) => "timeout",
        (Stage::TlsHandshake, How::Close) => "tls_failure",
        (_, How::Close | How::Reset) => "connection_reset",
    }
}

fn of_head(fault: HeadFault) -> &'static str {
    match fault {
        HeadFault::Garbage
        | HeadFault::Http09
        | HeadFault::ConflictingLengths
        | HeadFault::NulInValue => "protocol_error",
        HeadFault::EndlessLines
        | HeadFault::EndlessLine
        | HeadFault::ManyLines
        | HeadFault::MegabyteLine => "response_too_large",
        HeadFault::EndlessContinue | HeadFault::EndlessEarlyHints => "timeout",
        HeadFault::SwitchingProtocols => "unexpected_status",
        HeadFault::LongLegalLines
        | HeadFault::LongLegalLine
        | HeadFault::Http10
        | HeadFault::InvalidName
        | HeadFault::FoldedChallenge
        | HeadFault::NonAsciiRealm => "pass",
    }
}

fn of_http2(fault: Http2Fault) -> &'static str {
    match fault {
        Http2Fault::NotHttp2
        | Http2Fault::GoAway
        | Http2Fault::ResetStream
        | Http2Fault::RefusedStream => "connection_reset",
        Http2Fault::EndlessContinuation => "protocol_error",
        Http2Fault::PingFlood | Http2Fault::Hang => "timeout",
    }
}

fn config_of(servers: &[(Script, Hostile)]) -> String {
    let mut config = String::from(
        "global:\n  timeout: 6s\nprofiles:\n  any:\n    tls_config:\n      \
         insecure_skip_verify: true\nendpoints:\n",
    );
    for (at, (_, hostile)) in servers.iter().enumerate() {
        let url = hostile.url();
        writeln!(config, "  - {{name: e{at}, url: \"{url}\", profile: any}}").unwrap();
    }
    config
}

#[test]
fn each_hostile_server_ends_in_time_in_bounded_memory_with_its_reason() {
    let servers: Vec<(Script, Hostile)> = Script::all()
        .into_iter()
        .map(|script| (script, Hostile::start(script)))
        .collect();
    let report = Scene::of(&config_of(&servers)).check();
    let seen: Vec<(Script, &str)> = servers
        .iter()
        .enumerate()
        .map(|(at, (script, _))| (*script, report.reason(&format!("e{at}/anonymous"))))
        .collect();
    let wanted: Vec<(Script, &str)> = servers
        .iter()
        .map(|(script, _)| (*script, reason(*script)))
        .collect();
    pretty_assertions(&seen, &wanted, &report.run.stdout);
    assert!(report.run.took < TIMEOUT + LEEWAY, "{:?}", report.run.took);
    let peak = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss();
    assert!(peak < MOST_MEMORY, "{peak} KiB");
}

/// What may come first where two things go wrong at once.
fn is_a_race(script: Script, reason: &str) -> bool {
    match script {
        // What is no frame, or that the server has gone.
        Script::Http2(Http2Fault::NotHttp2) => reason == "protocol_error",
        // The limit of a header list, or the deadline of a client that has little time to read.
        Script::Http2(Http2Fault::EndlessContinuation) => reason == "timeout",
        Script::Stops(..)
        | Script::Drips(_)
        | Script::Head(_)
        | Script::Body(_)
        | Script::Tls(_)
        | Script::Http2(_) => false,
    }
}

fn pretty_assertions(seen: &[(Script, &str)], wanted: &[(Script, &str)], report: &str) {
    let differ: Vec<String> = seen
        .iter()
        .zip(wanted)
        .filter(|(seen, wanted)| seen != wanted && !is_a_race(seen.0, seen.1))
        .map(|(seen, wanted)| format!("{:?}: {}, wanted {}", seen.0, seen.1, wanted.1))
        .collect();
    assert!(differ.is_empty(), "{}\n{report}", differ.join("\n"));
}

#[test]
fn an_open_door_is_a_bypass_however_hostile_its_body() {
    let scripts = Script::all().into_iter().filter(|script| {
        matches!(
            script,
            Script::Body(_)
                | Script::Drips(Part::Body)
                | Script::Stops(Stage::AfterHead | Stage::MidBody, _)
        )
    });
    let servers: Vec<(Script, Hostile)> = scripts
        .map(|script| (script, Hostile::admitting(script)))
        .collect();
    let report = Scene::of(&config_of(&servers)).check();
    for (at, (script, _)) in servers.iter().enumerate() {
        let reason = report.reason(&format!("e{at}/anonymous"));
        assert_eq!(reason, "anonymous_admitted", "{script:?}");
    }
    assert_eq!(report.run.code, 2);
}

#[test]
fn nobody_at_the_other_end_has_a_reason_of_its_own() {
    let (closed, blackhole) = (ClosedPort::take(), Blackhole::open());
    let config = format!(
        "global: {{timeout: 6s}}\nendpoints:\n  - {{name: dns, url: \"{UNRESOLVABLE}\"}}\n  \
         - {{name: closed, url: \"http://{}/\"}}\n  - {{name: blackhole, url: \"http://{}/\"}}\n  \
         - {{name: unreachable, url: \"{UNREACHABLE}\"}}\n",
        closed.address(),
        blackhole.address(),
    );
    let report = Scene::of(&config).check();
    let reasons = ["dns", "closed", "blackhole", "unreachable"]
        .map(|name| report.reason(&format!("{name}/anonymous")));
    assert_eq!(
        reasons,
        [
            "dns_failure",
            "connect_refused",
            "connect_timeout",
            "unreachable"
        ]
    );
    assert_eq!(report.run.code, 3);
    assert!(report.run.took < TIMEOUT + LEEWAY, "{:?}", report.run.took);
}

#[test]
fn a_hanging_server_with_all_three_personas_costs_its_timeout_and_less_than_a_second() {
    let hostile = Hostile::start(Script::Stops(Stage::BeforeHead, How::Hang));
    let config = format!(
        "global: {{timeout: 6s}}\ncredentials:\n  reader: {{basic_auth: {{username: reader, \
         password: s3cret-of-the-test}}}}\nendpoints:\n  - {{name: hangs, url: \"{}\", credential: \
         reader}}\n",
        hostile.url()
    );
    let report = Scene::of(&config).check();
    let reasons =
        ["anonymous", "invalid", "valid"].map(|check| report.reason(&format!("hangs/{check}")));
    assert_eq!(reasons, ["timeout"; 3]);
    // Somewhat more for a busy machine; if the last one had its whole timeout, it would be nine.
    assert!(
        report.run.took < Duration::from_millis(8500),
        "{:?}",
        report.run.took
    );
}
