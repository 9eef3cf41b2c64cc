//! The laws on headers that nobody thought of, and the fixtures that came of them.

use proptest::prelude::*;

use super::invariants::{
    assert_grammar_agrees, assert_lenient_agrees, assert_lines_concatenate, assert_meets_itself,
    assert_oracle_agrees, assert_sane, plain_list,
};
use crate::domain::challenge::{Challenge, Form, Param, read};

/// Headers put together from pieces that mean something to a reader.
pub(crate) fn patchwork(longest: usize) -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&[u8]> = vec![
        b" ", b" ", b"  ", b"\t", b",", b",", b", ", b"=", b"=", b"==", b"\"", b"\"", b"\\", b"a",
        b"b", b"a", b"B", b"a=b", b"a=\"b\"", b"/", b"*", b";", b"\x7F", b"\xE9", b"\r\n ", b"\0",
        b"A b=c", b"A b==",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..longest)
        .prop_map(|pieces| pieces.concat())
}

fn token() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,8}"
}

fn params() -> impl Strategy<Value = Vec<Param>> {
    let value = prop_oneof![
        token().prop_map(|value| (value, Form::Token)),
        "[\\t -~\u{80}-\u{FF}]{0,12}".prop_map(|value| (value, Form::Quoted)),
    ];
    prop::collection::btree_map(
        token().prop_map(|name| name.to_ascii_lowercase()),
        value,
        0..20,
    )
    .prop_map(|params| {
        let params = params.into_iter();
        params
            .map(|(name, (value, form))| Param { name, value, form })
            .collect()
    })
}

/// Challenges as a well-behaved server may make them.
pub(crate) fn challenge() -> impl Strategy<Value = Challenge> {
    let token68 = "[a-zA-Z0-9._~+/-]{1,8}={0,3}";
    let rest = prop_oneof![
        token68.prop_map(|word| (Some(word), Vec::new())),
        params().prop_map(|params| (None, params)),
    ];
    (token(), rest).prop_map(|(scheme, (token68, params))| {
        let scheme = scheme.to_ascii_lowercase();
        Challenge {
            scheme,
            token68,
            params,
        }
    })
}

/// Prints a challenge as a well-behaved server would.
pub(crate) fn printed(challenge: &Challenge) -> String {
    let Challenge {
        scheme,
        token68,
        params,
    } = challenge;
    let params: Vec<String> = params.iter().map(printed_param).collect();
    let rest = token68.clone().unwrap_or_else(|| params.join(", "));
    format!("{scheme} {rest}").trim_end().to_owned()
}

fn printed_param(param: &Param) -> String {
    let Param { name, value, form } = param;
    match form {
        Form::Token => format!("{name}={value}"),
        Form::Quoted => {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"");
            format!("{name}=\"{value}\"")
        }
    }
}

/// The text as it goes over the wire, one byte a character.
pub(crate) fn bytes(text: &str) -> Vec<u8> {
    text.chars()
        .map(|byte| u8::try_from(byte).unwrap())
        .collect()
}

/// The text with the case of everything outside of values changed.
fn with_other_case(challenge: &Challenge) -> Challenge {
    let mut other = challenge.clone();
    other.scheme.make_ascii_uppercase();
    for param in &mut other.params {
        param.name.make_ascii_uppercase();
    }
    other
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4 * ProptestConfig::default().cases))]

    #[test]
    fn no_bytes_make_the_reader_panic(lines in prop::collection::vec(any::<Vec<u8>>(), 0..4)) {
        assert_sane(&lines);
    }

    #[test]
    fn no_patchwork_breaks_an_invariant(lines in prop::collection::vec(patchwork(40), 0..4)) {
        assert_sane(&lines);
    }

    #[test]
    fn a_short_header_reads_as_the_grammar_written_out(line in patchwork(14)) {
        assert_grammar_agrees(&line);
    }

    #[test]
    fn the_lenient_reading_of_a_well_formed_line_is_the_strict_one(line in patchwork(14)) {
        assert_lenient_agrees(&line);
    }

    #[test]
    fn the_reader_agrees_with_http_auth(line in patchwork(14)) {
        assert_oracle_agrees(&line);
    }

    #[test]
    fn an_expectation_prints_back_and_meets_itself(
        line in patchwork(14),
        written in challenge().prop_map(|one| printed(&one)),
    ) {
        assert_meets_itself(&line);
        assert_meets_itself(written.as_bytes());
    }

    #[test]
    fn well_formed_lines_concatenate(one in patchwork(10), other in patchwork(10)) {
        assert_lines_concatenate(&one, &other);
    }

    #[test]
    fn what_is_printed_reads_back(list in prop::collection::vec(challenge(), 0..5)) {
        let lines: Vec<Vec<u8>> = list.iter().map(|one| bytes(&printed(one))).collect();
        let reading = read(&lines);
        prop_assert_eq!(&reading.fault, &None);
        prop_assert_eq!(&reading.challenges, &list);
        let reading = read(&[lines.join(&b", "[..])]);
        prop_assert_eq!(&reading.fault, &None);
        prop_assert_eq!(&reading.challenges, &list);
        for line in &lines {
            assert_lenient_agrees(line);
            assert_oracle_agrees(line);
        }
    }

    #[test]
    fn case_of_schemes_and_names_means_nothing(list in prop::collection::vec(challenge(), 0..4)) {
        let lines: Vec<_> = list.iter().map(|one| bytes(&printed(&with_other_case(one)))).collect();
        prop_assert_eq!(read(&lines).challenges, list);
    }

    #[test]
    fn blanks_around_a_line_mean_nothing(line in patchwork(14)) {
        let padded = [b" \t", line.as_slice(), b"\t "].concat();
        let (bare, padded) = (read(&[&line]), read(&[padded]));
        prop_assert_eq!(bare.challenges, padded.challenges);
        prop_assert_eq!(bare.fault.map(|fault| fault.kind), padded.fault.map(|fault| fault.kind));
    }

    #[test]
    fn a_bad_line_costs_the_others_nothing(
        bad in patchwork(10),
        good in prop::collection::vec(challenge(), 0..4),
    ) {
        if read(&[&bad]).fault.is_none() {
            return Ok(());
        }
        let mut lines: Vec<Vec<u8>> = good.iter().map(|one| bytes(&printed(one))).collect();
        let recovered = read(&[&bad]).challenges;
        lines.push(bad);
        let reading = read(&lines);
        // A quoted string or a parameter may go on from one line to the next, RFC 9110 §5.3.
        if reading.fault.is_some() {
            prop_assert_eq!(reading.challenges, [good, recovered].concat());
        }
    }
}

/// Where `http-auth` 0.1.10 and this reader part, and which of them is right by the standard.
#[test]
fn disagreements_with_http_auth_have_a_verdict_each() {
    let ours = [
        (
            "several spaces after a scheme: 1*SP, RFC 9110 §11.3",
            "Digest   realm=\"a\"",
        ),
        (
            "an empty element before the first parameter, RFC 9110 §5.6.1.2",
            "Basic , realm=\"a\"",
        ),
        ("an opaque word, RFC 9110 §11.3", "Negotiate YII="),
        (
            "bytes outside ASCII in a quoted string, RFC 9110 §5.6.4",
            "Basic realm=\"\u{e9}\"",
        ),
        ("a list without elements, RFC 9110 §5.6.1.2", ", ,"),
    ];
    for (verdict, header) in ours {
        assert!(read(&[header]).fault.is_none(), "{verdict}");
        assert!(http_auth::parse_challenges(header).is_err(), "{verdict}");
    }
    let twice = "Basic realm=\"a\", realm=\"b\"";
    assert!(
        read(&[twice]).fault.is_some(),
        "each name once, RFC 9110 §11.2"
    );
    assert!(
        http_auth::parse_challenges(twice).is_ok(),
        "http-auth does not look for duplicates"
    );
}

#[test]
fn recoveries_beyond_the_corpus() {
    let rows = [
        (
            "commas and spaces missing",
            r#"Basic realm="a"charset="b""#,
            r#"Basic realm="a", charset="b""#,
        ),
        (
            "semicolons",
            r#"Basic realm="a"; charset=UTF-8"#,
            r#"Basic realm="a", charset=UTF-8"#,
        ),
        (
            "doubled quote",
            r#"Bearer realm="a"", scope="b c""#,
            r#"Bearer realm="a", scope="b c""#,
        ),
        (
            "unquoted base64",
            "Digest nonce=ab==, qop=auth x",
            "Digest nonce=\"ab==\", qop=auth",
        ),
        (
            "value missing before a blank",
            "Basic realm= charset=UTF-8",
            "Basic realm=\"\", charset=UTF-8",
        ),
        (
            "scheme after a missing comma",
            "Negotiate Basic realm=\"a\"",
            "Negotiate, Basic realm=\"a\"",
        ),
        (
            "opaque word kept",
            "NTLM ab=, Basic realm=\"a",
            "NTLM ab=, Basic realm=\"a\"",
        ),
        (
            "a name that is no token",
            "Basic t\u{ed}tulo=\"a, Digest b=c\", realm=x",
            "Basic realm=x",
        ),
        (
            "text in quotes is no challenge",
            "Custom \"a, Basic b=c\", d=e",
            "Custom d=e",
        ),
        (
            "parameter of no scheme",
            "realm=\"a\", Basic b=c",
            "Basic b=c",
        ),
    ];
    let values = |header: &str| plain_list(&read(&[bytes(header)]));
    for (name, bad, good) in rows {
        assert!(read(&[bytes(bad)]).fault.is_some(), "{name}");
        assert!(read(&[bytes(good)]).fault.is_none(), "{name}");
        assert_eq!(values(bad), values(good), "{name}");
    }
}

/// Would run for minutes if any step looked back over what it had read.
#[test]
fn hostile_headers_take_time_linear_in_their_length() {
    const LENGTH: usize = 100_000;
    let pieces = [
        ",", "\"", "\\", " ", "\t", "=", ";", "a", "a ", "a,", "a=", "a= ", "a=b,", "a =,",
        "A a=,", "A a ", "a=\"", "\" ", "\"\\", "\" \\\"", "A a=b x ", "\r\n ", "\u{e9}", "=\"\",",
        "a\t",
    ];
    for piece in pieces {
        let rest = piece.repeat(LENGTH / piece.len());
        for start in ["", "A ", "A \"", "A a=\"", "A a=b"] {
            assert_sane(&[format!("{start}{rest}").into_bytes()]);
        }
    }
    let distinct: Vec<String> = (0..10_000)
        .map(|number| format!("name{number}=b"))
        .collect();
    let distinct = distinct.join(",");
    assert_sane(&[format!("A {distinct}").into_bytes()]);
    assert_sane(&[format!("A {distinct},{distinct}").into_bytes()]);
    assert_sane(&vec![b"A \"".to_vec(); 10_000]);
    assert_sane(&vec![b"Digest a=b".to_vec(); 10_000]);
}
