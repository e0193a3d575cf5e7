//! Training on the objectives that configurations name.

use super::*;
use crate::{config::Request, data::Dataset};

fn config(overrides: &[&str]) -> Config {
    let common = ["network.layers=[64,8]", "training.epochs=6"];
    let overrides = common.iter().chain(overrides);
    let request = Request {
        preset: "equilibrium".to_owned(),
        overrides: overrides.map(|&text| text.to_owned()).collect(),
        ..Request::default()
    };
    request.resolve().unwrap().config
}

fn trainer(config: &Config, images: usize) -> Trainer<Ideal<f32>> {
    let digits = Dataset::digits();
    let images = digits.images().slice(ndarray::s![..images, ..]).to_owned();
    Trainer::new(config, images).unwrap()
}

#[test]
fn a_ramp_of_late_times_goes_on_with_the_same_bits() {
    let config = config(&[]);
    let mut whole = trainer(&config, 128);
    let reports: Vec<EpochReport> = (0..6).map(|_| whole.epoch().unwrap()).collect();
    let mut first = trainer(&config, 128);
    (0..3).for_each(|_| drop(first.epoch().unwrap()));
    let mut second = trainer(&config, 128);
    second.restore(first.state()).unwrap();
    for report in &reports[3..] {
        assert_eq!(
            format!("{:?}", second.epoch().unwrap()),
            format!("{report:?}")
        );
    }
    assert_eq!(whole.couplings(), second.couplings());
}

#[test]
fn the_share_of_late_times_follows_the_ramp() {
    let config = config(&[
        "flow.late_share=0.1",
        "flow.late_share_end=0.9",
        "training.epochs=100",
    ]);
    let images = Dataset::digits().images().clone();
    let source = BatchSource::new(images, config.flow, 1).unwrap().over(100);
    for (epoch, share) in [(0, 0.1), (50, 0.5), (99, 0.892)] {
        let times = source.epoch(epoch).unwrap().times;
        let late = times.iter().filter(|&&t| t >= 0.8).count() as f64 / times.len() as f64;
        // Of the other times a fifth is late as well; a standard error of at most 0.012.
        let expected = share + 0.2 * (1.0 - share);
        assert!((late - expected).abs() < 0.05, "{epoch}: {late} {expected}");
    }
}

/// One update of all images: the loss is that of the first couplings, and does not depend on what times are drawn by.
#[test]
fn the_reported_loss_is_that_of_uniform_times() {
    let loss = |overrides: &[&str]| {
        let all = [&["flow.batch=0"], overrides].concat();
        trainer(&config(&all), 1797).epoch().unwrap().loss
    };
    let uniform = loss(&["flow.late_share=0", "flow.late_share_end=0"]);
    let late = loss(&["flow.late_share=0.6", "flow.late_share_end=0.6"]);
    let power = loss(&[
        "flow.late_share=0",
        "flow.late_share_end=0",
        "flow.time_power=0.5",
    ]);
    // The loss of late times alone is less than half of it; standard errors are below 2 %.
    assert!((late / uniform - 1.0).abs() < 0.08, "{late} {uniform}");
    assert!((power / uniform - 1.0).abs() < 0.08, "{power} {uniform}");
}

#[test]
fn the_objective_is_that_of_the_configuration() {
    let config = config(&[]);
    let trainer = trainer(&config, 128);
    assert_eq!(trainer.source.objective().name(), "equilibrium-matching");
    // ∫c² = 1/2 + 1/6 of the target of flow matching.
    let flow = trainer.with_objective(Arc::new(crate::objective::FlowMatching));
    assert_eq!(flow.source.objective().name(), "flow-matching");
    let again = self::trainer(&config, 128);
    let share = again.unlearned().zero_velocity / flow.unlearned().zero_velocity;
    assert!((share - 2.0 / 3.0).abs() < 1e-9, "{share}");
}

/// A leak is trained as couplings are, is never negative, and comes back from a state.
#[test]
fn visible_leaks_are_trained() {
    let config = config(&[
        "network.visible_leak=true",
        "flow.decay_from=0.8",
        "optimiser.warmup_epochs=0",
    ]);
    let mut whole = trainer(&config, 128);
    let topology = whole.couplings().topology().clone();
    assert_eq!(
        topology.parameters(),
        config.network.layers.parameters() + 64
    );
    // From 0 the first updates would have them negative: hidden nodes carry nothing yet, and without them v falls by 1.9.
    let mut begun = whole.couplings().clone();
    begun.visible_leak_mut().unwrap().fill(0.02);
    whole.begin_from(begun);
    (0..3).for_each(|_| drop(whole.epoch().unwrap()));
    let state = whole.state();
    (0..3).for_each(|_| drop(whole.epoch().unwrap()));
    let leaks = whole.couplings().visible_leak().unwrap().to_vec();
    assert!(leaks.iter().all(|&k| k >= 0.0), "{leaks:?}");
    assert!(leaks.iter().all(|&k| (k - 0.02).abs() > 1e-4), "{leaks:?}");
    let averaged = whole.averaged_couplings();
    assert!(averaged.visible_leak().unwrap().iter().all(|&k| k >= 0.0));
    let mut second = trainer(&config, 128);
    second.restore(state).unwrap();
    (0..3).for_each(|_| drop(second.epoch().unwrap()));
    assert_eq!(whole.couplings(), second.couplings());
}
