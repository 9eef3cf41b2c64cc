//! The order of the dance: what is answered, how often, and with what.

use super::*;

/// A dance with these answers: what was sent after each.
fn dance(digest: &mut Digest, answers: &[(u16, &str)]) -> Vec<Option<HashMap<String, String>>> {
    let url = Url::parse("http://lab/a%20b?c=d&e#f").unwrap();
    let sent = answers.iter().map(|(status, challenge)| {
        let fields = fields(&[challenge]);
        let sent = digest.go_on(&asked(&Method::GET, &url, b""), *status, &fields)?;
        let [(AUTHORIZATION, value)] = sent.as_slice() else {
            panic!("one field, and not {sent:?}")
        };
        Some(params(value.expose()))
    });
    sent.collect()
}

fn digest() -> Digest {
    Digest::new("reader", Secret::new("s3cret"), [7; 32])
}

const FIRST: &str = "Digest realm=\"r\", nonce=\"1\", qop=\"auth\"";
const STALE: &str = "Digest realm=\"r\", nonce=\"2\", qop=\"auth\", stale=true";

#[test]
fn a_stale_nonce_is_replaced_once_and_a_second_refusal_stands() {
    let nonces = |answers: &[(u16, &str)]| {
        let sent = dance(&mut digest(), answers).into_iter();
        let nonce = |params: HashMap<String, String>| params["nonce"].clone();
        sent.map(|sent| sent.map(nonce)).collect::<Vec<_>>()
    };
    let (one, two) = (|| Some("1".to_owned()), || Some("2".to_owned()));
    let quoted = "Digest realm=\"r\", nonce=\"2\", qop=\"auth\", stale=\"TRUE\"";
    let not_stale = "Digest realm=\"r\", nonce=\"2\", qop=\"auth\", stale=false";
    assert_eq!(nonces(&[(200, "")]), [None]);
    assert_eq!(nonces(&[(403, FIRST)]), [None]);
    assert_eq!(nonces(&[(401, "Basic realm=\"r\"")]), [None]);
    assert_eq!(nonces(&[(401, FIRST), (200, "")]), [one(), None]);
    assert_eq!(nonces(&[(401, FIRST), (401, not_stale)]), [one(), None]);
    assert_eq!(nonces(&[(401, FIRST), (401, STALE)]), [one(), two()]);
    assert_eq!(nonces(&[(401, FIRST), (401, quoted)]), [one(), two()]);
    // A first challenge that says so, to a request without credentials, is answered like any other.
    assert_eq!(nonces(&[(401, STALE), (401, STALE)]), [two(), two()]);
    let endless = [(401, FIRST), (401, STALE), (401, STALE), (401, STALE)];
    assert_eq!(nonces(&endless), [one(), two(), None, None]);
}

#[test]
fn the_uri_is_the_request_target_with_its_query_and_without_the_fragment() {
    let sent = dance(&mut digest(), &[(401, FIRST)]);
    let params = sent[0].as_ref().unwrap();
    assert_eq!(params["uri"], "/a%20b?c=d&e");
}

#[test]
fn no_two_answers_and_no_two_probes_share_a_client_nonce() {
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let Ok(mut shown) = presentation("reader", Secret::new("s3cret")) else {
            panic!("no presentation")
        };
        let dialogue = shown.dialogue.as_mut().unwrap();
        let url = Url::parse("http://lab/").unwrap();
        for challenge in [FIRST, STALE] {
            let sent = dialogue
                .go_on(&asked(&Method::GET, &url, b""), 401, &fields(&[challenge]))
                .unwrap();
            let cnonce = params(sent[0].1.expose())["cnonce"].clone();
            assert_eq!(cnonce.len(), 32);
            assert!(seen.insert(cnonce));
        }
    }
}

#[test]
fn after_a_redirect_the_dance_begins_anew() {
    let mut digest = digest();
    assert!(dance(&mut digest, &[(401, FIRST)])[0].is_some());
    digest.start_over();
    assert!(dance(&mut digest, &[(401, FIRST)])[0].is_some());
}

#[test]
fn what_is_shown_is_named_by_user_and_password_and_never_told() {
    let of = |user, password| {
        let shown = presentation(user, Secret::new(password)).unwrap();
        let told = format!("{:?}", shown.dialogue);
        assert!(!told.contains("s3cret"), "{told}");
        shown.fingerprint.unwrap()
    };
    assert_eq!(of("reader", "s3cret"), of("reader", "s3cret"));
    assert_ne!(of("reader", "s3cret"), of("reader", "s3cret2"));
    assert_ne!(of("reader", "s3cret"), of("writer", "s3cret"));
}
