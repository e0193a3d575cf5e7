use super::{
    ChipMap, Expected, Provenance, Trust, read_conductances, remove_conductances, remove_index,
    spec_hash, write_conductances,
};
use analog_substrate::{
    Activation, Cell, Couplings, Layers, Topology,
    chip::{Chip, ChipParts, Die, Instance, Network, TransientSettings},
    hw_spec::Spec,
};
use std::{collections::BTreeMap, fs, path::Path};

fn spec(overrides: &[&str]) -> Spec {
    let mut spec = Spec::load("D3-PCM").unwrap();
    spec.override_with(&[
        "array.stuck_on=0.05",
        "wires.tile_rows=2",
        "wires.tile_columns=2",
    ])
    .unwrap();
    spec.override_with(overrides).unwrap();
    spec
}

fn chip_map(spec: &Spec) -> ChipMap {
    let layers = Layers::new(vec![3, 5, 4]).unwrap();
    let topology = Topology::from(layers.clone()).with_visible_leak(true);
    let mut couplings = Couplings::<f64>::zeros(topology);
    for (i, value) in couplings.flat_mut().iter_mut().enumerate() {
        *value = (i as f64 * 0.7).sin() / 3.0;
    }
    couplings.floor_visible_leak();
    let design = spec.design();
    let instance = Instance::draw(&design, &layers, Die { seed: 5, number: 1 });
    let settings = TransientSettings::default();
    let chip = Chip::new(ChipParts {
        design,
        instance,
        network: Network {
            couplings,
            activation: Activation::PAPER,
            cell: Cell::Gradient,
        },
        settings,
        noise_seed: 5,
    })
    .unwrap();
    ChipMap {
        provenance: Provenance {
            spec: spec.name().to_owned(),
            spec_hash: spec_hash(spec),
            model: Some("ab".repeat(32)),
            seed: 5,
            chip: 1,
        },
        tile: Some([2, 2]),
        map: chip.conductances().unwrap(),
    }
}

fn of(chip: &Spec) -> Expected<'_> {
    Expected {
        chip: Some(chip),
        ..Expected::default()
    }
}

/// What was changed on purpose has to make sense still.
fn edited(chip: &Spec) -> Expected<'_> {
    Expected {
        trust: Trust::Edited,
        ..of(chip)
    }
}

/// A bit anywhere in a map is found by what reads it (the arrays for `NumPy` are not read).
#[test]
fn a_changed_bit_of_a_map_is_found() {
    let spec = spec(&[]);
    let folder = tempfile::tempdir().unwrap();
    write_conductances(folder.path(), &chip_map(&spec)).unwrap();
    let files = contents(folder.path());
    let mut random = 1_u64;
    for (name, bytes) in files.iter().filter(|(name, _)| !name.ends_with("npz")) {
        for _ in 0..60 {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let bit = (random >> 33) as usize % (8 * bytes.len());
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            fs::write(folder.path().join(name), changed).unwrap();
            let error = read_conductances(folder.path(), of(&spec))
                .unwrap_err()
                .to_string();
            assert!(error.contains(name.as_str()), "{name}, bit {bit}: {error}");
        }
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    read_conductances(folder.path(), of(&spec)).unwrap();
}

/// Another model's tables among this one's, another model's map, an export that was not finished.
#[test]
fn maps_of_two_models_do_not_mix() {
    let spec = spec(&[]);
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let map = chip_map(&spec);
    write_conductances(one.path(), &map).unwrap();
    let mut other = map.clone();
    other.provenance.model = Some("cd".repeat(32));
    write_conductances(two.path(), &other).unwrap();
    let wanted = Expected {
        model: map.provenance.model.as_deref(),
        ..of(&spec)
    };
    read_conductances(one.path(), wanted).unwrap();
    let refused = read_conductances(two.path(), wanted)
        .unwrap_err()
        .to_string();
    assert!(refused.contains("is a map of the model cdcd"), "{refused}");
    for name in ["weight_0.json", "bias_1.json"] {
        let kept = fs::read(one.path().join(name)).unwrap();
        fs::copy(two.path().join(name), one.path().join(name)).unwrap();
        let refused = read_conductances(one.path(), of(&spec))
            .unwrap_err()
            .to_string();
        assert!(refused.contains("provenance"), "{refused}");
        fs::write(one.path().join(name), kept).unwrap();
    }
    remove_index(one.path()).unwrap();
    let refused = read_conductances(one.path(), of(&spec))
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("chip.json: is missing: an export"),
        "{refused}"
    );
    fs::write(one.path().join("notes.txt"), "mine").unwrap();
    remove_conductances(one.path()).unwrap();
    assert_eq!(
        contents(one.path()).into_keys().collect::<Vec<_>>(),
        ["notes.txt"]
    );
    remove_conductances(two.path()).unwrap();
    assert!(!two.path().exists());
}

fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect()
}

#[test]
fn what_is_read_and_written_again_is_the_same_byte_for_byte() {
    let choices: [&[&str]; 3] = [
        &[],
        &["array.directions=separate"],
        &["array.biases=exact", "array.scale=20 uS"],
    ];
    for overrides in choices {
        let spec = spec(overrides);
        let (first, again) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let written = chip_map(&spec);
        write_conductances(first.path(), &written).unwrap();
        let read = read_conductances(first.path(), of(&spec)).unwrap();
        for (written, read) in written.map.arrays.iter().zip(&read.map.arrays) {
            assert_eq!(written.plus.achieved, read.plus.achieved);
            assert_eq!(written.minus.asked, read.minus.asked);
            assert_eq!(written.plus.stuck, read.plus.stuck);
        }
        assert_eq!(written.map.exact_biases, read.map.exact_biases);
        assert_eq!(written.map.visible_leak, read.map.visible_leak);
        assert!(read.map.visible_leak.iter().any(|&leak| leak > 0.1));
        write_conductances(again.path(), &read).unwrap();
        assert_eq!(contents(first.path()), contents(again.path()));
    }
}

/// What is wrong, the file it is in, and how it is made wrong.
type Damage = (&'static str, &'static str, fn(&str) -> Option<String>);

fn cell(text: &str, line: usize, column: usize, value: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut fields: Vec<&str> = lines[line].split(',').collect();
    fields[column] = value;
    lines[line] = fields.join(",");
    lines.join("\n")
}

const DAMAGES: [Damage; 13] = [
    ("0 or more", "weight_0.csv", |t| {
        Some(cell(t, 3, 5, "-1e-6"))
    }),
    ("0 or more", "weight_0.csv", |t| Some(cell(t, 3, 5, "NaN"))),
    ("0 or more", "weight_0.csv", |t| Some(cell(t, 3, 9, "inf"))),
    ("0 or more", "weight_0.csv", |t| Some(cell(t, 3, 4, ""))),
    ("free, on or off", "weight_0.csv", |t| {
        Some(cell(t, 3, 7, "maybe"))
    }),
    ("a number from 0 to 4", "weight_0.csv", |t| {
        Some(cell(t, 3, 0, "5"))
    }),
    ("has not been before", "weight_0.csv", |t| {
        Some(cell(t, 3, 1, "0"))
    }),
    ("crosspoints", "weight_0.csv", |t| {
        t.trim_end()
            .rsplit_once('\n')
            .map(|(rest, _)| rest.to_owned())
    }),
    ("no table", "weight_0.csv", |t| Some(format!("{t}1,2\n"))),
    ("missing", "weight_0.json", |_| None),
    ("rows and columns", "weight_0.json", |t| {
        Some(t.replace("\"rows\": 5", "\"rows\": 6"))
    }),
    ("scale_siemens", "weight_0.json", |t| {
        let (head, tail) = t.split_once("\"scale_siemens\": ")?;
        let (_, rest) = tail.split_once(',')?;
        Some(format!("{head}\"scale_siemens\": 0.0,{rest}"))
    }),
    ("provenance", "weight_0.json", |t| {
        Some(t.replace("\"seed\": 5", "\"seed\": 6"))
    }),
];

#[test]
fn a_damaged_map_is_refused_with_one_line_that_names_the_file() {
    let spec = spec(&[]);
    let folder = tempfile::tempdir().unwrap();
    for (expected, name, damage) in DAMAGES {
        write_conductances(folder.path(), &chip_map(&spec)).unwrap();
        let path = folder.path().join(name);
        let text = fs::read_to_string(&path).unwrap();
        match damage(&text) {
            Some(damaged) => {
                assert_ne!(damaged, text, "{expected}");
                fs::write(&path, damaged).unwrap();
            }
            None => fs::remove_file(&path).unwrap(),
        }
        let error = read_conductances(folder.path(), edited(&spec)).unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains(name) && message.contains(expected),
            "{expected}: {message}"
        );
        assert!(!message.contains('\n'), "{message}");
    }
}

#[test]
fn a_map_of_another_spec_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    write_conductances(folder.path(), &chip_map(&spec(&[]))).unwrap();
    let other = spec(&["array.age=30 s"]);
    let error = read_conductances(folder.path(), of(&other)).unwrap_err();
    assert!(error.to_string().contains("spec_hash"), "{error}");
}

#[test]
fn a_wrong_cell_is_named_by_the_line_that_an_editor_shows() {
    let spec = spec(&[]);
    let folder = tempfile::tempdir().unwrap();
    write_conductances(folder.path(), &chip_map(&spec)).unwrap();
    let path = folder.path().join("weight_0.csv");
    let wrong = cell(&fs::read_to_string(&path).unwrap(), 3, 5, "-1e-6");
    let spaced = wrong.replacen('\n', "\n\n", 1);
    for (text, line) in [
        (wrong.clone(), 4),
        (wrong.replace('\n', "\r\n"), 4),
        (spaced.clone(), 5),
        (spaced.replace('\n', "\r\n"), 5),
    ] {
        fs::write(&path, text).unwrap();
        let error = read_conductances(folder.path(), edited(&spec)).unwrap_err();
        let message = error.to_string();
        assert!(message.contains(&format!(": line {line}: ")), "{message}");
    }
}

/// Every number of the table in microsiemens under its heading in siemens, of the whole table and of one
/// column at a time; and values just beyond and just within what PCM can hold: 25 uS and eight of its standard
/// deviations, which are 1.06 uS of writing, 1.2 uS of reading after a year.
#[test]
fn conductances_that_no_device_of_the_chip_holds_are_refused() {
    let spec = spec(&[]);
    let folder = tempfile::tempdir().unwrap();
    let written = chip_map(&spec);
    let path = folder.path().join("weight_1.csv");
    let read =
        || read_conductances(folder.path(), edited(&spec)).map_err(|error| error.to_string());
    write_conductances(folder.path(), &written).unwrap();
    let good = fs::read_to_string(&path).unwrap();
    let numbers = [4, 5, 6, 8, 9, 10];
    let in_microsiemens = |columns: &[usize]| {
        let mut lines = good.lines().map(str::to_owned).collect::<Vec<_>>();
        for line in &mut lines[1..] {
            let mut fields: Vec<String> = line.split(',').map(str::to_owned).collect();
            for &column in columns {
                fields[column] = format!("{:e}", 1e6 * fields[column].parse::<f64>().unwrap());
            }
            *line = fields.join(",");
        }
        lines.join("\n")
    };
    fs::write(&path, in_microsiemens(&numbers)).unwrap();
    let message = read().unwrap_err();
    for part in ["weight_1.csv: line ", "_S`", "siemens", "PCM", "25 uS"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    for column in numbers {
        fs::write(&path, in_microsiemens(&[column])).unwrap();
        let message = read().unwrap_err();
        let heading = good.lines().next().unwrap().split(',').nth(column).unwrap();
        assert!(message.contains(heading), "{heading}: {message}");
        // Of no chip in particular it is a map like any other.
        read_conductances(
            folder.path(),
            Expected {
                trust: Trust::Edited,
                ..Expected::default()
            },
        )
        .unwrap();
    }
    for (achieved, is_taken) in [
        ("2.6e-5", true),
        ("3.2e-5", true),
        ("4.5e-5", false),
        ("25", false),
        ("0", true),
    ] {
        fs::write(&path, cell(&good, 2, 5, achieved)).unwrap();
        let found = read();
        assert_eq!(found.is_ok(), is_taken, "{achieved}: {found:?}");
    }
    let scaled = self::spec(&["array.scale=20 uS"]);
    write_conductances(folder.path(), &chip_map(&scaled)).unwrap();
    read_conductances(folder.path(), edited(&scaled)).unwrap();
    let sidecar = folder.path().join("weight_0.json");
    let text = fs::read_to_string(&sidecar).unwrap();
    fs::write(
        &sidecar,
        text.replace("2e-5", "20.0").replace("0.00002", "20.0"),
    )
    .unwrap();
    let message = read_conductances(folder.path(), edited(&scaled))
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("scale_siemens") && message.contains("20 uS"),
        "{message}"
    );
}
