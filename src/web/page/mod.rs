//! The status page.

use std::sync::Arc;

use crate::domain::check::Name;
use crate::domain::finding::Verdict;
use crate::domain::status::{Change, CheckStatus, EndpointStatus, Snapshot};

/// The style of every page.
pub const STYLE: &str = "body { font-family: sans-serif }\n";

/// The page of all endpoints.
pub fn overview(snapshot: &Snapshot) -> String {
    let item = |status: &Arc<EndpointStatus>| {
        let name = status.endpoint.name.as_str();
        format!("<li><a href=\"/endpoints/{name}\">{name}</a></li>")
    };
    html("authvigil", snapshot.endpoints.iter().map(item))
}

/// The page of one endpoint; `None` where there is none of this name.
pub fn endpoint(snapshot: &Snapshot, name: &Name, changes: &[Change]) -> Option<String> {
    let named = |status: &&Arc<EndpointStatus>| status.endpoint.name == *name;
    let status = snapshot.endpoints.iter().find(named)?;
    let checks = status.pairs();
    let checks = checks.map(|(check, status)| item(check.name.as_str(), status));
    let changes = changes.iter();
    let changes = changes.map(|it| format!("<li>{} changed at {}</li>", it.id.check, it.seen.at));
    Some(html(name.as_str(), checks.chain(changes)))
}

/// The page where there is none.
pub fn not_found(_snapshot: &Snapshot, what: &str) -> String {
    let plain = |char: &char| char.is_ascii_alphanumeric() || "._-".contains(*char);
    let what: String = what.chars().filter(plain).take(63).collect();
    html("not found", std::iter::once(format!("<li>{what}</li>")))
}

fn item(name: &str, status: &CheckStatus) -> String {
    let verdict = status.verdict().map_or("pending", Verdict::as_str);
    format!("<li>{name}: {verdict}</li>")
}

fn html(title: &str, items: impl Iterator<Item = String>) -> String {
    let items: String = items.collect();
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"/style.css\"></head><body><h1>{title}</h1>\
         <ul>{items}</ul></body></html>\n"
    )
}
