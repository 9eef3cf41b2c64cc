//! The table of rooms in `ARCHITECTURE.md`.

use std::collections::BTreeMap;

/// Whom each room may import.
#[derive(Debug)]
pub(super) struct Table(BTreeMap<String, Allowance>);

/// Whom one room may import.
#[derive(Debug, PartialEq, Eq)]
enum Allowance {
    /// These rooms; of all others their settings alone, if at all.
    Rooms { names: Vec<String>, settings: bool },
    /// Every room but this one.
    AllBut(String),
}

impl Table {
    /// Reads the table that follows the mark `<!-- rooms -->`.
    pub(super) fn read(page: &str) -> Self {
        let (_, rest) = page.split_once("<!-- rooms -->").unwrap();
        let lines = rest.trim_start().lines();
        let rows = lines.take_while(|line| line.starts_with('|')).skip(2);
        let rooms = rows.map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            (cells[1].to_owned(), Allowance::read(cells[2]))
        });
        Self(rooms.collect())
    }

    /// The one that the house is held to.
    pub(super) fn of_the_house() -> Self {
        Self::read(include_str!("../../../ARCHITECTURE.md"))
    }

    /// Whether there is such a room.
    pub(super) fn has(&self, room: &str) -> bool {
        self.0.contains_key(room)
    }

    /// Whether one room may import another, or of the other no more than its settings.
    pub(super) fn allows(&self, from: &str, to: &str, only_settings: bool) -> bool {
        match &self.0[from] {
            Allowance::Rooms { names, settings } => {
                names.iter().any(|name| name == to) || (*settings && only_settings)
            }
            Allowance::AllBut(excluded) => excluded != to,
        }
    }
}

impl Allowance {
    fn read(cell: &str) -> Self {
        if let Some(room) = cell.strip_prefix("every room but ") {
            return Self::AllBut(room.to_owned());
        }
        let (settings, names): (Vec<&str>, Vec<&str>) = cell
            .split(", ")
            .filter(|name| *name != "–")
            .partition(|name| *name == "each room's `Settings`");
        Self::Rooms {
            names: names.into_iter().map(ToOwned::to_owned).collect(),
            settings: !settings.is_empty(),
        }
    }
}

#[test]
fn the_table_is_read_as_it_is_meant() {
    let table = Table::read(
        "text\n<!-- rooms -->\n\n| room | may import | never |\n| --- | --- | --- |\n\
         | domain | – | wait |\n| config | domain, each room's `Settings` | x |\n\
         | daemon | every room but cli | y |\n\n| other | table | z |\n",
    );
    assert!(table.has("daemon") && !table.has("other"));
    let rows = [
        ("domain", "config", false, false),
        ("config", "domain", false, true),
        ("config", "probe", false, false),
        ("config", "probe", true, true),
        ("daemon", "config", false, true),
        ("daemon", "cli", false, false),
    ];
    for (from, to, only_settings, allowed) in rows {
        assert_eq!(
            table.allows(from, to, only_settings),
            allowed,
            "{from} → {to}"
        );
    }
}
