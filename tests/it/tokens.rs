//! Credentials whose tokens are fetched: by OAuth 2.0, and at the token server of a registry.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use authvigil::clock::{SharedClock, SystemClock};
use authvigil::credential::{
    ClientAuth, Credential, Keyring, OAuth2, RegistryToken, Settings, UserPassword,
};
use authvigil::domain::check::{Disguise, Impostor, Name, Persona};
use authvigil::domain::courier::{Call, Courier as _};
use authvigil::domain::endpoint::Transport;
use authvigil::domain::fetches::FetchOutcome;
use authvigil::domain::observation::Field;
use authvigil::domain::presenter::{Presentation, Presenter as _, Unpresentable};
use authvigil::domain::secret::{Secret, SecretRef};
use authvigil::probe::Prober;
use http::Method;

mod impostors;
mod kept;
mod many;
mod provider;
mod registry;
mod trouble;

/// Keyring and prober of one credential, named `api`.
struct Holder {
    keyring: Keyring,
    prober: Arc<Prober>,
}

impl Holder {
    fn of(credential: Credential) -> Self {
        let clock: SharedClock = Arc::new(SystemClock);
        let prober = Arc::new(Prober::new(Arc::clone(&clock)));
        let courier = Arc::clone(&prober);
        let keyring = Keyring::new(settings([("api", credential)]), clock, courier);
        Self { keyring, prober }
    }

    async fn present(&self, persona: &Persona) -> Result<Presentation, Unpresentable> {
        let url = "http://127.0.0.1/".parse().unwrap();
        self.keyring.present(persona, &url).await
    }

    /// What the holder's `Authorization` holds.
    async fn shown(&self) -> String {
        let presentation = self.present(&holder()).await.unwrap();
        text(&presentation)
    }

    async fn why(&self) -> String {
        self.present(&holder()).await.unwrap_err().detail
    }

    /// What an endpoint answers to a persona: status and challenge.
    async fn knock(&self, persona: &Persona, url: &str) -> (u16, String) {
        let presentation = self.present(persona).await.unwrap();
        let seen = self.prober.carry(&call(url, presentation)).await;
        let answer = seen.answer().unwrap();
        let challenge = answer.first("www-authenticate");
        let challenge = challenge.map_or_else(String::new, Field::text);
        (answer.status, challenge)
    }

    /// How often fetching came to this.
    fn count(&self, outcome: FetchOutcome) -> u64 {
        let fetches = self.keyring.fetches();
        let counted = fetches.iter().filter(|fetches| fetches.outcome == outcome);
        counted.map(|fetches| fetches.count).sum()
    }
}

fn call(url: &str, presentation: Presentation) -> Call {
    Call {
        url: url.parse().unwrap(),
        method: Method::GET,
        headers: presentation.headers,
        body: None,
        transport: Transport::default(),
        timeout: Duration::from_secs(30),
        body_size_limit: 4096,
    }
}

fn text(presentation: &Presentation) -> String {
    let (_, value) = &presentation.headers[0];
    String::from_utf8(value.expose().to_vec()).unwrap()
}

fn settings<const COUNT: usize>(credentials: [(&str, Credential); COUNT]) -> Settings {
    let named = credentials.map(|(text, credential)| (name(text), credential));
    Settings {
        credentials: BTreeMap::from(named),
        ..Settings::default()
    }
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn holder() -> Persona {
    Persona::Holder(name("api"))
}

fn impostor(disguise: Disguise) -> Persona {
    Persona::Impostor(Impostor {
        disguise,
        credential: Some(name("api")),
    })
}

fn secret(text: &str) -> SecretRef {
    SecretRef::Literal(Secret::new(text))
}

fn oauth2(token_url: &str) -> OAuth2 {
    OAuth2 {
        token_url: token_url.parse().unwrap(),
        client_id: "watch".to_owned(),
        client_secret: Some(secret("cl13nt-secret")),
        refresh_token: None,
        client_auth: ClientAuth::Basic,
        scopes: Vec::new(),
        audience: None,
        resource: Vec::new(),
        transport: Transport::default(),
        timeout: OAuth2::TIMEOUT,
        endpoint_params: BTreeMap::new(),
    }
}

fn by_oauth2(token_url: &str) -> Credential {
    Credential::OAuth2(Box::new(oauth2(token_url)))
}

fn by_registry(realm: &str) -> Credential {
    Credential::RegistryToken(Box::new(RegistryToken {
        realm: realm.parse().unwrap(),
        service: Some("lab registry".to_owned()),
        scopes: vec!["registry:catalog:*".to_owned()],
        user: UserPassword {
            username: "puller".to_owned(),
            password: secret("p4ssword"),
        },
        transport: Transport::default(),
        timeout: Duration::from_secs(10),
    }))
}
