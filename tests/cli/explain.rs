//! `gradep chip explain` and `gradep config explain` by section, key and device.

use super::{refusal, stdout};
use serde_json::Value;

fn json(line: &str) -> Value {
    serde_json::from_str(&stdout(line)).expect(line)
}

/// Names of the keys that a document explains.
fn keys(document: &Value) -> Vec<String> {
    let keys = document["keys"].as_array().unwrap();
    keys.iter()
        .map(|key| key["key"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn sections_and_keys_of_chips_are_explained_alone() {
    let text = stdout("chip explain array.age");
    assert!(text.starts_with("array.age\n"), "{text}");
    assert!(
        text.contains("  acts ") && text.contains("  expected  "),
        "{text}"
    );
    assert!(!text.contains("node."), "{text}");
    let section = keys(&json("chip explain node --json"));
    assert!(section.len() > 3 && section.iter().all(|key| key.starts_with("node.")));
    let both = keys(&json("chip explain node array.age --json"));
    assert_eq!(both.len(), section.len() + 1);
    let all = keys(&json("chip explain --json"));
    assert!(all.len() > 50 && all.contains(&"array.age".to_owned()));
}

#[test]
fn a_spec_brings_its_values() {
    let whole = stdout("chip explain D2");
    let one = stdout("chip explain D2 activation.offset");
    assert!(
        one.contains("activation.offset = 0 V ± 500 uV (normal)  [on]"),
        "{one}"
    );
    assert!(whole.contains(one.lines().last().unwrap()) && one.len() < whole.len() / 10);
    let document = json("chip explain D2 activation.offset --json");
    assert_eq!(keys(&document), ["activation.offset"]);
    assert_eq!(document["spec"], "D2");
    assert_eq!(document["keys"][0]["given"]["sigma"], 5e-4);
    assert_eq!(document["keys"][0]["unit"], "V");
    let set = stdout("chip explain D3 node -s node.capacitance=50fF");
    assert!(set.contains("node.capacitance = 50 fF"), "{set}");
}

#[test]
fn a_device_says_where_its_values_are_from() {
    let text = stdout("chip explain pcm");
    assert!(
        text.starts_with("device PCM") || text.starts_with("device pcm"),
        "{text}"
    );
    assert!(
        text.contains("  conductance.max ") && text.contains("(fitted)"),
        "{text}"
    );
    let device = json("chip explain pcm --json");
    assert!(keys(&device).is_empty());
    let values = device["devices"][0]["values"].as_array().unwrap();
    assert!(values.len() > 3);
    assert!(
        values.iter().all(|value| value["source"].is_string()),
        "{values:?}"
    );
}

#[test]
fn what_is_not_known_is_refused_with_what_may_be_meant() {
    for (line, parts) in [
        ("chip explain nod", ["`nod`", "did you mean `node`?"]),
        (
            "chip explain array.aje",
            ["`array.aje`", "did you mean `array.age`?"],
        ),
        ("chip explain D2 D3", ["D3", "second spec"]),
        (
            "chip explain node -s node.capacitance=1fF",
            ["--set", "none is named"],
        ),
        (
            "config explain nudge.bta",
            ["`nudge.bta`", "did you mean `nudge.beta`?"],
        ),
    ] {
        let message = refusal(line);
        for part in parts {
            assert!(message.contains(part), "{line}: {message}");
        }
    }
}

#[test]
fn keys_of_configurations_are_explained() {
    let text = stdout("config explain nudge.beta");
    assert!(
        text.starts_with("nudge.beta\n") && text.contains("best"),
        "{text}"
    );
    let section = keys(&json("config explain nudge --json"));
    assert!(section.len() > 2 && section.iter().all(|key| key.starts_with("nudge.")));
    let all = json("config explain --json");
    // Every key that a configuration has.
    let shown = json("config show --json");
    let mut found = Vec::new();
    for (name, value) in shown["config"].as_object().unwrap() {
        match value.as_object() {
            Some(section) => found.extend(section.keys().map(|key| format!("{name}.{key}"))),
            None => found.push(name.clone()),
        }
    }
    let known = keys(&all);
    assert!(
        found.len() > 30 && found.iter().all(|key| known.contains(key)),
        "{found:?}"
    );
    // What presets have is what they are shown with.
    let epochs = json("config explain training.epochs --json");
    let presets = epochs["keys"][0]["presets"].as_array().unwrap();
    let best = presets.iter().find(|group| {
        let names = group["presets"].as_array().unwrap();
        names.iter().any(|name| name == "best")
    });
    let shown = json("config show --preset best --json");
    let expected = shown["config"]["training"]["epochs"].to_string();
    assert_eq!(best.unwrap()["value"], Value::String(expected));
}
