//! A sheet as HTML, for those who show mail: tables, inline styles, nothing from outside.

use askama::Template;

use super::sheet::{Block, Sheet};

#[derive(Template)]
#[template(path = "mail.html")]
struct Mail<'a> {
    sheet: &'a Sheet,
    subject: &'a str,
}

/// The HTML part of a mail: a whole document. The template calls nothing that fails, and writing to a
/// string cannot.
pub(super) fn html(sheet: &Sheet, subject: &str) -> String {
    Mail { sheet, subject }.render().unwrap_or_default()
}
