//! What the metrics are called, and which way is better: one name for each, in figures and on the page.

/// Which values of a metric are good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Better {
    /// Small ones.
    Lower,
    /// Large ones.
    Higher,
    /// Those of real images, which lie in the middle.
    Real,
}

impl Better {
    /// For headings and charts.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Lower => "lower is better",
            Self::Higher => "higher is better",
            Self::Real => "best where real images are",
        }
    }
}

/// What values of a metric are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A distance, 0 or more, over orders of magnitude.
    Distance,
    /// A share, 0 to 1.
    Share,
    /// Another number.
    Number,
}

/// A metric as people read it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Metric {
    /// Key in the files.
    pub(crate) key: &'static str,
    /// Its name in words.
    pub(crate) label: &'static str,
    /// Which way is better.
    pub(crate) better: Better,
    /// What its values are.
    pub(crate) kind: Kind,
}

const fn distance(key: &'static str, label: &'static str) -> Metric {
    Metric {
        key,
        label,
        better: Better::Lower,
        kind: Kind::Distance,
    }
}

const fn share(key: &'static str, label: &'static str, better: Better) -> Metric {
    Metric {
        key,
        label,
        better,
        kind: Kind::Share,
    }
}

const fn number(key: &'static str, label: &'static str, better: Better) -> Metric {
    Metric {
        key,
        label,
        better,
        kind: Kind::Number,
    }
}

/// Every metric of [`bench_hw::metrics::Scores`].
const METRICS: &[Metric] = &[
    distance("fd_features", "Fréchet distance in features"),
    distance("fd_pixels", "Fréchet distance in pixels"),
    distance("mmd", "MMD² in pixels"),
    distance("kid", "KID in pixels"),
    share("precision", "precision", Better::Higher),
    share("recall", "recall", Better::Higher),
    number("density", "density", Better::Real),
    share("coverage", "coverage", Better::Higher),
    share("recognisable", "recognisable share", Better::Higher),
    share("class_tv", "class total variation", Better::Lower),
    share("class_entropy", "class entropy", Better::Higher),
    share("smallest_class", "smallest class", Better::Higher),
    number("confidence", "confidence", Better::Higher),
    share("one_nn_generated", "1-NN, generated side", Better::Real),
    share("one_nn_real", "1-NN, real side", Better::Real),
    share("memorisation", "memorisation share", Better::Real),
];

/// The metric of a key, if it is known.
pub(crate) fn metric(key: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.key == key)
}

/// What a metric is called in words; unknown ones by their key.
pub(crate) fn label(key: &str) -> &str {
    metric(key).map_or(key, |metric| metric.label)
}

/// Which way is better; nothing of an unknown one.
pub(crate) fn direction(key: &str) -> &'static str {
    metric(key).map_or("", |metric| metric.better.text())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bench_hw::metrics::{Reference, Track, measure};
    use gradep_core::data::Dataset;
    use ndarray::s;

    #[test]
    fn every_metric_that_is_measured_has_a_name() {
        let digits = Dataset::digits();
        let few = digits.images().slice(s![..12, ..]);
        let scores = measure(few, &Reference::of(Track::Published)).unwrap();
        for (name, _) in scores.named() {
            assert!(metric(name).is_some(), "{name}");
        }
    }
}
