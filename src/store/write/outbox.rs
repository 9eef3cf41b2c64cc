//! Incidents, what was said of them, and what is owed.

use rusqlite::params;

use super::Rows;
use crate::domain::incident::Incident;
use crate::domain::notice::{Delivery, Memo, Notice, NoticeId, Owed, Telling, Way};
use crate::domain::silence::Silence;
use crate::store::file::Unusable;
use crate::store::form::{self, micros};
use crate::store::pending::Pending;

impl Rows<'_> {
    pub(super) fn write_outbox(&self, pending: &Pending) -> Result<(), Unusable> {
        for incident in pending.incidents.values() {
            self.incident(incident)?;
        }
        for telling in pending.tellings.values() {
            self.telling(telling)?;
        }
        for owed in pending.notices.values() {
            self.owed(owed)?;
        }
        for silence in pending.silences.values() {
            self.silence(silence)?;
        }
        match &pending.memo {
            Some(memo) => self.memo(memo),
            None => Ok(()),
        }
    }

    fn incident(&self, incident: &Incident) -> Result<(), Unusable> {
        const SQL: &str = "INSERT OR REPLACE INTO incidents (id, opened_at, ended_at, body) \
            VALUES (?1, ?2, ?3, ?4)";
        let row = params![
            incident.id.as_str(),
            micros(incident.opened_at),
            incident.ended.map(|ended| micros(ended.at)),
            form::incident::to_text(incident)?,
        ];
        self.run(SQL, row)
    }

    fn telling(&self, telling: &Telling) -> Result<(), Unusable> {
        const SQL: &str = "INSERT OR REPLACE INTO tellings (incident, receiver, said, at, body) \
            VALUES (?1, ?2, ?3, ?4, ?5)";
        let row = params![
            telling.incident.as_str(),
            telling.receiver.as_str(),
            telling.said.as_str(),
            micros(telling.at),
            form::told::telling_to_text(telling)?,
        ];
        self.run(SQL, row)
    }

    /// The words of a notice never change, and may be many: of one that is there, only what became
    /// of it is written. Ways that are not known are left to those who know them.
    fn owed(&self, owed: &Owed) -> Result<(), Unusable> {
        const KNOWN: &str = "SELECT 1 FROM notices WHERE id = ?1";
        const FORGET: &str = "DELETE FROM deliveries WHERE notice = ?1 \
            AND way IN ('email', 'alertmanager', 'webhook', 'file')";
        let id = &owed.notice.id;
        let mut known = self.transaction.prepare_cached(KNOWN)?;
        if known.exists([id.as_str()])? {
            self.run(FORGET, [id.as_str()])?;
        } else {
            self.notice(&owed.notice)?;
        }
        let mut deliveries = owed.deliveries.iter();
        deliveries.try_for_each(|(way, delivery)| self.delivery(id, way, delivery))
    }

    fn notice(&self, notice: &Notice) -> Result<(), Unusable> {
        const SQL: &str =
            "INSERT INTO notices (id, receiver, created_at, body) VALUES (?1, ?2, ?3, ?4)";
        let row = params![
            notice.id.as_str(),
            notice.receiver.as_str(),
            micros(notice.created_at),
            form::notice::to_text(notice)?,
        ];
        self.run(SQL, row)
    }

    fn delivery(&self, id: &NoticeId, way: &Way, delivery: &Delivery) -> Result<(), Unusable> {
        const SQL: &str = "INSERT INTO deliveries \
            (notice, way, address, state, attempts, tried_at, said) \
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let row = params![
            id.as_str(),
            way.as_str(),
            way.address().unwrap_or_default(),
            delivery.state.as_str(),
            delivery.attempts,
            delivery.tried_at.map(micros),
            delivery.said,
        ];
        self.run(SQL, row)
    }

    fn silence(&self, silence: &Silence) -> Result<(), Unusable> {
        const SQL: &str = "INSERT OR REPLACE INTO silences (id, ends_at, body) VALUES (?1, ?2, ?3)";
        let row = params![
            silence.id.as_str(),
            micros(silence.ends_at),
            form::silence::to_text(silence)?,
        ];
        self.run(SQL, row)
    }

    fn memo(&self, memo: &Memo) -> Result<(), Unusable> {
        const SQL: &str = "INSERT OR REPLACE INTO memo (id, body) VALUES (1, ?1)";
        self.run(SQL, [form::told::memo_to_text(memo)?])
    }
}
