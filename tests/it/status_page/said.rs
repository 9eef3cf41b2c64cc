//! What the pages say, read as text.

mod endpoint;
mod hostile;
mod incidents;
mod many;
mod overview;

use authvigil::web::page;

use crate::support::snapshot::{State, name};

/// Two endpoints with three checks each.
const TWO: &str = "
credentials:
  c:
    basic_auth: {username: u, password_env: C}
endpoints:
  - {name: first, url: 'https://first.example.com/?token=hunter2', credential: c}
  - {name: second, url: 'https://second.example.com/', credential: c}
";

fn overview(state: &State) -> String {
    page::overview(&state.snapshot)
}

fn of(state: &State, endpoint: &str) -> String {
    page::endpoint(&state.snapshot, &name(endpoint), &[]).unwrap()
}

/// The text between the first `from` and the next `to`.
fn between<'a>(html: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = html
        .split_once(from)
        .unwrap_or_else(|| panic!("no {from} in {html}"));
    rest.split_once(to).unwrap().0
}

fn title(html: &str) -> &str {
    between(html, "<title>", "</title>")
}

/// The words of a piece of markup, in one line.
fn words(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        // What stands in cells of their own is words of their own.
        if ["/td", "/th", "/dt", "/dd"].contains(&tag) {
            text.push(' ');
        }
        rest = after;
    }
    text.push_str(rest);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn headline(html: &str) -> String {
    words(between(html, "<h1>", "</h1>"))
}

/// The endpoints that an overview links to, in its order, each once.
fn linked(html: &str) -> Vec<&str> {
    let links = html.split("href=\"/endpoints/").skip(1);
    let mut names: Vec<&str> = Vec::new();
    for link in links {
        let name = link.split('"').next().unwrap();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
