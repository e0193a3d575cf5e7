//! The shuffled halves of the digits on which generators are trained and judged.

use super::{DIGITS, Dataset};
use ndarray::{Array1, Axis};
use ndarray_npy::NpzReader;
use std::io::Cursor;

/// `train` and `held_out`: indices into the digits; see `data/evaluator/README.md`.
const SPLIT: &[u8] = include_bytes!("../../data/split_half_898.npz");

/// One of the two halves, 898 digits each; no image is in both. The 1,797th is in neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// What a generator is trained on: `digits-half`.
    Train,
    /// What its samples are compared with.
    HeldOut,
}

impl Half {
    /// The half's images, by their places in [`Dataset::digits`].
    #[expect(clippy::missing_panics_doc, reason = "the file is part of the program")]
    pub fn places(self) -> Vec<usize> {
        let name = match self {
            Self::Train => "train.npy",
            Self::HeldOut => "held_out.npy",
        };
        let mut file = NpzReader::new(Cursor::new(SPLIT)).expect("an npz file");
        let places: Array1<i32> = file.by_name(name).expect("indices");
        #[expect(clippy::cast_sign_loss, reason = "indices")]
        let places = places.iter().map(|&i| i as usize).collect();
        places
    }
}

impl Dataset {
    /// One of the shuffled halves of [`digits`](Self::digits), 898 images with labels.
    pub fn digits_half(half: Half) -> Self {
        let (all, places) = (Self::digits(), half.places());
        let name = match half {
            Half::Train => "digits-half",
            Half::HeldOut => "digits-other-half",
        };
        let labels = all
            .labels()
            .map(|labels| places.iter().map(|&i| labels[i]).collect());
        let images = all.images().select(Axis(0), &places);
        Self::new(
            name,
            &[SPLIT, DIGITS, name.as_bytes()].concat(),
            images,
            labels,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_halves_are_disjoint_and_of_one_size() {
        let (train, other) = (Half::Train.places(), Half::HeldOut.places());
        assert_eq!((train.len(), other.len()), (898, 898));
        let both: HashSet<usize> = train.iter().chain(&other).copied().collect();
        assert_eq!(both.len(), 2 * 898);
        assert!(both.iter().all(|&place| place < 1797));
    }

    #[test]
    fn a_half_holds_the_digits_of_its_places() {
        let (all, half) = (Dataset::digits(), Dataset::digits_half(Half::Train));
        let place = Half::Train.places()[17];
        assert_eq!(half.images().row(17), all.images().row(place));
        assert_eq!(half.labels().unwrap()[17], all.labels().unwrap()[place]);
        assert_ne!(half.blake3(), Dataset::digits_half(Half::HeldOut).blake3());
    }
}
