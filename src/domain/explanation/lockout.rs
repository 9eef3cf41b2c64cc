//! Pages of the class `lockout`: the rightful holder did not get in.

use super::Explanation;

pub(super) static CREDENTIAL_REJECTED: Explanation = Explanation {
    code: "credential_rejected",
    title: "The rightful credential met a 401",
    meaning: "The server asked for a credential, was given the configured one, and refused it. \
              Every caller who shares this credential is locked out now, or this copy of it is out \
              of date.",
    causes: &[
        "The secret was rotated on one side only; \
         `authvigil_credential_last_accepted_timestamp_seconds` stands still since then.",
        "Another component refuses: a proxy, gateway or identity-aware proxy put in front asks for \
         its own credential, as a foreign scheme or realm in the challenge shows.",
        "The header never reaches the verifier: a proxy consumes or strips `Authorization`, or \
         Apache passes it on to CGI and FPM only with `CGIPassAuth On`.",
        "The token is refused for what it says: issuer, audience or signing key changed, or the \
         server holds an old copy of the issuer's key set; `error=\"invalid_token\"` is typical.",
        "The user store answers \"no\" for \"I do not know\": the account is disabled or deleted, \
         the directory is down, or one replica has an old user file.",
        "The credential is not valid yet, as the finding then says (`nbf` of the token, `notBefore` \
         of the certificate): it was issued ahead of time, or the clocks differ by more than the \
         tolerance.",
    ],
    first_steps: &[
        "Read the challenge in the evidence: the usual realm means that the application refused, \
         another realm means that something in front did, and `error_description` often names the \
         cause.",
        "See which other checks use the credential: all fail, suspect the secret or the identity \
         provider; this one alone, suspect this server.",
        "Compare the secret with its source without printing it (`sha256sum` on both sides), and \
         look at its last bytes with `tail -c 2 FILE | xxd`: one trailing line break is dropped; a \
         second one, or a space, is part of what is sent.",
        "Look in the server's log: nginx says `password mismatch` or `was not found`, Apache \
         `AH01617` or `AH01618`; no line at all means that the request was refused before it got \
         there.",
        "Compare the answer's `Date` with `date -u`, and the token's `nbf` and `exp` with both.",
        "Put the right secret in place and wait: it counts at the next probe, without a restart, \
         unless it comes from `LoadCredential=` or an environment variable.",
    ],
    rule: "RFC 9110 §15.5.2: a 401 to a request that carried credentials says that they have been \
           refused. A rejected password is sent at most four times in 15 minutes, so that this \
           monitor does not lock the account.",
    related: &[
        "credential_expired",
        "credential_forbidden",
        "token_unavailable",
        "clock-skew",
    ],
};

pub(super) static CREDENTIAL_EXPIRED: Explanation = Explanation {
    code: "credential_expired",
    title: "The rightful credential has expired",
    meaning: "The server refused the configured credential with a 401, and its own end date (`exp` \
              of the token, `notAfter` of the client certificate) has passed. The server is right; \
              the renewal is what failed.",
    causes: &[
        "The job that renews it has stopped: a disabled timer, a failed pipeline, an agent that \
         lost its own login.",
        "The renewed secret lies at its source but has not come here: systemd copies \
         `LoadCredential=` files when the service starts, and an environment variable is fixed for \
         the life of the process.",
        "A token made to live for minutes was pasted in as a static `authorization` credential; it \
         wants `oauth2`, which fetches and renews.",
        "Nobody owns the renewal, because the credential was made by hand for a year and that year \
         is over.",
        "The clock of this machine or of the server is ahead, so that a credential that still holds \
         counts as expired.",
    ],
    first_steps: &[
        "Read the end date in the finding and compare it with `date -u`: if this machine's clock \
         is ahead, the credential may still hold.",
        "Look at the source: `openssl x509 -noout -enddate -in FILE` for a certificate, `cut -d. \
         -f2 FILE | basenc --base64url -d` for a token.",
        "If the source is newer than what is sent, run `systemctl restart authvigil` to load it \
         again.",
        "If it is not, look at the renewal (`systemctl list-timers`, `kubectl describe \
         certificate`, the agent's log), renew by hand, then mend the job.",
    ],
    rule: "RFC 9110 §15.5.2: the credential was refused; RFC 7519 §4.1.4 and RFC 5280 §4.1.2.5 say \
           that it must be, after its end. `credential_expiring` would have told of it beforehand.",
    related: &["credential_expiring", "credential_rejected", "clock-skew"],
};

pub(super) static CREDENTIAL_FORBIDDEN: Explanation = Explanation {
    code: "credential_forbidden",
    title: "The rightful credential met a 403",
    meaning: "The holder was refused outright instead of being asked to authenticate. Either the \
              credential is genuine and lacks a right, or something before the application turned \
              the request away without looking at it.",
    causes: &[
        "A role, group, scope or policy changed: a challenge with `error=\"insufficient_scope\"` \
         names what is missing.",
        "A web application firewall or CDN refused before the application saw the request, for the \
         monitor's address, country or `User-Agent`; its own headers and page give it away \
         (`cf-ray`, `x-amzn-waf-action`, a reference number in the body).",
        "The monitor's outgoing address changed and is no longer on the allow-list (`allow`, \
         `Require ip`, a policy of the gateway).",
        "nginx cannot find its `auth_basic_user_file`: it then answers 403 to every credential \
         while it still challenges strangers with a 401.",
        "The account is in a state that needs a person: terms to accept, a password to change, a \
         second factor, a licence that ran out.",
        "The request is of a kind that needs more than authentication, such as a `POST` without \
         the token against cross-site requests.",
    ],
    first_steps: &[
        "Find out who answered: compare `Server`, `Via` and the error page with those of a 403 \
         that the application is known to give.",
        "Look at `anonymous` on the same endpoint: 403 there too means that nobody asked for \
         credentials (firewall, address list); a proper 401 there means that the credential was \
         looked at.",
        "Search nginx's error log for `open()` followed by `No such file or directory`, and the \
         firewall's log for the monitor's address at the time of the probe.",
        "Ask the identity provider for the account's present groups and scopes, and for the last \
         change to them.",
        "Repeat the request with the same credential from a workstation; a 200 there leaves \
         address, `User-Agent` and firewall.",
    ],
    rule: "RFC 9110 §15.5.4: 403 says that the server understood and refuses; the credentials are \
           considered insufficient, and repeating them will not help.",
    related: &["forbidden_instead", "credential_rejected", "account_locked"],
};

pub(super) static CREDENTIAL_REDIRECTED: Explanation = Explanation {
    code: "credential_redirected",
    title: "The rightful holder was sent elsewhere instead of let in",
    meaning: "The holder met a redirect, or a login page with a 2xx, where an answer was agreed. A \
              caller who follows may end up with a web page and status 200, or arrive without a \
              credential: clients drop `Authorization` when a redirect leaves the origin.",
    causes: &[
        "A path is tidied before anyone authenticates: `/orders` to `/orders/`, `http` to `https`, \
         or the bare domain to `www`.",
        "Single sign-on was put in front of an interface that authenticates by header; the proxy \
         does not know the credential and starts a login.",
        "The session behind a `login_form` credential is no longer accepted (restarted session \
         store, new signing key for cookies), so that every request counts as a first visit.",
        "The service moved, and the old address now answers with 301 or 308.",
        "A maintenance switch or a consent page takes every request.",
    ],
    first_steps: &[
        "Read `Location` in the evidence and compare it with the configured `url` part by part: \
         scheme, host, port, path.",
        "Only the slash, scheme or host name differs: put the final address into `url`, or set \
         `follow_redirects: same_origin` where the hop is intended.",
        "It leads to a login: ask whether a sign-on proxy is new on this route, and exempt the \
         interface or give the monitor a credential that the proxy knows.",
        "Walk the chain with `curl -sIL URL`, and see on which hop the challenge would have come.",
        "The holder's 2xx is a page with a password field on purpose: say so with a `body` \
         expectation that this page meets.",
    ],
    rule: "RFC 9110 §15.4: a redirect asks for further action, which is not admittance. \
           Credentials go to the configured origin only, so a redirect that leaves it is never \
           followed.",
    related: &["redirected", "login_page", "credential-redirect-foreign"],
};

pub(super) static ACCOUNT_LOCKED: Explanation = Explanation {
    code: "account_locked",
    title: "The account is locked",
    meaning: "The server answered the rightful credential with 423. Further attempts, even correct \
              ones, may lengthen the lock, so probes that show a wrong credential to this endpoint \
              are held back.",
    causes: &[
        "Another client still tries an old password: a forgotten job, a phone, a second \
         environment with last month's secret.",
        "Somebody guesses passwords against this account.",
        "The policy counts failures over all services together, or locks after so few that an \
         ordinary rotation is enough.",
        "A `wrong_password` check runs against an account whose policy cannot bear one failure in \
         15 minutes.",
        "An administrator or an expiry rule locked it on purpose.",
        "On WebDAV the resource is locked, not the account: the body then names \
         `lock-token-submitted`.",
    ],
    first_steps: &[
        "Do not try the password by hand; each attempt counts.",
        "Find the source of the failures at the place that keeps the count: event 4740 on a domain \
         controller, `faillock --user USER`, the login events of the identity provider.",
        "Stop that source first, then unlock; the other way round it locks again within minutes.",
        "Read the policy's threshold and window, and take `wrong_password` out of `checks` if it \
         does not leave room for one failure a quarter of an hour.",
        "Give the monitor an account of its own, so that a locked user and a locked monitor are \
         two things.",
    ],
    rule: "RFC 4918 §11.3: 423 says that the source or destination is locked; login services use \
           it for accounts. After a 423, probes with credentials to be refused wait five minutes, \
           doubling to an hour.",
    related: &["credential_rejected", "rate_limited", "not_probed"],
};

pub(super) static TOKEN_UNAVAILABLE: Explanation = Explanation {
    code: "token_unavailable",
    title: "No token or session could be obtained",
    meaning: "The token endpoint or the login form did not give what the probe needs, so the \
              endpoint itself was not asked. One broken identity provider makes this finding for \
              every check that depends on it, and one incident: that of the check \
              `token.CREDENTIAL/token`, which names them. The endpoints behind may be in order.",
    causes: &[
        "The identity provider, or the way to it, is down: every credential with this token \
         endpoint fails at once.",
        "The client's secret expired or was replaced: `invalid_client`, a 401 from the token \
         endpoint, or a provider's own code such as `AADSTS7000222`.",
        "The client lost a permission: `unauthorized_client` (the grant is switched off) or \
         `invalid_scope` (a scope was renamed or withdrawn).",
        "The provider throttles the client or the address.",
        "The login form changed: a field has another name, a one-time value is missing, a captcha \
         or a second factor has been added.",
    ],
    first_steps: &[
        "Read the `error` in what was seen; RFC 6749 §5.2 has six of them, and each names the \
         party who must act.",
        "Ask the token endpoint by hand: `curl -si -u CLIENT_ID -d grant_type=client_credentials \
         TOKEN_URL` prompts for the secret and shows the whole answer.",
        "See how many credentials fail: all with this `token_url`, look at the provider's status \
         page and at the route there; one alone, look at its client registration.",
        "Check the route from this machine (`getent ahosts HOST`, `openssl s_client -connect \
         HOST:443 -servername HOST`): the token endpoint often lies on another network than the \
         endpoint.",
        "For a form, save the page with `curl -s -c jar URL` and compare its `name=` attributes \
         with `fields` and `secret_field`.",
    ],
    rule: "RFC 6749 §5.2: the token endpoint answers an error with 400 and an `error` code, or \
           with 401 for a client that failed to authenticate. Without its token a probe is not \
           sent.",
    related: &["credential_rejected", "secret_unavailable", "timeout"],
};
