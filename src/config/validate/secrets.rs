//! Secrets: in a file, in the environment, or, unwisely, in the configuration.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::Context;
use super::ledger::Ledger;
use crate::config::place::Place;
use crate::config::raw::{Given, SecretText};
use crate::domain::secret::{Exposure, Secret, SecretRef, exposure};

/// The three keys of a secret: `password`, `password_file`, `password_env`.
#[derive(Debug)]
pub(crate) struct Forms<'a> {
    /// The literal's key, and those of the other two.
    pub(crate) keys: [&'static str; 3],
    pub(crate) literal: &'a Given<SecretText>,
    pub(crate) file: &'a Given<String>,
    pub(crate) env: &'a Given<String>,
}

impl Forms<'_> {
    /// Whether any of the three is there.
    pub(crate) fn any(&self) -> bool {
        self.literal.get().is_some() || self.file.get().is_some() || self.env.get().is_some()
    }
}

/// The variable that systemd sets to the directory of a unit's credentials.
pub(crate) const CREDENTIALS_DIRECTORY: &str = "$CREDENTIALS_DIRECTORY";

/// Reads a secret that has exactly one of its forms.
pub(crate) fn secret(
    context: &Context<'_>,
    ledger: &mut Ledger,
    map: &Place<'_>,
    forms: &Forms<'_>,
) -> Option<SecretRef> {
    let [literal, file, env] = forms.keys;
    let present = [
        forms.literal.get().map(|_| literal),
        forms.file.get().map(|_| file),
        forms.env.get().map(|_| env),
    ];
    let mut present = present.into_iter().flatten();
    let Some(first) = present.next() else {
        ledger.missing(map, file).hint(format!(
            "name the secret's file with `{file}`, or a variable with `{env}`"
        ));
        return None;
    };
    if let Some(second) = present.next() {
        ledger
            .fault(
                &map.key(second),
                format!("`{second}` and `{first}` exclude each other"),
            )
            .on_key()
            .label(format!("`{first}` is given as well"))
            .see(&map.key(first))
            .hint("keep one of them");
        return None;
    }
    let place = map.key(first);
    match (forms.literal.get(), forms.file.get(), forms.env.get()) {
        (Some(text), _, _) => literal_secret(ledger, &place, text, forms.keys),
        (_, Some(path), _) => secret_file(context, ledger, &place, path).map(SecretRef::File),
        (_, _, Some(name)) => variable(ledger, &place, name).map(SecretRef::Env),
        (None, None, None) => None,
    }
}

fn literal_secret(
    ledger: &mut Ledger,
    place: &Place<'_>,
    text: &SecretText,
    [literal, file, env]: [&'static str; 3],
) -> Option<SecretRef> {
    let text = text.expose();
    if text.is_empty() {
        ledger
            .fault(place, format!("`{literal}` is empty"))
            .hint("an empty secret is never sent; the impostor `empty` checks that it is refused");
        return None;
    }
    ledger
        .warn(
            place,
            format!("the secret of `{literal}` stands in the configuration"),
        )
        .label("whoever can read this file has it")
        .hint(format!(
            "move it to a file and name that with `{file}`, or use `{env}`"
        ));
    Some(SecretRef::Literal(Secret::new(text)))
}

/// The path of a file with a secret, which is read when it is needed, not now; says where others than
/// this program have a say over it.
pub(crate) fn secret_file(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    text: &str,
) -> Option<PathBuf> {
    let path = secret_path(context, ledger, place, text)?;
    if !path.starts_with(CREDENTIALS_DIRECTORY) {
        warn_of_exposure(ledger, place, &path);
    }
    Some(path)
}

/// Says where a file with a secret lies open. One that is not there yet is no fault.
fn warn_of_exposure(ledger: &mut Ledger, place: &Place<'_>, path: &Path) {
    let Ok(metadata) = std::fs::metadata(path) else {
        return;
    };
    let me = nix::unistd::geteuid().as_raw();
    let found = exposure(metadata.mode(), metadata.uid(), me);
    let Some(found) = found.filter(|_| metadata.is_file()) else {
        return;
    };
    ledger
        .warn(place, "the file of this secret lies open")
        .label(found.to_string())
        .hint(match found {
            Exposure::ReadableByOthers | Exposure::WritableByOthers => {
                "`chmod 0600` it, or `0640` with the daemon's group"
            }
            Exposure::Foreign(_) => "give it to root or to the daemon's user with `chown`",
        });
}

/// The path of a file that is read when it is needed, not now.
pub(crate) fn secret_path(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    text: &str,
) -> Option<PathBuf> {
    if let Some(rest) = text.strip_prefix(CREDENTIALS_DIRECTORY) {
        if rest.starts_with('/') && rest.len() > 1 {
            return Some(PathBuf::from(text));
        }
        ledger
            .fault(place, format!("`{CREDENTIALS_DIRECTORY}` alone is no file"))
            .hint(format!("write `{CREDENTIALS_DIRECTORY}/NAME`"));
        return None;
    }
    if text.starts_with('$') || text.starts_with("~/") {
        ledger
            .fault(place, "only `$CREDENTIALS_DIRECTORY` is expanded in a path")
            .hint("write the path in full, or relative to this file");
        return None;
    }
    file_path(context, ledger, place, text)
}

/// The path of a file, relative to the file that names it.
pub(crate) fn file_path(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    text: &str,
) -> Option<PathBuf> {
    if text.is_empty() || text.contains('\0') {
        ledger
            .fault(place, "this is no path")
            .label("it is empty, or holds a NUL");
        return None;
    }
    Some(context.directory(place.file()).join(text))
}

fn variable(ledger: &mut Ledger, place: &Place<'_>, name: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let digit = name
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_digit());
    if !name.is_empty() && !digit && name.bytes().all(plain) {
        return Some(name.to_owned());
    }
    let hint = match name.strip_prefix('$') {
        Some(_) => "write the name without `$`",
        None => "name a variable, such as `CI_TOKEN`; its value does not belong here",
    };
    // Somebody may have put the secret itself here, so it is not shown.
    ledger
        .fault(place, "this is no name of an environment variable")
        .hint(hint);
    None
}
