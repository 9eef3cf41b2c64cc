//! Against a certified provider, and a resource that validates what it gives.

use super::*;
use crate::support::servers::Oidc;

const WRONG: &str = "Bearer realm=\"api\", error=\"invalid_token\"";

fn client(oidc: &Oidc) -> OAuth2 {
    OAuth2 {
        client_id: "in-header".to_owned(),
        client_secret: Some(secret("s3cr3t+/=%:&")),
        scopes: vec!["api:read".to_owned()],
        ..oauth2(&oidc.http("/token"))
    }
}

fn of_jwts(oidc: &Oidc) -> Holder {
    let resource = vec!["https://api.example/".parse().unwrap()];
    let wanted = OAuth2 {
        resource,
        ..client(oidc)
    };
    Holder::of(Credential::OAuth2(Box::new(wanted)))
}

#[tokio::test]
async fn an_opaque_token_of_a_certified_provider_is_admitted() {
    let oidc = Oidc::start();
    let client = Holder::of(Credential::OAuth2(Box::new(client(&oidc))));
    let (status, _) = client.knock(&holder(), &oidc.http("/opaque")).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_jwt_of_a_certified_provider_is_admitted() {
    let oidc = Oidc::start();
    let (status, _) = of_jwts(&oidc).knock(&holder(), &oidc.http("/jwt")).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_secret_in_the_body_opens_a_certified_provider_too() {
    let oidc = Oidc::start();
    let wanted = OAuth2 {
        client_id: "in-body".to_owned(),
        client_secret: Some(secret("s3cr3t")),
        client_auth: ClientAuth::Body,
        ..client(&oidc)
    };
    let client = Holder::of(Credential::OAuth2(Box::new(wanted)));
    let (status, _) = client.knock(&holder(), &oidc.http("/opaque")).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn every_impostor_of_a_jwt_is_refused() {
    let oidc = Oidc::start();
    let client = of_jwts(&oidc);
    let url = oidc.http("/jwt");
    for disguise in [Disguise::Tampered, Disguise::Unsigned, Disguise::Truncated] {
        let word = disguise.as_str();
        let met = client.knock(&impostor(disguise), &url).await;
        assert_eq!(met, (401, WRONG.to_owned()), "{word}");
    }
    let met = client.knock(&impostor(Disguise::Empty), &url).await;
    assert_eq!(met, (401, "Bearer realm=\"api\"".to_owned()));
}

#[tokio::test]
async fn a_wrong_secret_is_told_in_the_providers_words() {
    let oidc = Oidc::start();
    let wanted = OAuth2 {
        client_secret: Some(secret("an0ther")),
        ..client(&oidc)
    };
    let client = Holder::of(Credential::OAuth2(Box::new(wanted)));
    let why = client.present(&holder()).await.unwrap_err();
    let url = oidc.http("/token");
    let expected = format!(
        "the token endpoint `{url}` answered 401: invalid_client: client authentication failed"
    );
    assert_eq!((why.detail, why.rejected), (expected, true));
}
