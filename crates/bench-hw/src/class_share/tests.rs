//! Labels by nearest neighbours against an exhaustive sort, and what is refused.

use super::*;
use crate::test_digits;
use ndarray::{Array1, Array2, array};
use proptest::prelude::*;

#[test]
fn held_out_digits_label_the_other_writers() {
    let (reference, reference_labels) = test_digits::read("optdigits.tra");
    let (images, labels) = test_digits::read("optdigits.tes");
    let labeller =
        NearestNeighbours::new(reference.view(), reference_labels.view(), NEIGHBOURS).unwrap();
    let shares = labeller.shares(images.view()).unwrap();

    let right = shares
        .labels
        .iter()
        .zip(&labels)
        .filter(|(a, b)| a == b)
        .count();
    // Integer arithmetic over all pairs of images, with the same ties, also gives 1758 (97.8 %);
    // distances between these images are exact in f32, so the counts are equal.
    assert_eq!(right, 1758);
    assert_eq!(shares.classes.iter().map(|c| c.count).sum::<usize>(), 1797);
    assert!(shares.smallest().share > 0.09);
}

#[test]
fn shares_and_errors_of_a_known_split() {
    let images = array![[0.0_f32], [1.0], [2.0]];
    let labels = array![3_u8, 5, 9];
    let labeller = NearestNeighbours::new(images.view(), labels.view(), 1).unwrap();
    let shares = labeller
        .shares(array![[0.1_f32], [0.2], [-4.0], [1.1]].view())
        .unwrap();
    assert_eq!(shares.labels, [3, 3, 3, 5]);
    let counts: Vec<_> = shares.classes.iter().map(|c| (c.class, c.count)).collect();
    assert_eq!(counts, [(3, 3), (5, 1), (9, 0)]);
    assert_eq!(shares.smallest().class, 9);
    // √(¾·¼/4), written out.
    assert!((shares.classes[0].standard_error - 0.216_506_35).abs() < 1e-8);
}

#[test]
fn ties_go_to_the_nearest() {
    let images = array![[1.0_f32], [2.0], [3.0], [4.0]];
    let labels = array![1_u8, 0, 0, 1];
    let labeller = NearestNeighbours::new(images.view(), labels.view(), 4).unwrap();
    assert_eq!(labeller.label(array![[0.0_f32]].view()).unwrap(), [1]);
    assert_eq!(labeller.label(array![[2.4_f32]].view()).unwrap(), [0]);
}

#[test]
fn bad_arrays_are_refused() {
    let images = Array2::<f32>::zeros((3, 4));
    let labels = Array1::<u8>::zeros(3);
    let new = |images: &Array2<f32>, labels: &Array1<u8>, k| {
        NearestNeighbours::new(images.view(), labels.view(), k).map(|_| ())
    };
    assert_eq!(
        new(&images, &labels, 4),
        Err(ClassShareError::Neighbours {
            neighbours: 4,
            images: 3
        })
    );
    assert!(new(&images, &labels, 0).is_err());
    assert_eq!(
        new(&Array2::zeros((3, 0)), &labels, 1),
        Err(ClassShareError::NoPixels)
    );
    assert_eq!(
        new(&images, &Array1::zeros(2), 1),
        Err(ClassShareError::Labels {
            labels: 2,
            images: 3
        })
    );
    let mut broken = images.clone();
    broken[[2, 1]] = f32::INFINITY;
    assert!(matches!(
        new(&broken, &labels, 1),
        Err(ClassShareError::NotFinite {
            set: "reference image",
            image: 2,
            pixel: 1,
            ..
        })
    ));
    let labeller = NearestNeighbours::new(images.view(), labels.view(), 1).unwrap();
    assert_eq!(
        labeller.shares(Array2::zeros((0, 4)).view()),
        Err(ClassShareError::NoSamples)
    );
    assert_eq!(
        labeller.label(Array2::zeros((1, 5)).view()),
        Err(ClassShareError::Pixels {
            found: 5,
            expected: 4
        })
    );
    let mut samples = Array2::zeros((2, 4));
    samples[[1, 3]] = f32::NAN;
    assert!(matches!(
        labeller.label(samples.view()),
        Err(ClassShareError::NotFinite {
            set: "sample",
            image: 1,
            pixel: 3,
            ..
        })
    ));
}

proptest! {
    /// The same labels as sorting all distances, whatever the number of pixels or threads.
    #[test]
    fn agrees_with_sorting_all_distances(
        pixels in 1_usize..20,
        neighbours in 1_usize..7,
        draws in prop::collection::vec(-4_i8..=4, 20 * 24),
        classes in prop::collection::vec(0_u8..4, 16),
    ) {
        // Small integers: distances are exact and ties are frequent.
        let all = Array2::from_shape_fn((24, pixels), |(i, j)| f32::from(draws[20 * i + j]));
        let (reference, samples) = all.view().split_at(ndarray::Axis(0), 16);
        let labels = Array1::from(classes);
        let labeller = NearestNeighbours::new(reference, labels.view(), neighbours).unwrap();
        let expected: Vec<u8> = samples.rows().into_iter().map(|sample| {
            let mut order: Vec<(i32, usize)> = reference.rows().into_iter().enumerate()
                .map(|(i, r)| ((&r - &sample).mapv(|d| (d * d) as i32).sum(), i))
                .collect();
            order.sort_unstable();
            let near: Vec<u8> = order[..neighbours].iter().map(|&(_, i)| labels[i]).collect();
            let votes = |label| near.iter().map(|&l| u32::from(l == label)).sum::<u32>();
            // `max_by_key` keeps the last of equals, hence the reversal.
            *near.iter().rev().max_by_key(|&&l| votes(l)).unwrap()
        }).collect();
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        prop_assert_eq!(&labeller.label(samples).unwrap(), &expected);
        prop_assert_eq!(&one.install(|| labeller.label(samples)).unwrap(), &expected);
    }
}
