//! How far from balance noise alone keeps the nodes of a chip, and so when they count as settled.

use super::{
    Chip, ChipError, TransientSettings,
    circuit::{Circuit, VisibleMode},
    transient::NoiseAddress,
};
use crate::chip::ChipScalar;
use crate::{Cell, Visible, kernels::Real};
use serde::Serialize;

/// Share of relaxations at rest in which noise lifts the residual above its floor at some step.
const EXCEEDED: f64 = 0.01;

/// At what residual a sample counts as settled.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SettlingLimit {
    /// The limit, in g_unit·V_unit.
    pub residual: f64,
    /// What noise alone makes of the residual of a network at rest, in g_unit·V_unit; 0 without noise.
    pub noise_floor: f64,
}

impl SettlingLimit {
    /// That of the settings, or, where they leave it open, 0.01 but no less than what noise allows.
    fn new(asked: Option<f64>, noise_floor: f64) -> Self {
        Self {
            residual: asked.unwrap_or(TransientSettings::SETTLED_BELOW.max(noise_floor)),
            noise_floor,
        }
    }

    /// Whether the limit is what noise allows, and not a smaller or larger one.
    pub fn is_noise_floor(&self) -> bool {
        self.noise_floor > 0.0 && self.residual.total_cmp(&self.noise_floor).is_eq()
    }

    /// Whether noise alone keeps samples above the limit.
    pub fn is_below_noise(&self) -> bool {
        self.residual < self.noise_floor
    }
}

impl<R: ChipScalar> Chip<R> {
    /// At what residual samples of this chip count as settled under a spring or with x held.
    ///
    /// # Errors
    /// As a relaxation.
    pub fn settling_limit(&self, visible: Visible) -> Result<SettlingLimit, ChipError> {
        let circuit = self.circuit(self.mode(visible)?)?;
        Ok(self.limit(&circuit))
    }

    pub(super) fn limit(&self, circuit: &Circuit<R>) -> SettlingLimit {
        SettlingLimit::new(self.settings.settled_below, self.noise_floor(circuit))
    }

    /// The level that the residual of a network at rest exceeds at some step of a relaxation in at
    /// most one of a hundred. A normal number exceeds z standard deviations on either side with a
    /// probability of at most e^(−z²/2), and one of N numbers, dependent or not, with N times that:
    /// z = √(2 ln(N/0.01)) for N nodes times steps.
    fn noise_floor(&self, circuit: &Circuit<R>) -> f64 {
        let Some(noise) = self.noise(0) else {
            return 0.0;
        };
        let settings = &self.settings;
        let steps = (settings.duration / settings.step).ceil().max(1.0);
        let numbers = circuit.layers.sizes().iter().sum::<usize>() as f64 * steps;
        let z = (2.0 * (numbers / EXCEEDED).ln()).sqrt();
        let slope = self.steepest_output();
        z * circuit.noisiest(&noise, settings.step, slope).sqrt()
    }

    /// Largest |a′|, by which noise at a node's input reaches its output at most.
    fn steepest_output(&self) -> f64 {
        let states = (-200..=200).map(|i| 0.05 * f64::from(i));
        states.fold(0.0, |most, h| {
            most.max(self.activation.derivatives(h).1.abs())
        })
    }
}

impl<R: Real> Circuit<R> {
    /// Largest variance of the imbalance of a node at rest, in (g_unit·V_unit)².
    ///
    /// Near rest the imbalances r = J δs of deviations δs obey dδs = −μ J δs dt + √(2Θg) μ dW, with the
    /// noisy conductance g of each node in units of g_unit. That ⟨δs_i δs_j⟩ stands still means, for a
    /// symmetric J, ⟨δs_i r_j⟩ = Θ μ g δ_ij where g and μ are those of all nodes (Lyapunov's equation), hence
    /// ⟨r_i²⟩ = Σ_j J_ij ⟨δs_j r_i⟩ = Θ μ_i g_i J_ii: a node's own stiffness and noise decide, and what
    /// amplifies the voltage noise of hidden nodes does not lift their imbalance. Of a passive network
    /// noise and stiffness are the same matrix (fluctuation and dissipation): ⟨r_i²⟩ = Θ Σ_j J_ij² μ_j.
    ///
    /// Input-referred noise of an amplifier moves the currents into its neighbours by the couplings
    /// times a′, and, of a gradient cell, its own by a″z, which is about 1 at most; of a resistive cell it
    /// stands in series with its own leak. `slope` is the largest a′; where nodes are saturated, noise
    /// is less.
    fn noisiest(&self, noise: &NoiseAddress, step: f64, slope: f64) -> f64 {
        let pole = self
            .has_pole
            .then(|| self.stiffness[self.nodes()][0].to_f64());
        let disturbance = noise.disturbance(step, pole);
        let mut worst: f64 = 0.0;
        for l in 0..self.nodes() {
            if l == 0 && self.mode == VisibleMode::Clamped {
                continue;
            }
            let (received, from_hidden) = self.squared_weights(l);
            for i in 0..self.layers.size(l) {
                let of = |rows: &[Vec<R>]| rows[l][i].to_f64();
                let (stiffness, mobility) = (of(&self.stiffness), of(&self.mobility));
                let own = of(&self.noise.own);
                let is_passive = self.cell == Cell::Resistive;
                let thermal = if let Some(factor) = self.noise.shared {
                    let conductance = own.abs() + factor * (stiffness - own);
                    stiffness * conductance + factor * received[i]
                } else {
                    let through = of(&self.noise.through_slope) * slope * slope;
                    stiffness * (own.abs() + through)
                };
                let itself = match self.cell {
                    Cell::Gradient if l > 0 => 1.0,
                    Cell::Resistive if l > 0 => of(&self.leak).powi(2),
                    _ => 0.0,
                };
                let through = if is_passive {
                    0.0
                } else {
                    slope * slope * from_hidden[i]
                };
                let variance = noise.theta * mobility * thermal + disturbance * (itself + through);
                worst = worst.max(variance);
            }
        }
        worst
    }

    /// Σ W² of the couplings that each node of layer `l` receives, and of those from hidden nodes.
    fn squared_weights(&self, l: usize) -> (Vec<f64>, Vec<f64>) {
        let mut all = vec![0.0; self.layers.size(l)];
        let mut hidden = all.clone();
        if l > 0 {
            for ((i, _), w) in self.couplings.weight(l - 1).indexed_iter() {
                let square = w.to_f64().powi(2);
                all[i] += square;
                if l > 1 {
                    hidden[i] += square;
                }
            }
        }
        if l < self.layers.hidden() {
            for ((_, j), w) in self.couplings.weight(l).indexed_iter() {
                let square = w.to_f64().powi(2);
                all[j] += square;
                hidden[j] += square;
            }
        }
        (all, hidden)
    }
}
