//! Mean and spread of a reading after pulses, with the ends of the range where they are not told.

use super::{
    super::choice::Law,
    LARGEST, ORDERS,
    series::{Step, WAYS},
};
use analog_substrate::device::normalised;

/// What is told of the device; the rest is fitted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    /// Smallest conductance, S.
    pub(super) min: Option<f64>,
    /// Largest conductance, S.
    pub(super) max: Option<f64>,
}

/// The measurements, and what of the law is fitted.
pub(super) struct Sweeps {
    pub(super) steps: Vec<Step>,
    /// Ways that were measured.
    pub(super) present: Vec<usize>,
    /// Shares are of this range, S: what is told, else the extremes of what was read.
    pub(super) nominal: [f64; 2],
    /// Whether its ends are fitted.
    pub(super) fitted: [bool; 2],
    /// P where the data cannot tell it: pulses one way to an end that nobody knows.
    pub(super) count: Option<f64>,
}

/// Which law.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// Whether each pulse scatters, and its scatter stays; or each reading.
    pub(super) accumulates: bool,
    /// 0: a straight line, 1: an exponential.
    pub(super) order: usize,
}

/// Places of a law's parameters in its list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    pub(super) count: Option<usize>,
    pub(super) curvature: [Option<usize>; 2],
    pub(super) scatter: usize,
    pub(super) ends: [Option<usize>; 2],
}

/// Every law that is tried.
pub(super) fn shapes() -> Vec<Shape> {
    let kinds = [true, false].into_iter();
    kinds
        .flat_map(|accumulates| (0..ORDERS).map(move |order| Shape { accumulates, order }))
        .collect()
}

impl Sweeps {
    /// Where the parameters of a law stand: P, curvatures, scatter, ends.
    pub(super) fn places(&self, shape: Shape) -> Places {
        let mut next = 0;
        let mut place = |is_fitted: bool| {
            is_fitted.then(|| {
                next += 1;
                next - 1
            })
        };
        let count = place(self.count.is_none());
        let curvature = [0, 1].map(|way| place(shape.order > 0 && self.present.contains(&way)));
        let scatter = place(true).unwrap_or_default();
        Places {
            count,
            curvature,
            scatter,
            ends: self.fitted.map(place),
        }
    }

    /// A law over the measurements.
    pub(super) fn law(&self, shape: Shape) -> Law<'_> {
        let places = self.places(shape);
        let formula = ["n/P", "(1 - exp(-c n/P))/(1 - exp(-c))"][shape.order];
        let scatters = if shape.accumulates {
            "every pulse scatters"
        } else {
            "every reading scatters"
        };
        let curvatures = if shape.order == 0 {
            &[0.0][..]
        } else {
            &[0.5, 2.0, 6.0]
        };
        Law {
            formula: format!("w = {formula}, {scatters}"),
            keys: places.keys(shape),
            starts: curvatures.iter().map(|&c| self.start(places, c)).collect(),
            moments: Box::new(move |i, p| self.moments(shape, places, p, i)),
            refines: false,
        }
    }

    fn start(&self, places: Places, curvature: f64) -> Vec<f64> {
        let most = self
            .steps
            .iter()
            .map(|step| step.pulses)
            .fold(0.0, f64::max);
        let mut start = Vec::new();
        start.extend(places.count.map(|_| most));
        start.extend(places.curvature.iter().flatten().map(|_| curvature));
        start.push(0.05);
        let ends = places.ends.into_iter().zip([0.0, 1.0]);
        start.extend(ends.filter_map(|(place, end)| place.map(|_| end)));
        start
    }

    /// P, the curvature of a way and the ends of the range in shares of the nominal one.
    pub(super) fn values(&self, places: Places, p: &[f64], way: usize) -> (f64, f64, [f64; 2]) {
        let at = |place: Option<usize>, otherwise: f64| place.map_or(otherwise, |k| p[k]);
        let [low, high] = places.ends;
        (
            at(places.count, self.count.unwrap_or(f64::NAN)),
            at(places.curvature[way], 0.0),
            [at(low, 0.0), at(high, 1.0)],
        )
    }

    /// Mean and spread of a reading. After pulses that scatter it follows from the reading before,
    /// or from the end of the range; a reading of the end itself scatters as one pulse does.
    fn moments(&self, shape: Shape, places: Places, p: &[f64], i: usize) -> [f64; 2] {
        let step = &self.steps[i];
        let (count, c, [low, high]) = self.values(places, p, step.way);
        let (scatter, span) = (p[places.scatter], high - low);
        if !(count > 0.0 && span > 0.0 && (0.0..=LARGEST).contains(&c)) {
            return [f64::NAN; 2];
        }
        let end = if step.way == 0 { low } else { 1.0 - high };
        let (mean, sd) = if shape.accumulates {
            let (pulses, from) = match step.before {
                Some((pulses, reached)) => (pulses, (reached - end) / span),
                None => (step.pulses, 0.0),
            };
            let x = pulses / count;
            let scattering = if step.pulses > 0.0 { pulses } else { 1.0 };
            let sd = scatter * scattering.sqrt();
            (from * (-c * x).exp() + normalised(c, x), sd)
        } else {
            (normalised(c, step.pulses / count), scatter)
        };
        [end + span * mean, span * sd]
    }
}

impl Places {
    fn keys(self, shape: Shape) -> Vec<String> {
        let mut keys = Vec::new();
        keys.extend(self.count.map(|_| "pulses.count".to_owned()));
        let curvatures = WAYS.iter().zip(self.curvature);
        keys.extend(
            curvatures.filter_map(|(way, place)| place.map(|_| format!("pulses.curvature.{way}"))),
        );
        let scatter = if shape.accumulates {
            "pulses.cycle"
        } else {
            "scatter of readings"
        };
        keys.push(scatter.to_owned());
        let ends = ["conductance.min", "conductance.max"].iter().zip(self.ends);
        keys.extend(ends.filter_map(|(key, place)| place.map(|_| (*key).to_owned())));
        keys
    }
}
