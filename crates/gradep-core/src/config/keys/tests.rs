//! The list against the schema.

use super::*;
use crate::config::presets::reference;

#[test]
fn the_list_has_the_keys_of_the_schema_and_no_others() {
    let mut listed: Vec<&str> = KEYS.iter().map(|doc| doc.key).collect();
    listed.sort_unstable();
    let schema = reference();
    let keys: Vec<&str> = schema.0.keys().map(String::as_str).collect();
    assert_eq!(listed, keys);
}

#[test]
fn what_is_expected_is_of_the_type_of_the_schema() {
    for doc in KEYS {
        let (value, _) = &reference().0[doc.key];
        let fits = match doc.expected {
            Expected::Text => value.is_str(),
            Expected::Switch => value.is_bool(),
            Expected::Counts | Expected::Texts => value.is_array(),
            Expected::Choice(names) => names().contains(&value.as_str().unwrap()),
            Expected::Whole { .. } => value.is_integer(),
            Expected::Number(_) => value.is_float(),
        };
        assert!(fits, "{}: {value} is not {}", doc.key, doc.expected);
        // Numbers have a unit or are the seed; nothing else has one but lists.
        let has_unit = matches!(
            doc.expected,
            Expected::Counts | Expected::Whole { .. } | Expected::Number(_)
        );
        assert_eq!(
            !doc.unit.is_empty(),
            has_unit && doc.key != "seed",
            "{}",
            doc.key
        );
        assert!(doc.meaning.ends_with('.'), "{}", doc.key);
    }
}

#[test]
fn meanings_name_choices_and_keys_that_exist() {
    for doc in KEYS {
        let quoted = doc.meaning.split('`').skip(1).step_by(2);
        for word in quoted.filter(|word| word.contains('.') && !word.contains(".csv")) {
            let is_file = word.starts_with('.') || word.starts_with("FILE");
            assert!(is_file || key_doc(word).is_some(), "{}: {word}", doc.key);
        }
    }
}
