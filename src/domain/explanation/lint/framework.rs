//! Pages of the lints on challenges of every scheme (RFC 9110).

use crate::domain::explanation::Explanation;

/// The pages, in the order of the lints.
pub(super) static PAGES: [Explanation; 12] = [
    Explanation {
        code: "no-challenge",
        title: "The challenge field holds no challenge",
        meaning: "A `WWW-Authenticate` or `Proxy-Authenticate` line came with a 401 or 407, and \
                  nothing in it names a scheme. Clients treat that as no invitation at all.",
        causes: &[
            "The value is empty, or holds commas and spaces only: a template whose variable was \
             not set.",
        ],
        first_steps: &[
            "Look for the variable that should have filled it, in the template or `values.yaml` \
             that the header is made from.",
            "Write at least `Basic realm=\"NAME\"` or `Bearer realm=\"NAME\"`, or leave the field \
             to the framework.",
        ],
        rule: "RFC 9110 §15.5.2: a 401 must carry at least one challenge that applies to the \
               resource.",
        related: &["challenge_missing", "challenge_malformed"],
    },
    Explanation {
        code: "empty-element",
        title: "Empty elements in a list",
        meaning: "The list holds commas with nothing between them, as in `a=1,,b=2` or a comma at \
                  the end. Recipients must accept it, but simple clients stop at the gap and lose \
                  what follows.",
        causes: &[
            "A loop writes a separator after every parameter, or writes a parameter that has no \
             value.",
        ],
        first_steps: &[
            "Join only what is there, with one comma between two parameters; most languages have a \
             `join` for it.",
        ],
        rule: "RFC 9110 §5.6.1.1: a sender must not generate empty list elements.",
        related: &["orphan-param-line", "bws"],
    },
    Explanation {
        code: "dup-param",
        title: "A parameter occurs twice in one challenge",
        meaning: "Some clients take the first value, some the last, and some refuse the challenge. \
                  With two realms, the same server asks different clients for different passwords.",
        causes: &[
            "Two layers each add their own, such as a framework's default realm beside a \
             configured one.",
        ],
        first_steps: &[
            "Keep one of them; in Spring set `realmName` instead of adding a header, in Apache \
             give `AuthName` once per section.",
        ],
        rule: "RFC 9110 §11.2: each parameter name must occur only once in a challenge, whatever \
               its letter case.",
        related: &["challenge_malformed", "digest-same-algorithm"],
    },
    Explanation {
        code: "bws",
        title: "White space around an equals sign",
        meaning: "Recipients must accept `realm = \"x\"`, but many hand-written ones look for \
                  `realm=` and find nothing.",
        causes: &["The field is written by hand, in the style of the surrounding source code."],
        first_steps: &["Remove the white space: `realm=\"x\"`."],
        rule: "RFC 9110 §5.6.3: white space of this kind is tolerated from others and must not be \
               sent.",
        related: &["empty-element", "needless-escape"],
    },
    Explanation {
        code: "needless-escape",
        title: "A backslash where none is needed",
        meaning: "A character other than `\"` or `\\` is escaped. Correct clients drop the \
                  backslash; others keep it, and then show or compare another realm.",
        causes: &[
            "The value was escaped for another language, often JSON or a shell, before it was put \
             into the header.",
        ],
        first_steps: &["Escape for the header alone, and only `\"` and `\\`."],
        rule: "RFC 9110 §5.6.4: a sender should not escape what needs no escaping.",
        related: &["challenge_mismatch", "realm-not-quoted"],
    },
    Explanation {
        code: "token68",
        title: "One opaque word where parameters belong",
        meaning: "The scheme is followed by a bare word, and the scheme is not one that defines \
                  such a form. Clients cannot know what the word stands for.",
        causes: &[
            "A parameter lost its name, as in `Basic restricted` for `Basic realm=\"restricted\"`.",
        ],
        first_steps: &["Name the parameter: `Scheme name=\"value\"`."],
        rule: "RFC 9110 §16.4.2: the form is meant for schemes that had it before; new ones use \
               `name=value` parameters.",
        related: &["bearer-token68", "challenge_malformed"],
    },
    Explanation {
        code: "orphan-param-line",
        title: "A field line starts with a parameter",
        meaning: "Joined with the line before it, the field makes sense; read line by line, as \
                  many clients do, this line has no scheme and is lost.",
        causes: &[
            "A proxy, or a function that adds one header per list element, split a challenge at \
             its commas.",
        ],
        first_steps: &[
            "Send each challenge whole on a line of its own; look for an `addHeader` in a loop, or \
             for the proxy that splits.",
        ],
        rule: "RFC 9110 §5.3: several lines of one field are equal to one comma-joined line, which \
               a sender may rely on and many readers forget.",
        related: &["multi-on-one-line", "challenge_malformed"],
    },
    Explanation {
        code: "multi-on-one-line",
        title: "Several challenges on one field line",
        meaning: "The comma separates both parameters and challenges, and some clients take the \
                  second scheme for a parameter of the first. They then see one challenge, or \
                  none.",
        causes: &[
            "A proxy or gateway merges equal header names into one line.",
            "The application writes the list itself.",
        ],
        first_steps: &[
            "Send one `WWW-Authenticate` line for each challenge: repeat `add_header … always` \
             beside the `return 401` in nginx, or call `res.append()` once for each in Express.",
        ],
        rule: "RFC 9110 §11.6.1: the form is allowed, and the standard itself warns that it is \
               hard to parse.",
        related: &["unknown-scheme-first", "orphan-param-line"],
    },
    Explanation {
        code: "unknown-scheme-first",
        title: "An uncommon scheme stands first",
        meaning: "Many clients read the first challenge only, or stop at a scheme that they do not \
                  know. Those see no way to log in although one follows.",
        causes: &["The order is that of registration in the framework, which nobody chose."],
        first_steps: &[
            "Put the scheme that most clients speak, such as `Basic` or `Bearer`, first and on a \
             field line of its own, unless a stronger one must come before it.",
        ],
        rule: "RFC 9110 §11.3: a client should pick the most secure scheme that it understands, \
               and the order has no meaning of its own; deployed clients are less patient.",
        related: &["multi-on-one-line", "scheme-unregistered"],
    },
    Explanation {
        code: "scheme-unregistered",
        title: "The scheme is not registered",
        meaning: "The name is not in IANA's registry of authentication schemes. Clients outside \
                  this house will not know what to send.",
        causes: &[
            "A private scheme (`ApiKey`, `Token`, `Key`), or a well-known one renamed (`xBasic`) \
             to keep the browser's dialog away.",
        ],
        first_steps: &[
            "If the callers are all one's own, leave it and name it in `challenge:`.",
            "For others offer `Bearer` beside it, and document the private one.",
        ],
        rule: "RFC 9110 §16.4.1: scheme names are registered with IANA, so that two parties do not \
               mean different things by one name.",
        related: &["unknown-scheme-first", "ntlm-exposed"],
    },
    Explanation {
        code: "realm-not-quoted",
        title: "The realm is not a quoted string",
        meaning: "Readers that follow the standard accept the bare word; older ones look for the \
                  quotation mark and find no realm.",
        causes: &["A hand-written header, or a template that lost its quotation marks."],
        first_steps: &[
            "Write `realm=\"NAME\"`, with the quotation marks on the wire; in a shell or YAML file \
             put single quotes round the whole value.",
        ],
        rule: "RFC 9110 §11.5: for historical reasons a sender must use the quoted form for \
               `realm`.",
        related: &["basic-realm-missing", "needless-escape"],
    },
    Explanation {
        code: "realm-non-ascii",
        title: "The realm holds bytes outside ASCII",
        meaning: "No standard says which characters these bytes stand for. Browsers and libraries \
                  show different text, and some refuse the field.",
        causes: &[
            "A translated or decorative name: `AuthName \"Geschützt\"`, a typographic apostrophe.",
        ],
        first_steps: &[
            "Use plain ASCII, such as `AuthName \"Restricted\"`; the realm is a name for programs \
             first.",
        ],
        rule: "RFC 7617 §3: for parameters of the challenge other than the credentials, the \
               meaning of non-ASCII is not defined.",
        related: &["basic-charset-not-utf8", "challenge_malformed"],
    },
];
