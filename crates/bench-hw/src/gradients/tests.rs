//! What is varied, and that cells differ in nothing else.

use super::{GradientAxis, GradientGrid, GradientStudy, Gradients, Ways};
use crate::{
    results::{self, ResultFile as _, table::Tabled as _},
    store::Store,
    sweep::SweepError,
};
use analog_substrate::{
    Layers,
    chip::{Die, Duration},
    hw_spec::Spec,
};
use gradep_core::{
    config::Config, data::Dataset, files::Model, gradep::PhaseScheme, objective::Examples,
    oracle::check_batch, run::trained_model, trainer::initial_couplings,
};
use serde_json::json;

fn ways() -> Ways {
    Ways {
        ranges: vec![0.03, 0.1],
        betas: Vec::new(),
        phases: PhaseScheme::Centred,
        free: vec![Duration::TimeConstants(20.0)],
        nudged: vec![Duration::TimeConstants(10.0)],
    }
}

fn model() -> Model<f32> {
    let mut config = Config::preset("best").unwrap();
    config.network.layers = Layers::new(vec![64, 6]).unwrap();
    trained_model(&config, initial_couplings(&config.network, 0))
}

fn batches(count: u64) -> Vec<Examples> {
    let images = Dataset::digits().images().clone();
    (0..count)
        .map(|seed| check_batch(images.clone(), 4, seed).unwrap())
        .collect()
}

fn study(model: &Model<f32>) -> GradientStudy<'_> {
    GradientStudy {
        model,
        die: Die { seed: 0, number: 0 },
        step: 0.5,
        repeats: 2,
        seed: 0,
        wanted: 0.9,
    }
}

fn grid(spec: &Spec, axes: &[&str]) -> Result<GradientGrid, SweepError> {
    let axes: Vec<GradientAxis> = axes
        .iter()
        .map(|text| GradientAxis::parse(text, spec))
        .collect::<Result<_, _>>()?;
    GradientGrid::new(spec, &ways(), &axes)
}

#[test]
fn keys_of_the_spec_and_of_the_estimate_are_varied() {
    let spec = Spec::load("D3").unwrap();
    for (text, numbers, unit) in [
        ("range=0.01,0.1", vec![Some(0.01), Some(0.1)], "V_unit"),
        ("nudged=5tau,100 ns", vec![Some(5.0), Some(10.0)], "tau"),
        ("phases=centred,random-sign", vec![None, None], ""),
        (
            "node.capacitance=20 fF,1 pF",
            vec![Some(2e-14), Some(1e-12)],
            "F",
        ),
    ] {
        let axis = GradientAxis::parse(text, &spec).expect(text);
        let axis = axis.axis();
        assert_eq!(
            (&axis.numbers, axis.unit.as_str()),
            (&numbers, unit),
            "{text}"
        );
    }
    let grid = grid(&spec, &["nudged=5tau,20tau", "range=0.2,0.3,0.4"]).unwrap();
    assert_eq!(grid.cells(), 6);
    let last = grid.ways()[5][0];
    assert_eq!((last.nudge.strength(), last.nudged), (0.4, 20.0));
    // Free phase and two nudged ones.
    assert!((grid.tau() - 3.0 * (30.0 + 60.0)).abs() < 1e-9);
    for scheme in PhaseScheme::ALL {
        assert_eq!(serde_json::to_value(scheme).unwrap(), scheme.name());
    }
}

#[test]
fn what_cannot_be_varied_is_refused_by_name() {
    let spec = Spec::load("D3").unwrap();
    for (axes, parts) in [
        (vec!["nudged=5"], ["nudged=5", "10tau"]),
        (vec!["range=0,1"], ["range=0,1", "above 0"]),
        (vec!["phases=both"], ["phases=both", "random-sign"]),
        (vec!["nudged"], ["nudged", "KEY=v1"]),
        (vec!["seeds=1,2"], ["seeds=1,2", "range, beta, free"]),
        (vec!["beta=1e-3"], ["beta", "quadratic"]),
        (
            vec!["node.capacitanc=1 fF"],
            ["node.capacitanc", "node.capacitance"],
        ),
        (
            vec!["range=0.1", "range=0.2"],
            ["range", "another key than before"],
        ),
    ] {
        let message = grid(&spec, &axes).unwrap_err().to_string();
        for part in parts {
            assert!(message.contains(part), "{axes:?}: {message} lacks {part}");
        }
    }
}

/// Cells that differ in what fluctuates, rounds or takes time share one exact gradient; another chip of devices has another. The document is
/// read as it was written, and what is on the disk is not computed again.
#[test]
fn a_map_is_kept_and_gone_on_with() {
    let (model, spec) = (model(), Spec::load("D3").unwrap());
    let grid = grid(&spec, &["node.capacitance=20 fF,1 pF", "nudged=5tau,10tau"]).unwrap();
    let batches = batches(2);
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("map");
    let store = Store::open(&root, &json!({"a": "map"})).unwrap();
    let run = |keep_on: bool| {
        let mut told = 0;
        let found = grid.run(&study(&model), &batches, Some(&store), |_| {
            told += 1;
            keep_on || told < 4
        });
        (found, told)
    };
    let (stopped, _) = run(false);
    assert!(matches!(stopped, Err(SweepError::Interrupted)));
    let (cells, _) = run(true);
    let cells = cells.unwrap();
    assert_eq!(cells.len(), 4);
    let fresh = grid.run(&study(&model), &batches, None, |_| true);
    assert_eq!(fresh.unwrap(), cells);
    let norm = cells[0].batches[0].gradient_norm;
    for cell in &cells {
        assert_eq!((cell.ways.len(), cell.batches.len()), (2, 2));
        assert_eq!(cell.batches[0].gradient_norm.to_bits(), norm.to_bits());
        let worth = &cell.ways[1];
        assert!(worth.cosine.interval.is_some() && worth.noise.mean.unwrap() > 0.0);
    }
    let noise = |cell: usize| cells[cell].ways[0].noise.mean.unwrap();
    assert!(noise(0) > 2.0 * noise(2), "{} {}", noise(0), noise(2));
    let document = Gradients {
        schema: Gradients::SCHEMA.to_owned(),
        version: "test".to_owned(),
        model: model.id(),
        chip: spec.name().to_owned(),
        set: Vec::new(),
        chip_seed: 0,
        chip_number: 0,
        seed: 0,
        batches: 2,
        samples: 4,
        repeats: 2,
        time_step: 0.5,
        wanted_cosine: 0.9,
        axes: grid.axes.clone(),
        cells,
    };
    results::write(&document, &root).unwrap();
    let kept = results::read::<Gradients>(&root).unwrap().unwrap();
    assert_eq!(kept.document, document);
    // Cells, batches, ways.
    let table = document.table();
    assert_eq!(table.len(), 4 * 2 * 2);
    assert_eq!(table.get(15, "level_1"), Some("1 pF"));
    assert_eq!(table.get(15, "value_2"), Some("10"));
    assert_eq!(table.get(15, "range"), Some("0.1"));
}

/// With programming errors every level has weights of its own, and so a gradient of its own; arrays without energy have none.
#[test]
fn another_chip_has_another_gradient() {
    let mut spec = Spec::load("D3").unwrap();
    spec.override_with(&["device=generic"]).unwrap();
    let model = model();
    let map = |spec: &Spec, axis: &str| {
        let grid = grid(spec, &[axis]).unwrap();
        grid.run(&study(&model), &batches(1), None, |_| true)
    };
    let cells = map(&spec, "array.programming_sigma=1 %,5 %").unwrap();
    let norm = |cell: usize| cells[cell].batches[0].gradient_norm;
    assert!(
        (norm(0) / norm(1) - 1.0).abs() > 1e-6,
        "{} {}",
        norm(0),
        norm(1)
    );
    let refused = map(&spec, "array.directions=shared,separate").unwrap_err();
    assert!(refused.to_string().contains("have no energy"), "{refused}");
}
