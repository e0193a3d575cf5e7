//! Results for tests, as benches make them: tiny, but real.

use analog_substrate::{
    Activation, Cell, Couplings, Layers, Relaxation,
    chip::{Design, Duration, NoiseRamp, TransientSettings},
    hw_spec::Spec,
    random::{Purpose, stream},
};
use bench_hw::{
    baselines::BaselineKind,
    domain::{Digits, Track},
    generation::Mode,
    metrics::{Reference, headline},
    quality::{
        Axes, BaselineLine, BaselineValue, Bench, ChipDesign, Pareto, Quality, Trained, bands,
    },
    results::ResultFile as _,
    store::Store,
    sweep::{
        Axis, Bisection, Grid, Lab, Levels, Outcome, Question, Rule, Sensitivity, Study,
        SweepError, SweepKind, Trial,
    },
};
use gradep_core::{
    config::{Config, DEFAULT_PRESET, SamplingConfig},
    files::Model,
    objective::ObjectiveKind,
};
use rand::RngExt as _;
use rand_distr::StandardNormal;
use serde_json::json;
use std::{collections::BTreeMap, sync::OnceLock};

/// The metric that decides here.
const DECISIVE: &str = "fd_features";

fn trained() -> Trained {
    let layers = Layers::new(vec![64, 8]).unwrap();
    let mut draws = stream(1, Purpose::Weights, 0, 0);
    let values = (0..layers.parameters()).map(|_| {
        let z: f32 = draws.sample(StandardNormal);
        0.1 * z
    });
    let model = Model {
        couplings: Couplings::from_flat(layers, values.collect()).unwrap(),
        activation: Activation::PAPER,
        cell: Cell::Gradient,
        spring_stiffness: 15.0,
        output_scale: 2.0,
        trained_on: None,
    };
    Trained {
        name: "runs/tiny".to_owned(),
        id: model.id(),
        trained_on: Some("digits-half".to_owned()),
        objective: ObjectiveKind::default(),
        seed: Some(1),
        model,
        sampling: SamplingConfig {
            step: 0.5,
            ..Config::preset(DEFAULT_PRESET).unwrap().sampling
        },
        relaxation: Relaxation::default(),
    }
}

/// Exact equilibria and two chips that run free, at two flow times each, with two starting noises.
pub(crate) fn quality() -> &'static Quality {
    static QUALITY: OnceLock<Quality> = OnceLock::new();
    QUALITY.get_or_init(|| {
        let chip = |name: &str| ChipDesign {
            name: name.to_owned(),
            overrides: Vec::new(),
            design: Spec::load(name).unwrap().design(),
        };
        let axes = Axes {
            chips: vec![chip("D3"), chip("D2")],
            modes: vec![Mode::Free],
            warm: vec![false],
            settle: vec![Duration::TimeConstants(2.0)],
            steps: vec![2],
            ratios: vec![2.0],
            presettle: Duration::TimeConstants(1.0),
            noise: NoiseRamp::NONE,
            transients: TransientSettings::default(),
            times: vec![0.5, 1.0],
        };
        let reference = Reference::of(&Digits {
            track: Track::HeldOut,
        });
        let (runs, settings) = ([trained()], axes.settings());
        let bench = Bench {
            runs: &runs,
            settings: &settings,
            sampling_seeds: vec![0, 1],
            chip_seeds: vec![0],
            samples: 12,
            reference: &reference,
            domain: &Digits::HELD_OUT,
        };
        let measured = bench.measure(None, || false, |_, _| {}).unwrap();
        let bands = bands(&measured.curves);
        let line = |label: &str, kind, fd| BaselineLine {
            label: label.to_owned(),
            kind,
            scores: [(DECISIVE.to_owned(), BaselineValue { value: fd })].into(),
            source: "made up".to_owned(),
        };
        Quality {
            schema: Quality::SCHEMA.to_owned(),
            command: vec!["gradep".to_owned(), "bench".to_owned()],
            version: "0".to_owned(),
            track: "H".to_owned(),
            n: 12,
            domain: None,
            headline: headline(true).into_iter().map(str::to_owned).collect(),
            runs: runs.iter().map(Into::into).collect(),
            curves: measured.curves,
            pareto: Pareto::of(&bands),
            bands,
            baselines: vec![
                line("real digits", BaselineKind::Real, 1.3),
                line("Gaussian fit", BaselineKind::Gaussian, 18.9),
            ],
            digital: None,
            samples: "samples.npz".to_owned(),
        }
    })
}

/// Chips whose distance grows with the spread of their offsets and gains, chip by chip by another factor.
struct Formula;

impl Trial for Formula {
    fn run(&self, design: &Design, chip: u64) -> Result<Outcome, SweepError> {
        let own = 1.0 + 0.1 * chip as f64;
        let millivolts = design.activation.offset.sigma / 1e-3;
        let fd = 5.0 * own * (1.0 + 0.1 * own * millivolts + 2.0 * design.activation.gain.sigma);
        let scores = [
            (DECISIVE, fd),
            ("fd_pixels", fd / 7.0),
            ("coverage", 1.0 / fd),
        ];
        Ok(Outcome {
            scores: scores.map(|(key, value)| (key.to_owned(), value)).into(),
            subsets: (0..16).map(|k| fd * (1.0 + 0.01 * f64::from(k))).collect(),
            velocity_error: Some(fd / 100.0),
            seconds: 1e-6,
            joules: 1e-9 * (1.0 + chip as f64),
            ..Outcome::default()
        })
    }
}

const CHIPS: u64 = 6;
const RULE: Rule = Rule {
    metric: DECISIVE,
    within: 0.1,
};

/// Runs a study of a formula; `study` fills its document.
fn study(
    kind: SweepKind,
    overrides: &[&str],
    study: impl FnOnce(&Spec, &Lab<'_>, &mut dyn FnMut(bench_hw::sweep::Cell) -> Study) -> Study,
) -> Study {
    let mut spec = Spec::load("ideal").unwrap();
    spec.override_with(overrides).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &json!({"kind": kind})).unwrap();
    let lab = Lab {
        trial: &Formula,
        store: &store,
        stop: &|| false,
        done: &|| {},
    };
    let question = Question {
        command: vec!["gradep".to_owned(), "bench".to_owned()],
        version: "0".to_owned(),
        kind,
        track: "H".to_owned(),
        domain: None,
        decisive: DECISIVE.to_owned(),
        n: 12,
        flow_time: 1.0,
        run: "runs/tiny".to_owned(),
        model_blake3: trained().id,
        trained_on: trained().trained_on,
        chip: spec.name().to_owned(),
        mode: "free".to_owned(),
        settings: json!({"seed": 0, "within": RULE.within}),
    };
    let floors = BTreeMap::from([(DECISIVE.to_owned(), 1.3)]);
    let mut begun = |ideal| Study::new(question.clone(), ideal, &floors);
    study(&spec, &lab, &mut begun)
}

/// A sweep of one or two keys.
pub(crate) fn sweep(vary: &[&str]) -> Study {
    study(SweepKind::Sweep, &[], |spec, lab, begun| {
        let axes = vary.iter().map(|text| Axis::parse(text, spec).unwrap());
        let grid = Grid::new(spec, axes.collect()).unwrap();
        let swept = grid.run(lab, CHIPS, RULE).unwrap();
        let mut document = begun(swept.ideal);
        (document.axes, document.cells) = (grid.axes, swept.cells);
        document
    })
}

/// A ranking of two imperfections, of which the offset costs more.
pub(crate) fn sensitivity() -> Study {
    let on = [
        "activation.offset.spread=3mV",
        "activation.gain.spread=0.02",
    ];
    study(SweepKind::Sensitivity, &on, |spec, lab, begun| {
        let sensitivity = Sensitivity::of(spec).unwrap();
        let ranked = sensitivity.run(lab, CHIPS, RULE).unwrap();
        let mut document = begun(ranked.ideal);
        (document.axes, document.cells) = (ranked.axes, ranked.cells);
        document.whole = Some(ranked.whole);
        document.ranking = Some(ranked.ranking);
        document
    })
}

/// How much offset chips bear.
pub(crate) fn tolerance() -> Study {
    study(SweepKind::Tolerance, &[], |spec, lab, begun| {
        let key = "activation.offset.spread";
        let levels = Levels::between(key, ["0 V", "5 mV"], 50, spec).unwrap();
        let search = Bisection::new(spec, levels).unwrap();
        let (found, ideal) = search.run(lab, CHIPS, RULE).unwrap();
        let mut document = begun(ideal);
        document.tolerance = Some(found);
        document
    })
}
