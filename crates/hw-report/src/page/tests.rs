//! What pages say of results.

use super::{
    PageError, Request,
    doubts::doubts,
    gallery::{Frames, Gallery},
    hints::{Subject, hints},
    overview::Overview,
    source::{Results, Sources},
};
use analog_substrate::hw_spec::Spec;
use gradep_core::data::Dataset;
use ndarray::{Axis, s};
use std::{
    fs,
    path::{Path, PathBuf},
};

fn fixture(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/report");
    root.join(name)
}

fn results(names: &[&str]) -> Results {
    let mut results = Results::default();
    for name in names {
        assert!(results.add(&fixture(name)).unwrap(), "{name}");
    }
    results
}

#[test]
fn a_chip_with_a_clock_is_preferred_to_a_better_ideal_one() {
    let overview = Overview::of(&results(&["quality"]));
    assert_eq!(overview.lacks(), (false, true));
    let best = overview.best.unwrap();
    // The ideal band reaches 5.0; of those with a clock D3 is best, at flow time 1.1.
    assert_eq!(
        (best.band.as_str(), best.flow_time),
        ("D3, free", Some(1.1))
    );
    assert_eq!((best.seconds, best.joules), (Some(1.1e-6), Some(9.9e-9)));
    assert_eq!(
        (best.floor, best.n, best.count),
        (Some(1.3), Some(898), Some(6))
    );
    assert!(!best.is_last);
    // Nothing that is better was slower.
    assert_eq!((best.value, best.smallest), (5.4, 5.4));
    let error = best.standard_error.unwrap();
    assert!((error - 0.27 / 6.0_f64.sqrt()).abs() < 1e-9, "{error}");
}

/// A hundred times slower for a difference that is half a standard error.
#[test]
fn a_difference_that_is_noise_is_worth_no_time() {
    let mut results = results(&["quality"]);
    let bands = &mut results.qualities[0].document.bands;
    let slow = &mut bands[2].points[4];
    slow.at.seconds = Some(1.1e-4);
    let features = slow.metrics.get_mut("fd_features").unwrap();
    (features.mean, features.sd) = (Some(5.3), Some(0.5));
    let best = Overview::of(&results).best.unwrap();
    assert_eq!((best.seconds, best.value), (Some(1.1e-6), 5.4));
    assert!((best.smallest - 5.3).abs() < 1e-12);
    let features = results.qualities[0].document.bands[2].points[4]
        .metrics
        .get_mut("fd_features");
    features.unwrap().mean = Some(4.3);
    let best = Overview::of(&results).best.unwrap();
    assert_eq!((best.seconds, best.value), (Some(1.1e-4), 4.3));
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
        generate_on_chip: true,
        maps: &[],
        command: &command,
    };
    let subject = |own_data: Option<&str>| Subject {
        path: "runs/my first".to_owned(),
        track: "P".to_owned(),
        own_data: own_data.map(str::to_owned),
    };
    let found = hints(&request, Some(&subject(None)), (true, true));
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
    for subject in [None, Some(subject(Some("mine.npy")))] {
        let found = hints(&request, subject.as_ref(), (false, true));
        assert_eq!(found.then, None);
        assert!(found.missing[0].command.is_none() && found.missing[0].reason.is_some());
    }
    let ideal = Spec::load("ideal").unwrap();
    let request = Request {
        chip: &ideal,
        ..request
    };
    let found = hints(&request, Some(&subject(None)), (false, true));
    let command = found.missing[0].command.as_deref().unwrap();
    assert!(command.contains("--chip D3-PCM"), "{command}");
}

#[test]
fn results_of_different_models_are_told_apart() {
    let mut results = results(&["quality", "sweep"]);
    results.sweeps[0].document.model_blake3 = Some("ab".repeat(32));
    let told = doubts(&results, None);
    assert!(
        told[0].contains("different models") && told[0].contains("abababababab"),
        "{told:?}"
    );
    let same = results.qualities[0].document.runs[0].model_blake3.clone();
    results.sweeps[0].document.model_blake3 = same;
    results.sweeps[0].document.trained_on = Some("digits-half".to_owned());
    results.qualities[0].document.runs[0].trained_on = Some("mine.npy".to_owned());
    let told = doubts(&results, None);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("mine.npy"), "{told:?}");
}

#[test]
fn a_ranking_is_believed_before_single_cells() {
    let overview = Overview::of(&results(&["sweep", "sensitivity"]));
    assert_eq!(overview.worst.unwrap().parameter, "activation.offset");
    let overview = Overview::of(&results(&["sweep"]));
    let worst = overview.worst.unwrap();
    assert_eq!(worst.parameter, "array.programming_sigma = 0.2");
    // 1 + 60 · 0.2², as the file was made.
    assert!(
        worst.effect.contains("3.4 × the ideal one"),
        "{}",
        worst.effect
    );
}

#[test]
fn a_curve_without_bands_is_its_own_band() {
    let mut results = results(&["quality"]);
    let quality = &mut results.qualities[0].document;
    quality.bands.clear();
    let bands = quality.bands();
    assert_eq!(bands.len(), 3);
    let spread = bands[0].points[0].metrics["fd_features"];
    let (low, high) = (spread.low.unwrap(), spread.high.unwrap());
    let middle = f64::midpoint(low, high);
    assert!((middle - spread.mean.unwrap()).abs() < 1e-9 && low < high);
}

#[test]
fn other_schemas_and_other_folders_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let look = || Sources::look(folder.path(), &[]).map(|_| ());
    assert!(matches!(look(), Err(PageError::NotASource { .. })));
    fs::write(
        folder.path().join("sweep.json"),
        r#"{"schema": "gradep-sweep-2"}"#,
    )
    .unwrap();
    assert!(matches!(
        look(),
        Err(PageError::Schema { found, .. }) if found == "gradep-sweep-2"
    ));
    let benches = [tempfile::tempdir().unwrap().path().to_owned()];
    let refused = Sources::look(&fixture("sweep"), &benches).map(|_| ());
    assert!(matches!(refused, Err(PageError::NotResults { .. })));
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
