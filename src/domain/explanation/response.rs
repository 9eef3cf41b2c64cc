//! Pages of the class `response`: everything else that was agreed of an answer.

use super::Explanation;

pub(super) static HEADER_MISMATCH: Explanation = Explanation {
    code: "header_mismatch",
    title: "A header is not as expected",
    meaning: "The status was judged apart from this; a header that the check relies on is missing, \
              says something else, or is there although it must not be.",
    causes: &[
        "In nginx, a block with an `add_header` of its own inherits none of those from the level \
         above.",
        "It is set for successes only: nginx `add_header` without `always` and Apache `Header set` \
         without `always` leave it off errors.",
        "A proxy or CDN strips, renames or merges it.",
        "A release changed its value, or the value was never constant.",
        "The expectation is stricter than meant: text without `~` is compared whole, and letter \
         case counts in values.",
    ],
    first_steps: &[
        "See all its lines as they arrive: `curl -si URL | grep -i '^NAME:'`; any one of several \
         lines may satisfy a positive expectation, and none may match a `!~` one.",
        "Compare edge and origin to find out who changed it: `curl -si --resolve HOST:443:ORIGIN \
         URL`.",
        "Look for the block that answers this path in what is in force: `nginx -T`, or the files \
         that `apachectl -t -D DUMP_INCLUDES` lists.",
        "If the new value is right, change `headers:`; `~` before a regular expression accepts \
         what varies.",
    ],
    rule: "Expectation `headers`: each named header must be exactly this, match or not match a \
           regular expression, be present, or be absent. Names are compared without case, and \
           every field line is looked at.",
    related: &["body_mismatch", "cacheable", "challenge_mismatch"],
};

pub(super) static BODY_MISMATCH: Explanation = Explanation {
    code: "body_mismatch",
    title: "The body is not as expected",
    meaning: "The status may be right, yet the content is not what this caller should meet. For a \
              holder it can be an error dressed as success; for a stranger it can be more than a \
              refusal should tell.",
    causes: &[
        "An error is reported inside a 200: `{\"error\": …}`, an empty list, a page that says \
         \"please log in\".",
        "Something else answers with a 2xx: a maintenance page, a robot check of the CDN, the \
         default virtual host.",
        "The data changed legitimately, because the expectation names something that does not \
         last.",
        "The type changed and the look did not: `1` and `\"1\"` are different JSON values.",
        "The server compresses without being asked, so that no text can be found in the bytes.",
    ],
    first_steps: &[
        "Fetch the body as the check does, with the same credential: `curl -s URL | head -c 600`, \
         and read what it says rather than what it lacks.",
        "Look at `Content-Type` and `Content-Encoding`: HTML where JSON is due means that another \
         component answers.",
        "Test the expression alone: `curl -s URL | grep -c 'TEXT'` or `curl -s URL | jq 'PATH'`.",
        "Choose a mark that only a true success carries and that outlives its data, such as a \
         field's name or a schema version.",
    ],
    rule: "Expectation `body`: `contains`, `matches`, `not_matches` and `json` are decided on what \
           was read, up to `body_size_limit`. The body is matched and never shown.",
    related: &["response_too_large", "header_mismatch", "login_page"],
};

pub(super) static TOO_SLOW: Explanation = Explanation {
    code: "too_slow",
    title: "The answer took longer than agreed",
    meaning: "The verdict on the lock stands; the time is beyond `max_duration`. Each probe uses a \
              new connection, so it pays for name resolution, TCP and TLS every time, as the first \
              request of a client does.",
    causes: &[
        "Verifying the credential is dear: a higher bcrypt or Argon2 cost, a directory or \
         introspection call for each request, a full scan of a user file.",
        "The service or its database is busier than usual, or was started a moment ago.",
        "A resolver or one name server in its list is slow.",
        "The network path is longer: another region, a tunnel, a failover site.",
        "The limit was set from a warm connection and leaves no room for a handshake.",
    ],
    first_steps: &[
        "Split the time by phase: `authvigil_http_duration_seconds` has `resolve`, `connect`, \
         `tls`, `processing` and `transfer` for the last probe.",
        "Compare `processing` of the holder with that of `anonymous`: the difference is the price \
         of the verification.",
        "Look when it began, in a graph of a week, and lay deployments over it.",
        "If the phases before `processing` dominate, look at resolver and path; the application is \
         not at fault.",
    ],
    rule: "Expectation `max_duration`: from the start of the probe to the last byte that was read. \
           The harder limit is `timeout`, after which there is no verdict at all.",
    related: &["timeout", "dns_failure"],
};

pub(super) static CERTIFICATE_EXPIRING: Explanation = Explanation {
    code: "certificate_expiring",
    title: "A certificate will expire soon",
    meaning: "One certificate of the chain that the server sends reaches its end within the \
              horizon. It still holds; on that day every client that verifies turns away at once.",
    causes: &[
        "The renewal has failed for some time and nobody saw it: the validation cannot reach the \
         host, a DNS credential expired, a rate limit was met.",
        "It was renewed on disk and the server was not reloaded.",
        "One member behind the load balancer missed the new certificate.",
        "An intermediate or a private authority ends first, before the server's own certificate.",
        "It is renewed by hand, once a year, by somebody.",
    ],
    first_steps: &[
        "See what is served and until when: `openssl s_client -connect HOST:PORT -servername HOST \
         -showcerts </dev/null | openssl x509 -noout -subject -enddate`.",
        "Look at the renewal: `certbot certificates`, `systemctl list-timers | grep -i -e certbot \
         -e acme`, `kubectl get certificates -A`.",
        "If the file on disk is newer, reload the server, and add the reload to the renewal's \
         hook.",
        "Ask every address of the name for its end date; they should agree.",
        "The horizon is 14 days or a quarter of the certificate's lifetime, whichever is less; \
         `certificate_min_remaining` sets another.",
    ],
    rule: "RFC 5280 §4.1.2.5: a certificate is valid up to and including `notAfter`, and not after \
           it.",
    related: &["certificate_invalid", "credential_expiring"],
};

pub(super) static CREDENTIAL_EXPIRING: Explanation = Explanation {
    code: "credential_expiring",
    title: "The credential will expire soon",
    meaning: "The token or client certificate that this monitor presents is accepted today and \
              carries an end date within the horizon. Other callers with a credential of the same \
              age are likely near theirs.",
    causes: &[
        "The renewal is due and has not run.",
        "The renewed one exists but is not what is loaded here.",
        "The credential has no owner and no renewal at all.",
        "The clock of this machine is ahead, so that the end looks nearer than it is.",
        "The issuer shortened the lifetime, and the renewal still works to the old rhythm.",
    ],
    first_steps: &[
        "Read the date: `authvigil_credential_expiry_timestamp_seconds` by credential, or the \
         finding itself.",
        "Compare `date -u` with the time of another machine, then look when the renewal last ran and \
         when it is due.",
        "Issue a new one and put it in place of the file in one move (`mv` within a file system), \
         so that no half-written secret is read.",
        "With `LoadCredential=`, restart the service afterwards: systemd made its copy at the \
         start.",
        "Watch `authvigil_credential_last_accepted_timestamp_seconds` move on, then revoke the old \
         one and keep it as a `token_file` check that must be refused.",
    ],
    rule: "RFC 7519 §4.1.4: a token must not be accepted at or after its `exp`; for client \
           certificates RFC 5280 §4.1.2.5 says the same of `notAfter`.",
    related: &["credential_expired", "certificate_expiring"],
};

pub(super) static CACHEABLE: Explanation = Explanation {
    code: "cacheable",
    title: "A shared cache may keep what only the holder should see",
    meaning: "The answer that the holder met is marked for shared caches, or came out of one. The \
              next caller can be handed this copy without being asked who they are, and no log of \
              the application will show it.",
    causes: &[
        "A rule for static files covers the interface as well: `expires 1h`, `Cache-Control: \
         public` for a whole server or path.",
        "The CDN is told to cache everything and ignores both `Authorization` and cookies.",
        "`s-maxage` was added to take load off, for a resource that later came under the lock.",
        "The framework marks responses as public by default for `GET`.",
    ],
    first_steps: &[
        "Prove or rule out the leak now: fetch with the credential, then at once without, and \
         compare (`curl -si URL | grep -i -e '^HTTP' -e '^age' -e cache`); a 2xx to the second is \
         `anonymous_admitted`.",
        "Send `Cache-Control: private, no-store` from the application for everything behind the \
         lock, on errors too.",
        "Purge the path at the CDN after the header is right; before that it fills again.",
        "Do not rely on `Vary: Authorization`: many CDNs ignore it.",
    ],
    rule: "RFC 9111 §3.5: a shared cache must not reuse the answer to a request with \
           `Authorization` unless the answer allows it by `public`, `s-maxage` or \
           `must-revalidate`. An `Age` above 0 says that one did.",
    related: &[
        "anonymous_admitted",
        "cache-control-missing",
        "cached-refusal",
    ],
};

pub(super) static AUTHENTICATION_INFO_MISMATCH: Explanation = Explanation {
    code: "authentication_info_mismatch",
    title: "The server's proof that it knows the password is wrong",
    meaning: "The holder was admitted by Digest, and the server's own digest in \
              `Authentication-Info` is not the one that follows from the password. Either the \
              server computes it wrongly, or what answered does not know the password.",
    causes: &[
        "A proxy rewrites the path, so that server and client compute over different `uri` values.",
        "The implementation is wrong in a corner: `auth-int`, a `-sess` algorithm, a quoted `nc`, \
         SHA-512-256 confused with another variant.",
        "Several workers share neither nonce nor counter, and one of them answers for another.",
        "Something in between accepts anybody and passes on, or makes up, the answer.",
    ],
    first_steps: &[
        "Read which field differs: `cnonce` or `nc` not echoed is a state problem, `rspauth` alone \
         a computation or a missing secret.",
        "Ask the server directly, behind the proxy; if the proof holds there, the path rewriting \
         in front is the cause.",
        "Compare the certificate's fingerprint with the last good answer, to rule out another \
         server under this name.",
        "Reduce the offer to one algorithm with `qop=\"auth\"` and see whether the proof then \
         holds.",
    ],
    rule: "RFC 7616 §3.5: with a `qop`, the answer carries `rspauth`, computed from the password \
           and the answer's own parts, and echoes `cnonce` and `nc`; a client that verifies must \
           find them right.",
    related: &[
        "invalid_admitted",
        "certificate_invalid",
        "digest-qop-missing",
    ],
};
