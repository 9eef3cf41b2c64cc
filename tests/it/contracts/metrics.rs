//! The page of metrics is that of the program.

use authvigil::metrics;

use super::assert_page;

#[test]
fn the_page_of_metrics_is_that_of_the_table() {
    assert_page("docs/reference/metrics.md", &metrics::reference());
}
