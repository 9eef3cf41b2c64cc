//! The forms of a page and what is in them.
//!
//! Known departures from HTML: no tree is built, so misnested tables move nothing, a disabled
//! `fieldset` disables nothing, and what stands in `noscript` is text, as for a browser with scripts.

use std::collections::HashMap;

use html5gum::{DefaultEmitter, HtmlString, Token, Tokenizer};
use url::Url;

type StartTag = html5gum::StartTag<()>;

/// What is known of a page.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// What its relative URLs are relative to, where it says so.
    pub(super) base: Option<Url>,
    /// The names of all its password fields.
    pub(super) passwords: Vec<Vec<u8>>,
    forms: Vec<Draft>,
}

/// A form as it stands in a page.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// Its attributes, empty where they are absent.
    pub(super) action: Vec<u8>,
    pub(super) method: Vec<u8>,
    pub(super) enctype: Vec<u8>,
    /// What would be sent: names and values.
    pub(super) fields: Vec<(Vec<u8>, Vec<u8>)>,
    /// Whether it came to its end.
    pub(super) is_closed: bool,
}

impl Page {
    /// Reads whatever it is given.
    pub(super) fn read(html: &[u8], url: &Url) -> Self {
        let mut emitter = DefaultEmitter::default();
        // Scripts and texts may hold what looks like a form.
        emitter.naively_switch_states(true);
        let mut reader = Reader::default();
        for token in Tokenizer::new_with_emitter(html, emitter) {
            let Ok(token) = token;
            match token {
                Token::StartTag(tag) => reader.start(&tag, url),
                Token::EndTag(tag) => reader.end(&tag.name),
                Token::String(text) => reader.text(&text.value),
                Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
            }
        }
        reader.finish()
    }

    /// The first form with a field of this name.
    pub(super) fn form_with(&self, name: &[u8]) -> Option<&Draft> {
        self.forms_with(name).next()
    }

    /// All forms with a field of this name.
    pub(super) fn forms_with(&self, name: &[u8]) -> impl Iterator<Item = &Draft> {
        let has = move |form: &&Draft| form.fields.iter().any(|(other, _)| other == name);
        self.forms.iter().filter(has)
    }
}

/// A page that is being read.
#[derive(Debug, Default)]
struct Reader {
    page: Page,
    /// The form that is open: forms do not nest.
    open: Option<usize>,
    /// The first form of each `id`.
    by_id: HashMap<Vec<u8>, usize>,
    /// Fields that name their form: it may come after them.
    elsewhere: Vec<(Vec<u8>, Field)>,
    /// What stands in a template is no part of the page.
    templates: usize,
    text: Option<TextArea>,
    select: Option<Select>,
}

type Field = (Vec<u8>, Vec<u8>);

#[derive(Debug)]
struct TextArea {
    name: Vec<u8>,
    form: Option<Vec<u8>>,
    value: Vec<u8>,
}

#[derive(Debug)]
struct Select {
    name: Vec<u8>,
    form: Option<Vec<u8>>,
    takes_many: bool,
    options: Vec<Choice>,
}

/// One option of a list.
#[derive(Debug)]
struct Choice {
    /// What is sent; without a `value`, its text.
    value: Option<Vec<u8>>,
    text: Vec<u8>,
    is_selected: bool,
}

impl Reader {
    fn start(&mut self, tag: &StartTag, url: &Url) {
        match tag.name.as_slice() {
            b"template" => self.templates += 1,
            _ if self.templates > 0 => {}
            b"base" if self.page.base.is_none() => {
                let href = attribute(tag, "href").map(String::from_utf8_lossy);
                self.page.base = href.and_then(|href| url.join(href.trim()).ok());
            }
            b"form" => self.form(tag),
            b"input" => self.input(tag),
            b"textarea" => self.text = text_area(tag),
            b"select" => self.select = select(tag),
            b"option" => self.option(tag),
            _ => {}
        }
    }

    fn end(&mut self, name: &HtmlString) {
        match name.as_slice() {
            b"template" => self.templates = self.templates.saturating_sub(1),
            b"form" if self.templates == 0 => {
                let closed = self.open.take().and_then(|at| self.page.forms.get_mut(at));
                if let Some(form) = closed {
                    form.is_closed = true;
                }
            }
            b"textarea" => {
                if let Some(area) = self.text.take() {
                    let value = area.value.strip_prefix(b"\n");
                    let value = value.map_or_else(|| area.value.clone(), <[u8]>::to_vec);
                    self.put(area.form, (area.name, value));
                }
            }
            b"select" => {
                if let Some(select) = self.select.take() {
                    for value in select.chosen() {
                        self.put(select.form.clone(), (select.name.clone(), value));
                    }
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &[u8]) {
        if let Some(area) = &mut self.text {
            area.value.extend_from_slice(text);
        } else if let Some(option) = self.select.as_mut().and_then(|it| it.options.last_mut()) {
            option.text.extend_from_slice(text);
        }
    }

    fn form(&mut self, tag: &StartTag) {
        if self.open.is_some() {
            return;
        }
        let text = |name| attribute(tag, name).unwrap_or_default().to_vec();
        let at = self.page.forms.len();
        if let Some(id) = attribute(tag, "id") {
            self.by_id.entry(id.to_vec()).or_insert(at);
        }
        self.page.forms.push(Draft {
            action: text("action"),
            method: text("method"),
            enctype: text("enctype"),
            fields: Vec::new(),
            is_closed: false,
        });
        self.open = Some(at);
    }

    fn input(&mut self, tag: &StartTag) {
        let kind = attribute(tag, "type").unwrap_or_default();
        let kind = kind.trim_ascii().to_ascii_lowercase();
        let Some(name) = name_of(tag) else {
            return;
        };
        let value = attribute(tag, "value");
        let is_checked = attribute(tag, "checked").is_some();
        let value = match kind.as_slice() {
            // Nobody presses a button, and there is no file.
            b"submit" | b"button" | b"reset" | b"image" | b"file" => return,
            b"checkbox" | b"radio" if !is_checked => return,
            b"checkbox" | b"radio" => value.unwrap_or(b"on"),
            b"password" => {
                self.page.passwords.push(name.clone());
                value.unwrap_or_default()
            }
            _ => value.unwrap_or_default(),
        };
        let value = value.to_vec();
        self.put(attribute(tag, "form").map(<[u8]>::to_vec), (name, value));
    }

    fn option(&mut self, tag: &StartTag) {
        if let Some(select) = &mut self.select
            && attribute(tag, "disabled").is_none()
        {
            select.options.push(Choice {
                value: attribute(tag, "value").map(<[u8]>::to_vec),
                text: Vec::new(),
                is_selected: attribute(tag, "selected").is_some(),
            });
        }
    }

    /// A field belongs to the form that it names, or else to the one that it stands in.
    fn put(&mut self, form: Option<Vec<u8>>, field: Field) {
        match form {
            Some(id) => self.elsewhere.push((id, field)),
            None => {
                if let Some(form) = self.open.and_then(|at| self.page.forms.get_mut(at)) {
                    form.fields.push(field);
                }
            }
        }
    }

    fn finish(mut self) -> Page {
        for (id, field) in self.elsewhere {
            let form = self.by_id.get(&id);
            if let Some(form) = form.and_then(|at| self.page.forms.get_mut(*at)) {
                form.fields.push(field);
            }
        }
        self.page
    }
}

impl Select {
    /// What is chosen: in a list for one, the last of those that say so, or else the first of all.
    fn chosen(&self) -> Vec<Vec<u8>> {
        let mut selected = self.options.iter().filter(|option| option.is_selected);
        if self.takes_many {
            return selected.map(Choice::sent).collect();
        }
        let one = selected.next_back().or_else(|| self.options.first());
        one.map(Choice::sent).into_iter().collect()
    }
}

impl Choice {
    fn sent(&self) -> Vec<u8> {
        let text = || self.text.trim_ascii().to_vec();
        self.value.clone().unwrap_or_else(text)
    }
}

fn text_area(tag: &StartTag) -> Option<TextArea> {
    Some(TextArea {
        name: name_of(tag)?,
        form: attribute(tag, "form").map(<[u8]>::to_vec),
        value: Vec::new(),
    })
}

fn select(tag: &StartTag) -> Option<Select> {
    Some(Select {
        name: name_of(tag)?,
        form: attribute(tag, "form").map(<[u8]>::to_vec),
        takes_many: attribute(tag, "multiple").is_some(),
        options: Vec::new(),
    })
}

/// The name of a field that would be sent.
fn name_of(tag: &StartTag) -> Option<Vec<u8>> {
    let name = attribute(tag, "name").filter(|name| !name.is_empty());
    name.filter(|_| attribute(tag, "disabled").is_none())
        .map(<[u8]>::to_vec)
}

fn attribute<'a>(tag: &'a StartTag, name: &str) -> Option<&'a [u8]> {
    let value = tag.attributes.get(name.as_bytes())?;
    Some(value.value.as_slice())
}
