//! Where words beside points can stand so that they cover neither each other nor a point.

/// A rectangle: left, top, right, bottom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Box {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Box {
    fn overlaps(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    fn is_within(&self, outer: &Self) -> bool {
        self.left >= outer.left
            && self.right <= outer.right
            && self.top >= outer.top
            && self.bottom <= outer.bottom
    }
}

/// A word beside a point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    /// The point.
    pub(crate) at: (f64, f64),
    /// Width and height of the word.
    pub(crate) size: (f64, f64),
}

/// Directions in which a word is tried, from the point: right and above first.
const SIDES: [(f64, f64); 8] = [
    (1.0, -1.0),
    (-1.0, -1.0),
    (1.0, 1.0),
    (-1.0, 1.0),
    (0.0, -1.0),
    (0.0, 1.0),
    (1.0, 0.0),
    (-1.0, 0.0),
];
/// Distances at which it is tried, as multiples of the nearest.
const RINGS: [f64; 3] = [1.0, 2.0, 3.5];

/// Boxes for words at least `gap` away from their points, inside `frame` and free of `points`, in the order of the
/// words; none where there is no room.
pub(crate) fn place(
    words: &[Word],
    points: &[(f64, f64)],
    gap: f64,
    frame: Box,
) -> Vec<Option<Box>> {
    let around = |&(x, y): &(f64, f64)| Box {
        left: x - 0.7 * gap,
        top: y - 0.7 * gap,
        right: x + 0.7 * gap,
        bottom: y + 0.7 * gap,
    };
    let mut taken: Vec<Box> = points.iter().map(around).collect();
    let mut placed = Vec::new();
    for word in words {
        let rings = RINGS.iter().flat_map(|ring| {
            let sides = SIDES.iter();
            sides.map(move |side| (side.0 * ring, side.1 * ring))
        });
        let found = rings
            .map(|shift| beside(word, shift, gap))
            .find(|there| there.is_within(&frame) && !taken.iter().any(|one| one.overlaps(there)));
        taken.extend(found);
        placed.push(found);
    }
    placed
}

/// The box of a word that lies in a direction from its point.
fn beside(word: &Word, (right, down): (f64, f64), gap: f64) -> Box {
    let (width, height) = word.size;
    let middle = (
        word.at.0 + right * gap + right.clamp(-1.0, 1.0) * 0.5 * width,
        word.at.1 + down * gap + down.clamp(-1.0, 1.0) * 0.5 * height,
    );
    Box {
        left: middle.0 - 0.5 * width,
        top: middle.1 - 0.5 * height,
        right: middle.0 + 0.5 * width,
        bottom: middle.1 + 0.5 * height,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FRAME: Box = Box {
        left: 0.0,
        top: 0.0,
        right: 400.0,
        bottom: 300.0,
    };

    proptest! {
        #[test]
        fn words_cover_neither_words_nor_points(
            points in proptest::collection::vec((0.0..400.0_f64, 0.0..300.0_f64), 1..40),
        ) {
            let words: Vec<Word> = points.iter().map(|&at| Word { at, size: (24.0, 16.0) }).collect();
            let placed: Vec<Box> = place(&words, &points, 8.0, FRAME).into_iter().flatten().collect();
            for (index, one) in placed.iter().enumerate() {
                prop_assert!(one.is_within(&FRAME));
                prop_assert!(!placed[..index].iter().any(|other| other.overlaps(one)));
                let covered = points.iter().any(|&(x, y)| {
                    (one.left..one.right).contains(&x) && (one.top..one.bottom).contains(&y)
                });
                prop_assert!(!covered);
            }
        }
    }

    #[test]
    fn a_word_with_room_stands_right_above_its_point() {
        let word = Word {
            at: (100.0, 100.0),
            size: (20.0, 10.0),
        };
        let found = place(&[word], &[word.at], 8.0, FRAME)[0].unwrap();
        assert_eq!((found.left, found.bottom), (108.0, 92.0));
    }
}
