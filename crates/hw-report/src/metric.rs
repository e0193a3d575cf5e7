//! What the metrics are called, and which way is better: one name for each, in figures and on the page.

pub(crate) use bench_hw::metrics::{Better, Kind, drawn, label, metric};

/// Which way is better; nothing of an unknown metric.
pub(crate) fn direction(key: &str) -> &'static str {
    metric(key).map_or("", |metric| metric.better.text())
}
