//! What receivers read: mails as text and HTML, and the JSON of webhooks.
//!
//! `tests/fixtures/mail` shows a mail for each occasion;
//! `AUTHVIGIL_BLESS=1 cargo nextest run --test it letters::` writes them anew.

mod document;
mod ends;
mod hostile;
mod scene;
mod shown;
mod subjects;
mod words;
