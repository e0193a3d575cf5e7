//! What the lock file holds, against the rules of `deny.toml` that need no network: sources and second versions.

use std::{collections::BTreeMap, fs, path::Path};

fn read(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::read_to_string(root.join(name)).unwrap()
}

/// The list of words that a key of `deny.toml` has, on one line.
fn words(key: &str) -> Vec<String> {
    let text = read("deny.toml");
    let line = text
        .lines()
        .find(|line| line.starts_with(&format!("{key} = [")))
        .expect(key);
    let quoted = line.split('"').skip(1).step_by(2);
    quoted.map(str::to_owned).collect()
}

/// `(name, version, source)` of every package; no source of our own.
fn packages() -> Vec<(String, String, Option<String>)> {
    let lock = read("Cargo.lock");
    let field = |package: &str, name: &str| {
        let mark = format!("{name} = \"");
        let line = package.lines().find_map(|line| line.strip_prefix(&mark))?;
        Some(line.trim_end_matches('"').to_owned())
    };
    let found = lock.split("[[package]]").skip(1).map(|package| {
        let name = field(package, "name").expect("a name");
        let version = field(package, "version").expect("a version");
        (name, version, field(package, "source"))
    });
    found.collect()
}

#[test]
fn dependencies_come_from_the_one_registry() {
    let packages = packages();
    assert!(packages.len() > 100, "{}", packages.len());
    let allowed: Vec<String> = words("allow-registry");
    for (name, _, source) in packages {
        if let Some(source) = source {
            let registry = source
                .strip_prefix("registry+")
                .unwrap_or(&source)
                .to_owned();
            assert!(allowed.contains(&registry), "{name}: {source}");
        }
    }
}

#[test]
fn second_versions_are_those_that_are_known() {
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, version, _) in packages() {
        versions.entry(name).or_default().push(version);
    }
    let known = words("skip");
    let several = versions.iter().filter(|(_, versions)| versions.len() > 1);
    let unknown: Vec<_> = several.filter(|(name, _)| !known.contains(name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// Licences of every package that this machine's builds take, as cargo knows them: an expression is met where one side
/// of an `OR` (older packages write `/`) has no word but those of the list.
#[test]
fn licences_are_those_that_are_allowed() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = std::process::Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100, "{}", packages.len());
    let allowed = words("allow");
    for package in packages {
        let licence = package["license"].as_str().unwrap_or_default();
        let sides = licence.replace('/', " OR ");
        let is_allowed = |side: &str| {
            let words = side.split(" AND ");
            words
                .map(|word| word.trim_matches(['(', ')', ' ']))
                .all(|word| allowed.iter().any(|known| known == word))
        };
        assert!(
            sides.split(" OR ").any(is_allowed),
            "{}: {licence:?}",
            package["name"]
        );
    }
}
