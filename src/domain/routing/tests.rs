use jiff::civil::date;

use super::*;

fn interval(edit: impl FnOnce(&mut TimeSpan)) -> TimeInterval {
    let mut span = TimeSpan {
        times: Vec::new(),
        weekdays: Vec::new(),
        days_of_month: Vec::new(),
        months: Vec::new(),
        years: Vec::new(),
        zone: TimeZone::UTC,
    };
    edit(&mut span);
    TimeInterval {
        name: Name::parse("times").unwrap(),
        spans: vec![span],
    }
}

fn utc(year: i16, month: i8, day: i8, hour: i8, minute: i8) -> Timestamp {
    let local = date(year, month, day).at(hour, minute, 59, 0);
    local.to_zoned(TimeZone::UTC).unwrap().timestamp()
}

#[test]
fn the_end_of_a_time_range_is_outside() {
    let interval = interval(|span| span.times = vec![(9 * 60, 17 * 60)]);
    let at = |hour, minute| interval.contains(utc(2026, 1, 5, hour, minute));
    assert_eq!(
        [at(8, 59), at(9, 0), at(16, 59), at(17, 0)],
        [false, true, true, false]
    );
}

#[test]
fn a_day_ends_at_24_00() {
    let interval = interval(|span| span.times = vec![(23 * 60, 24 * 60)]);
    assert!(interval.contains(utc(2026, 1, 5, 23, 59)));
    assert!(!interval.contains(utc(2026, 1, 6, 0, 0)));
}

#[test]
fn weekdays_are_counted_from_monday() {
    let interval = interval(|span| span.weekdays = vec![(6, 7)]);
    let week = (5..12).map(|day| interval.contains(utc(2026, 1, day, 12, 0)));
    assert_eq!(
        week.collect::<Vec<_>>(),
        [false, false, false, false, false, true, true]
    );
}

#[test]
fn negative_days_count_from_the_end_of_the_month() {
    let interval = interval(|span| span.days_of_month = vec![(-3, -1)]);
    let days = |month, last| {
        let days = (1..=last).filter(|day| interval.contains(utc(2026, month, *day, 12, 0)));
        days.collect::<Vec<i8>>()
    };
    assert_eq!(days(2, 28), [26, 27, 28]);
    assert_eq!(days(1, 31), [29, 30, 31]);
}

#[test]
fn a_range_of_days_stays_within_its_month() {
    let beyond = interval(|span| span.days_of_month = vec![(30, 31)]);
    let across = interval(|span| span.days_of_month = vec![(27, 31)]);
    let from_before = interval(|span| span.days_of_month = vec![(-31, 2)]);
    assert!(!(1..=28).any(|day| beyond.contains(utc(2026, 2, day, 12, 0))));
    assert!(across.contains(utc(2026, 2, 28, 12, 0)));
    assert!(from_before.contains(utc(2026, 2, 1, 12, 0)));
    assert!(!from_before.contains(utc(2026, 2, 3, 12, 0)));
}

#[test]
fn the_clock_on_the_wall_of_the_zone_counts() {
    let interval = interval(|span| {
        span.times = vec![(9 * 60, 10 * 60)];
        span.zone = TimeZone::fixed(jiff::tz::offset(2));
    });
    assert!(interval.contains(utc(2026, 7, 1, 7, 30)));
    assert!(!interval.contains(utc(2026, 7, 1, 9, 30)));
}

#[test]
fn all_that_is_given_must_fit() {
    let interval = interval(|span| {
        span.months = vec![(12, 12)];
        span.years = vec![(2026, 2027)];
    });
    assert!(interval.contains(utc(2027, 12, 1, 0, 0)));
    assert!(!interval.contains(utc(2027, 11, 30, 0, 0)));
    assert!(!interval.contains(utc(2028, 12, 1, 0, 0)));
}

fn route(label: &str, value: &str, routes: Vec<Route>) -> Route {
    let matcher = Matcher {
        label: label.into(),
        rule: MatchRule::Is(value.into()),
    };
    Route {
        receiver: Name::parse("oncall").unwrap(),
        matchers: if label.is_empty() {
            Vec::new()
        } else {
            vec![matcher]
        },
        goes_on: false,
        group_by: Vec::new(),
        group_wait: Duration::ZERO,
        group_interval: Duration::ZERO,
        repeat_interval: Duration::ZERO,
        mute_time_intervals: Vec::new(),
        active_time_intervals: Vec::new(),
        routes,
    }
}

fn paths(root: Route, labels: &[(&str, &str)]) -> Vec<String> {
    let policy = Policy {
        route: Some(root),
        ..Policy::default()
    };
    let labels = labels.iter();
    let labels = labels.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let found = policy.routes_of(&labels.collect());
    found.into_iter().map(|found| found.path).collect()
}

#[test]
fn the_deepest_branch_speaks_and_its_first_sibling_ends_the_walk() {
    let inner = vec![route("b", "1", Vec::new())];
    let root = route(
        "",
        "",
        vec![route("a", "1", inner), route("b", "1", Vec::new())],
    );
    assert_eq!(paths(root.clone(), &[("a", "1"), ("b", "1")]), ["0.0.0"]);
    assert_eq!(paths(root.clone(), &[("a", "1")]), ["0.0"]);
    assert_eq!(paths(root.clone(), &[("b", "1")]), ["0.1"]);
    assert_eq!(paths(root, &[]), ["0"]);
}

#[test]
fn a_branch_that_goes_on_has_its_siblings_asked() {
    let mut first = route("a", "1", Vec::new());
    first.goes_on = true;
    let siblings = vec![
        first,
        route("b", "1", Vec::new()),
        route("a", "1", Vec::new()),
    ];
    let root = route("", "", siblings);
    assert_eq!(
        paths(root.clone(), &[("a", "1"), ("b", "1")]),
        ["0.0", "0.1"]
    );
    assert_eq!(paths(root, &[("a", "1")]), ["0.0", "0.2"]);
}

#[test]
fn outside_of_its_active_times_a_route_is_muted() {
    let mut muted = route("", "", Vec::new());
    muted.active_time_intervals = vec![Name::parse("times").unwrap()];
    let policy = Policy {
        time_intervals: vec![interval(|span| span.times = vec![(0, 60)])],
        ..Policy::default()
    };
    assert!(!policy.is_muted(&muted, utc(2026, 1, 5, 0, 30)));
    assert!(policy.is_muted(&muted, utc(2026, 1, 5, 1, 0)));
}

#[test]
fn a_matcher_is_shown_as_it_is_written() {
    let matcher = |rule| {
        let label = "team".to_owned();
        Matcher { label, rule }.to_string()
    };
    assert_eq!(matcher(MatchRule::Is("a\"b".into())), r#"team="a\"b""#);
    let regex = Regex::new("^(?s:a|b)$").unwrap();
    assert_eq!(matcher(MatchRule::MatchesNot(regex)), "team!~\"a|b\"");
}
