//! Circles: modules side by side of which each uses, over others or not, what the other holds.

use crate::modules::{Crate, Module};
use std::collections::{BTreeMap, BTreeSet};

/// Sibling modules that use each other, by their parent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Circle {
    /// The module in which they are, `crate` for the root.
    pub(crate) parent: String,
    /// Their names.
    pub(crate) members: BTreeSet<String>,
    /// Which file uses which.
    pub(crate) uses: Vec<String>,
}

/// Every circle of a crate. A module and those in it may use each other: what counts is whether a folder's modules have
/// an order. Uses between modules in two of them are uses of these two.
pub(crate) fn circles(found: &Crate) -> Vec<Circle> {
    type Edges = BTreeMap<(String, String), Vec<String>>;
    let mut by_parent: BTreeMap<Module, Edges> = BTreeMap::new();
    for (from, to) in found.uses() {
        let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
        if let (Some(a), Some(b)) = (from.get(shared), to.get(shared)) {
            let edges = by_parent.entry(from[..shared].to_vec()).or_default();
            let uses = edges.entry((a.clone(), b.clone())).or_default();
            uses.push(format!("{} -> {}", from.join("::"), to.join("::")));
        }
    }
    let mut circles = Vec::new();
    for (parent, edges) in by_parent {
        let pairs: BTreeSet<_> = edges.keys().cloned().collect();
        for members in components(&pairs) {
            let inner = edges
                .iter()
                .filter(|((a, b), _)| members.contains(a) && members.contains(b));
            circles.push(Circle {
                parent: [&["crate".to_owned()], &parent[..]].concat().join("::"),
                uses: inner.flat_map(|(_, uses)| uses.clone()).collect(),
                members,
            });
        }
    }
    circles
}

/// Strongly connected components of more than one node.
fn components(edges: &BTreeSet<(String, String)>) -> Vec<BTreeSet<String>> {
    let reached = |start: &String| {
        let mut reached = BTreeSet::new();
        let mut open = vec![start];
        while let Some(node) = open.pop() {
            for (_, to) in edges.iter().filter(|(from, _)| from == node) {
                if reached.insert(to.clone()) {
                    open.push(to);
                }
            }
        }
        reached
    };
    let nodes: BTreeSet<&String> = edges.iter().flat_map(|(a, b)| [a, b]).collect();
    let reach: BTreeMap<&String, BTreeSet<String>> =
        nodes.iter().map(|&node| (node, reached(node))).collect();
    let mut found: Vec<BTreeSet<String>> = Vec::new();
    for &node in &nodes {
        if found.iter().any(|members| members.contains(node)) {
            continue;
        }
        let both = reach[node]
            .iter()
            .filter(|&other| reach[other].contains(node));
        let members: BTreeSet<String> = both.cloned().collect();
        if members.len() > 1 {
            found.push(members);
        }
    }
    found
}

/// A crate of modules by their path and text.
#[cfg(test)]
fn sample(files: &[(&str, &str)]) -> Crate {
    let modules = files.iter().map(|(path, text)| {
        let names = path.split("::").filter(|name| !name.is_empty());
        (names.map(str::to_owned).collect(), (*text).to_owned())
    });
    Crate::of_sources(modules)
}

#[test]
fn a_circle_is_found_through_what_is_passed_on() {
    let files = [
        ("", "mod a; mod b; pub use b::B;"),
        ("a", "use crate::B; pub struct A; struct Own(B);"),
        ("b", "mod inner; pub struct B;"),
        ("b::inner", "fn f(_: super::super::a::A) {}"),
    ];
    let found = circles(&sample(&files));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].parent, "crate");
    assert_eq!(found[0].uses, ["a -> b", "b::inner -> a"]);
}

#[test]
fn parents_and_tests_make_no_circle() {
    let files = [
        ("", "mod a; mod b;"),
        (
            "a",
            "mod inner; use inner::f; pub struct A; #[cfg(test)] mod tests { use crate::b::B; }",
        ),
        (
            "a::inner",
            "use super::A; /* crate::b */ pub fn f(_: A) { \"crate::b::B\" }",
        ),
        ("b", "use crate::a::A; pub struct B(A);"),
    ];
    assert_eq!(circles(&sample(&files)), []);
}
