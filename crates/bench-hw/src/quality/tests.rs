use super::*;
use crate::{
    domain::Digits,
    generation::Mode,
    metrics::{Reference, Scores, measure},
    results::{self, ResultFile as _},
    store::Store,
    test_digits::SomeDigits,
};
use analog_substrate::{
    Activation, Cell, Couplings, Layers, Relaxation,
    chip::{Duration, NoiseRamp, TransientSettings},
    hw_spec::Spec,
    random::{Purpose, stream},
};
use gradep_core::{
    config::{Config, DEFAULT_PRESET, SamplingConfig},
    data::Dataset,
    files::Model,
    generate::Reach,
    objective::ObjectiveKind,
};
use ndarray::s;
use proptest::prelude::*;
use rand_distr::{Distribution, StandardNormal};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

fn trained(seed: u64) -> Trained {
    let layers = Layers::new(vec![64, 8]).unwrap();
    let mut draws = stream(seed, Purpose::Weights, 0, 0);
    let values = (0..layers.parameters()).map(|_| {
        let z: f32 = StandardNormal.sample(&mut draws);
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
        name: format!("run-{seed}"),
        id: model.id(),
        trained_on: None,
        objective: ObjectiveKind::default(),
        seed: Some(seed),
        model,
        sampling: SamplingConfig {
            step: 0.5,
            ..Config::preset(DEFAULT_PRESET).unwrap().sampling
        },
        relaxation: Relaxation::default(),
    }
}

fn chip(name: &str) -> ChipDesign {
    ChipDesign {
        name: name.to_owned(),
        overrides: Vec::new(),
        design: Spec::load(name).unwrap().design(),
    }
}

fn axes(chips: Vec<ChipDesign>, modes: Vec<Mode>) -> Axes {
    Axes {
        chips,
        modes,
        warm: vec![false],
        settle: vec![Duration::TimeConstants(2.0)],
        steps: vec![2],
        ratios: vec![2.0],
        presettle: Duration::TimeConstants(1.0),
        noise: NoiseRamp::NONE,
        transients: TransientSettings::default(),
        times: vec![0.5, 1.0],
    }
}

/// Forty digits against forty others.
fn reference() -> Reference {
    let images = Dataset::digits().images().mapv(f64::from);
    let part = |from: usize| images.slice(s![from..from + 40, ..]).to_owned();
    Reference::of(&SomeDigits {
        real: part(0),
        training: Some(part(40)),
    })
}

fn bench<'a>(runs: &'a [Trained], settings: &'a [Setting], reference: &'a Reference) -> Bench<'a> {
    Bench {
        runs,
        settings,
        sampling_seeds: vec![0, 1],
        chip_seeds: vec![0, 1],
        samples: 12,
        reference,
        domain: &Digits::HELD_OUT,
    }
}

#[test]
fn bands_are_over_runs_sampling_seeds_and_chips() {
    let runs = [trained(1), trained(2)];
    let settings = axes(vec![chip("D3")], vec![Mode::Free, Mode::Stepped]).settings();
    let reference = reference();
    let measured = bench(&runs, &settings, &reference)
        .measure(None, || false, |_, _| {})
        .unwrap();
    // Exact equilibria have no chips to differ in.
    assert_eq!(measured.curves.len(), 4 + 8 + 8);
    assert_eq!(measured.samples.len(), 3);
    assert_eq!(measured.samples[0].dim(), (2, 12, 64));
    let bands = bands(&measured.curves);
    let counts: Vec<_> = bands.iter().map(|band| (band.curves, band.mode)).collect();
    assert_eq!(
        counts,
        [(4, Mode::Ideal), (8, Mode::Free), (8, Mode::Stepped)]
    );
    let free: Vec<_> = measured
        .curves
        .iter()
        .filter(|c| c.mode == Mode::Free)
        .collect();
    for (at, point) in bands[1].points.iter().enumerate() {
        let values: Vec<f64> = (free.iter())
            .map(|curve| curve.points[at].scores.value("fd_pixels").unwrap())
            .collect();
        let band = point.metrics["fd_pixels"];
        assert!((band.mean - values.iter().sum::<f64>() / 8.0).abs() < 1e-12);
        assert!(values.iter().all(|v| (band.low..=band.high).contains(v)));
        // 1 τ of settling, 2·2·t of the flow; overheads of 60 ns, 20 of them to reset x on 2C.
        let tau = 1.0 + 4.0 * point.flow_time;
        assert!((point.relaxation_tau.unwrap() - tau).abs() < 1e-6);
        assert!((point.seconds.unwrap() / (10e-9 * tau + 60e-9) - 1.0).abs() < 1e-6);
        assert!(point.joules.unwrap() > 0.0);
    }
    assert_eq!(bands[0].points[0].seconds, None);
}

/// All settings share the starting noise, and a chip without deviations is the same whatever its seed.
#[test]
fn curves_differ_by_their_setting_alone() {
    let runs = [trained(1)];
    let settings = axes(vec![chip("ideal")], vec![Mode::Free]).settings();
    let reference = reference();
    let measured = bench(&runs, &settings, &reference)
        .measure(None, || false, |_, _| {})
        .unwrap();
    let of = |sampling_seed, chip_seed| {
        let mut found = measured.curves.iter().filter(|curve| {
            (curve.mode, curve.sampling_seed, curve.chip_seed)
                == (Mode::Free, sampling_seed, Some(chip_seed))
        });
        found.next().unwrap().points.clone()
    };
    assert_eq!(of(0, 0), of(0, 1));
    assert_ne!(of(0, 0), of(1, 0));
}

#[test]
fn an_interrupted_bench_ends_as_an_undisturbed_one() {
    let runs = [trained(1)];
    let settings = axes(vec![chip("D3")], vec![Mode::Free]).settings();
    let reference = reference();
    let bench = bench(&runs, &settings, &reference);
    let text = |measured: &Measured| serde_json::to_string(&measured.curves).unwrap();
    let undisturbed = bench.measure(None, || false, |_, _| {}).unwrap();

    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &bench.plan()).unwrap();
    let one_thread = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let mut shares = Vec::new();
    one_thread
        .install(|| bench.measure(Some(&store), || false, |share, _| shares.push(share)))
        .unwrap();
    assert_eq!(shares.len(), bench.curves());
    assert!(shares.is_sorted() && (shares[shares.len() - 1] - 1.0).abs() < 1e-9);
    // A curve that is missing, one whose samples are, and one that is half there.
    let mut files: Vec<_> = fs::read_dir(folder.path().join("cells"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    fs::remove_file(&files[0]).unwrap();
    fs::remove_file(&files[3]).unwrap();
    fs::write(&files[5], "{\"key\":").unwrap();
    let resumed = bench.measure(Some(&store), || false, |_, _| {}).unwrap();
    assert_eq!(text(&resumed), text(&undisturbed));
    assert_eq!(resumed.samples, undisturbed.samples);
}

#[test]
fn settings_are_all_combinations_that_make_a_difference() {
    let mut axes = axes(
        vec![chip("D3"), chip("D2")],
        vec![Mode::Free, Mode::Clamped, Mode::Ideal],
    );
    axes.warm = vec![false, true];
    axes.steps = vec![4, 12];
    axes.ratios = vec![10.0, 20.0, 50.0];
    axes.times = vec![0.5, 1.1, 1.2];
    let settings = axes.settings();
    // Exact equilibria; on each chip three ratios, and 2 starts × 2 numbers of steps × 1 time.
    assert_eq!(settings.len(), 1 + 2 * (3 + 4));
    let labels: BTreeSet<_> = settings
        .iter()
        .map(|setting| setting.label.clone())
        .collect();
    assert_eq!(labels.len(), settings.len());
    let four = settings
        .iter()
        .find(|s| s.label.contains("cold, 4 steps"))
        .unwrap();
    // Steps of 0.3: 0.5 is nearest to 0.6, 1.1 and 1.2 both to 1.2.
    assert_eq!(four.times().len(), 2);
    assert!((four.times()[0] - 0.6).abs() < 1e-12 && (four.times()[1] - 1.2).abs() < 1e-12);
    let condition = four.condition(&trained(1).sampling, &Relaxation::default());
    assert!((condition.step - 0.3).abs() < 1e-12);
    let flow = |until| default_times(until, ObjectiveKind::FlowMatching);
    assert_eq!(flow(Some(1.2)), [0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2]);
    assert_eq!(flow(Some(0.2)), [0.2]);
    assert_eq!(flow(None), DEFAULT_TIMES);
    assert_eq!(flow(Some(6.0))[12..], [3.0, 6.0]);
    let rest = |until| default_times(until, ObjectiveKind::EquilibriumMatching);
    assert_eq!(rest(None)[12..], [3.0, 4.0, 5.0]);
    assert_eq!(rest(Some(9.0))[12..], [3.0, 4.0, 5.0, 6.5, 8.0, 9.0]);
    assert_eq!(rest(Some(0.2)), [0.2]);
}

/// Scores that are 0 but for these two.
fn scores(fd_features: f64, recall: f64) -> Scores {
    let zero = serde_json::json!({"value": 0.0, "standard_error": 0.0, "floor": 0.0, "n": 12});
    let digits = Dataset::digits();
    let names = measure(digits.images().slice(s![..12, ..]), &reference()).unwrap();
    let all: serde_json::Map<_, _> = names
        .named()
        .map(|(name, _)| (name.to_owned(), zero.clone()))
        .collect();
    let mut scores: Scores = serde_json::from_value(all.into()).unwrap();
    scores.get_mut("fd_features").unwrap().value = Some(fd_features);
    scores.get_mut("recall").unwrap().value = Some(recall);
    scores
}

#[test]
fn the_best_time_is_that_of_the_mean_and_what_follows_is_told() {
    let curve = |seed: u64, fd: [f64; 3]| Curve {
        label: "D3 free, r = 20".to_owned(),
        chip: Some("D3".to_owned()),
        mode: Mode::Free,
        objective: ObjectiveKind::default(),
        settings: serde_json::Map::new(),
        run: "a".to_owned(),
        sampling_seed: seed,
        chip_seed: Some(0),
        points: (0..3)
            .map(|at| Point {
                flow_time: at as f64 + 1.0,
                relaxation_tau: Some(1.0),
                seconds: Some(1e-7 * (at as f64 + 1.0)),
                joules: Some(1e-12),
                sweeps_or_steps: 1.0,
                mean_evaluations: None,
                most_evaluations: None,
                unsettled_share: None,
                speed_share: Some(0.5),
                reach: Some(Reach {
                    beyond_share: 0.1 * at as f64,
                    largest_rms: 1.0 + 0.1 * seed as f64,
                }),
                scores: scores(fd[at], 0.8 - 0.3 * at as f64),
            })
            .collect(),
    };
    let bands = bands(&[curve(0, [9.0, 4.0, 8.0]), curve(1, [7.0, 6.0, 5.0])]);
    let band = &bands[0];
    let best = band.best["fd_features"];
    assert_eq!(
        (best.flow_time, best.value, best.seconds),
        (2.0, 5.0, Some(2e-7))
    );
    assert!((band.best["recall"].flow_time - 1.0).abs() < 1e-12);
    let after = band.after.as_ref().unwrap();
    assert_eq!(
        (after.from, after.to, after.change["fd_features"]),
        (2.0, 3.0, 1.5)
    );
    assert!((after.change["recall"] + 0.3).abs() < 1e-12);
    let first = band.points[0].metrics["fd_features"];
    assert!((first.sd.unwrap() - 2.0_f64.sqrt()).abs() < 1e-12);
    // Two seeds: t of one degree of freedom is 12.7, and the standard error 1.
    let interval = first.interval.unwrap();
    assert_eq!((interval.degrees_of_freedom, interval.level), (1, 0.95));
    assert!((interval.half_width() - 12.706_204_736_174_694).abs() < 1e-9);
    assert!((first.standard_error.unwrap() - 1.0).abs() < 1e-12);
    // The first point is cheapest, the second best; the third is neither.
    let front = Pareto::of(&bands).seconds;
    let found: Vec<_> = front.iter().map(|point| point.flow_time).collect();
    assert_eq!(format!("{found:?}"), "[1.0, 2.0]");
}

/// Chips whose values agree while seeds differ: four curves are two independent ones.
#[test]
fn curves_that_share_a_seed_are_no_independent_ones() {
    let curve = |sampling_seed: u64, chip: u64| Curve {
        label: String::new(),
        chip: Some("D3".to_owned()),
        mode: Mode::Free,
        objective: ObjectiveKind::default(),
        settings: serde_json::Map::new(),
        run: "a".to_owned(),
        sampling_seed,
        chip_seed: Some(chip),
        points: Vec::new(),
    };
    let curves = [curve(0, 0), curve(0, 1), curve(1, 0), curve(1, 1)];
    let curves: Vec<&Curve> = curves.iter().collect();
    let summary = Summary::of(&curves, &[1.0, 1.2, 3.0, 3.2]).unwrap();
    assert_eq!(summary.count, 4);
    assert_eq!(summary.interval.unwrap().degrees_of_freedom, 1);
    assert!((summary.standard_error.unwrap() - 1.0).abs() < 1e-12);
    let one = Summary::of(&curves[..1], &[1.0]).unwrap();
    assert_eq!(
        (one.sd, one.standard_error, one.interval),
        (None, None, None)
    );
}

proptest! {
    /// No point is on the front that another beats; every other point is beaten by one that is.
    #[test]
    fn a_front_holds_what_is_not_beaten(places in proptest::collection::vec((0_u8..9, 0_u8..9), 1..40)) {
        let points: Vec<FrontPoint> = places
            .iter()
            .map(|&(cost, fd)| FrontPoint {
                label: String::new(),
                flow_time: 1.0,
                cost: f64::from(cost),
                fd_features: Some(f64::from(fd)),
                fd_pixels: None,
            })
            .collect();
        let beats = |a: &FrontPoint, b: &FrontPoint| {
            a.cost <= b.cost && a.fd_features <= b.fd_features
                && (a.cost < b.cost || a.fd_features < b.fd_features)
        };
        let front = front(points.clone());
        prop_assert!(front.iter().all(|point| !points.iter().any(|other| beats(other, point))));
        for point in &points {
            prop_assert!(front.iter().any(|other| beats(other, point)
                || (other.cost, other.fd_features) == (point.cost, point.fd_features)));
        }
    }
}

#[test]
fn operations_are_two_for_every_coupling_and_direction() {
    let layers = Layers::new(vec![64, 128, 128]).unwrap();
    let operations = operations_per_sweep(&layers);
    assert!((operations - 98_304.0).abs() < 1e-9, "{operations}");
}

#[test]
fn a_table_has_a_row_for_every_moment_of_every_curve_and_what_to_compare_with() {
    let runs = [trained(1)];
    let settings = axes(vec![chip("D3")], vec![Mode::Free]).settings();
    let reference = reference();
    let bench = bench(&runs, &settings, &reference);
    let measured = bench.measure(None, || false, |_, _| {}).unwrap();
    let bands = bands(&measured.curves);
    let document = Quality {
        schema: Quality::SCHEMA.to_owned(),
        command: Vec::new(),
        version: "0".to_owned(),
        track: "H".to_owned(),
        n: 12,
        domain: None,
        headline: crate::metrics::headline(true)
            .into_iter()
            .map(str::to_owned)
            .collect(),
        runs: runs.iter().map(Into::into).collect(),
        curves: measured.curves,
        pareto: Pareto::of(&bands),
        bands,
        baselines: Vec::new(),
        digital: None,
        samples: "samples.npz".to_owned(),
    };
    let folder = tempfile::tempdir().unwrap();
    results::write(&document, folder.path()).unwrap();
    let read = results::read::<Quality>(folder.path()).unwrap().unwrap();
    assert_eq!(read.document, document);
    let mut table = csv::Reader::from_reader(read.table.as_deref().unwrap().as_bytes());
    let rows: Vec<BTreeMap<String, String>> = table.deserialize().map(Result::unwrap).collect();
    let points = document
        .curves
        .iter()
        .flat_map(|curve| curve.points.iter().map(move |p| (curve, p)));
    let number = |row: &BTreeMap<String, String>, column: &str| row[column].parse::<f64>().ok();
    assert_eq!(rows.len(), points.clone().count() + 1);
    for ((curve, point), row) in points.zip(&rows) {
        assert_eq!(row["setting"], curve.label);
        assert_eq!(number(row, "time_s"), point.seconds);
        assert_eq!(number(row, "energy_j"), point.joules);
        assert_eq!(number(row, "flow_time"), Some(point.flow_time));
        for (key, score) in point.scores.named() {
            assert_eq!(
                row.get(key).and_then(|text| text.parse().ok()),
                score.value,
                "{key}"
            );
            assert_eq!(
                number(row, &format!("{key}_standard_error")),
                score.standard_error
            );
        }
    }
    let floor = &rows[rows.len() - 1];
    assert_eq!(floor["role"], "floor");
    assert_eq!(number(floor, "coverage"), document.floor("coverage"));
}
