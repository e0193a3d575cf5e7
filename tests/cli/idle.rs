//! Settings and options that do nothing are said, wherever a chip is set.

use super::{arrays::Inputs, gradep};

/// stderr of a command that succeeds; words in single quotes hold spaces.
fn said(inputs: &Inputs, line: &str) -> String {
    let words = line.split('\'').enumerate().flat_map(|(k, part)| {
        if k % 2 == 1 {
            vec![part.to_owned()]
        } else {
            let words = inputs.line(part.trim());
            words.split_whitespace().map(str::to_owned).collect()
        }
    });
    let output = gradep().args(words).output().unwrap();
    assert!(output.status.success(), "{line}: {output:?}");
    String::from_utf8(output.stderr).unwrap()
}

const RELAX: &str = "relax --model model.safetensors --anchor x.npy --out trace.npz --precision f32 \
                     --duration 1tau --intervals 1 --chip ideal";
const SAMPLE: &str = "sample model.safetensors -n 2 --mode stepped --until 0.2 --steps 1 --settle 1tau --out s.npz --chip ideal";
const NETLIST: &str = "export netlist --model model.safetensors --anchor x.npy --duration 1tau --out d.npz --chip ideal";
const MAP: &str = "export conductances model.safetensors --chip ideal";

#[test]
fn a_setting_that_does_nothing_is_named_with_what_is_off() {
    let inputs = Inputs::new();
    let map = format!("{MAP} --out {}", inputs.path("map").display());
    let idle = "-s device=pcm -s 'array.age=3600 s'";
    for command in [RELAX, SAMPLE, NETLIST, &map] {
        let text = said(&inputs, &format!("{command} {idle}"));
        assert!(
            text.contains("array.age does nothing: array.drift and array.read_noise are off"),
            "{command}: {text}"
        );
        assert_eq!(text.matches("does nothing").count(), 1, "{text}");
    }
    let text = said(
        &inputs,
        &format!("{RELAX} -s wires.tile_rows=8 -s node.visible_ratio=3"),
    );
    assert!(
        text.contains("wires.tile_rows does nothing: the chip has no device"),
        "{text}"
    );
    assert!(
        text.contains("node.visible_ratio does nothing: visible nodes float"),
        "{text}"
    );
}

#[test]
fn a_setting_that_acts_is_not_spoken_of() {
    let inputs = Inputs::new();
    let active = "-s device=pcm -s array.drift=true -s 'array.age=3600 s' -s 'spring.stiffness=12'";
    let text = said(&inputs, &format!("{RELAX} {active}"));
    assert!(!text.contains("does nothing"), "{text}");
}

#[test]
fn an_option_that_does_nothing_is_named() {
    let inputs = Inputs::new();
    let text = said(&inputs, &format!("{SAMPLE} --presettle 3tau"));
    assert!(
        text.contains("--presettle does nothing: only a free run"),
        "{text}"
    );
}
