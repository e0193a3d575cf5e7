//! What pages say of results.

use super::{
    PageError,
    gallery::{Frames, Gallery},
    overview::{Asked, Overview},
    source::{Results, Sources},
};
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
    let overview = Overview::of(
        &results(&["quality"]),
        Some(&Asked {
            run: "runs/my first".to_owned(),
            of_half: false,
        }),
    );
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
    // What is missing is named with a command that a shell understands.
    assert_eq!(overview.missing.len(), 1);
    assert!(
        overview.missing[0]
            .command
            .contains("--run 'runs/my first' --chip ")
    );
}

#[test]
fn a_ranking_is_believed_before_single_cells() {
    let overview = Overview::of(&results(&["sweep", "sensitivity"]), None);
    assert_eq!(overview.worst.unwrap().parameter, "activation.offset");
    let overview = Overview::of(&results(&["sweep"]), None);
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
