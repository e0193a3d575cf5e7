//! `gradep bench quality`.

use super::{printed, refusal, run, stdout};
use ndarray::Array2;
use ndarray_npy::write_npy;
use serde_json::Value;
use std::{fs, path::Path};

/// A model file: an untrained network of the smallest useful size.
fn model(folder: &Path) -> String {
    let root = folder.join("run");
    let line = format!(
        "train --preset best -s network.layers=[64,8] -s training.epochs=1 -s sampling.step=0.25 --out {} --quiet",
        root.display()
    );
    let output = run(&line);
    assert!(output.status.success(), "{output:?}");
    root.display().to_string()
}

/// A small bench ends with all its files, goes on where it was, and refuses another one's folder.
#[test]
fn a_bench_leaves_numbers_samples_and_figures() {
    let folder = tempfile::tempdir().unwrap();
    let run_folder = model(folder.path());
    let out = folder.path().join("quality");
    let line = format!(
        "bench quality --run {run_folder} --chip D3 --mode free,stepped --ratio 2 --steps 2 --settle 2tau \
         --times 0.5,1 --track P -n 20 --chips 2 --out {}",
        out.display()
    );
    let table = printed(&line);
    assert!(
        table.contains("D3 free, r = 2") && table.contains("exact equilibria"),
        "{table}"
    );
    let names = ["quality.json", "quality.csv", "samples.npz", "plan.json"];
    let figures = [
        "quality",
        "quality-flow",
        "quality-tau",
        "quality-joules",
        "quality-front",
        "quality-distance",
    ];
    let figures = figures
        .iter()
        .flat_map(|name| [format!("{name}.svg"), format!("{name}.png")]);
    for name in names.map(str::to_owned).into_iter().chain(figures) {
        assert!(out.join(&name).is_file(), "{name}");
    }
    let text = fs::read_to_string(out.join("quality.json")).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["schema"], "gradep-quality-1");
    assert_eq!(
        (&document["track"], &document["n"]),
        (&"P".into(), &20.into())
    );
    assert_eq!(document["curves"].as_array().unwrap().len(), 1 + 2 + 2);
    let curve = &document["curves"][1];
    assert_eq!(
        (&curve["chip"], &curve["mode"]),
        (&"D3".into(), &"free".into())
    );
    assert_eq!(curve["settings"]["ratio"], 2.0);
    let point = &curve["points"][1];
    // 5 τ of settling and 2·2·1 τ of the flow at 10 ns each, and 60 ns of overheads, since x has 2C to reset.
    let seconds = point["seconds"].as_f64().unwrap();
    assert!((seconds / 150e-9 - 1.0).abs() < 1e-6, "{seconds}");
    assert!(point["joules"].as_f64().unwrap() > 0.0);
    let score = &point["scores"]["fd_features"];
    assert!(score["value"].is_number() && score["floor"].is_number() && score["n"] == 20);
    let band = &document["bands"][1];
    assert_eq!(band["points"][0]["metrics"]["recall"]["count"], 2);
    assert!(band["best"]["fd_features"]["seconds"].is_number());
    let kinds: Vec<_> = document["baselines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|b| &b["kind"])
        .collect();
    assert_eq!(kinds, ["real", "gaussian", "gmm"]);
    assert!(
        document["digital"]["gpu_joules_per_sample"]
            .as_f64()
            .unwrap()
            > 0.0
    );
    assert_eq!(
        fs::read_to_string(out.join("quality.csv"))
            .unwrap()
            .lines()
            .count(),
        // Headings, points of five curves, the floor, three baselines.
        1 + 5 * 2 + 1 + 3
    );

    // Again: the curves are there, and the result is the same but for what was timed.
    let again: Value = serde_json::from_str(&printed(&format!("{line} --json"))).unwrap();
    for part in ["curves", "bands", "pareto", "baselines"] {
        assert_eq!(again[part], document[part], "{part}");
    }
    let message = refusal(&line.replace("-n 20", "-n 21"));
    assert!(
        message.contains("quality: holds the result of something else"),
        "{message}"
    );
}

#[test]
fn what_cannot_be_measured_is_refused_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let run_folder = model(folder.path());
    for (options, expected) in [
        ("--mode free", "--mode free: needs a chip"),
        ("--chip D9", "D9"),
        ("--chip D3 D3", "two chips of this name"),
        ("--times 1,0.5", "expected ascending flow times"),
        ("--until 0", "above 0"),
    ] {
        let out = folder.path().join("refused");
        let message = refusal(&format!(
            "bench quality --run {run_folder} {options} --out {}",
            out.display()
        ));
        assert!(message.contains(expected), "{options}: {message}");
        assert!(!out.exists());
    }
}

/// A run on own images is judged by them; where digits are asked for, the bench says so, and so does the page.
#[test]
fn own_images_are_judged_by_themselves_and_told_of_where_it_is_by_digits() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("inverted.npy");
    let images = Array2::from_shape_fn((30, 64), |(i, j)| ((7 * i + 3 * j) % 17) as u8);
    write_npy(&data, &images).unwrap();
    let root = folder.path().join("run");
    let line = format!(
        "train --epochs 1 -s network.layers=[64,8] -s flow.batch=30 -s sampling.step=0.25 -s \
         data.source={} -s data.label_column=false --out {} --quiet",
        data.display(),
        root.display()
    );
    let output = run(&line);
    assert!(output.status.success(), "{output:?}");
    let small = "--chip D3 --ratio 1 --presettle 1tau -n 10 --chips 1 --time-step 2";
    for (line, out) in [
        (
            "quality --mode ideal --times 0.5 -n 10".to_owned(),
            "quality",
        ),
        (
            format!("sweep {small} --at 0.1 --vary activation.offset.spread=0V"),
            "sweep",
        ),
        (
            format!("sensitivity {small} --at 0.1 -s chip.only=activation.gain"),
            "sensitivity",
        ),
        (
            format!(
                "tolerance {small} --at 0.1 --only activation.gain --key activation.gain.spread --between 0 \
                 0.02 --steps-between 1"
            ),
            "tolerance",
        ),
    ] {
        let line = format!(
            "bench {line} --run {} --out {}",
            root.display(),
            folder.path().join(out).display()
        );
        let output = run(&line);
        assert!(output.status.success(), "{line}: {output:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(!text.contains("like digits"), "{line}: {text}");
        tells_of_pixels(out, &String::from_utf8(output.stdout).unwrap());
        // Thirty images without classes: the distance in pixels decides, and nothing is said of features.
        let file = folder.path().join(out);
        if out == "quality" {
            let document = document_of(&file.join("quality.json"));
            let domain = document["domain"].as_str().unwrap();
            assert!(domain.contains("30 images") && domain.contains("inverted.npy"));
            assert_eq!(document["headline"][0], "fd_pixels");
            let scores = &document["curves"][0]["points"][0]["scores"];
            assert!(scores["fd_pixels"]["value"].as_f64().unwrap() > 0.0);
            assert!(scores["fd_pixels"]["floor"].as_f64().unwrap() > 0.0);
            assert!(scores["fd_features"]["value"].is_null());
        } else {
            let document = document_of(&file.join("sweep.json"));
            assert_eq!(document["decisive"], "fd_pixels");
            assert!(document["ideal"]["fd_pixels"]["value"].as_f64().unwrap() > 0.0);
            assert!(document["ideal"]["fd_features"].is_null());
        }
    }
    let output = run(&format!(
        "bench quality --mode ideal --times 0.5 -n 10 --data digits --track P --run {} --out {}",
        root.display(),
        folder.path().join("digits").display()
    ));
    let text = String::from_utf8(output.stderr).unwrap();
    let warned = text.lines().any(|line| {
        line.contains("WARN") && line.contains("inverted.npy") && line.contains("like digits")
    });
    assert!(output.status.success() && warned, "{text}");
    let page = folder.path().join("page.html");
    let text = stdout(&format!(
        "report {} --bench {} --quiet --json -o {}",
        root.display(),
        folder.path().join("digits").display(),
        page.display()
    ));
    let summary: Value = serde_json::from_str(&text).unwrap();
    let warning = summary["warnings"][0].as_str().unwrap();
    assert!(warning.contains("inverted.npy"), "{warning}");
    assert!(
        fs::read_to_string(&page)
            .unwrap()
            .contains("id=\"warnings\"")
    );
}

/// The table tells of the metric that decides, with its numbers.
fn tells_of_pixels(bench: &str, table: &str) {
    assert!(table.contains("fd_pixels"), "{table}");
    assert!(!table.contains("fd_features"), "{table}");
    let (line, value) = if bench == "quality" {
        assert!(table.contains("compared with") && table.contains("inverted.npy"));
        let headings = table.lines().find(|line| line.starts_with("setting"));
        let value = headings.unwrap().find("fd_pixels").unwrap() + "fd_pixels".len();
        ("exact equilibria ", value)
    } else {
        ("chip D3, ", usize::MAX)
    };
    let line = table.lines().find(|row| row.starts_with(line)).unwrap();
    let words = line[..value.min(line.len())].split_whitespace();
    let value = match bench {
        "quality" => words.last(),
        _ => words.skip_while(|&word| word != "fd_pixels").nth(1),
    };
    assert!(value.unwrap().parse::<f64>().unwrap() > 0.0, "{table}");
}

fn document_of(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Seeds count from the first one on, of samples as of chips.
#[test]
fn seeds_begin_where_they_are_asked_to() {
    let folder = tempfile::tempdir().unwrap();
    let run_folder = model(folder.path());
    let curves = |name: &str, seeds: &str| -> Vec<Value> {
        let out = folder.path().join(name);
        let line = format!(
            "bench quality --run {run_folder} --chip D3 --ratio 2 --presettle 1tau --times 0.1 --track P -n 10 \
             --time-step 1 {seeds} --json --out {}",
            out.display()
        );
        let document: Value = serde_json::from_str(&printed(&line)).unwrap();
        document["curves"].as_array().unwrap().clone()
    };
    let both = curves("both", "--seeds 2 --chips 2");
    let later = curves("later", "--seed 1 --chip-seed 1");
    let of_second = |curve: &&Value| {
        let chip = &curve["chip_seed"];
        curve["sampling_seed"] == 1 && (chip.is_null() || *chip == 1)
    };
    let expected: Vec<&Value> = both.iter().filter(of_second).collect();
    assert_eq!((both.len(), expected.len()), (2 + 4, 1 + 1));
    for (found, expected) in later.iter().zip(expected) {
        assert_eq!(found["points"], expected["points"]);
    }
}
