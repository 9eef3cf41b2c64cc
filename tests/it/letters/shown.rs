//! The HTML part, as those see it who show mail.

use authvigil::notify::render::letter;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::scene;
use crate::support::browser::{Scheme, visit};
use crate::support::lab::{Answer, Lab};

/// The names of all elements, in order; an error where the document is not well-formed.
pub(super) fn elements(html: &str) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    walk(html, |element| {
        names.push(element.name().as_ref().to_owned());
        for attribute in element.attributes() {
            attribute.map_err(|error| error.to_string())?;
        }
        Ok(())
    })?;
    Ok(names)
}

fn walk(
    html: &str,
    mut look: impl FnMut(&BytesStart<'_>) -> Result<(), String>,
) -> Result<(), String> {
    let mut reader = Reader::from_str(html);
    let mut depth = 0_usize;
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(element) => {
                depth += 1;
                look(&element)?;
            }
            Event::Empty(element) => look(&element)?,
            Event::End(_) => depth -= 1,
            Event::Eof if depth == 0 => return Ok(()),
            Event::Eof => return Err(format!("{depth} elements are not closed")),
            Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_)
            | Event::GeneralRef(_) => {}
        }
    }
}

#[test]
fn every_mail_is_well_formed() {
    for (name, notice) in scene::all() {
        let elements = elements(&letter(&notice).html);
        assert!(elements.is_ok(), "{name}: {elements:?}");
    }
}

#[test]
fn no_mail_runs_a_script_or_asks_for_anything_from_outside() {
    for (name, notice) in scene::all() {
        let html = letter(&notice).html;
        for element in elements(&html).unwrap() {
            let is_outside = ["script", "img", "link", "iframe", "object", "form"];
            assert!(!is_outside.contains(&element.as_str()), "{name}: {element}");
        }
        assert!(
            !html.contains("url(") && !html.contains("@import"),
            "{name}"
        );
    }
}

#[test]
fn headings_go_down_one_level_at_a_time() {
    for (name, notice) in scene::all() {
        let elements = elements(&letter(&notice).html).unwrap();
        let levels = ["h1", "h2", "h3", "h4"];
        let level = |element: &String| levels.iter().position(|it| it == element);
        let found: Vec<usize> = elements.iter().filter_map(level).collect();
        assert_eq!(found.first(), Some(&0), "{name}");
        let is_step = |pair: &[usize]| pair[1] <= pair[0] + 1 && pair[1] > 0;
        assert!(found.windows(2).all(is_step), "{name}: {found:?}");
    }
}

#[test]
fn every_line_of_the_text_stands_in_the_html() {
    for (name, notice) in scene::all() {
        let letter = letter(&notice);
        let html = squeezed(&visible(&letter.html));
        let is_rule = |line: &&str| line.trim_matches(['-', '=']).is_empty();
        for line in letter.text.lines().filter(|line| !is_rule(line)) {
            let said = squeezed(undecorated(line));
            assert!(html.contains(&said), "{name}: {line}");
        }
    }
}

/// The text without white space and without the marks round what is literal.
fn squeezed(text: &str) -> String {
    let is_kept = |it: &char| !it.is_whitespace() && *it != '`';
    text.chars().filter(is_kept).collect()
}

/// A line without what makes a list, a quotation or a warning of it.
fn undecorated(line: &str) -> &str {
    let line = ["  | ", "!  ", "- "]
        .iter()
        .find_map(|mark| line.strip_prefix(mark))
        .unwrap_or(line);
    match line.split_once(". ") {
        Some((number, step)) if number.trim().parse::<u8>().is_ok() => step,
        _ => line,
    }
}

/// The text of a document, without its marks and its style.
fn visible(html: &str) -> String {
    let mut reader = Reader::from_str(html);
    let mut text = String::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Text(piece) => text.push_str(&piece),
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().unwrap();
                text.extend(character);
            }
            Event::Eof => return text,
            Event::Start(_)
            | Event::End(_)
            | Event::Empty(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_) => text.push(' '),
        }
    }
}

/// A page that shows a mail in a frame as narrow as a telephone, and writes what sticks out.
const FRAME: &str = "<!doctype html><title>frame</title><iframe src='/mail' width='360' \
    height='900'></iframe><p id='said'>nothing</p><script>document.querySelector('iframe').onload = \
    event => { const page = event.target.contentDocument.documentElement; \
    document.querySelector('#said').textContent = page.scrollWidth <= 360 ? 'it fits' : 'too wide: ' + \
    page.scrollWidth; };</script>";

#[test]
fn the_longest_lines_fit_on_a_telephone() {
    let long = scene::telling(scene::bypass(), |story| {
        story.challenge_lines = vec![format!("Basic realm=\"{}\"", "endless".repeat(100))];
        story.request = format!("GET https://api.example.com/{}", "path".repeat(100));
        story.labels.insert("l".repeat(60), "v".repeat(200));
    });
    let html = letter(&scene::opened(vec![long, scene::drift(), scene::lockout()])).html;
    let lab = Lab::http();
    lab.route("/mail", move |_| Answer::status(200).html(html.clone()));
    lab.route("/frame", |_| Answer::status(200).html(FRAME));
    let visit = visit(&lab.url("/frame"), Scheme::Light);
    assert!(visit.dom.contains("it fits"), "{}", visit.dom);
}
