//! `gradep train --chip`: what it says and leaves, and the chip that samples are drawn on afterwards.

use super::gradep;
use serde_json::Value;
use std::{fs, path::Path, process::Output};

/// A run of a few seconds on D3 with devices.
fn train(out: &Path, more: &[&str]) -> Output {
    let line = "train --chip D3 --chip-number 1 -s device=generic -s network.cell=resistive -s data.source=digits-half \
        -s network.layers=[64,8] -s flow.batch=128 --epochs 2 -s chip.free=8 -s chip.nudged=4";
    let mut command = gradep();
    command.args(line.split_whitespace()).arg("--out").arg(out);
    command.args(more).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_run_on_a_chip_says_what_it_took_and_leaves_the_chip() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("run");
    let trained = train(&root, &[]);
    assert!(trained.status.success(), "{trained:?}");
    let said = text(&trained.stdout);
    for expected in [
        "on D3, chip 1",
        "of devices, each by exactly what is asked",
        "1.5 pJ",
        "383 pJ",
        "D3, running free, C_x/C = 20",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let summary: Value =
        serde_json::from_slice(&fs::read(root.join("summary.json")).unwrap()).unwrap();
    let chip = &summary["chip"];
    // Two epochs of 7 updates of 128 samples, for each 8 + 4 + 4 tau of 10 ns.
    let relaxation = 2.0 * 7.0 * 128.0 * 16.0 * 1e-8;
    let found = chip["relaxation_seconds"].as_f64().unwrap();
    assert!((found / relaxation - 1.0).abs() < 1e-6, "{chip}");
    let macs = chip["digital_macs"].as_f64().unwrap();
    assert!(
        (macs - 2.0 * 64.0 * 8.0 * 128.0 * 14.0).abs() < 1e-3,
        "{macs}"
    );
    assert!(chip["device_moves"].as_u64().unwrap() > 1000, "{chip}");
    assert_eq!(summary["refused_updates"], 0, "{summary}");
    let resolved = fs::read_to_string(root.join("config.resolved.toml")).unwrap();
    assert!(
        resolved.contains("set = [\"device=generic\"]"),
        "{resolved}"
    );

    // The command that it ends with.
    let line = said
        .lines()
        .find(|line| line.trim().starts_with("gradep sample"))
        .unwrap();
    let words = line.split_whitespace().skip(1).collect::<Vec<_>>();
    assert!(
        words.contains(&"--conductances") && words.contains(&"--chip-number"),
        "{line}"
    );
    let sampled = gradep().args(&words).output().unwrap();
    assert!(sampled.status.success(), "{sampled:?}");
    assert!(sampled.stderr.is_empty(), "{sampled:?}");

    // From elsewhere it is said.
    let out = folder.path().join("ideal.npz");
    let ideal = gradep()
        .arg("sample")
        .arg(&root)
        .args(["-n", "4", "--out"])
        .arg(&out)
        .output();
    let ideal = ideal.unwrap();
    assert!(ideal.status.success(), "{ideal:?}");
    assert!(
        text(&ideal.stderr).contains("learned on chip D3"),
        "{ideal:?}"
    );
}

#[test]
fn what_cannot_be_on_a_chip_ends_with_its_key() {
    let folder = tempfile::tempdir().unwrap();
    for (more, expected) in [
        (&["-s", "nodes.capacitance=1 fF"][..], "nodes.capacitance"),
        (&["-s", "node.capacitance=1 fX"], "1 fX"),
        (&["-s", "chip.headroom=0.5"], "1 or more"),
        (&["-s", "chip.spec=D9"], "D9"),
    ] {
        let root = folder.path().join("run");
        let line = "train --epochs 1 -s network.layers=[64,8] -s chip.spec=D3";
        let mut command = gradep();
        command
            .args(line.split_whitespace())
            .args(more)
            .arg("--out")
            .arg(&root);
        let refused = command.output().unwrap();
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        assert!(text(&refused.stderr).contains(expected), "{refused:?}");
        assert!(!root.exists());
    }
}
