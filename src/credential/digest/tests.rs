//! The examples of RFC 7616, RFC 2617 and RFC 2069, and what is chosen and written.

mod dance;
mod proven;

use std::collections::HashMap;

use http::Method;
use http::header::WWW_AUTHENTICATE;
use url::Url;

use super::*;
use crate::domain::challenge::read;

/// The nonces of RFC 7616 §3.9.1.
const NONCE: &str = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
const CNONCE: &str = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

fn fields(challenges: &[&str]) -> HeaderMap {
    let mut fields = HeaderMap::new();
    for challenge in challenges {
        let value = http::HeaderValue::from_bytes(challenge.as_bytes()).unwrap();
        fields.append(WWW_AUTHENTICATE, value);
    }
    fields
}

fn login(name: &str, password: &str) -> Login {
    Login {
        name: name.to_owned(),
        password: Secret::new(password),
    }
}

fn mufasa() -> Login {
    login("Mufasa", "Circle of Life")
}

fn reply(challenge: &str, cnonce: &str, uri: &str) -> Reply {
    Reply {
        offer: Offers::read(&fields(&[challenge])).strongest().unwrap(),
        cnonce: cnonce.to_owned(),
        uri: uri.to_owned(),
    }
}

/// What the value of an `Authorization` says.
fn params(value: &[u8]) -> HashMap<String, String> {
    let reading = read(&[value]);
    assert_eq!(
        (reading.challenges.len(), reading.fault),
        (1, None),
        "{}",
        String::from_utf8_lossy(value)
    );
    let params = reading.challenges.into_iter().flat_map(|it| it.params);
    params.map(|param| (param.name, param.value)).collect()
}

fn asked<'a>(method: &'a Method, url: &'a Url, body: &'a [u8]) -> Asked<'a> {
    Asked { method, url, body }
}

/// The response to a challenge, by this user, to a request without a body.
fn response(challenge: &str, user: &Login, cnonce: &str, uri: &str) -> String {
    let url = Url::parse("http://lab/").unwrap();
    let reply = reply(challenge, cnonce, uri);
    let value = reply.authorization(user, &asked(&Method::GET, &url, b""));
    params(&value)["response"].clone()
}

#[test]
fn the_examples_of_rfc_7616_give_the_responses_that_it_prints() {
    let example = |algorithm: &str| {
        let challenge = format!(
            "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", \
             algorithm={algorithm}, nonce=\"{NONCE}\", \
             opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
        );
        response(&challenge, &mufasa(), CNONCE, "/dir/index.html")
    };
    assert_eq!(
        [example("MD5"), example("SHA-256")],
        [
            "8ca523f5e9506fed4657c9700eebdbec",
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
        ]
    );
}

/// RFC 7616 §3.9.2, with the values of erratum 4897: the printed ones are cut from SHA-512.
#[test]
fn the_example_with_sha_512_256_and_a_hashed_name_gives_what_the_erratum_prints() {
    let user = login("J\u{e4}s\u{f8}n Doe", "Secret, or not?");
    let challenge = "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, \
                     nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", \
                     opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", charset=UTF-8, \
                     userhash=true";
    let reply = reply(
        challenge,
        "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
        "/doe.json",
    );
    let url = Url::parse("http://api.example.org/doe.json").unwrap();
    let value = reply.authorization(&user, &asked(&Method::GET, &url, b""));
    assert_eq!(
        String::from_utf8(value).unwrap(),
        "Digest username=\"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b\", \
         realm=\"api@example.org\", nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", \
         uri=\"/doe.json\", algorithm=SHA-512-256, \
         response=\"3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5\", qop=auth, \
         nc=00000001, cnonce=\"NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v\", \
         opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", userhash=true"
    );
}

/// RFC 2617 §3.5, and RFC 2069 §2.4 with the value of its erratum 749.
#[test]
fn the_examples_of_the_older_standards_hold() {
    let nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
    let challenge = format!("Digest realm=\"testrealm@host.com\", nonce=\"{nonce}\"");
    let of = |challenge: &str, password| {
        let user = login("Mufasa", password);
        response(challenge, &user, "0a4f113b", "/dir/index.html")
    };
    let with_qop = format!("{challenge}, qop=\"auth,auth-int\"");
    assert_eq!(
        of(&with_qop, "Circle Of Life"),
        "6629fae49393a05397450978507c4ef1"
    );
    assert_eq!(
        of(&challenge, "CircleOfLife"),
        "1949323746fe6a43ef61f9606e7febea"
    );
}

/// Computed by Python's hashlib for `POST /dir/index.html` with the body `Hello`.
#[test]
fn every_algorithm_goes_with_every_quality() {
    let rows = [
        ("MD5", "auth-int", "5f4123f2d68009b687bcb36bb2162ff9"),
        ("MD5-sess", "auth", "9e3465d402d672d7b3c6a659201e5672"),
        ("MD5-sess", "auth-int", "5886b3b7b5eee0a60cefa23fbb039091"),
        ("MD5-sess", "", "e20b190988a4cc77b06d9b93070246c7"),
        (
            "SHA-256",
            "auth-int",
            "75a2b08d3d1991347efc8f2522c20dafecbb45aa462ade1f453a651d4f71b845",
        ),
        (
            "SHA-256-sess",
            "auth",
            "0e658dc13b25b342e9281bdff874ea276afc02b18423b0b6e6d4db12ef338586",
        ),
        (
            "SHA-512-256",
            "",
            "1b01534af1def5493a32ffad690021295315a73c0db2d368c601b07452eded79",
        ),
        (
            "SHA-512-256-sess",
            "auth-int",
            "fd28ed84f55a2f079797abecdd89f84b196a3281f4b54035dc12820697c13373",
        ),
    ];
    let url = Url::parse("http://lab/dir/index.html").unwrap();
    for (algorithm, qop, expected) in rows {
        let qop_param = if qop.is_empty() {
            String::new()
        } else {
            format!(", qop=\"{qop}\"")
        };
        let challenge = format!(
            "Digest realm=\"http-auth@example.org\", nonce=\"{NONCE}\", \
             algorithm={algorithm}{qop_param}"
        );
        let reply = reply(&challenge, CNONCE, "/dir/index.html");
        let value = reply.authorization(&mufasa(), &asked(&Method::POST, &url, b"Hello"));
        let params = params(&value);
        assert_eq!(params["response"], expected, "{algorithm} {qop}");
        let echoes = ["qop", "nc"].map(|name| params.get(name).map(String::as_str));
        let sent = (!qop.is_empty()).then_some((qop, "00000001"));
        assert_eq!(
            echoes,
            [sent.map(|it| it.0), sent.map(|it| it.1)],
            "{algorithm}"
        );
        let needs_cnonce = !qop.is_empty() || algorithm.ends_with("-sess");
        assert_eq!(
            params.contains_key("cnonce"),
            needs_cnonce,
            "{algorithm} {qop}"
        );
    }
}

/// The response was computed by Python's hashlib over the texts without quotes and escapes.
#[test]
fn quotes_and_backslashes_are_escaped_on_the_wire_and_not_in_the_hash() {
    let user = login("a\"b\\c", "p:\u{e4}\"");
    let challenge = r#"Digest realm="lab \"x\" \\y", nonce="n\"1", qop="auth", opaque="o\\\"o""#;
    let url = Url::parse("http://lab/").unwrap();
    let value =
        reply(challenge, "c0", "/p?q=1&r=\"").authorization(&user, &asked(&Method::GET, &url, b""));
    assert_eq!(
        String::from_utf8(value).unwrap(),
        r#"Digest username="a\"b\\c", realm="lab \"x\" \\y", nonce="n\"1", uri="/p?q=1&r=\"", response="332d3c1c242f6f7f0571c933cf08e533", qop=auth, nc=00000001, cnonce="c0", opaque="o\\\"o""#
    );
}

#[test]
fn a_realm_beyond_ascii_goes_back_as_the_bytes_that_came() {
    let challenge = "Digest realm=\"caf\u{e9}\", nonce=\"n\"";
    let url = Url::parse("http://lab/").unwrap();
    let reply = reply(challenge, "c", "/");
    let value = reply.authorization(&mufasa(), &asked(&Method::GET, &url, b""));
    assert!(
        String::from_utf8(value)
            .unwrap()
            .contains("realm=\"caf\u{e9}\""),
        "{reply:?}"
    );
}

/// A name as it is written for a challenge with these further parameters.
fn named(user: &str, more: &str) -> String {
    let url = Url::parse("http://lab/").unwrap();
    let value = reply(&format!("Digest realm=r, nonce=n{more}"), "c", "/")
        .authorization(&login(user, "p"), &asked(&Method::GET, &url, b""));
    let text = String::from_utf8(value).unwrap();
    let (name, _) = text.split_once(", realm=").unwrap();
    name.trim_start_matches("Digest ").to_owned()
}

#[test]
fn a_name_beyond_ascii_is_extended_where_the_server_knows_utf_8_and_plain_elsewhere() {
    let rows = [
        (
            "J\u{e4}s\u{f8}n Doe",
            "",
            "username=\"J\u{e4}s\u{f8}n Doe\"",
        ),
        (
            "J\u{e4}s\u{f8}n Doe",
            ", charset=\"utf-8\"",
            "username*=UTF-8''J%C3%A4s%C3%B8n%20Doe",
        ),
        ("Mufasa", ", charset=UTF-8", "username=\"Mufasa\""),
        ("", ", charset=UTF-8", "username=\"\""),
        ("a\tb\n", "", "username*=UTF-8''a%09b%0A"),
        (
            "Mufasa",
            ", charset=UTF-8, userhash=\"TRUE\"",
            "username=\"f22c6a3b9a5760c7952710252a94d0f4\"",
        ),
        ("Mufasa", ", userhash=false", "username=\"Mufasa\""),
    ];
    for (user, more, expected) in rows {
        assert_eq!(named(user, more), expected, "{user} {more}");
    }
}

#[test]
fn the_strongest_algorithm_that_is_known_is_answered() {
    let word = |challenges: &[&str]| {
        let offer = Offers::read(&fields(challenges)).strongest();
        offer.map(|offer| (offer.word, String::from_utf8(offer.nonce).unwrap()))
    };
    let some = |word: &str, nonce: &str| Some((Some(word.to_owned()), nonce.to_owned()));
    let md5 = "Digest realm=r, nonce=m, algorithm=MD5";
    let sha = "Digest realm=r, nonce=s, algorithm=\"sha-256\", qop=auth";
    let long = "Digest realm=r, nonce=l, algorithm=SHA-512-256, qop=auth";
    let session = "Digest realm=r, nonce=x, algorithm=SHA-256-sess, qop=auth";
    let rows: [(&[&str], _); 9] = [
        (&[md5, sha, long], some("SHA-512-256", "l")),
        (&[long, md5], some("SHA-512-256", "l")),
        (&[md5, sha], some("sha-256", "s")),
        (&[sha, session], some("sha-256", "s")),
        (&[session, sha], some("SHA-256-sess", "x")),
        (
            &["Basic realm=b, Digest realm=r, nonce=n"],
            Some((None, "n".into())),
        ),
        (
            &["Digest realm=r, nonce=n, algorithm=SHA3-256", md5],
            some("MD5", "m"),
        ),
        // What cannot be answered does not stand in the way of what can.
        (
            &["Digest realm=r, algorithm=SHA-256", md5],
            some("MD5", "m"),
        ),
        (
            &[
                "Digest realm=r, nonce=n, qop=\"auth-conf\"",
                "Basic realm=r",
            ],
            None,
        ),
    ];
    for (challenges, expected) in rows {
        assert_eq!(word(challenges), expected, "{challenges:?}");
    }
}

#[test]
fn auth_is_preferred_and_unknown_qualities_are_passed_over() {
    let word = |qop: &str| {
        let challenge = format!("Digest realm=r, nonce=n, qop={qop}");
        let offer = Offers::read(&fields(&[&challenge])).strongest();
        offer.map(|offer| offer.quality.word())
    };
    let rows = [
        ("\"auth\"", Some(Some("auth"))),
        ("auth", Some(Some("auth"))),
        ("\"auth-int,auth\"", Some(Some("auth"))),
        ("\"AUTH-INT, auth-conf\"", Some(Some("auth-int"))),
        ("\"auth-conf auth-int\"", Some(Some("auth-int"))),
        ("\"\"", Some(None)),
        ("\"auth-conf\"", None),
    ];
    for (qop, expected) in rows {
        assert_eq!(word(qop), expected, "{qop}");
    }
}
