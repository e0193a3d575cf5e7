//! What every curve is held against.

use super::{BaselineLine, BaselineValue};
use crate::{
    baselines::{
        Baseline, BaselineKind, BaselineTableError, Measurement, Published, Shape, measure_baseline,
    },
    domain::{Domain, Track},
    metrics::{Reference, floors},
};
use std::collections::BTreeMap;

/// The published row that is drawn, and where it is published: not the best of its kind, but the one
/// whose training differs least.
const PUBLISHED: &str = "backprop-ot";
const PUBLISHED_SOURCE: &str = "data/evaluator/baselines.csv: an energy of as many parameters trained by backpropagation on the \
     same half, at flow time 1.1, 898 samples";
/// Samples and track of the published rows.
const PUBLISHED_SAMPLES: usize = 898;

impl BaselineLine {
    /// As many real images in the place of `n` samples; of digits also samples of fits to the training images,
    /// and on track H with 898 samples a published model of the same size.
    ///
    /// # Errors
    /// [`BaselineTableError`].
    pub fn all(
        reference: &Reference,
        domain: &dyn Domain,
        n: usize,
    ) -> Result<Vec<Self>, BaselineTableError> {
        let mut lines =
            vec![Self {
            label: format!("real {}", if domain.id().is_none() { "digits" } else { "images" }),
            kind: BaselineKind::Real,
            scores: values(floors(reference, n)),
            source:
                "real images in the place of the samples: the training half, or one random half \
                     against the other"
                    .to_owned(),
        }];
        let Some(train) = domain.baselines() else {
            return Ok(lines);
        };
        let mixture = Baseline::Mixture {
            components: 20,
            shape: Shape::Full,
        };
        let one = Measurement {
            samples: n,
            seeds: 0..1,
            compare: false,
        };
        for baseline in [Baseline::Gaussian, mixture] {
            let row = measure_baseline(baseline, one.clone(), &train, reference, || {})?;
            let scores = row.scores.iter();
            lines.push(Self {
                scores: values(scores.filter_map(|(name, s)| Some(((*name).to_owned(), s.value?)))),
                label: row.label,
                kind: row.kind,
                source: row.source.to_owned(),
            });
        }
        let published = Published::named(PUBLISHED);
        let comparable = domain.track() == Track::HeldOut && n == PUBLISHED_SAMPLES;
        lines.extend(published.filter(|_| comparable).map(|row| Self {
            label: "backprop, same size".to_owned(),
            kind: row.kind,
            scores: values(row.values.iter().map(|(name, v)| (name.clone(), v.value))),
            source: PUBLISHED_SOURCE.to_owned(),
        }));
        Ok(lines)
    }
}

fn values(values: impl IntoIterator<Item = (String, f64)>) -> BTreeMap<String, BaselineValue> {
    let values = values.into_iter();
    values
        .map(|(name, value)| (name, BaselineValue { value }))
        .collect()
}
