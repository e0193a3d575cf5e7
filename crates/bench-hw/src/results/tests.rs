//! What is promised of the files.

use super::gradients::COLUMNS as OF_GRADIENTS;
use super::table::{COMMON, ERROR, OF_QUALITY, OF_STUDIES};
use crate::metrics::METRICS;
use std::{collections::BTreeMap, fs, path::Path};

/// Rows of the tables of a page by their first cell, which is code; several names are divided by commas.
fn described(page: &str) -> BTreeMap<String, String> {
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    rows.flat_map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        let names = cells[0]
            .split(',')
            .map(|name| name.trim().trim_matches('`').to_owned());
        let meaning = cells[1..].join(" ");
        names
            .map(move |name| (name, meaning.clone()))
            .collect::<Vec<_>>()
    })
    .collect()
}

#[test]
fn every_column_is_described() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/results.md");
    let described = described(&fs::read_to_string(path).unwrap());
    let all = COMMON.iter().chain(OF_QUALITY).chain(OF_STUDIES);
    for column in all.chain(OF_GRADIENTS) {
        let meaning = described.get(*column);
        assert!(
            meaning.is_some_and(|text| text.trim().len() > 10),
            "{column}: {meaning:?}"
        );
    }
    assert!(described.contains_key(&format!("<metric>{ERROR}")));
    for metric in METRICS {
        let meaning = &described[metric.key];
        assert!(meaning.contains(metric.label), "{}: {meaning}", metric.key);
    }
}
