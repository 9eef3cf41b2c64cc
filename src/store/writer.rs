//! The thread that owns the state file.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use jiff::Timestamp;

use super::batch::Saved;
use super::error::StoreError;
use super::file::{StateFile, Unusable};
use super::pending::Pending;
use super::place::Place;
use super::queue::{Ends, Patience, Question, Queue, Work};
use super::retention::{self, Calendar, Left};
use super::settings::Retention;
use super::{load, write};

/// The first pause after a failure; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

pub(super) struct Writer {
    queue: Arc<Queue>,
    place: Place,
    retention: Retention,
    file: Option<StateFile>,
    /// How long to wait before the next try; `None` while all is well.
    pause: Option<Duration>,
    /// Whether what was committed before is out of reach, whatever file is opened next.
    renewed: bool,
    /// When the file is next looked over for what is too old.
    cleaning_at: Timestamp,
    /// Whether its clock may say what that is.
    calendar: Calendar,
}

/// Tells those who wait that the thread has ended, however it ended.
struct Ending(Arc<Queue>);

impl Drop for Ending {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.break_off();
        }
        self.0.end();
    }
}

impl Writer {
    pub(super) fn new(
        queue: Arc<Queue>,
        place: Place,
        retention: Retention,
        now: Timestamp,
    ) -> Self {
        Self {
            queue,
            place,
            retention,
            file: None,
            pause: None,
            renewed: false,
            cleaning_at: Timestamp::MIN,
            calendar: Calendar::from(now),
        }
    }

    /// Opens the file for the first time and reads it.
    pub(super) fn begin(&mut self, now: Timestamp) -> Result<Saved, StoreError> {
        let first = self.open_and_load(now);
        let loaded = first.or_else(|unusable| {
            self.recover(unusable, now)?;
            self.open_and_load(now)
        });
        // What the last run left is out of reach, and nothing was committed in this one.
        self.renewed = false;
        match loaded {
            Ok(saved) => Ok(saved),
            Err(Unusable::InUse) => Err(StoreError::InUse {
                path: self.place.path().to_owned(),
            }),
            Err(unusable) => {
                self.fail(Pending::default(), &unusable);
                Ok(Saved::default())
            }
        }
    }

    fn open_and_load(&mut self, now: Timestamp) -> Result<Saved, Unusable> {
        let (file, _) = self.place.open()?;
        let saved = load::saved(&file.connection, now)?;
        if let Some(latest) = retention::latest(&file.connection)? {
            self.calendar = Calendar::from(latest);
        }
        self.file = Some(file);
        Ok(saved)
    }

    /// Gives the writer a thread of its own.
    pub(super) fn start(self) -> Result<(), StoreError> {
        let thread = thread::Builder::new().name("store".to_owned());
        let spawned = thread.spawn(move || self.run());
        spawned.map(drop).map_err(StoreError::Thread)
    }

    fn run(mut self) {
        let ending = Ending(Arc::clone(&self.queue));
        loop {
            let work = self.queue.next(self.patience());
            let Work {
                now,
                pending,
                settling,
                questions,
                ends,
            } = work;
            let outcome = self.commit(pending, now);
            tell(settling, &outcome);
            for question in questions {
                self.answer(question, now);
            }
            if let Some(ends) = ends {
                self.finish();
                drop(ending);
                return tell(ends, &outcome);
            }
            self.clean(now);
        }
    }

    fn patience(&self) -> Patience {
        match self.pause {
            Some(pause) => Patience::Pause(pause),
            None if self.cleaning_at == Timestamp::MIN => Patience::None,
            None => Patience::Endless,
        }
    }

    /// Commits what was taken; where that cannot be, it waits again, and the trouble is told.
    fn commit(&mut self, pending: Pending, now: Timestamp) -> Result<(), String> {
        let first = self.try_commit(&pending);
        let committed = first.or_else(|unusable| {
            self.recover(unusable, now)?;
            self.try_commit(&pending)
        });
        match committed {
            Ok(()) => {
                self.pause = None;
                self.queue.written();
                Ok(())
            }
            Err(unusable) => Err(self.fail(pending, &unusable)),
        }
    }

    fn try_commit(&mut self, pending: &Pending) -> Result<(), Unusable> {
        // After a failure the file is opened anew; until then it could still be read.
        let sound = self.file.take().filter(|_| self.pause.is_none());
        let file = match sound {
            Some(file) => file,
            None => self.reopen()?,
        };
        if !pending.is_empty() && !file.is_at(self.place.path()) {
            self.renewed = true;
            self.place.let_go();
            return Err(Unusable::Replaced);
        }
        let file = self.file.insert(file);
        if pending.is_empty() {
            return Ok(());
        }
        write::commit(file, pending)
    }

    fn reopen(&mut self) -> Result<StateFile, Unusable> {
        let (file, fresh) = self.place.open()?;
        if fresh || self.renewed {
            self.renewed = false;
            self.queue.renewed();
        }
        Ok(file)
    }

    /// Sets a damaged file aside, so that a new one can be begun; nothing else can be helped.
    fn recover(&mut self, unusable: Unusable, now: Timestamp) -> Result<(), Unusable> {
        let Unusable::Damaged(damage) = unusable else {
            return Err(unusable);
        };
        self.file = None;
        let what = self.place.set_aside(&damage, now)?;
        self.queue.tell_set_aside(what);
        self.renewed = true;
        Ok(())
    }

    /// Keeps for the next try what could not be written, and says what is wrong.
    fn fail(&mut self, pending: Pending, unusable: &Unusable) -> String {
        let pause = self.pause.map_or(FIRST_PAUSE, |pause| pause * 2);
        self.pause = Some(pause.clamp(FIRST_PAUSE, LONGEST_PAUSE));
        let path = self.place.path().display();
        let what = format!(
            "the state file `{path}` cannot be used: {unusable}; \
            what changes is kept in memory, and tried again"
        );
        self.queue.put_back(pending, what.clone());
        what
    }

    /// Something went wrong while nothing was to be written.
    fn mishap(&mut self, unusable: Unusable, now: Timestamp) {
        match self.recover(unusable, now) {
            // A new file is begun at once.
            Ok(()) => self.pause = Some(Duration::ZERO),
            Err(unusable) => drop(self.fail(Pending::default(), &unusable)),
        }
    }

    fn answer(&mut self, question: Question, now: Timestamp) {
        if question.answer.is_closed() {
            return;
        }
        let mut changes = self.queue.waiting(&question.endpoint, question.most);
        let left = question.most - changes.len();
        let file = self.file.as_ref();
        match file.map(|file| load::changes(&file.connection, &question.endpoint, left)) {
            Some(Ok(older)) => changes.extend(older),
            Some(Err(error)) => self.mishap(error.into(), now),
            None => {}
        }
        // Whoever asked may have left.
        question.answer.send(changes).ok();
    }

    fn clean(&mut self, now: Timestamp) {
        let believed = self.calendar.look(now);
        let next = now.checked_add(retention::PERIOD);
        let next = next.unwrap_or(Timestamp::MAX);
        // A time that lies further ahead was set by a clock that has been put back since.
        let due = self.cleaning_at <= now || self.cleaning_at > next;
        let Some(file) = self.file.as_mut().filter(|_| due) else {
            return;
        };
        match retention::clean(file, self.retention, believed) {
            Ok(Left::More) => self.cleaning_at = Timestamp::MIN,
            Err(damaged @ Unusable::Damaged(_)) => self.mishap(damaged, now),
            // Where nothing can be written, the commits tell of it.
            Ok(Left::Nothing) | Err(_) => self.cleaning_at = next,
        }
    }

    /// Lets go of everything.
    fn finish(&mut self) {
        if let Some(file) = self.file.take() {
            // What is committed is safe in the log, and the next start folds it into the file.
            file.close().ok();
        }
        self.place.let_go();
    }
}

/// Tells how it went; whoever asked may have left.
fn tell(waiting: Ends, outcome: &Result<(), String>) {
    for one in waiting {
        let told = outcome
            .clone()
            .map_err(|what| StoreError::NotWritten { what });
        one.send(told).ok();
    }
}
