//! Quality against time, and its Pareto front.

use super::*;
use bench_hw::{
    baselines::BaselineKind,
    generation::Mode,
    quality::{
        BaselineLine, BaselineValue, Curve, FrontPoint, Pareto, Point, Quality, RunEntry, bands,
    },
};
use gradep_core::objective::ObjectiveKind;
use serde_json::{Map, json};

const METRICS: [&str; 16] = [
    "fd_features",
    "fd_pixels",
    "mmd",
    "kid",
    "precision",
    "recall",
    "density",
    "coverage",
    "recognisable",
    "class_tv",
    "class_entropy",
    "smallest_class",
    "confidence",
    "one_nn_generated",
    "one_nn_real",
    "memorisation",
];

/// A curve whose distances have a minimum at t = 1.2 and whose shares rise.
fn curve(chip: Option<(&str, f64)>, seed: u64) -> Curve {
    let points = [0.6, 0.9, 1.2, 1.5, 2.0, 3.0].map(|t: f64| {
        let off = (t / 1.2).ln().abs();
        let worse = 1.0 + 0.2 * seed as f64 + if chip.is_some() { 0.3 } else { 0.0 };
        let scores: Map<_, _> = METRICS
            .iter()
            .map(|&metric| {
                let value = match metric {
                    "fd_features" => worse * (3.0 + 40.0 * off),
                    "mmd" => 1e-3 * worse * (4.0 + 30.0 * off),
                    "recall" => 0.9 / (1.0 + t),
                    _ => 1.0 - (-t).exp() / worse,
                };
                let score = json!({"value": value, "standard_error": 0.1, "floor": 0.1, "n": 898});
                (metric.to_owned(), score)
            })
            .collect();
        Point {
            flow_time: t,
            relaxation_tau: chip.map(|_| 40.0 * t),
            seconds: chip.map(|(_, tau)| 40.0 * tau * t),
            joules: chip.map(|(_, tau)| 1e-3 * tau * t),
            sweeps_or_steps: 400.0 * t,
            mean_evaluations: None,
            most_evaluations: None,
            unsettled_share: None,
            speed_share: None,
            reach: None,
            scores: serde_json::from_value(scores.into()).unwrap(),
        }
    });
    Curve {
        label: chip.map_or("exact equilibria".to_owned(), |(chip, _)| {
            format!("{chip} free, r = 20")
        }),
        chip: chip.map(|(chip, _)| chip.to_owned()),
        mode: if chip.is_some() {
            Mode::Free
        } else {
            Mode::Ideal
        },
        objective: ObjectiveKind::default(),
        settings: Map::new(),
        run: "a".to_owned(),
        sampling_seed: seed,
        chip_seed: chip.map(|_| 0),
        points: points.to_vec(),
    }
}

fn document(chips: &[(&str, f64)]) -> Quality {
    let mut curves = vec![curve(None, 0), curve(None, 1)];
    for &chip in chips {
        curves.extend([0, 1].map(|seed| curve(Some(chip), seed)));
    }
    let bands = bands(&curves);
    let line = |label: &str, kind, fd| BaselineLine {
        label: label.to_owned(),
        kind,
        scores: [("fd_features".to_owned(), BaselineValue { value: fd })].into(),
        source: String::new(),
    };
    Quality {
        schema: String::new(),
        command: Vec::new(),
        version: String::new(),
        track: "H".to_owned(),
        n: 898,
        headline: bench_hw::metrics::headline(true)
            .into_iter()
            .map(str::to_owned)
            .collect(),
        domain: None,
        runs: vec![RunEntry {
            name: "a".to_owned(),
            seed: None,
            model_blake3: String::new(),
            trained_on: None,
            objective: ObjectiveKind::default(),
        }],
        curves,
        pareto: Pareto::of(&bands),
        bands,
        baselines: vec![
            line("real digits", BaselineKind::Real, 1.3),
            line("Gaussian fit", BaselineKind::Gaussian, 18.9),
        ],
        digital: None,
        samples: "samples.npz".to_owned(),
    }
}

#[test]
fn models_of_two_objectives_have_curves_of_their_own_beside_their_own_exact_equilibria() {
    let folder = folder();
    let mut document = document(&[("D3", 1e-8)]);
    let rest = ObjectiveKind::EquilibriumMatching;
    let mut curves = document.curves.clone();
    curves.extend(document.curves.iter().map(|curve| Curve {
        label: format!("{}, {rest}", curve.label),
        objective: rest,
        ..curve.clone()
    }));
    document.bands = bands(&curves);
    document.curves = curves;
    assert_eq!(document.bands.len(), 4);
    for abscissa in [Abscissa::FlowTime, Abscissa::Seconds] {
        let figure = QualityTime {
            document: &document,
            abscissa,
        };
        let (texts, _) = draw(&folder, "both", |path| figure.write_decisive(path));
        let count = |text: &str| texts.iter().filter(|found| found.starts_with(text)).count();
        // A curve of each on the chip, and one at exact equilibria for each: one panel, one legend.
        assert_eq!(count("D3 free, r = 20"), 2, "{texts:?}");
        assert_eq!(count("D3 free, r = 20, equilibrium-matching"), 1);
        assert_eq!(count("exact equilibria"), 2, "{texts:?}");
        assert_eq!(count("Fréchet distance in features"), 1);
    }
}

#[test]
fn quality_is_drawn_against_every_clock() {
    let folder = folder();
    let document = document(&[("D3", 1e-8), ("D2", 1e-6)]);
    for (name, abscissa, axis) in [
        ("quality-s", Abscissa::Seconds, "time per sample (ns)"),
        ("quality-t", Abscissa::FlowTime, "flow time t"),
        (
            "quality-tau",
            Abscissa::Relaxation,
            "relaxation per sample (τ)",
        ),
        ("quality-j", Abscissa::Joules, "energy per sample (pJ)"),
    ] {
        let figure = QualityTime {
            document: &document,
            abscissa,
        };
        assert!(figure.is_drawable());
        let (texts, picture) = draw(&folder, name, |path| figure.write(path));
        let count = |text: &str| texts.iter().filter(|found| found.contains(text)).count();
        // Nine panels with one legend; fidelity and diversity both.
        assert_eq!(count(axis), 9, "{texts:?}");
        for text in [
            "D3 free, r = 20",
            "D2 free, r = 20",
            "real digits",
            "Gaussian fit",
        ] {
            assert_eq!(count(text), 1, "{text}: {texts:?}");
        }
        for title in [
            "Fréchet distance in features",
            "Precision",
            "Recall",
            "Coverage",
        ] {
            assert!(texts.iter().any(|text| text == title), "{title}: {texts:?}");
        }
        assert_eq!(
            count("fd_features"),
            0,
            "a key in place of words: {texts:?}"
        );
        let caption = texts.join(" ");
        for text in [
            "898 samples",
            "track H",
            "1 trained model",
            "2 sampling seeds",
            "1 chip",
        ] {
            assert!(caption.contains(text), "{text}: {caption}");
        }
        assert!(picture.width > 2000);
    }
}

#[test]
fn without_a_chip_there_is_no_clock_but_the_flow() {
    let document = document(&[]);
    let figure = |abscissa| QualityTime {
        document: &document,
        abscissa,
    };
    assert!(figure(Abscissa::FlowTime).is_drawable());
    assert!(!figure(Abscissa::Seconds).is_drawable());
    let folder = folder();
    draw(&folder, "quality-ideal", |path| {
        figure(Abscissa::FlowTime).write(path)
    });
}

#[test]
fn the_front_names_its_chips_and_its_settings() {
    let folder = folder();
    let document = document(&[("D3", 1e-8), ("D2", 1e-6)]);
    let figure = QualityFront {
        document: &document,
    };
    let (texts, _) = draw(&folder, "quality-front", |path| figure.write(path));
    for text in [
        "D3",
        "D2",
        "front",
        "time per sample (ns)",
        "energy per sample (pJ)",
        "Fréchet distance in features",
        // The number beside the first dot of the only setting on both fronts.
        "1",
    ] {
        assert!(texts.iter().any(|found| found == text), "{text}: {texts:?}");
    }
    let caption = texts.join(" ");
    assert!(
        caption.contains("1 D3 free, r = 20 (t = 0.6 to 1.2)"),
        "{caption}"
    );
    let nothing = self::document(&[]);
    let figure = QualityFront { document: &nothing };
    assert!(figure.write(&folder.path.join("none.svg")).is_err());
}

/// Every setting on a front has its number at the first of its dots, and the key tells them apart.
#[test]
fn settings_on_a_front_are_numbered_where_they_begin() {
    let mut document = document(&[("D3", 1e-8)]);
    let point = |label: &str, flow_time, cost, fd_features| FrontPoint {
        label: label.to_owned(),
        flow_time,
        cost,
        fd_features: Some(fd_features),
        fd_pixels: None,
    };
    document.pareto = Pareto {
        seconds: vec![
            point("a", 0.5, 1.0, 9.0),
            point("a", 0.7, 2.0, 8.0),
            point("b", 0.5, 3.0, 7.0),
            point("a", 1.0, 4.0, 6.0),
        ],
        joules: vec![point("c", 0.5, 1.0, 9.0)],
    };
    let figure = QualityFront {
        document: &document,
    };
    assert_eq!(
        figure.key(),
        ["1 a (t = 0.5 to 1)", "2 b (t = 0.5)", "3 c (t = 0.5)"]
    );
}
