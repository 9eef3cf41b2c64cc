//! Who may touch what.

use regex::Regex;

use super::source::Source;

/// Words that only some of the source may say.
struct Rule {
    /// What the rule says, as the failure will.
    claim: &'static str,
    /// The words, as a regular expression.
    words: &'static str,
    /// Where the words are free, as the start of a path below `src/`.
    free_in: &'static [&'static str],
    /// Where the rule holds at all, likewise; everywhere, if empty.
    holds_in: &'static [&'static str],
    /// A line that breaks the rule, in a file of this path.
    offender: (&'static str, &'static str),
    /// A line that keeps it, in a file of this path.
    innocent: (&'static str, &'static str),
}

const RULES: [Rule; 5] = [
    Rule {
        claim: "only `cli` prints",
        words: r"\be?print(ln)?!|\bio::(stdout|stderr)\b",
        free_in: &["cli/"],
        holds_in: &[],
        offender: ("probe/visit.rs", "eprintln!(\"{error}\");"),
        innocent: ("cli/text.rs", "println!(\"{report}\");"),
    },
    Rule {
        claim: "only `config/yaml` names serde_yaml",
        words: r"\bserde_yaml\b",
        free_in: &["config/yaml"],
        holds_in: &[],
        offender: ("config/raw/mod.rs", "fn read() -> serde_yaml::Value {}"),
        innocent: ("config/yaml/mod.rs", "use serde_yaml::Value;"),
    },
    Rule {
        claim: "only `clock.rs` reads the clock",
        words: r"::now\(",
        free_in: &["clock.rs"],
        holds_in: &[],
        offender: (
            "probe/visit.rs",
            "let deadline = Deadline::now() + timeout;",
        ),
        innocent: (
            "probe/visit.rs",
            "let deadline = self.clock.now() + timeout;",
        ),
    },
    Rule {
        claim: "only `probe`, `credential` and `notify` name reqwest",
        words: r"\breqwest\b",
        free_in: &["probe/", "credential/", "notify/"],
        holds_in: &[],
        offender: ("daemon/round.rs", "use reqwest::Client;"),
        innocent: ("probe/client.rs", "use reqwest::Client;"),
    },
    Rule {
        claim: "`domain` names nothing that waits, logs, serialises, or touches the world",
        words: r"\b(tokio|tracing|serde)\b|\bstd::(fs|env|io|process|thread)\b|\bstd::net::(Tcp|Udp)",
        free_in: &[],
        holds_in: &["domain/"],
        offender: ("domain/check.rs", "use std::net::TcpStream;"),
        innocent: ("domain/observation.rs", "use std::net::SocketAddr;"),
    },
];

impl Rule {
    /// The words in a file that break the rule.
    fn broken_by(&self, source: &Source) -> Vec<String> {
        let starts = |place: &&str| source.path.starts_with(place);
        let holds = self.holds_in.is_empty() || self.holds_in.iter().any(starts);
        if !holds || self.free_in.iter().any(starts) {
            return Vec::new();
        }
        let words = Regex::new(self.words).unwrap();
        let found = words.find_iter(&source.code);
        found
            .map(|word| format!("{}: `{}`: {}", source.path, word.as_str(), self.claim))
            .collect()
    }
}

#[test]
fn nobody_touches_what_is_not_theirs() {
    let sources = Source::all();
    let broken = RULES
        .iter()
        .flat_map(|rule| sources.iter().flat_map(|source| rule.broken_by(source)));
    assert_eq!(broken.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn every_rule_catches_an_offender_and_lets_the_innocent_go() {
    for rule in RULES {
        let (path, line) = rule.offender;
        assert_eq!(
            rule.broken_by(&Source::new(path, line)).len(),
            1,
            "{}",
            rule.claim
        );
        let (path, line) = rule.innocent;
        assert!(
            rule.broken_by(&Source::new(path, line)).is_empty(),
            "{}",
            rule.claim
        );
    }
}
