//! Every metric: what it is called, which way is better, and how it is computed.
//!
//! A metric is one entry of [`METRICS`]. A user of the library adds others to a
//! [`Reference`](super::Reference) by [`with_metric`](super::Reference::with_metric).

use super::Comparison;
use super::sets::{entropy, least_share, total_variation};

/// Which values of a metric are good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Small ones.
    Lower,
    /// Large ones.
    Higher,
    /// Those of real images, which lie in the middle.
    Real,
}

impl Better {
    /// For headings and charts.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Lower => "lower is better",
            Self::Higher => "higher is better",
            Self::Real => "best where real images are",
        }
    }
}

/// What values of a metric are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A distance, 0 or more, over orders of magnitude.
    Distance,
    /// A share, 0 to 1.
    Share,
    /// Another number.
    Number,
}

/// Something that is measured of samples against real images.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name in files.
    pub key: &'static str,
    /// Its name in words, as axes and tables have it.
    pub label: &'static str,
    /// Which way is better.
    pub better: Better,
    /// What its values are.
    pub kind: Kind,
    /// Whether it is among the few in which quality is summed up.
    pub headline: bool,
    /// Whether it is drawn against time.
    pub drawn: bool,
    /// Whether a classifier has a say in it: none of images without classes.
    pub judged: bool,
    /// Its value; none where there is nothing to compare with.
    pub compute: fn(&Comparison<'_>) -> Option<f64>,
}

impl Metric {
    /// A metric that is neither summed up nor drawn, needs no classifier, and is a number.
    pub const fn new(
        key: &'static str,
        label: &'static str,
        better: Better,
        compute: fn(&Comparison<'_>) -> Option<f64>,
    ) -> Self {
        Self {
            key,
            label,
            better,
            kind: Kind::Number,
            headline: false,
            drawn: false,
            judged: false,
            compute,
        }
    }

    /// The same metric with values of this kind.
    pub const fn of_kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// The same metric among those in which quality is summed up, and drawn.
    pub const fn in_headline(self) -> Self {
        Self {
            headline: true,
            ..self.drawn()
        }
    }

    /// The same metric, drawn against time.
    pub const fn drawn(self) -> Self {
        Self {
            drawn: true,
            ..self
        }
    }

    /// The same metric, which needs a classifier.
    pub const fn judged(self) -> Self {
        Self {
            judged: true,
            ..self
        }
    }
}

/// Every metric of the program, in the order of tables.
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "a method's path is of one lifetime, the function takes any"
)]
pub static METRICS: &[Metric] = &[
    // M. Heusel et al. 2017; biased by about +1200/N for the digits.
    Metric::new(
        "fd_features",
        "Fréchet distance in features",
        Better::Lower,
        |c| c.fd_features(),
    )
    .of_kind(Kind::Distance)
    .in_headline()
    .judged(),
    // Biased by about +250/N for the digits.
    Metric::new(
        "fd_pixels",
        "Fréchet distance in pixels",
        Better::Lower,
        |c| Some(c.fd_pixels()),
    )
    .of_kind(Kind::Distance),
    // Unbiased, mean of five Gaussian kernels (A. Gretton et al. 2012).
    Metric::new("mmd", "MMD² in pixels", Better::Lower, |c| Some(c.mmd()))
        .of_kind(Kind::Distance)
        .in_headline(),
    // Unbiased, kernel (x·y/d + 1)³ (M. Bińkowski et al. 2018).
    Metric::new("kid", "KID in pixels", Better::Lower, |c| Some(c.kid())).of_kind(Kind::Distance),
    // Share of samples inside a ball around a real image (T. Kynkäänniemi et al. 2019).
    Metric::new("precision", "precision", Better::Higher, |c| {
        Some(c.precision())
    })
    .of_kind(Kind::Share)
    .in_headline(),
    // Share of real images inside a ball around a sample.
    Metric::new("recall", "recall", Better::Higher, |c| Some(c.recall()))
        .of_kind(Kind::Share)
        .in_headline(),
    // Mean number of real balls around a sample, divided by k (M. Naeem et al. 2020).
    Metric::new("density", "density", Better::Real, |c| Some(c.density())),
    // Share of real images with a sample in their ball.
    Metric::new("coverage", "coverage", Better::Higher, |c| {
        Some(c.coverage())
    })
    .of_kind(Kind::Share)
    .in_headline(),
    // Share of samples that the classifier is sure of (> 0.9) and that are inside a real ball, k = 3.
    Metric::new("recognisable", "recognisable share", Better::Higher, |c| {
        c.recognisable()
    })
    .of_kind(Kind::Share)
    .in_headline()
    .judged(),
    // Total variation between the class shares of samples and reference.
    Metric::new("class_tv", "class total variation", Better::Lower, |c| {
        let (samples, real) = c.class_shares()?;
        Some(total_variation(samples, real))
    })
    .of_kind(Kind::Share)
    .in_headline()
    .judged(),
    // Entropy of the class shares divided by that of equal ones.
    Metric::new("class_entropy", "class entropy", Better::Higher, |c| {
        let (shares, _) = c.class_shares()?;
        Some(entropy(shares) / (shares.len() as f64).ln())
    })
    .of_kind(Kind::Share)
    .judged(),
    Metric::new("smallest_class", "smallest class", Better::Higher, |c| {
        Some(least_share(c.class_shares()?.0))
    })
    .of_kind(Kind::Share)
    .judged(),
    // Mean probability of the likeliest class.
    Metric::new("confidence", "confidence", Better::Higher, |c| {
        c.confidence()
    })
    .drawn()
    .judged(),
    // Share of samples whose nearest neighbour among all others is a sample; 0.5 if they are as real.
    Metric::new(
        "one_nn_generated",
        "1-NN, generated side",
        Better::Real,
        |c| Some(c.one_nn_generated()),
    )
    .of_kind(Kind::Share),
    // Share of real images whose nearest neighbour among all others is real.
    Metric::new("one_nn_real", "1-NN, real side", Better::Real, |c| {
        Some(c.one_nn_real())
    })
    .of_kind(Kind::Share),
    // Share of samples nearer to the training half than to the equally large held-out half; 0.5 if
    // nothing is copied.
    Metric::new("memorisation", "memorisation share", Better::Real, |c| {
        c.memorisation()
    })
    .of_kind(Kind::Share)
    .in_headline(),
];

/// The metric of a key, if the program has it.
pub fn metric(key: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.key == key)
}

/// Key of the metric that decides, of images that somebody judges or of others.
pub const fn decisive(judged: bool) -> &'static str {
    if judged { "fd_features" } else { "fd_pixels" }
}

/// Keys of the metrics in which quality is summed up, of images that somebody judges or of others; the first
/// decides.
pub fn headline(judged: bool) -> Vec<&'static str> {
    chosen(judged, |metric| metric.headline)
}

/// Keys of the metrics that are drawn against time: the headline, and what keeps rising when samples are
/// relaxed for too long.
pub fn drawn(judged: bool) -> Vec<&'static str> {
    chosen(judged, |metric| metric.drawn)
}

fn chosen(judged: bool, is_chosen: impl Fn(&Metric) -> bool) -> Vec<&'static str> {
    let decides = decisive(judged);
    let is_one = |metric: &&Metric| {
        metric.key == decides || (is_chosen(metric) && (judged || !metric.judged))
    };
    METRICS
        .iter()
        .filter(is_one)
        .map(|metric| metric.key)
        .collect()
}

/// What a metric is called in words; others than the program's by their key.
pub fn label(key: &str) -> &str {
    metric(key).map_or(key, |metric| metric.label)
}
