//! A day of a house that is not well: slow and hanging servers, sleeps, restarts, reloads.

use super::*;

const ENDPOINTS: usize = 40;
const INTERVAL: Duration = Duration::from_secs(30);
const REFUSED_INTERVAL: Duration = Duration::from_mins(5);

/// What is known of the day so far, beyond restarts.
#[derive(Default)]
struct Diary {
    /// When each refused credential was last shown.
    shown: HashMap<String, Duration>,
    /// When any was last shown at an origin.
    shown_at: HashMap<String, Duration>,
    starts: HashMap<String, u64>,
    skips: HashMap<Skip, u64>,
    longest_lag: Duration,
}

impl Diary {
    /// Writes down what happened since `offset`, and holds it against what must never be.
    fn note(&mut self, play: &mut Play, offset: Duration) {
        for start in std::mem::take(&mut play.started) {
            let at = offset + start.at;
            *self.starts.entry(start.check.clone()).or_default() += 1;
            self.longest_lag = self.longest_lag.max(start.lag);
            if !start.check.ends_with("invalid") {
                continue;
            }
            let before = self.shown.insert(start.check.clone(), at);
            let gap = before.map(|before| at - before);
            assert!(
                gap.is_none_or(|gap| gap >= REFUSED_INTERVAL),
                "{start:?} after {gap:?}"
            );
            let before = self.shown_at.insert(origin_of(&start.check), at);
            let gap = before.map(|before| at - before);
            assert!(
                gap.is_none_or(|gap| gap >= SECOND),
                "{start:?} after {gap:?}"
            );
        }
        for skip in std::mem::take(&mut play.skipped) {
            *self.skips.entry(skip.cause).or_default() += skip.turns;
        }
    }

    /// The checks as a start of the program finds them.
    fn entries(&self, at: Duration) -> Vec<Entry> {
        let mut entries = house();
        for entry in &mut entries {
            let shown = self.shown.get(&entry.id.to_string());
            entry.rested = shown.map(|shown| at - *shown);
        }
        entries
    }
}

/// Ten endpoints share an origin.
fn origin_of(check: &str) -> String {
    let number: usize = check.split_once('/').unwrap().0.parse().unwrap();
    format!("origin-{}", number / 10)
}

fn house() -> Vec<Entry> {
    let endpoint = |number: usize| {
        let checks = triad(&number.to_string(), INTERVAL, REFUSED_INTERVAL);
        checks.map(|entry| at(&origin_of(&entry.id.to_string()), entry))
    };
    (0..ENDPOINTS).flat_map(endpoint).collect()
}

/// Origin 0 hangs, origin 1 is slow, endpoint 25 asks for rest; the others are well.
fn probe(start: &Start) -> Made {
    let number: usize = start.id.endpoint.as_str().parse().unwrap();
    match number {
        0..10 => (SECOND * 10, End::default()),
        10..20 => (SECOND * 2, End::default()),
        25 => (MILLISECOND * 30, pushed_back(None)),
        _ => (MILLISECOND * 30, End::default()),
    }
}

/// Plays one life of the program: some hours, with a sleep and a reload in each.
fn live(diary: &mut Diary, from: Duration, hours: u32) -> Duration {
    let mut play = Play::new(few(64, 4), diary.entries(from));
    for hour in 0..hours {
        play.run(MINUTE * 25, probe);
        play.adopt(house()).run(MINUTE * 20, probe);
        play.sleep(SECOND * (hour * 97 + 5)).run(MINUTE * 14, probe);
        diary.note(&mut play, from);
    }
    from + (play.now - play.start)
}

/// Lives of which each ends as soon as it has begun.
fn stumble(diary: &mut Diary, mut from: Duration) -> Duration {
    for _ in 0..20 {
        let mut play = Play::new(few(64, 4), diary.entries(from));
        play.run(SECOND * 7, probe);
        diary.note(&mut play, from);
        from += SECOND * 8;
    }
    from
}

#[test]
fn a_day_with_sleeps_restarts_and_hanging_servers_keeps_every_promise() {
    let mut diary = Diary::default();
    let mut time = Duration::ZERO;
    for hours in [3, 9, 1, 8] {
        time = live(&mut diary, time, hours);
        time = stumble(&mut diary, time);
        time += MINUTE * 40;
    }
    assert!(time >= HOUR * 24, "{time:?}");
    let of = |check: &str| diary.starts[check];
    // 21 waking hours with at least 59 minutes of each awake.
    for check in ["30/anonymous", "30/valid", "12/anonymous", "25/valid"] {
        assert!((2450..2900).contains(&of(check)), "{check}: {}", of(check));
    }
    assert!(
        (180..290).contains(&of("30/invalid")),
        "{}",
        of("30/invalid")
    );
    assert!(of("25/invalid") <= 60, "{}", of("25/invalid"));
    // Four places that are taken for ten seconds each: 30 checks have 1.2 places a turn.
    assert!(of("5/anonymous") >= 900, "{}", of("5/anonymous"));
    let causes: BTreeSet<Skip> = diary.skips.keys().copied().collect();
    assert_eq!(
        causes,
        [
            Skip::Late,
            Skip::StillRunning,
            Skip::OriginBusy,
            Skip::HeldBack
        ]
        .into()
    );
    assert!(
        diary.longest_lag <= INTERVAL + REFUSED_INTERVAL,
        "{:?}",
        diary.longest_lag
    );
}
