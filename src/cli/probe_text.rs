//! One answer, explained the way an expert would.

use std::io::{self, Write};
use std::time::Duration;

use jiff::Timestamp;

use super::terminal::{ALARM, GOOD, HEADING, QUIET, WARN, paragraph, shortened, visible};
use crate::daemon::CheckResult;
use crate::domain::challenge::Form;
use crate::domain::endpoint::TlsVersion;
use crate::domain::explanation;
use crate::domain::finding::Severity;
use crate::domain::observation::{
    Answer, BodyEnd, Observation, Outcome, Silence, Tls, is_sensitive, without_query_values,
};
use crate::domain::secret::REDACTED;

/// A header of a server is cut after so many characters; JSON has all of a challenge.
const LONGEST: usize = 400;

/// More header lines than this are only counted.
const MOST_LINES: usize = 60;

/// Shows what came of a knock.
pub(super) fn write(
    out: &mut impl Write,
    method: &str,
    result: &CheckResult,
    now: Timestamp,
) -> io::Result<()> {
    let who = if result.persona.is_holder() {
        "with the given credential"
    } else {
        "as nobody"
    };
    let shown = &result.url;
    writeln!(
        out,
        "{HEADING}{} {}{HEADING:#}  {QUIET}{who}{QUIET:#}",
        visible(method),
        visible(shown)
    )?;
    match &result.observation {
        None => unsent(out, result)?,
        Some(seen) => {
            match &seen.outcome {
                Outcome::Answer(answer) => answered(out, seen, answer, result)?,
                Outcome::Silence(silence) => silent(out, seen, silence)?,
            }
            findings(out, result)?;
            phases(out, seen)?;
            if let Some(tls) = &seen.tls {
                certificates(out, tls, now)?;
            }
            if let Outcome::Answer(answer) = &seen.outcome {
                headers(out, answer)?;
            }
        }
    }
    Ok(())
}

fn unsent(out: &mut impl Write, result: &CheckResult) -> io::Result<()> {
    writeln!(out, "{WARN}nothing was sent{WARN:#}")?;
    for finding in &result.judgement.findings {
        paragraph(out, "  ", "  ", &visible(&finding.saw))?;
    }
    Ok(())
}

fn answered(
    out: &mut impl Write,
    seen: &Observation,
    answer: &Answer,
    result: &CheckResult,
) -> io::Result<()> {
    let words = http::StatusCode::from_u16(answer.status).ok();
    let words = words
        .and_then(|status| status.canonical_reason())
        .unwrap_or_default();
    let from = seen
        .remote_addr
        .map_or_else(String::new, |address| format!(" from {address}"));
    let version = answer.http_version.as_str();
    writeln!(
        out,
        "{HEADING}{} {words}{HEADING:#}  {QUIET}{version}{from}{QUIET:#}",
        answer.status
    )?;
    paragraph(out, "  ", "  ", meaning(answer, result))?;
    if let BodyEnd::Broken(silence) = &answer.body.end {
        paragraph(
            out,
            "  ",
            "  ",
            &format!("The body broke off: {}.", visible(&silence.detail)),
        )?;
    }
    challenges(out, answer)
}

/// What the status says of the lock: each of these looks alike to whoever cannot get in.
fn meaning(answer: &Answer, result: &CheckResult) -> &'static str {
    let holder = result.persona.is_holder();
    match (answer.status, holder) {
        (200..=299, false) => "Let in without credentials: this door is open to everybody.",
        (200..=299, true) => {
            "Let in: the credential was accepted, or none was needed. Knock \
                              without one to tell the two apart."
        }
        (401, false) => {
            "Not let in for want of valid credentials: the lock works. The challenges \
                         say which credentials it wants."
        }
        (401, true) => {
            "The credential was not accepted: wrong, expired, of another kind, or lost \
                        on the way (a proxy, a redirect). Compare its kind with the challenges."
        }
        (403, false) => {
            "Refused, and no credential was asked for: this is no login prompt. An \
                         address rule, a firewall or a rule for everybody may stand before the lock."
        }
        (403, true) => {
            "The server knows who asks and refuses all the same (RFC 9110 §15.5.4), or \
                        a rule before the login refuses everybody: a matter of rights or of \
                        addresses, not of the password."
        }
        (404 | 410, _) => {
            "There is nothing here, or the server hides from strangers that there is. \
                           Check the path, the trailing slash and the virtual host before the \
                           credential."
        }
        (407, _) => {
            "A proxy on the way wants credentials of its own (RFC 9110 §15.5.8); the site \
                     itself was not reached."
        }
        (423, _) => {
            "The account is locked, often after too many failed logins. Further tries may \
                     prolong it."
        }
        (429, _) => {
            "Too many requests: this says nothing of the credential. Wait as long as \
                     Retry-After asks."
        }
        (300..=399, _) => {
            "Sent elsewhere: an API that redirects to a login page answers scripts \
                           with HTML. See where Location points."
        }
        (500..=599, _) => {
            "The server, or what it asks for authentication, is broken: this says \
                           nothing of the credential."
        }
        _ => "An answer that says neither that the lock holds nor that it is open.",
    }
}

fn challenges(out: &mut impl Write, answer: &Answer) -> io::Result<()> {
    let lines: Vec<_> = answer.lines("www-authenticate").collect();
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{HEADING}Challenges, as received{HEADING:#}")?;
    for line in lines {
        let text = line.text();
        writeln!(
            out,
            "  {QUIET}WWW-Authenticate:{QUIET:#} {}",
            shortened(&visible(&text), LONGEST)
        )?;
    }
    writeln!(out, "\n{HEADING}Taken apart{HEADING:#}")?;
    for (number, challenge) in answer.challenges().iter().take(MOST_LINES).enumerate() {
        let scheme = visible(&challenge.scheme);
        let first = format!("  {}. {GOOD}{scheme}{GOOD:#}: ", number + 1);
        paragraph(out, &first, "     ", scheme_in_words(&challenge.scheme))?;
        if let Some(token) = &challenge.token68 {
            writeln!(
                out,
                "     {QUIET}token68{QUIET:#} {}",
                shortened(&visible(token), LONGEST)
            )?;
        }
        for param in &challenge.params {
            let value = visible(&param.value);
            let value = shortened(&value, LONGEST);
            let quote = if param.form == Form::Quoted { "\"" } else { "" };
            let name = visible(&param.name);
            writeln!(out, "     {QUIET}{name}{QUIET:#} = {quote}{value}{quote}")?;
        }
    }
    Ok(())
}

fn scheme_in_words(scheme: &str) -> &'static str {
    match scheme {
        "basic" => {
            "user and password with every request, only encoded: safe inside TLS alone \
                    (RFC 7617)"
        }
        "bearer" => "whoever holds the token is let in; tokens come from elsewhere (RFC 6750)",
        "digest" => "a proof that the password is known, made with the server's nonce (RFC 7616)",
        "dpop" => "a token bound to a key of the client, with a proof for each request (RFC 9449)",
        "gnap" => "a token from a grant server, bound to a key (RFC 9635)",
        "hoba" => "a signature of the challenge by a key of the browser (RFC 7486)",
        "mutual" => "a password that both sides prove to know (RFC 8120)",
        "negotiate" => "Kerberos, or NTLM where that fails, bound to the connection (RFC 4559)",
        "ntlm" => "Windows login bound to the connection; weak, and it tells the server's names",
        "oauth" => "OAuth 1.0 with signed requests (RFC 5849)",
        "privatetoken" => "an anonymous token that proves an attestation (RFC 9577)",
        "scram-sha-1" | "scram-sha-256" => "a salted proof that the password is known (RFC 7804)",
        "vapid" => "a signed token of a push sender (RFC 8292)",
        _ => "a scheme that is not registered; its clients know what it wants",
    }
}

fn silent(out: &mut impl Write, seen: &Observation, silence: &Silence) -> io::Result<()> {
    let to = seen
        .remote_addr
        .map_or_else(String::new, |address| format!(" at {address}"));
    writeln!(out, "{ALARM}no answer{ALARM:#}{to}: {}", silence.reason)?;
    let detail = visible(&silence.detail);
    paragraph(out, "  ", "  ", &shortened(&detail, LONGEST))
}

fn findings(out: &mut impl Write, result: &CheckResult) -> io::Result<()> {
    let judgement = &result.judgement;
    if !judgement.findings.is_empty() {
        writeln!(out, "\n{HEADING}Findings{HEADING:#}")?;
    }
    for finding in &judgement.findings {
        let style = if finding.severity == Severity::Critical {
            ALARM
        } else {
            WARN
        };
        writeln!(
            out,
            "  {style}{}{style:#} {QUIET}{}{QUIET:#}",
            finding.reason,
            finding.reason.rule()
        )?;
        let (expected, saw) = (visible(&finding.expected), visible(&finding.saw));
        writeln!(
            out,
            "     {QUIET}expected{QUIET:#} {}",
            shortened(&expected, LONGEST)
        )?;
        writeln!(
            out,
            "     {QUIET}saw{QUIET:#}      {}",
            shortened(&saw, LONGEST)
        )?;
        if let Some(step) = explanation::of_reason(finding.reason).first_steps.first() {
            paragraph(out, "     look at  ", "              ", step)?;
        }
    }
    if !judgement.advice.is_empty() {
        writeln!(out, "\n{HEADING}Worth mending{HEADING:#}")?;
    }
    for advice in &judgement.advice {
        writeln!(
            out,
            "  {WARN}{}{WARN:#} {QUIET}{}{QUIET:#}",
            advice.code,
            advice.code.rule()
        )?;
        paragraph(out, "     ", "     ", &visible(&advice.message))?;
    }
    Ok(())
}

fn phases(out: &mut impl Write, seen: &Observation) -> io::Result<()> {
    let phases = &seen.phases;
    let named = [
        ("resolve", phases.resolve),
        ("connect", phases.connect),
        ("tls", phases.tls),
        ("processing", phases.processing),
        ("transfer", phases.transfer),
    ];
    let parts: Vec<String> = named
        .iter()
        .filter_map(|(name, phase)| Some(format!("{name} {}", milliseconds((*phase)?))))
        .collect();
    writeln!(out, "\n{HEADING}Phases{HEADING:#}")?;
    let parts = if parts.is_empty() {
        String::new()
    } else {
        format!("{}, ", parts.join(", "))
    };
    writeln!(out, "  {parts}{} in all", milliseconds(seen.duration))
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1000.0)
}

fn certificates(out: &mut impl Write, tls: &Tls, now: Timestamp) -> io::Result<()> {
    let version = tls
        .version
        .map_or("handshake not finished", TlsVersion::as_str);
    writeln!(
        out,
        "\n{HEADING}Certificates{HEADING:#}  {QUIET}{version}{QUIET:#}"
    )?;
    for certificate in &tls.chain {
        let days = certificate.not_after.duration_since(now).as_hours() / 24;
        let style = if days < 14 { WARN } else { GOOD };
        writeln!(
            out,
            "  {}",
            shortened(&visible(&certificate.subject), LONGEST)
        )?;
        writeln!(
            out,
            "     {QUIET}issuer{QUIET:#}  {}",
            shortened(&visible(&certificate.issuer), LONGEST)
        )?;
        if !certificate.names.is_empty() {
            let names = certificate.names.join(", ");
            writeln!(
                out,
                "     {QUIET}names{QUIET:#}   {}",
                shortened(&visible(&names), LONGEST)
            )?;
        }
        writeln!(
            out,
            "     {QUIET}valid{QUIET:#}   {} to {style}{}{style:#} ({days} days left)",
            certificate.not_before, certificate.not_after
        )?;
    }
    Ok(())
}

fn headers(out: &mut impl Write, answer: &Answer) -> io::Result<()> {
    writeln!(out, "\n{HEADING}Other headers{HEADING:#}")?;
    let others = || {
        answer
            .fields
            .iter()
            .filter(|field| field.name != "www-authenticate")
    };
    for field in others().take(MOST_LINES) {
        let name = field.name.as_str();
        let value = match name {
            _ if is_sensitive(name) => REDACTED.to_owned(),
            "location" | "content-location" | "refresh" | "link" => {
                without_query_values(&field.text())
            }
            _ => field.text(),
        };
        writeln!(
            out,
            "  {QUIET}{name}:{QUIET:#} {}",
            shortened(&visible(&value), LONGEST)
        )?;
    }
    let more = others().count().saturating_sub(MOST_LINES);
    if more > 0 {
        writeln!(out, "  {QUIET}and {more} more lines{QUIET:#}")?;
    }
    let cut = if answer.body.end == BodyEnd::CutOff {
        " and more"
    } else {
        ""
    };
    writeln!(
        out,
        "  {QUIET}body of {} bytes{cut}{QUIET:#}",
        answer.body.bytes.len()
    )
}
