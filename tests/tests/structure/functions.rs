//! Parameters of public functions.

use crate::text::{code, tokens, without_tests};

/// A public function, and what is wrong with its parameters.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unclear {
    pub(crate) name: String,
    pub(crate) why: String,
}

/// Most parameters of a public function, the receiver not counted.
const MOST: usize = 5;

/// The public functions of a file with more than five parameters, or with a tuple as one: at the call neither says
/// which number is which.
pub(crate) fn unclear(text: &str) -> Vec<Unclear> {
    let (kept, _) = without_tests(&code(text));
    let words = tokens(&kept);
    let mut found = Vec::new();
    for at in 0..words.len() {
        if words[at] != "pub" || words.get(at + 1) == Some(&"(") {
            continue;
        }
        let mut next = at + 1;
        while words
            .get(next)
            .is_some_and(|w| matches!(*w, "const" | "async" | "unsafe" | "extern"))
        {
            next += 1;
        }
        if words.get(next) != Some(&"fn") {
            continue;
        }
        let name = words[next + 1];
        let parameters = parameters(&words[next + 2..]);
        let tuple = parameters.iter().find(|kind| is_tuple(kind));
        let why = if parameters.len() > MOST {
            format!("{} parameters", parameters.len())
        } else if let Some(tuple) = tuple {
            format!("a tuple for a parameter: {}", tuple.concat())
        } else {
            continue;
        };
        found.push(Unclear {
            name: name.to_owned(),
            why,
        });
    }
    found
}

/// Types of the parameters, without the receiver; `words` begin behind the function's name.
fn parameters<'a>(words: &[&'a str]) -> Vec<Vec<&'a str>> {
    // Generics end where the list of parameters begins.
    let mut angle = 0_i32;
    let open = words.iter().position(|word| {
        angle += i32::from(*word == "<") - i32::from(*word == ">");
        angle == 0 && *word == "("
    });
    let Some(open) = open else { return Vec::new() };
    let mut depth = 0_i32;
    let mut list: Vec<Vec<&str>> = vec![Vec::new()];
    for word in &words[open..] {
        match *word {
            "(" | "[" | "{" | "<" => depth += 1,
            ")" | "]" | "}" | ">" => depth -= 1,
            _ => {}
        }
        match *word {
            "(" if depth == 1 && list[0].is_empty() && list.len() == 1 => {}
            "," if depth == 1 => list.push(Vec::new()),
            ")" if depth == 0 => break,
            word => list.last_mut().expect("never empty").push(word),
        }
    }
    // The type stands behind the first colon that is in no bracket; a receiver has none.
    let types = list.into_iter().filter_map(|parameter| {
        let mut depth = 0_i32;
        let colon = parameter.iter().position(|word| {
            depth += i32::from(matches!(*word, "(" | "[" | "{" | "<"));
            depth -= i32::from(matches!(*word, ")" | "]" | "}" | ">"));
            depth == 0 && *word == ":"
        })?;
        (parameter[..colon] != ["self"]).then(|| parameter[colon + 1..].to_vec())
    });
    types.collect()
}

/// Whether a type is a tuple, or a reference to one; what parentheses hold together (`&(dyn Fn() + Sync)`) is none.
fn is_tuple(kind: &[&str]) -> bool {
    let mut at = 0;
    loop {
        match kind.get(at) {
            Some(&("&" | "mut")) => at += 1,
            Some(&"'") => at += 2,
            Some(&"(") => break,
            _ => return false,
        }
    }
    let mut depth = 0_i32;
    kind[at..].iter().any(|word| {
        depth += i32::from(matches!(*word, "(" | "[" | "{" | "<"));
        depth -= i32::from(matches!(*word, ")" | "]" | "}" | ">"));
        depth == 1 && *word == ","
    })
}

#[test]
fn tuples_and_long_lists_are_seen() {
    let text = "
        pub fn a<T: Fn(u8) -> (u8, u8)>(&mut self, x: T, y: &[(u8, u8)], u: ()) {}
        pub fn b(a: u8, b: u8, c: u8, d: u8, e: Vec<(u8, u8)>, f: u8) {}
        impl X { pub const fn c(self, (x, y): (u8, u8)) {} pub fn d(p: &'a mut (u8, u8),) {} }
        pub(crate) fn e(p: (u8, u8)) {}
        pub fn h(done: &(dyn Fn(u8, u8) + Sync)) {}
        fn f(p: (u8, u8)) {}
        #[cfg(test)]
        mod tests { pub fn g(p: (u8, u8)) {} }
    ";
    let found = unclear(text);
    let names: Vec<&str> = found.iter().map(|f| &*f.name).collect();
    assert_eq!(names, ["b", "c", "d"], "{found:?}");
    assert_eq!(found[0].why, "6 parameters");
}
