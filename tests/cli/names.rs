//! Names of files that are no UTF-8: any bytes but `/` and NUL are a name on Unix.
#![cfg(unix)]

use super::{
    arrays::Inputs,
    gradep,
    quiet::{LINES, save_digits, save_labelled, whole},
};
use std::{
    ffi::{OsStr, OsString},
    fs,
    os::unix::ffi::OsStrExt as _,
    path::Path,
    process::Output,
};

/// A byte that begins no character, before the name.
fn odd(name: &str) -> OsString {
    OsStr::from_bytes(&[b"\xff", name.as_bytes()].concat()).to_owned()
}

/// The words of a line with odd names of files and folders. A deck's name is part of the deck, which
/// takes no such name.
fn words(line: &str) -> Vec<OsString> {
    let folders = [
        "run",
        "quality",
        "sweep",
        "sensitivity",
        "tolerance",
        "map",
        "again",
    ];
    let endings = ["safetensors", "npy", "npz", "svg", "html", "csv", "toml"];
    let mut before = "";
    let mut words = Vec::new();
    for (place, word) in line.split(' ').filter(|word| !word.is_empty()).enumerate() {
        let ending = Path::new(word).extension().and_then(OsStr::to_str);
        let is_folder = folders.contains(&word) && (place > 1 || before != "bench");
        let is_file = ending.is_some_and(|ending| endings.contains(&ending));
        words.push(if is_folder || is_file {
            odd(word)
        } else {
            word.into()
        });
        before = word;
    }
    words
}

fn run_in(folder: &Path, words: &[OsString]) -> Output {
    let mut command = gradep();
    command.current_dir(folder).args(words).output().unwrap()
}

/// Every command does its work, and documents show the name as well as text can.
#[test]
fn every_command_takes_names_that_are_not_utf8() {
    let inputs = Inputs::new();
    save_digits(&inputs);
    save_labelled(&inputs);
    let folder = inputs.path("");
    for name in [
        "model.safetensors",
        "labelled.safetensors",
        "x.npy",
        "u.npy",
        "digits.npz",
    ] {
        fs::rename(inputs.path(name), folder.join(odd(name))).unwrap();
    }
    let import = ("import conductances", "map --chip D3-PCM --out again");
    for (command, rest) in LINES.iter().chain([&import]) {
        let line = whole(command, rest);
        let output = run_in(&folder, &words(&line));
        assert!(output.status.success(), "{line}: {output:?}");
    }
    for (place, name) in [
        ("quality", "quality.json"),
        ("sweep", "sweep.json"),
        ("run", "manifest.json"),
    ] {
        let text = fs::read_to_string(folder.join(odd(place)).join(name)).unwrap();
        assert!(text.contains('\u{fffd}'), "{name}: {text}");
    }
    // Going on, and what is named by text: a clear word instead.
    let resumed = run_in(&folder, &words("train --resume run"));
    assert!(resumed.status.success(), "{resumed:?}");
    for line in [
        "chip show d.toml",
        "sample model.safetensors --chip d.toml --out a.npz",
    ] {
        let refused = run_in(&folder, &words(line));
        assert_eq!(refused.status.code(), Some(2), "{line}: {refused:?}");
        assert!(!refused.stderr.is_empty());
    }
}

/// The manifest says where the data lay, whatever the bytes.
#[test]
fn a_run_begins_in_a_folder_whose_name_is_not_utf8() {
    let inputs = Inputs::new();
    let folder = inputs.path("").join(odd("folder"));
    fs::create_dir(&folder).unwrap();
    fs::rename(inputs.path("x.npy"), folder.join("x.npy")).unwrap();
    let line = "train -s data.source=x.npy -s data.low=-9 -s data.high=9 -s network.layers=[64,4] --epochs 1 --out r";
    let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
    let output = run_in(&folder, &words);
    assert!(output.status.success(), "{output:?}");
    let from = [
        "train",
        "--from",
        "r",
        "--epochs",
        "1",
        "-s",
        "network.layers=[64,4]",
        "--out",
        "again",
    ];
    let output = run_in(&folder, &from.map(OsString::from));
    assert!(output.status.success(), "{output:?}");
}
