//! The substrate of a training, and what was taken there.

use super::{TrainError, Trainer};
use crate::config::Learn;
use analog_substrate::{Spent, Substrate};

/// Energy of a multiplication with an addition of 16-bit floating-point numbers at 45 nm in joules: 1.1 pJ and 0.4 pJ
/// (M. Horowitz, ISSCC 2014, figure 1.1.9).
pub const MULTIPLY_ADD_J: f64 = 1.5e-12;

/// Energy of a step of one parameter by Adam in digital, in joules: six multiplications, a quotient and a root, which count as
/// multiplications, of 3.7 pJ and four additions of 0.9 pJ in 32-bit floating point, and seven words to and from 1 MB of memory, 100 pJ for 64
/// bits (the gradient, both moments and the parameter, which are read, and the latter three, which are written), all at 45 nm (M. Horowitz, ISSCC
/// 2014, figure 1.1.9).
pub const ADAM_STEP_J: f64 = 8.0 * 3.7e-12 + 4.0 * 0.9e-12 + 7.0 * 50e-12;

impl<S: Substrate<Scalar = f32> + Send> Trainer<S> {
    /// The substrate, as the last update has left it.
    pub fn substrate(&self) -> &S {
        &self.substrate
    }

    /// The substrate, as the last update has left it, when the training is over.
    pub fn into_substrate(self) -> S {
        self.substrate
    }

    /// What the substrate has taken for the whole training, one sample after the other; none of a solver.
    pub fn spent(&self) -> Option<Spent> {
        let batch = self.source.batch_size() as f64;
        self.substrate.spent().map(|spent| Spent {
            seconds: batch * spent.seconds,
            relaxation_seconds: batch * spent.relaxation_seconds,
            joules: batch * spent.joules,
            converter_joules: batch * spent.converter_joules,
            ..spent
        })
    }

    /// Multiplications with an addition that form the gradients of all updates up to now, which no substrate does: for each pair of
    /// coupled nodes, sample and update two, Δa·ā of either node, and two more where there are negatives. None where biases alone are
    /// learned: their gradient is a sum of differences.
    pub fn outer_products(&self) -> f64 {
        let config = &self.config;
        if config.optimiser.learn == Learn::Biases {
            return 0.0;
        }
        let pairs = config.network.layers.sizes().windows(2);
        let pairs: f64 = pairs.map(|pair| pair[0] as f64 * pair[1] as f64).sum();
        let has_negatives = |&epoch: &u64| config.contrast.acts_in(epoch, config.training.epochs);
        let contrasts = self.epoch + (0..self.epoch).filter(has_negatives).count() as u64;
        let samples = self.updates_per_epoch() as f64 * self.source.batch_size() as f64;
        2.0 * pairs * samples * contrasts as f64
    }

    /// Steps of a parameter that is learned by the optimiser, of all updates up to now that were not refused.
    pub fn optimiser_steps(&self) -> f64 {
        let updates = self.epoch * self.updates_per_epoch();
        let parameters = match self.config.optimiser.learn {
            Learn::All => self.couplings.flat().len(),
            Learn::Biases => self.config.network.layers.sizes().iter().sum(),
        };
        updates.saturating_sub(self.refused) as f64 * parameters as f64
    }

    /// Leaves the substrate with the couplings to generate with.
    ///
    /// # Errors
    /// [`TrainError::Substrate`].
    pub fn program_averaged(&mut self) -> Result<(), TrainError> {
        let couplings = self.averaged_couplings();
        let programmed = self.substrate.program(&couplings);
        programmed.map_err(TrainError::of_substrate)
    }
}
