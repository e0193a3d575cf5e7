use super::super::{Evidence, Spec, SpecError};
use crate::chip::Shape;
use std::fs;
use tempfile::TempDir;

/// A folder with these files, and the outcome of loading the first.
fn load(files: &[(&str, &str)]) -> Result<Spec, SpecError> {
    let folder = folder(files);
    Spec::load(folder.path().join(files[0].0).to_str().unwrap())
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// The message of a spec that must be refused.
fn refusal(files: &[(&str, &str)]) -> String {
    load(files).unwrap_err().to_string()
}

#[test]
fn values_are_inherited_field_by_field() {
    let spec = load(&[
        ("chips/child.toml", "inherits = '../parent.toml'\nnode.capacitance = '50 fF'\n[node.leak]\nspread = '2 %'\n"),
        ("parent.toml", "name = 'P'\ninherits = 'd3'\nnode.capacitance = { value = '80 fF', law = 'uniform' }\n"),
    ])
    .unwrap();
    assert_eq!(spec.name(), "child");
    assert_eq!(spec.parents(), ["P", "D3", "ideal"]);
    let design = spec.design();
    let capacitance = design.node.capacitance;
    assert_eq!(capacitance.mean.to_bits(), 50e-15_f64.to_bits());
    // D3's share of 1 % is one of the new value.
    assert!((capacitance.sigma / 0.5e-15 - 1.0).abs() < 1e-12);
    assert_eq!(capacitance.shape, Shape::Uniform);
    assert!((design.node.leak.sigma - 0.02).abs() < 1e-15);

    let value = |name| spec.values().find(|value| value.key.name == name).unwrap();
    assert_eq!(
        (
            value("node.capacitance").source,
            value("node.capacitance").inherited_from
        ),
        (None, None)
    );
    assert_eq!(value("node.leak").inherited_from, Some("D3"));
    assert_eq!(value("node.leak").evidence, Some(Evidence::Assumed));
    assert_eq!(value("environment.temperature").inherited_from, Some("D3"));
    let range = value("node.capacitance").range.unwrap();
    assert_eq!(
        range.1.to_bits(),
        1e-6_f64.to_bits(),
        "the range is that of the ideal spec"
    );
    assert!(
        spec.check().unwrap().is_empty(),
        "golden checks are not inherited"
    );
}

#[test]
fn ranges_hold_for_the_children() {
    let narrow = (
        "parent.toml",
        "inherits = 'ideal'\nnode.capacitance = { range = ['50 fF', '200 fF'] }\n",
    );
    let message = refusal(&[
        (
            "child.toml",
            "inherits = 'parent.toml'\n\nnode.capacitance = '20 fF'\n",
        ),
        narrow,
    ]);
    assert!(
        message.contains("child.toml:3: `node.capacitance` = \"20 fF\": is outside"),
        "{message}"
    );
    assert!(
        message.contains("50 fF to 200 fF") && message.contains("parent.toml:2"),
        "{message}"
    );
    load(&[("child.toml", "inherits = 'parent.toml'\nnode.capacitance = { value = '20 fF', range = ['1 fF', '1 pF'] }\n"), narrow]).unwrap();
    // An imperfection may always be off.
    load(&[("a.toml", "inherits = 'D2'\nactivation.noise_density = { value = '0 V/sqrt(Hz)', range = ['1 nV/sqrt(Hz)', '1 uV/sqrt(Hz)'] }\n")]).unwrap();
}

#[test]
fn cycles_are_named() {
    let message = refusal(&[
        ("a.toml", "inherits = 'b.toml'"),
        ("b.toml", "inherits = './c.toml'"),
        ("c.toml", "inherits = 'a.toml'"),
    ]);
    assert!(
        message.contains("a.toml: inherits from itself"),
        "{message}"
    );
    assert!(message.matches(" -> ").count() == 3, "{message}");
    assert!(refusal(&[("a.toml", "inherits = 'a.toml'")]).contains("from itself"));
}

#[test]
fn missing_parents_and_long_chains_are_errors() {
    let message = refusal(&[("a.toml", "\ninherits = 'gone.toml'")]);
    assert!(
        message.contains("a.toml:2: `inherits` = \"gone.toml\"")
            && message.contains("cannot be read"),
        "{message}"
    );
    let message = refusal(&[("a.toml", "inherits = 'idael'")]);
    assert!(message.contains("did you mean `ideal`"), "{message}");
    let chain: Vec<_> = (0..12)
        .map(|i| (format!("{i}.toml"), format!("inherits = '{}.toml'", i + 1)))
        .collect();
    let chain: Vec<_> = chain
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    assert!(refusal(&chain).contains("more than 8 generations"));
}

#[test]
fn errors_in_a_parent_name_the_parent() {
    let message = refusal(&[
        ("a.toml", "inherits = 'b.toml'"),
        ("b.toml", "inherits = 'ideal'\nnode.leak = 'x'"),
    ]);
    assert!(message.contains("b.toml:2: `node.leak`"), "{message}");
}

#[test]
fn files_that_are_no_text_are_refused() {
    let folder = folder(&[("large.toml", &"#".repeat((1 << 20) + 1))]);
    fs::write(folder.path().join("junk.toml"), [0xff, 0xfe, 0x00, 0x80]).unwrap();
    for (name, part) in [
        ("large.toml", "longer than"),
        ("junk.toml", "UTF-8"),
        ("", "cannot be read"),
        ("none.toml", "cannot be read"),
    ] {
        let path = folder.path().join(name);
        let message = Spec::load(path.to_str().unwrap()).unwrap_err().to_string();
        assert!(message.contains(part), "{message}");
    }
}
