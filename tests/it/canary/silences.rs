//! No answer, and the credential with it.

use super::secrets::SECRETS;
use super::{Kind, assert_silent, parrot, places};
use crate::support::certificates::{Certificate, ClientCertificate};
use crate::support::hostile::nobody::{ClosedPort, UNRESOLVABLE};
use crate::support::hostile::{Hostile, Script, TlsFault};
use crate::support::lab::Lab;
use crate::support::program::Scene;
use crate::support::proxy::{Policy, Proxy};

#[test]
fn a_silence_tells_nothing_of_what_was_to_be_shown() {
    let closed = ClosedPort::take();
    let tls = Hostile::start(Script::Tls(TlsFault::Alert));
    let untrusted = Lab::https(Certificate::SelfSigned);
    let endpoints = [
        ("closed", format!("http://{}/", closed.address())),
        ("garbage", format!("https://{}/", closed.address())),
        ("alert", tls.url()),
        ("untrusted", untrusted.url("/")),
        ("name", UNRESOLVABLE.to_owned()),
    ]
    .map(|(name, url)| (name.to_owned(), url));
    for kind in Kind::ALL {
        for (what, secret) in [SECRETS[0], SECRETS[6]] {
            let scene = Scene::of(&kind.config(&endpoints, "allow_cleartext: true"));
            scene.write("secret", secret);
            assert_silent(&scene, secret, &format!("{kind:?}, {what}"));
        }
    }
}

#[test]
fn a_proxy_that_refuses_is_not_shown_to_have_seen_a_secret() {
    for policy in [
        Policy::Forbidden,
        Policy::BadGateway,
        Policy::Garbage,
        Policy::Close,
    ] {
        let proxy = Proxy::start(policy);
        let endpoints =
            ["http", "https"].map(|scheme| (scheme.to_owned(), format!("{scheme}://door.test/")));
        let more = format!("{{allow_cleartext: true, proxy_url: '{}'}}", proxy.url());
        let more = more.trim_matches(['{', '}']).replace(", ", "\n    ");
        for kind in Kind::ALL {
            let (what, secret) = SECRETS[1];
            let scene = Scene::of(&kind.config(&endpoints, &more));
            scene.write("secret", secret);
            assert_silent(&scene, secret, &format!("{kind:?}, {policy:?}, {what}"));
        }
        assert!(!proxy.seen().is_empty());
    }
}

#[test]
fn a_proxy_that_gives_a_secret_back_is_not_quoted() {
    for (what, secret) in SECRETS {
        let lab = parrot::start(secret);
        let endpoints: Vec<(String, String)> = places(&lab)
            .into_iter()
            .map(|(name, _)| (name.clone(), format!("http://door.test/{name}")))
            .collect();
        let more = format!("allow_cleartext: true\n    proxy_url: '{}'", lab.url(""));
        let scene = Scene::of(&Kind::KeyInQuery.config(&endpoints, &more));
        scene.write("secret", secret);
        assert_silent(&scene, secret, what);
        assert!(!lab.requests().is_empty());
    }
}

#[test]
fn a_secret_that_no_header_can_carry_is_not_quoted() {
    const SECRET: &str = "Vq7kestrel\u{1}Zw4quartz\nPx9";
    let lab = Lab::http();
    let endpoints = [("door".to_owned(), lab.url("/"))];
    for kind in Kind::ALL {
        let scene = Scene::of(&kind.config(&endpoints, ""));
        scene.write("secret", SECRET);
        assert_silent(&scene, SECRET, &format!("{kind:?}"));
    }
}

#[test]
fn a_private_key_is_not_quoted_whatever_is_wrong_with_it() {
    let lab = Lab::https(Certificate::Valid);
    let issued = ClientCertificate::Valid.issue();
    let other = ClientCertificate::Valid.issue();
    let key = issued.key_pem();
    let certificate = issued.certificate_pem();
    let broken = key.replace("PRIVATE KEY", "ENCRYPTED KEY");
    let cut: String = key.lines().take(2).collect::<Vec<_>>().join("\n");
    let scrambled = key.replace('M', "!");
    let (before, after) = key.split_at(60);
    let split = format!("{before}\n\n{after}");
    for (what, certificate, key_file) in [
        ("as it is", &certificate, &key),
        ("of another certificate", &other.certificate_pem(), &key),
        ("of an unknown kind", &certificate, &broken),
        ("cut off", &certificate, &cut),
        ("no base64", &certificate, &scrambled),
        ("with a gap", &certificate, &split),
        ("in the certificate's place", &key, &certificate),
        ("in both places", &key, &key),
    ] {
        let scene = Scene::of(&format!(
            "credentials:\n  edge: {{client_certificate: {{cert_file: c.pem, key_file: c.key}}}}\n\
             endpoints:\n  - {{name: door, url: '{}', credential: edge, allow_unverified: true, \
             tls_config: {{insecure_skip_verify: true}}}}\n",
            lab.url("/")
        ));
        scene.write("c.pem", certificate);
        scene.write("c.key", key_file);
        // The frame of a PEM file is no secret.
        let body: String = key.lines().filter(|line| !line.starts_with('-')).collect();
        assert_silent(&scene, &body, what);
    }
}
