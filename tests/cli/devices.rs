//! Devices as the relaxations of a chip see them: their clock, and what compensates it.

use super::{
    arrays::{Inputs, array},
    refusal, run,
};
use ndarray::Ix3;

/// Outputs of the last layer of an ideal chip with such devices, read once.
fn outputs(inputs: &Inputs, settings: &[&str]) -> Vec<f64> {
    let mut line = inputs.line(
        "relax --model model.safetensors --anchor x.npy --duration 3tau --intervals 1 --out trace.npz --chip ideal",
    );
    for setting in settings {
        line = format!("{line} -s {setting}");
    }
    let output = run(&line);
    assert!(output.status.success(), "{line}: {output:?}");
    array::<Ix3>(&inputs.path("trace.npz"), "h2")
}

/// `array.age` counts from the last programming pulse: at the first read of PCM, 20 s, nothing has drifted; two
/// minutes later something has; before it nobody knows.
#[test]
fn phase_change_memory_has_not_drifted_at_its_first_read() {
    let inputs = Inputs::new();
    let at = |age: &str| outputs(&inputs, &["device=pcm", "array.drift=true", age]);
    let still = outputs(&inputs, &["device=pcm"]);
    assert_eq!(at("array.age=20s"), still);
    assert_ne!(at("array.age=140s"), still);
    for (device, age, known) in [("pcm", "19s", "20 s"), ("hermes-2", "20s", "300 s")] {
        for law in ["drift", "read_noise"] {
            let message = refusal(&inputs.line(&format!(
                "relax --model model.safetensors --anchor x.npy --out trace.npz --chip ideal -s device={device} \
                 -s array.{law}=true -s array.age={age}"
            )));
            assert!(
                message.contains("array.age") && message.contains(known),
                "{message}"
            );
        }
    }
}

/// Where nothing has drifted compensation changes no output, of bent devices least of all.
#[test]
fn compensation_without_drift_changes_nothing() {
    let inputs = Inputs::new();
    let bent = [
        "device=reram-milo",
        "array.nonlinearity=true",
        "array.read_voltage=0.5V",
    ];
    let with = |more: &[&str]| outputs(&inputs, &[&bent, more].concat());
    let plain = with(&["array.compensation=none"]);
    for kind in ["array.compensation=global", "array.compensation=column"] {
        assert_eq!(with(&[kind]), plain, "{kind}");
        assert_eq!(
            with(&[kind, "array.drift=true"]),
            plain,
            "{kind}, a device that keeps"
        );
    }
}
