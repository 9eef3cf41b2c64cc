//! Turns lie evenly: at one origin, and over all of them.

use super::*;

fn wide() -> Limits {
    few(100_000, 100_000)
}

/// The most starts in any window of this width.
fn most_within(width: Duration, starts: &[Started]) -> usize {
    let windows = starts
        .iter()
        .enumerate()
        .map(|(first, start)| starts[first..].partition_point(|other| other.at < start.at + width));
    windows.max().unwrap()
}

fn thousand_origins() -> Vec<Entry> {
    let endpoint = |number| triad(&format!("endpoint-{number}"), SECOND * 30, SECOND * 30);
    (0..1000).flat_map(endpoint).collect()
}

#[test]
fn no_tenth_of_a_second_has_much_more_than_its_share_of_a_thousand_origins() {
    let mut play = Play::new(wide(), thousand_origins());
    play.run(MINUTE * 2, quick);
    let (first_pass, settled): (Vec<_>, Vec<_>) = play
        .started
        .iter()
        .cloned()
        .partition(|start| start.at < MINUTE);
    // The mean is ten.
    let most = [&first_pass, &settled].map(|starts| most_within(MILLISECOND * 100, starts));
    assert!(most.iter().all(|most| *most <= 40), "{most:?}");
}

#[test]
fn fifty_endpoints_at_one_origin_are_near_evenly_apart() {
    let interval = SECOND * 30;
    let endpoint = |number| at("one", stranger(&format!("endpoint-{number}"), interval));
    let mut play = Play::new(wide(), (0..50).map(endpoint).collect());
    play.run(interval * 2, quick).forget().run(interval, quick);
    let times: Vec<_> = play.started.iter().map(|start| start.at).collect();
    let gaps = gaps(&times);
    let [least, most] = [gaps.iter().min().unwrap(), gaps.iter().max().unwrap()];
    // Even would be 600 ms.
    assert!(
        times.len() == 50 && *least >= MILLISECOND * 300 && *most <= MILLISECOND * 1200,
        "{} from {least:?} to {most:?}",
        times.len()
    );
}

#[test]
fn a_small_house_is_all_seen_within_seconds() {
    let mut play = Play::new(
        Limits::default(),
        triad("orders", MINUTE, MINUTE * 5).into(),
    );
    play.run(SECOND * 3, quick);
    let mut seen: Vec<_> = play
        .started
        .iter()
        .map(|start| start.check.as_str())
        .collect();
    seen.sort_unstable();
    assert_eq!(seen, ["orders/anonymous", "orders/invalid", "orders/valid"]);
}

#[test]
fn a_check_is_never_longer_than_its_cadence_without_a_probe() {
    let entries = (0..40).flat_map(|number| triad(&format!("endpoint-{number}"), MINUTE, MINUTE));
    let mut play = Play::new(wide(), entries.collect());
    play.run(MINUTE * 10, quick);
    for number in 0..40 {
        let check = format!("endpoint-{number}/valid");
        let longest = play.gaps(&check).into_iter().max();
        assert_eq!(longest, Some(MINUTE), "{check}");
    }
}

#[test]
fn a_late_probe_does_not_move_those_after_it() {
    let mut play = Play::new(
        few(1, 1),
        [stranger("a", MINUTE), stranger("b", MINUTE)].into(),
    );
    play.run(HOUR, |start| match start.id.endpoint.as_str() {
        "a" => (SECOND * 50, End::default()),
        _ => quick(start),
    });
    let times = play.times("b/anonymous");
    let (first, last) = (times[times.len() - 2], times[times.len() - 1]);
    assert_eq!(last - first, MINUTE);
}

#[test]
fn places_are_the_same_at_every_start() {
    let times = || {
        let mut play = Play::new(wide(), thousand_origins());
        play.run(MINUTE, quick);
        play.started
    };
    assert_eq!(times(), times());
}

#[test]
fn places_do_not_depend_on_what_other_origins_there_are() {
    let times = |others: usize| {
        let others = (0..others).map(|number| stranger(&format!("other-{number}"), MINUTE));
        let mut play = Play::new(wide(), others.chain([stranger("orders", MINUTE)]).collect());
        play.run(MINUTE * 2, quick).times("orders/anonymous")[1]
    };
    assert_eq!(times(0), times(7));
}

#[test]
fn refused_credentials_of_one_origin_lie_a_second_apart() {
    let endpoint = |number| at("one", refused(&format!("endpoint-{number}"), MINUTE * 5));
    let mut play = Play::new(wide(), (0..200).map(endpoint).collect());
    play.run(HOUR, quick);
    let times: Vec<_> = play.started.iter().map(|start| start.at).collect();
    assert!(gaps(&times).into_iter().all(|gap| gap >= SECOND));
    assert!(play.longest_lag() <= SECOND, "{:?}", play.longest_lag());
}

#[test]
fn a_refused_credential_is_never_shown_again_before_its_cadence() {
    let mut play = Play::new(wide(), vec![refused("orders", MINUTE * 15)]);
    play.run(HOUR * 6, quick);
    let gaps = play.gaps("orders/invalid");
    let (least, most) = (*gaps.iter().min().unwrap(), *gaps.iter().max().unwrap());
    assert_eq!(least, MINUTE * 15);
    assert!(most <= MINUTE * 19, "{most:?}");
}

#[test]
fn refused_credentials_find_their_places_within_a_few_turns() {
    let endpoint = |number| at("one", refused(&format!("endpoint-{number}"), MINUTE * 5));
    let mut play = Play::new(wide(), (0..10).map(endpoint).collect());
    play.run(MINUTE * 40, quick).forget().run(MINUTE * 5, quick);
    let times: Vec<_> = play.started.iter().map(|start| start.at).collect();
    let longest = gaps(&times).into_iter().max().unwrap();
    // Even would be 30 s.
    assert!(longest <= SECOND * 60, "{longest:?}");
}

#[test]
fn more_refused_credentials_than_seconds_stretch_their_cadence() {
    let endpoint = |number| at("one", refused(&format!("endpoint-{number}"), MINUTE));
    let mut play = Play::new(wide(), (0..90).map(endpoint).collect());
    assert_eq!(play.agenda.stretched(), [(host("one"), SECOND * 90)]);
    play.run(HOUR, quick);
    let times: Vec<_> = play.started.iter().map(|start| start.at).collect();
    assert!(gaps(&times).into_iter().all(|gap| gap >= SECOND));
    assert!(times.len() > 3300, "{} in an hour", times.len());
    assert_eq!(play.skipped, []);
}

/// The most refused credentials that one origin is shown within a minute, from so long after the
/// start, each as often as is usual.
fn most_in_a_minute(checks: usize, from: Duration) -> usize {
    let endpoint = |number| at("one", refused(&format!("endpoint-{number}"), MINUTE * 5));
    let mut play = Play::new(wide(), (0..checks).map(endpoint).collect());
    play.run(from, quick).forget().run(HOUR * 2, quick);
    let times: Vec<_> = play.started.iter().map(|start| start.at).collect();
    let within = |from: &Duration| {
        let near = |at: &&Duration| *from <= **at && **at < *from + MINUTE;
        times.iter().filter(near).count()
    };
    times.iter().map(within).max().unwrap()
}

#[test]
fn an_origin_of_fifty_endpoints_is_shown_one_refused_credential_in_two_seconds_at_first_and_fewer_later()
 {
    let first = most_in_a_minute(50, Duration::ZERO);
    let later = most_in_a_minute(50, HOUR);
    assert!(first <= 32 && later <= 15, "{first}, {later}");
}
