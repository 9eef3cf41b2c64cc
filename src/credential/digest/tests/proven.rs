//! What `Authentication-Info` proves.

use super::*;
use crate::domain::observation::{Body, BodyEnd, Field, HttpVersion};

/// What `info` proves in the answer to a request with this `qop`; the nonces are those of the RFC.
fn proven(qop: &str, info: &[&str], body: Body) -> Option<Proof> {
    let qop = if qop.is_empty() {
        String::new()
    } else {
        format!(", qop=\"{qop}\"")
    };
    let challenge =
        format!("Digest realm=\"http-auth@example.org\", nonce=\"{NONCE}\", algorithm=MD5{qop}");
    let field = |line: &&str| Field {
        name: HeaderName::from_static("authentication-info"),
        value: line.as_bytes().to_vec(),
    };
    let answer = Answer {
        status: 200,
        http_version: HttpVersion::Http11,
        fields: info.iter().map(field).collect(),
        body,
        first_location: None,
    };
    proof::of(
        &reply(&challenge, CNONCE, "/dir/index.html"),
        &mufasa(),
        &answer,
    )
}

fn body(bytes: &[u8]) -> Body {
    Body {
        bytes: bytes.to_vec(),
        end: BodyEnd::Complete,
    }
}

const RIGHT: &str = "rspauth=\"9b712497bc9f91499fbcca1dfc5f09a5\"";

#[test]
fn the_server_proves_the_password_by_rspauth_and_by_the_nonces_it_echoes() {
    let echoes = format!("cnonce=\"{CNONCE}\", nc=00000001, qop=auth");
    let all = format!("{RIGHT}, {echoes}");
    let upper = "rspauth=\"9B712497BC9F91499FBCCA1DFC5F09A5\"";
    let rspauth = "`rspauth` is not what follows from the password";
    let cnonce = "`cnonce` is another one than that of the request";
    let nc = "`nc` is another one than that of the request";
    let rows: [(&[&str], Option<Proof>); 11] = [
        (&[], None),
        (&["nextnonce=\"abc\""], None),
        (&["% garbage"], None),
        (&[&all], Some(Proof::Right)),
        (&[RIGHT], Some(Proof::Right)),
        (&[upper], Some(Proof::Right)),
        (&[RIGHT, "nc=\"00000001\", nextnonce=n"], Some(Proof::Right)),
        (&["rspauth=\"0\""], Some(Proof::Wrong(rspauth))),
        (
            &["rspauth=\"9b712497bc9f91499fbcca1dfc5f09a6\""],
            Some(Proof::Wrong(rspauth)),
        ),
        (&[RIGHT, "cnonce=\"other\""], Some(Proof::Wrong(cnonce))),
        (&[RIGHT, "nc=00000002"], Some(Proof::Wrong(nc))),
    ];
    for (info, expected) in rows {
        assert_eq!(proven("auth", info, body(b"ignored")), expected, "{info:?}");
    }
}

#[test]
fn with_auth_int_the_proof_covers_the_body_as_far_as_it_was_read() {
    // By Python's hashlib.
    let empty = &["rspauth=\"90784b078730942b2d8829a8635a46c5\""];
    assert_eq!(proven("auth-int", empty, body(b"")), Some(Proof::Right));
    assert!(matches!(
        proven("auth-int", empty, body(b"x")),
        Some(Proof::Wrong(_))
    ));
    let cut = Body {
        end: BodyEnd::CutOff,
        ..body(b"x")
    };
    assert_eq!(proven("auth-int", empty, cut), None);
    // The server may choose less than the request did.
    assert_eq!(
        proven("auth-int", &[RIGHT, "qop=auth"], body(b"x")),
        Some(Proof::Right)
    );
}

#[test]
fn a_proof_without_qop_is_that_of_the_old_standard() {
    let old = "rspauth=\"0ce41fdcf28d7cea59b4fc9db4714a38\"";
    assert_eq!(proven("", &[old], body(b"")), Some(Proof::Right));
}
