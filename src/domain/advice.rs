//! What is worth mending although it fails nothing.
//!
//! The list of codes is closed and its names are stable: they stand in JSON, on the status page and
//! in `authvigil explain`.
//! The rooms that see something make the message; this file owns the names, the rules behind them
//! and one sentence on what each means.
//!
//! **Invariant:** advice never changes a verdict.

use std::fmt;

/// One thing worth mending: legal or harmless today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// Which rule was bent.
    pub code: AdviceCode,
    /// What was seen and what the rule wants; escaped and of bounded length.
    pub message: String,
}

/// Declares the codes once: name and rule; the doc comment is the meaning.
macro_rules! advice_codes {
    ($(#[doc = $meaning:literal] $variant:ident, $name:literal, $rule:literal;)+) => {
        /// The closed list of lints.
        ///
        /// The order is that of the subject: the framework, Basic, Digest, Bearer, other schemes,
        /// and what other rooms see.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum AdviceCode { $(#[doc = $meaning] $variant,)+ }

        impl AdviceCode {
            /// Every code, in table order.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The stable name, such as `realm-not-quoted`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The rule behind it, such as `RFC 7616 §3.3`.
            pub fn rule(self) -> &'static str {
                match self { $(Self::$variant => $rule,)+ }
            }

            /// One sentence on what it means, for `explain`.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning.trim_ascii(),)+ }
            }
        }
    };
}

impl AdviceCode {
    /// The code with this stable name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == name)
    }
}

impl fmt::Display for AdviceCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

advice_codes! {
    /// A 401 or 407 whose challenge field holds no challenge: clients cannot tell how to log in.
    NoChallenge, "no-challenge", "RFC 9110 §15.5.2";
    /// A list holds empty elements, as in `a=1,,b=2`; a sender makes none.
    EmptyElement, "empty-element", "RFC 9110 §5.6.1.1";
    /// A parameter occurs twice in one challenge; clients disagree on which of them counts.
    DupParam, "dup-param", "RFC 9110 §11.2";
    /// Whitespace stands around a `=`; a sender makes none.
    Bws, "bws", "RFC 9110 §5.6.3";
    /// A backslash stands before a character that needs none.
    NeedlessEscape, "needless-escape", "RFC 9110 §5.6.4";
    /// A challenge carries one opaque word in place of parameters, in a scheme that defines none.
    Token68, "token68", "RFC 9110 §16.4.2";
    /// A field line starts with a parameter: clients that read line by line lose it.
    OrphanParamLine, "orphan-param-line", "RFC 9110 §5.3";
    /// Several challenges share one field line, which some clients cannot take apart.
    MultiOnOneLine, "multi-on-one-line", "RFC 9110 §11.6.1";
    /// A scheme that few clients know stands before a well-known one; many clients stop there.
    UnknownSchemeFirst, "unknown-scheme-first", "RFC 9110 §11.3";
    /// The scheme is not in IANA's registry.
    SchemeUnregistered, "scheme-unregistered", "RFC 9110 §16.4.1";
    /// A realm is sent as a token; it has to be a quoted string.
    RealmNotQuoted, "realm-not-quoted", "RFC 9110 §11.5";
    /// A realm holds bytes outside ASCII, whose meaning no standard defines.
    RealmNonAscii, "realm-non-ascii", "RFC 7617 §3";

    /// A Basic challenge without a realm.
    BasicRealmMissing, "basic-realm-missing", "RFC 7617 §2";
    /// The charset of a Basic challenge is something other than UTF-8, the only value allowed.
    BasicCharsetNotUtf8, "basic-charset-not-utf8", "RFC 7617 §2.1";
    /// A Basic challenge carries a parameter that is not defined; clients ignore it.
    BasicExtraParam, "basic-extra-param", "RFC 7617 §2";

    /// A Digest challenge without a realm.
    DigestRealmMissing, "digest-realm-missing", "RFC 7616 §3.3";
    /// A Digest challenge without a nonce: no client can answer it.
    DigestNonceMissing, "digest-nonce-missing", "RFC 7616 §3.3";
    /// A Digest challenge without a qop falls back to the mode of RFC 2069, which replays easily.
    DigestQopMissing, "digest-qop-missing", "RFC 7616 §3.3";
    /// The domain of a Digest challenge is a token; it has to be a quoted string.
    DigestDomainNotQuoted, "digest-domain-not-quoted", "RFC 7616 §3.3";
    /// The nonce of a Digest challenge is a token; it has to be a quoted string.
    DigestNonceNotQuoted, "digest-nonce-not-quoted", "RFC 7616 §3.3";
    /// The opaque value of a Digest challenge is a token; it has to be a quoted string.
    DigestOpaqueNotQuoted, "digest-opaque-not-quoted", "RFC 7616 §3.3";
    /// The qop of a Digest challenge is a token; it has to be a quoted string.
    DigestQopNotQuoted, "digest-qop-not-quoted", "RFC 7616 §3.3";
    /// The algorithm of a Digest challenge is a quoted string; it has to be a token.
    DigestAlgorithmQuoted, "digest-algorithm-quoted", "RFC 7616 §3.3";
    /// The stale flag of a Digest challenge is a quoted string; it has to be a token.
    DigestStaleQuoted, "digest-stale-quoted", "RFC 7616 §3.3";
    /// A Digest challenge asks for an algorithm that is not registered; clients skip it.
    DigestAlgorithmUnknown, "digest-algorithm-unknown", "RFC 7616 §6.1";
    /// No value of a qop is one that clients know.
    DigestQopUnknown, "digest-qop-unknown", "RFC 7616 §3.3";
    /// The charset of a Digest challenge is something other than UTF-8, the only value allowed.
    DigestCharsetNotUtf8, "digest-charset-not-utf8", "RFC 7616 §3.3";
    /// The userhash of a Digest challenge is neither true nor false.
    DigestUserhashUnknown, "digest-userhash-unknown", "RFC 7616 §3.3";
    /// Digest is on offer with MD5 only.
    DigestMd5Only, "digest-md5-only", "RFC 7616 §3.7";
    /// A Digest challenge with MD5 stands before a stronger one.
    Md5First, "md5-first", "RFC 7616 §3.7";
    /// Two Digest challenges for one realm ask for the same algorithm.
    DigestSameAlgorithm, "digest-same-algorithm", "RFC 7616 §3.7";
    /// The domain of a Digest challenge names another origin, which then gets the credentials too.
    DomainForeignOrigin, "domain-foreign-origin", "RFC 7616 §3.3";
    /// The domain of a Digest challenge is a path on the server's disk rather than a URI.
    DomainFilePath, "domain-file-path", "RFC 7616 §3.3";

    /// A Bearer challenge without any parameter.
    BearerNoAuthParam, "bearer-no-auth-param", "RFC 6750 §3";
    /// What follows Bearer reads as one opaque word and not as a parameter.
    BearerToken68, "bearer-token68", "RFC 6750 §3";
    /// Error information for a caller who sent no credentials.
    BearerErrorWithoutCredentials, "bearer-error-without-credentials", "RFC 6750 §3.1";
    /// The error code is not a registered one.
    BearerErrorUnknown, "bearer-error-unknown", "RFC 6750 §3.1";
    /// The error code belongs to another status than the answer's.
    BearerErrorStatus, "bearer-error-status", "RFC 6750 §3.1";
    /// A value holds characters that its definition leaves out.
    BearerParamCharacters, "bearer-param-characters", "RFC 6750 §3";
    /// A step-up challenge says neither which authentication is wanted nor how recent.
    StepUpRequirementMissing, "step-up-requirement-missing", "RFC 9470 §3";
    /// The `max_age` of a step-up challenge is not a whole number of seconds.
    StepUpMaxAgeNotInteger, "step-up-max-age-not-integer", "RFC 9470 §3";
    /// The `resource_metadata` of a challenge is not an absolute URL.
    ResourceMetadataNotUrl, "resource-metadata-not-url", "RFC 9728 §5.1";
    /// The `resource_metadata` of a challenge is fetched over clear text.
    ResourceMetadataNotHttps, "resource-metadata-not-https", "RFC 9728 §3";
    /// The 401 of an MCP server does not say which scope is needed.
    McpScopeMissing, "mcp-scope-missing", "MCP authorization 2025-11-25";

    /// A `DPoP` challenge does not say which algorithms the proof may use.
    DpopAlgsMissing, "dpop-algs-missing", "RFC 9449 §7.1";
    /// A `DPoP` challenge offers an algorithm that proves no possession of a key pair.
    DpopAlgsSymmetric, "dpop-algs-symmetric", "RFC 9449 §7.1";
    /// Error information for a caller who sent no token.
    DpopErrorWithoutCredentials, "dpop-error-without-credentials", "RFC 9449 §7.1";
    /// A nonce is asked for, yet the answer does not carry exactly one.
    DpopNonceMissing, "dpop-nonce-missing", "RFC 9449 §9";

    /// A scheme bound to its connection is on offer over HTTP/2, which shares connections.
    ConnectionAuthOverH2, "connection-auth-over-h2", "RFC 7236, note on Negotiate";
    /// NTLM is on offer: it tells host and domain names to whoever asks, and its hashes are weak.
    NtlmExposed, "ntlm-exposed", "MS-NTHT §4";
    /// OAuth 1.0 is on offer; OAuth 2 took its place.
    Oauth1, "oauth1", "RFC 5849 §3.5.1";
    /// SCRAM is on offer with SHA-1 only.
    ScramSha1Only, "scram-sha-1-only", "RFC 7804 §5";
    /// A HOBA challenge lacks a required parameter.
    HobaParamMissing, "hoba-param-missing", "RFC 7486 §3";
    /// A Mutual challenge lacks a required parameter.
    MutualParamMissing, "mutual-param-missing", "RFC 8120 §4";
    /// A `PrivateToken` challenge without the token challenge itself.
    PrivateTokenChallengeMissing, "private-token-challenge-missing", "RFC 9577 §2.1";
    /// A GNAP challenge does not name its authorization server.
    GnapAsUriMissing, "gnap-as-uri-missing", "RFC 9635 §9.1";

    /// The rightful holder is not admitted, so that the refusals of this endpoint prove little.
    ControlFailing, "control_failing", "a control that fails makes the experiment void";
    /// A token or a session that was kept was refused, and one that was fetched anew was shown.
    CredentialRenewed, "credential-renewed", "RFC 6750 §3.1";
    /// The challenge is not one that was seen and accepted before.
    ChallengeDrift, "challenge-drift", "setting `drift`";
    /// A 407 or a Proxy-Authenticate came where a 401 belongs.
    ProxyChallengeOn401, "proxy-challenge-on-401", "RFC 9110 §15.5.8";
    /// An answer that let the caller in carries a challenge.
    ChallengeOnSuccess, "challenge-on-success", "RFC 9110 §11.6.1";
    /// A protected answer does not tell caches to keep away.
    CacheControlMissing, "cache-control-missing", "RFC 9111 §5.2.2";
    /// A refusal came out of a cache.
    CachedRefusal, "cached-refusal", "RFC 9110 §15.1";
    /// A refusal may be kept by caches for long.
    LongLivedRefusal, "long-lived-refusal", "RFC 9111 §4.2";
    /// The server's clock and this one differ; tokens may look expired or not yet valid.
    ClockSkew, "clock-skew", "RFC 7519 §4.1.4";
    /// The holder of a credential is sent to another origin; clients may forward the credential.
    CredentialRedirectForeign, "credential-redirect-foreign", "RFC 9110 §15.4";
    /// A secret stands in the configuration file in clear text.
    SecretLiteral, "secret-literal", "secrets are references: `*_file`, `*_env`";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_lead_back_to_their_code() {
        let names: BTreeSet<_> = AdviceCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), AdviceCode::ALL.len());
        for code in AdviceCode::ALL {
            assert_eq!(AdviceCode::named(code.as_str()), Some(*code));
        }
        assert_eq!(AdviceCode::named("no-such-lint"), None);
    }

    #[test]
    fn names_are_kebab_case_but_for_the_one_of_the_contract() {
        for code in AdviceCode::ALL
            .iter()
            .filter(|code| **code != AdviceCode::ControlFailing)
        {
            let name = code.as_str();
            assert!(
                name.bytes()
                    .all(|b| b == b'-' || b.is_ascii_lowercase() || b.is_ascii_digit()),
                "{name}"
            );
        }
        assert_eq!(AdviceCode::ControlFailing.as_str(), "control_failing");
    }

    #[test]
    fn every_code_has_a_rule_and_a_sentence() {
        for code in AdviceCode::ALL {
            assert!(!code.rule().is_empty(), "{code}");
            assert!(
                code.meaning().ends_with('.') && !code.meaning().starts_with(' '),
                "{code}"
            );
        }
    }
}
