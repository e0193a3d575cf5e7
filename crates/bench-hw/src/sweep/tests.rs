//! Sweeps of chips whose quality is a formula.

use super::{
    Axis, Bisection, Grid, Lab, Levels, Outcome, Question, Rule, Sensitivity, Study, SweepError,
    SweepKind, Trial,
};
use crate::{
    results::{self, ResultFile as _},
    store::Store,
};
use analog_substrate::{
    chip::Design,
    hw_spec::Spec,
    random::{Purpose, stream},
};
use rand::RngExt as _;
use rand_distr::StandardNormal;
use serde_json::json;
use std::{
    collections::BTreeMap,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

/// The metric that decides here.
const DECISIVE: &str = "fd_features";

/// `fd_features = 5(1 + 0.1 n_k)(1 + 0.1 e^{0.3 c_k} offset/mV + 2 gain)`, with n_k of the noise and c_k of
/// the chip normal: 10 % are lost at offsets whose median is 1 mV.
#[derive(Default)]
struct Formula {
    runs: AtomicUsize,
}

impl Formula {
    fn quality(design: &Design, chip: u64) -> f64 {
        let mut generator = stream(7, Purpose::Check, 0, chip);
        let [noise, own]: [f64; 2] = [(); 2].map(|()| generator.sample(StandardNormal));
        let millivolts = design.activation.offset.sigma / 1e-3;
        let slope = 0.1 * (0.3 * own).exp();
        5.0 * (1.0 + 0.1 * noise) * (1.0 + slope * millivolts + 2.0 * design.activation.gain.sigma)
    }
}

impl Trial for Formula {
    fn run(&self, design: &Design, chip: u64) -> Result<Outcome, SweepError> {
        self.runs.fetch_add(1, Ordering::Relaxed);
        let fd = Self::quality(design, chip);
        Ok(Outcome {
            scores: [
                (DECISIVE.to_owned(), fd),
                ("fd_pixels".to_owned(), fd / 7.0),
            ]
            .into(),
            subsets: (0..16).map(|k| fd * (1.0 + 0.01 * f64::from(k))).collect(),
            velocity_error: Some(fd / 100.0),
            velocity_error_rms: None,
            seconds: 1e-6 / 3.0,
            joules: 1e-9 / 3.0,
            ..Outcome::default()
        })
    }
}

const RULE: Rule = Rule {
    metric: DECISIVE,
    within: 0.1,
};

fn spec(overrides: &[&str]) -> Spec {
    let mut spec = Spec::load("ideal").unwrap();
    spec.override_with(overrides).unwrap();
    spec
}

fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    pool.build().unwrap().install(work)
}

fn question(base: &Spec) -> Question {
    Question {
        command: vec!["gradep".into()],
        version: "0".into(),
        kind: SweepKind::Sweep,
        track: "H".into(),
        domain: None,
        decisive: DECISIVE.to_owned(),
        n: 10,
        flow_time: 1.0,
        run: "model".into(),
        model_blake3: String::new(),
        trained_on: None,
        chip: base.name().into(),
        mode: "free".into(),
        settings: json!({}),
    }
}

/// Runs a sweep of the offset until `most` chips were tried.
fn sweep(root: &Path, trial: &Formula, threads: usize, most: usize) -> Result<String, SweepError> {
    let base = spec(&[]);
    let store = Store::open(root, &json!({"kind": "sweep"}))?;
    let stop = || trial.runs.load(Ordering::Relaxed) >= most;
    let lab = Lab {
        trial,
        store: &store,
        stop: &stop,
        done: &|| {},
    };
    let axis = Axis::parse("activation.offset.spread=0 V,1 mV,3 mV", &base)?;
    let grid = Grid::new(&base, vec![axis])?;
    let swept = on_threads(threads, || grid.run(&lab, 20, RULE))?;
    let question = question(&base);
    let floors = BTreeMap::from([(DECISIVE.to_owned(), 1.3)]);
    let mut document = Study::new(question, swept.ideal, &floors);
    (document.axes, document.cells) = (grid.axes, swept.cells);
    results::write(&document, store.root()).unwrap();
    Ok(std::fs::read_to_string(root.join("sweep.json")).unwrap())
}

#[test]
fn interruptions_and_threads_leave_the_same_bytes_and_compute_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let whole = Formula::default();
    let expected = sweep(&folder.path().join("whole"), &whole, 1, usize::MAX).unwrap();
    // The level of 0 is the ideal chip.
    assert_eq!(whole.runs.into_inner(), 60);

    let root = folder.path().join("parts");
    let parts = Formula::default();
    let error = sweep(&root, &parts, 2, 30).unwrap_err();
    assert!(matches!(error, SweepError::Interrupted), "{error}");
    assert!(!root.join("sweep.json").exists());
    let done = parts.runs.load(Ordering::Relaxed);
    assert!((30..60).contains(&done), "{done}");
    assert_eq!(sweep(&root, &parts, 3, usize::MAX).unwrap(), expected);
    assert_eq!(parts.runs.load(Ordering::Relaxed), 60);
    // Everything is there.
    assert_eq!(sweep(&root, &parts, 2, 0).unwrap(), expected);
}

#[test]
fn a_level_of_zero_is_the_ideal_chip_and_yields_fall_with_the_level() {
    let folder = tempfile::tempdir().unwrap();
    let text = sweep(&folder.path().join("s"), &Formula::default(), 2, usize::MAX).unwrap();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let cell = |index: usize| &document["cells"][index];
    assert_eq!(cell(0)["scores"], document["ideal_cell"]["scores"]);
    assert_eq!(cell(0)["excess"]["p95"], 0.0);
    // The spread of the noise is in the scores and not in the excess.
    assert!(cell(0)["scores"][DECISIVE]["sd"].as_f64().unwrap() > 0.2);
    let yields = [0, 1, 2].map(|i| cell(i)["yield"]["share"].as_f64().unwrap());
    assert!((yields[0] - 1.0).abs() < 1e-12 && yields[1] > 0.2 && yields[1] < 0.8);
    assert!(yields[2] < 0.1, "{yields:?}");
    for (name, expected) in [("floor", 1.3), ("n", 10.0)] {
        assert_eq!(document["ideal"][DECISIVE][name].as_f64(), Some(expected));
    }
    let mean = document["ideal"][DECISIVE]["value"].as_f64().unwrap();
    assert!((mean - 5.0).abs() < 0.4, "{mean}");
}

fn try_all<T>(work: impl FnOnce(&Lab<'_>) -> T) -> T {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &json!({})).unwrap();
    let trial = Formula::default();
    work(&Lab {
        trial: &trial,
        store: &store,
        stop: &|| false,
        done: &|| {},
    })
}

#[test]
fn the_dearest_imperfection_is_ranked_first_with_its_effects_alone_and_left_out() {
    let base = spec(&[
        "activation.offset.spread=2 mV",
        "activation.gain.spread=2 %",
        "overheads.read=1 ns",
        "spring.mismatch.spread=1 %",
    ]);
    let sensitivity = Sensitivity::of(&base).unwrap();
    // What costs time only is no imperfection.
    assert_eq!(sensitivity.imperfections.len(), 3);
    assert_eq!(sensitivity.all().len(), 8);
    let ranked = try_all(|lab| sensitivity.run(lab, 12, RULE)).unwrap();
    let keys: Vec<_> = ranked
        .ranking
        .iter()
        .map(|rank| rank.key.as_str())
        .collect();
    assert_eq!(
        keys,
        ["activation.offset", "activation.gain", "spring.mismatch"]
    );
    assert_eq!(ranked.ranking[1].level, "1 ± 0.02 (normal)");
    let gain = &ranked.ranking[1];
    for chip in 0..12 {
        let noise = Formula::quality(&spec(&[]).design(), chip);
        // 2 · 2 % of what the noise gives, whether alone or on top of the offset.
        for effect in [&gain.alone, &gain.left_out] {
            let found = effect.fd_features.chips[chip as usize].unwrap();
            assert!((found - 0.04 * noise).abs() < 1e-12);
        }
    }
    assert_eq!(ranked.ranking[2].alone.fd_features.sd, Some(0.0));
    assert_eq!(ranked.cells.len(), 6);
    assert_eq!(ranked.cells[0].values, ["activation.gain", "alone"]);
    let message = Sensitivity::of(&spec(&[])).unwrap_err().to_string();
    assert!(message.contains("ideal has no imperfection"), "{message}");
}

#[test]
fn the_tolerance_is_where_the_formula_leaves_the_limit() {
    let base = spec(&[]);
    let levels = Levels::between("activation.offset.spread", ["0 V", "4 mV"], 128, &base).unwrap();
    let search = Bisection::new(&base, levels).unwrap();
    let (tolerance, ideal) = try_all(|lab| search.run(lab, 40, RULE)).unwrap();
    assert_eq!((ideal.chips, tolerance.chips.len()), (40, 40));
    for found in &tolerance.chips {
        let at = |offset: f64| {
            let mut design = base.design();
            design.activation.offset.sigma = offset;
            Formula::quality(&design, found.chip) / Formula::quality(&base.design(), found.chip)
        };
        let bears = found.bears.number.unwrap();
        assert!(at(bears) <= 1.1 && at(bears + tolerance.resolution) > 1.1);
        assert!(found.evaluations.len() <= 9);
        assert!(found.evaluations.is_sorted_by(|a, b| a.number < b.number));
    }
    // Log-normal around 1 mV with a width of 0.3: 95 % bear e^(−0.49).
    let (low, high) = (
        tolerance.low.number.unwrap(),
        tolerance.high.number.unwrap(),
    );
    assert!(
        low <= 1e-3 && 1e-3 <= high + tolerance.resolution,
        "{low} {high}"
    );
    assert!(tolerance.coverage > 0.95);
    assert!((0.45e-3..0.75e-3).contains(&tolerance.most.number.unwrap()));
    assert_eq!(tolerance.between, ["0 V", "4 mV"]);
}

/// The table of a document, as a reader of CSV finds it: rows by the names of their columns.
fn rows_of(document: &Study) -> Vec<BTreeMap<String, String>> {
    let folder = tempfile::tempdir().unwrap();
    results::write(document, folder.path()).unwrap();
    let path = folder.path().join(document.table_name());
    let mut table = csv::Reader::from_path(path).unwrap();
    table.deserialize().map(Result::unwrap).collect()
}

fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap()
}

#[test]
fn a_table_has_a_row_for_every_chip_of_every_cell_in_si_units() {
    let folder = tempfile::tempdir().unwrap();
    sweep(folder.path(), &Formula::default(), 2, usize::MAX).unwrap();
    let document = results::read::<Study>(folder.path()).unwrap().unwrap();
    let rows = rows_of(&document.document);
    // Three levels and the ideal chip, twenty chips each, and the floor.
    assert_eq!(rows.len(), 4 * 20 + 1);
    for (index, row) in rows[..60].iter().enumerate() {
        let (cell, chip) = (&document.document.cells[index / 20], index % 20);
        assert_eq!(
            (row["study"].as_str(), row["role"].as_str()),
            ("sweep", "measured")
        );
        assert_eq!(row["chip_number"], chip.to_string());
        assert_eq!(row["key_1"], "activation.offset.spread");
        let [volts, time] = [[0.0, 1e-3, 3e-3][index / 20], 1e-6 / 3.0];
        assert!((number(row, "value_1") - volts).abs() < 1e-15, "{row:?}");
        assert_eq!(row["unit_1"], "V");
        assert!((number(row, "time_s") - time).abs() < 1e-18);
        assert!((number(row, "energy_j") - 1e-9 / 3.0).abs() < 1e-21);
        for (column, values) in [
            (DECISIVE, &cell.scores[DECISIVE]),
            ("excess", &cell.excess),
            ("velocity_error", cell.velocity_error.as_ref().unwrap()),
        ] {
            let found = number(row, column);
            assert!(
                (found - values.chips[chip].unwrap()).abs() < 1e-12,
                "{column}"
            );
        }
    }
    assert!(rows[60..80].iter().all(|row| row["role"] == "ideal"));
    assert_eq!(
        (rows[80]["role"].as_str(), number(&rows[80], DECISIVE)),
        ("floor", 1.3)
    );
}

#[test]
fn a_tolerance_has_a_row_for_every_level_at_which_a_chip_was_tried() {
    let base = spec(&[]);
    let levels = Levels::between("activation.offset.spread", ["0 V", "4 mV"], 16, &base).unwrap();
    let search = Bisection::new(&base, levels).unwrap();
    let (tolerance, ideal) = try_all(|lab| search.run(lab, 5, RULE)).unwrap();
    let question = Question {
        kind: SweepKind::Tolerance,
        ..question(&base)
    };
    let mut document = Study::new(question, ideal, &BTreeMap::new());
    let tried: usize = tolerance
        .chips
        .iter()
        .map(|chip| chip.evaluations.len())
        .sum();
    document.tolerance = Some(tolerance);
    let rows = rows_of(&document);
    let measured: Vec<_> = rows
        .iter()
        .filter(|row| row["role"] == "measured")
        .collect();
    assert_eq!((measured.len(), rows.len()), (tried, tried + 5 + 1));
    for row in measured {
        let mut design = base.design();
        design.activation.offset.sigma = number(row, "value_1");
        let fd = Formula::quality(&design, row["chip_number"].parse().unwrap());
        assert!((number(row, DECISIVE) - fd).abs() < 1e-9, "{row:?}");
        assert!((number(row, "fd_pixels") - fd / 7.0).abs() < 1e-9);
        assert!(number(row, "time_s") > 0.0 && number(row, "energy_j") > 0.0);
    }
}

/// What is written is what is read, and what an earlier version lacked may be missing.
#[test]
fn a_document_without_what_came_later_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let text = sweep(folder.path(), &Formula::default(), 2, usize::MAX).unwrap();
    let read = || results::read::<Study>(folder.path());
    let written = read().unwrap().unwrap().document;
    let mut document: serde_json::Value = serde_json::from_str(&text).unwrap();
    document.as_object_mut().unwrap().remove("seal");
    for cell in document["cells"].as_array_mut().unwrap() {
        cell.as_object_mut().unwrap().remove("costs");
    }
    let put = |document: &serde_json::Value| {
        std::fs::write(folder.path().join("sweep.json"), document.to_string()).unwrap();
    };
    put(&document);
    let mut expected = written;
    expected
        .cells
        .iter_mut()
        .for_each(|cell| cell.costs.clear());
    assert_eq!(read().unwrap().unwrap().document, expected);
    document["cells"][0]
        .as_object_mut()
        .unwrap()
        .remove("yield");
    put(&document);
    let message = read().unwrap_err().to_string();
    for part in ["sweep.json", "`yield`", "gradep 0", "run its command again"] {
        assert!(message.contains(part), "{message} lacks {part}");
    }
}
