//! Pages of the class `denial`: refused, or lost, but not in the agreed way.

use super::Explanation;

pub(super) static FORBIDDEN_INSTEAD: Explanation = Explanation {
    code: "forbidden_instead",
    title: "Refused with 403 where another answer was agreed",
    meaning: "The stranger stayed outside, so the lock holds. But clients take 403 as final: they \
              neither ask for a password nor fetch a token, and a rightful caller without a \
              session is stuck.",
    causes: &[
        "A firewall, CDN or address rule answers before the application, and keeps out more than \
         strangers.",
        "The framework refuses without inviting: Spring Security falls back to \
         `Http403ForbiddenEntryPoint` when no `httpBasic()`, `formLogin()` or resource server is \
         configured.",
        "The gateway uses 403 for a missing key or signature by design, as AWS does (`Missing \
         Authentication Token`).",
        "nginx cannot open its `auth_basic_user_file`: `invalid` then meets 403 while `anonymous` \
         still meets 401.",
        "A protection against cross-site requests refuses a `POST` or `PUT` before authentication \
         has its turn.",
    ],
    first_steps: &[
        "Find the author of the page: `curl -si URL`, then look at `Server`, `Via`, the body and \
         any reference number of a firewall.",
        "Ask behind the edge with `curl -si --resolve HOST:443:ORIGIN URL`; a 401 there puts the \
         change in front.",
        "Compare `anonymous` and `invalid`: differing statuses point at the store of users, equal \
         ones at a rule that does not look at credentials.",
        "If 403 is the agreed answer of this endpoint, say so with `refused: {status: 403, \
         challenge: optional}`.",
    ],
    rule: "RFC 9110 §15.5.4: 403 means that the server understood and refuses, with or without \
           credentials; for missing or invalid ones RFC 9110 §11.4 asks for 401 with a challenge.",
    related: &[
        "credential_forbidden",
        "challenge_missing",
        "unexpected_status",
    ],
};

pub(super) static NOT_FOUND: Explanation = Explanation {
    code: "not_found",
    title: "The endpoint answered 404 or 410",
    meaning: "Nothing is found at the address, so the lock is not what was tested. Callers meet a \
              missing service; and a lock that nobody passes on the way to a 404 may stand open on \
              the path that replaced this one.",
    causes: &[
        "The path changed with a release: another version prefix, another base path, a renamed \
         resource.",
        "Another server answers: a default virtual host or default backend, because the `Host` or \
         the ingress rule no longer matches.",
        "The gateway's route or the deployment behind it was removed.",
        "The server hides what a caller may not see behind 404, as the standard allows.",
        "Only the holder meets it: the object that is asked for was deleted, or belongs to a \
         tenant that this credential cannot see.",
    ],
    first_steps: &[
        "Tell an application's 404 from a proxy's by its body and `Server` header: `curl -si URL | \
         head -n 20`.",
        "Ask the root and a path that surely exists on the same host; 404 everywhere means a wrong \
         virtual host or backend.",
        "Look at the routes in force: `nginx -T | grep -n location`, `kubectl get ingress -A | \
         grep HOST`, the route table of the application at its start.",
        "Where the path moved, change `url`, and check the new path for `anonymous` first.",
        "Where 404 is the agreed way to refuse, set `refused: {status: 404, challenge: optional}`.",
    ],
    rule: "RFC 9110 §15.5.5: 404 says that no current representation was found, or that the server \
           will not disclose that one exists.",
    related: &["anonymous_admitted", "redirected", "unexpected_status"],
};

pub(super) static REDIRECTED: Explanation = Explanation {
    code: "redirected",
    title: "Refused with a redirect",
    meaning: "The stranger was not let in but sent to another address. A browser copes; a program \
              follows, meets a page with status 200, and takes the page for data.",
    causes: &[
        "A login by form or single sign-on was put in front of, or made the default for, an \
         interface that used to answer 401.",
        "The server tidies the address before it authenticates: trailing slash, `http` to `https`, \
         host name.",
        "The framework decides by `Accept`: what looks like a browser is redirected, what asks for \
         JSON meets 401.",
        "A maintenance page or a parked domain takes every request.",
    ],
    first_steps: &[
        "Read `Location` in the evidence: an identity provider's host or `/login` is a login, the \
         same path with a small difference is tidying, anything else is a change of ownership to \
         look into.",
        "For tidying, put the final address into `url`, so that the lock itself is probed.",
        "For a decision by `Accept`, send what real clients send: `headers: {Accept: \
         application/json}` on the endpoint.",
        "For a login in front of an interface, have the interface answer 401 by itself: an own \
         entry point in Spring Security, an API route in the sign-on proxy that does not redirect.",
        "Where the redirect is agreed, name it: `refused: {status: 302}` with a `location` \
         expectation, so that another target is noticed.",
    ],
    rule: "RFC 9110 §15.4: a redirect tells the client where to go next; for a request that lacks \
           credentials RFC 9110 §11.4 asks for 401. Redirects are not followed unless configured, \
           so that the first answer is what counts.",
    related: &[
        "credential_redirected",
        "login_page",
        "credential-redirect-foreign",
    ],
};

pub(super) static LOGIN_PAGE: Explanation = Explanation {
    code: "login_page",
    title: "A login page with a 2xx answered in place of a refusal",
    meaning: "The stranger met a success status with a form that asks for a password, and not what \
              the rightful holder sees. The content is safe, but a program takes this for success, \
              a cache may store it, and monitoring that looks at the status sees a healthy \
              service.",
    causes: &[
        "An error page replaces the refusal and its status: nginx `error_page 401 =200 \
         /login.html`, a CDN's custom response that turns 401 or 403 into 200.",
        "A single-page application answers every unknown or forbidden path with its start page, \
         which holds the login.",
        "A sign-on proxy draws its form in place, without a redirect.",
        "The application redirects internally (a server-side forward) to its login view and leaves \
         the status at 200.",
        "A captive portal or filter of this network answers for everyone.",
    ],
    first_steps: &[
        "Look at the page and its origin: `curl -si URL | head -n 40`; the `action` of its form \
         names the component that made it.",
        "Search for a rule that rewrites the status: `nginx -T | grep -n error_page`, the error \
         responses of the CDN distribution, the fallback of the static host.",
        "Keep the page and give back the status: `error_page 401 /login.html` without `=200` in \
         nginx, status 401 on the forwarded view, no 200 for paths under `/api`.",
        "Watch the holder's own check: only a holder who meets another body makes this a login \
         page and not a bypass.",
    ],
    rule: "RFC 9110 §11.4: a request without credentials should be answered with 401. A 2xx counts \
           as a login page only where it is HTML with a password field and differs from what the \
           holder last met; otherwise it is a bypass.",
    related: &["anonymous_admitted", "redirected", "challenge-on-success"],
};

pub(super) static UNEXPECTED_STATUS: Explanation = Explanation {
    code: "unexpected_status",
    title: "Another status than the agreed one",
    meaning: "The answer is neither an admission nor one of the refusals that have a name of their \
              own. It often says that the request was turned away before the lock was reached, so \
              that the lock was not tested.",
    causes: &[
        "400 with \"No required SSL certificate was sent\" or \"The plain HTTP request was sent to \
         HTTPS port\": the TLS side of the request is not what nginx wants.",
        "405, 406, 411, 413 or 415: the `method`, `Accept`, `body` or its type is not what the \
         endpoint takes any more.",
        "407: a proxy that nobody configured asks for its own login, or an origin server uses the \
         wrong status.",
        "421: the connection reached a server that does not serve this name, typically after a \
         change of certificates or of SNI.",
        "A success or refusal of another kind than the one named, such as 204 where `status: 200` \
         was written.",
    ],
    first_steps: &[
        "Read the body of the answer with `curl -si URL`; for a 4xx of this kind it usually names \
         what is missing.",
        "Compare with a bare request, `authvigil probe URL`: if that meets the lock, the \
         endpoint's own `method`, `headers` or `body` is what the server dislikes.",
        "For 405 read `Allow`, for 415 read `Accept`, for 426 read `Upgrade`: the server says \
         there what it would take.",
        "If the new status is as good as the old one, widen the expectation: a class such as `2xx` \
         ages better than a number.",
    ],
    rule: "RFC 9110 §15: each status has one meaning, and a client treats one that it does not \
           know as the first of its class. The expectation's `status` says which ones are agreed \
           for this check.",
    related: &["forbidden_instead", "not_found", "tls_refused"],
};
