//! What arguments and names say reaches no terminal, deck, table or page as an order.

use super::{arrays::Inputs, gradep};
use gradep_tests::live;
use std::{fs, path::Path, process::Command, process::Output};

/// Clears the screen, sets the title, goes back to the start of the line, turns what follows around.
const ORDERS: &str = "a\u{1b}[2J\u{1b}]0;title\u{7}\r\u{9b}2J\u{202e}";

fn no_orders(output: &Output, of: &str) {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    let text = String::from_utf8(text).unwrap();
    let bad = text
        .chars()
        .find(|&c| (c != '\n' && c.is_control()) || c == '\u{202e}');
    assert_eq!(bad, None, "{of}: {text:?}");
}

fn spec(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

/// Whatever an argument holds: a name of a file, a setting, an option that there is not.
#[test]
fn arguments_are_shown_without_their_orders() {
    let folder = tempfile::tempdir().unwrap();
    for (line, status) in [
        ("chip show ORDERS.toml", 2),
        ("chip check ORDERS", 2),
        ("chip show D3 -s ORDERS=1", 2),
        ("chip show D3 -s node.capacitance=ORDERS", 2),
        ("chip show D3 --ORDERS", 2),
        ("ORDERS", 2),
        ("--threads ORDERS config show", 2),
        ("config show --config ORDERS", 2),
        ("config show -s data.source=ORDERS", 2),
        ("config show -s ORDERS=1", 2),
        ("sample ORDERS --out a.npz", 2),
        ("report ORDERS -o a.html", 2),
        (
            "chip measure pcm --kind programming-noise --devices 50 -o ORDERS.csv",
            0,
        ),
        (
            "chip fit ORDERS.csv --kind programming-noise --from pcm -o ORDERS.toml",
            0,
        ),
        ("chip show ORDERS.toml", 0),
        (
            "train --preset best -s network.layers=[64,4] -s training.epochs=1 -s sampling.step=0.5 --out ORDERS",
            0,
        ),
        ("train --resume ORDERS", 0),
    ] {
        let mut command = gradep();
        command.current_dir(folder.path());
        // The device that was fitted is read by a spec of that name.
        if line == "chip show ORDERS.toml" && status == 0 {
            let device = fs::read_to_string(folder.path().join(format!("{ORDERS}.toml"))).unwrap();
            assert!(
                !device.contains(|c: char| c.is_control() && c != '\n'),
                "{device:?}"
            );
            continue;
        }
        let words = line.split(' ').map(|word| word.replace("ORDERS", ORDERS));
        let output = command.args(words).output().unwrap();
        assert_eq!(output.status.code(), Some(status), "{line}: {output:?}");
        no_orders(&output, line);
    }
}

/// Names that a spec may have, each an order to ngspice at the start of a line.
#[test]
fn a_deck_does_what_it_says_whatever_the_spec_is_called() {
    let inputs = Inputs::new();
    let has_ngspice = live::has_ngspice();
    let line = "export netlist --model model.safetensors --anchor x.npy --duration 10ps --reltol 1e-2 --out deck.cir --chip";
    let export = |chip: &str| {
        let mut command = gradep();
        command.current_dir(inputs.path("")).args(line.split(' '));
        let output = command.arg(chip).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        fs::read_to_string(inputs.path("deck.cir")).unwrap()
    };
    let plain = export("ideal");
    for (k, name) in [
        ".control",
        "*# shell touch broken",
        "+ r1 a b 1",
        "$(touch broken) `touch broken`; .end",
        "* x",
    ]
    .into_iter()
    .enumerate()
    {
        let file = format!("{k}.toml");
        spec(
            &inputs.path(""),
            &file,
            &format!("inherits = \"ideal\"\nname = \"{name}\"\n"),
        );
        let deck = export(&file);
        assert!(deck.lines().next().unwrap().contains(name));
        assert!(deck.lines().skip(1).eq(plain.lines().skip(1)), "{name}");
        // One of them runs: the others differ from it in a comment.
        if has_ngspice && k == 1 {
            let ran = Command::new("ngspice")
                .args(["-b", "deck.cir"])
                .current_dir(inputs.path(""))
                .output()
                .unwrap();
            assert!(ran.status.success(), "{ran:?}");
            assert!(inputs.path("deck.txt").is_file() && !inputs.path("broken").exists());
        }
    }
}

/// A model's name is a cell of a table, a label of pictures and words of a page: `=` would be a formula
/// to a spreadsheet.
#[test]
fn tables_pictures_and_pages_show_names_as_text() {
    let inputs = Inputs::new();
    let folder = inputs.path("");
    let name = format!("={ORDERS}.safetensors");
    fs::rename(inputs.path("model.safetensors"), folder.join(&name)).unwrap();
    let quality = "bench quality --mode ideal --times 1 -n 20 --track P --out q --run";
    let report = "report q -o page.html";
    for (line, more) in [(quality, Some(name.as_str())), (report, None)] {
        let mut command = gradep();
        command
            .current_dir(&folder)
            .args(line.split(' '))
            .args(more);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        no_orders(&output, line);
    }
    let table = fs::read_to_string(folder.join("q/quality.csv")).unwrap();
    assert!(table.contains(",'=a\\u{1b}[2J"), "{table}");
    for file in ["q/quality.csv", "q/quality-flow.svg", "page.html"] {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        let bad = text
            .chars()
            .find(|&c| (c != '\n' && c.is_control()) || c == '\u{202e}');
        assert_eq!(bad, None, "{file}");
    }
    let page = fs::read_to_string(folder.join("page.html")).unwrap();
    assert!(page.contains(r"=a\u001b[2J"));
}
