//! The cookies of one login, bounded.

use std::collections::BTreeSet;
use std::fmt;

use cookie_store::{Cookie, CookieExpiration, CookieStore};
use jiff::Timestamp;
use url::Url;

use super::SHORTEST;
use crate::domain::observation::Answer;
use crate::domain::secret::Secret;

/// The most cookies that are kept of a login: as many as browsers keep of a site.
const MOST: usize = 180;

/// The largest cookie, name and value together, in bytes (RFC 6265 §6.1).
const LARGEST: usize = 4096;

/// The most bytes that all cookies may have.
const MOST_BYTES: usize = 64 * 1024;

/// The cookies that one login gave, kept and sent as RFC 6265 says.
#[derive(Default)]
pub(super) struct Jar {
    store: CookieStore,
    /// Name and path of those that were given once the form was sent.
    given: BTreeSet<(String, String)>,
    is_sent: bool,
    taken: usize,
    bytes: usize,
}

/// The names and values are secrets.
impl fmt::Debug for Jar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jar").finish_non_exhaustive()
    }
}

impl Jar {
    /// Takes in the cookies that an answer sets. Those that are beyond reason are left out.
    pub(super) fn take(&mut self, answer: &Answer, url: &Url) {
        for line in answer.lines("set-cookie") {
            let text = std::str::from_utf8(&line.value).ok();
            if let Some(cookie) = text.and_then(|text| Cookie::parse(text, url).ok()) {
                self.put(cookie.into_owned(), url);
            }
        }
    }

    /// From here on, what is set is what the form was sent for.
    pub(super) fn is_sent(&mut self) {
        self.is_sent = true;
    }

    /// Whether there is none that holds.
    pub(super) fn is_empty(&self) -> bool {
        self.store.iter_unexpired().next().is_none()
    }

    /// What is sent to a URL: those with longer paths first (RFC 6265 §5.4), otherwise by name.
    pub(super) fn header(&self, url: &Url) -> Option<Secret> {
        let mut cookies = self.store.matches(url);
        cookies.sort_by_key(|cookie| {
            let path = String::from(&cookie.path);
            (std::cmp::Reverse(path.len()), cookie.name().to_owned())
        });
        let pairs: Vec<String> = cookies.into_iter().map(pair).collect();
        (!pairs.is_empty()).then(|| Secret::new(pairs.join("; ")))
    }

    /// All of them in one text, in a fixed order: what names them.
    pub(super) fn all(&self) -> Secret {
        let mut pairs: Vec<String> = self.store.iter_unexpired().map(pair).collect();
        pairs.sort_unstable();
        Secret::new(pairs.join("; "))
    }

    /// What must not be shown.
    pub(super) fn values(&self) -> Vec<Secret> {
        let cookies = self.store.iter_unexpired();
        let values = cookies.map(|cookie| cookie.value().as_bytes());
        values
            .filter(|value| value.len() >= SHORTEST)
            .map(Secret::new)
            .collect()
    }

    /// What they are called, in order, also those that have ended.
    pub(super) fn names(&self) -> Vec<String> {
        let cookies = self.store.iter_any();
        let names: BTreeSet<&str> = cookies.map(|cookie| cookie.name()).collect();
        names.into_iter().map(str::to_owned).collect()
    }

    /// When the first of those ends that the form was sent for; `None` where none says so.
    pub(super) fn until(&self) -> Option<Timestamp> {
        let cookies = self.store.iter_unexpired();
        let ends = cookies.filter_map(|cookie| match cookie.expires {
            CookieExpiration::AtUtc(end) if self.given.contains(&key(cookie)) => {
                Some(Timestamp::from_second(end.unix_timestamp()).unwrap_or(Timestamp::MAX))
            }
            CookieExpiration::AtUtc(_) | CookieExpiration::SessionEnd => None,
        });
        ends.min()
    }

    fn put(&mut self, cookie: Cookie<'static>, url: &Url) {
        let size = cookie.name().len() + cookie.value().len();
        let fits = self.taken < MOST && size <= LARGEST && self.bytes + size <= MOST_BYTES;
        // One that has ended takes no room: that is how cookies are taken back.
        if !fits && !cookie.is_expired() {
            return;
        }
        let (key, is_given) = (key(&cookie), self.is_sent);
        if self.store.insert(cookie, url).is_ok() {
            self.taken += 1;
            self.bytes += size;
            if is_given {
                self.given.insert(key);
            }
        }
    }
}

fn key(cookie: &Cookie<'_>) -> (String, String) {
    (cookie.name().to_owned(), String::from(&cookie.path))
}

fn pair(cookie: &Cookie<'_>) -> String {
    format!("{}={}", cookie.name(), cookie.value())
}

#[cfg(test)]
mod tests;
