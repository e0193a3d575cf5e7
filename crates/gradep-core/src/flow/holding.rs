//! Which nodes of a training example are given.

use crate::{
    config::{HeldConfig, HeldNodes},
    data::BesidePixels,
    objective::Examples,
    random::{Purpose, stream},
};
use ndarray::{Array2, ArrayView2, ArrayViewMut1, Zip, s};
use rand::{Rng, RngExt};
use std::ops::Range;

/// Examples, and which of their nodes are held.
#[derive(Clone, Debug, PartialEq)]
pub struct Conditioned {
    /// What is asked; at held nodes the anchors are the data, and the targets 0.
    pub examples: Examples,
    /// `[n, n_0]`; none where nothing is held in any of them.
    pub held: Option<Array2<bool>>,
    /// Which image each example is of, `[n]`.
    pub images: Vec<usize>,
}

impl Conditioned {
    /// The examples `rows`.
    ///
    /// # Panics
    /// If there are fewer.
    pub fn slice(&self, rows: Range<usize>) -> Self {
        let held = self.held.as_ref();
        Self {
            examples: self.examples.slice(rows.clone()),
            held: held.map(|held| held.slice(s![rows.clone(), ..]).to_owned()),
            images: self.images[rows].to_vec(),
        }
    }
}

/// How nodes of training examples are chosen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Holding {
    pub(super) config: HeldConfig,
    /// Label nodes after the pixels, if any.
    pub(super) label_nodes: usize,
}

impl Holding {
    /// Pixels among `visible` nodes.
    fn pixels(&self, visible: usize) -> usize {
        let beside = BesidePixels {
            label_nodes: self.label_nodes,
            copies: self.config.copies,
        };
        beside.pixels(visible).expect("nodes of images")
    }

    /// Visible nodes that are asked for anything, the first ones: all but the copies.
    pub(super) fn asked(&self, visible: usize) -> usize {
        self.pixels(visible) + self.label_nodes
    }

    /// The class of each row of `data` `[n, n_0]`, as its label nodes have it.
    pub(super) fn classes(&self, data: ArrayView2<'_, f32>) -> Vec<usize> {
        let pixels = self.pixels(data.ncols());
        let labels = data.slice_move(s![.., pixels..pixels + self.label_nodes]);
        let class = |row: ndarray::ArrayView1<'_, f32>| row.iter().position(|&value| value > 0.0);
        let rows = labels.rows().into_iter();
        rows.map(|row| class(row).unwrap_or_default()).collect()
    }

    /// Holds nodes of the examples of `data`, row by row; which nodes those are, none where nothing is held.
    pub(super) fn condition(
        &self,
        examples: &mut Examples,
        data: ArrayView2<'_, f32>,
        (seed, epoch): (u64, u64),
    ) -> Option<Array2<bool>> {
        // Copies are held in any case: at 0 where nothing is given.
        let some = self.config.share > 0.0 || self.config.copies;
        if self.config.nodes == HeldNodes::None || !some {
            return None;
        }
        let mut held = Array2::from_elem(data.raw_dim(), false);
        for (sample, row) in held.rows_mut().into_iter().enumerate() {
            self.choose(row, &mut stream(seed, Purpose::Held, epoch, sample as u64));
        }
        let copies = self.config.copies.then(|| self.copies(data, &mut held));
        let data = copies.as_ref().map_or(data, |copies| copies.view());
        Zip::from(&mut examples.anchor)
            .and(&mut examples.target)
            .and(data)
            .and(&held)
            .for_each(|anchor, target, &data, &held| {
                if held {
                    (*anchor, *target) = (data, 0.0);
                }
            });
        Some(held)
    }

    /// The data with copies of the pixels that are held and 0 for others; copies are always held.
    fn copies(&self, data: ArrayView2<'_, f32>, held: &mut Array2<bool>) -> Array2<f32> {
        let (pixels, asked) = (self.pixels(data.ncols()), self.asked(data.ncols()));
        let mut known = data.to_owned();
        let (images, mut copies) = known.multi_slice_mut((s![.., ..pixels], s![.., asked..]));
        let are_held = held.slice(s![.., ..pixels]);
        let nodes = Zip::from(&mut copies).and(&images).and(are_held);
        nodes.for_each(|copy, &pixel, &held| *copy = if held { pixel } else { 0.0 });
        held.slice_mut(s![.., asked..]).fill(true);
        known
    }

    /// The held nodes of one sample. The draws of a choice do not depend on what came out of those before.
    fn choose(&self, mut row: ArrayViewMut1<'_, bool>, draw: &mut impl Rng) {
        let (is_given, with_labels, is_span) = (
            draw.random::<f64>() < self.config.share,
            draw.random::<bool>(),
            draw.random::<bool>(),
        );
        if !is_given {
            return;
        }
        let (pixels, asked) = (self.pixels(row.len()), self.asked(row.len()));
        let (mut images, mut labels) = row.multi_slice_mut((s![..pixels], s![pixels..asked]));
        let nodes = self.config.nodes;
        labels.fill(nodes == HeldNodes::Labels || with_labels);
        let is_span = nodes == HeldNodes::Span || nodes == HeldNodes::Mixed && is_span;
        if is_span {
            let length = draw.random_range(0..=pixels);
            let start = draw.random_range(0..=pixels - length);
            images.slice_mut(s![start..start + length]).fill(true);
        } else if nodes.are_pixels() {
            let share: f64 = draw.random();
            images
                .iter_mut()
                .for_each(|held| *held = draw.random::<f64>() < share);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::{Draw, FlowMatching, Objective as _, TimeDensity};

    const COUNT: usize = 4000;
    const PIXELS: usize = 16;
    const DRAW: Draw = Draw {
        seed: 3,
        epoch: 5,
        epochs: 9,
        density: TimeDensity::UNIFORM,
    };

    fn drawn(nodes: HeldNodes, share: f64) -> (Conditioned, Array2<f32>) {
        let holding = Holding {
            config: HeldConfig {
                nodes,
                share,
                copies: false,
            },
            label_nodes: 2,
        };
        let data = Array2::from_shape_fn((COUNT, PIXELS + 2), |(i, j)| (i * 31 + j) as f32 + 0.5);
        let noise = Array2::zeros(data.raw_dim());
        let mut examples = FlowMatching.pair(noise.view(), data.view(), DRAW);
        let held = holding.condition(&mut examples, data.view(), (3, 5));
        let with = Conditioned {
            examples,
            held,
            images: (0..COUNT).collect(),
        };
        (with, data)
    }

    fn share_of(rows: impl Iterator<Item = bool>) -> f64 {
        rows.filter(|is| *is).count() as f64 / COUNT as f64
    }

    #[test]
    fn held_nodes_are_at_their_data_and_nothing_is_asked_of_them() {
        let (plain, _) = drawn(HeldNodes::None, 0.9);
        assert_eq!(plain.held, None);
        for nodes in [
            HeldNodes::Labels,
            HeldNodes::Scattered,
            HeldNodes::Span,
            HeldNodes::Mixed,
        ] {
            let (with, data) = drawn(nodes, 0.9);
            let held = with.held.unwrap();
            for (place, &held) in held.indexed_iter() {
                let found = (with.examples.anchor[place], with.examples.target[place]);
                let free = (plain.examples.anchor[place], plain.examples.target[place]);
                assert_eq!(found, if held { (data[place], 0.0) } else { free });
            }
            // A tenth has nothing, within three standard errors of 0.0047.
            let given = share_of(
                held.rows()
                    .into_iter()
                    .map(|row| row.iter().any(|&held| held)),
            );
            let most = if nodes == HeldNodes::Labels {
                0.9
            } else {
                0.9 - 0.45 / 17.0
            };
            assert!((given - most).abs() < 0.02, "{nodes:?}: {given}");
            let labels = share_of(held.column(PIXELS).iter().copied());
            let expected = if nodes == HeldNodes::Labels {
                0.9
            } else {
                0.45
            };
            assert!((labels - expected).abs() < 0.025, "{nodes:?}: {labels}");
            assert_eq!(held.column(PIXELS), held.column(PIXELS + 1));
        }
    }

    #[test]
    fn copies_are_held_at_what_is_known_and_at_zero_elsewhere() {
        for labels in [0, 2] {
            let of_share = |share, copies| Holding {
                config: HeldConfig {
                    nodes: HeldNodes::Mixed,
                    share,
                    copies,
                },
                label_nodes: labels,
            };
            let holding = |copies| of_share(0.9, copies);
            let columns = PIXELS + labels + PIXELS;
            let data = Array2::from_shape_fn((50, columns), |(i, j)| (i * 31 + j) as f32 + 0.5);
            let noise = Array2::zeros(data.raw_dim());
            let examples = FlowMatching.pair(noise.view(), data.view(), DRAW);
            let without = s![.., ..PIXELS + labels];
            let mut plain = Examples {
                anchor: examples.anchor.slice(without).to_owned(),
                target: examples.target.slice(without).to_owned(),
                times: examples.times.clone(),
            };
            let mut with = examples;
            let held_plain = holding(false)
                .condition(&mut plain, data.slice(without), (3, 5))
                .unwrap();
            let held = holding(true)
                .condition(&mut with, data.view(), (3, 5))
                .unwrap();
            // What is asked of the others is what is asked without copies.
            assert_eq!(held.slice(without), held_plain);
            assert_eq!(with.anchor.slice(without), plain.anchor);
            assert_eq!(with.target.slice(without), plain.target);
            for ((row, pixel), &known) in held.slice(s![.., ..PIXELS]).indexed_iter() {
                let copy = [row, PIXELS + labels + pixel];
                let value = if known { data[[row, pixel]] } else { 0.0 };
                assert!(held[copy]);
                assert_eq!((with.anchor[copy], with.target[copy]), (value, 0.0));
            }
            assert_eq!(holding(true).asked(columns), PIXELS + labels);
            // Where nothing is ever given, copies alone are held, at 0.
            let mut nothing = with.clone();
            let held = of_share(0.0, true)
                .condition(&mut nothing, data.view(), (3, 5))
                .unwrap();
            for ((row, node), &held) in held.indexed_iter() {
                assert_eq!(held, node >= PIXELS + labels);
                assert!(!held || nothing.anchor[[row, node]].to_bits() == 0);
            }
        }
    }

    #[test]
    fn spans_are_of_one_piece_and_scattered_nodes_of_any_share() {
        let pieces = |row: ndarray::ArrayView1<'_, bool>| {
            let row = row.to_vec();
            let starts = row.windows(2).filter(|pair| !pair[0] && pair[1]).count();
            starts + usize::from(row[0])
        };
        let count = |nodes, size: usize| {
            let (with, _) = drawn(nodes, 1.0);
            let held = with.held.unwrap();
            let images = held.slice(s![.., ..PIXELS]).to_owned();
            let most = images.rows().into_iter().map(pieces).max();
            let sizes = images
                .rows()
                .into_iter()
                .map(|row| row.iter().filter(|h| **h).count());
            (most, share_of(sizes.map(|n| n == size)))
        };
        for size in [0, 1, 8, 16] {
            // Lengths are equally likely, and so are numbers of nodes of a share that is: 1/17, s.e. 0.0037.
            let (pieces, share) = count(HeldNodes::Span, size);
            assert!(
                pieces == Some(1) && (share - 1.0 / 17.0).abs() < 0.012,
                "{size}: {share}"
            );
            let (pieces, share) = count(HeldNodes::Scattered, size);
            assert!(
                pieces > Some(4) && (share - 1.0 / 17.0).abs() < 0.012,
                "{size}: {share}"
            );
        }
    }
}
