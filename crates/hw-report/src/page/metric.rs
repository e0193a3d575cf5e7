//! What the metrics are called, and which way is better.

/// Which values of a metric are good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Better {
    /// Small ones.
    Lower,
    /// Large ones.
    Higher,
    /// Those of real images, which lie in the middle.
    Real,
}

impl Better {
    /// For headings and charts.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Lower => "lower is better",
            Self::Higher => "higher is better",
            Self::Real => "best where real images are",
        }
    }
}

/// A metric as people read it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Metric {
    /// Key in the files.
    pub(super) key: &'static str,
    /// Heading.
    pub(super) label: &'static str,
    /// Which way is better.
    pub(super) better: Better,
}

const fn metric(key: &'static str, label: &'static str, better: Better) -> Metric {
    Metric { key, label, better }
}

/// Every metric of [`bench_hw::metrics::Scores`].
const METRICS: [Metric; 16] = [
    metric("fd_features", "Fréchet distance (features)", Better::Lower),
    metric("fd_pixels", "Fréchet distance (pixels)", Better::Lower),
    metric("mmd", "MMD² (pixels)", Better::Lower),
    metric("kid", "KID (pixels)", Better::Lower),
    metric("precision", "precision", Better::Higher),
    metric("recall", "recall", Better::Higher),
    metric("density", "density", Better::Real),
    metric("coverage", "coverage", Better::Higher),
    metric("recognisable", "recognisable share", Better::Higher),
    metric("class_tv", "class total variation", Better::Lower),
    metric("class_entropy", "class entropy", Better::Higher),
    metric("smallest_class", "smallest class", Better::Higher),
    metric("confidence", "confidence", Better::Higher),
    metric("one_nn_generated", "1-NN, generated side", Better::Real),
    metric("one_nn_real", "1-NN, real side", Better::Real),
    metric("memorisation", "memorisation share", Better::Real),
];

/// The metric of a key, if it is known.
pub(super) fn of(key: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.key == key)
}

/// What a metric is called; unknown ones by their key.
pub(super) fn label(key: &str) -> &str {
    of(key).map_or(key, |metric| metric.label)
}

/// Which way is better; nothing of an unknown one.
pub(super) fn direction(key: &str) -> &'static str {
    of(key).map_or("", |metric| metric.better.text())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bench_hw::{
        domain::Digits,
        metrics::{Reference, measure},
    };
    use gradep_core::data::Dataset;
    use ndarray::s;

    #[test]
    fn every_metric_that_is_measured_has_a_name() {
        let digits = Dataset::digits();
        let few = digits.images().slice(s![..12, ..]);
        let scores = measure(few, &Reference::of(&Digits::PUBLISHED)).unwrap();
        for (name, _) in scores.named() {
            assert!(of(name).is_some(), "{name}");
        }
    }
}
