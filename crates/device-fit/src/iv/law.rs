//! Mean and spread of a current, with the conductance of every device.

use super::super::{Options, Range, choice::Law};
use analog_substrate::device::polynomial;

/// Highest power of log₁₀ G that is tried in the coefficients.
pub(in super::super) const MOST: usize = 3;

/// Measured currents as shares of a nominal conductance times a volt.
pub(super) struct Currents {
    pub(super) volts: Vec<f64>,
    pub(super) measured: Vec<f64>,
    /// Device of each measurement.
    pub(super) devices: Vec<usize>,
    /// Conductance of each device, roughly.
    pub(super) rough: Vec<f64>,
    /// The nominal conductance, S, as the largest of a range.
    pub(super) nominal: Range,
    /// log₁₀(G/1 S) that powers are taken from, so that they are nearly independent.
    pub(super) centre: f64,
}

/// What readings scatter by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scatter {
    /// A share of the current.
    Share,
    /// The same everywhere.
    Floor,
    /// Both, independently: `s² = (share·G V)² + floor²`.
    Both,
}

impl Scatter {
    /// How many parameters it has.
    const fn parameters(self) -> usize {
        match self {
            Self::Share | Self::Floor => 1,
            Self::Both => 2,
        }
    }

    const fn formula(self) -> &'static str {
        match self {
            Self::Share => "a share of the current",
            Self::Floor => "the same everywhere",
            Self::Both => "a share of the current and a noise floor",
        }
    }
}

/// Which law: of what order in log₁₀ G, none for Ohm's, and what readings scatter by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shape {
    pub(super) order: Option<usize>,
    pub(super) scatter: Scatter,
}

/// Every law that is tried.
pub(super) fn shapes() -> Vec<Shape> {
    let orders = [None].into_iter().chain((0..=MOST).map(Some));
    let scatters = [Scatter::Share, Scatter::Floor, Scatter::Both];
    orders
        .flat_map(|order| scatters.map(|scatter| Shape { order, scatter }))
        .collect()
}

impl Shape {
    /// Whether the options leave it in the choice.
    pub(super) fn is_allowed(self, options: &Options) -> bool {
        options.order.is_none_or(|order| self.order == Some(order))
    }

    /// Coefficients of c₂, and as many of c₃.
    pub(super) fn terms(self) -> usize {
        self.order.map_or(0, |order| order + 1)
    }

    /// Parameters that all devices share: coefficients, then scatter. What is each device's own follows.
    pub(super) fn shared(self) -> usize {
        2 * self.terms() + self.scatter.parameters()
    }
}

impl Currents {
    /// The law's parameters first, then the scatter, then what is each device's own.
    pub(super) fn law(&self, shape: Shape) -> Law<'_> {
        let terms = shape.terms();
        let names = ["quadratic", "cubic"].into_iter();
        let mut keys: Vec<String> = names
            .flat_map(|name| (0..terms).map(move |k| format!("current.{name}[{k}]")))
            .collect();
        keys.push("scatter of readings".to_owned());
        if shape.scatter == Scatter::Both {
            keys.push("noise floor of readings".to_owned());
        }
        keys.extend((0..self.rough.len()).map(|device| format!("G of device {device}")));
        Law {
            formula: format!(
                "I = G V{}, readings scatter by {}",
                match shape.order {
                    None => String::new(),
                    Some(0) => " + c2 V^2 + c3 V^3".to_owned(),
                    Some(order) => format!(" + c2 V^2 + c3 V^3, c of order {order} in log10 G"),
                },
                shape.scatter.formula()
            ),
            keys,
            starts: vec![self.start(shape)],
            moments: Box::new(move |i, p| self.moments(shape, p, i)),
            refines: shape.scatter == Scatter::Both,
        }
    }

    fn start(&self, shape: Shape) -> Vec<f64> {
        let typical = self.measured.iter().map(|i| i.abs()).fold(0.0, f64::max);
        let mut start = vec![0.0; 2 * shape.terms()];
        match shape.scatter {
            Scatter::Share => start.push(0.05),
            Scatter::Floor => start.push(0.05 * typical),
            Scatter::Both => start.extend([0.02, 0.002 * typical]),
        }
        start.extend(&self.rough);
        start
    }

    pub(super) fn moments(&self, shape: Shape, p: &[f64], i: usize) -> [f64; 2] {
        let terms = shape.terms();
        let (v, g) = (self.volts[i], p[shape.shared() + self.devices[i]]);
        if g <= 0.0 {
            return [f64::NAN; 2];
        }
        let x = (g * self.nominal.max).log10() - self.centre;
        let [c2, c3] = [&p[..terms], &p[terms..2 * terms]].map(|c| polynomial(c, x));
        let current = v * (g + v * (c2 + v * c3));
        let scatter = p[2 * terms];
        let sd = match shape.scatter {
            Scatter::Share => scatter * (g * v).abs(),
            Scatter::Floor => scatter,
            Scatter::Both => (scatter * g * v).hypot(p[2 * terms + 1]),
        };
        [current, sd]
    }
}
