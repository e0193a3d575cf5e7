//! What strangers write: names in files, and names of files.

use super::{gradep, refusal, stdout};
use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt as _, path::Path, process::Output};

fn at(folder: &tempfile::TempDir, name: &str) -> String {
    folder.path().join(name).display().to_string()
}

/// A spec that runs commands is not read, wherever the text stands; the message can be shown.
#[test]
fn text_that_acts_is_refused_where_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = at(&folder, "spec.toml");
    for (text, key) in [
        (r#"name = "x\n.control\nshell touch marker\n.endc""#, "name"),
        (r#"summary = "\u001b[2J\u001b]0;title\u0007""#, "summary"),
        ("name = \"a\u{202e}b\"", "name"),
        ("name = '''x\n.control'''", "name"),
    ] {
        fs::write(&file, format!("inherits = \"D3\"\n{text}\n")).unwrap();
        for command in ["chip show", "chip check"] {
            let message = refusal(&format!("{command} {file}"));
            assert!(
                message.contains(&format!("{key} holds the character")),
                "{message}"
            );
            assert!(
                message.chars().all(|c| c == '\n' || !c.is_control()),
                "{message:?}"
            );
        }
    }
    let pcm = fs::read_to_string("../../hw-specs/devices/pcm.toml").unwrap();
    fs::write(
        at(&folder, "d.toml"),
        pcm.replacen("summary = \"", "summary = \"\\u001b[2J", 1),
    )
    .unwrap();
    let message = refusal(&format!("chip show D3 -s device={}", at(&folder, "d.toml")));
    assert!(
        message.contains("summary holds the character \\u{1b}"),
        "{message}"
    );
}

/// Names that could mean something to ngspice are words of a comment.
#[test]
fn a_deck_of_any_name_holds_no_command_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let (spec, deck) = (at(&folder, "spec.toml"), at(&folder, "deck.cir"));
    for name in [
        "*ng_script",
        ".include /etc/passwd",
        "+ 1",
        "; .control",
        "$(touch marker) `x`",
    ] {
        fs::write(&spec, format!("inherits = \"ideal\"\nname = '{name}'\n")).unwrap();
        let (model, anchor) = model_and_anchor(&folder);
        let line = format!(
            "export netlist --model {model} --anchor {anchor} --chip {spec} --duration 1tau --out {deck} --quiet"
        );
        stdout(&line);
        let text = fs::read_to_string(&deck).unwrap();
        let with_name: Vec<&str> = text.lines().filter(|line| line.contains(name)).collect();
        assert_eq!(with_name.len(), 1, "{name}");
        assert!(with_name[0].starts_with("* gradep netlist"), "{name}");
    }
}

/// A model of two nodes and an anchor for it.
fn model_and_anchor(folder: &tempfile::TempDir) -> (String, String) {
    let (data, run) = (at(folder, "images.csv"), at(folder, "run"));
    let (model, samples) = (at(folder, "run/model.safetensors"), at(folder, "s.npz"));
    if !Path::new(&model).exists() {
        fs::write(&data, "0,1,2,3,0\n3,2,1,0,1\n1,1,2,2,0\n").unwrap();
        gradep()
            .args(format!("train --out {run} --epochs 1 -s network.layers=[4,2] -s data.low=0 -s data.high=3 -s sampling.step=0.5 --quiet").split(' '))
            .arg("-s")
            .arg(format!("data.source=\"{data}\""))
            .assert()
            .success();
        stdout(&format!(
            "sample {run} -n 1 --step 0.5 --out {samples} --quiet"
        ));
    }
    (model, format!("{samples}:samples"))
}

fn with_name(folder: &Path, name: &[u8], words: &[&str]) -> Output {
    let mut command = gradep();
    command.current_dir(folder);
    for word in words {
        if *word == "NAME" {
            command.arg(OsStr::from_bytes(name));
        } else {
            command.arg(word);
        }
    }
    command.output().unwrap()
}

/// Whatever bytes a name has: no panic, and nothing but characters on the terminal.
#[test]
fn names_of_files_may_be_any_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let train = "train --out r --epochs 1 -s network.layers=[64,2] -s sampling.step=0.6 --quiet";
    gradep()
        .current_dir(place)
        .args(train.split(' '))
        .assert()
        .success();
    for name in [&b"run-\xff\xfe"[..], b"run-\x1b[2J\x1b]0;x\x07"] {
        let path = place.join(OsStr::from_bytes(name));
        fs::rename(place.join("r"), &path).unwrap();
        for (words, status) in [
            (
                &["report", "NAME", "--out", "page.html", "--force"][..],
                None,
            ),
            (&["report", "NAME", "--out", "page.html"], Some(0)),
            (
                &[
                    "bench", "quality", "--run", "NAME", "--times", "0.5", "-n", "20", "--out", "q",
                ],
                Some(0),
            ),
            (
                &[
                    "bench",
                    "sweep",
                    "--run",
                    "NAME",
                    "--chip",
                    "D3",
                    "--vary",
                    "activation.offset.spread=0V",
                    "--chips",
                    "1",
                    "-n",
                    "20",
                    "--out",
                    "s",
                ],
                Some(0),
            ),
            (
                &[
                    "sample", "NAME", "-n", "1", "--step", "0.6", "--out", "s.npz",
                ],
                Some(0),
            ),
            (&["chip", "show", "NAME"], Some(2)),
            (&["evaluate", "NAME"], Some(2)),
            (&["train", "--resume", "NAME"], Some(0)),
            (
                &[
                    "relax", "--model", "NAME", "--anchor", "NAME", "--out", "t.npz",
                ],
                Some(2),
            ),
            (
                &[
                    "export",
                    "conductances",
                    "NAME",
                    "--chip",
                    "D3-PCM",
                    "--out",
                    "map",
                ],
                Some(0),
            ),
            (
                &["chip", "fit", "NAME", "--kind", "drift", "--out", "d.toml"],
                Some(2),
            ),
            (&["check", "gradient", "--nonsense", "NAME"], Some(2)),
            (&["frobnicate", "NAME"], Some(2)),
        ] {
            let output = with_name(place, name, words);
            let status = status.or(Some(2));
            assert_eq!(
                output.status.code(),
                status,
                "{words:?} {name:?}: {output:?}"
            );
            for stream in [&output.stdout, &output.stderr] {
                let text = String::from_utf8_lossy(stream);
                let acts = text
                    .chars()
                    .find(|&c| c.is_control() && !matches!(c, '\n' | '\t'));
                assert_eq!(acts, None, "{words:?}: {text:?}");
            }
        }
        fs::rename(&path, place.join("r")).unwrap();
        for made in ["q", "s", "map"] {
            fs::remove_dir_all(place.join(made)).unwrap();
        }
    }
}
