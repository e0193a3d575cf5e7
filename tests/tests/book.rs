//! The words that a reader meets first: links that lead somewhere, pages that the book lists, and files that stay short.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Most bytes of the two files that are read first.
const MOST_BYTES: usize = 8192;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .unwrap()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The Markdown files below a folder, in order.
fn pages(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(pages(&path));
        } else if path.extension().is_some_and(|end| end == "md") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Every page that a reader meets.
fn words() -> Vec<PathBuf> {
    let root = root();
    let mut files: Vec<_> = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "crates/analog-substrate/hw-specs/README.md",
        "data/README.md",
        "tests/golden/README.md",
    ]
    .iter()
    .map(|name| root.join(name))
    .collect();
    files.extend(pages(&root.join("docs")));
    files
}

/// Text without blocks of code and without code in lines: what looks like a link there is none.
fn prose(text: &str) -> String {
    let mut prose = String::new();
    let mut in_block = false;
    for line in text.lines() {
        if line.starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            let outside = line.split('`').step_by(2);
            prose.extend(outside);
            prose.push('\n');
        }
    }
    prose
}

/// The targets of `[text](target)` and `![text](target)`.
fn links(text: &str) -> Vec<String> {
    let prose = prose(text);
    let targets = prose.split("](").skip(1);
    targets
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.to_owned())
        .collect()
}

/// The anchor of a heading, as GitHub and mdBook make it.
fn anchor(heading: &str) -> String {
    heading
        .trim()
        .to_lowercase()
        .chars()
        .filter(|&letter| letter.is_alphanumeric() || [' ', '-', '_'].contains(&letter))
        .map(|letter| if letter == ' ' { '-' } else { letter })
        .collect()
}

fn anchors(text: &str) -> BTreeSet<String> {
    let mut in_block = false;
    let mut found = BTreeSet::new();
    for line in text.lines() {
        in_block ^= line.starts_with("```");
        if !in_block && line.starts_with('#') {
            found.insert(anchor(line.trim_start_matches('#')));
        }
    }
    found
}

/// What is wrong with a link of a page; none if it leads somewhere.
fn problem(page: &Path, target: &str) -> Option<String> {
    if target.starts_with("https://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, fragment) = target.split_once('#').unwrap_or((target, ""));
    let file = match path {
        "" => page.to_owned(),
        _ => page.parent().unwrap().join(path),
    };
    if !file.exists() {
        return Some(format!("{target}: there is no such file"));
    }
    let has_anchor = fragment.is_empty() || anchors(&read(&file)).contains(fragment);
    (!has_anchor).then(|| format!("{target}: there is no such heading"))
}

#[test]
fn every_link_leads_somewhere() {
    let mut count = 0;
    let mut problems = Vec::new();
    for page in words() {
        for target in links(&read(&page)) {
            count += 1;
            if let Some(problem) = problem(&page, &target) {
                problems.push(format!("{}: {problem}", page.display()));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(count > 80, "{count} links");
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let page = root().join("docs/tour.md");
    assert_eq!(problem(&page, "concepts.md#cells"), None);
    assert!(problem(&page, "concepts.md#no-such-heading").is_some());
    assert!(problem(&page, "no-such-page.md").is_some());
    let text = "[a](b.md) `[c](d.md)`\n```text\n[e](f.md)\n```\n![g](h.png)";
    assert_eq!(links(text), ["b.md", "h.png"]);
}

#[test]
fn every_page_is_in_the_summary() {
    let docs = root().join("docs");
    let listed: BTreeSet<_> = links(&read(&docs.join("SUMMARY.md")))
        .iter()
        .map(|target| docs.join(target))
        .collect();
    for page in pages(&docs) {
        if page.file_name().is_some_and(|name| name != "SUMMARY.md") {
            assert!(
                listed.contains(&page),
                "{}: add it to docs/SUMMARY.md",
                page.display()
            );
        }
    }
}

#[test]
fn what_is_read_first_is_short() {
    for name in ["README.md", "ARCHITECTURE.md"] {
        let bytes = read(&root().join(name)).len();
        assert!(
            bytes <= MOST_BYTES,
            "{name} has {bytes} bytes, and at most {MOST_BYTES} are wanted: move what is looked up into docs"
        );
    }
}

/// Words in code of a text, outside of blocks.
fn code(text: &str) -> Vec<String> {
    let mut in_block = false;
    let mut found = Vec::new();
    for line in text.lines() {
        in_block ^= line.starts_with("```");
        if !in_block {
            found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    found
}

/// Places of code that the map names are there.
#[test]
fn the_map_shows_what_is_there() {
    let root = root();
    let crates: BTreeSet<_> = fs::read_dir(root.join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let text = read(&root.join("ARCHITECTURE.md"));
    let mut named = BTreeSet::new();
    for place in code(&text) {
        let first = place.split('/').next().unwrap();
        if crates.contains(first) {
            assert!(
                root.join("crates").join(&place).exists(),
                "ARCHITECTURE.md: there is no {place}"
            );
            named.insert(first.to_owned());
        }
    }
    for name in &crates {
        assert!(text.contains(name), "ARCHITECTURE.md does not name {name}");
    }
    assert!(named.len() > 4, "{named:?}");
}

/// Every dependency has its reason, and every reason its dependency.
#[test]
fn every_dependency_has_its_reason() {
    let root = root();
    let manifest = read(&root.join("Cargo.toml"));
    let (_, dependencies) = manifest.split_once("[workspace.dependencies]").unwrap();
    let (dependencies, _) = dependencies.split_once("\n[").unwrap();
    let taken: BTreeSet<&str> = dependencies
        .lines()
        .filter(|line| !line.contains("path ="))
        .filter_map(|line| line.split_once(" ="))
        .map(|(name, _)| name)
        .collect();
    let text = read(&root.join("ARCHITECTURE.md"));
    let (_, table) = text.split_once("| crate | for |").unwrap();
    let explained: BTreeSet<&str> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split_once(" |"))
        .flat_map(|(names, _)| names.split(", "))
        .map(|name| name.split(' ').next().unwrap())
        .collect();
    assert_eq!(explained, taken);
}
