//! Answers that ask their callers to rest: 423 and 429, and how long `Retry-After` asks for.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;

use super::observation::Answer;

/// That an answer asks for rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// How long, where it says so (RFC 9110 §10.2.3); zero for a date that has passed.
    pub retry_after: Option<Duration>,
}

/// Whether an answer asks for rest: 423 (RFC 4918 §11.3) or 429 (RFC 6585 §4).
pub fn asked(answer: &Answer, now: Timestamp) -> Option<Rest> {
    matches!(answer.status, 423 | 429).then(|| Rest {
        retry_after: retry_after(answer, now),
    })
}

/// How long an answer asks to wait, where it says so; zero for a date that has passed.
pub fn retry_after(answer: &Answer, now: Timestamp) -> Option<Duration> {
    let line = answer.first("retry-after")?;
    delay(&line.text(), now)
}

/// Seconds, or a date.
fn delay(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit ask for longer than anybody waits.
        return Some(Duration::from_secs(
            text.parse().unwrap_or(u64::from(u32::MAX)),
        ));
    }
    let date = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    let remaining = date.duration_since(now);
    Some(Duration::try_from(remaining).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<u64> {
        let now: Timestamp = "1994-11-06T08:48:37Z".parse().unwrap();
        delay(text, now).map(|delay| delay.as_secs())
    }

    #[test]
    fn a_delay_is_seconds_or_a_date() {
        let rows = [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(60)),
            ("Sun, 06 Nov 1994 08:47:37 GMT", Some(0)),
            ("99999999999999999999999", Some(u64::from(u32::MAX))),
            ("soon", None),
            ("-5", None),
            ("", None),
        ];
        for (text, wanted) in rows {
            assert_eq!(read(text), wanted, "{text}");
        }
    }
}
