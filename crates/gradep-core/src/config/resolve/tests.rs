//! Layers of a configuration laid over each other, and what is refused of them.

use super::*;
use crate::config::PRESETS;
use crate::data::LabelColumn;
use analog_substrate::{ActivationKind, SolverKind};

fn request(overrides: &[&str]) -> Request {
    Request {
        overrides: overrides.iter().map(|&text| text.to_owned()).collect(),
        ..Request::default()
    }
}

fn refusal(overrides: &[&str]) -> String {
    request(overrides).resolve().unwrap_err().to_string()
}

fn with_file(text: &str) -> Result<Resolved, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.toml");
    std::fs::write(&path, text).unwrap();
    let request = Request {
        file: Some(path),
        ..Request::default()
    };
    request.resolve()
}

#[test]
fn every_preset_is_complete_and_valid() {
    for name in PRESETS {
        Config::preset(name).unwrap();
    }
    let explicit = Config::preset("paper-explicit").unwrap();
    assert_eq!(explicit.relaxation.solver, SolverKind::Explicit);
    assert_eq!(explicit.relaxation.steps, 300);
}

#[test]
fn later_layers_win_and_are_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.toml");
    std::fs::write(&path, "seed = 1\n[nudge]\nbeta = 2e-3\nkind = 'tilt'\n").unwrap();
    let request = Request {
        preset: "paper-explicit".to_owned(),
        file: Some(path.clone()),
        overrides: vec!["nudge.beta=3e-3".into(), "nudge.beta=4e-3".into()],
        flags: vec![Flag {
            name: "--seed",
            key: "seed",
            value: Value::Integer(7),
        }],
    };
    let Resolved {
        config,
        origins,
        given,
    } = request.resolve().unwrap();
    assert_eq!((config.seed, config.nudge.beta), (7, 4e-3));
    assert_eq!(origins["seed"], Origin::Flag("--seed"));
    assert_eq!(
        origins["nudge.beta"],
        Origin::Override("nudge.beta=4e-3".into())
    );
    assert_eq!(origins["nudge.kind"], Origin::File { path, line: 4 });
    assert_eq!(
        origins["relaxation.solver"],
        Origin::Preset("paper-explicit")
    );
    assert_eq!(origins["spring.stiffness"], Origin::Preset("paper"));
    assert!(given.starts_with("# preset: paper-explicit\n# override: nudge.beta=3e-3\n"));
    assert!(given.parse::<toml::Table>().unwrap().contains_key("nudge"));
}

#[test]
fn bare_text_whole_numbers_and_inline_tables_are_understood() {
    let config = request(&[
        "nudge.kind=tilt",
        "spring.stiffness=12",
        "data.source=12",
        "network.layers=[4, 5]",
        "training={epochs=3, checkpoint_every=1}",
    ])
    .resolve()
    .unwrap()
    .config;
    assert_eq!(config.nudge.kind, analog_substrate::NudgeKind::Tilt);
    assert_eq!(
        config.spring.stiffness.to_bits(),
        12.0_f64.to_bits(),
        "a whole number is a number"
    );
    assert_eq!(config.data.source, "12");
    assert_eq!(config.network.layers.sizes(), [4, 5]);
    assert_eq!(config.training.epochs, 3);
}

#[test]
fn labels_are_found_as_earlier_configurations_said_it() {
    for (old, new) in [("true", LabelColumn::Last), ("false", LabelColumn::None)] {
        let assignment = format!("data.label_column={old}");
        let config = request(&[&assignment]).resolve().unwrap().config;
        assert_eq!(config.data.label_column, new);
        let file = format!("[data]\nlabel_column = {old}\n");
        assert_eq!(with_file(&file).unwrap().config.data.label_column, new);
    }
    let first = request(&["data.label_column=first"])
        .resolve()
        .unwrap()
        .config;
    assert_eq!(first.data.label_column, LabelColumn::First);
    assert_ne!(first.hash(), Config::preset("best").unwrap().hash());
    let message = refusal(&["data.label_column=2"]);
    assert!(message.contains("`auto`, `first`, `last`"), "{message}");
}

#[test]
fn a_preset_s_warm_up_is_shorter_than_the_run() {
    for (epochs, warmup) in [(1, 1), (3, 1), (20, 2), (21, 20), (2000, 20)] {
        let resolved = request(&[&format!("training.epochs={epochs}")])
            .resolve()
            .unwrap();
        assert_eq!(resolved.config.optimiser.warmup_epochs, warmup, "{epochs}");
        let implied = matches!(
            resolved.origins["optimiser.warmup_epochs"],
            Origin::Implied(_)
        );
        assert_eq!(implied, epochs <= 20, "{epochs}");
    }
    let asked = request(&["training.epochs=3", "optimiser.warmup_epochs=20"]);
    assert_eq!(asked.resolve().unwrap().config.optimiser.warmup_epochs, 20);
}

#[test]
fn unknown_keys_name_the_source_and_the_nearest_right_key() {
    for (wrong, right) in [
        ("nudge.betta=1", "nudge.beta"),
        ("beta=1", "nudge.beta"),
        ("optimizer.learning_rate=1", "optimiser.learning_rate"),
        ("learning_rate=1", "optimiser.learning_rate"),
        ("training.epoch=1", "training.epochs"),
    ] {
        let message = refusal(&[wrong]);
        assert!(
            message.contains(&format!("did you mean `{right}`")),
            "{message}"
        );
        assert!(message.contains(wrong), "{message}");
    }
    assert!(!refusal(&["zzz=1"]).contains("did you mean"));

    let message = with_file("seed = 1\n\n[nugde]\nbeta = 1\n")
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("run.toml:4: unknown key `nugde.beta`"),
        "{message}"
    );
    assert!(message.contains("`nudge.beta`"), "{message}");
    let message = with_file("[nothing]\n").unwrap_err().to_string();
    assert!(message.contains("run.toml:1"), "{message}");
    assert!(
        with_file("[nudge]\n").is_ok(),
        "an empty section changes nothing"
    );
}

#[test]
fn wrong_values_name_what_was_expected() {
    for (text, parts) in [
        ("nudge.beta=much", ["`nudge.beta`", "a number"]),
        ("training.epochs=1.5", ["1.5", "a whole number"]),
        ("training.epochs=-1", ["-1", "a whole number, 0 or more"]),
        ("flow.with_replacement=yes", ["\"yes\"", "true or false"]),
        ("nudge.kind=tlt", ["\"tlt\"", "`quadratic` or `tilt`"]),
        (
            "relaxation.solver=newton",
            ["`relaxation.solver`", "`explicit`, `block`, `anderson`"],
        ),
        ("network.layers=[4]", ["[4]", "at least one hidden layer"]),
        ("network.layers=64", ["64", "a list of whole numbers"]),
        ("relaxation.max_sweeps=5000000000", ["5000000000", "u32"]),
        ("nudge=3", ["`nudge` = 3", "section [nudge]"]),
    ] {
        let message = refusal(&[text]);
        assert!(
            message.starts_with(&format!("override {text}: ")),
            "{message}"
        );
        for part in parts {
            assert!(message.contains(part), "{message} lacks {part}");
        }
    }
    assert!(refusal(&["nudge.beta"]).contains("key=value"));
}

#[test]
fn unreadable_files_are_named() {
    let missing = Request {
        file: Some("no/such/run.toml".into()),
        ..Request::default()
    };
    let message = missing.resolve().unwrap_err().to_string();
    assert!(message.contains("no/such/run.toml"), "{message}");
    let message = with_file("seed = 1\nseed 2\n").unwrap_err().to_string();
    assert!(
        message.contains("run.toml") && message.contains("line 2"),
        "{message}"
    );
    let message = Config::preset("papr").unwrap_err().to_string();
    assert!(message.contains("did you mean `paper`"), "{message}");
}

#[test]
fn what_is_written_reads_back_and_gaps_are_refused() {
    let config = Config::preset("best").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.resolved.toml");
    let text = config.to_toml();
    std::fs::write(&path, &text).unwrap();
    assert_eq!(Config::read(&path).unwrap(), config);

    let gap: String = text
        .lines()
        .filter(|line| !line.starts_with("stiffness"))
        .flat_map(|line| [line, "\n"])
        .collect();
    std::fs::write(&path, gap).unwrap();
    let message = Config::read(&path).unwrap_err().to_string();
    assert!(message.contains("`spring.stiffness`"), "{message}");
}

#[test]
fn resistive_cells_have_an_activation_with_an_inverse() {
    for (overrides, activation) in [
        (&["network.cell=resistive"][..], Config::MONOTONE_ACTIVATION),
        (
            &["network.activation=softplus", "network.cell=resistive"],
            ActivationKind::Softplus,
        ),
        (&["network.cell=hopfield"], Config::MONOTONE_ACTIVATION),
    ] {
        let resolved = request(overrides).resolve().unwrap();
        assert_eq!(
            resolved.config.network.activation, activation,
            "{overrides:?}"
        );
    }
    let resolved = request(&["network.cell=resistive"]).resolve().unwrap();
    let origin = resolved.origins["network.activation"].to_string();
    assert!(origin.contains("network.cell"), "{origin}");
    let message = refusal(&["network.activation=silu", "network.cell=resistive"]);
    for part in [
        "override network.activation=silu: ",
        "`network.cell`",
        "silu",
    ] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn invalid_combinations_name_who_set_the_value() {
    let message = refusal(&["nudge.kind=quadratic", "nudge.beta=0.02"]);
    assert!(
        message.starts_with("override nudge.beta=0.02: "),
        "{message}"
    );
    assert!(message.contains("q = "), "{message}");
}
