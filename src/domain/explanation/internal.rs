//! Pages of the class `internal`: this monitor could not do its work.

use super::Explanation;

pub(super) static SECRET_UNAVAILABLE: Explanation = Explanation {
    code: "secret_unavailable",
    title: "A secret could not be read, so the probe was not sent",
    meaning: "The file or variable that holds a secret is missing, unreadable, empty or not fit to \
              be sent. Nothing was sent in its place: no empty password, no placeholder, no \
              request without credentials that could be taken for a refusal.",
    causes: &[
        "The service was started without its credential: the unit has no `LoadCredential=` for \
         this name, or `$CREDENTIALS_DIRECTORY` is unset because the program was started by hand.",
        "The user that runs the daemon may not read the file, or a directory above it (with \
         `DynamicUser=` this is the rule), or a sandbox such as `ProtectHome=` or a container \
         hides it.",
        "The path is wrong: relative paths are relative to the file that names them, not to the \
         working directory.",
        "A rotation writes in place, and the file was empty or gone at the moment of the probe.",
        "What is there cannot be used: an encrypted or foreign kind of key, a certificate file \
         that is not PEM, a secret with a line break in its middle.",
        "The variable is set in a shell and not in the unit (`Environment=`, `EnvironmentFile=`).",
    ],
    first_steps: &[
        "Read which file or variable is named in the finding; `authvigil validate` does not count \
         a missing secret as a fault.",
        "Look along the whole path with `namei -l FILE`, and try it as the service does: `sudo -u \
         authvigil head -c 0 FILE`.",
        "Ask systemd what it hands over: `systemctl show -p LoadCredential -p User -p ProtectHome \
         authvigil`, and `journalctl -u authvigil -n 50` for a credential that could not be \
         loaded.",
        "For a client certificate, `openssl x509 -noout -pubkey -in CERT_FILE` and `openssl pkey \
         -pubout -in KEY_FILE` must print the same key without asking for a passphrase.",
        "Make rotations replace the file by a rename in the same directory; then there is never a \
         moment without it.",
    ],
    rule: "Fail closed: nothing is sent without its secret. A monitor that sent an empty one would \
           see a 401 and call a lock healthy that it never tested.",
    related: &["token_unavailable", "probe_failed", "credential_rejected"],
};

pub(super) static NOT_PROBED: Explanation = Explanation {
    code: "not_probed",
    title: "There is no recent verdict",
    meaning: "The last verdict of this check is older than three intervals, or the probe is held \
              back to spare an account. What the check last said may no longer be true.",
    causes: &[
        "The server answered 423 or 429, and probes with credentials to be refused wait, from five \
         minutes doubling to an hour, or as long as `Retry-After` says.",
        "The holder's password was rejected four times within 15 minutes; from then on it is tried \
         once a quarter of an hour, until one is accepted or the secret changes.",
        "More refused checks share an origin than one a second can serve within \
         `refused_interval`.",
        "The schedule is late: too little CPU, too many slow servers at once, or a machine that \
         was suspended.",
        "In a `check` run, the wait for its turn was cut short by a 423 or 429 to any persona of \
         the endpoint.",
    ],
    first_steps: &[
        "Look at `held_until` of the check in `/api/v1/status`, and at \
         `authvigil_probes_skipped_total` by cause.",
        "Held back by the server's answer: read the pages `rate_limited` or `account_locked`, and \
         mend what the limit counts.",
        "Held back by rejections: put the right secret in place; the change of its bytes frees it \
         at once.",
        "Nothing held: look at `authvigil_schedule_lag_seconds` and at the daemon's CPU, then \
         lengthen `interval` or shorten `timeout`.",
    ],
    rule: "Safety for accounts: probes that show a credential to be refused are paced, and obey \
           what the server asks. What was not asked is reported as unknown, never as passed.",
    related: &["rate_limited", "account_locked", "credential_rejected"],
};

pub(super) static PROBE_FAILED: Explanation = Explanation {
    code: "probe_failed",
    title: "The monitor could not carry out the probe",
    meaning: "Something on this side failed before the server could be blamed: a resource, a file \
              of this monitor, or its code. The check has no verdict until it is mended.",
    causes: &[
        "The process may open no more files: each probe in flight needs a descriptor.",
        "An impostor cannot be made of its credential: `tampered`, `unsigned` and `truncated` need \
         a token, and `unsigned` a JWT.",
        "The file of an `expired` holds a token that has not expired yet, or that of a `token_file` \
         the holder's own: such a token must be let in.",
        "A Digest credential had nothing to answer: the server offers no Digest any more, or only \
         with an algorithm or `qop` that nobody knows.",
        "A fault in this program.",
    ],
    first_steps: &[
        "Read the detail of the finding and the log at that second: `journalctl -u authvigil \
         --since -10min`.",
        "Count what it holds: `sudo ls /proc/$(pidof authvigil)/fd | wc -l` against `grep 'open files' \
         /proc/$(pidof authvigil)/limits`; raise `LimitNOFILE=` if they are close.",
        "For an impostor, see whether the token has the three parts of a JWT: `tr -cd . < FILE | \
         wc -c` must print 2.",
        "Run `authvigil check NAME` by hand; if it fails there as well with an error that names \
         none of these, report it with the detail, which holds no secret.",
    ],
    rule: "A fault of this monitor or its configuration is never charged to the server: the \
           verdict is `unknown`, and no incident of another class is opened or closed.",
    related: &["secret_unavailable", "not_probed"],
};
