//! Modules of a crate and what they use of each other, as their files say.

use crate::text::{code, tokens, without_tests};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// A module's names from the root of the crate, which is empty.
pub(crate) type Module = Vec<String>;

/// The modules of one crate, tests left out.
#[derive(Default)]
pub(crate) struct Crate {
    /// Code of each module, in words.
    words: BTreeMap<Module, Vec<String>>,
    /// Of each module, the paths behind the names that it imports or passes on.
    imports: BTreeMap<Module, BTreeMap<String, Vec<String>>>,
}

/// Every Rust file below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The module that a file below `src` holds.
fn module_of(src: &Path, file: &Path) -> Module {
    let relative = file.strip_prefix(src).unwrap().with_extension("");
    let mut names: Module = relative
        .iter()
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    if names
        .last()
        .is_some_and(|n| matches!(&**n, "mod" | "lib" | "main"))
    {
        names.pop();
    }
    names
}

impl Crate {
    /// Reads the files of a crate.
    pub(crate) fn read(src: &Path) -> Self {
        let sources = files(src).into_iter().map(|file| {
            let text = fs::read_to_string(&file).unwrap();
            (module_of(src, &file), text)
        });
        Self::of_sources(sources)
    }

    /// The crate whose modules have these texts.
    pub(crate) fn of_sources(sources: impl Iterator<Item = (Module, String)>) -> Self {
        let mut texts = BTreeMap::new();
        let mut tests = Vec::new();
        for (module, text) in sources {
            let (kept, names) = without_tests(&code(&text));
            tests.extend(
                names
                    .into_iter()
                    .map(|name| [&module[..], &[name]].concat()),
            );
            texts.insert(module, kept);
        }
        texts.retain(|module, _| !tests.iter().any(|test| module.starts_with(test)));
        let mut found = Self::default();
        for (module, text) in texts {
            let words: Vec<String> = tokens(&text).into_iter().map(str::to_owned).collect();
            found.imports.insert(module.clone(), imports(&words));
            found.words.insert(module, words);
        }
        found
    }

    /// Every pair of modules of which the first uses what the second holds, wherever it is passed on.
    pub(crate) fn uses(&self) -> BTreeSet<(Module, Module)> {
        let mut uses = BTreeSet::new();
        for (module, words) in &self.words {
            let imported = self.imports[module].values().cloned();
            for path in imported.chain(paths(words)) {
                if let Some(home) = self.home(module, &path, 0) {
                    uses.insert((module.clone(), home));
                }
            }
        }
        uses
    }

    /// The module that holds what a path in a module names; none if that is outside the crate.
    fn home(&self, module: &[String], path: &[String], depth: usize) -> Option<Module> {
        let mut at = module.to_vec();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" => (at, rest) = (Module::new(), &path[1..]),
            "self" => rest = &path[1..],
            "super" => {
                while rest.first().is_some_and(|name| name == "super") {
                    at.pop();
                    rest = &rest[1..];
                }
            }
            first if self.is_module(&at, first) => {}
            first => {
                // A name that was imported here.
                let known = self.imports.get(module)?.get(first)?;
                let is_same = known.first().is_some_and(|name| name == first);
                if is_same || depth > 8 {
                    return None;
                }
                let whole = [known, &rest[1..]].concat();
                return self.home(module, &whole, depth + 1);
            }
        }
        while let Some(name) = rest.first() {
            if self.is_module(&at, name) {
                at.push(name.clone());
                rest = &rest[1..];
            } else if let Some(known) = self.imports[&at].get(name).filter(|_| depth <= 8) {
                let whole = [known, &rest[1..]].concat();
                let further = self.home(&at, &whole, depth + 1);
                return further.or(Some(at));
            } else {
                break;
            }
        }
        Some(at)
    }

    fn is_module(&self, parent: &[String], name: &str) -> bool {
        let child = [parent, &[name.to_owned()]].concat();
        self.words.contains_key(&child)
    }
}

/// The names that `use` statements bring in, with their paths.
fn imports(words: &[String]) -> BTreeMap<String, Vec<String>> {
    let mut names = BTreeMap::new();
    let mut at = 0;
    while at < words.len() {
        if words[at] == "use" && words.get(at + 1).is_some_and(|next| next != "<") {
            at += 1;
            tree(words, &mut at, &[], &mut names);
        } else {
            at += 1;
        }
    }
    names
}

/// Reads one tree of a `use` statement, up to the comma, brace or semicolon behind it.
fn tree(
    words: &[String],
    at: &mut usize,
    prefix: &[String],
    names: &mut BTreeMap<String, Vec<String>>,
) {
    let mut path = prefix.to_vec();
    let mut name = None;
    while let Some(word) = words.get(*at) {
        match word.as_str() {
            "::" => *at += 1,
            "{" => {
                *at += 1;
                while words.get(*at).is_some_and(|word| word != "}") {
                    tree(words, at, &path, names);
                    if words.get(*at).is_some_and(|word| word == ",") {
                        *at += 1;
                    }
                }
                *at += 1;
                return;
            }
            "as" => {
                name = words.get(*at + 1).cloned();
                *at += 2;
            }
            "," | "}" | ";" => break,
            "self" if !path.is_empty() => *at += 1,
            _ => {
                path.push(word.clone());
                *at += 1;
            }
        }
    }
    let name = name.or_else(|| path.last().cloned());
    if let Some(name) = name.filter(|_| path.len() > 1) {
        // `_` and `*` bring in several.
        let key = if matches!(&*name, "_" | "*") {
            path.join("::")
        } else {
            name
        };
        names.insert(key, path);
    }
}

/// Paths in code that begin at the crate or go upwards.
fn paths(words: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        if matches!(&**word, "crate" | "super") && (at == 0 || words[at - 1] != "::") {
            let mut path = vec![word.clone()];
            let mut next = at + 1;
            while words.get(next).is_some_and(|w| w == "::")
                && let Some(name) = words.get(next + 1).filter(|name| *name != "{")
            {
                path.push(name.clone());
                next += 2;
            }
            if path.len() > 1 {
                found.push(path);
            }
        }
    }
    found
}
