//! Wherever a model is asked for, a run stands for its model.

use super::{arrays::Inputs, gradep, short_run};
use std::{fs, path::Path};

/// A run of two epochs on a small network.
fn train(run: &Path) {
    let settings = "-s network.layers=[64,8] -s data.source=digits-half -s flow.batch=128";
    short_run(run, settings);
}

/// What a command leaves in a file, or prints.
fn result(inputs: &Inputs, line: &str, source: &Path) -> Vec<u8> {
    let line = inputs.line(&line.replace("MODEL", &source.display().to_string()));
    let out = inputs.path("result.npz");
    // Of the command before.
    let _ = fs::remove_file(&out);
    let output = gradep().args(line.split_whitespace()).output().unwrap();
    assert!(output.status.success(), "{line}: {output:?}");
    fs::read(&out).unwrap_or(output.stdout)
}

#[test]
fn a_run_and_its_model_give_the_same_bytes() {
    let inputs = Inputs::new();
    let run = inputs.path("run");
    train(&run);
    for line in [
        "sample MODEL -n 2 --until 0.1 --chip D3 --out result.npz",
        "relax --model MODEL --anchor x.npy --out result.npz",
        "relax --model MODEL --anchor x.npy --spring 3 --precision f32 --out result.npz",
        "gradient --model MODEL --anchor x.npy --velocity u.npy --out result.npz",
        "export netlist --model MODEL --anchor x.npy --duration 1tau --out result.npz",
        "check gradient --run MODEL --samples 2 --betas 1e-3 --budgets anderson:1e-3 --seed 1",
        "check gradient --model MODEL --samples 2 --betas 1e-3 --budgets anderson:1e-3 --seed 1",
    ] {
        let file = result(&inputs, line, &run.join("model.safetensors"));
        let folder = result(&inputs, line, &run);
        if line.starts_with("check") {
            // A run also says how it is trained, which is a row of its own.
            let [file, folder] = [file, folder].map(|text| String::from_utf8(text).unwrap());
            assert!(
                folder.contains("as trained") && !file.contains("as trained"),
                "{folder}"
            );
        } else {
            assert!(file == folder, "{line}");
        }
    }
    // Before there is a model, the newest checkpoint stands for it.
    let line = "relax --model MODEL --anchor x.npy --out result.npz";
    let whole = result(&inputs, line, &run);
    fs::remove_file(run.join("model.safetensors")).unwrap();
    fs::remove_file(run.join("files.json")).unwrap();
    assert!(result(&inputs, line, &run) == whole);
}

#[test]
fn a_page_generates_in_the_way_that_is_asked_for() {
    let inputs = Inputs::new();
    let run = inputs.path("run");
    train(&run);
    let page = inputs.path("page.html");
    let ask = |more: &str| {
        let line = format!("report run --chip ideal {more} --out page.html --quiet");
        let mut command = gradep();
        command.current_dir(inputs.path(""));
        let output = command.args(line.split_whitespace()).output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
        fs::read_to_string(&page).unwrap()
    };
    let stepped = ask("--mode stepped --settle 1tau --steps 4 --until 1");
    let label = "chip ideal stepped, 1.000 tau a velocity";
    assert!(
        stepped.contains(label),
        "the page has no set with this label"
    );
    let free = ask("--ratio 3 --presettle 1tau");
    assert!(!free.contains(label) && free.contains("running free, C_x/C = 3"));
}
