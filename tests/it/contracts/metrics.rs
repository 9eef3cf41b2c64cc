//! The page of metrics is that of the program.

use authvigil::metrics;

use super::{BLESS, root, short};

#[test]
fn the_page_of_metrics_is_that_of_the_table() {
    let path = root().join("docs/reference/metrics.md");
    let made = metrics::reference();
    if std::env::var_os("AUTHVIGIL_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(&path, &made).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(
        written == made,
        "{} differs; `{BLESS}` rewrites it",
        short(&path)
    );
}
