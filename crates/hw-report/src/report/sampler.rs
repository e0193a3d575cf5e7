//! What draws the samples of a report.

use analog_substrate::chip::{Chip, Duration, NoiseRamp, TransientSettings};
use bench_hw::generation::{
    Condition, Generated, GenerationError, Mode, Way, generate_ideal, generate_on_chip,
};
use gradep_core::{
    files::Model,
    generate::{Annealing, GenerateError},
};
use ndarray::Array2;

/// What draws the samples of a report.
#[derive(Debug)]
pub enum Sampler {
    /// Exact equilibria of the model.
    Equilibria,
    /// A chip that runs free, with the couplings that it has.
    Chip(Box<Chip<f32>>),
}

impl Sampler {
    /// Where it draws, in words.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Equilibria => "exact equilibria".to_owned(),
            Self::Chip(chip) => {
                let ratio = chip.design().node.visible_ratio;
                format!("{}, running free, C_x/C = {ratio}", chip.design().name)
            }
        }
    }

    /// Draws from noise of a seed.
    pub(super) fn draw(
        &self,
        model: &Model<f32>,
        condition: Condition,
        (noise, seed): (Array2<f32>, u64),
        mut go_on: impl FnMut(f64) -> bool,
    ) -> Result<Generated, GenerationError> {
        let Self::Chip(chip) = self else {
            return generate_ideal(model, &condition, noise, seed, go_on);
        };
        if !go_on(0.0) {
            return Err(GenerateError::<analog_substrate::IdealError>::Interrupted.into());
        }
        let condition = Condition {
            extra_steps: 0,
            // Its own noise is all that there is.
            annealing: Annealing {
                temperature: 0.0,
                cool_until: 0.0,
            },
            ..condition.on_chip(&way(chip.settings()))
        };
        // Every draw is of the chip as training left it, and of a clock that begins.
        let chip = chip.afresh(*chip.settings(), seed)?;
        generate_on_chip(&chip, model, &condition, noise)
    }
}

fn way(transients: &TransientSettings) -> Way {
    Way {
        mode: Mode::Free,
        warm: false,
        settle: Duration::TimeConstants(Condition::SETTLE),
        ratio: None,
        presettle: Duration::TimeConstants(Condition::PRESETTLE),
        noise: NoiseRamp::NONE,
        transients: *transients,
    }
}
