//! A strict reader of Prometheus' text format, version 0.0.4: stricter than Prometheus itself.

use std::collections::{BTreeMap, BTreeSet};

/// A family: its heading and all of its samples.
#[derive(Debug, PartialEq)]
pub(crate) struct Family {
    /// The name.
    pub(crate) name: String,
    /// The word behind `TYPE`.
    pub(crate) kind: String,
    /// The text behind `HELP`.
    pub(crate) help: String,
    /// The samples, in order.
    pub(crate) samples: Vec<Sample>,
}

/// One line that is no heading.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    /// The name, with its suffix where the family is a histogram.
    pub(crate) name: String,
    /// The labels, in order.
    pub(crate) labels: Vec<(String, String)>,
    /// The value.
    pub(crate) value: f64,
}

impl Sample {
    /// The value of a label; empty where there is none, as in Prometheus.
    pub(crate) fn label(&self, name: &str) -> &str {
        let mut labels = self.labels.iter();
        labels
            .find(|(it, _)| it == name)
            .map_or("", |(_, value)| value)
    }
}

/// Reads a whole exposition; the error names what is wrong with it first.
///
/// Each family must be headed once, by help and type, and hold all of its samples; no series and no
/// label of one may occur twice; histograms must add up.
pub(crate) fn read(text: &str) -> Result<Vec<Family>, String> {
    let mut families: Vec<Family> = Vec::new();
    let mut series = BTreeSet::new();
    let whole = text.strip_suffix('\n').ok_or("the last line has no end")?;
    let mut lines = whole.split('\n');
    while let Some(line) = lines.next() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let kind = lines.next().unwrap_or_default();
            families.push(headed(help, kind, &families)?);
            continue;
        }
        let sample = sample(line).ok_or_else(|| format!("no sample: {line}"))?;
        let family = families.last_mut().ok_or("a sample before any heading")?;
        belongs(&sample, family)?;
        if !series.insert(key(&sample)) {
            return Err(format!("twice: {line}"));
        }
        family.samples.push(sample);
    }
    families.iter().try_for_each(complete)?;
    Ok(families)
}

fn headed(help: &str, kind: &str, before: &[Family]) -> Result<Family, String> {
    let (name, help) = help.split_once(' ').ok_or("a heading without help")?;
    let kind = kind
        .strip_prefix(&format!("# TYPE {name} "))
        .ok_or_else(|| format!("no type behind the help of {name}: {kind}"))?;
    if !["counter", "gauge", "histogram"].contains(&kind) {
        return Err(format!("{name} is of no known type: {kind}"));
    }
    if !is_name(name) || before.iter().any(|family| family.name == name) {
        return Err(format!("{name} is no name, or headed twice"));
    }
    Ok(Family {
        name: name.to_owned(),
        kind: kind.to_owned(),
        help: help.to_owned(),
        samples: Vec::new(),
    })
}

/// Reads `name{label="value",…} 1`.
fn sample(line: &str) -> Option<Sample> {
    let end = line.find(['{', ' '])?;
    let (name, mut rest) = line.split_at(end);
    let mut labels = Vec::new();
    while let Some(list) = rest.strip_prefix(if labels.is_empty() { '{' } else { ',' }) {
        let (label, value) = list.split_once("=\"")?;
        let (value, behind) = quoted(value)?;
        labels.push((label.to_owned(), value));
        rest = behind;
    }
    if !labels.is_empty() {
        rest = rest.strip_prefix('}')?;
    }
    let value = rest.strip_prefix(' ')?;
    let plain = |char: char| char.is_ascii_digit() || ".-".contains(char);
    let names: BTreeSet<&String> = labels.iter().map(|(label, _)| label).collect();
    let good = is_name(name)
        && names.len() == labels.len()
        && names
            .iter()
            .all(|label| is_name(label) && !label.contains(':'))
        && value.chars().all(plain);
    good.then_some(Sample {
        name: name.to_owned(),
        labels,
        value: value.parse().ok()?,
    })
}

/// Reads up to the closing quote; gives the value and what stands behind the quote.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(match chars.next()?.1 {
                'n' => '\n',
                same @ ('\\' | '"') => same,
                _ => return None,
            }),
            other => value.push(other),
        }
    }
    None
}

fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_:".contains(&byte);
    text.bytes().all(plain) && text.starts_with(|char: char| !char.is_ascii_digit())
}

fn belongs(sample: &Sample, family: &Family) -> Result<(), String> {
    let suffixes: &[&str] = match family.kind.as_str() {
        "histogram" => &["_bucket", "_sum", "_count"],
        _ => &[""],
    };
    let suffix = sample.name.strip_prefix(family.name.as_str());
    if suffix.is_some_and(|suffix| suffixes.contains(&suffix)) {
        return Ok(());
    }
    Err(format!("{} stands among {}", sample.name, family.name))
}

/// What makes a series one and the same: the order of labels does not.
fn key(sample: &Sample) -> (String, BTreeMap<String, String>) {
    (sample.name.clone(), sample.labels.iter().cloned().collect())
}

/// A counter is never negative and a histogram adds up, for each set of its labels.
fn complete(family: &Family) -> Result<(), String> {
    let Family {
        name,
        kind,
        samples,
        ..
    } = family;
    if samples.is_empty() {
        return Err(format!("{name} has no samples"));
    }
    if kind == "counter" && samples.iter().any(|sample| sample.value < 0.0) {
        return Err(format!("{name} is a counter below 0"));
    }
    let mut buckets = BTreeMap::new();
    for sample in samples.iter().filter(|it| it.name.ends_with("_bucket")) {
        let labels = sample.labels.iter().filter(|(label, _)| label != "le");
        let before = buckets.insert(labels.cloned().collect::<Vec<_>>(), sample);
        if before.is_some_and(|before| before.value > sample.value) {
            return Err(format!("the buckets of {name} do not grow"));
        }
    }
    for (labels, last) in buckets {
        let count = samples
            .iter()
            .find(|it| it.name.ends_with("_count") && it.labels == labels);
        let adds_up = count.is_some_and(|count| count.value.total_cmp(&last.value).is_eq());
        if last.label("le") != "+Inf" || !adds_up {
            return Err(format!("{name} does not add up"));
        }
    }
    Ok(())
}

#[test]
fn what_is_well_formed_is_read() {
    let text = "# HELP a A, it says.\n# TYPE a gauge\na{b=\"c\\\\\\\"\\n\",d=\"\"} -1.5\na 2\n";
    let families = read(text).unwrap();
    let sample = &families[0].samples[0];
    assert_eq!((sample.label("b"), sample.value), ("c\\\"\n", -1.5));
    assert_eq!(families[0].samples.len(), 2);
}

#[test]
fn what_breaks_the_rules_is_refused() {
    let head = "# HELP a A.\n# TYPE a gauge\n";
    for (what, text) in [
        ("no end", format!("{head}a 1")),
        ("no heading", "a 1\n".to_owned()),
        ("no type", "# HELP a A.\na 1\n".to_owned()),
        ("no samples", head.to_owned()),
        ("headed twice", format!("{head}a 1\n{head}a{{b=\"c\"}} 1\n")),
        ("another family", format!("{head}b 1\n")),
        ("one series twice", format!("{head}a{{b=\"c\",d=\"e\"}} 1\na{{d=\"e\",b=\"c\"}} 1\n")),
        ("one label twice", format!("{head}a{{b=\"c\",b=\"d\"}} 1\n")),
        ("an open quote", format!("{head}a{{b=\"c}} 1\n")),
        ("a strange escape", format!("{head}a{{b=\"\\t\"}} 1\n")),
        ("no label's name", format!("{head}a{{1=\"c\"}} 1\n")),
        ("a strange value", format!("{head}a one\n")),
        ("an empty line", format!("{head}\na 1\n")),
        ("buckets that shrink", "# HELP h H.\n# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n".to_owned()),
        ("no last bucket", "# HELP h H.\n# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_sum 1\nh_count 2\n".to_owned()),
    ] {
        assert!(read(&text).is_err(), "{what}: {text}");
    }
}
