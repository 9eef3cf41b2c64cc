//! Pages of the class `outage`: the TLS handshake.

use super::Explanation;

pub(super) static TLS_FAILURE: Explanation = Explanation {
    code: "tls_failure",
    title: "The TLS handshake failed",
    meaning: "The two sides could not agree on an encrypted connection, for a reason other than \
              the trust in a certificate. No request and no credential were sent.",
    causes: &[
        "The port does not speak TLS: plain HTTP, a mail or database server, or a proxy in front \
         that expects a PROXY protocol line first.",
        "The server does not know the name: it has no certificate for the SNI that was sent and \
         aborts with `unrecognized_name`.",
        "The server offers only what this program cannot speak: TLS 1.0 or 1.1, RSA key exchange, \
         CBC or finite-field suites; or `min_version` asks for more than the server has.",
        "The server's own key material is broken or missing since the last renewal, so that it \
         fails every handshake.",
        "A device in between closes handshakes that it does not understand or allow.",
    ],
    first_steps: &[
        "Read the alert or error in what was seen: `handshake_failure` and `protocol_version` are \
         about versions and suites, `unrecognized_name` about the name, `InvalidContentType` about \
         a port that is not TLS.",
        "Try it with a second implementation: `openssl s_client -connect HOST:PORT -servername \
         HOST </dev/null`, then with `-tls1_2` and `-tls1_3`.",
        "Check for plain HTTP on the port: `curl -si http://HOST:PORT/`.",
        "Look at the server's error log for the handshake, and at its certificate and key pair \
         (`nginx -t`, `apachectl configtest`).",
    ],
    rule: "RFC 8446 §6.2: an error alert ends the handshake at once. This program speaks TLS 1.2 \
           with modern suites and TLS 1.3, nothing older.",
    related: &["certificate_invalid", "tls_refused", "connection_reset"],
};

pub(super) static TLS_REFUSED: Explanation = Explanation {
    code: "tls_refused",
    title: "The server refused the client certificate, or its absence",
    meaning: "The handshake ended because the server wants a client certificate that it trusts. \
              Where that is the agreed way to keep strangers out, `tls_refused` belongs into the \
              check's `status`, as it does by default for `client_certificate`.",
    causes: &[
        "The server began to require a client certificate, and the endpoint has no \
         `client_certificate` credential.",
        "The certificate has expired or been revoked.",
        "The server's list of trusted issuers changed (`ssl_client_certificate`, \
         `SSLCACertificateFile`, a trust store) and no longer holds this issuer.",
        "`cert_file` holds the leaf alone, and the server lacks the intermediate to build a path.",
        "The certificate is not made for clients: its extended key usage lacks `clientAuth`, which \
         many public authorities no longer issue.",
    ],
    first_steps: &[
        "Read the alert: `certificate_required` means none was sent, `unknown_ca` an untrusted \
         issuer, `certificate_expired` and `certificate_revoked` speak for themselves.",
        "Look at what is presented: `openssl x509 -noout -subject -issuer -enddate -ext \
         extendedKeyUsage -in FILE`, and count the blocks in `cert_file`.",
        "See whom the server accepts: `openssl s_client -connect HOST:PORT -servername HOST \
         </dev/null` lists the \"Acceptable client certificate CA names\".",
        "Prove the pair by hand: `curl -v --cert FILE --key FILE URL`; under TLS 1.3 the refusal \
         comes only after the request was sent.",
    ],
    rule: "RFC 8446 §6.2: `certificate_required`, `bad_certificate`, `unknown_ca` and their kin \
           tell a client that its certificate, or the lack of one, is the fault. Some servers, \
           nginx among them, finish the handshake and answer 400 instead.",
    related: &["tls_failure", "credential_expired", "unexpected_status"],
};

pub(super) static CERTIFICATE_INVALID: Explanation = Explanation {
    code: "certificate_invalid",
    title: "The server's certificate does not hold",
    meaning: "The server proved an identity that is not acceptable for this name and time. Clients \
              turn away, and this monitor sends neither request nor credential.",
    causes: &[
        "It has expired: renewed on disk and not loaded, or not renewed at all.",
        "It speaks for another name: the default virtual host answered, a new host name is missing \
         from the certificate, or the name stands only in the common name, which no longer counts.",
        "The chain is incomplete: the server does not send the intermediate, which browsers often \
         fetch by themselves and programs do not.",
        "The issuer is private, and the endpoint has no `tls_config.ca_file`, or the private \
         authority was renewed.",
        "A proxy that opens TLS traffic stands in between and signs with its own authority.",
        "It is not valid yet, or this machine's clock is wrong.",
    ],
    first_steps: &[
        "Look at what is served, not at what lies on disk: `openssl s_client -connect HOST:PORT \
         -servername HOST </dev/null | openssl x509 -noout -subject -issuer -dates -ext \
         subjectAltName`.",
        "Disk newer than served means that a reload is missing: `systemctl reload nginx`, \
         `apachectl graceful`, a new rollout of the ingress.",
        "Count what is sent with `-showcerts`: a single certificate that is not self-signed lacks \
         its intermediate; install the full chain.",
        "Ask every address of the name (`-connect ADDRESS:PORT`): one member that missed the \
         renewal fails for a part of the callers.",
        "An issuer that nobody ordered, seen from this network only, is a TLS-opening proxy or an \
         attack; compare from outside before trusting it with `ca_file`.",
    ],
    rule: "RFC 5280 §6: a path from the certificate to a trusted authority must hold in signature, \
           time and purpose, and RFC 9525 §6 wants the name among the subject alternative names.",
    related: &["certificate_expiring", "tls_failure", "clock-skew"],
};
