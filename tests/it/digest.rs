//! Digest: the whole dance, against scripted servers and against those that people run.

mod relay;
pub(crate) mod rig;
mod scripted;
mod servers;

use std::time::Duration;

use authvigil::domain::observation::Phases;

use self::rig::{Verifier, knocks};
use crate::support::lab::{Answer, Lab};
use crate::support::program::Scene;
use crate::support::servers::{Apache, Lighttpd, PASSWORD, READER};

#[test]
fn check_passes_the_triad_of_real_servers_and_tells_no_password() {
    let (apache, lighttpd) = (Apache::start(), Lighttpd::start());
    let scene = Scene::of(&format!(
        "credentials:\n  reader: {{digest_auth: {{username: {READER}, password_file: pw}}}}\n\
         endpoints:\n  - {{name: apache, url: \"{}\", credential: reader, challenge: 'Digest \
         realm=\"lab digest\", algorithm=MD5'}}\n  - {{name: lighttpd, url: \"{}\", credential: \
         reader, challenge: Digest algorithm=SHA-256}}\n",
        apache.http("/digest"),
        lighttpd.http("/digest"),
    ));
    scene.write("pw", format!("{PASSWORD}\n"));
    let report = scene.check();
    for endpoint in ["apache", "lighttpd"] {
        for check in ["anonymous", "invalid", "valid"] {
            let id = format!("{endpoint}/{check}");
            assert_eq!(report.reason(&id), "pass", "{}", report.run.stdout);
        }
    }
    assert_eq!(report.run.code, 0);
    assert!(
        !report.run.stdout.contains(PASSWORD),
        "{}",
        report.run.stdout
    );
}

#[test]
fn wrong_and_empty_passwords_are_refused_by_the_digest_itself() {
    let lab = Lab::http();
    let verifier = Verifier::of("reader", "s3cret");
    lab.route("/", move |request| verifier.answer(request));
    let scene = Scene::of(&format!(
        "credentials:\n  reader: {{digest_auth: {{username: reader, password_file: pw}}}}\n\
         endpoints:\n  - {{name: lab, url: \"{}\", checks: [{{as: {{empty: reader}}}}, {{as: \
         {{wrong_password: reader}}}}]}}\n",
        lab.url("/"),
    ));
    scene.write("pw", "s3cret");
    let report = scene.check_with(&["--include", "wrong_password"]);
    assert_eq!(report.reason("lab/empty-reader"), "pass");
    assert_eq!(report.reason("lab/wrong_password-reader"), "pass");
    let requests = lab.requests();
    let mut users: Vec<_> = requests.iter().filter_map(rig::user).collect();
    users.sort_unstable();
    assert_eq!(users, ["", "reader"]);
    assert_eq!(requests.len(), 4);
}

#[tokio::test]
async fn the_phases_cover_both_exchanges() {
    // Each answer is late by the same; half of that is to spare for a busy machine.
    let late = Duration::from_secs(1);
    let lab = Lab::http();
    let verifier = Verifier::of("reader", "s3cret");
    lab.route("/", move |request| verifier.answer(request).after(late));
    let [knock] = knocks(&lab.url("/"), ["reader"], "").await;
    let Phases { processing, .. } = knock.observation.phases;
    let processing = processing.unwrap_or_default();
    assert!(processing >= late * 3 / 2, "{processing:?}");
    assert!(knock.observation.duration >= processing);
    assert_eq!(knock.reason, "pass");
}

#[tokio::test]
async fn the_timeout_covers_the_whole_dance() {
    let lab = Lab::http();
    lab.route("/", |request| {
        let challenge = Answer::unauthorized(rig::CHALLENGE);
        if request.header("authorization").is_some() {
            challenge.after(Duration::from_mins(5))
        } else {
            challenge
        }
    });
    let [knock] = knocks(&lab.url("/"), ["reader"], "timeout: 1s").await;
    assert_eq!(knock.reason, "timeout");
}
