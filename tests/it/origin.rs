//! A credential is shown where it belongs, wherever a server points.

use crate::support::certificates::{Certificate, ClientCertificate, write_authority};
use crate::support::lab::{Answer, Clients, Lab};
use crate::support::program::{Report, Scene};

const SECRET: &str = "Vq7kestrelZw4quartzPx9";

/// Shows a password, a token and keys to a door, and follows where it points.
fn check(door: &str) -> Report {
    let scene = Scene::of(&format!(
        "credentials:\n  \
           reader: {{basic_auth: {{username: reader, password_file: secret}}}}\n  \
           ci: {{authorization: {{credentials_file: secret}}}}\n  \
           header: {{api_key: {{header: X-Key, value_file: secret}}}}\n  \
           query: {{api_key: {{query: key, value_file: secret}}}}\n\
         endpoints:\n  - name: door\n    url: '{door}'\n    follow_redirects: same_origin\n    \
         checks: [{{as: reader}}, {{as: ci}}, {{as: header}}, {{as: query}}]\n"
    ));
    scene.write("secret", SECRET);
    scene.check()
}

#[test]
fn no_redirect_makes_a_credential_travel() {
    let (home, away) = (Lab::http(), Lab::http());
    let (here, there) = (home.address(), away.address());
    home.route("/end", |_| Answer::status(200));
    let pointers = [
        away.url("/"),
        format!("//{there}/"),
        format!("http://reader:{SECRET}@{there}/"),
        // The same origin, but as somebody whom the server names.
        format!("http://reader:word@{here}/end"),
        format!("http://reader@{here}/end"),
        format!("https://{here}/end"),
        format!("http://localhost:{}/end", here.port()),
        format!("http:\\\\{there}\\"),
    ];
    for pointer in pointers {
        let before = home.requests().len();
        let location = pointer.clone();
        home.route("/door", move |_| Answer::redirect(&location));
        let report = check(&home.url("/door"));
        for name in ["reader", "ci", "header", "query"] {
            let reason = report.reason(&format!("door/{name}"));
            assert_eq!(reason, "credential_redirected", "{pointer}");
        }
        let asked = home.requests().split_off(before);
        assert!(asked.iter().all(|it| it.path == "/door"), "{pointer}");
        assert_eq!(away.connections(), 0, "{pointer}");
        assert!(!report.run.stdout.contains(SECRET), "{pointer}");
    }
}

#[test]
fn a_redirect_within_the_origin_keeps_the_credential() {
    let home = Lab::http();
    home.route("/door", |_| Answer::redirect("/end?next=1"));
    home.route("/end", |request| {
        let encoded = format!("key={SECRET}");
        let query = request.query.clone().unwrap_or_default();
        let has_password = request.basic().is_some_and(|(_, word)| word == SECRET);
        let has_key = request.header("x-key") == Some(SECRET) || query.contains(&encoded);
        let is_holder = has_password || has_key || request.bearer() == Some(SECRET);
        Answer::status(if is_holder { 200 } else { 401 })
    });
    let report = check(&home.url("/door"));
    for name in ["reader", "ci", "header", "query"] {
        assert_eq!(report.reason(&format!("door/{name}")), "pass");
    }
}

fn with_certificate(url: &str, more: &str) -> Report {
    let scene = Scene::of(&format!(
        "credentials: {{edge: {{client_certificate: {{cert_file: edge.pem, key_file: \
         edge.key}}}}}}\nendpoints: [{{name: door, url: '{url}', follow_redirects: same_origin, \
         tls_config: {{ca_file: ca.pem}}, {more} checks: [{{as: edge}}]}}]\n"
    ));
    write_authority(scene.path());
    ClientCertificate::Valid.issue().write(scene.path(), "edge");
    scene.check()
}

fn asks_for_certificates() -> Lab {
    let builder = Lab::builder().tls(Certificate::Valid);
    builder.clients(Clients::Optional).start()
}

#[test]
fn a_client_certificate_is_not_shown_to_whom_a_redirect_names() {
    let (home, away) = (asks_for_certificates(), asks_for_certificates());
    let pointer = away.url("/");
    home.route("/", move |_| Answer::redirect(&pointer));
    let report = with_certificate(&home.url("/"), "");
    assert_eq!(report.reason("door/edge"), "credential_redirected");
    assert!(home.requests()[0].has_client_certificate());
    assert_eq!(away.connections(), 0);
}

#[test]
fn a_client_certificate_is_not_shown_to_a_proxy() {
    let (home, proxy) = (asks_for_certificates(), asks_for_certificates());
    let more = format!("proxy_url: '{}',", proxy.url(""));
    let report = with_certificate(&home.url("/"), &more);
    assert_eq!(report.reason("door/edge"), "secret_unavailable");
    assert_eq!(proxy.connections() + home.connections(), 0);
}
