//! Each rule of confirmation by an example.
