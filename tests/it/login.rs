//! Sessions behind login forms, and credentials that programs print.

mod command;
mod hostile;
mod impostors;
mod outcome;
mod servers;
mod session;
mod walk;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use authvigil::clock::{SharedClock, SystemClock};
use authvigil::credential::{Credential, Keyring, LoginForm, Settings};
use authvigil::domain::check::{Disguise, Impostor, Name, Persona};
use authvigil::domain::endpoint::Transport;
use authvigil::domain::presenter::{Presentation, Presenter as _, Shown, Unpresentable};
use authvigil::domain::secret::{Secret, SecretRef};
use authvigil::probe::Prober;
use url::Url;

use crate::support::lab::{Answer, Lab, Request};

/// The password that the portal knows.
const PASSWORD: &str = "s3cret words";

/// What the form holds beside user and password.
const CSRF: &str = "csrf-0123456789";

const FORM: &str = "<!doctype html><title>Sign in</title><form method=post action=/login>\
                    <input type=hidden name=csrf value=csrf-0123456789><input name=user>\
                    <input type=password name=password><button name=go value=1>Sign in</button></form>";

/// A site with a login form at `/login`: who sends it right gets a session, `session-1` first, and is
/// sent to `/home`.
fn portal() -> Lab {
    let lab = Lab::http();
    let given = std::sync::atomic::AtomicUsize::new(0);
    lab.route("/login", move |request| {
        if request.method == http::Method::GET {
            let cookie = "csrftoken=cookie-of-the-page; Path=/";
            return Answer::status(200).html(FORM).header("Set-Cookie", cookie);
        }
        if !is_right(request) {
            return Answer::status(200).html(FORM);
        }
        let at = given.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        let cookie = format!("session=session-{at}; Path=/; HttpOnly");
        Answer::redirect("/home").header("Set-Cookie", &cookie)
    });
    lab.route("/home", |_| Answer::status(200).html("<h1>Welcome</h1>"));
    lab
}

fn is_right(request: &Request) -> bool {
    let field = |name: &str| {
        let mut pairs = url::form_urlencoded::parse(&request.body);
        pairs.find_map(|(other, value)| (other == name).then(|| value.into_owned()))
    };
    let cookies = request.header("cookie").unwrap_or_default();
    field("user").as_deref() == Some("watch")
        && field("password").as_deref() == Some(PASSWORD)
        && field("csrf").as_deref() == Some(CSRF)
        && cookies.contains("csrftoken=cookie-of-the-page")
}

/// How many requests posted anything to a lab.
fn posts(lab: &Lab) -> usize {
    let requests = lab.requests();
    let posts = requests.iter().filter(|it| it.method == http::Method::POST);
    posts.count()
}

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

fn name() -> Name {
    Name::parse("portal").unwrap()
}

fn holder() -> Persona {
    Persona::Holder(name())
}

fn impostor(disguise: Disguise) -> Persona {
    Persona::Impostor(Impostor {
        disguise,
        credential: Some(name()),
    })
}

fn form(page: &str) -> LoginForm {
    LoginForm {
        url: url(page),
        fields: BTreeMap::from([("user".to_owned(), "watch".to_owned())]),
        secret_field: "password".to_owned(),
        secret: SecretRef::Literal(Secret::new(PASSWORD)),
        transport: Transport::default(),
        timeout: Duration::from_secs(20),
    }
}

/// A keyring with this one credential, `portal`.
fn keyring_of(credential: Credential) -> Keyring {
    let clock: SharedClock = Arc::new(SystemClock);
    let courier = Arc::new(Prober::new(Arc::clone(&clock)));
    let settings = Settings {
        credentials: BTreeMap::from([(name(), credential)]),
        ..Settings::default()
    };
    Keyring::new(settings, clock, courier)
}

fn keyring(form: LoginForm) -> Keyring {
    keyring_of(Credential::LoginForm(Box::new(form)))
}

/// The header fields of a presentation, each in a line.
fn lines(shown: &Presentation) -> Vec<String> {
    let line = |(name, value): &(http::HeaderName, Secret)| {
        format!("{name}: {}", String::from_utf8_lossy(value.expose()))
    };
    shown.headers.iter().map(line).collect()
}

/// What a persona shows to a URL.
async fn shown(keyring: &Keyring, persona: &Persona, to: &str) -> Vec<String> {
    lines(&keyring.present(persona, &url(to)).await.unwrap())
}

/// Why a persona shows nothing to a URL.
async fn failure(keyring: &Keyring, persona: &Persona, to: &str) -> Unpresentable {
    let Err(why) = keyring.present(persona, &url(to)).await else {
        panic!("it shows something")
    };
    why
}

/// What is known of what the holder shows to a URL.
async fn known(keyring: &Keyring, to: &str) -> Shown {
    Shown::of(&keyring.present(&holder(), &url(to)).await.unwrap())
}
