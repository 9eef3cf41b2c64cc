//! What a group says once it may.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::group::{Group, GroupKey};
use super::letter::{Past, bounded};
use super::strand::{Strand, Watched, is_news_to};
use super::{Decision, Dispatch, Draft, Pace, Why};
use crate::domain::incident::{Incident, IncidentId};
use crate::domain::notice::{MessageId, Occasion, Said, Telling};

/// What is to be said of which incidents.
#[derive(Default)]
struct Words {
    opened: Vec<IncidentId>,
    flapping: Vec<IncidentId>,
    ended: Vec<IncidentId>,
    repeated: Vec<IncidentId>,
}

impl Dispatch {
    /// Has a group say what is due, and decides when it is asked again.
    pub(super) fn speak(&mut self, key: &GroupKey, now: Timestamp, drafts: &mut Vec<Draft>) {
        self.groups.held.remove(key);
        let pace = self.pace_of(key, now);
        let mut words = self.words(key, &pace, now);
        words.opened = self.gather_by_cause(key, words.opened, now);
        if key.is_unrouted() && !self.policy.receivers.contains_key(&key.receiver) {
            self.give_up(key, &words.ended, now);
            words.ended.clear();
        }
        drafts.extend(self.say_all(key, &pace, words, now));
        self.wake_again(key, now);
    }

    fn say_all(&mut self, key: &GroupKey, pace: &Pace, words: Words, now: Timestamp) -> Vec<Draft> {
        let mut drafts = Vec::new();
        let cause = key.cause().cloned();
        let Words {
            opened,
            flapping,
            mut ended,
            repeated,
        } = words;
        let news = !opened.is_empty() || !flapping.is_empty();
        if !opened.is_empty() {
            let cause = cause.clone();
            drafts.push(self.say(key, Occasion::Opened { cause }, &opened, now));
        }
        if !flapping.is_empty() {
            drafts.push(self.say(key, Occasion::Flapping, &flapping, now));
        }
        if !key.is_of_bypasses() || pace.ends_at <= now {
            ended.extend(opened.into_iter().filter(|id| self.is_over(id)));
        }
        let has_ended = !ended.is_empty();
        for ids in self.by_thread(key, ended) {
            drafts.push(self.say(key, Occasion::Ended, &ids, now));
        }
        let repeats = !repeated.is_empty();
        for ids in self.by_thread(key, repeated) {
            let cause = cause.clone();
            drafts.push(self.say(key, Occasion::Repeated { cause }, &ids, now));
        }
        if news || repeats && !key.is_of_bypasses() {
            self.groups.spoke(key, now);
        }
        if has_ended {
            self.groups.recovered(key, now);
        }
        drafts
    }

    /// When the group may speak, as the oldest news has it that nothing holds back.
    fn pace_of(&self, key: &GroupKey, now: Timestamp) -> Pace {
        let mut lane = None;
        let mut news: Option<Timestamp> = None;
        for (watched, strand) in self.members(key) {
            lane = lane.or(strand.lane.as_deref());
            let incident = &watched.incident;
            if is_news_to(incident, strand) && self.held(incident, strand, now).is_none() {
                let since = self.news_since(watched, strand);
                news = Some(news.map_or(since, |news| news.min(since)));
            }
        }
        let news = news.unwrap_or(Timestamp::MAX);
        let silent = Group::default();
        let group = self.groups.get(key).unwrap_or(&silent);
        group.pace(key, lane, news)
    }

    fn members<'d>(
        &'d self,
        key: &'d GroupKey,
    ) -> impl Iterator<Item = (&'d Watched, &'d Strand)> + 'd {
        let members = self.groups.get(key).into_iter();
        let members = members.flat_map(|group| &group.members);
        members.filter_map(|id| {
            let watched = self.incidents.get(id)?;
            Some((watched, watched.strands.get(&key.receiver)?))
        })
    }

    fn words(&self, key: &GroupKey, pace: &Pace, now: Timestamp) -> Words {
        let mut words = Words::default();
        for (watched, strand) in self.members(key) {
            let list = match self.judge(watched, strand, pace, now) {
                Decision::Speak(Why::Opened) => &mut words.opened,
                Decision::Speak(Why::Flapping) => &mut words.flapping,
                Decision::Speak(Why::Ended) => &mut words.ended,
                Decision::Speak(Why::Repeated) => &mut words.repeated,
                Decision::Hold(_) => continue,
            };
            list.push(watched.incident.id.clone());
        }
        words
    }

    /// Has a group decide when a decision on one of its members can change.
    fn wake_again(&mut self, key: &GroupKey, now: Timestamp) {
        let pace = self.pace_of(key, now);
        let members = self.members(key);
        let decisions = members.map(|(watched, strand)| self.judge(watched, strand, &pace, now));
        let decisions: Vec<Decision> = decisions.collect();
        for decision in decisions {
            self.wake_for(key, decision, now);
        }
    }

    fn is_over(&self, id: &IncidentId) -> bool {
        let watched = self.incidents.get(id);
        watched.is_some_and(|watched| !watched.incident.is_open())
    }

    /// Settles what nobody can be told any more: the receiver is gone.
    fn give_up(&mut self, key: &GroupKey, ids: &[IncidentId], now: Timestamp) {
        for id in ids {
            self.settle_silently(id, &key.receiver, now);
            self.let_go_if_settled(id);
        }
    }

    /// Incidents apart by the mail that theirs are answers to.
    fn by_thread(&self, key: &GroupKey, ids: Vec<IncidentId>) -> Vec<Vec<IncidentId>> {
        let mut threads: BTreeMap<Option<MessageId>, Vec<IncidentId>> = BTreeMap::new();
        for id in ids {
            let past = self.own_past(&id, &key.receiver).unwrap_or_default();
            threads.entry(past.first).or_default().push(id);
        }
        threads.into_values().collect()
    }

    /// Drafts a notice and takes down that it was said.
    fn say(
        &mut self,
        key: &GroupKey,
        occasion: Occasion,
        ids: &[IncidentId],
        now: Timestamp,
    ) -> Draft {
        let watched = ids.iter().filter_map(|id| self.incidents.get(id));
        let mut incidents: Vec<Arc<Incident>> = watched
            .map(|watched| Arc::clone(&watched.incident))
            .collect();
        incidents.sort_by(|a, b| rank(a).cmp(&rank(b)));
        if let Occasion::Opened { .. } = &occasion {
            incidents.iter_mut().for_each(show_open);
        }
        let receiver = &key.receiver;
        let mut pasts = incidents.iter().filter_map(|incident| {
            let own = self.own_past(&incident.id, receiver);
            own.or_else(|| self.past_beside(&incident.id, receiver))
        });
        let past = pasts.next().unwrap_or_default();
        let (id, thread) = self.letter(receiver, past, now);
        for incident in &incidents {
            let telling = self.telling(&incident.id, key, (&occasion, &thread.message_id), now);
            self.note(telling, now);
        }
        for id in ids {
            self.let_go_if_settled(id);
        }
        Draft {
            id,
            receiver: key.receiver.clone(),
            occasion,
            thread,
            incidents,
        }
    }

    /// What was said by now.
    fn telling(
        &self,
        id: &IncidentId,
        key: &GroupKey,
        (occasion, mail): (&Occasion, &MessageId),
        now: Timestamp,
    ) -> Telling {
        let said = match occasion {
            Occasion::Ended => Said::Ended,
            Occasion::Flapping => Said::Flapping,
            Occasion::Opened { .. }
            | Occasion::Repeated { .. }
            | Occasion::Isolated(_)
            | Occasion::Rejoined(_)
            | Occasion::Silenced(_)
            | Occasion::Heartbeat(_)
            | Occasion::Test => Said::Opened,
        };
        let strand = self.incidents.get(id);
        let strand = strand.and_then(|watched| watched.strands.get(&key.receiver));
        let before = strand.and_then(|strand| strand.telling.as_ref());
        let (mut mails, thread) = if let Some(telling) = before {
            (telling.mails.clone(), telling.thread.clone())
        } else {
            let Past { all, .. } = self.past_beside(id, &key.receiver).unwrap_or_default();
            (Vec::new(), all)
        };
        mails.push(mail.clone());
        Telling {
            incident: id.clone(),
            receiver: key.receiver.clone(),
            said,
            at: now,
            group: key.text(),
            mails: bounded(mails),
            thread,
        }
    }
}

/// The gravest first, then the oldest.
fn rank(incident: &Incident) -> impl Ord + '_ {
    let severity = std::cmp::Reverse(incident.severity);
    (severity, incident.class, incident.since, &incident.check)
}

fn show_open(incident: &mut Arc<Incident>) {
    if !incident.is_open() {
        let open = Incident {
            ended: None,
            ..Incident::clone(incident)
        };
        *incident = Arc::new(open);
    }
}
