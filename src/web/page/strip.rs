//! The recent past of a check as a row of bars, the newest at the right.

use std::fmt::Write as _;

use askama::Template;
use askama::filters::HtmlSafe;

use super::standing::Standing;
use super::text::counted;
use crate::domain::status::{History, Mark};

/// The marks from the worst to the best, as they are counted in words.
const MARKS: [Mark; 4] = [Mark::Critical, Mark::Warning, Mark::Unknown, Mark::Pass];

/// How far a bar is from the next, in units of the drawing; the style sheet cuts lines into bars by
/// the same measure.
const STEP: usize = 4;

/// A strip of bars: heights differ, so that nobody needs the colour.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<svg class="strip" viewBox="0 0 240 16" preserveAspectRatio="none" role="img"><title>{{ label }}</title>{% for line in lines %}<path class="{{ line.class }}" d="{{ line.path }}"/>{% endfor %}</svg>"#
)]
pub(super) struct Strip {
    label: String,
    lines: Vec<Line>,
}

impl HtmlSafe for Strip {}

/// All bars of one kind: one line, cut into bars by its style.
struct Line {
    class: &'static str,
    path: String,
}

impl Strip {
    /// The strip of a check; `name` goes in front of its words.
    pub(super) fn of(name: &str, history: &History) -> Self {
        let label = format!("{name}: {}", words(history));
        let lines = MARKS.iter().map(|mark| Line {
            class: mark.as_str(),
            path: path(history, *mark),
        });
        Self {
            label,
            lines: lines.filter(|line| !line.path.is_empty()).collect(),
        }
    }
}

/// `last 60 probes: 2 critical, 58 pass; newest: pass`.
fn words(history: &History) -> String {
    let Some(newest) = history.marks().next_back() else {
        return "no probe yet".to_owned();
    };
    let counts = MARKS.iter().filter_map(|mark| {
        let count = history.marks().filter(|other| other == mark).count();
        (count > 0).then(|| format!("{count} {}", Standing::from(*mark).word()))
    });
    let counts: Vec<String> = counts.collect();
    format!(
        "last {}: {}; newest: {}",
        counted(history.marks().len(), "probe"),
        counts.join(", "),
        Standing::from(newest).word()
    )
}

/// A horizontal line under each run of equal marks.
fn path(history: &History, mark: Mark) -> String {
    let marks: Vec<Mark> = history.marks().collect();
    // The newest stands at the right end, however many there are.
    let mut at = History::LENGTH.saturating_sub(marks.len());
    let mut path = String::new();
    for run in marks.chunk_by(|a, b| a == b) {
        if run.first() == Some(&mark) {
            let (from, length) = (at * STEP, run.len() * STEP);
            // Writing to a string cannot fail.
            let _written = write!(path, "M{from} 8h{length}").is_ok();
        }
        at += run.len();
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(letters: &str) -> History {
        letters.parse().unwrap()
    }

    #[test]
    fn a_strip_says_in_words_what_it_shows() {
        assert_eq!(
            words(&history("pppcupw")),
            "last 7 probes: 1 critical, 1 warning, 1 unknown, 4 pass; newest: warning"
        );
        assert_eq!(words(&history("p")), "last 1 probe: 1 pass; newest: pass");
        assert_eq!(words(&history("")), "no probe yet");
    }

    #[test]
    fn the_newest_bar_stands_at_the_right_end() {
        assert_eq!(path(&history("ppc"), Mark::Critical), "M236 8h4");
        assert_eq!(path(&history("ppc"), Mark::Pass), "M228 8h8");
        assert_eq!(path(&history(&"p".repeat(60)), Mark::Pass), "M0 8h240");
    }
}
