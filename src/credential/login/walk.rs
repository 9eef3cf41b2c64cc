//! One login, from the page with the form to the last cookie.
//!
//! It never leaves the origin of the configured URL, and the whole of it takes no longer than
//! configured.

use std::time::{Duration, Instant};

use http::header::{ACCEPT, CONTENT_TYPE, COOKIE, ORIGIN, REFERER, USER_AGENT};
use http::{HeaderName, Method};
use url::Url;

use super::form::{Form, Sending, asks_again};
use super::jar::Jar;
use super::{Sessions, without_query};
use crate::credential::settings::LoginForm;
use crate::domain::courier::Call;
use crate::domain::endpoint::Origin;
use crate::domain::finding::Reason;
use crate::domain::observation::{Answer, BodyEnd, Observation, Outcome, Phases};
use crate::domain::presenter::Unpresentable;
use crate::domain::secret::Secret;

/// Redirects that are followed to the page, and again from where the form was sent.
const MOST_HOPS: usize = 5;

/// The most bytes of a page that are read.
const LARGEST: usize = 512 * 1024;

/// A login on its way.
pub(super) struct Walk<'a> {
    sessions: &'a Sessions,
    form: &'a LoginForm,
    started: Instant,
    jar: Jar,
    /// What was seen last, with the phases of all that was seen.
    seen: Option<Observation>,
}

/// What came of a login.
pub(super) struct Came {
    /// Whether there is a session.
    pub(super) outcome: Result<(), Failed>,
    /// The cookies, also of a login that was refused.
    pub(super) jar: Jar,
    /// What the server answered to the form, or to what came before it.
    pub(super) seen: Option<Observation>,
}

/// Why there is no session.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failed {
    why: String,
    /// Whether the secret was shown, and was refused.
    pub(super) rejected: bool,
    /// Whether the secret was sent, and no answer came.
    unanswered: bool,
}

/// One request of a login.
struct Step {
    method: Method,
    url: Url,
    body: Option<Secret>,
    /// The page that it comes from.
    from: Option<Url>,
}

/// An answer of the login, and the URL that gave it.
struct Met {
    url: Url,
    answer: Answer,
}

impl Failed {
    /// The secret was not shown, or nothing is known of what became of it.
    fn with(why: impl Into<String>) -> Self {
        let why = why.into();
        Self {
            why,
            rejected: false,
            unanswered: false,
        }
    }

    fn rejected(why: impl Into<String>) -> Self {
        Self {
            rejected: true,
            ..Self::with(why)
        }
    }

    /// The same, for those who wanted the session.
    pub(super) fn unavailable(self, form: &LoginForm) -> Unpresentable {
        Unpresentable {
            reason: Reason::TokenUnavailable,
            detail: format!("the login at `{}` {}", without_query(&form.url), self.why),
            rejected: self.rejected,
            unanswered: self.unanswered,
        }
    }
}

impl<'a> Walk<'a> {
    pub(super) fn new(sessions: &'a Sessions, form: &'a LoginForm) -> Self {
        Self {
            sessions,
            form,
            started: sessions.clock.monotonic(),
            jar: Jar::default(),
            seen: None,
        }
    }

    /// Logs in with this secret.
    pub(super) async fn log_in(mut self, secret: &Secret) -> Came {
        let outcome = self.all_of_it(secret).await;
        Came {
            outcome,
            jar: self.jar,
            seen: self.seen,
        }
    }

    async fn all_of_it(&mut self, secret: &Secret) -> Result<(), Failed> {
        let page = self.page().await?;
        let (form, from) = match self.form_in(&page)? {
            Some(form) => (form, page.url),
            None if takes_posts_only(&page.answer) => {
                (Form::without_page(self.form), self.form.url.clone())
            }
            // A firewall, or a lock before the login: neither is where the password belongs.
            None => return Err(Failed::with(answered(&page.answer))),
        };
        self.jar.is_sent();
        let sent = self.send(&form, secret, from).await?;
        // What the form was answered is what a login is looked at for.
        let seen = self.seen.take();
        let landed = self.land(sent, &form.named_of(self.form)).await;
        self.seen = seen.map(|seen| self.summed(seen));
        landed?;
        if self.jar.is_empty() {
            return Err(Failed::rejected("set no cookie: there is no session"));
        }
        Ok(())
    }

    /// The page with the form, over redirects within the origin.
    async fn page(&mut self) -> Result<Met, Failed> {
        let mut step = Step::get(self.form.url.clone(), None);
        for _ in 0..=MOST_HOPS {
            let met = self.exchange(step).await?;
            let status = met.answer.status;
            if status == 429 || status >= 500 {
                return Err(Failed::with(answered(&met.answer)));
            }
            let Some(next) = redirect(&met) else {
                return Ok(met);
            };
            if !self.is_home(&next) {
                return Err(Failed::with(format!(
                    "leads to `{}`, and a login stays within its origin",
                    without_query(&next)
                )));
            }
            step = Step::get(next, Some(met.url));
        }
        Err(Failed::with(format!(
            "redirected more than {MOST_HOPS} times before a form came"
        )))
    }

    fn form_in(&self, page: &Met) -> Result<Option<Form>, Failed> {
        let body = &page.answer.body;
        let is_whole = match &body.end {
            BodyEnd::Complete => true,
            BodyEnd::CutOff | BodyEnd::Broken(_) => false,
        };
        Form::in_page(&body.bytes, &page.url, is_whole, self.form).map_err(Failed::with)
    }

    /// Sends the form; where the answer says so, once more to another place (RFC 9110 §15.4.8).
    async fn send(&mut self, form: &Form, secret: &Secret, from: Url) -> Result<Met, Failed> {
        let mut met = self.show(self.filled(form, secret, from)).await?;
        for _ in 0..MOST_HOPS {
            let is_again = matches!(met.answer.status, 307 | 308) && form.method == Sending::Post;
            let Some(action) = redirect(&met).filter(|next| is_again && self.is_home(next)) else {
                return Ok(met);
            };
            let form = Form {
                action,
                ..form.clone()
            };
            met = self.show(self.filled(&form, secret, met.url)).await?;
        }
        Ok(met)
    }

    fn filled(&self, form: &Form, secret: &Secret, from: Url) -> Step {
        let filled = form.filled(&self.form.fields, (&self.form.secret_field, secret));
        let mut step = Step::get(form.action.clone(), Some(from));
        match form.method {
            Sending::Get => {
                let query = String::from_utf8_lossy(filled.expose());
                step.url.set_query(Some(&query));
            }
            Sending::Post => {
                step.method = Method::POST;
                step.body = Some(filled);
            }
        }
        step
    }

    /// Says whether the answer to the form is that of a login that went well, and collects cookies
    /// along the redirects that follow.
    async fn land(&mut self, mut met: Met, beside: &[&str]) -> Result<(), Failed> {
        accepted(&met.answer)?;
        for _ in 0..MOST_HOPS {
            let Some(next) = redirect(&met).filter(|next| self.is_home(next)) else {
                break;
            };
            // The session is there; a page that comes after it may be slow, broken or missing.
            let Ok(landed) = self.exchange(Step::get(next, Some(met.url))).await else {
                return Ok(());
            };
            if matches!(landed.answer.status, 401 | 403 | 422 | 423) {
                let why = answered(&landed.answer);
                return Err(Failed::rejected(format!("led to a page that {why}")));
            }
            met = landed;
        }
        self.no_form_again(&met, beside)
    }

    fn no_form_again(&self, met: &Met, beside: &[&str]) -> Result<(), Failed> {
        if asks_again(&met.answer.body.bytes, &met.url, self.form, beside) {
            let status = met.answer.status;
            return Err(Failed::rejected(format!(
                "was refused: the page with the form came again ({status})"
            )));
        }
        Ok(())
    }

    /// Sends the secret. A server that is slow to refuse, or closes the connection in the place of an
    /// answer, has counted it nevertheless.
    async fn show(&mut self, step: Step) -> Result<Met, Failed> {
        let met = self.exchange(step).await;
        let went_out = self.seen.as_ref().is_some_and(is_unanswered);
        met.map_err(|failed| Failed {
            unanswered: went_out,
            ..failed
        })
    }

    /// Sends one request, and takes in the cookies of its answer.
    async fn exchange(&mut self, step: Step) -> Result<Met, Failed> {
        let left = self.left()?;
        let (call, url) = self.call(step, left);
        let mut seen = self.sessions.courier.carry(&call).await;
        let answer = taken(&mut seen);
        self.seen = Some(self.summed(seen));
        let answer = answer?;
        self.jar.take(&answer, &url);
        Ok(Met { url, answer })
    }

    fn call(&self, step: Step, left: Duration) -> (Call, Url) {
        let mut headers: Vec<(HeaderName, Secret)> = vec![
            (
                ACCEPT,
                Secret::new("text/html, application/xhtml+xml, */*;q=0.8"),
            ),
            (USER_AGENT, Secret::new(self.sessions.user_agent.as_bytes())),
        ];
        if let Some(from) = &step.from {
            headers.push((REFERER, Secret::new(referer(from))));
        }
        if let Some(cookies) = self.jar.header(&step.url) {
            headers.push((COOKIE, cookies));
        }
        if step.body.is_some() {
            let origin = step.url.origin().ascii_serialization();
            let form = "application/x-www-form-urlencoded";
            headers.extend([
                (CONTENT_TYPE, Secret::new(form)),
                (ORIGIN, Secret::new(origin)),
            ]);
        }
        let call = Call {
            url: step.url.clone(),
            method: step.method,
            headers,
            body: step.body,
            transport: self.form.transport.clone(),
            timeout: left,
            body_size_limit: LARGEST,
        };
        (call, step.url)
    }

    /// How much of its time the login has left.
    fn left(&self) -> Result<Duration, Failed> {
        let now = self.sessions.clock.monotonic();
        let spent = now.saturating_duration_since(self.started);
        let timeout = self.form.timeout;
        let left = timeout.checked_sub(spent).filter(|left| !left.is_zero());
        let slow = || Failed::with(format!("took longer than {timeout:?} in all"));
        left.ok_or_else(slow)
    }

    /// An observation with the phases and the time of all of the login so far.
    fn summed(&self, mut seen: Observation) -> Observation {
        if let Some(before) = &self.seen {
            seen.phases = sum(&before.phases, &seen.phases);
            seen.duration += before.duration;
        }
        seen
    }

    fn is_home(&self, url: &Url) -> bool {
        Origin::of(url) == Origin::of(&self.form.url)
    }
}

impl Step {
    fn get(url: Url, from: Option<Url>) -> Self {
        Self {
            method: Method::GET,
            url,
            body: None,
            from,
        }
    }
}

/// Whether a request went out to which no answer came.
fn is_unanswered(seen: &Observation) -> bool {
    matches!(&seen.outcome, Outcome::Silence(silence) if silence.went_out())
}

/// The answer, with the body that the observation does without.
fn taken(seen: &mut Observation) -> Result<Answer, Failed> {
    match &mut seen.outcome {
        Outcome::Silence(silence) => Err(Failed::with(format!("gave no answer: {silence}"))),
        Outcome::Answer(answer) => {
            let bytes = std::mem::take(&mut answer.body.bytes);
            let mut taken = answer.clone();
            taken.body.bytes = bytes;
            Ok(taken)
        }
    }
}

/// Where an answer leads, if it leads anywhere.
fn redirect(met: &Met) -> Option<Url> {
    if !matches!(met.answer.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = met.answer.first("location")?;
    let mut next = met
        .url
        .join(std::str::from_utf8(&location.value).ok()?)
        .ok()?;
    next.set_fragment(None);
    let names_a_user = !next.username().is_empty() || next.password().is_some();
    (!names_a_user).then_some(next)
}

/// What the status of the answer to the form says of the login.
fn accepted(answer: &Answer) -> Result<(), Failed> {
    match answer.status {
        200..=399 => Ok(()),
        400 | 401 | 403 | 422 | 423 => Err(Failed::rejected(answered(answer))),
        _ => Err(Failed::with(answered(answer))),
    }
}

/// Whether an answer without a form may be that of a login that is posted to: it shows nothing to
/// whoever only looks, or speaks to programs.
fn takes_posts_only(answer: &Answer) -> bool {
    let kind = answer.first("content-type");
    let is_json = kind.is_some_and(|line| line.text().to_ascii_lowercase().contains("json"));
    is_json || matches!(answer.status, 200..=299 | 404 | 405)
}

/// A status in words, and how long it asks to be left alone.
fn answered(answer: &Answer) -> String {
    let status = answer.status;
    let more = match status {
        423 => format!(" ({})", Reason::AccountLocked),
        429 => format!(" ({})", Reason::RateLimited),
        500.. => format!(" ({})", Reason::ServerError),
        _ => String::new(),
    };
    let rest = answer.first("retry-after");
    let rest = rest.map_or_else(String::new, |line| {
        format!(", to retry after {}", line.text())
    });
    format!("answered {status}{more}{rest}")
}

/// The page that a request comes from, as browsers say it within an origin.
fn referer(from: &Url) -> String {
    let mut from = from.clone();
    from.set_fragment(None);
    from.into()
}

fn sum(before: &Phases, now: &Phases) -> Phases {
    let add = |a: Option<Duration>, b: Option<Duration>| match (a, b) {
        (Some(a), Some(b)) => Some(a + b),
        (one, other) => one.or(other),
    };
    Phases {
        resolve: add(before.resolve, now.resolve),
        connect: add(before.connect, now.connect),
        tls: add(before.tls, now.tls),
        processing: add(before.processing, now.processing),
        transfer: add(before.transfer, now.transfer),
    }
}
