//! Images that training sees, and those that are kept from it.

use super::{DataConfig, DataError, Dataset};
use ndarray::Axis;
use rand::{SeedableRng as _, seq::SliceRandom as _};
use rand_chacha::ChaCha8Rng;

/// A data set in two parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Divided {
    /// What a model is trained on.
    pub training: Dataset,
    /// What it does not see; none where `data.held_out` is 0.
    pub held_out: Option<Dataset>,
}

impl Dataset {
    /// The data of a configuration, divided as it says: of n images, `data.held_out`·n, rounded, are kept from
    /// training. Which ones depends on n alone, so that runs of all seeds share them.
    ///
    /// # Errors
    /// Any [`DataError`].
    pub fn load_divided(config: &DataConfig) -> Result<Divided, DataError> {
        let all = Self::read_shaped(config)?;
        if config.held_out <= 0.0 {
            return Ok(Divided {
                training: all,
                held_out: None,
            });
        }
        let images = all.images().nrows();
        #[expect(clippy::cast_sign_loss, reason = "a share of a count")]
        let kept = (config.held_out * images as f64).round() as usize;
        if kept == 0 || kept >= images {
            return Err(DataError::HeldOut {
                source_name: config.source.clone(),
                share: config.held_out,
                images,
            });
        }
        let mut places: Vec<usize> = (0..images).collect();
        places.shuffle(&mut ChaCha8Rng::seed_from_u64(0));
        let (held_out, training) = places.split_at_mut(kept);
        held_out.sort_unstable();
        training.sort_unstable();
        Ok(Divided {
            held_out: Some(all.select(held_out)),
            training: all.select(training),
        })
    }

    /// The images at some places, with their labels.
    pub(super) fn select(&self, places: &[usize]) -> Self {
        let labels = self.labels.as_ref();
        Self {
            images: self.images.select(Axis(0), places),
            labels: labels.map(|labels| places.iter().map(|&i| labels[i]).collect()),
            name: self.name.clone(),
            blake3: self.blake3.clone(),
            ..*self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_image_is_in_one_part_with_its_label() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("numbers.csv");
        // Image i is of the grey i, and of class i.
        let lines: Vec<String> = (0..50).map(|i| format!("{i},{i},{i}")).collect();
        std::fs::write(&path, lines.join("\n")).unwrap();
        let config = DataConfig {
            source: path.display().to_string(),
            low: 0.0,
            high: 50.0,
            label_column: super::super::LabelColumn::Last,
            labels: String::new(),
            shape: vec![1, 2],
            label_nodes: 0,
            held_out: 0.2,
        };
        let divided = Dataset::load_divided(&config).unwrap();
        let held_out = divided.held_out.unwrap();
        assert_eq!(held_out.images().nrows(), 10);
        assert_eq!(divided.training.images().nrows(), 40);
        let mut seen = HashSet::new();
        for part in [&held_out, &divided.training] {
            for (image, &label) in part.images().rows().into_iter().zip(part.labels().unwrap()) {
                let expected = 2.0 * f64::from(label) / 50.0 - 1.0;
                assert!((f64::from(image[0]) - expected).abs() < 1e-6);
                assert!(seen.insert(label));
            }
        }
        assert_eq!(Dataset::load(&config).unwrap(), divided.training);
        // So few that none, or none but these, would be left.
        for share in [0.005, 0.995] {
            let config = DataConfig {
                held_out: share,
                ..config.clone()
            };
            assert!(matches!(
                Dataset::load(&config),
                Err(DataError::HeldOut { images: 50, .. })
            ));
        }
    }
}
