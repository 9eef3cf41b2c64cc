//! What was said already, as it is kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::notice::{message_ids, texts};
use super::occasion::IsolationForm;
use super::time::{from_micros, micros};
use crate::domain::check::Name;
use crate::domain::notice::{Memo, MessageId, Said, Telling};

/// What stands in no column of its own.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::store) struct TellingForm {
    group: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    mails: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    thread: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct MemoForm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    heartbeat_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    isolation: Option<ToldIsolationForm>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ToldIsolationForm {
    isolation: IsolationForm,
    #[serde(default)]
    mails: BTreeMap<String, String>,
}

/// The group and the mails of a telling, as text.
pub(in crate::store) fn telling_to_text(telling: &Telling) -> serde_json::Result<String> {
    serde_json::to_string(&TellingForm {
        group: telling.group.clone(),
        mails: texts(&telling.mails),
        thread: texts(&telling.thread),
    })
}

/// The group, the mails and the thread of a telling; `None` where the text says nothing that can be
/// understood, or names mails and none of them is understood.
pub(in crate::store) fn telling_from_text(
    text: &str,
) -> Option<(String, Vec<MessageId>, Vec<MessageId>)> {
    let form: TellingForm = serde_json::from_str(text).ok()?;
    let mails = message_ids(&form.mails);
    let is_told = !mails.is_empty() || form.mails.is_empty();
    is_told.then(|| (form.group, mails, message_ids(&form.thread)))
}

/// What with this stable name was said.
pub(in crate::store) fn said(name: &str) -> Option<Said> {
    [Said::Opened, Said::Flapping, Said::Ended]
        .into_iter()
        .find(|said| said.as_str() == name)
}

/// A memo, as text.
pub(in crate::store) fn memo_to_text(memo: &Memo) -> serde_json::Result<String> {
    let isolation = memo.isolation.as_ref();
    serde_json::to_string(&MemoForm {
        heartbeat_at: memo.heartbeat_at.map(micros),
        isolation: isolation.map(|(isolation, mails)| ToldIsolationForm {
            isolation: IsolationForm::of(isolation),
            mails: mails
                .iter()
                .map(|(receiver, mail)| (receiver.to_string(), mail.to_string()))
                .collect(),
        }),
    })
}

/// The memo; an empty one where the text says nothing that can be understood.
pub(in crate::store) fn memo_from_text(text: &str) -> Memo {
    serde_json::from_str(text).map_or_else(|_| Memo::default(), MemoForm::memo)
}

impl MemoForm {
    fn memo(self) -> Memo {
        Memo {
            heartbeat_at: self.heartbeat_at.and_then(from_micros),
            isolation: self.isolation.and_then(|form| {
                let mails = form.mails.iter();
                let mail = |(receiver, mail): (&String, &String)| {
                    Name::parse(receiver).zip(MessageId::parse(mail))
                };
                Some((
                    form.isolation.isolation()?,
                    mails.filter_map(mail).collect(),
                ))
            }),
        }
    }
}
