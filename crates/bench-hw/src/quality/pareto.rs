//! Settings and moments of which no other is both better and cheaper.

use super::{Band, FrontPoint, Pareto};

/// What a sample costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// Time in seconds.
    Seconds,
    /// Energy in joules.
    Joules,
}

impl Pareto {
    /// Of all settings that have costs.
    pub fn of(bands: &[Band]) -> Self {
        Self {
            seconds: front(candidates(bands, Budget::Seconds)),
            joules: front(candidates(bands, Budget::Joules)),
        }
    }
}

/// Every moment of every setting that has a cost.
pub fn candidates(bands: &[Band], budget: Budget) -> Vec<FrontPoint> {
    let mut all = Vec::new();
    for band in bands {
        for point in &band.points {
            let cost = match budget {
                Budget::Seconds => point.seconds,
                Budget::Joules => point.joules,
            };
            let mean = |key: &str| point.metrics.get(key).map(|summary| summary.mean);
            let fd_features = mean("fd_features");
            let fd_pixels = mean("fd_pixels").filter(|_| fd_features.is_none());
            let (Some(cost), Some(_)) = (cost, fd_features.or(fd_pixels)) else {
                continue;
            };
            all.push(FrontPoint {
                label: band.label.clone(),
                flow_time: point.flow_time,
                cost,
                fd_features,
                fd_pixels,
            });
        }
    }
    all
}

/// Those of some points of which no other costs at most as much and is better, or is as good and costs
/// less; by rising cost.
pub fn front(mut points: Vec<FrontPoint>) -> Vec<FrontPoint> {
    points.sort_by(|a, b| {
        let by_cost = a.cost.total_cmp(&b.cost);
        by_cost.then(a.value().total_cmp(&b.value()))
    });
    let mut best = f64::INFINITY;
    points.retain(|point| {
        let better = point.value() < best;
        best = best.min(point.value());
        better
    });
    points
}
