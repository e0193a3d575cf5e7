//! Which pixels of an image are known.

use gradep_core::{
    data::ImageShape,
    random::{Purpose, stream},
};
use ndarray::Array2;
use rand::seq::SliceRandom;
use std::str::FromStr;

/// Pixels that are known of images whose others are to be filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mask {
    /// Half of the pixels, chosen at random for each image.
    Random,
    /// The upper half of the rows (the larger one).
    Upper,
    /// The lower half of the rows.
    Lower,
    /// The left half of the columns (the larger one).
    Left,
}

impl Mask {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Random, Self::Upper, Self::Lower, Self::Left];

    /// As options write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Upper => "upper",
            Self::Lower => "lower",
            Self::Left => "left",
        }
    }

    /// In words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Random => "a random half of the pixels known",
            Self::Upper => "the upper half known",
            Self::Lower => "the lower half known",
            Self::Left => "the left half known",
        }
    }

    /// Known pixels of `count` images, `[n, pixels]`. A random half is another one for each image; colours of a pixel
    /// are known together.
    pub fn known(self, shape: ImageShape, count: usize, seed: u64) -> Array2<bool> {
        let mut known = Array2::from_elem((count, shape.pixels()), false);
        let places: Vec<[usize; 2]> = (0..shape.height)
            .flat_map(|row| (0..shape.width).map(move |column| [row, column]))
            .collect();
        for (image, mut row) in known.rows_mut().into_iter().enumerate() {
            let mut chosen: Vec<[usize; 2]> = places.clone();
            match self {
                Self::Random => {
                    chosen.shuffle(&mut stream(seed, Purpose::Held, u64::MAX, image as u64));
                    chosen.truncate(places.len() / 2);
                }
                Self::Upper => chosen.retain(|at| 2 * at[0] < shape.height),
                Self::Lower => chosen.retain(|at| 2 * at[0] >= shape.height),
                Self::Left => chosen.retain(|at| 2 * at[1] < shape.width),
            }
            for at in chosen {
                for channel in 0..shape.channels {
                    row[shape.place(at[0], at[1], channel)] = true;
                }
            }
        }
        known
    }
}

impl FromStr for Mask {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|mask| mask.name() == text);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name);
            format!("expected {}", names.join(", "))
        })
    }
}
