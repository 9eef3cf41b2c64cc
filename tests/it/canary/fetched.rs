//! Secrets that were fetched, and those that were shown to fetch them.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::secrets::{SECRETS, forms};
use super::{assert_silent_of, parrot, places};
use crate::support::lab::{Answer, Lab};
use crate::support::program::Scene;

const CLIENT: &str = "bittern-9Kd-fetches-tokens";
const REFRESH: &str = "nuthatch-5Gh-agreed-to-once";
const NEWER: &str = "wheatear-3Lp-takes-its-place";
const CLAIMS: &str = r#"{"sub":"dotterel-6Ys","aud":"whimbrel-2Nc"}"#;

fn jwt() -> String {
    let [header, claims] = [r#"{"alg":"HS256"}"#, CLAIMS].map(|it| URL_SAFE_NO_PAD.encode(it));
    let signature = URL_SAFE_NO_PAD.encode(b"fieldfare-8Wv-signed-this-token!");
    format!("{header}.{claims}.{signature}")
}

fn config(lab: &Lab, credential: &str) -> String {
    let mut config =
        format!("global: {{timeout: 2s}}\ncredentials:\n  caller: {credential}\nendpoints:\n");
    for (name, url) in places(lab) {
        let checks = "checks: [{as: caller}, {as: anonymous}]";
        writeln!(config, "  - {{name: {name}, url: '{url}', {checks}}}").unwrap();
    }
    config
}

fn oauth2(lab: &Lab, more: &str) -> String {
    let url = lab.url("/token");
    format!(
        "{{oauth2: {{token_url: '{url}', client_id: watch, client_secret_file: client{more}}}}}"
    )
}

#[test]
fn a_server_that_gives_a_fetched_token_or_its_claims_back_is_not_quoted() {
    let token = jwt();
    let [_, claims, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    for echo in [token.as_str(), claims, CLAIMS, signature] {
        let lab = parrot::start(echo);
        let given = json!({"access_token": token, "refresh_token": NEWER, "expires_in": 3600});
        lab.route("/token", move |_| {
            Answer::status(200).json(given.to_string())
        });
        let refreshed = oauth2(&lab, ", refresh_token_file: refresh");
        let scene = Scene::of(&config(&lab, &refreshed));
        scene.write("client", CLIENT);
        scene.write("refresh", REFRESH);
        let secrets = [
            CLIENT,
            REFRESH,
            NEWER,
            claims,
            signature,
            "dotterel-6Ys",
            "whimbrel-2Nc",
        ];
        assert_silent_of(&scene, &secrets, echo);
        let shown = lab.requests();
        assert!(shown.iter().any(|it| it.bearer() == Some(token.as_str())));
    }
}

#[test]
fn a_token_endpoint_that_gives_a_clients_secret_back_is_not_quoted() {
    for (what, secret) in [SECRETS[0], SECRETS[1], SECRETS[6], SECRETS[7]] {
        let lab = parrot::start(secret);
        let said: Vec<String> = forms(secret)
            .iter()
            .map(|form| String::from_utf8_lossy(form).into_owned())
            .collect();
        let refusal = json!({"error": said[0], "error_description": said.join(" or ")});
        lab.route("/token", move |_| {
            Answer::status(401).json(refusal.to_string())
        });
        let scene = Scene::of(&config(&lab, &oauth2(&lab, "")));
        scene.write("client", secret);
        assert_silent_of(&scene, &[secret], what);
        assert!(lab.requests().iter().any(|it| it.path == "/token"));
    }
}

#[test]
fn a_server_that_gives_the_claims_of_a_token_back_is_not_quoted() {
    let token = jwt();
    let claims = token.split('.').nth(1).unwrap();
    for echo in [claims, CLAIMS] {
        let lab = parrot::start(echo);
        let credential = "{authorization: {credentials_file: token}}";
        let scene = Scene::of(&config(&lab, credential));
        scene.write("token", &token);
        assert_silent_of(&scene, &[claims, "dotterel-6Ys", "whimbrel-2Nc"], echo);
    }
}
