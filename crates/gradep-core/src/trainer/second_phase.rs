//! Contrastive divergence beside the objective, in the epochs that have it.

use super::{Contrasted, TrainError, Trainer};
use crate::{
    config::Config,
    contrastive::{Address, Chain, contrast},
    flow::Conditioned,
    gradep::Estimate,
};
use analog_substrate::{Points, Substrate};
use units::budget::{BudgetError, MOST_STEPS, check_count};

/// Refuses chains that do not end, in a run with so many updates an epoch.
pub(super) fn check_budget(config: &Config, updates: f64) -> Result<(), BudgetError> {
    let (keys, epochs) = (&config.contrast, config.training.epochs as f64);
    if keys.weight <= 0.0 {
        return Ok(());
    }
    let chain = Chain::new(keys, config.spring.output_scale);
    let steps = chain.flow_steps() as f64 + chain.steps as f64;
    check_count(
        || {
            format!(
                "contrast.steps = {} of contrast.step = {} in each update",
                keys.steps, keys.step
            )
        },
        (1.0 - keys.from) * epochs * updates * steps,
        "steps",
        MOST_STEPS,
        "choose fewer steps, a shorter contrast.flow_until or a later contrast.from",
    )
}

impl<S: Substrate<Scalar = f32> + Send> Trainer<S> {
    /// Adds the weighted gradient of mean F(data) − mean F(negatives) to an estimate that is not refused, or refuses it where
    /// too few negatives are left. None in epochs without negatives.
    pub(super) fn contrast(
        &self,
        batch: &Conditioned,
        update: u64,
        estimate: &mut Estimate<f32>,
    ) -> Result<Option<Contrasted>, TrainError> {
        let keys = &self.config.contrast;
        let acts = keys.acts_in(self.epoch, self.config.training.epochs);
        if !acts || estimate.refusal.is_some() {
            return Ok(None);
        }
        let data = self.source.images_of(batch);
        let points = Points {
            x: data.view(),
            held: batch.held.as_ref().map(|held| held.view()),
        };
        let address = Address {
            seed: self.config.seed,
            update,
        };
        let refused = TrainError::of_substrate::<S::Error>;
        let negatives = Chain::new(keys, self.rule.output_scale)
            .run(&self.substrate, points, address)
            .map_err(refused)?;
        let found = contrast(
            &self.substrate,
            data.view(),
            &negatives,
            &self.rule.validity,
        )
        .map_err(refused)?;
        estimate.refusal = found.refusal;
        let weight = keys.weight as f32;
        let gradient = estimate.gradient.flat_mut().iter_mut();
        gradient
            .zip(found.gradient.flat())
            .for_each(|(sum, &g)| *sum += weight * g);
        Ok(Some(Contrasted {
            energy_gap: found.energy_gap,
            negatives_left_out: found.left_out,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Request, data::Dataset, trainer::EpochReport};
    use analog_substrate::Ideal;

    const ON: &[&str] = &[
        "contrast.weight=0.3",
        "contrast.from=0.5",
        "contrast.steps=3",
        "contrast.flow_until=0.5",
    ];

    fn trainer(overrides: &[&str]) -> Trainer<Ideal<f32>> {
        let common = [
            "network.layers=[64,8]",
            "training.epochs=4",
            "optimiser.warmup_epochs=0",
        ];
        let overrides = common.iter().chain(overrides);
        let request = Request {
            preset: "equilibrium".to_owned(),
            overrides: overrides.map(|&text| text.to_owned()).collect(),
            ..Request::default()
        };
        let digits = Dataset::digits();
        let images = digits.images().slice(ndarray::s![..80, ..]).to_owned();
        Trainer::new(&request.resolve().unwrap().config, images).unwrap()
    }

    #[test]
    fn nothing_changes_before_the_second_phase_and_everything_after() {
        let (mut plain, mut with) = (trainer(&[]), trainer(ON));
        for epoch in 0..4 {
            let (before, after) = (plain.epoch().unwrap(), with.epoch().unwrap());
            assert_eq!(before.contrasted, None);
            let contrasted = after.contrasted.unwrap();
            let bits = format!("{contrasted:?}");
            let without = EpochReport {
                contrasted: None,
                ..after
            };
            if epoch < 2 {
                assert!(contrasted.energy_gap.is_nan() && contrasted.negatives_left_out.is_nan());
                assert_eq!(format!("{without:?}"), format!("{before:?}"));
                assert_eq!(plain.couplings(), with.couplings());
            } else {
                assert!(contrasted.energy_gap.is_finite(), "{bits}");
                assert!(contrasted.negatives_left_out < 0.2, "{bits}");
                assert_ne!(plain.couplings(), with.couplings());
            }
        }
    }

    /// The images are those that the examples are of: x_1 = x_t + (1 − t)(x_1 − x_0).
    #[test]
    fn the_weighted_gradient_at_the_images_of_the_batch_is_added() {
        let more = ["flow.objective=flow-matching", "contrast.from=0"];
        let mut trainer = trainer(&[ON, &more].concat());
        trainer.substrate.program(&trainer.couplings).unwrap();
        let batch = trainer.source.conditioned(0).unwrap().slice(40..80);
        let examples = &batch.examples;
        let late = ndarray::Array1::from_iter(examples.times.iter().map(|t| 1.0 - t));
        let ends = &examples.anchor + &(&examples.target * &late.insert_axis(ndarray::Axis(1)));
        let data = trainer.source.images_of(&batch);
        assert!(ends.iter().zip(&data).all(|(a, b)| (a - b).abs() < 1e-5));

        let (anchor, target) = (examples.anchor.view(), examples.target.view());
        let estimate = trainer
            .rule
            .estimate(&trainer.substrate, anchor, target, 1.0);
        let before = estimate.unwrap();
        let mut after = before.clone();
        let contrasted = trainer.contrast(&batch, 9, &mut after).unwrap().unwrap();
        let (chain, points) = (
            Chain::new(&trainer.config.contrast, 2.0),
            Points::from(data.view()),
        );
        let address = Address { seed: 0, update: 9 };
        let negatives = chain.run(&trainer.substrate, points, address).unwrap();
        let validity = &trainer.rule.validity;
        let found = contrast(&trainer.substrate, data.view(), &negatives, validity).unwrap();
        assert_eq!(contrasted.energy_gap.to_bits(), found.energy_gap.to_bits());
        let gradients = before.gradient.flat().iter().zip(found.gradient.flat());
        for ((before, added), after) in gradients.zip(after.gradient.flat()) {
            assert!((before + 0.3 * added - after).abs() < 1e-6 * (1.0 + after.abs()));
        }
    }

    #[test]
    fn updates_whose_negatives_ran_away_are_refused() {
        let mut trainer = trainer(&[ON, &["contrast.from=0", "contrast.temperature=1e4"]].concat());
        let before = trainer.couplings().clone();
        let report = trainer.epoch().unwrap();
        assert_eq!(report.refused, trainer.updates_per_epoch());
        assert_eq!(report.refusal.unwrap().kind(), "negatives");
        assert_eq!(&before, trainer.couplings());
    }

    #[test]
    fn chains_that_do_not_end_are_refused() {
        let refused = |more| {
            let mut request = Request::default();
            request
                .overrides
                .extend(["contrast.weight=0.1", more].map(str::to_owned));
            let config = request.resolve().unwrap().config;
            let images = Dataset::digits().images().clone();
            Trainer::new(&config, images).unwrap_err().to_string()
        };
        for more in ["contrast.steps=1000000000000", "contrast.flow_until=1e15"] {
            let said = refused(more);
            assert!(said.contains("choose fewer steps"), "{said}");
        }
    }
}
