//! What is wrong with what was given ends with 2 in every command, in one message that names it.

use super::{arrays::Inputs, gradep};
use ndarray::{Array1, Array2};
use ndarray_npy::write_npy;
use std::fs;

/// Each with what its message has to name.
const LINES: &[(&str, &str)] = &[
    // Files that are not there.
    ("sample none.safetensors --out a.npz", "none.safetensors"),
    (
        "relax --model none.safetensors --anchor x.npy --out a.npz",
        "none.safetensors",
    ),
    (
        "relax --model model.safetensors --anchor none.npy --out a.npz",
        "none.npy",
    ),
    (
        "gradient --model model.safetensors --anchor x.npy --velocity none.npy --out a.npz",
        "none.npy",
    ),
    (
        "export netlist --model model.safetensors --anchor none.npy --duration 1tau --out a.cir",
        "none.npy",
    ),
    (
        "export conductances none.safetensors --chip D3-PCM --out a",
        "none.safetensors",
    ),
    ("import conductances none --chip D3-PCM --out a", "none"),
    (
        "sample model.safetensors --chip D3-PCM --conductances none --out a.npz",
        "none",
    ),
    (
        "check gradient --model none.safetensors",
        "none.safetensors",
    ),
    ("check gradient --run none", "none"),
    ("evaluate none.npz", "none.npz"),
    ("evaluate good.npz --evaluator none.npz", "none.npz"),
    (
        "bench quality --run none.safetensors --out a",
        "none.safetensors",
    ),
    (
        "bench sweep --run none.safetensors --chip D3 --vary node.capacitance=50fF --out a",
        "none.safetensors",
    ),
    (
        "bench sensitivity --run none.safetensors --chip D3 --out a",
        "none.safetensors",
    ),
    ("report none -o a.html", "none"),
    ("chip fit none.csv --kind iv -o a.toml", "none.csv"),
    ("chip measure none.toml --kind iv -o a.csv", "none.toml"),
    ("chip check none.toml", "none.toml"),
    ("config show --config none.toml", "none.toml"),
    ("train --config none.toml --out a", "none.toml"),
    ("train --resume none", "none"),
    ("train -s data.source='none.csv' --out a", "none.csv"),
    // Files that are something else.
    ("sample x.npy --out a.npz", "x.npy"),
    (
        "relax --model model.safetensors --anchor model.safetensors --out a.npz",
        "neither a .npy",
    ),
    ("evaluate x.npy:samples", "is a single array"),
    ("evaluate good.npz --evaluator x.npy", "x.npy"),
    ("chip fit x.npy --kind iv -o a.toml", "x.npy"),
    ("train -s data.source='text.csv' --out a", "text.csv"),
    ("config show --config text.csv", "text.csv"),
    ("report model.safetensors -o a.html", "model.safetensors"),
    (
        "import conductances text.csv --chip D3-PCM --out a",
        "text.csv",
    ),
    // Shapes and numbers.
    (
        "relax --model model.safetensors --anchor narrow.npy --out a.npz",
        "[16, 10]",
    ),
    (
        "relax --model model.safetensors --anchor flat.npy --out a.npz",
        "shape [64]",
    ),
    (
        "relax --model model.safetensors --anchor holed.npy --out a.npz",
        "NaN",
    ),
    (
        "relax --model model.safetensors --anchor two.npz --out a.npz",
        "two.npz:u",
    ),
    (
        "relax --model model.safetensors --anchor two.npz:v --out a.npz",
        "no array `v`",
    ),
    (
        "relax --model model.safetensors --anchor x.npy --chip D3 --trace x_64 --out a.npz",
        "--trace x_64",
    ),
    (
        "gradient --model model.safetensors --anchor x.npy --velocity narrow.npy --out a.npz",
        "[16, 10]",
    ),
    (
        "export netlist --model model.safetensors --anchor x.npy --sample 16 --duration 1tau --out a.cir",
        "16 rows",
    ),
    ("evaluate narrow.npy", "10 pixels"),
    ("train -s data.source='holed.npy' --out a", "NaN"),
    ("train -s network.layers=[63,8] --out a", "64 pixels"),
    // Keys, names, values.
    ("sample model.safetensors --chip D9 --out a.npz", "D9"),
    (
        "relax --model model.safetensors --anchor x.npy --chip D9 --out a.npz",
        "D9",
    ),
    (
        "export netlist --chip D9 --model model.safetensors --anchor x.npy --duration 1tau --out a.cir",
        "D9",
    ),
    (
        "export conductances model.safetensors --chip D9 --out a",
        "D9",
    ),
    (
        "bench quality --run model.safetensors --chip D9 --out a",
        "D9",
    ),
    (
        "bench sensitivity --run model.safetensors --chip D9 --out a",
        "D9",
    ),
    ("chip show D9", "D9"),
    ("chip show D3 -s node.capacitence=1fF", "node.capacitance"),
    (
        "sample model.safetensors --chip D3 -s node.capacitence=1fF --out a.npz",
        "node.capacitance",
    ),
    ("config show -s nudge.betta=1", "nudge.beta"),
    ("chip measure pcn --kind iv -o a.csv", "pcm"),
    (
        "relax --model model.safetensors --anchor x.npy --chip D3 --duration=-3tau --out a.npz",
        "-3tau",
    ),
    ("sample model.safetensors --until -1 --out a.npz", "-1"),
    (
        "sample model.safetensors --until 1 --step 5 --out a.npz",
        "sampling.step",
    ),
    (
        "bench quality --run model.safetensors --times 1,0.5 --out a",
        "ascending",
    ),
    // Settings that do not go together.
    (
        "sample model.safetensors --chip D3 --mode stepped --ratio 5 --out a.npz",
        "--ratio",
    ),
    (
        "bench sweep --run model.safetensors --chip D3 --ratio 5 --mode stepped --vary node.capacitance=50fF --out a",
        "--ratio",
    ),
    (
        "bench quality --run model.safetensors --mode free --out a",
        "--chip",
    ),
    (
        "export conductances model.safetensors --chip D3 --out a",
        "has no device",
    ),
    (
        "export netlist --model model.safetensors --anchor x.npy --duration 1tau --load 1mS --out a.cir",
        "--load",
    ),
    (
        "relax --model model.safetensors --anchor x.npy --chip D3 --out a.json",
        "a.json",
    ),
    (
        "export netlist --model model.safetensors --anchor x.npy --duration 1tau --out a.txt",
        "a.txt",
    ),
    // Standard input has no name.
    ("evaluate -", "/dev/stdin"),
    (
        "relax --model model.safetensors --anchor - --out a.npz",
        "/dev/stdin",
    ),
];

#[test]
fn misuse_ends_with_2_in_every_command() {
    let inputs = Inputs::new();
    let save = |name: &str, array: Array2<f64>| write_npy(inputs.path(name), &array).unwrap();
    save("narrow.npy", Array2::zeros((16, 10)));
    let mut holed = Array2::zeros((16, 64));
    holed[[2, 3]] = f64::NAN;
    save("holed.npy", holed);
    write_npy(inputs.path("flat.npy"), &Array1::<f64>::zeros(64)).unwrap();
    gradep_core::files::write_npz(&inputs.path("two.npz"), |npz| {
        npz.add("u", &Array2::<f32>::zeros((2, 64)))?;
        npz.add("x", &Array2::<f32>::zeros((2, 64)))
    })
    .unwrap();
    let digits = gradep_core::data::Dataset::digits();
    gradep_core::files::write_npz(&inputs.path("good.npz"), |npz| {
        npz.add("samples", &digits.images().slice(ndarray::s![..20, ..]))
    })
    .unwrap();
    fs::write(inputs.path("text.csv"), "no,numbers\nat,all\n").unwrap();
    let before = fs::read_dir(inputs.path("")).unwrap().count();
    for (line, part) in LINES {
        let mut command = gradep();
        command.current_dir(inputs.path("")).arg("--quiet");
        let output = command.args(line.split_whitespace()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{line}: {output:?}");
        assert!(output.stdout.is_empty(), "{line}: {output:?}");
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(
            message.starts_with("error: ") && message.contains(part),
            "{line}: {message}"
        );
        let errors = message.lines().filter(|said| said.starts_with("error:"));
        assert_eq!(errors.count(), 1, "{line}: {message}");
        assert_eq!(
            message.matches("No such file").count().max(1),
            1,
            "{line}: {message}"
        );
        let after = fs::read_dir(inputs.path("")).unwrap().count();
        assert_eq!(before, after, "{line}: left something behind");
    }
}
