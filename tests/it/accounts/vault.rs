//! A server that locks an account after five failures, behind any number of paths.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::digest::rig::{Verifier, user};
use crate::support::lab::{Answer, Lab, Request};

pub(super) const USER: &str = "reader";
pub(super) const PASSWORD: &str = "the-r1ght-word";
pub(super) const WRONG: &str = "a-wr0ng-word";

/// After so many failures in a row the account is locked, and stays so.
const LOCKS_AFTER: usize = 5;

/// How the password is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Basic,
    Digest,
}

impl Scheme {
    /// The key of the configuration.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Basic => "basic_auth",
            Self::Digest => "digest_auth",
        }
    }
}

pub(super) struct Vault {
    pub(super) scheme: Scheme,
    lab: Lab,
    counter: Arc<Counter>,
}

/// What the server counts of the account.
struct Counter {
    scheme: Scheme,
    verifier: Verifier,
    /// All failures that ever were.
    failures: AtomicUsize,
    /// Those since the last success.
    in_a_row: AtomicUsize,
    is_locked: AtomicBool,
    never_locks: AtomicBool,
    /// What a wrong password meets in the place of a 401.
    otherwise: Mutex<Option<Answer>>,
}

impl Vault {
    pub(super) fn start(scheme: Scheme, paths: usize) -> Self {
        let counter = Arc::new(Counter {
            scheme,
            verifier: Verifier::of(USER, PASSWORD),
            failures: AtomicUsize::new(0),
            in_a_row: AtomicUsize::new(0),
            is_locked: AtomicBool::new(false),
            never_locks: AtomicBool::new(false),
            otherwise: Mutex::new(None),
        });
        let lab = Lab::http();
        for at in 0..paths {
            let counter = Arc::clone(&counter);
            lab.route(&path(at), move |request| counter.answer(request));
        }
        Self {
            scheme,
            lab,
            counter,
        }
    }

    pub(super) fn url(&self, at: usize) -> String {
        self.lab.url(&path(at))
    }

    /// How many wrong passwords the account was shown, over all.
    pub(super) fn failures(&self) -> usize {
        self.counter.failures.load(Ordering::SeqCst)
    }

    pub(super) fn is_locked(&self) -> bool {
        self.counter.is_locked.load(Ordering::SeqCst)
    }

    /// Has every wrong password meet this.
    pub(super) fn refuses_by(&self, answer: Answer) {
        *self.counter.otherwise.lock().unwrap() = Some(answer);
    }

    pub(super) fn never_locks(&self) {
        self.counter.never_locks.store(true, Ordering::SeqCst);
    }
}

impl Counter {
    /// Only who names the account learns that it is locked.
    fn answer(&self, request: &Request) -> Answer {
        if self.named(request).as_deref() != Some(USER) {
            return self.refusal(request);
        }
        if self.is_locked.load(Ordering::SeqCst) {
            return Answer::status(423);
        }
        if self.admits(request) {
            self.in_a_row.store(0, Ordering::SeqCst);
            return match self.scheme {
                Scheme::Basic => Answer::status(200),
                Scheme::Digest => self.verifier.answer(request),
            };
        }
        self.failures.fetch_add(1, Ordering::SeqCst);
        let in_a_row = self.in_a_row.fetch_add(1, Ordering::SeqCst) + 1;
        if in_a_row >= LOCKS_AFTER && !self.never_locks.load(Ordering::SeqCst) {
            self.is_locked.store(true, Ordering::SeqCst);
        }
        self.refusal(request)
    }

    fn named(&self, request: &Request) -> Option<String> {
        match self.scheme {
            Scheme::Basic => request.basic().map(|(user, _)| user),
            Scheme::Digest => user(request),
        }
    }

    fn admits(&self, request: &Request) -> bool {
        match self.scheme {
            Scheme::Basic => request.basic().is_some_and(|(_, word)| word == PASSWORD),
            Scheme::Digest => self.verifier.admits(request),
        }
    }

    fn refusal(&self, request: &Request) -> Answer {
        let otherwise = self.otherwise.lock().unwrap().clone();
        if let Some(answer) = otherwise.filter(|_| self.named(request).is_some()) {
            return answer;
        }
        match self.scheme {
            Scheme::Basic => Answer::unauthorized("Basic realm=\"vault\""),
            Scheme::Digest => self.verifier.answer(request),
        }
    }
}

fn path(at: usize) -> String {
    format!("/e{at}")
}
