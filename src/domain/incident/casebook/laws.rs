//! What holds for every sequence of verdicts.
