//! What holds whatever the checks, their probes and their moments are.

use proptest::prelude::*;

use super::*;

/// Random numbers that are the same for the same seed: what becomes of a probe.
struct Fate(u64);

impl Fate {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    /// Mostly well and quick, sometimes slow, hanging, pushed back, guarded or without leave.
    fn probe(&mut self, now: Instant) -> Made {
        let span = match self.below(10) {
            0 => SECOND * 200,
            1 | 2 => SECOND * 8,
            _ => MILLISECOND * 20,
        };
        let end = match self.below(20) {
            0 => pushed_back(None),
            1 => pushed_back(Some(SECOND * u32::try_from(self.below(9000)).unwrap())),
            2 => End {
                held: Some(now + SECOND * u32::try_from(self.below(900)).unwrap()),
                ..End::default()
            },
            3 | 4 => End::postponed(),
            _ => End::default(),
        };
        (span, end)
    }
}

/// A holder's first pass here, two seconds at most, and its probe.
const GATE: Duration = Duration::from_secs(3);

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Holder),
        Just(Kind::Stranger),
        Just(Kind::Refused)
    ]
}

prop_compose! {
    fn any_entry()(
        endpoint in 0..12_usize,
        check in 0..5_usize,
        kind in kind(),
        seconds in prop_oneof![1..8_u64, 30..90_u64, 300..900_u64],
        definition in 0..2_u64,
        rested in prop::option::of(0..1200_u64),
        held in prop::option::weighted(0.1, 0..1200_u64),
    ) -> Entry {
        let cadence = Duration::from_secs(seconds);
        let entry = entry(&format!("endpoint-{endpoint}/check-{check}"), kind, cadence);
        Entry {
            definition,
            rested: rested.map(Duration::from_secs),
            held: held.map(Duration::from_secs),
            ..at(["one", "two", "three"][endpoint % 3], entry)
        }
    }
}

/// A few checks, each once.
fn house() -> impl Strategy<Value = Vec<Entry>> {
    prop::collection::vec(any_entry(), 0..25).prop_map(|mut entries| {
        let mut seen = BTreeSet::new();
        entries.retain(|entry| seen.insert(entry.id.clone()));
        entries
    })
}

/// What happens next.
#[derive(Clone, Debug)]
enum Happening {
    Run(Duration),
    Sleep(Duration),
    Reload(Vec<Entry>),
}

fn happening() -> impl Strategy<Value = Happening> {
    let millis = Duration::from_millis;
    prop_oneof![
        4 => (1..400_000_u64).prop_map(move |span| Happening::Run(millis(span))),
        1 => (1..40_000_000_u64).prop_map(move |span| Happening::Sleep(millis(span))),
        1 => house().prop_map(Happening::Reload),
    ]
}

fn live(play: &Play) -> impl Iterator<Item = &Slot> {
    play.agenda.slots.iter().flatten()
}

/// How many are under way, as the slots tell it; overall and at the fullest origin.
fn under_way(play: &Play) -> (usize, usize) {
    let mut at: HashMap<usize, usize> = HashMap::new();
    for slot in live(play) {
        if let State::UnderWay { station, .. } = slot.state {
            *at.entry(station).or_default() += 1;
        }
    }
    (
        at.values().sum(),
        at.values().copied().max().unwrap_or_default(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// `Play` itself fails on two probes of one check at once.
    #[test]
    fn limits_and_distances_hold_whatever_happens(
        entries in house(),
        happenings in prop::collection::vec(happening(), 1..8),
        (overall, per_origin) in (1..9_usize, 1..5_usize),
        seed in 1..u64::MAX,
    ) {
        let mut play = Play::new(few(overall, per_origin), entries.clone());
        let (mut fate, mut shown) = (Fate(seed), HashMap::new());
        let mut entries = entries;
        for happening in happenings {
            match happening {
                Happening::Run(span) => {
                    let now = play.now;
                    play.run(span, |_| fate.probe(now));
                }
                Happening::Sleep(span) => {
                    play.sleep(span);
                }
                Happening::Reload(others) => {
                    entries = others;
                    play.adopt(entries.clone());
                }
            }
            let (all, fullest) = under_way(&play);
            prop_assert_eq!(all, play.agenda.in_flight());
            prop_assert!(all <= overall && fullest <= per_origin, "{} and {}", all, fullest);
            for start in std::mem::take(&mut play.started) {
                let of_check = |entry: &&Entry| entry.id.to_string() == start.check;
                let entry = entries.iter().find(of_check).unwrap();
                if entry.kind == Kind::Refused {
                    let before = shown.insert(entry.origin.clone(), start.at);
                    prop_assert!(before.is_none_or(|before| start.at - before >= SECOND));
                }
            }
        }
    }

    /// Refused credentials of one origin wait for each other besides, a second each; and at the start
    /// all wait for the end of their holder's first probe.
    #[test]
    fn where_nothing_hangs_every_check_is_probed_within_two_cadences(
        entries in house(),
        seed in 1..u64::MAX,
    ) {
        let unhindered = |entry: Entry| Entry { held: None, rested: None, ..entry };
        let entries: Vec<Entry> = entries.into_iter().map(unhindered).collect();
        let mut play = Play::new(few(100, 100), entries.clone());
        let mut fate = Fate(seed);
        let span = HOUR;
        play.run(span, |_| (MILLISECOND * u32::try_from(fate.below(900)).unwrap(), End::default()));
        for slot in live(&play) {
            let times = play.times(&slot.id.to_string());
            let alike = |other: &&Slot| other.station == slot.station && other.lane() == Lane::Refused;
            let crowd = match slot.lane() {
                Lane::Plain => 0,
                Lane::Refused => u32::try_from(live(&play).filter(alike).count()).unwrap(),
            };
            let is_holder = |other: &Slot| other.endpoint == slot.endpoint && other.kind == Kind::Holder;
            let gate = if live(&play).any(is_holder) { GATE } else { Duration::ZERO };
            let ends = [&[Duration::ZERO], &times[..], &[span]].concat();
            let longest = gaps(&ends).into_iter().max().unwrap();
            let allowed = slot.rhythm.cadence * 2 + SECOND * crowd + gate;
            prop_assert!(longest <= allowed, "{} after {:?}", slot.id, longest);
        }
    }

    #[test]
    fn a_refused_credential_rests_for_its_cadence_whatever_happens(
        happenings in prop::collection::vec(happening(), 1..8),
        seconds in 1..900_u64,
        seed in 1..u64::MAX,
    ) {
        let cadence = Duration::from_secs(seconds);
        let mut definition = 0;
        let mut entries = |others: Vec<Entry>| {
            definition += 1;
            let here = Entry { definition, ..refused("orders", cadence) };
            others.into_iter().chain([here]).collect::<Vec<_>>()
        };
        let mut play = Play::new(few(4, 2), entries(vec![]));
        let mut fate = Fate(seed);
        for happening in happenings {
            match happening {
                Happening::Run(span) => {
                    let now = play.now;
                    play.run(span, |_| fate.probe(now));
                }
                Happening::Sleep(span) => {
                    play.sleep(span);
                }
                Happening::Reload(others) => {
                    play.adopt(entries(others));
                }
            }
        }
        let gaps = play.gaps("orders/invalid");
        prop_assert!(gaps.iter().all(|gap| *gap >= cadence), "{:?}", gaps);
    }

    /// An end, a start or a skip for each turn: time goes on, and the agenda never asks to be woken
    /// for nothing over and over.
    #[test]
    fn the_agenda_asks_for_a_later_instant_each_time(entries in house(), seed in 1..u64::MAX) {
        let mut play = Play::new(few(3, 2), entries);
        let mut fate = Fate(seed);
        for _ in 0..200 {
            let now = play.now;
            play.look(&mut |_: &Start| fate.probe(now));
            let Some(wake) = play.agenda.wake() else {
                break;
            };
            prop_assert!(wake > now);
            play.now = wake;
        }
    }
}
