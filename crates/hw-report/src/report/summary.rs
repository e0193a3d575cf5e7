//! The numbers that a run is judged by.

use super::{Sampler, samples::SHARE_SAMPLES};
use analog_substrate::Substrate;
use bench_hw::{
    ClassShares,
    generation::Cost,
    results::training::{SampleSummary, TrainedOnChip, TrainingSummary},
};
use gradep_core::{
    generate::Reach,
    run::Run,
    run_dir::{MetricsTable, RunDirError},
    trainer::{ADAM_STEP_J, ENERGY_GAP, LOSS_BY_TIME, MULTIPLY_ADD_J},
};
use ndarray::ArrayView2;
use units::statistics;

/// Epochs at the end over which losses are averaged, as the paper does.
pub(crate) const FINAL_EPOCHS: usize = 50;

/// What a run came to; `divergence` is why it ended, where it diverged.
pub(super) fn summary<S: Substrate<Scalar = f32> + Send>(
    run: &Run<S>,
    table: &MetricsTable,
    samples: Option<(SampleSummary, &Sampler)>,
    divergence: Option<String>,
) -> Result<TrainingSummary, RunDirError> {
    let (trainer, seconds) = (run.trainer(), run.seconds());
    let config = trainer.config();
    let loss = table.column("loss")?;
    let epochs = trainer.epochs_done();
    let ending = if divergence.is_some() {
        "diverged"
    } else {
        "finished"
    };
    Ok(TrainingSummary {
        schema: 1,
        config_hash: config.hash(),
        seed: config.seed,
        objective: config.flow.objective,
        parameters: config.network.topology().parameters(),
        epochs,
        ending: ending.to_owned(),
        divergence,
        zero_velocity_loss: trainer.unlearned().zero_velocity,
        initial_loss: loss.first().copied(),
        final_loss: final_mean(loss),
        final_epochs: loss.len().min(FINAL_EPOCHS),
        loss_by_time: table
            .numbered(LOSS_BY_TIME)
            .into_iter()
            .map(final_mean)
            .collect(),
        energy_gap: table.column(ENERGY_GAP).ok().and_then(final_mean),
        refused_updates: trainer.refused(),
        updates: epochs * trainer.updates_per_epoch(),
        unsettled_share: mean(table.column("unsettled")?),
        nonlinear_share: mean(table.column("nonlinear")?),
        seconds,
        chip: on_chip(run, samples.as_ref().map(|(_, sampler)| *sampler)),
        seconds_per_epoch: (epochs > 0).then(|| seconds / epochs as f64),
        samples: samples.map(|(summary, _)| summary),
    })
}

/// What a chip took, if the run is on the chip of its configuration.
fn on_chip<S: Substrate<Scalar = f32> + Send>(
    run: &Run<S>,
    sampler: Option<&Sampler>,
) -> Option<TrainedOnChip> {
    let trainer = run.trainer();
    let chip = &trainer.config().chip;
    let spent = trainer.spent().filter(|_| chip.is_on())?;
    let digital_macs = trainer.outer_products();
    Some(TrainedOnChip {
        name: chip.spec.clone(),
        number: chip.number,
        seed: chip.seed,
        seconds: spent.seconds,
        relaxation_seconds: spent.relaxation_seconds,
        joules: spent.joules,
        converter_joules: spent.converter_joules,
        device_moves: spent.moves,
        updating: spent.updating,
        digital_macs,
        digital_joules: MULTIPLY_ADD_J * digital_macs,
        optimiser_steps: trainer.optimiser_steps(),
        optimiser_joules: ADAM_STEP_J * trainer.optimiser_steps(),
        sampled_on: sampler.map_or_else(|| "nothing".to_owned(), Sampler::name),
    })
}

/// What a model generates: `samples` `[n, n_0]` at a flow time, at their cost.
pub(super) fn of_samples(
    flow_time: f64,
    samples: ArrayView2<'_, f32>,
    cost: &Cost,
    shares: Option<ClassShares>,
) -> SampleSummary {
    SampleSummary {
        count: SHARE_SAMPLES,
        flow_time,
        reach: Some(Reach::of(samples)),
        sweeps_per_velocity: cost.iterations_per_velocity().unwrap_or_default(),
        unsettled_share: cost.unsettled_share.unwrap_or_default(),
        smallest_class: shares.as_ref().map(ClassShares::smallest),
        classes: shares.map(|shares| shares.classes),
    }
}

/// Mean over the last epochs.
fn final_mean(values: &[f64]) -> Option<f64> {
    mean(&values[values.len().saturating_sub(FINAL_EPOCHS)..])
}

/// Mean of the values that are numbers: a bin without samples has none.
fn mean(values: &[f64]) -> Option<f64> {
    let present: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    statistics::mean(&present)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_averaged_without_the_bins_that_were_empty() {
        let mut values = vec![9.0; 10];
        values.extend([1.0, 3.0].repeat(FINAL_EPOCHS / 2));
        assert!((final_mean(&values).unwrap() - 2.0).abs() < 1e-12);
        assert!((final_mean(&[1.0, f64::NAN, 2.0]).unwrap() - 1.5).abs() < 1e-12);
        assert_eq!(final_mean(&[]), None);
    }
}
