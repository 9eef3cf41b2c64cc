//! What holds for the fingerprint of every header.

use proptest::prelude::*;
use proptest::sample::Index;

use super::Fingerprint;
use crate::domain::challenge::laws::properties::{bytes, challenge, patchwork, printed};
use crate::domain::challenge::{Challenge, Form, Param, read};

/// A few challenges that were in order, some with what makes a Digest and a Bearer.
fn challenges() -> impl Strategy<Value = Vec<Challenge>> {
    prop::collection::vec(prop_oneof![challenge(), telling()], 0..5)
}

/// A challenge of names that a fingerprint looks into.
fn telling() -> impl Strategy<Value = Challenge> {
    let names = [
        "realm",
        "scope",
        "error",
        "algorithm",
        "nonce",
        "opaque",
        "domain",
    ];
    let values = prop_oneof![
        "[a-zA-Z ]{0,8}",
        "https?://[a-z]{1,3}\\.example/[a-z]{0,3}( https://[a-z]{1,3}\\.example/)?",
    ];
    let params = names.map(|name| (Just(name), prop::option::of(values.clone())));
    (
        prop::sample::select(&["digest", "bearer"][..]),
        params.to_vec(),
    )
        .prop_map(|(scheme, params)| Challenge {
            scheme: scheme.to_owned(),
            token68: None,
            params: params
                .into_iter()
                .filter_map(|(name, value)| value.map(|value| quoted(name, &value)))
                .collect(),
        })
}

fn quoted(name: &str, value: &str) -> Param {
    Param {
        name: name.to_owned(),
        value: value.to_owned(),
        form: Form::Quoted,
    }
}

fn of(challenges: &[Challenge]) -> Fingerprint {
    Fingerprint::of(401, challenges)
}

/// The header with the case, the blanks and the quotes of another server.
fn written_otherwise(challenge: &Challenge) -> String {
    let params = challenge.params.iter().map(|Param { name, value, .. }| {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"");
        format!("{} =\t\"{value}\"", name.to_ascii_uppercase())
    });
    let params: Vec<String> = params.collect();
    let rest = challenge
        .token68
        .clone()
        .unwrap_or_else(|| params.join(" ,, "));
    format!("  {}  {rest} ", challenge.scheme.to_ascii_uppercase())
}

proptest! {
    #[test]
    fn order_means_nothing(
        mut challenges in challenges(),
        turns in prop::collection::vec((any::<Index>(), any::<Index>()), 8),
    ) {
        let before = of(&challenges);
        for (challenge, param) in turns {
            if challenges.is_empty() {
                break;
            }
            let place = challenge.index(challenges.len());
            challenges.swap(0, place);
            let params = &mut challenges[place].params;
            if !params.is_empty() {
                let place = param.index(params.len());
                params.swap(0, place);
            }
        }
        prop_assert_eq!(of(&challenges), before);
    }

    #[test]
    fn case_blanks_quotes_and_lines_mean_nothing(challenges in challenges()) {
        let lines: Vec<_> = challenges.iter().map(|one| bytes(&written_otherwise(one))).collect();
        let joined: Vec<String> = challenges.iter().map(printed).collect();
        let joined = [bytes(&joined.join(", "))];
        prop_assert_eq!(of(&read(&lines).challenges), of(&challenges));
        prop_assert_eq!(of(&read(&joined).challenges), of(&challenges));
    }

    #[test]
    fn the_same_challenge_again_means_nothing(challenges in challenges(), which: Index) {
        let mut again = challenges.clone();
        if !challenges.is_empty() {
            again.push(challenges[which.index(challenges.len())].clone());
        }
        prop_assert_eq!(of(&again), of(&challenges));
    }

    #[test]
    fn a_new_nonce_means_nothing(mut challenges in challenges(), nonce in "\\PC{0,20}") {
        let before = of(&challenges);
        for challenge in &mut challenges {
            challenge.params.retain(|param| !["nonce", "opaque"].contains(&param.name.as_str()));
            challenge.params.insert(0, quoted("nonce", &nonce));
            challenge.params.push(quoted("opaque", &nonce));
        }
        prop_assert_eq!(of(&challenges), before);
    }

    #[test]
    fn another_path_at_the_same_host_means_nothing(host in "[a-z]{1,9}\\.example") {
        let at = |path: &str| {
            let mut challenge = read(&["Bearer"]).challenges;
            challenge[0].params.push(quoted("resource_metadata", &format!("https://{host}{path}")));
            of(&challenge)
        };
        prop_assert_eq!(at("/a"), at("/b?c#d"));
    }

    #[test]
    fn another_realm_scheme_or_name_is_another_fingerprint(
        challenges in challenges(),
        realm in "[a-z]{3}",
        which: Index,
    ) {
        prop_assume!(!challenges.is_empty());
        let place = which.index(challenges.len());
        // Beside as long a list of others as there may be, and at its length.
        let altered = |alter: &dyn Fn(&mut Challenge)| {
            let mut challenges = challenges.clone();
            challenges[place].token68 = None;
            challenges[place].params.retain(|param| param.name != "realm");
            alter(&mut challenges[place]);
            of(&challenges)
        };
        let forms = [
            altered(&|_| {}),
            altered(&|one| one.params.push(quoted("realm", &realm))),
            altered(&|one| one.params.push(quoted("realm", &format!("{realm}{realm}")))),
            altered(&|one| one.params.push(quoted("a-name-of-its-own", ""))),
            altered(&|one| one.scheme = "a-scheme-of-its-own".to_owned()),
        ];
        let others = of(&[&challenges[..place], &challenges[place + 1..]].concat());
        for (number, form) in forms.iter().enumerate() {
            let unlike = |other: &Fingerprint| other != form || *form == others;
            prop_assert!(forms[number + 1..].iter().all(unlike), "{}", form);
        }
    }

    #[test]
    fn no_header_makes_it_long_or_unprintable(
        lines in prop::collection::vec(prop_oneof![any::<Vec<u8>>(), patchwork(60)], 0..8),
    ) {
        let fingerprint = of(&read(&lines).challenges);
        prop_assert!(fingerprint.as_str().chars().count() <= 2000);
        prop_assert!(!fingerprint.as_str().contains(char::is_control));
        prop_assert!(fingerprint.as_str().starts_with("4xx "));
    }
}
