//! Pages of the class `outage`: what came, or did not come, over a connection that stood.

use super::Explanation;

pub(super) static TIMEOUT: Explanation = Explanation {
    code: "timeout",
    title: "No whole answer in time",
    meaning: "TCP was connected, and the handshake or the head of an answer did not come before \
              `timeout` ran out. The phases say where the time went.",
    causes: &[
        "What verifies credentials hangs: a directory, a token introspection, a session store; \
         then `anonymous` is fast and the holder is slow.",
        "The service behind is overloaded, waits for a lock, or has run out of workers or database \
         connections.",
        "A proxy waits for a member that does not answer, and its own limit is longer than the one \
         here.",
        "The server delays on purpose after failed logins; then only the checks to be refused are \
         slow.",
        "Large packets vanish on the way (a tunnel with a smaller MTU and no ICMP): small \
         exchanges work, the certificate or the answer never arrives.",
        "`timeout` is shorter than the endpoint ever was.",
    ],
    first_steps: &[
        "Read the phases: `tls` long is network or handshake, `processing` long is the \
         application, `transfer` long is the body or the path.",
        "Compare the checks of the endpoint: holder alone, look at what verifies; refused ones \
         alone, look for a deliberate delay; all, look at the service.",
        "Measure it from a second place: `curl -so /dev/null -w '%{time_connect} \
         %{time_appconnect} %{time_starttransfer} %{time_total}\\n' URL`.",
        "On the proxy, compare `$request_time` with `$upstream_response_time` for the request; on \
         the service, look at its thread, connection-pool and slow-query figures.",
        "Test the packet size with `ping -M do -s 1472 HOST`; if that fails and `-s 1300` works, \
         lower the MTU or let ICMP through.",
    ],
    rule: "Setting `timeout`: it covers everything from name resolution to the last byte of a \
           probe's whole chain. A body that stalls after a complete head counts only where a \
           `body` expectation needed it.",
    related: &["too_slow", "connect_timeout", "token_unavailable"],
};

pub(super) static PROTOCOL_ERROR: Explanation = Explanation {
    code: "protocol_error",
    title: "What came back is not HTTP",
    meaning: "Bytes arrived that cannot be read as an answer: no status line, a broken header \
              section, or lengths that contradict each other. A client may hang, guess, or read it \
              in two different ways.",
    causes: &[
        "Another service listens there, and its greeting was read as an answer.",
        "The two sides differ on the transport: plain HTTP to a TLS port, HTTP/2 where only \
         HTTP/1.1 is spoken, or the reverse.",
        "The application writes its header by hand: a line without a colon, a line break inside a \
         value, a name with a space.",
        "Two parts of the chain each set the length, and the values differ.",
    ],
    first_steps: &[
        "Look at the first bytes: `printf 'GET / HTTP/1.1\\r\\nHost: HOST\\r\\nConnection: \
         close\\r\\n\\r\\n' | nc HOST PORT | head -c 300 | xxd`; over TLS pipe the same into \
         `openssl s_client -quiet -connect HOST:PORT`.",
        "Try both versions, `curl -v --http1.1 URL` and `curl -v --http2 URL`; where only one \
         works, set `http_version` until the server is mended.",
        "Ask the application behind the proxy directly: whose line is broken there is the author.",
        "Treat two different `Content-Length` values, or one beside `Transfer-Encoding`, as a \
         security fault: requests can be smuggled past whatever stands in front.",
    ],
    rule: "RFC 9112 §2.2: a message starts with a status line and has a header section of \
           well-formed lines; RFC 9112 §6.3 makes contradictory lengths unrecoverable.",
    related: &["connection_reset", "tls_failure", "response_too_large"],
};

pub(super) static RESPONSE_TOO_LARGE: Explanation = Explanation {
    code: "response_too_large",
    title: "The answer is beyond what is read",
    meaning: "The header section is beyond reason (64 KiB is still read whole), or the body went \
              on past `body_size_limit` before an expectation could be decided. A long body by \
              itself is no finding.",
    causes: &[
        "A `body` expectation looks for something that comes late, or is of the kind `json` or \
         `not_matches`, which need the whole body.",
        "The endpoint began to return more: a list without paging, an export, an error page with a \
         full trace.",
        "The header section grows: a cookie set again on every hop, a policy header generated per \
         asset, a loop between two proxies that each add a line.",
        "The server streams without end.",
    ],
    first_steps: &[
        "Measure both parts: `curl -sD - -o /dev/null URL | wc -c` for the head, `curl -s URL | wc \
         -c` for the body.",
        "For the body: probe a smaller resource, ask for less (`?limit=1`), look for something \
         nearer to the start, or raise `body_size_limit` on the endpoint.",
        "For the head: count the lines by name with `curl -sD - -o /dev/null URL | cut -d: -f1 | \
         sort | uniq -c | sort -rn | head`.",
    ],
    rule: "Setting `body_size_limit`: a body is read up to 64 KiB unless configured otherwise, so \
           that a hostile or broken server costs bounded memory. What was cut off is never guessed \
           at.",
    related: &["body_mismatch", "protocol_error"],
};

pub(super) static SERVER_ERROR: Explanation = Explanation {
    code: "server_error",
    title: "The server answered 5xx",
    meaning: "The server, or a proxy in its name, failed while it handled the request. That is an \
              outage and says nothing about the lock: it neither opens nor closes an incident of \
              another class.",
    causes: &[
        "The proxy is up and the application is not: 502 (refused or broken), 503 (no healthy \
         member), 504 (too slow).",
        "What verifies credentials is broken, and only requests that carry one fail: Apache logs \
         `AH01620: Could not open password file`, nginx cannot read its user file (`Permission \
         denied`), the directory or key set cannot be fetched.",
        "An authentication subrequest gave a status it may not give: nginx `auth_request` turns \
         everything but 2xx, 401 and 403 into a 500 and logs `auth request unexpected status`.",
        "The path asks for a user without saying how: Apache answers 500 with `AH00027` where \
         `Require valid-user` stands without an `AuthType`.",
        "A deployment, a migration or a maintenance mode is under way.",
        "The application throws on this request, on some of its replicas or on all.",
    ],
    first_steps: &[
        "Read the status: 502 to 504 come from a proxy or load balancer, so look at its members; \
         500 comes from whoever `Server` names.",
        "Compare the checks: `anonymous` with a proper 401 and the holder with a 500 means that \
         the verification is broken, not the service.",
        "Read the error log at that second: `journalctl -u UNIT --since -10min`, the proxy's \
         `error.log`, and the trace by the request's id where the answer carries one.",
        "Look for a deployment or a configuration change in the last half hour, and for \
         `Retry-After`, which announces a planned pause.",
    ],
    rule: "RFC 9110 §15.6: 5xx says that the server is aware that it erred or cannot perform the \
           request. What an outage hides is unknown, so the verdict is `unknown`.",
    related: &["connect_refused", "timeout", "token_unavailable"],
};

pub(super) static RATE_LIMITED: Explanation = Explanation {
    code: "rate_limited",
    title: "The server answered 429",
    meaning: "Somebody between here and the application counts requests and refused this one. \
              Nothing was learnt about the lock; probes that show a credential to be refused now \
              wait, those of `anonymous` and of the holder go on.",
    causes: &[
        "The limit counts failed logins, and the probes with made-up credentials add up over the \
         checks and monitors that share an address.",
        "The limit is per address, and the monitor shares one with other machines behind a NAT or \
         proxy.",
        "The limit is per credential, and the holder is used by something busier than this \
         monitor.",
        "`interval` is shorter than the plan or policy of the service allows.",
        "The service is under load or attack and has lowered its limits for everyone.",
    ],
    first_steps: &[
        "Read `Retry-After` and any `RateLimit` or `X-RateLimit-Remaining` header: they tell who \
         counts, over which window, and what is left.",
        "See which check met it first: `invalid` or an impostor points at a counter of failures, \
         the holder at a quota of the credential, `anonymous` at a limit by address.",
        "Count what this monitor sends: `rate(authvigil_probes_total{endpoint=\"NAME\"}[15m])` \
         over all its checks and instances.",
        "Lengthen `refused_interval` or `interval` for the endpoint, or have the `User-Agent` \
         `authvigil/` and the monitor's address exempted from the limit; never from \
         authentication.",
    ],
    rule: "RFC 6585 §4: 429 says that too many requests were sent in a given time, and may say in \
           `Retry-After` how long to wait. That is obeyed for up to an hour; without it the wait \
           starts at five minutes and doubles to an hour.",
    related: &["account_locked", "not_probed", "connect_timeout"],
};
