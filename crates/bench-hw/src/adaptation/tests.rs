mod courses;

use super::*;
use crate::{
    domain::{Digits, Track},
    generation::{Condition, Mode},
    metrics::Reference,
};
use analog_substrate::{
    Cell,
    chip::{Design, Die, TransientSettings},
    hw_spec::Spec,
};
use gradep_core::{
    Training,
    config::Request,
    data::{Dataset, Half},
};
use ndarray::s;

/// A small network of resistive cells, trained for a little while on few digits.
fn trained() -> (Config, Model<f32>, Array2<f32>) {
    let overrides = [
        "network.layers=[64,24]",
        "network.cell=resistive",
        "flow.batch=32",
        "training.epochs=60",
        "optimiser.warmup_epochs=2",
    ];
    let request = Request {
        preset: "track-h".to_owned(),
        overrides: overrides.map(str::to_owned).to_vec(),
        ..Request::default()
    };
    let config = request.resolve().unwrap().config;
    let data = Dataset::digits_half(Half::Train);
    let images = data.images().slice(s![..256, ..]).to_owned();
    let mut training = Training::preset("track-h").on_images(images.clone());
    for setting in overrides {
        let (key, value) = setting.split_once('=').unwrap();
        training = training.set(key, value);
    }
    (config, training.run().unwrap().model().clone(), images)
}

/// Adapting that model: free runs at r = 20 to t = 1 and 1.2, 100 samples, against the held-out digits.
fn with(course: &Course, later: &[f64], look: impl FnOnce(&Adaptation<'_>)) {
    let (config, model, images) = trained();
    let reference = Reference::of(&Digits {
        track: Track::HeldOut,
    });
    let preset = Config::preset("track-h").unwrap();
    let condition = Condition {
        mode: Mode::Free,
        ratio: Some(20.0),
        transients: TransientSettings {
            step: 0.5,
            ..TransientSettings::default()
        },
        ..Condition::new(&preset.sampling, preset.relaxation.clone(), vec![1.0, 1.2])
    };
    let bench = Bench {
        reference: &reference,
        condition: &condition,
        samples: 100,
        seed: 0,
    };
    look(&Adaptation {
        config: &config,
        model: &model,
        images: &images,
        course,
        bench: &bench,
        later,
        refresh: None,
    });
}

fn bad() -> Design {
    let mut spec = Spec::load("D3").unwrap();
    let errors = [
        "device=generic",
        "array.programming_sigma=4 %",
        "array.stuck_on=1 %",
        "array.stuck_off=1 %",
    ];
    spec.override_with(&errors.map(str::to_owned)).unwrap();
    spec.design()
}

/// The loss that a bad chip reads falls by more than half of what its errors made of it, and what is replayed from the map is the
/// chip that learned.
#[test]
fn a_bad_chip_learns_and_stays_what_it_has_become() {
    let design = bad();
    let chip = OnChip {
        design: &design,
        die: Die {
            seed: 0,
            number: 100,
        },
    };
    let course = Course {
        updates: 40,
        batch: 64,
        learning_rate: 3e-3,
        ..Course::default()
    };
    with(&course, &[86_400.0], |adaptation| {
        adapts_and_stays(adaptation, &chip);
    });
}

fn adapts_and_stays(adaptation: &Adaptation<'_>, chip: &OnChip<'_>) {
    let mut epochs = 0;
    let (adapted, learned) = adaptation
        .run(chip, |_| {
            epochs += 1;
            true
        })
        .unwrap();
    let control = learn_on_equilibria(adaptation, |_| true).unwrap();
    assert_eq!((epochs, adapted.updates, adapted.refused), (10, 40, 0));
    let [first, last] = adapted.losses;
    // What errors cost is what the loss is above that of exact couplings.
    let floor = control.losses[0];
    assert!(first > floor + 0.1, "{first} {floor}");
    assert!(
        last - floor < 0.5 * (first - floor),
        "{first} {last} {floor}"
    );
    assert!(adapted.after.distance < adapted.before.distance);
    let [later] = adapted.later[..] else {
        panic!("{adapted:?}")
    };
    // Generic devices do not age.
    assert_eq!(
        (later.unadapted, later.best),
        (adapted.before, adapted.after)
    );

    // Each update has a free phase and two nudged ones, and each sample waits for all of them.
    let tau = learned.spent.relaxation_seconds / (64.0 * chip.design.time_constant());
    assert!((tau - 40.0 * (30.0 + 2.0 * 10.0)).abs() < 1e-6, "{tau}");
    assert!(adapted.seconds > learned.spent.relaxation_seconds);
    assert!((adapted.macs - 2.0 * 64.0 * 24.0 * 64.0 * 40.0).abs() < 1e-3);
    assert!(adapted.moves > Some(0));
    let programmed = chip
        .make(adaptation.model, adaptation.bench.condition, 0)
        .unwrap();
    let range =
        gradep_core::gradep::range_above(analog_substrate::Substrate::resolution(&programmed));
    assert_eq!(learned.range.to_bits(), range.to_bits());

    // The same from the same seeds.
    let again = learn_on_chip(adaptation, chip, |_| true).unwrap();
    assert_eq!(again.model.couplings, learned.model.couplings);
    assert_eq!(again.map, learned.map);
    let now = Programmed {
        chip,
        model: &learned.model,
        map: learned.map.as_ref(),
    };
    assert_eq!(adaptation.bench.best(&now).unwrap(), adapted.after);
}

#[test]
fn who_looks_on_can_stop_and_what_cannot_be_is_refused_at_once() {
    let design = Spec::load("D3").unwrap().design();
    let chip = OnChip {
        design: &design,
        die: Die::default(),
    };
    let course = Course {
        updates: 8,
        batch: 64,
        ..Course::default()
    };
    with(&course, &[], |adaptation| {
        let (bench, model) = (adaptation.bench, adaptation.model);
        let stopped = learn_on_chip(adaptation, &chip, |_| false).unwrap_err();
        assert!(matches!(stopped, AdaptationError::Interrupted));
        let refusal = |design: &Design, ages: &[f64]| {
            let chip = OnChip { design, ..chip };
            bench.check(&chip, model, ages).unwrap_err().to_string()
        };
        bench.check(&chip, model, &[]).unwrap();
        assert!(refusal(&design, &[1.0]).contains("no device"));
        let wan = Spec::load("D2-ReRAM").unwrap().design();
        assert!(refusal(&wan, &[86_400.0, 5.0]).contains("is not known 5 s"));
        let other = Design {
            cell: Some(Cell::Hopfield),
            ..design.clone()
        };
        assert!(refusal(&other, &[]).contains("hopfield cells"));
    });
}

#[test]
fn what_is_won_back_is_a_share_of_what_errors_cost() {
    let best = |distance| Best {
        time: 1.2,
        distance,
        error: None,
    };
    let chip = Adapted {
        chip: 0,
        before: best(30.0),
        after: best(12.0),
        later: Vec::new(),
        losses: [0.7, 0.4],
        updates: 10,
        refused: 0,
        seconds: 0.0,
        joules: 0.0,
        converters_j: 0.0,
        moves: None,
        updating: None,
        optimiser_steps: 0.0,
        macs: 0.0,
        range: 0.1,
        exact: Some(best(10.0)),
        control: Some(best(6.0)),
        population: Some(best(18.0)),
    };
    let share = chip.recovery();
    assert_eq!((share.of_exact, share.of_control), (Some(0.9), Some(0.75)));
    let for_all = chip.recovery_of_population().unwrap();
    assert_eq!(
        (for_all.of_exact, for_all.of_control),
        (Some(0.6), Some(0.5))
    );
    let later = Later {
        seconds: 1.0,
        best: best(14.0),
        unadapted: best(46.0),
        refreshed: None,
    };
    assert_eq!(chip.recovery_later(&later).of_control, Some(0.8));
    // Nothing was lost: there is nothing to win.
    let better = Adapted {
        before: best(5.0),
        ..chip.clone()
    };
    assert_eq!(better.recovery().of_control, None);
    assert_eq!(median([3.0, 1.0, 2.0].into_iter()), Some(2.0));
    assert_eq!(median(std::iter::empty()), None);
}
