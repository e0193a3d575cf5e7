//! What shells offer, and man pages.

use super::{COMMANDS, gradep, refusal, stdout};
use std::{fs, process::Command};

/// What a shell is told that can stand in place of the last word.
fn offered(shell: &str, line: &str) -> Vec<String> {
    let words: Vec<&str> = line.split(' ').collect();
    let output = gradep()
        .env("GRADEP_COMPLETE", shell)
        .env("_CLAP_COMPLETE_INDEX", (words.len() - 1).to_string())
        .env("_CLAP_IFS", "\n")
        .arg("--")
        .args(&words)
        .output()
        .unwrap();
    assert!(output.status.success(), "{line}: {output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    // fish and zsh have a line of help behind each.
    let ends: &[char] = if shell == "zsh" { &[':'] } else { &['\t'] };
    let value = |line: &str| line.split(ends).next().unwrap_or_default().to_owned();
    text.lines().map(value).collect()
}

#[test]
fn shells_are_told_chips_devices_presets_and_keys() {
    for shell in ["bash", "zsh", "fish"] {
        for (line, expected) in [
            ("gradep chip sh", "show"),
            ("gradep chip show d3-p", "D3-PCM"),
            ("gradep sample run --chip D2-Re", "D2-ReRAM"),
            ("gradep bench sweep --chip D3 --key x --ch", "--chip"),
            ("gradep chip fit a.csv --from pcm-", "pcm-joshi"),
            ("gradep chip measure ecram-", "ecram-mo"),
            ("gradep train --preset tr", "track-h"),
            ("gradep train -s nudge.be", "nudge.beta="),
            ("gradep train -s nudge.kind=t", "nudge.kind=tilt"),
            ("gradep chip show D3 -s node.cap", "node.capacitance="),
            ("gradep chip show D3 -s device=sono", "device=sonos"),
            ("gradep bench tolerance --key array.ag", "array.age"),
            ("gradep chip explain wir", "wires"),
            ("gradep config explain optim", "optimiser"),
            ("gradep relax --solver bl", "block"),
            ("gradep sample run --chip D3 --mode fr", "free"),
        ] {
            let offered = offered(shell, line);
            assert!(
                offered.iter().any(|word| word == expected),
                "{shell}: {line}: {offered:?}"
            );
        }
    }
}

#[test]
fn files_are_offered_where_a_file_will_do() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.toml"), "").unwrap();
    let typed = format!("{}/mi", folder.path().display());
    for line in [
        "gradep chip show",
        "gradep sample run --chip",
        "gradep chip measure",
    ] {
        let offered = offered("bash", &format!("{line} {typed}"));
        assert!(
            offered.iter().any(|word| word.ends_with("mine.toml")),
            "{line}: {offered:?}"
        );
    }
}

/// The script that is installed asks this program: as bash does it.
#[test]
fn the_script_for_bash_completes_in_bash() {
    let binary = assert_cmd::cargo::cargo_bin!("gradep");
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("gradep.bash");
    fs::write(&script, stdout("completions bash")).unwrap();
    let lines = format!(
        "PATH={}:$PATH; source {}; COMP_WORDS=(gradep chip show D3-P); COMP_CWORD=3; \
         _clap_complete_gradep gradep D3-P show; echo \"${{COMPREPLY[@]}}\"; complete -p gradep",
        binary.parent().unwrap().display(),
        script.display()
    );
    let output = Command::new("bash")
        .args(["--norc", "-c", &lines])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("D3-PCM\n"), "{text}");
    assert!(text.contains("_clap_complete_gradep gradep"), "{text}");
}

#[test]
fn every_shell_has_a_script_that_asks_this_program() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = stdout(&format!("completions {shell}"));
        assert!(
            script.contains("GRADEP_COMPLETE") && script.contains(shell),
            "{shell}: {script}"
        );
        assert!(
            !script.contains("target/"),
            "the script names no folder of a build: {script}"
        );
    }
}

#[test]
fn every_command_has_a_man_page_with_all_its_options() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man1");
    stdout(&format!("man --out {}", pages.display()));
    for command in COMMANDS {
        let name = format!("gradep-{}.1", command.replace(' ', "-"));
        let page = fs::read_to_string(pages.join(&name)).expect(&name);
        assert!(
            page.contains(&format!(".TH gradep-{} 1", command.replace(' ', "-"))),
            "{page}"
        );
        // A dash is \- in a man page.
        let page = page.replace("\\-", "-");
        let help = stdout(&format!("{command} --help"));
        let options = help
            .split_whitespace()
            .filter_map(|word| word.strip_prefix("--"));
        let is_letter = |letter: char| letter.is_ascii_lowercase() || letter == '-';
        for option in options.filter(|option| option.chars().all(is_letter) && !option.is_empty()) {
            assert!(page.contains(&format!("--{option}")), "{name}: --{option}");
        }
    }
    // Of gradep itself, too, and of groups.
    assert!(pages.join("gradep.1").is_file() && pages.join("gradep-bench.1").is_file());
}

#[test]
fn one_man_page_is_printed() {
    let page = stdout("man bench quality");
    assert!(page.contains(".TH gradep-bench-quality 1"), "{page}");
    assert!(stdout("man").contains(".TH gradep 1"));
    let message = refusal("man bench quolity");
    assert!(
        message.contains("no command `quolity`") && message.contains("tolerance"),
        "{message}"
    );
}
