use super::{
    Condition, Generate as _, Generated, Generation, GenerationError, Mode, OnChip, Start,
    generate, given_nodes,
};
use analog_substrate::{
    Activation, Cell, Couplings, Layers, Relaxation,
    chip::{Chip, Design, Die, Duration},
    hw_spec::Spec,
    random::{Purpose, stream},
};
use gradep_core::{
    config::{Config, DEFAULT_PRESET, ReadOut},
    data::{BesidePixels, ImageShape},
    files::{Model, TrainedOn},
    generate::starting_noise,
    objective::ObjectiveKind,
};
use ndarray::{Array2, Axis, s};
use rand_distr::{Distribution, StandardNormal};

/// A network with random weights, well inside the range in which relaxation has one end.
fn model() -> Model<f32> {
    let layers = Layers::new(vec![6, 8, 8]).unwrap();
    let mut draws = stream(3, Purpose::Weights, 0, 0);
    let values = (0..layers.parameters()).map(|_| {
        let z: f32 = StandardNormal.sample(&mut draws);
        0.15 * z
    });
    Model {
        couplings: Couplings::from_flat(layers, values.collect()).unwrap(),
        activation: Activation::PAPER,
        cell: Cell::Gradient,
        spring_stiffness: 15.0,
        output_scale: 2.0,
        trained_on: None,
    }
}

fn condition(mode: Mode, times: &[f64]) -> Condition {
    let sampling = Config::preset(DEFAULT_PRESET).unwrap().sampling;
    Condition {
        mode,
        step: 0.25,
        settle: Duration::TimeConstants(4.0),
        read_out: ReadOut::Clamped,
        ..Condition::new(&sampling, Relaxation::default(), times.to_vec())
    }
}

fn noise() -> Array2<f32> {
    starting_noise(7, 5, 6)
}

fn run(design: &Design, mode: Mode, times: &[f64]) -> Generated {
    run_under(design, &condition(mode, times))
}

fn run_under(design: &Design, condition: &Condition) -> Generated {
    let chip = OnChip {
        design,
        die: Die { seed: 4, number: 2 },
    };
    let chip = (condition.mode != Mode::Ideal).then_some(&chip);
    generate(&model(), chip, condition, noise(), 7).unwrap()
}

const TIMES: [f64; 3] = [0.5, 1.0, 1.5];

/// Clock, ledger and samples in the middle of a run are those of a run that ends there: also with
/// noise, whose draws do not depend on when the run ends.
#[test]
fn a_moment_is_the_end_of_a_shorter_run() {
    let design = Spec::load("D3").unwrap().design();
    for mode in [Mode::Stepped, Mode::Clamped, Mode::Free, Mode::Ideal] {
        let whole = run(&design, mode, &TIMES);
        let mut last = 0.0;
        for (at, _) in TIMES.iter().enumerate() {
            let part = run(&design, mode, &TIMES[..=at]);
            // Steps of 0.1 tau that are computed from another duration differ in their last digit.
            let moved = (&whole.samples.index_axis(Axis(0), at)
                - &part.samples.index_axis(Axis(0), at))
                .fold(0.0_f32, |worst, d| worst.max(d.abs()));
            assert!(moved < 1e-4, "{mode:?}: {moved}");
            let (whole, part) = (whole.costs[at], part.costs[at]);
            assert_eq!(whole.steps, part.steps, "{mode:?}");
            for (a, b) in [
                (whole.relaxation_tau(), part.relaxation_tau()),
                (whole.seconds(), part.seconds()),
                (whole.joules(), part.joules()),
                (Some(whole.iterations), Some(part.iterations)),
            ] {
                match (a, b) {
                    (Some(a), Some(b)) => assert!((a / b - 1.0).abs() < 1e-5, "{mode:?}: {a} {b}"),
                    (a, b) => assert_eq!((a, b), (None, None), "{mode:?}"),
                }
            }
            if mode == Mode::Ideal {
                assert_eq!(whole.seconds(), None);
            } else {
                let seconds = whole.seconds().unwrap();
                assert!(seconds > last, "{mode:?}: {seconds} after {last}");
                last = seconds;
            }
        }
    }
}

/// α r τ per unit of flow time, five τ before, one write and one reading.
#[test]
fn a_free_run_takes_the_time_of_its_slow_nodes() {
    let design = Spec::load("D3").unwrap().design();
    let costs = run(&design, Mode::Free, &TIMES).costs;
    for (cost, t) in costs.iter().zip(TIMES) {
        let tau = 5.0 + 2.0 * 20.0 * t;
        let clock = cost.clock.unwrap();
        assert!((clock.relaxation_tau / tau - 1.0).abs() < 1e-9);
        // 20 times 10 ns of reset for r = 20, 20 ns to write, 20 ns to read.
        assert!((clock.total_s / (10e-9 * tau + 240e-9) - 1.0).abs() < 1e-9);
        assert_eq!(cost.unsettled_share, None);
    }
}

/// Under the same noise, a good chip is as close to the ideal flow as its own imperfections are.
#[test]
fn conditions_share_their_starting_noise() {
    let design = Design::ideal();
    let fine = |mode| {
        let condition = Condition {
            step: 0.02,
            settle: Duration::TimeConstants(12.0),
            ..condition(mode, &[0.0, 1.0])
        };
        run_under(&design, &condition)
    };
    let ideal = fine(Mode::Ideal);
    assert_eq!(ideal.samples.index_axis(Axis(0), 0), noise());
    let distance = |other: &Generated| {
        (&other.samples.index_axis(Axis(0), 1) - &ideal.samples.index_axis(Axis(0), 1))
            .fold(0.0_f32, |worst, d| worst.max(d.abs()))
    };
    let spread = ideal.samples.index_axis(Axis(0), 1).std(0.0);
    // Twelve time constants leave next to nothing of a relaxation; in a free run x moves by 1/r = 5 %
    // of its own rate while hidden nodes follow.
    let clamped = distance(&fine(Mode::Clamped));
    let free = distance(&fine(Mode::Free));
    assert!(clamped < 0.01 * spread, "{clamped} of {spread}");
    assert!(free < 0.2 * spread, "{free} of {spread}");
}

#[test]
fn modes_and_chips_have_to_fit() {
    let design = Design::ideal();
    let chip = OnChip {
        design: &design,
        die: Die::default(),
    };
    let refused = |mode, chip, times: &[f64]| {
        generate(&model(), chip, &condition(mode, times), noise(), 7).unwrap_err()
    };
    assert!(matches!(
        refused(Mode::Free, None, &[1.0]),
        GenerationError::NoChip { mode: Mode::Free }
    ));
    assert!(matches!(
        refused(Mode::Ideal, Some(&chip), &[1.0]),
        GenerationError::ChipWithoutUse
    ));
    let message = refused(Mode::Free, Some(&chip), &[1.0, 2_f64.sqrt()]).to_string();
    assert!(message.contains("common part"), "{message}");
    let message = refused(Mode::Stepped, Some(&chip), &[1.0, 0.5]).to_string();
    assert!(message.contains("0.5"), "{message}");
}

/// What a builder is told to do is what a condition says, on a chip that has done nothing before.
#[test]
fn a_request_generates_as_its_condition_says() {
    let model = model();
    let chip = Chip::builder("D3-PCM").seed(4).program(&model).unwrap();
    let design = chip.design().clone();
    let on_chip = OnChip {
        design: &design,
        die: Die { seed: 4, number: 0 },
    };
    let sampling = Config::preset(DEFAULT_PRESET).unwrap().sampling;
    let request = || model.generate(5).seed(7);
    for (mode, asked) in [
        (Mode::Free, request().on(&chip).at(&TIMES)),
        (
            Mode::Stepped,
            request()
                .on(&chip)
                .mode(Mode::Stepped)
                .at(&TIMES)
                .step(0.25),
        ),
        (
            Mode::Clamped,
            request().on(&chip).mode(Mode::Clamped).at(&TIMES).steps(6),
        ),
        (Mode::Ideal, request().at(&TIMES).step(0.25)),
    ] {
        let condition = Condition {
            mode,
            step: 0.25,
            ..Condition::new(&sampling, Relaxation::default(), TIMES.to_vec())
        };
        let on_chip = (mode != Mode::Ideal).then_some(&on_chip);
        let expected = generate(&model, on_chip, &condition, noise(), 7).unwrap();
        let found = asked.run().unwrap();
        assert_eq!(found, expected, "{mode:?}");
        // And again: the chip is as it was.
        assert_eq!(asked.run().unwrap(), expected, "{mode:?}");
        assert_eq!(found.last(), expected.samples.index_axis(Axis(0), 2));
        assert_eq!(found.clock(), expected.costs[2].clock);
        assert_eq!(found.clock().is_some(), mode != Mode::Ideal);
    }
    let twenty = Mode::Free;
    let ratio = request().on(&chip).free(20.0).until(1.0).run().unwrap();
    let design = request().on(&chip).mode(twenty).until(1.0).run().unwrap();
    assert_eq!(ratio, design, "r = 20 is what D3 says");
    let slow = request().on(&chip).free(40.0).until(1.0).run().unwrap();
    assert!(slow.clock().unwrap().total_s > ratio.clock().unwrap().total_s);
}

#[test]
fn requests_that_make_no_sense_are_refused() {
    let model = model();
    let chip = Chip::builder("D3").program(&model).unwrap();
    let mut other = model.clone();
    other.couplings.flat_mut()[0] += 1.0;
    let refused = |request: Generation<'_>| request.run().unwrap_err();
    assert!(matches!(
        refused(other.generate(5).on(&chip)),
        GenerationError::OtherModel
    ));
    assert!(matches!(
        refused(model.generate(0)),
        GenerationError::NoSamples
    ));
    assert!(matches!(
        refused(model.generate(5).free(20.0)),
        GenerationError::NoChip { mode: Mode::Free }
    ));
    assert!(matches!(
        refused(model.generate(5).on(&chip).mode(Mode::Ideal)),
        GenerationError::ChipWithoutUse
    ));
    for request in [
        model.generate(5).until(f64::NAN),
        model.generate(5).until(1.0).step(2.0),
        model.generate(5).until(1.0).steps(0),
    ] {
        assert!(matches!(refused(request), GenerationError::Sampling(_)));
    }
}

/// Copies tell a model what is known: they are held at known pixels, and at 0 for the others, wherever samples are made.
#[test]
fn copies_are_held_at_what_is_known_in_every_mode() {
    let trained_on = TrainedOn {
        source: "somewhere".to_owned(),
        shape: ImageShape::of_pixels(3),
        beside: BesidePixels {
            label_nodes: 0,
            copies: true,
        },
        objective: ObjectiveKind::default(),
        chip: None,
    };
    let model = Model {
        trained_on: Some(trained_on),
        ..model()
    };
    assert_eq!(model.pixels(), 3);
    let known = Array2::from_shape_fn((5, 3), |(sample, pixel)| {
        if (sample + pixel) % 2 == 0 {
            0.5 - 0.1 * sample as f32
        } else {
            f32::NAN
        }
    });
    let given = given_nodes(&model, 5, Some(known.view()), None);
    let start = Start::given(noise(), given.view()).with_copies(&model);
    let held = start.held().unwrap();
    for ((sample, pixel), value) in known.indexed_iter() {
        let expected = if value.is_nan() { 0.0 } else { *value };
        assert_eq!(
            start.x[(sample, 3 + pixel)].to_bits(),
            f32::to_bits(expected)
        );
        assert_eq!(held[(sample, pixel)], !value.is_nan());
        assert!(held[(sample, 3 + pixel)]);
    }
    // Without anything that is given, and whoever asks: the samples are those of copies at 0, and are of three pixels.
    let mut nothing = Array2::from_elem((5, 6), f32::NAN);
    nothing.slice_mut(s![.., 3..]).fill(0.0);
    let plain = Model {
        trained_on: None,
        ..model.clone()
    };
    for mode in [Mode::Ideal, Mode::Stepped, Mode::Free] {
        let condition = condition(mode, &[0.5]);
        let design = Spec::load("D3").unwrap().design();
        let chip = OnChip {
            design: &design,
            die: Die { seed: 4, number: 2 },
        };
        let chip = (mode != Mode::Ideal).then_some(&chip);
        let found = generate(&model, chip, &condition, noise(), 1).unwrap();
        let by_hand = Start::given(noise(), nothing.view());
        let by_hand = generate(&plain, chip, &condition, by_hand, 1).unwrap();
        assert_eq!(found.samples.dim(), (1, 5, 3));
        assert_eq!(found.samples, by_hand.samples.slice(s![.., .., ..3]));
    }
}
