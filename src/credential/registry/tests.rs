use super::*;
use crate::credential::settings::UserPassword;
use crate::credential::tokens::samples::answer;
use crate::domain::endpoint::Transport;
use crate::domain::secret::SecretRef;

fn wanted(realm: &str, service: Option<&str>, scopes: &[&str]) -> RegistryToken {
    RegistryToken {
        realm: realm.parse().unwrap(),
        service: service.map(str::to_owned),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        user: UserPassword {
            username: "pull".to_owned(),
            password: SecretRef::Literal(Secret::new("p4ssword")),
        },
        transport: Transport::default(),
        timeout: Duration::from_secs(10),
    }
}

fn granting(life: u64) -> Granting {
    Granting {
        token: Token {
            access_token: Secret::new("t0ken"),
            refresh_token: None,
        },
        life: Some(Duration::from_secs(life)),
    }
}

#[test]
fn each_scope_has_a_parameter_of_its_own() {
    let scopes = ["repository:a/b:pull", "repository:c:pull,push"];
    let wanted = wanted("https://auth.example/token?tenant=1", Some("hub"), &scopes);
    assert_eq!(
        question(&wanted).as_str(),
        "https://auth.example/token?tenant=1&service=hub&scope=repository%3Aa%2Fb%3Apull\
         &scope=repository%3Ac%3Apull%2Cpush"
    );
}

#[test]
fn a_realm_without_service_and_scopes_is_asked_as_it_is() {
    let wanted = wanted("https://auth.example/token", None, &[]);
    assert_eq!(question(&wanted).as_str(), "https://auth.example/token");
}

#[test]
fn a_token_is_read_under_both_of_its_names() {
    for (body, expected) in [
        (r#"{"token":"t0ken"}"#, granting(60)),
        (r#"{"token":"t0ken","expires_in":300}"#, granting(300)),
        (r#"{"access_token":"t0ken","expires_in":30}"#, granting(30)),
        (r#"{"token":"t0ken","access_token":"other"}"#, granting(60)),
    ] {
        assert_eq!(read(&answer(200, body)).unwrap(), expected, "{body}");
    }
}

#[test]
fn a_refusal_is_told_in_the_words_of_the_server() {
    let rows = [
        (
            401,
            r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#,
            "answered 401: UNAUTHORIZED: authentication required",
            true,
        ),
        (
            401,
            r#"{"details":"incorrect password"}"#,
            "answered 401: incorrect password",
            true,
        ),
        (403, "", "answered 403", true),
        (429, "", "answered 429 (rate_limited)", false),
        (
            200,
            r#"{"token":""}"#,
            "gave no `token` that can be shown",
            false,
        ),
    ];
    for (status, body, why, rejected) in rows {
        let failed = read(&answer(status, body)).unwrap_err();
        assert_eq!(
            (failed.why.as_str(), failed.rejected),
            (why, rejected),
            "{body}"
        );
    }
}
