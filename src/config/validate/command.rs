//! Programs that print a credential.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::Context;
use super::ledger::Ledger;
use super::secrets::file_path;
use crate::config::place::Place;
use crate::config::raw::OneOrMany;
use crate::credential::Command;
use crate::domain::secret::{Exposure, exposure};

/// Reads a program with its arguments.
pub(super) fn command(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &OneOrMany,
) -> Option<Command> {
    let words = match raw {
        OneOrMany::Many(words) => words,
        OneOrMany::One(_) => {
            ledger
                .fault(
                    place,
                    "a command is a list: the program, then its arguments",
                )
                .label("no shell takes it apart")
                .hint("write `[/path/to/program, argument]`");
            return None;
        }
    };
    let Some((program, arguments)) = words.split_first() else {
        ledger
            .fault(place, "the list names no program")
            .hint("write `[/path/to/program, argument]`");
        return None;
    };
    let path = program_path(context, ledger, &place.index(0), program);
    let mut arguments_fit = true;
    for (index, argument) in arguments.iter().enumerate() {
        if argument.contains('\0') {
            ledger.fault(&place.index(index + 1), "an argument cannot hold a NUL");
            arguments_fit = false;
        }
    }
    let program = path.filter(|_| arguments_fit)?;
    warn_of_program(ledger, &place.index(0), &program);
    Some(Command {
        program,
        arguments: arguments.to_vec(),
        timeout: Command::TIMEOUT,
    })
}

/// The program's path, absolute: a relative one starts at the file that names it.
fn program_path(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    text: &str,
) -> Option<PathBuf> {
    if text.is_empty() {
        ledger
            .fault(place, "the program has no name")
            .hint("write its path; what comes after it in the list are its arguments");
        return None;
    }
    if text.starts_with('$') || text.starts_with("~/") {
        ledger
            .fault(place, "nothing is expanded in a program's path")
            .hint("write the path in full, or relative to this file");
        return None;
    }
    let path = file_path(context, ledger, place, text)?;
    // Without a current directory there is nothing that it could be relative to.
    Some(std::path::absolute(&path).unwrap_or(path))
}

/// A program that cannot be run makes its credential unavailable; it may be installed yet.
fn warn_of_program(ledger: &mut Ledger, place: &Place<'_>, program: &Path) {
    const EXECUTE: u32 = 0o111;
    let Ok(metadata) = std::fs::metadata(program) else {
        ledger
            .warn(place, "there is no such program, or it cannot be reached")
            .hint("`PATH` is not searched: write the path in full, or relative to this file");
        return;
    };
    if !metadata.is_file() || metadata.mode() & EXECUTE == 0 {
        ledger
            .warn(place, "this cannot be run")
            .label(if metadata.is_file() {
                "nobody may execute it"
            } else {
                "it is no file"
            })
            .hint("name a program, and make it executable with `chmod +x`");
        return;
    }
    // Everybody may read a program. Who owns it is of no matter where root asks.
    let me = nix::unistd::geteuid().as_raw();
    let exposed = exposure(metadata.mode() & !0o004, metadata.uid(), me);
    if let Some(found @ (Exposure::WritableByOthers | Exposure::Foreign(_))) = exposed {
        ledger
            .warn(place, "somebody else decides what this program does")
            .label(found.to_string())
            .hint("give it to root, and take from others the right to write to it");
    }
}
