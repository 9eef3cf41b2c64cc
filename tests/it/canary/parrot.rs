//! A server that says back what it was told, everywhere and in every form.

use super::secrets::{escaped, forms};
use crate::support::lab::{Answer, Lab};

/// The statuses with which it says so.
pub(super) const STATUSES: [u16; 5] = [200, 302, 401, 403, 500];

/// The paths that answer, as names of endpoints.
pub(super) fn names() -> Vec<String> {
    let by_status = STATUSES.iter().map(|status| format!("s{status}"));
    by_status
        .chain(["long", "path", "query"].map(str::to_owned))
        .collect()
}

/// Starts one that knows this secret.
pub(super) fn start(secret: &str) -> Lab {
    let lab = Lab::http();
    teach(&lab, secret);
    lab
}

/// Gives a lab the routes of a parrot.
pub(super) fn teach(lab: &Lab, secret: &str) {
    let forms = forms(secret);
    for (at, status) in STATUSES.into_iter().enumerate() {
        // Each form at one or two statuses: a report of all at each takes seconds to search.
        let some: Vec<Vec<u8>> = forms.iter().skip(at % 3).step_by(3).cloned().collect();
        let answer = everywhere(status, &some);
        lab.route(&format!("/s{status}"), move |_| answer.clone());
    }
    let answer = at_every_distance(secret);
    lab.route("/long", move |_| answer.clone());
    let answer = sent_to(b"/login/", b"/", &forms);
    lab.route("/path", move |_| answer.clone());
    let answer = sent_to(b"https://reader:", b"@h/?next=1&", &forms);
    lab.route("/query", move |_| answer.clone());
}

/// An answer with every form at every place of a header section and in the body.
fn everywhere(status: u16, forms: &[Vec<u8>]) -> Answer {
    let mut answer = Answer::status(status);
    for form in forms {
        let quoted = [b"Basic realm=\"", form.as_slice(), b"\""].concat();
        let in_a_parameter = [b"Bearer ", form.as_slice(), b"=1, realm=", form].concat();
        let token = [b"Negotiate ", form.as_slice()].concat();
        let description = [
            b"Bearer error_description=\"no: ",
            form.as_slice(),
            b" is wrong\"",
        ];
        let cookie = [b"session=", form.as_slice(), b"; Path=/"].concat();
        answer = answer
            .header_bytes("WWW-Authenticate", form)
            .header_bytes("WWW-Authenticate", &quoted)
            .header_bytes("WWW-Authenticate", &in_a_parameter)
            .header_bytes("WWW-Authenticate", &token)
            .header_bytes("WWW-Authenticate", &description.concat())
            .header_bytes("Location", form)
            .header_bytes("Set-Cookie", &cookie)
            .header_bytes("Cache-Control", form)
            .header_bytes("Content-Type", form)
            .header_bytes("X-Echo", form);
    }
    answer.body(forms.concat())
}

/// A challenge whose text has the secret at every distance from its beginning.
///
/// Wherever such a text is cut, a cut must not leave half a secret.
fn at_every_distance(secret: &str) -> Answer {
    let secret = escaped(secret);
    let mut answer = Answer::status(401);
    for distance in (20..480).step_by(secret.len().min(12)) {
        let value = format!(
            "Bearer error_description=\"{}{secret}{}\"",
            "-".repeat(distance),
            "-".repeat(80)
        );
        answer = answer
            .header("X-Echo", &value)
            .header("WWW-Authenticate", &value);
    }
    answer
}

fn sent_to(before: &[u8], between: &[u8], forms: &[Vec<u8>]) -> Answer {
    let location = [before, &forms.join(between), b"#", &forms.join(&b"&t="[..])].concat();
    Answer::status(302).header_bytes("Location", &location)
}
