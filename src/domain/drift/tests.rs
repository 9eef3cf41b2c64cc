//! Fingerprints, baselines and what they are worth.
