//! No credential in any output, whatever the failure.
//!
//! Each kind of credential is shown to a server that gives it back in every form and at every place,
//! and to nobody at all; then no piece of it may be found in what the program wrote.

mod daemon;
mod detector;
mod fetched;
mod parrot;
mod roundabout;
mod secrets;
mod silences;
mod writings;

use std::fmt::Write as _;

use secrets::{SECRETS, USER};

use crate::support::lab::{Answer, Lab};
use crate::support::program::{Run, Scene};

/// A kind of credential, by the line of configuration that makes one of the file `secret`.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Authorization,
    Basic,
    Header,
    KeyInHeader,
    KeyInQuery,
}

impl Kind {
    const ALL: [Self; 5] = [
        Self::Authorization,
        Self::Basic,
        Self::Header,
        Self::KeyInHeader,
        Self::KeyInQuery,
    ];

    fn credential(self) -> String {
        match self {
            Self::Authorization => "{authorization: {credentials_file: secret}}".to_owned(),
            Self::Basic => {
                format!("{{basic_auth: {{username: {USER}, password_file: secret}}}}")
            }
            Self::Header => String::new(),
            Self::KeyInHeader => "{api_key: {header: X-Key, value_file: secret}}".to_owned(),
            Self::KeyInQuery => "{api_key: {query: key, value_file: secret}}".to_owned(),
        }
    }

    /// A configuration whose endpoints are these names and URLs, and what each of them has besides.
    fn config(self, endpoints: &[(String, String)], more: &str) -> String {
        const EXPECT: &str = "challenge: 'Basic realm=\"other\"', location: /nowhere, headers: \
                              {X-Echo: nothing, Cache-Control: '~^no$'}, body: {contains: nothing}";
        let mut config = String::from("global: {timeout: 2s}\n");
        let (personas, headers) = match self {
            Self::Header => ("anonymous", "headers: {X-Key: {value_file: secret}}"),
            Self::Authorization | Self::Basic | Self::KeyInHeader | Self::KeyInQuery => {
                writeln!(config, "credentials:\n  caller: {}", self.credential()).unwrap();
                ("caller anonymous", "headers: {}")
            }
        };
        config += "endpoints:\n";
        for (name, url) in endpoints {
            writeln!(
                config,
                "  - name: {name}\n    url: '{url}'\n    {headers}\n    {more}"
            )
            .unwrap();
            config += "    checks:\n";
            for persona in personas.split(' ') {
                writeln!(config, "      - {{as: {persona}, expect: {{{EXPECT}}}}}").unwrap();
            }
        }
        config
    }
}

/// Runs the program in each way that makes a report, and demands silence of each.
#[track_caller]
fn assert_silent(scene: &Scene, secret: &str, what: &str) {
    assert_silent_of(scene, &[secret], what);
}

/// The same, of several secrets.
#[track_caller]
fn assert_silent_of(scene: &Scene, secrets: &[&str], what: &str) {
    let secrets: Vec<&[u8]> = secrets.iter().map(|it| it.as_bytes()).collect();
    for format in ["text", "json", "junit"] {
        let run = scene.run(&["check", "--format", format, "--log-level", "trace"]);
        assert!(run.code < 4, "{what}: {}", run.stderr);
        for (stream, text) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
            if let Some(leak) = detector::leak_of_any(text.as_bytes(), &secrets) {
                panic!("{what}, {format}: a piece of a secret on {stream}, {leak}");
            }
        }
    }
}

#[track_caller]
fn assert_silent_run(run: &Run, secret: &str, what: &str) {
    for (stream, text) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
        if let Some(leak) = detector::leak(text.as_bytes(), secret.as_bytes()) {
            panic!("{what}: a piece of {secret:?} on {stream}, {leak}");
        }
    }
}

fn places(lab: &Lab) -> Vec<(String, String)> {
    let place = |name: String| {
        let url = lab.url(&format!("/{name}"));
        (name, url)
    };
    parrot::names().into_iter().map(place).collect()
}

fn no_parrot_is_quoted(kind: Kind) {
    for (what, secret) in SECRETS {
        let lab = parrot::start(secret);
        let scene = Scene::of(&kind.config(&places(&lab), ""));
        scene.write("secret", format!("{secret}\n"));
        assert_silent(&scene, secret, &format!("{kind:?}, {what}"));
        let shown = lab.requests().len();
        assert!(shown >= 3 * parrot::names().len(), "{shown} requests");
    }
}

#[test]
fn a_server_that_gives_a_token_back_is_not_quoted() {
    no_parrot_is_quoted(Kind::Authorization);
}

#[test]
fn a_server_that_gives_a_password_back_is_not_quoted() {
    no_parrot_is_quoted(Kind::Basic);
}

#[test]
fn a_server_that_gives_a_secret_header_back_is_not_quoted() {
    no_parrot_is_quoted(Kind::Header);
}

#[test]
fn a_server_that_gives_a_key_of_a_header_back_is_not_quoted() {
    no_parrot_is_quoted(Kind::KeyInHeader);
}

#[test]
fn a_server_that_gives_a_key_of_the_query_back_is_not_quoted() {
    no_parrot_is_quoted(Kind::KeyInQuery);
}

#[test]
fn a_redirect_that_is_followed_is_not_quoted() {
    for (what, secret) in SECRETS {
        let lab = parrot::start(secret);
        let scene =
            Scene::of(&Kind::KeyInQuery.config(&places(&lab), "follow_redirects: same_origin"));
        scene.write("secret", secret);
        assert_silent(&scene, secret, what);
    }
}

#[test]
fn a_secret_that_was_shown_elsewhere_is_not_quoted() {
    // It may meet this parrot before anybody has read the secret; what is rewritten by then stays.
    for (what, secret) in SECRETS.into_iter().filter(|(_, secret)| secret.is_ascii()) {
        let lab = parrot::start(secret);
        let realm = secrets::escaped(secret);
        let challenge = format!("Basic realm=\"{realm}\"");
        lab.route("/other", move |_| Answer::unauthorized(&challenge));
        let mut config = Kind::Basic.config(&places(&lab), "");
        writeln!(config, "  - {{name: other, url: '{}'}}", lab.url("/other")).unwrap();
        let scene = Scene::of(&config);
        scene.write("secret", secret);
        assert_silent(&scene, secret, what);
    }
}
