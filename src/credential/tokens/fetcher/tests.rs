use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;
use crate::credential::tokens::samples::resting;

const NOW: i64 = 1_800_000_000;

/// How long a token holds whose server says `life`, and whose claims are these.
fn life(life: Option<u64>, claims: &str) -> Option<i64> {
    let claims = URL_SAFE_NO_PAD.encode(claims);
    let granting = Granting {
        token: Token {
            access_token: Secret::new(format!("e30.{claims}.AAAA")),
            refresh_token: None,
        },
        life: life.map(Duration::from_secs),
    };
    let now = Timestamp::from_second(NOW).unwrap();
    let end = granted(granting, now).expires_at?;
    Some(end.as_second() - NOW)
}

#[test]
fn a_jwt_that_ends_before_its_server_says_ends_then() {
    let claims = format!(r#"{{"iat":{NOW},"exp":{}}}"#, NOW + 30);
    assert_eq!(life(Some(3600), &claims), Some(30));
    assert_eq!(life(None, &claims), Some(30));
    assert_eq!(life(Some(10), &claims), Some(10));
}

#[test]
fn a_jwt_that_was_made_a_while_ago_has_less_left() {
    let claims = format!(r#"{{"iat":{},"exp":{}}}"#, NOW - 20, NOW + 30);
    assert_eq!(life(None, &claims), Some(30));
}

#[test]
fn a_server_whose_clock_is_late_does_not_make_tokens_that_end_at_once() {
    let claims = format!(r#"{{"iat":{},"exp":{}}}"#, NOW - 900, NOW - 600);
    assert_eq!(life(Some(3600), &claims), Some(300));
}

#[test]
fn a_server_whose_clock_is_early_does_not_make_tokens_that_last_longer() {
    let claims = format!(r#"{{"iat":{},"exp":{}}}"#, NOW + 900, NOW + 1200);
    assert_eq!(life(None, &claims), Some(300));
}

#[test]
fn a_token_that_is_no_jwt_holds_as_long_as_its_server_says() {
    assert_eq!(life(Some(60), "opaque"), Some(60));
    assert_eq!(life(None, "opaque"), None);
}

#[test]
fn an_answer_that_asks_for_rest_is_told_with_it() {
    assert_eq!(
        refusal(&resting(503, "120"), &[]),
        "answered 503 (server_error), to retry after 120"
    );
}
