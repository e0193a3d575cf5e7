//! What two configurations of one run differ in.

use super::Config;
use std::fmt;
use toml::Value;

/// A key that two configurations set differently.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Change {
    /// The dotted key.
    pub key: String,
    /// Its value before, as TOML.
    pub before: String,
    /// Its value after, as TOML.
    pub after: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {} (was {})", self.key, self.after, self.before)
    }
}

impl Change {
    /// Whether a run that has begun can go on with it: how long it trains, how often it is kept, where its data lie
    /// and how samples are drawn. Everything else would make another run of the epochs that are done.
    pub fn is_allowed(&self) -> bool {
        matches!(
            self.key.as_str(),
            "training.epochs" | "training.checkpoint_every" | "data.source" | "data.shape"
        ) || self.key.starts_with("sampling.")
    }
}

impl Config {
    /// The keys that `after` sets differently, in alphabetical order of sections and keys.
    #[expect(
        clippy::missing_panics_doc,
        reason = "every value of a configuration is TOML"
    )]
    pub fn changes_to(&self, after: &Self) -> Vec<Change> {
        let value = |config| Value::try_from(config).expect("a configuration is plain data");
        let mut changes = Vec::new();
        compare("", &value(self), &value(after), &mut changes);
        changes
    }
}

/// Two configurations have the same keys.
fn compare(key: &str, before: &Value, after: &Value, changes: &mut Vec<Change>) {
    if let (Some(before), Some(after)) = (before.as_table(), after.as_table()) {
        for (name, value) in before {
            let key = match key {
                "" => name.clone(),
                _ => format!("{key}.{name}"),
            };
            if let Some(other) = after.get(name) {
                compare(&key, value, other, changes);
            }
        }
    } else if before != after {
        changes.push(Change {
            key: key.to_owned(),
            before: before.to_string(),
            after: after.to_string(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_differ_are_named() {
        let before = Config::preset("best").unwrap();
        let mut after = before.clone();
        assert!(before.changes_to(&after).is_empty());
        after.training.epochs = 3;
        after.nudge.beta = 0.5;
        after.sampling.step = 0.5;
        let changes = before.changes_to(&after);
        let told: Vec<String> = changes.iter().map(Change::to_string).collect();
        assert_eq!(
            told,
            [
                "nudge.beta = 0.5 (was 0.01)",
                "sampling.step = 0.5 (was 0.01)",
                "training.epochs = 3 (was 2000)",
            ]
        );
        let allowed: Vec<bool> = changes.iter().map(Change::is_allowed).collect();
        assert_eq!(allowed, [false, true, true]);
    }
}
