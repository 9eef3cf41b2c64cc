//! Words for people: counts and spans of time.

use jiff::SignedDuration;

/// A number of things, the noun in the right form.
pub fn counted(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{} {noun}s", grouped(number)),
    }
}

/// A number with a thin space between thousands.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + 4);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

/// A span of time as it is said: `12 minutes`, `2 hours 5 minutes`, `9 days`; its sign is dropped.
pub fn span(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().unsigned_abs();
    let unit = |number: u64, noun| counted(usize::try_from(number).unwrap_or(usize::MAX), noun);
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    match (hours, minutes) {
        (0, 0) => unit(seconds, "second"),
        (0, minutes) => unit(minutes, "minute"),
        (hours @ ..48, minutes) => match minutes % 60 {
            0 => unit(hours, "hour"),
            rest => format!("{} {}", unit(hours, "hour"), unit(rest, "minute")),
        },
        (hours, _) => unit(hours / 24, "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_said_in_one_or_two_units() {
        let rows = [
            (0, "0 seconds"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (3599, "59 minutes"),
            (3600, "1 hour"),
            (7500, "2 hours 5 minutes"),
            (48 * 3600, "2 days"),
            (-90, "1 minute"),
        ];
        for (seconds, expected) in rows {
            assert_eq!(span(SignedDuration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(counted(1, "lock"), "1 lock");
        assert_eq!(counted(1_234_567, "lock"), "1\u{202f}234\u{202f}567 locks");
        assert_eq!(grouped(100), "100");
    }
}
