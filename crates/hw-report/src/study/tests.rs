//! Studies as figures and on the page.

use super::StudyFigures;
use crate::test_results::{sensitivity, sweep, tolerance};
use bench_hw::sweep::Study;
use std::{fs, path::PathBuf};

/// The texts of the SVG that is written for a study, and which files there are.
fn drawn(study: &Study, name: &str) -> (String, Vec<PathBuf>) {
    let temporary = tempfile::tempdir().unwrap();
    let kept =
        std::env::var_os("GRADEP_KEEP_FIGURES").map(|folder| PathBuf::from(folder).join(name));
    let folder = kept.unwrap_or_else(|| temporary.path().to_owned());
    fs::create_dir_all(&folder).unwrap();
    let files = StudyFigures { document: study }.write(&folder).unwrap();
    let svg = fs::read_to_string(&files[0]).unwrap();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let texts = document
        .descendants()
        .filter(|node| node.has_tag_name("text"));
    let texts: Vec<String> = texts
        .filter_map(|node| Some(node.text()?.trim().to_owned()))
        .collect();
    (texts.join(" "), files)
}

#[test]
fn every_study_is_drawn_as_what_suits_it_with_quantities_in_words() {
    let one = sweep(&["activation.offset.spread=0 V,1 mV,3 mV"]);
    let two = sweep(&[
        "activation.offset.spread=0 V,1 mV,3 mV",
        "activation.gain.spread=0,0.02",
    ]);
    for (study, name, parts) in [
        (
            &one,
            "sweep",
            vec![
                "activation.offset.spread (mV)",
                "Distance to real images (lower is better)",
                "Fréchet distance in features",
                "spread of the static input-referred offset",
                "share of chips within the rule",
            ],
        ),
        (
            &two,
            "sweep",
            vec![
                "Fréchet distance in features, median of the chips",
                "yield (% of the chips)",
            ],
        ),
        (
            &sensitivity(),
            "ranking",
            vec![
                "change of Fréchet distance in features",
                "gained by removing it from the chip",
            ],
        ),
        (
            &tolerance(),
            "tolerance",
            vec![
                "activation.offset.spread (mV)",
                "Fréchet distance in features of each chip against the ideal one",
                "excess over the ideal chip (%)",
                "half of the chips bear",
            ],
        ),
    ] {
        let (texts, files) = drawn(study, &format!("{name}-{}", study.axes.len()));
        let names: Vec<_> = files
            .iter()
            .filter_map(|file| file.file_name()?.to_str())
            .collect();
        assert_eq!(names, [format!("{name}.svg"), format!("{name}.png")]);
        for part in parts {
            assert!(texts.contains(part), "{name}: {texts} lacks {part}");
        }
        assert!(
            !texts.contains("fd_features"),
            "{name}: a key in place of words: {texts}"
        );
    }
}

/// The page draws the descriptions of the figures.
#[test]
fn charts_are_those_of_the_figures() {
    let study = sweep(&["activation.offset.spread=0 V,1 mV,3 mV"]);
    let charts = StudyFigures { document: &study }.charts();
    let titles: Vec<&str> = charts.iter().map(|chart| chart.title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "Distance to real images (lower is better)",
            "Yield",
            "Velocity",
            "Diversity (higher is better)"
        ]
    );
    // 0, 1 and 3 mV, in millivolts.
    let levels: Vec<f64> = charts[0].curves[0]
        .points
        .iter()
        .map(|point| point.0)
        .collect();
    assert!(
        levels
            .iter()
            .zip([0.0, 1.0, 3.0])
            .all(|(a, b)| (a - b).abs() < 1e-9),
        "{levels:?}"
    );
    let tolerance = tolerance();
    let figures = StudyFigures {
        document: &tolerance,
    };
    assert_eq!(figures.charts()[0].curves.len(), 6);
    assert!(figures.with_ranking(|_| ()).is_none() && figures.with_maps(|_| ()).is_none());
    let ranking = sensitivity();
    let figures = StudyFigures { document: &ranking };
    let names = figures
        .with_ranking(|ranking| ranking.names.to_vec())
        .unwrap();
    assert_eq!(names[0].0, "activation.offset");
    assert!(figures.charts().is_empty());
}
