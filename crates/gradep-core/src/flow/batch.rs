//! Matched pairs and their examples, a function of (data, configuration, objective, seed, epoch).

use super::{
    assignment::{AssignmentError, DataPotential, Workspace, assign},
    holding::{Conditioned, Holding},
};
use crate::{
    config::{CouplingKind, FlowConfig, HeldConfig, Pairing},
    draws::normal_rows,
    objective::{Draw, Examples, Objective, ObjectiveError, TimeDensity, Unlearned},
    random::{Purpose, stream},
};
use ndarray::{Array2, Axis, Zip, s};
use rand::{RngExt, seq::SliceRandom};
use std::{cell::RefCell, ops::Range, sync::Arc};
use units::fault::{Blame, Fault};

/// Noise batches from which the transport potential of the data is learned: more make a solve no
/// faster (measured: 12.2, 11.1, 10.4, 9.5 ms after 1, 2, 4, 8).
const POTENTIAL_BATCHES: u64 = 4;

/// Most samples that are matched at once, batches apart: the solver keeps an n × n matrix (64 MiB).
const GROUP_LIMIT: usize = 4096;

thread_local! {
    /// Scratch memory of the assignment solver, kept between batches.
    static WORKSPACE: RefCell<Workspace> = RefCell::default();
}

impl FlowConfig {
    /// Samples per update of a data set of `images`.
    pub(crate) fn batch_of(&self, images: usize) -> usize {
        match self.batch {
            0 => images,
            batch => batch.min(images),
        }
    }

    /// Most samples of a data set of `images` that the solver matches at once: none where pairs are as drawn.
    pub(crate) fn matched_at_once(&self, images: usize) -> usize {
        match self.coupling {
            CouplingKind::OptimalTransport => self.group(self.batch_of(images), images),
            CouplingKind::Independent => 0,
        }
    }

    /// Samples of an epoch of `count` that are matched together: whole batches.
    fn group(&self, batch: usize, count: usize) -> usize {
        match self.pairing {
            Pairing::Epoch | Pairing::Class if count <= GROUP_LIMIT => count,
            Pairing::Epoch | Pairing::Class => (GROUP_LIMIT / batch.max(1)).max(1) * batch,
            Pairing::Batch => batch,
        }
    }
}

/// Why an epoch has no examples.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// Noise and data cannot be paired.
    #[error("pairing noise and data: {0}")]
    Pairing(#[from] AssignmentError),
    /// What the objective made of the pairs cannot be learned from.
    #[error("{0}")]
    Objective(#[from] ObjectiveError),
}

impl Blame for BatchError {
    fn fault(&self) -> Fault {
        match self {
            Self::Pairing(cause) => cause.fault(),
            Self::Objective(_) => Fault::Input,
        }
    }
}

/// Draws the examples of a run from matched pairs. Any epoch can be drawn at any time, on any thread.
#[derive(Clone, Debug)]
pub struct BatchSource {
    data: Array2<f32>,
    config: FlowConfig,
    seed: u64,
    potential: DataPotential,
    objective: Arc<dyn Objective>,
    epochs: u64,
    holding: Holding,
}

impl BatchSource {
    /// Pairs of `data` `[n, n_0]` for the objective of the configuration, in a run of one epoch; learns the data's transport
    /// potential, a few solves' work.
    pub fn new(data: Array2<f32>, config: FlowConfig, seed: u64) -> Result<Self, BatchError> {
        let (n, dimension) = data.dim();
        let matched = config.coupling == CouplingKind::OptimalTransport;
        let potential = if matched && n <= GROUP_LIMIT {
            let noise = (0..POTENTIAL_BATCHES)
                .map(|step| normal_rows(seed, Purpose::Potential, step, n, dimension));
            DataPotential::learn(&data, noise)?
        } else {
            DataPotential::zero(n)
        };
        Ok(Self {
            objective: config.objective(),
            data,
            config,
            seed,
            potential,
            epochs: 1,
            holding: Holding::default(),
        })
    }

    /// The same pairs in a run of `epochs`.
    #[must_use]
    pub fn over(self, epochs: u64) -> Self {
        Self { epochs, ..self }
    }

    /// The same pairs for another objective.
    #[must_use]
    pub fn with_objective(self, objective: Arc<dyn Objective>) -> Self {
        Self { objective, ..self }
    }

    /// What is learned of the pairs.
    pub fn objective(&self) -> &dyn Objective {
        self.objective.as_ref()
    }

    /// The same pairs with held nodes; `label_nodes` columns of the data after the pixels are those of the classes, and
    /// with `config.copies` as many as there are pixels follow.
    #[must_use]
    pub fn with_held(self, config: HeldConfig, label_nodes: usize) -> Self {
        let holding = Holding {
            config,
            label_nodes,
        };
        Self { holding, ..self }
    }

    /// What networks that have learned nothing lose; `decay` as in [`Objective::unlearned`].
    pub fn unlearned(&self, decay: f64) -> Unlearned {
        let asked = self.holding.asked(self.data.ncols());
        self.objective
            .unlearned(self.data.slice(s![.., ..asked]), decay)
    }

    /// Samples per update.
    pub fn batch_size(&self) -> usize {
        self.config.batch_of(self.data.nrows())
    }

    /// Updates per epoch: every image at most once, remainders dropped.
    pub fn batches_per_epoch(&self) -> usize {
        self.data.nrows() / self.batch_size().max(1)
    }

    /// All examples of an epoch, batch after batch.
    ///
    /// # Errors
    /// [`BatchError`] where noise and data cannot be paired, or the objective makes something else of them than examples.
    pub fn epoch(&self, epoch: u64) -> Result<Examples, BatchError> {
        Ok(self.conditioned(epoch)?.examples)
    }

    /// As [`epoch`](Self::epoch), with the nodes that are held in each example.
    ///
    /// # Errors
    /// As [`epoch`](Self::epoch).
    pub fn conditioned(&self, epoch: u64) -> Result<Conditioned, BatchError> {
        let rows = self.order(epoch);
        let data = self.data.select(Axis(0), &rows);
        let (count, dimension) = data.dim();
        let noise = normal_rows(self.seed, Purpose::Source, epoch, count, dimension);
        let group = self.group(count);
        let (mut noise_of, mut data_of) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for start in (0..count).step_by(group) {
            let part = start..(start + group).min(count);
            let pairs = self.pairs(&noise, &data, &rows, part.clone())?;
            for sample in part {
                let noise = if self.config.with_replacement {
                    let mut draw = stream(self.seed, Purpose::Pairs, epoch, sample as u64);
                    start + draw.random_range(0..pairs.len())
                } else {
                    sample
                };
                noise_of.push(noise);
                data_of.push(pairs[noise - start]);
            }
        }
        let noise = noise.select(Axis(0), &noise_of);
        let data = data.select(Axis(0), &data_of);
        let draw = self.draw(epoch);
        let mut examples = self.objective.pair(noise.view(), data.view(), draw);
        examples.check(self.objective.name(), [count, dimension])?;
        let address = (self.seed, epoch);
        let held = (self.holding).condition(&mut examples, data.view(), address);
        Ok(Conditioned {
            examples,
            held,
            images: data_of.into_iter().map(|row| rows[row]).collect(),
        })
    }

    /// The data that examples are of, `[n, n_0]`.
    pub fn images_of(&self, examples: &Conditioned) -> Array2<f32> {
        let mut data = self.data.select(Axis(0), &examples.images);
        if let Some(held) = &examples.held {
            // What copies are held at depends on the example.
            Zip::from(&mut data)
                .and(&examples.examples.anchor)
                .and(held)
                .for_each(|value, &anchor, &held| *value = if held { anchor } else { *value });
        }
        data
    }

    /// What each of these times of an epoch counts in a mean over uniform times, `[n]`.
    pub fn time_weights(&self, epoch: u64, times: &[f32]) -> Vec<f64> {
        self.draw(epoch).density.weights(times)
    }

    /// Which examples of the run are those of an epoch.
    fn draw(&self, epoch: u64) -> Draw {
        let draw = Draw {
            seed: self.seed,
            epoch,
            epochs: self.epochs,
            density: TimeDensity::UNIFORM,
        };
        Draw {
            density: self.config.density(draw.progress()),
            ..draw
        }
    }

    /// Samples of an epoch of `count` that are matched together: whole batches.
    fn group(&self, count: usize) -> usize {
        self.config.group(self.batch_size(), count)
    }

    /// Which row of `data` each row of `noise` in `part` is paired with.
    fn pairs(
        &self,
        noise: &Array2<f32>,
        data: &Array2<f32>,
        rows: &[usize],
        part: Range<usize>,
    ) -> Result<Vec<usize>, AssignmentError> {
        if self.config.coupling == CouplingKind::Independent {
            return Ok(part.collect());
        }
        let start = part.start;
        if self.config.pairing == Pairing::Class {
            return self.pairs_by_class(noise, data, rows, part);
        }
        let potential = self.potential.select(&rows[part.clone()]);
        let (noise, data) = (noise.slice(s![part.clone(), ..]), data.slice(s![part, ..]));
        let assignment = WORKSPACE.with_borrow_mut(|ws| assign(&noise, &data, &potential, ws))?;
        Ok(assignment
            .data_of
            .into_iter()
            .map(|index| start + index as usize)
            .collect())
    }

    /// As [`pairs`](Self::pairs), each class with the noise that was drawn for it.
    fn pairs_by_class(
        &self,
        noise: &Array2<f32>,
        data: &Array2<f32>,
        rows: &[usize],
        part: Range<usize>,
    ) -> Result<Vec<usize>, AssignmentError> {
        let start = part.start;
        let classes = self.holding.classes(data.slice(s![part.clone(), ..]));
        let mut data_of: Vec<usize> = part.collect();
        for class in 0..self.holding.label_nodes {
            let of_class = classes.iter().enumerate().filter(|(_, own)| **own == class);
            let members: Vec<usize> = of_class.map(|(place, _)| start + place).collect();
            if members.is_empty() {
                continue;
            }
            let own: Vec<usize> = members.iter().map(|&member| rows[member]).collect();
            let (noise, data) = (
                noise.select(Axis(0), &members),
                data.select(Axis(0), &members),
            );
            let potential = self.potential.select(&own);
            let assignment =
                WORKSPACE.with_borrow_mut(|ws| assign(&noise, &data, &potential, ws))?;
            for (&member, index) in members.iter().zip(assignment.data_of) {
                data_of[member - start] = members[index as usize];
            }
        }
        Ok(data_of)
    }

    /// The images of an epoch in order: as they are for a full batch, else shuffled.
    fn order(&self, epoch: u64) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.data.nrows()).collect();
        if self.batch_size() < order.len() {
            order.shuffle(&mut stream(self.seed, Purpose::Shuffle, epoch, 0));
            order.truncate(self.batches_per_epoch() * self.batch_size());
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{BesidePixels, Dataset};

    fn source(batch: usize, coupling: CouplingKind, with_replacement: bool) -> BatchSource {
        let data = Dataset::digits().images().clone();
        let config = FlowConfig {
            coupling,
            with_replacement,
            ..FlowConfig::matched(batch)
        };
        BatchSource::new(data, config, 3).unwrap()
    }

    fn transport_cost(sample: &Examples) -> f64 {
        sample
            .target
            .iter()
            .map(|&u| f64::from(u).powi(2))
            .sum::<f64>()
            / sample.target.len() as f64
    }

    #[test]
    fn matched_pairs_are_as_close_as_published_and_independent_ones_are_not() {
        // Mean squared displacement per dimension, full batch: 1.349 matched, 1.719 independent.
        let matched = transport_cost(
            &source(0, CouplingKind::OptimalTransport, false)
                .epoch(0)
                .unwrap(),
        );
        let independent = transport_cost(
            &source(0, CouplingKind::Independent, false)
                .epoch(0)
                .unwrap(),
        );
        assert!((matched - 1.349).abs() < 0.02, "{matched}");
        assert!((independent - 1.719).abs() < 0.02, "{independent}");
    }

    #[test]
    fn drawing_with_replacement_leaves_63_per_cent_distinct() {
        let sample = source(0, CouplingKind::OptimalTransport, true)
            .epoch(0)
            .unwrap();
        let mut ends: Vec<Vec<u32>> = sample
            .target
            .rows()
            .into_iter()
            .map(|row| row.iter().map(|u| u.to_bits()).collect())
            .collect();
        let count = ends.len() as f64;
        ends.sort();
        ends.dedup();
        // 1 − 1/e with a standard error of 0.007.
        assert!((ends.len() as f64 / count - 0.632).abs() < 0.03);
    }

    #[test]
    fn an_epoch_of_small_batches_uses_each_image_once() {
        let source = source(256, CouplingKind::Independent, false);
        assert_eq!(source.batches_per_epoch(), 7);
        let mut rows = source.order(1);
        assert_ne!(rows, source.order(0));
        rows.sort_unstable();
        rows.dedup();
        assert_eq!(rows.len(), 7 * 256);
    }

    #[test]
    fn data_of_examples_have_the_copies_that_these_were_asked_with() {
        let beside = BesidePixels {
            label_nodes: 0,
            copies: true,
        };
        let data = Dataset::digits().visible_nodes(beside).unwrap();
        let config = source(256, CouplingKind::Independent, false).config;
        let held = HeldConfig {
            nodes: crate::config::HeldNodes::Mixed,
            share: 0.9,
            copies: true,
        };
        let source = BatchSource::new(data, config, 3).unwrap();
        let source = source.with_held(held, 0);
        let batch = source.conditioned(1).unwrap().slice(0..256);
        let (images, held) = (source.images_of(&batch), batch.held.as_ref().unwrap());
        let digits = Dataset::digits();
        for ((row, node), &value) in images.indexed_iter() {
            let pixel = digits.images()[[batch.images[row], node % 64]];
            let known = node < 64 || held[[row, node - 64]];
            let expected = if known { pixel } else { 0.0 };
            assert_eq!(value.to_bits(), expected.to_bits(), "{row} {node}");
        }
    }

    #[test]
    fn pairs_within_a_class_keep_to_it_and_are_closer_than_as_drawn() {
        let digits = Dataset::digits();
        let data = digits
            .visible_nodes(BesidePixels {
                label_nodes: 10,
                copies: false,
            })
            .unwrap();
        let source = |coupling, pairing| {
            let config = FlowConfig {
                coupling,
                pairing,
                ..source(256, coupling, false).config
            };
            let source = BatchSource::new(data.clone(), config, 3).unwrap();
            source.with_held(HeldConfig::default(), 10)
        };
        let by_class = source(CouplingKind::OptimalTransport, Pairing::Class);
        let drawn = source(CouplingKind::Independent, Pairing::Class);
        // The noise of each row is that of the independent pairs, whose data are of the same class.
        let (matched, as_drawn) = (by_class.epoch(1).unwrap(), drawn.epoch(1).unwrap());
        let data_of = |examples: &Examples| {
            let late = examples.times.iter().map(|t| 1.0 - t);
            let mut data = examples.anchor.clone();
            for ((mut row, u), late) in data
                .rows_mut()
                .into_iter()
                .zip(examples.target.rows())
                .zip(late)
            {
                row.scaled_add(late, &u);
            }
            data
        };
        let classes = |examples| by_class.holding.classes(data_of(examples).view());
        assert_eq!(classes(&matched), classes(&as_drawn));
        assert!(transport_cost(&matched) < 0.95 * transport_cost(&as_drawn));
    }

    #[test]
    fn pairing_over_the_epoch_is_closer_than_over_its_batches() {
        let mut source = source(256, CouplingKind::OptimalTransport, false);
        let epoch = transport_cost(&source.epoch(0).unwrap());
        source.config.pairing = Pairing::Batch;
        let batch = transport_cost(&source.epoch(0).unwrap());
        // Published: 1.349 over all 1,797 images, 1.381 over 256.
        assert!(
            (epoch - 1.349).abs() < 0.02 && (batch - 1.381).abs() < 0.02,
            "{epoch} {batch}"
        );
    }
}
