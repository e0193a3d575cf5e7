//! The pages of `docs/extending` quote files of this repository, and what they quote is there.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// One fenced block of Rust, and the file that the line above it names.
struct Block<'a> {
    file: Option<&'a str>,
    code: Vec<&'a str>,
}

/// The blocks of a page. A block is named by the last `` `path/of/a/file.rs` `` before it.
fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut file = None;
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("```rust") {
            let code = lines.by_ref().take_while(|line| !line.starts_with("```"));
            let code = code.collect();
            blocks.push(Block { file, code });
            continue;
        }
        let named = line.split('`').skip(1).step_by(2);
        let is_rust = |name: &&str| Path::new(name).extension().is_some_and(|end| end == "rs");
        file = named.filter(is_rust).last().or(file);
    }
    blocks
}

/// Whether `code` is a run of lines of `text`, but for what indents them.
fn occurs(code: &[&str], text: &str) -> bool {
    let trimmed = |line: &&str| line.trim().to_owned();
    let code: Vec<String> = code.iter().map(trimmed).collect();
    let text: Vec<String> = text.lines().map(|line| line.trim().to_owned()).collect();
    text.windows(code.len()).any(|lines| lines == code)
}

#[test]
fn every_block_of_a_page_is_in_the_file_that_it_names() {
    let folder = root().join("docs/extending");
    let mut found = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let page = fs::read_to_string(&path).unwrap();
        for Block { file, code } in blocks(&page) {
            let said = code.join("\n");
            let file = file.unwrap_or_else(|| panic!("{}: no file for\n{said}", path.display()));
            let text = fs::read_to_string(root().join(file))
                .unwrap_or_else(|e| panic!("{}: {file}: {e}", path.display()));
            assert!(
                !code.is_empty() && occurs(&code, &text),
                "{}: not in {file}:\n{said}",
                path.display()
            );
            found += 1;
        }
    }
    assert!(found > 0, "no page quotes anything");
}

#[test]
fn a_block_that_is_elsewhere_is_noticed() {
    let page = "See `a/b.rs`:\n```rust\nlet x = 1;\n  let y = 2;\n```\n";
    let found = blocks(page);
    assert_eq!(found[0].file, Some("a/b.rs"));
    assert!(occurs(
        &found[0].code,
        "fn f() {\n    let x = 1;\n    let y = 2;\n}"
    ));
    assert!(!occurs(&found[0].code, "let x = 1;\n\nlet y = 2;"));
}
