//! Credentials whose secret goes a longer way than into a header: into a digest, to a token server,
//! through a program.

use std::fmt::Write as _;

use serde_json::json;

use super::secrets::{SECRETS, USER};
use super::{assert_silent_of, parrot, places};
use crate::support::lab::{Answer, Lab, Request};
use crate::support::program::Scene;

/// What token servers give for the secret.
pub(super) const FETCHED: &str = "redshank-5Pw.Gu3_spotted-Qd7";

/// What the program prints beside the secret: a token in the one case, nothing to speak of else.
pub(super) const PRINTED: &str = "turnstone-2Xk.Ty6_marbled-Hn9";

/// A credential of each kind: its name, and its line with `LAB` for a server, `SCENE` for the
/// directory, and the secret in the file `secret`.
const KINDS: [(&str, &str); 6] = [
    (
        "digest",
        "{digest_auth: {username: USER, password_file: secret}}",
    ),
    (
        "oauth2",
        "{oauth2: {token_url: 'LAB/token', client_id: watch, client_secret_file: secret}}",
    ),
    (
        "registry",
        "{registry_token: {realm: 'LAB/registry', service: images, username: USER, password_file: \
         secret}}",
    ),
    ("program-header", "{command: [/bin/sh, 'SCENE/header']}"),
    ("program-token", "{command: [/bin/sh, 'SCENE/token']}"),
    (
        "failing",
        "{command: [/bin/sh, 'SCENE/failing', --verbose, 'SCENE/secret']}",
    ),
];

/// The names of all of them.
pub(super) fn names() -> [&'static str; KINDS.len()] {
    KINDS.map(|(name, _)| name)
}

/// Gives a lab the servers that these credentials take, and a mirror of whatever it is shown.
pub(super) fn teach(lab: &Lab) {
    lab.route("/token", |_| {
        Answer::status(200).json(json!({"access_token": FETCHED, "expires_in": 5}).to_string())
    });
    lab.route("/registry", |_| {
        Answer::status(200).json(json!({"token": FETCHED, "expires_in": 5}).to_string())
    });
    lab.route("/mirror", mirror);
}

/// An endpoint of its own, beside those of the parrot.
pub(super) fn mirrored(lab: &Lab) -> (String, String) {
    ("mirror".to_owned(), lab.url("/mirror"))
}

/// The lines of all credentials, as they stand below `credentials`.
pub(super) fn credentials(scene: &Scene, lab: &Lab) -> String {
    let directory = scene.path().display().to_string();
    let mut lines = String::new();
    for (name, line) in KINDS {
        let line = line.replace("USER", USER).replace("SCENE", &directory);
        let line = line.replace("LAB/", &lab.url("/"));
        writeln!(lines, "  {name}: {line}").unwrap();
    }
    lines
}

/// Writes the secret, and the programs that print it.
pub(super) fn equip(scene: &Scene, secret: &str) {
    scene.write("secret", secret);
    let header = json!({"headers": {"X-Key": secret}, "expires_in": 5});
    let token = json!({"token": PRINTED, "expires_in": 5});
    for (name, printed) in [("header", header), ("token", token)] {
        scene.write(&format!("{name}.json"), printed.to_string());
        let script =
            "while read -r line || [ \"$line\" ]; do printf '%s' \"$line\"; done < \"$0.json\"\n";
        scene.write(name, script);
    }
    // It says what it would have printed, and fails.
    let scene_of_it = "read -r line < \"${0%failing}header.json\"\n";
    let words = "printf '%s' \"$line\"; printf '%s\\n' \"no vault for $2: $line\" >&2; exit 1\n";
    scene.write("failing", [scene_of_it, words].concat());
}

/// Says back what it was shown. Whoever shows nothing is asked for a digest.
fn mirror(request: &Request) -> Answer {
    let shown = request.header("authorization").map(str::as_bytes);
    let key = request
        .headers
        .get("x-key")
        .map(http::HeaderValue::as_bytes);
    let Some(shown) = shown.or(key) else {
        return Answer::unauthorized("Digest realm=\"mirror\", nonce=\"n\", qop=\"auth\"");
    };
    let description = [b"Bearer error_description=\"", shown, b"\""].concat();
    Answer::status(401)
        .header_bytes("WWW-Authenticate", &description)
        .header_bytes("X-Echo", shown)
        .header_bytes("Content-Type", shown)
        .body(shown.to_vec())
}

#[test]
fn a_server_that_gives_back_what_went_a_longer_way_is_not_quoted() {
    const EXPECT: &str = "{challenge: 'Basic realm=\"other\"', headers: {X-Echo: nothing}, body: \
                          {contains: nothing}}";
    for (what, secret) in [SECRETS[0], SECRETS[1], SECRETS[2], SECRETS[6], SECRETS[7]] {
        let lab = parrot::start(secret);
        teach(&lab);
        let scene = Scene::new();
        equip(&scene, secret);
        let mut config = format!(
            "global: {{timeout: 2s}}\ncredentials:\n{}endpoints:\n",
            credentials(&scene, &lab)
        );
        for (name, url) in places(&lab).into_iter().chain([mirrored(&lab)]) {
            let check = |name: &str| format!("{{as: {name}, expect: {EXPECT}}}");
            let checks = names().map(check).join(", ");
            writeln!(
                config,
                "  - {{name: {name}, url: '{url}', checks: [{checks}]}}"
            )
            .unwrap();
        }
        scene.write("authvigil.yaml", config);
        assert_silent_of(&scene, &[secret, FETCHED, PRINTED], what);
        let shown = lab.requests();
        let by = |header: &str, text: &str| {
            let has = |it: &&Request| {
                let value = it.headers.get(header);
                it.path == "/mirror" && value.is_some_and(|it| it.as_bytes() == text.as_bytes())
            };
            shown.iter().filter(has).count()
        };
        let bearer = |token: &str| by("authorization", &format!("Bearer {token}"));
        let seen = (bearer(FETCHED), bearer(PRINTED), by("x-key", secret));
        // `registry` may have been rejected four times elsewhere, and is held back then.
        assert!(
            seen.0 >= 3 && seen.1 >= 3 && seen.2 >= 3,
            "{what}: {seen:?}"
        );
    }
}
