//! Where commands write: names, folders that are not there, standard output.

use super::{arrays::Inputs, gradep, refusal};
use std::{fs, process::Output};

/// Runs in the folder of the inputs, so that a file called `-` would lie there.
fn run_in(inputs: &Inputs, line: &str) -> Output {
    let folder = inputs.path("");
    let mut command = gradep();
    command.current_dir(folder).args(line.split_whitespace());
    command.output().unwrap()
}

const MEASUREMENTS: &str = "chip measure pcm --kind programming-noise --devices 50 --out";

/// Commands that write one file, without its name.
const FILES: [&str; 7] = [
    "sample model.safetensors -n 2 --steps 2 --out",
    "sample model.safetensors -n 2 --chip ideal --steps 1 --settle 1tau --out",
    "relax --model model.safetensors --anchor x.npy --solver explicit --steps 2 --out",
    "relax --model model.safetensors --anchor x.npy --chip ideal --duration 1tau --intervals 2 --out",
    "gradient --model model.safetensors --anchor x.npy --velocity u.npy --out",
    "export netlist --model model.safetensors --anchor x.npy --duration 1tau --out",
    MEASUREMENTS,
];

#[test]
fn a_dash_is_standard_output_and_what_a_file_would_hold() {
    let inputs = Inputs::new();
    for line in FILES {
        let file = run_in(&inputs, &format!("{line} file.out"));
        assert!(file.status.success(), "{line}: {file:?}");
        let printed = run_in(&inputs, &format!("{line} -"));
        assert!(printed.status.success(), "{line}: {printed:?}");
        let expected = fs::read(inputs.path("file.out")).unwrap();
        // A deck names itself and its table.
        let expected = String::from_utf8_lossy(&expected)
            .replace("file.txt", "deck.txt")
            .replace("file.cir", "deck.cir");
        assert_eq!(String::from_utf8_lossy(&printed.stdout), expected, "{line}");
        assert!(!inputs.path("-").exists(), "{line}");
        // What is said to people is the same as beside a file, but for names, and quiet is quiet.
        let quiet = run_in(&inputs, &format!("{line} - --quiet"));
        assert_eq!(quiet.stdout, printed.stdout, "{line}");
        assert!(quiet.stderr.is_empty(), "{line}: {quiet:?}");
    }
}

/// A table that is made up can be fitted from a pipe's file, and the device printed.
#[test]
fn a_device_is_printed() {
    let inputs = Inputs::new();
    run_in(&inputs, &format!("{MEASUREMENTS} table.csv"));
    let line = "chip fit table.csv --kind programming-noise --from pcm --out";
    let printed = run_in(&inputs, &format!("{line} -"));
    assert!(printed.status.success(), "{printed:?}");
    run_in(&inputs, &format!("{line} table.toml"));
    let file = fs::read(inputs.path("table.toml")).unwrap();
    assert_eq!(printed.stdout, file);
    let said = String::from_utf8(printed.stderr).unwrap();
    assert!(said.contains("± s.e."), "{said}");
}

#[test]
fn a_folder_is_not_standard_output() {
    for line in [
        "train",
        "export conductances model.safetensors --chip D3",
        "import conductances map --chip D3",
        "bench quality --run model.safetensors",
        "bench sweep --run model.safetensors --chip D3 --vary node.capacitance=50fF",
        "bench sensitivity --run model.safetensors --chip D3",
    ] {
        let message = refusal(&format!("{line} --out -"));
        assert!(
            message.contains("standard output holds no folder"),
            "{line}: {message}"
        );
    }
    let message = refusal("sample m.safetensors --figure -");
    assert!(message.contains(".png or .svg"), "{message}");
}

#[test]
fn outputs_that_cannot_be_written_are_refused_before_the_work() {
    let inputs = Inputs::new();
    for line in FILES {
        for nowhere in ["none/a.npz", "."] {
            let output = run_in(&inputs, &format!("{line} {nowhere}"));
            assert_eq!(output.status.code(), Some(2), "{line}: {output:?}");
            let message = String::from_utf8(output.stderr).unwrap();
            assert!(message.contains(nowhere), "{line}: {message}");
        }
    }
    let line = inputs.line("sample model.safetensors --out");
    let twice = inputs.path("a.svg").display().to_string();
    let message = refusal(&format!("{line} {twice} --figure {twice}"));
    assert!(message.contains("would be written twice"), "{message}");
    let both = refusal(&format!("{line} - --json"));
    assert!(both.contains("standard output is taken"), "{both}");
    let ledger = inputs.path("a.json").display().to_string();
    let message = refusal(&format!("{line} {ledger} --chip D3"));
    assert!(message.contains("clock and ledger would go"), "{message}");
}

/// Whatever becomes of the picture, what took the time is on the disk.
#[test]
fn data_are_written_before_they_are_drawn() {
    let inputs = Inputs::new();
    run_in(&inputs, &format!("{MEASUREMENTS} t.csv"));
    for (line, data) in [
        (
            "sample model.safetensors -n 20 --steps 1 --out s.npz",
            "s.npz",
        ),
        (
            "relax --model model.safetensors --anchor x.npy --chip ideal --duration 1tau --out r.npz",
            "r.npz",
        ),
        (
            "chip fit t.csv --kind programming-noise --from pcm --out d.toml",
            "d.toml",
        ),
    ] {
        let picture = inputs.path("p.svg");
        run_in(&inputs, &format!("{line} --figure p.svg"));
        let written = |path| fs::metadata(path).unwrap().modified().unwrap();
        assert!(
            written(inputs.path(data)) <= written(picture.clone()),
            "{line}"
        );
        // A picture that cannot be there is refused before the work.
        fs::remove_file(&picture).unwrap();
        fs::create_dir(&picture).unwrap();
        fs::remove_file(inputs.path(data)).unwrap();
        let refused = run_in(&inputs, &format!("{line} --figure p.svg"));
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        assert!(!inputs.path(data).exists(), "{line}");
        fs::remove_dir(&picture).unwrap();
    }
}
