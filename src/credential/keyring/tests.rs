use super::*;
use crate::clock::SystemClock;
use crate::domain::courier::{Call, Carrying};

/// Nobody is to be asked.
#[derive(Debug)]
struct Nobody;

impl Courier for Nobody {
    fn carry<'a>(&'a self, call: &'a Call) -> Carrying<'a> {
        panic!("asked {}", call.url)
    }
}

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

/// A keyring whose one credential belongs to `https://orders.example.com`.
fn keyring() -> (Keyring, Name) {
    let name = Name::parse("ci").unwrap();
    let token = Credential::Authorization {
        scheme: "Bearer".to_owned(),
        credentials: SecretRef::Literal(Secret::new("kestrel-4Qz-opens-the-door")),
    };
    let home = Origin::of(&url("https://orders.example.com/v1"));
    let settings = Settings {
        credentials: BTreeMap::from([(name.clone(), token)]),
        origins: BTreeMap::from([(name.clone(), BTreeSet::from([home]))]),
        ..Settings::default()
    };
    let keyring = Keyring::new(settings, Arc::new(SystemClock), Arc::new(Nobody));
    (keyring, name)
}

#[tokio::test]
async fn a_credential_is_shown_at_every_place_of_its_origin() {
    let (keyring, name) = keyring();
    let at = url("https://orders.example.com:443/elsewhere?a=b");
    let shown = keyring.present(&Persona::Holder(name), &at).await.unwrap();
    assert_eq!(shown.headers.len(), 1);
}

#[tokio::test]
async fn a_credential_is_shown_at_no_other_origin_and_neither_is_what_is_made_of_it() {
    let (keyring, name) = keyring();
    let impostor = Impostor {
        disguise: Disguise::Truncated,
        credential: Some(name.clone()),
    };
    for persona in [Persona::Holder(name), Persona::Impostor(impostor)] {
        for at in [
            "http://orders.example.com/",
            "https://orders.example.com:8443/",
            "https://example.com/",
            "https://orders.example.com.elsewhere.test/",
        ] {
            let refused = keyring.present(&persona, &url(at)).await.unwrap_err();
            assert_eq!(refused.reason, Reason::ProbeFailed);
            assert!(
                refused.detail.contains("other origins"),
                "{}",
                refused.detail
            );
        }
    }
}

#[tokio::test]
async fn nobody_has_nothing_that_could_go_astray() {
    let (keyring, _) = keyring();
    let at = url("https://elsewhere.test/");
    let shown = keyring.present(&Persona::Anonymous, &at).await.unwrap();
    assert!(shown.headers.is_empty() && shown.query.is_none() && shown.identity.is_none());
}
