//! Negatives: where chains of Langevin steps come to, whose force is read from the substrate.

use super::clamped;
use crate::{
    config::{ContrastConfig, NegativeStart},
    generate::Annealing,
    random::{Purpose, Stream},
};
use analog_substrate::{Points, RUNAWAY, Substrate, kernels::Real};
use ndarray::{Array2, ArrayView2, Axis, Zip};
use rand::RngExt as _;
use rand_distr::StandardNormal;
use rayon::prelude::*;

/// How negatives come about. The force is read with x clamped: −∂F/∂x, the current into the clamps.
///
/// ```text
/// x ← x − α ∂F/∂x dt + √(2αT dt) ξ        ξ ~ N(0, I)
/// ```
///
/// For small steps these sample exp(−F/T): Langevin dynamics of temperature T in units of E. Chains are begun anew for every
/// update, so that a run that is gone on with needs nothing of those before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chain {
    /// α.
    pub output_scale: f64,
    /// Where chains begin.
    pub start: NegativeStart,
    /// Flow time for which those from noise follow the flow, without noise on the way, before the chain begins.
    pub flow_until: f64,
    /// Steps of the chain.
    pub steps: u64,
    /// dt, in flow time, of both.
    pub step: f64,
    /// T ≥ 0.
    pub temperature: f64,
}

/// Which chains of a run these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// Seed of the run.
    pub seed: u64,
    /// Number of the update, from 0.
    pub update: u64,
}

/// Where chains ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Negatives<R> {
    /// `[n, n_0]`; of those that ran away 0.
    pub x: Array2<R>,
    /// Which ran away from all that a chip's nodes can hold, `[n]`.
    pub lost: Vec<bool>,
}

/// Steps that are alike.
#[derive(Clone, Copy)]
struct Pace {
    steps: u64,
    drift: f64,
    noise: f64,
}

impl Chain {
    /// As a configuration has it, of a network whose velocity is scaled by `output_scale`.
    pub fn new(keys: &ContrastConfig, output_scale: f64) -> Self {
        Self {
            output_scale,
            start: keys.start,
            flow_until: keys.flow_until,
            steps: keys.steps,
            step: keys.step,
            temperature: keys.temperature,
        }
    }

    /// Steps of the flow before the chain begins: as many as keep them at [`step`](Self::step) or below, but for rounding.
    pub fn flow_steps(&self) -> u64 {
        if self.start == NegativeStart::Data {
            return 0;
        }
        #[expect(clippy::cast_sign_loss, reason = "clamped at 0")]
        let steps = (self.flow_until / self.step - 1e-9).ceil().max(0.0) as u64;
        steps
    }

    /// Runs a chain for each row of `data`, `[n, n_0]`, on a programmed substrate. Nodes that are held stay at their data.
    ///
    /// # Errors
    /// What the substrate refuses.
    pub fn run<S: Substrate>(
        &self,
        substrate: &S,
        data: Points<'_, S::Scalar>,
        address: Address,
    ) -> Result<Negatives<S::Scalar>, S::Error> {
        let samples = 0..data.x.nrows();
        let draw = |sample| {
            Stream::new(
                address.seed,
                Purpose::Negatives,
                address.update,
                sample as u64,
            )
        };
        let mut draws: Vec<Stream> = samples.clone().map(draw).collect();
        let mut walkers = Negatives {
            x: data.x.to_owned(),
            lost: vec![false; data.x.nrows()],
        };
        let from_noise: Vec<usize> = samples.filter(|&i| self.start.is_noise(i)).collect();
        for &sample in &from_noise {
            let generator = draws[sample].generator();
            for (node, x) in walkers.x.row_mut(sample).iter_mut().enumerate() {
                let normal: f64 = generator.sample(StandardNormal);
                if data.held.is_none_or(|held| !held[[sample, node]]) {
                    *x = Real::from_f64(normal);
                }
            }
        }
        if self.flow_steps() > 0 && !from_noise.is_empty() {
            let flow = Pace {
                steps: self.flow_steps(),
                drift: self.output_scale * self.flow_until / self.flow_steps() as f64,
                noise: 0.0,
            };
            let held = data.held.map(|held| held.select(Axis(0), &from_noise));
            let held = held.as_ref().map(|held| held.view());
            let mut early = Negatives {
                x: walkers.x.select(Axis(0), &from_noise),
                lost: vec![false; from_noise.len()],
            };
            early.walk(substrate, flow, held, &mut [])?;
            for ((&sample, x), lost) in from_noise.iter().zip(early.x.rows()).zip(early.lost) {
                walkers.x.row_mut(sample).assign(&x);
                walkers.lost[sample] = lost;
            }
        }
        let steady = Annealing {
            temperature: self.temperature,
            cool_until: 0.0,
        };
        let chain = Pace {
            steps: self.steps,
            drift: self.output_scale * self.step,
            noise: steady.kick(self.output_scale, 0.0, self.step),
        };
        walkers.walk(substrate, chain, data.held, &mut draws)?;
        Ok(walkers)
    }
}

impl<R: Real> Negatives<R> {
    /// Takes steps; hidden nodes begin each relaxation where the last one left them, as those of a chip do. `draws` are one a
    /// row where there is noise.
    fn walk<S: Substrate<Scalar = R>>(
        &mut self,
        substrate: &S,
        pace: Pace,
        held: Option<ArrayView2<'_, bool>>,
        draws: &mut [Stream],
    ) -> Result<(), S::Error> {
        let drift = R::from_f64(pace.drift);
        let mut last = None;
        for _ in 0..pace.steps {
            let rest = substrate.settle(&clamped(self.x.view()), last.as_ref())?;
            let mut motion = substrate.current(&rest);
            last = Some(rest);
            motion.mapv_inplace(|current| drift * current);
            if pace.noise > 0.0 {
                let rows = motion.axis_iter_mut(Axis(0)).into_par_iter();
                rows.zip(&mut *draws).for_each(|(mut row, draw)| {
                    draw.renew();
                    row.iter_mut().for_each(|x| {
                        let normal: f64 = draw.generator().sample(StandardNormal);
                        *x += R::from_f64(pace.noise * normal);
                    });
                });
            }
            if let Some(held) = held {
                let nodes = Zip::from(&mut motion).and(held);
                nodes.for_each(|x, &held| *x = if held { R::ZERO } else { *x });
            }
            self.x += &motion;
            self.stop_the_lost();
        }
        Ok(())
    }

    /// Puts those that ran away at 0: a substrate refuses what is not a number.
    fn stop_the_lost(&mut self) {
        for (mut row, lost) in self.x.rows_mut().into_iter().zip(&mut self.lost) {
            *lost |= !row.iter().all(|x| x.to_f64().abs() <= RUNAWAY);
            if *lost {
                row.fill(R::ZERO);
            }
        }
    }
}
