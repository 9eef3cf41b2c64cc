//! The challenge reader against its invariants, the grammar written out, and `http-auth`.
//!
//! Run it as `cargo fuzz run challenge fuzz/corpus/challenge fuzz/seeds/challenge`.
//! A line feed in the input ends a field line, unless a blank follows, which makes it a fold.

#![no_main]

/// The rooms that the target needs; the reader depends on nothing else.
#[expect(dead_code, reason = "the package uses the rest")]
#[path = "../../src/domain"]
mod domain {
    pub mod advice;
    pub mod challenge;
}

/// The laws of the room's own property tests.
#[path = "../../src/domain/challenge/laws"]
mod laws {
    pub(crate) mod grammar;
    pub(crate) mod invariants;
}

use laws::invariants;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let lines = lines_of(input);
    invariants::assert_sane(&lines);
    for line in &lines {
        invariants::assert_lenient_agrees(line);
        invariants::assert_grammar_agrees(line);
        invariants::assert_oracle_agrees(line);
        invariants::assert_meets_itself(line);
    }
    for pair in lines.windows(2) {
        if let [one, other] = pair {
            invariants::assert_lines_concatenate(one, other);
        }
    }
});

fn lines_of(input: &[u8]) -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for piece in input.split(|byte| *byte == b'\n') {
        match lines.last_mut().filter(|_| piece.starts_with(b" ")) {
            Some(line) => {
                line.push(b'\n');
                line.extend_from_slice(piece);
            }
            None => lines.push(piece.to_vec()),
        }
    }
    lines
}
