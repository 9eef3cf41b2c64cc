//! The endpoint that this program adds by itself: where a credential's tokens or sessions come from.

use std::collections::BTreeMap;
use std::time::Duration;

use http::Method;
use url::Url;

use super::{Drift, Endpoint, FollowRedirects, Request, Transport};
use crate::domain::check::{Check, Name, Persona};
use crate::domain::expectation::{ChallengeExpectation, Expectation, StatusSet};
use crate::domain::finding::{Class, Severity};

/// Where a credential's tokens or sessions come from.
#[derive(Clone, Copy, Debug)]
pub struct TokenEndpoint<'a> {
    /// Whose holder they are fetched for.
    pub credential: &'a Name,
    /// The token endpoint, or the page with the form.
    pub url: &'a Url,
    /// How requests to it travel.
    pub transport: &'a Transport,
    /// How long fetching may take.
    pub timeout: Duration,
}

impl TokenEndpoint<'_> {
    /// The endpoint that watches it, with one check named `token`; `None` where no rightful holder of
    /// the credential knocks at any of the configured ones.
    ///
    /// It is asked as often as the most impatient of its dependents, carries the labels that all of
    /// them share, and is as grave as the gravest of them.
    pub fn watched(self, configured: &[Endpoint]) -> Option<Endpoint> {
        let is_dependent = |check: &Check| {
            check.persona.is_holder() && check.persona.credential() == Some(self.credential)
        };
        let dependents: Vec<&Endpoint> = configured
            .iter()
            .filter(|endpoint| endpoint.checks.iter().any(is_dependent))
            .collect();
        let (first, others) = dependents.split_first()?;
        let interval = dependents.iter().map(|it| it.interval).min();
        let same_runbook = others.iter().all(|it| it.runbook_url == first.runbook_url);
        Some(Endpoint {
            name: self.credential.of_its_tokens(),
            request: self.request(first),
            transport: self.transport.clone(),
            checks: vec![self.check()?],
            interval: interval.unwrap_or(first.interval),
            refused_interval: first.refused_interval,
            timeout: self.timeout,
            severity: shared_severities(first, others),
            allow_cleartext: first.allow_cleartext,
            drift: Drift::Ignore,
            confirm: first.confirm.clone(),
            labels: shared_labels(first, others),
            runbook_url: first.runbook_url.clone().filter(|_| same_runbook),
            tokens_of: Some(self.credential.clone()),
        })
    }

    fn request(&self, like: &Endpoint) -> Request {
        Request {
            url: self.url.clone(),
            method: Method::POST,
            headers: Vec::new(),
            body: None,
            user_agent: like.request.user_agent.clone(),
            follow_redirects: FollowRedirects::Never,
            body_size_limit: like.request.body_size_limit,
        }
    }

    /// What a token endpoint answers is not what is judged: whether there is a token, is.
    fn check(&self) -> Option<Check> {
        Some(Check {
            name: Name::parse("token")?,
            persona: Persona::Holder(self.credential.clone()),
            expectation: Expectation {
                challenge: ChallengeExpectation::Optional,
                ..Expectation::of_status(StatusSet::any())
            },
        })
    }
}

/// A label stands for all who depend on it, or for none.
fn shared_labels(first: &Endpoint, others: &[&Endpoint]) -> BTreeMap<String, String> {
    let shared = |(name, value): &(&String, &String)| {
        let mut others = others.iter();
        others.all(|other| other.labels.get(*name) == Some(*value))
    };
    let labels = first.labels.iter().filter(shared);
    labels
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// A class is of another severity than its own where all who depend on it say so; then the gravest
/// counts.
fn shared_severities(first: &Endpoint, others: &[&Endpoint]) -> BTreeMap<Class, Severity> {
    let gravest = |(class, severity): (&Class, &Severity)| {
        let mut others = others.iter().map(|other| other.severity.get(class));
        let gravest = others.try_fold(*severity, |gravest, other| Some(gravest.max(*other?)));
        Some((*class, gravest?))
    };
    first.severity.iter().filter_map(gravest).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const TWO: &str = "
credentials: {billing: {authorization: {credentials_file: t}}}
endpoints:
  - {name: orders, url: 'https://a.example.com/', credential: billing, interval: 30s,
     labels: {team: pay, site: a}, severity: {lockout: warning}, runbook_url: 'https://r.example.com/'}
  - {name: invoices, url: 'https://b.example.com/', credential: billing,
     labels: {team: pay, site: b}, runbook_url: 'https://r.example.com/'}
  - {name: open, url: 'https://c.example.com/', interval: 11s}
";

    fn configured(text: &str) -> Vec<Endpoint> {
        let config = crate::config::parse(Path::new("test.yaml"), text.to_owned());
        config.unwrap().endpoints
    }

    fn watched(credential: &str, configured: &[Endpoint]) -> Option<Endpoint> {
        TokenEndpoint {
            credential: &Name::parse(credential).unwrap(),
            url: &"https://idp.example.com/token".parse().unwrap(),
            transport: &Transport::default(),
            timeout: Duration::from_secs(7),
        }
        .watched(configured)
    }

    #[test]
    fn token_endpoint_is_asked_as_often_as_its_most_impatient_dependent() {
        let endpoint = watched("billing", &configured(TWO)).unwrap();
        assert_eq!(endpoint.interval, Duration::from_secs(30));
        assert_eq!(endpoint.timeout, Duration::from_secs(7));
        assert_eq!(endpoint.name.as_str(), "token.billing");
        assert_eq!(endpoint.checks[0].persona.to_string(), "billing");
    }

    #[test]
    fn token_endpoint_has_what_all_its_dependents_share() {
        let endpoint = watched("billing", &configured(TWO)).unwrap();
        let labels = BTreeMap::from([("team".to_owned(), "pay".to_owned())]);
        assert_eq!(endpoint.labels, labels);
        assert_eq!(
            endpoint.severity,
            BTreeMap::new(),
            "one of them is critical"
        );
        assert_eq!(
            endpoint.runbook_url.map(String::from),
            Some("https://r.example.com/".to_owned())
        );
    }

    #[test]
    fn credential_that_no_holder_shows_has_no_token_endpoint() {
        assert!(watched("other", &configured(TWO)).is_none());
    }
}
