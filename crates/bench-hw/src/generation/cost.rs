//! What a sample cost.

use analog_substrate::chip::{Clock, Ledger};
use gradep_core::generate::Effort;
use serde::Serialize;

/// What one sample had cost by a moment of the flow (mean over the batch).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cost {
    /// Steps of x; integrator steps of a free run.
    pub steps: u64,
    /// Velocities read, each one relaxation; of adaptive steps those of the sample that took most. None in a free run.
    pub evaluations: u64,
    /// The same, in the mean over samples.
    pub mean_evaluations: f64,
    /// All solver sweeps (ideal) or integrator steps (chip) of all relaxations.
    pub iterations: f64,
    /// Share of relaxations that ended unsettled; none in a free run, which is not to settle.
    pub unsettled_share: Option<f64>,
    /// Root mean square of the last velocity that was read over that of the first; none in a free run, and where the first
    /// is 0.
    pub speed_share: Option<f64>,
    /// Time on the chip; none without a chip.
    pub clock: Option<Clock>,
    /// Energy on the chip; none without a chip.
    pub ledger: Option<Ledger>,
}

impl Cost {
    /// Time of relaxation in units of τ.
    pub fn relaxation_tau(&self) -> Option<f64> {
        self.clock.map(|clock| clock.relaxation_tau)
    }

    /// All time in seconds.
    pub fn seconds(&self) -> Option<f64> {
        self.clock.map(|clock| clock.total_s)
    }

    /// All energy in joules.
    pub fn joules(&self) -> Option<f64> {
        self.ledger.map(|ledger| ledger.total_j)
    }

    /// Solver sweeps or integrator steps per velocity; none where none was read.
    pub fn iterations_per_velocity(&self) -> Option<f64> {
        (self.evaluations > 0).then(|| self.iterations / self.mean_evaluations)
    }

    pub(super) fn of_effort(effort: Effort, account: Option<(Clock, Ledger)>) -> Self {
        Self {
            steps: effort.steps,
            evaluations: effort.evaluations,
            mean_evaluations: effort.mean_evaluations,
            iterations: effort.sweeps * effort.mean_evaluations,
            unsettled_share: Some(effort.unsettled),
            speed_share: (effort.first_speed > 0.0).then(|| effort.speed / effort.first_speed),
            clock: account.map(|(clock, _)| clock),
            ledger: account.map(|(_, ledger)| ledger),
        }
    }

    pub(super) fn of_free_run(steps: u64, (clock, ledger): (Clock, Ledger)) -> Self {
        Self {
            steps,
            evaluations: 0,
            mean_evaluations: 0.0,
            iterations: steps as f64,
            unsettled_share: None,
            speed_share: None,
            clock: Some(clock),
            ledger: Some(ledger),
        }
    }
}
