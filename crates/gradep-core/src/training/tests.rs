use super::*;
use crate::data::BesidePixels;
use crate::run::{Divergence, Resumption};
use crate::trainer::TrainError;
use analog_substrate::{Cell as NodeCell, chip::Chip};
use ndarray::s;
use std::fs;

/// Nine pixels of 60 digits, two epochs of three batches.
fn training() -> Training {
    let digits = Dataset::digits();
    Training::preset("paper")
        .set("network.layers", "[9, 12, 12]")
        .set("flow.batch", "20")
        .epochs(2)
        .seed(3)
        .on_images(digits.images().slice(s![..60, 33..42]).to_owned())
}

#[test]
fn a_folder_and_memory_come_to_the_same_model() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("run");
    let in_memory = training().run().unwrap();
    let on_disk = training().folder(&root).run().unwrap();
    assert_eq!(in_memory.model(), on_disk.model());
    assert_eq!(in_memory.epochs(), on_disk.epochs());
    assert!(on_disk.is_finished());
    let (config, model) = crate::run::read_model(&root).unwrap();
    assert_eq!((&config, &model), (on_disk.config(), on_disk.model()));
    let status = RunDir::open(&root).unwrap().status().unwrap();
    assert_eq!((status.state, status.epoch), (RunState::Finished, 2));
    // What is there is not replaced.
    assert!(matches!(
        training().folder(&root).run(),
        Err(RunError::Directory(_))
    ));
}

#[test]
fn a_training_learns_on_from_a_model_and_stops_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("first");
    let first = training().folder(&root).run().unwrap();
    let mut seen = 0;
    let stopped = training()
        .from(&root)
        .epochs(5)
        .run_while(|report| {
            seen += 1;
            report.epoch < 1
        })
        .unwrap();
    assert_eq!((seen, stopped.epochs().len()), (2, 2));
    assert!(!stopped.is_finished());
    assert_ne!(stopped.model(), first.model());
    let fresh = training().run().unwrap();
    assert_ne!(stopped.epochs()[0], fresh.epochs()[0]);
}

#[test]
fn the_network_has_as_many_visible_nodes_as_there_are_pixels_unless_it_is_told() {
    let images = Array2::from_shape_fn((40, 6), |(i, j)| ((i * 7 + j * 3) % 11) as f32 / 11.0);
    let small = || Training::preset("paper").epochs(1).set("flow.batch", "20");
    let fitted = small().on_images(images.clone()).run().unwrap();
    assert_eq!(fitted.config().network.layers.sizes(), [6, 128, 128]);
    let told = small()
        .set("network.layers", "[7, 8]")
        .on_images(images.clone())
        .run();
    assert!(matches!(
        told,
        Err(RunError::Train(TrainError::Pixels {
            pixels: 6,
            beside: BesidePixels {
                label_nodes: 0,
                copies: false
            },
            visible: 7
        }))
    ));
    let wrong = small().on_images(images * 255.0).run();
    assert!(matches!(wrong, Err(RunError::Data(_))));
    let unknown = small().set("nudge.betta", "1").run();
    assert!(unknown.unwrap_err().to_string().contains("nudge.beta"));
}

/// A file says its size and range; what is set goes before.
#[test]
fn own_data_say_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.csv");
    let rows: Vec<String> = (0..40)
        .map(|i| format!("{},{},255,0", i * 5, i * 6))
        .collect();
    fs::write(&path, rows.join("\n")).unwrap();
    let small = || {
        Training::preset("paper")
            .epochs(1)
            .set("flow.batch", "20")
            .set("data.label_column", "none")
    };
    let run = small().data(&path).run().unwrap();
    assert_eq!(run.config().network.layers.sizes(), [4, 128, 128]);
    assert_eq!(run.config().data.high.to_bits(), 255.0_f64.to_bits());
    let dim = small().data(&path).set("data.high", "510").run().unwrap();
    assert_ne!(dim.epochs()[0], run.epochs()[0]);
}

#[test]
fn a_training_without_use_is_an_error() {
    let outcome = training()
        .set("nudge.kind", "tilt")
        .set("training.max_displacement", "1e-12")
        .run();
    assert!(
        matches!(
            outcome,
            Err(RunError::Diverged(Divergence::NoUpdate { updates: 6 }))
        ),
        "{outcome:?}"
    );
}

/// A chip stands in for the ideal substrate, in memory and in a folder, which says so and is not taken for another.
#[test]
fn a_run_trains_on_a_chip() {
    let chip = || {
        let network = analog_substrate::chip::Network {
            couplings: analog_substrate::Couplings::zeros(
                analog_substrate::Layers::new(vec![9, 12, 12]).unwrap(),
            ),
            activation: Config::preset("paper").unwrap().network.activation(),
            cell: NodeCell::Gradient,
        };
        Described {
            substrate: Chip::builder("ideal").program::<f32>(network).unwrap(),
            description: "ideal, chip 0".to_owned(),
        }
    };
    let on_chip = || {
        training()
            .set("nudge.kind", "tilt")
            .set("nudge.beta", "0.1")
            .set("training.invalid_samples", "include")
            .set("training.max_unsettled", "1")
    };
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("run");
    let first = on_chip().run_on(chip(), |_| true).unwrap();
    let second = on_chip().folder(&root).run_on(chip(), |_| true).unwrap();
    assert_eq!(first.model(), second.model());
    assert!(first.loss() < Some(first.epochs()[0].loss));
    let manifest = fs::read_to_string(root.join("manifest.json")).unwrap();
    assert!(
        manifest.contains("\"substrate\": \"ideal, chip 0\""),
        "{manifest}"
    );
    let resumption = Resumption::of(RunDir::open(&root).unwrap(), &Request::default());
    assert!(matches!(
        resumption,
        Err(RunError::OfAProgram { what, .. }) if what == "substrate (ideal, chip 0)"
    ));
}
