//! The lines of the text format, version 0.0.4.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

use super::table::Metric;

/// Lines are handed over once they are this long, in bytes.
const CHUNK: usize = 64 * 1024;

/// Room for a chunk and for what the last endpoint in it adds, in bytes.
const ROOM: usize = CHUNK + 8 * 1024;

/// What a sample says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    /// That it is so.
    One,
    /// How many.
    Count(u64),
    /// How long, in seconds.
    Seconds(Duration),
    /// When, in seconds since 1970.
    At(Timestamp),
}

/// Lines that wait to be sent.
///
/// A family's heading is written with its first sample, so that one without samples is left out.
#[derive(Debug)]
pub(super) struct Lines {
    text: String,
    headed: &'static str,
}

impl Lines {
    /// None yet.
    pub(super) fn new() -> Self {
        Self {
            text: String::with_capacity(ROOM),
            headed: "",
        }
    }

    /// A sample whose label values are in the order of the metric's labels.
    pub(super) fn sample(&mut self, metric: &Metric, labels: &[&str], value: Value) {
        debug_assert_eq!(metric.labels.len(), labels.len(), "{}", metric.name);
        let names = metric.labels.iter().copied();
        self.labelled(metric, names.zip(labels.iter().copied()), value);
    }

    /// A sample with any labels.
    pub(super) fn labelled<'a>(
        &mut self,
        metric: &Metric,
        labels: impl Iterator<Item = (&'a str, &'a str)>,
        value: Value,
    ) {
        self.head(metric);
        self.text.push_str(metric.name);
        let mut mark = '{';
        for (name, label) in labels {
            self.text.push(mark);
            self.text.push_str(name);
            self.text.push_str("=\"");
            push_escaped(&mut self.text, label);
            self.text.push('"');
            mark = ',';
        }
        self.text.push_str(if mark == '{' { " " } else { "} " });
        push_value(&mut self.text, value);
        self.text.push('\n');
    }

    /// Lines that are whole already, with their headings.
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Whether enough of them wait to be handed over.
    pub(super) fn are_a_chunk(&self) -> bool {
        self.text.len() >= CHUNK
    }

    /// Hands over what waits, if anything does.
    pub(super) fn take(&mut self) -> Option<Bytes> {
        if self.text.is_empty() {
            return None;
        }
        let room = String::with_capacity(ROOM);
        Some(Bytes::from(std::mem::replace(&mut self.text, room)))
    }

    fn head(&mut self, metric: &Metric) {
        let Metric {
            name, kind, help, ..
        } = metric;
        if self.headed == *name {
            return;
        }
        self.headed = name;
        let kind = kind.as_str();
        for part in [
            "# HELP ",
            name,
            " ",
            help,
            "\n# TYPE ",
            name,
            " ",
            kind,
            "\n",
        ] {
            self.text.push_str(part);
        }
    }
}

/// Escapes the three characters that the format keeps for itself.
fn push_escaped(text: &mut String, label: &str) {
    let special = |byte| matches!(byte, b'\\' | b'"' | b'\n');
    if !label.bytes().any(special) {
        text.push_str(label);
        return;
    }
    for char in label.chars() {
        match char {
            '\\' => text.push_str("\\\\"),
            '"' => text.push_str("\\\""),
            '\n' => text.push_str("\\n"),
            plain => text.push(plain),
        }
    }
}

fn push_value(text: &mut String, value: Value) {
    let written = match value {
        Value::One => text.write_char('1'),
        Value::Count(count) => write!(text, "{count}"),
        Value::Seconds(duration) => write!(text, "{}", duration.as_secs_f64()),
        Value::At(at) => {
            let (whole, part) = (at.as_millisecond() / 1000, at.as_millisecond() % 1000);
            let sign = if at.as_millisecond() < 0 { "-" } else { "" };
            let (whole, part) = (whole.unsigned_abs(), part.unsigned_abs());
            write!(text, "{sign}{whole}.{part:03}")
        }
    };
    debug_assert!(written.is_ok(), "a String takes everything");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::table::{CHECK_SUCCESS, Kind, MONITOR_ISOLATED};

    const WORD: Metric = Metric {
        name: "word",
        kind: Kind::Gauge,
        labels: &["of"],
        help: "A word.",
    };

    fn written(write: impl FnOnce(&mut Lines)) -> String {
        let mut lines = Lines::new();
        write(&mut lines);
        let bytes = lines.take().map_or_else(Vec::new, |bytes| bytes.to_vec());
        String::from_utf8(bytes).unwrap()
    }

    /// The last line, without its line break.
    fn value(value: Value) -> String {
        let text = written(|lines| lines.sample(&MONITOR_ISOLATED, &[], value));
        let last = text.lines().last().unwrap();
        last.strip_prefix("authvigil_monitor_isolated ")
            .unwrap()
            .to_owned()
    }

    #[test]
    fn a_family_is_headed_once() {
        let text = written(|lines| {
            lines.sample(&WORD, &["a"], Value::One);
            lines.sample(&WORD, &["b"], Value::Count(2));
        });
        assert_eq!(
            text,
            "# HELP word A word.\n# TYPE word gauge\nword{of=\"a\"} 1\nword{of=\"b\"} 2\n"
        );
    }

    #[test]
    fn a_family_is_not_headed_anew_in_the_next_chunk() {
        let mut lines = Lines::new();
        lines.sample(&WORD, &["a"], Value::One);
        drop(lines.take());
        lines.sample(&WORD, &["b"], Value::One);
        assert_eq!(lines.take().unwrap(), "word{of=\"b\"} 1\n");
    }

    #[test]
    fn nothing_written_is_no_chunk() {
        assert_eq!(Lines::new().take(), None);
    }

    #[test]
    fn a_label_cannot_break_out_of_its_quotes() {
        let text = written(|lines| lines.sample(&WORD, &["a\\b\"c\nd} 1é"], Value::One));
        assert_eq!(text.lines().last(), Some(r#"word{of="a\\b\"c\nd} 1é"} 1"#));
    }

    #[test]
    fn labels_stand_in_the_order_of_the_table() {
        let text = written(|lines| lines.sample(&CHECK_SUCCESS, &["a", "b"], Value::Count(0)));
        assert_eq!(
            text.lines().last(),
            Some(r#"authvigil_check_success{endpoint="a",check="b"} 0"#)
        );
    }

    #[test]
    fn durations_are_decimal_seconds() {
        assert_eq!(value(Value::Seconds(Duration::from_micros(1500))), "0.0015");
        assert_eq!(
            value(Value::Seconds(Duration::from_nanos(1))),
            "0.000000001"
        );
        assert_eq!(value(Value::Seconds(Duration::from_secs(30))), "30");
    }

    #[test]
    fn times_are_seconds_with_milliseconds() {
        let at = |text: &str| value(Value::At(text.parse().unwrap()));
        assert_eq!(at("2026-11-22T00:00:00.5Z"), "1795305600.500");
        assert_eq!(at("1969-12-31T23:59:59.75Z"), "-0.250");
        assert_eq!(at("1950-01-01T00:00:00Z"), "-631152000.000");
    }

    #[test]
    fn the_largest_count_is_written_in_full() {
        assert_eq!(value(Value::Count(u64::MAX)), "18446744073709551615");
    }
}
