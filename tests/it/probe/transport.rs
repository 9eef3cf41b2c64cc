//! Names, authorities and certificates.

use crate::support::certificates::{Certificate, write_authority};
use crate::support::lab::{Answer, Lab};
use crate::support::program::{Report, Scene};

fn locked(certificate: Certificate) -> Lab {
    let lab = Lab::https(certificate);
    lab.route("/", |_| Answer::unauthorized("Basic realm=\"lab\""));
    lab
}

#[test]
fn an_authority_of_ones_own_is_trusted_by_its_file() {
    let lab = locked(Certificate::Valid);
    let scene = Scene::new();
    write_authority(scene.path());
    let run = scene.run(&["probe", &lab.url("/")]);
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert!(run.stdout.contains("certificate_invalid"), "{}", run.stdout);
    let run = scene.run(&["probe", &lab.url("/"), "--ca-file", "ca.pem"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    for text in [
        "401 Unauthorized",
        "Certificates  TLS 1.3",
        "lab server",
        "days left",
    ] {
        assert!(run.stdout.contains(text), "{text}: {}", run.stdout);
    }
}

#[test]
fn a_certificate_is_shown_also_where_it_is_refused() {
    let lab = locked(Certificate::Expired);
    let scene = Scene::new();
    write_authority(scene.path());
    let run = scene.run(&["probe", &lab.url("/"), "--ca-file", "ca.pem"]);
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert!(run.stdout.contains("lab server"), "{}", run.stdout);
    assert!(
        run.stdout.contains("(-2 days left)") || run.stdout.contains("(-1 days left)"),
        "{}",
        run.stdout
    );
}

#[test]
fn any_certificate_is_taken_where_that_is_asked_for() {
    for certificate in Certificate::ALL {
        let lab = locked(certificate);
        let report =
            Report::of(Scene::new().run(&["probe", "--json", "--insecure", &lab.url("/")]));
        assert_eq!(
            report.results()[0]["observation"]["status"],
            401,
            "{certificate:?}"
        );
    }
}

#[test]
fn a_name_is_resolved_as_the_command_line_says() {
    let lab = locked(Certificate::Valid);
    let scene = Scene::new();
    write_authority(scene.path());
    let url = lab.url_at("door.lab.test", "/");
    let arguments = [
        "probe",
        &url,
        "--ca-file",
        "ca.pem",
        "--resolve",
        "door.lab.test=127.0.0.1",
    ];
    let run = scene.run(&arguments);
    assert_eq!(run.code, 0, "{}", run.stdout);
    let request = &lab.requests()[0];
    let name = request.tls.as_ref().and_then(|tls| tls.name.as_deref());
    assert_eq!(name, Some("door.lab.test"));
    assert!(
        request
            .header("host")
            .is_some_and(|it| it.starts_with("door.lab.test"))
    );
}

#[test]
fn a_missing_authority_file_is_said_and_nothing_is_sent() {
    let lab = locked(Certificate::Valid);
    let run = Scene::new().run(&["probe", &lab.url("/"), "--ca-file", "gone.pem"]);
    assert_ne!(run.code, 0, "{}", run.stdout);
    let said = format!("{}{}", run.stdout, run.stderr);
    assert!(said.contains("gone.pem"), "{said}");
    assert_eq!(lab.requests().len(), 0);
}
