//! What pages say of results.

use super::{
    Page, PageError, Request,
    doubts::doubts,
    gallery::{Frames, Gallery},
    hints::{Subject, hints},
    overview::Overview,
    source::{Results, Sources},
};
use crate::test_results::{quality, sensitivity, sweep, tolerance};
use analog_substrate::hw_spec::Spec;
use bench_hw::{
    quality::{Pareto, Quality},
    results::{self, ResultsError},
    sweep::Study,
};
use gradep_core::{config::AskedFlow, data::Dataset};
use ndarray::{Axis, s};
use std::{fs, path::Path};

/// What a reader finds of documents that were written.
fn written(quality: Option<&Quality>, studies: &[&Study]) -> Results {
    let mut found = Results::default();
    let folder = tempfile::tempdir().unwrap();
    if let Some(quality) = quality {
        results::write(quality, folder.path()).unwrap();
        assert!(found.add(folder.path()).unwrap());
    }
    for study in studies {
        let folder = tempfile::tempdir().unwrap();
        results::write(*study, folder.path()).unwrap();
        assert!(found.add(folder.path()).unwrap());
    }
    found
}

/// The measured document with these distances, by band and moment.
fn with_distances(distances: [[f64; 2]; 3]) -> Quality {
    let mut quality = quality().clone();
    for (band, distances) in quality.bands.iter_mut().zip(distances) {
        for (point, distance) in band.points.iter_mut().zip(distances) {
            let spread = point.metrics.get_mut("fd_features").unwrap();
            (spread.mean, spread.standard_error) = (distance, Some(0.1));
        }
        let least = usize::from(distances[1] < distances[0]);
        let best = band.best.get_mut("fd_features").unwrap();
        (best.value, best.flow_time) = (distances[least], band.points[least].flow_time);
        (best.seconds, best.joules) = (band.points[least].seconds, band.points[least].joules);
    }
    // The choice of samples explains nothing here.
    for point in quality
        .curves
        .iter_mut()
        .flat_map(|curve| &mut curve.points)
    {
        point.scores.get_mut("fd_features").unwrap().standard_error = None;
    }
    quality.pareto = Pareto::of(&quality.bands);
    quality
}

/// Every number comes back as it was written, whichever kind of result.
#[test]
fn what_was_written_is_what_is_read() {
    let studies = [
        sweep(&["activation.offset.spread=0 V,1 mV,3 mV"]),
        sensitivity(),
        tolerance(),
    ];
    let all: Vec<&Study> = studies.iter().collect();
    let found = written(Some(quality()), &all);
    assert_eq!(found.qualities[0].document, *quality());
    for (read, written) in found.sweeps.iter().zip(&studies) {
        assert_eq!(read.document, *written);
        assert!(read.table.is_some());
    }
}

#[test]
fn a_chip_with_a_clock_is_preferred_to_a_better_ideal_one() {
    let quality = with_distances([[9.0, 5.0], [9.0, 5.4], [9.0, 7.0]]);
    let overview = Overview::of(&written(Some(&quality), &[]));
    assert_eq!(overview.lacks(), (false, true));
    let best = overview.best.unwrap();
    let there = &quality.bands[1].points[1];
    assert_eq!(best.band, quality.bands[1].label);
    assert_eq!(best.flow_time, Some(1.0));
    assert_eq!((best.seconds, best.joules), (there.seconds, there.joules));
    assert_eq!((best.n, best.count), (Some(12), Some(2)));
    assert!(best.floor.is_some() && best.is_last);
    // Nothing that is better was slower.
    assert_eq!((best.value, best.smallest), (5.4, 5.4));
    assert_eq!(best.standard_error, Some(0.1));
}

/// Slower for a difference that is half a standard error.
#[test]
fn a_difference_that_is_noise_is_worth_no_time() {
    let mut quality = with_distances([[9.0, 5.0], [9.0, 5.4], [9.0, 5.35]]);
    let fast = quality.bands[1].points[1].seconds.unwrap();
    quality.bands[2].points[1].seconds = Some(100.0 * fast);
    let best = Overview::of(&written(Some(&quality), &[])).best.unwrap();
    assert_eq!((best.seconds, best.value), (Some(fast), 5.4));
    assert!((best.smallest - 5.35).abs() < 1e-12);
    let features = quality.bands[2].points[1].metrics.get_mut("fd_features");
    features.unwrap().mean = 4.3;
    let best = Overview::of(&written(Some(&quality), &[])).best.unwrap();
    assert_eq!((best.seconds, best.value), (Some(100.0 * fast), 4.3));
}

/// The choice of samples explains more than the spread of two curves.
#[test]
fn errors_are_at_least_those_of_the_choice_of_samples() {
    let mut quality = with_distances([[9.0, 5.0], [9.0, 5.4], [9.0, 7.0]]);
    let band = quality.bands[1].clone();
    let error = |quality: &Quality| quality.error(&band, &band.points[1], "fd_features");
    assert_eq!(error(&quality), Some(0.1));
    for curve in &mut quality.curves {
        let score = curve.points[1].scores.get_mut("fd_features");
        score.unwrap().standard_error = Some(0.6);
    }
    let both = error(&quality).unwrap();
    assert!((both - 0.6 / 2.0_f64.sqrt()).abs() < 1e-12, "{both}");
}

fn words(text: &str) -> Vec<String> {
    text.split('|').map(str::to_owned).collect()
}

/// Commands that measure what is missing keep the run, the chip and its settings; the last one is the page's
/// own with what they measure.
#[test]
fn hints_keep_what_was_given_and_lead_on() {
    let mut chip = Spec::load("D3").unwrap();
    chip.set("device", "pcm").unwrap();
    let chip_words = words("--chip|D3|-s|device=pcm");
    let command =
        words("target/gradep|report|runs/my first|--bench|old|--chip|D3|-s|device=pcm|-o|a.html");
    let request = Request {
        source: Path::new("runs/my first"),
        benches: &[],
        chip: &chip,
        chip_words: &chip_words,
        flow: AskedFlow::default(),
        on_chip: None,
        maps: &[],
        command: &command,
    };
    let subject = Subject {
        path: "runs/my first".to_owned(),
        track: "P".to_owned(),
    };
    let found = hints(&request, Some(&subject), (true, true));
    let commands: Vec<&str> = (found.missing.iter())
        .filter_map(|missing| missing.command.as_deref())
        .collect();
    assert_eq!(
        commands,
        [
            "gradep bench quality --run 'runs/my first' --chip D3 -s device=pcm --track P --out quality",
            "gradep bench sensitivity --run 'runs/my first' --chip D3 -s device=pcm --track P --out sensitivity",
        ]
    );
    assert_eq!(
        found.then.as_deref(),
        Some(
            "gradep report --bench quality --bench sensitivity 'runs/my first' --bench old --chip D3 -s \
             device=pcm -o a.html"
        )
    );
    // Nothing is advised that would be refused or say nothing.
    let found = hints(&request, None, (false, true));
    assert_eq!(found.then, None);
    assert!(found.missing[0].command.is_none() && found.missing[0].reason.is_some());
    let ideal = Spec::load("ideal").unwrap();
    let request = Request {
        chip: &ideal,
        ..request
    };
    let found = hints(&request, Some(&subject), (false, true));
    let command = found.missing[0].command.as_deref().unwrap();
    assert!(command.contains("--chip D3-PCM"), "{command}");
}

#[test]
fn results_of_different_models_are_told_apart() {
    let mut other = sweep(&["activation.offset.spread=0 V,1 mV"]);
    assert_eq!(doubts(&written(Some(quality()), &[&other]), None), [""; 0]);
    other.question.model_blake3 = "ab".repeat(32);
    let told = doubts(&written(Some(quality()), &[&other]), None);
    assert!(
        told[0].contains("different models") && told[0].contains("abababababab"),
        "{told:?}"
    );
    let mut own = quality().clone();
    own.runs[0].trained_on = Some("mine.npy".to_owned());
    let told = doubts(&written(Some(&own), &[]), None);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("mine.npy"), "{told:?}");
}

#[test]
fn a_ranking_is_believed_before_single_cells() {
    let swept = sweep(&["activation.offset.spread=0 V,1 mV,3 mV"]);
    let overview = Overview::of(&written(None, &[&swept, &sensitivity()]));
    assert_eq!(overview.worst.unwrap().parameter, "activation.offset");
    let worst = Overview::of(&written(None, &[&swept])).worst.unwrap();
    assert_eq!(worst.parameter, "activation.offset.spread = 3 mV");
    // The median chip has 1.25 times the distance and the slope: 1 + 0.3 · 1.25 of the ideal one.
    assert!(
        worst.effect.contains("Fréchet distance in features")
            && worst.effect.contains("1.38 × the ideal one"),
        "{}",
        worst.effect
    );
}

#[test]
fn other_schemas_other_layouts_and_other_folders_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let look = || Sources::look(folder.path(), &[]).map(|_| ());
    assert!(matches!(look(), Err(PageError::NotASource { .. })));
    let put = |text: &str| fs::write(folder.path().join("sweep.json"), text).unwrap();
    put(r#"{"schema": "gradep-sweep-2"}"#);
    assert!(matches!(
        look(),
        Err(PageError::Results(ResultsError::Schema { found, .. })) if found == "gradep-sweep-2"
    ));
    put(r#"{"schema": "gradep-sweep-1", "version": "0.0.7"}"#);
    let message = look().unwrap_err().to_string();
    for part in [
        "sweep.json",
        "missing field",
        "gradep 0.0.7",
        "run its command again",
    ] {
        assert!(message.contains(part), "{message} lacks {part}");
    }
    let benches = [tempfile::tempdir().unwrap().path().to_owned()];
    results::write(&tolerance(), folder.path()).unwrap();
    let refused = Sources::look(folder.path(), &benches).map(|_| ());
    assert!(matches!(refused, Err(PageError::NotResults { .. })));
}

/// Files that version 0.1.0 wrote before its readers and writers shared their types.
#[test]
fn files_of_before_are_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/report");
    let mut found = Results::default();
    for name in ["quality", "sweep", "sensitivity", "tolerance"] {
        assert!(found.add(&root.join(name)).unwrap(), "{name}");
    }
    let quality = &found.qualities[0].document;
    assert_eq!((quality.bands.len(), quality.n), (2, 20));
    assert!(Overview::of(&found).best.unwrap().seconds.is_some());
    let kinds = found
        .sweeps
        .iter()
        .map(|read| read.document.question.kind.name());
    assert_eq!(
        kinds.collect::<Vec<_>>(),
        ["sweep", "sensitivity", "tolerance"]
    );
    for read in &found.sweeps {
        assert_eq!(read.document.chips(), 2);
        assert!(read.document.cells.iter().all(|cell| cell.costs.is_empty()));
    }
}

/// Everything that was measured is drawn on the page, without scripts.
#[test]
fn a_page_of_results_draws_curves_fronts_rankings_tolerances_and_maps() {
    let folder = tempfile::tempdir().unwrap();
    let studies = [
        sweep(&["activation.offset.spread=0 V,1 mV,3 mV"]),
        sweep(&[
            "activation.offset.spread=0 V,1 mV",
            "activation.gain.spread=0,0.02",
        ]),
        sensitivity(),
        tolerance(),
    ];
    let mut benches = Vec::new();
    for (index, study) in studies.iter().enumerate() {
        let bench = folder.path().join(index.to_string());
        fs::create_dir(&bench).unwrap();
        results::write(study, &bench).unwrap();
        benches.push(bench);
    }
    let source = folder.path().join("quality");
    fs::create_dir(&source).unwrap();
    results::write(quality(), &source).unwrap();
    let chip = Spec::load("ideal").unwrap();
    let request = Request {
        source: &source,
        benches: &benches,
        chip: &chip,
        chip_words: &[],
        flow: AskedFlow::default(),
        on_chip: None,
        maps: &[],
        command: &[],
    };
    let page = Page::gather(&request, |_| {}).unwrap().html().unwrap();
    if let Some(kept) = std::env::var_os("GRADEP_KEEP_FIGURES") {
        fs::write(Path::new(&kept).join("page.html"), &page).unwrap();
    }
    let labels: Vec<&str> = page
        .split("aria-label=\"")
        .skip(1)
        .filter_map(|part| part.split('"').next())
        .collect();
    for label in [
        "Fréchet distance in features against time per sample",
        "coverage against time per sample",
        "Time",
        "Energy",
        "Distance to real images (lower is better)",
        "Yield",
        "change of Fréchet distance in features",
        "change of velocity error (% points)",
        "Fréchet distance in features of each chip against the ideal one with the same noise",
        "Fréchet distance in features, median of the chips",
    ] {
        assert!(labels.contains(&label), "{label}: {labels:?}");
    }
    for table in [
        "quality.csv",
        "sweep.csv",
        "sweep-2.csv",
        "sensitivity-3.csv",
        "tolerance-4.csv",
    ] {
        assert!(page.contains(&format!("download=\"{table}\"")), "{table}");
    }
    assert!(page.contains("Settings on the fronts") && page.contains("Half of the chips bear"));
}

#[test]
fn every_training_image_is_its_own_neighbour() {
    let digits = Dataset::digits();
    let images = digits.images().slice(s![100..164, ..]);
    let frames = Frames {
        label: "copies".to_owned(),
        flow_times: vec![1.0],
        seconds: None,
        shown: 1.0,
        samples: images.to_owned().insert_axis(Axis(0)),
    };
    let gallery = Gallery::of(vec![frames], Some(&digits)).unwrap();
    assert_eq!(gallery.side, 8);
    assert_eq!(gallery.sets[0].median_distance, Some(vec![0.0]));
    let training = serde_json::to_value(gallery.training.unwrap()).unwrap();
    // No two digits are alike, so that the neighbours are the images themselves.
    let numbers: Vec<u64> = serde_json::from_value(training["numbers"].clone()).unwrap();
    assert!(numbers.into_iter().eq(100..164));
}

#[test]
fn pictures_that_are_not_square_are_left_out() {
    let frames = Frames {
        label: "a table".to_owned(),
        flow_times: vec![1.0],
        seconds: None,
        shown: 1.0,
        samples: ndarray::Array3::zeros((1, 4, 10)),
    };
    assert!(Gallery::of(vec![frames], None).is_none());
}
