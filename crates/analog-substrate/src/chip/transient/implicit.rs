//! Implicit steps for stiff stretches: an L-stable method in the variable in which the circuit is smooth.
//!
//! A saturated resistive node has a leak a⁻¹(y) whose conductance passes 1e14 g_unit as y nears the end
//! of its range. In h = a⁻¹(y) its equation is `d a(h)/dt = μ(z − leak (h − offset))`: charge a(h) and
//! current are smooth, bounded in slope, and h may be anything. Newton's method in h so converges where
//! in y it leaves the range at once. The same form holds with `a(h)` replaced by h
//! for nodes with linear leaks.

use super::{
    super::{
        circuit::{Circuit, VisibleMode},
        instant::Instant,
    },
    newton::{System, Terms},
};
use crate::{
    Cell,
    activation::{ActivationScalar, Evaluate, Invert},
};

/// SDIRK of order 4 with γ = ¼ and five stages, L-stable and stiffly accurate (Hairer & Wanner 1996,
/// IV.6, table 6.5), and the weights of its embedded method of order 3.
pub(super) const STAGES: [&[f64]; 5] = [
    &[GAMMA],
    &[1.0 / 2.0, GAMMA],
    &[17.0 / 50.0, -1.0 / 25.0, GAMMA],
    &[371.0 / 1360.0, -137.0 / 2720.0, 15.0 / 544.0, GAMMA],
    &[25.0 / 24.0, -49.0 / 48.0, 125.0 / 16.0, -85.0 / 12.0, GAMMA],
];
const EMBEDDED: [f64; 5] = [59.0 / 48.0, -17.0 / 96.0, 225.0 / 32.0, -85.0 / 12.0, 0.0];
pub(super) const NODES: [f64; 5] = [0.25, 0.75, 0.55, 0.5, 1.0];
const GAMMA: f64 = 0.25;

/// Newton iterations per stage before the step is shortened, and the share of the tolerance to which
/// they go.
const MAX_ITERATIONS: usize = 8;
const SHARE: f64 = 0.03;

/// Units in the last place of a state below which no iteration goes.
const ROUNDING: f64 = 16.0;

/// What a stage asks of the circuit: the drift of a trial state, and the powers there.
pub(super) trait Evaluated<R> {
    /// Evaluates `state` at the time of stage `stage`; the drift of each part, and what nodes see.
    fn evaluate(&mut self, state: &[Vec<R>], stage: usize) -> (&[Vec<R>], &Instant<R>);

    /// Books the powers of stage `stage`, at the state that was evaluated last.
    fn book(&mut self, state: &[Vec<R>], stage: usize);
}

/// A sample in the smooth variable, and the room for a step. All rows are those of the nodes, padded.
pub(super) struct Implicit<'a, R> {
    circuit: &'a Circuit<R>,
    /// h of resistive nodes, the state of others.
    smooth: Vec<Vec<f64>>,
    trial: Vec<Vec<f64>>,
    /// a(h), or the state itself: what the capacitor holds.
    state: Vec<Vec<R>>,
    /// Charges that a stage begins with, and the drift of each stage.
    base: Vec<Vec<f64>>,
    drifts: [Vec<Vec<f64>>; 5],
    terms: Terms,
    change: Vec<Vec<R>>,
    moves: Vec<Vec<f64>>,
    arriving: Vec<Vec<R>>,
    scratch: [Vec<R>; 5],
    system: System,
    /// Newton iterations since [`Self::begin`].
    iterations: u32,
}

impl<'a, R: ActivationScalar> Implicit<'a, R> {
    pub(super) fn new(circuit: &'a Circuit<R>) -> Self {
        let widths = &circuit.widths[..circuit.nodes()];
        let rows = || -> Vec<Vec<f64>> { widths.iter().map(|&n| vec![0.0; n]).collect() };
        let scalars = || -> Vec<Vec<R>> { widths.iter().map(|&n| vec![R::ZERO; n]).collect() };
        let widest = widths.iter().max().copied().unwrap_or(0);
        Self {
            smooth: rows(),
            trial: rows(),
            state: scalars(),
            base: rows(),
            drifts: std::array::from_fn(|_| rows()),
            terms: Terms {
                residual: rows(),
                charge: rows(),
                output: rows(),
                bend: rows(),
                input: rows(),
                damping: rows(),
                compliance: rows(),
            },
            change: scalars(),
            moves: rows(),
            arriving: scalars(),
            scratch: std::array::from_fn(|_| vec![R::ZERO; widest]),
            system: System::default(),
            iterations: 0,
            circuit,
        }
    }

    /// Another sample begins: its iterations are counted from here.
    pub(super) fn begin(&mut self) {
        self.iterations = 0;
    }

    /// Newton iterations since then.
    pub(super) fn iterations(&self) -> u32 {
        self.iterations
    }

    /// Whether such steps are known for a circuit: poles of amplifiers and nodes that rest on the edges
    /// of a hard sigmoid are not.
    pub(super) fn knows(circuit: &Circuit<R>) -> bool {
        let edges = circuit.cell == Cell::Gradient && circuit.curve.range().is_some();
        !circuit.has_pole && !edges
    }

    /// Whether a part is integrated in h = a⁻¹ of what its capacitor holds.
    fn bends(&self, part: usize) -> bool {
        part > 0 && self.circuit.cell == Cell::Resistive
    }

    /// Goes on from a state at which the drift was just evaluated.
    pub(super) fn start(&mut self, state: &[Vec<R>], instant: &Instant<R>) {
        for part in 0..self.circuit.nodes() {
            let inverse = self.bends(part);
            for (i, s) in state[part].iter().enumerate() {
                let offset = self.offset(part, i);
                self.smooth[part][i] = if inverse {
                    instant.element(part)[i].to_f64() + offset
                } else {
                    s.to_f64()
                };
            }
        }
    }

    fn offset(&self, part: usize, i: usize) -> f64 {
        let rows = self.circuit.offset.as_ref();
        rows.map_or(0.0, |rows| rows[part][i].to_f64())
    }

    /// Computes a step of size `h`; [`Self::end`] is then its end. Returns the error as a multiple of
    /// what is tolerated; infinite where an iteration does not converge.
    pub(super) fn try_step(
        &mut self,
        (tolerance, stiffening): (f64, f64),
        h: f64,
        circuit: &mut impl Evaluated<R>,
    ) -> f64 {
        let start: Vec<Vec<f64>> = {
            self.trial.clone_from(&self.smooth);
            self.charges();
            let rows = self.state.iter();
            rows.map(|row| row.iter().map(|s| s.to_f64()).collect())
                .collect()
        };
        for stage in 0..5 {
            for part in 0..start.len() {
                for i in 0..start[part].len() {
                    let moved: f64 = STAGES[stage][..stage]
                        .iter()
                        .zip(&self.drifts)
                        .map(|(a, drift)| a * drift[part][i])
                        .sum();
                    self.base[part][i] = start[part][i] + h * moved;
                }
            }
            if !self.solve((tolerance, stiffening), (stage, h), circuit) {
                return f64::INFINITY;
            }
        }
        let mut worst: f64 = 1e-10;
        for part in 0..start.len() {
            for i in 0..start[part].len() {
                let error: f64 = (0..5)
                    .map(|k| (STAGES[4][k] - EMBEDDED[k]) * self.drifts[k][part][i])
                    .sum();
                // What a stiff node takes back by itself is no error of the step.
                let kept = self.terms.charge[part][i] * self.terms.compliance[part][i];
                let size = start[part][i].abs().max(self.state[part][i].to_f64().abs());
                worst = worst.max((h * kept * error).abs() / (tolerance * (1.0 + size)));
            }
        }
        if worst.is_nan() { f64::INFINITY } else { worst }
    }

    /// State at the end of the step that was tried.
    pub(super) fn end(&self) -> &[Vec<R>] {
        &self.state
    }

    /// The step that was tried is taken.
    pub(super) fn accept(&mut self) {
        std::mem::swap(&mut self.smooth, &mut self.trial);
    }

    /// Newton's method for a stage, from where the stage before ended. The matrix is that of the step's
    /// beginning; what bends is taken as it is at every iteration.
    fn solve(
        &mut self,
        (tolerance, stiffening): (f64, f64),
        (stage, h): (usize, f64),
        circuit: &mut impl Evaluated<R>,
    ) -> bool {
        let implicit = GAMMA * h;
        let mut last = f64::INFINITY;
        self.charges();
        for iteration in 0..MAX_ITERATIONS {
            self.iterations += 1;
            let (drift, instant) = circuit.evaluate(&self.state, stage);
            Self::terms(
                self.circuit,
                (&self.trial, &self.base),
                &self.state,
                (drift, instant),
                (implicit, stiffening),
                &mut self.terms,
            );
            if stage == 0 && iteration == 0 {
                self.system.factor(self.circuit, &self.terms, implicit);
            }
            let (largest, rounding) = self.correct(implicit);
            if !largest.is_finite() {
                return false;
            }
            if largest <= SHARE * tolerance || largest <= rounding {
                circuit.book(&self.state, stage);
                for part in 0..self.base.len() {
                    for i in 0..self.base[part].len() {
                        let moved = self.state[part][i].to_f64() - self.base[part][i];
                        self.drifts[stage][part][i] = moved / implicit;
                    }
                }
                return true;
            }
            if iteration > 1 && largest > 0.9 * last {
                return false;
            }
            last = largest;
        }
        false
    }

    /// One correction of the trial; the largest change of a charge, NaN where one is not finite, and what
    /// rounding makes of it. The slope of a saturated node says nothing of where it goes: charges are
    /// compared themselves.
    fn correct(&mut self, implicit: f64) -> (f64, f64) {
        let network = &self.circuit.network;
        self.system.solve(&self.terms, &mut self.change);
        let mut spoilt = false;
        for part in 0..self.trial.len() {
            let arriving = &mut self.arriving[part];
            arriving.fill(R::ZERO);
            network.add_inputs(part, 1, &self.change, arriving);
            let terms = &self.terms;
            for i in 0..self.trial[part].len() {
                let current = implicit * terms.input[part][i] * arriving[i].to_f64();
                let moved = terms.compliance[part][i] * (current - terms.residual[part][i]);
                self.moves[part][i] = moved;
                spoilt |= !moved.is_finite();
            }
            if self.bends(part) {
                self.shorten(part);
            }
            let moves = self.trial[part].iter_mut().zip(&self.moves[part]);
            moves.for_each(|(v, moved)| *v += moved);
        }
        if spoilt {
            return (f64::NAN, 0.0);
        }
        // What was sent is no longer needed.
        self.change.clone_from(&self.state);
        self.charges();
        let (mut largest, mut rounding) = (0.0_f64, 0.0_f64);
        for (now, before) in self
            .state
            .iter()
            .flatten()
            .zip(self.change.iter().flatten())
        {
            largest = largest.max((*now - *before).to_f64().abs());
            let size = 1.0 + now.to_f64().abs();
            rounding = rounding.max(ROUNDING * R::EPSILON.to_f64() * size);
        }
        (largest, rounding)
    }

    /// Shortens moves of nodes out of saturation. Where the slope of a(h) is nearly nothing, a little
    /// charge asks for a move in h across the whole range and beyond; counted as a charge it is as small
    /// as it is. Whichever of the two is shorter is gone, as limiting of junctions does in SPICE (Nagel
    /// 1975).
    fn shorten(&mut self, part: usize) {
        let n = self.trial[part].len();
        let circuit = self.circuit;
        let [from, steepness, y, to, steepness_there] = &mut self.scratch;
        let invert = |y: &[R], h: &mut [R], slope: &mut [R]| {
            Invert { y, h, slope }.apply(circuit.level, circuit.curve);
        };
        invert(&self.state[part], &mut from[..n], &mut steepness[..n]);
        for i in 0..n {
            let charge = R::from_f64(self.moves[part][i]) / steepness[i];
            y[i] = self.state[part][i] + charge;
        }
        if let Some(edges) = circuit.confining(part) {
            edges.confine(&mut y[..n]);
        }
        invert(&y[..n], &mut to[..n], &mut steepness_there[..n]);
        for i in 0..n {
            let moved = to[i].to_f64() - self.trial[part][i];
            let shorter = moved.abs() < self.moves[part][i].abs();
            if shorter && steepness_there[i] < steepness[i] {
                self.moves[part][i] = moved;
            }
        }
    }

    /// Charges of the trial: `state`, with their slopes; of gradient cells a″.
    fn charges(&mut self) {
        for part in 0..self.trial.len() {
            for (s, &v) in self.state[part].iter_mut().zip(&self.trial[part]) {
                *s = R::from_f64(v);
            }
            self.terms.charge[part].fill(1.0);
            let bends = self.bends(part);
            if !bends && (part == 0 || self.circuit.cell != Cell::Gradient) {
                continue;
            }
            let n = self.trial[part].len();
            let [h, a, slope, bend, _] = &mut self.scratch;
            h[..n].copy_from_slice(&self.state[part]);
            if let Some(offset) = self.circuit.offset.as_ref().filter(|_| !bends) {
                h.iter_mut().zip(&offset[part]).for_each(|(h, &o)| *h += o);
            }
            Evaluate {
                h: &h[..n],
                a: &mut a[..n],
                a1: &mut slope[..n],
                a2: &mut bend[..n],
            }
            .apply(self.circuit.level, self.circuit.curve);
            if !bends {
                let to = self.terms.bend[part].iter_mut().zip(&bend[..n]);
                to.for_each(|(to, bend)| *to = bend.to_f64());
                continue;
            }
            self.state[part].copy_from_slice(&a[..n]);
            if let Some(edges) = self.circuit.confining(part) {
                edges.confine(&mut self.state[part]);
            }
            let slopes = self.terms.charge[part].iter_mut().zip(&slope[..n]);
            slopes.for_each(|(to, slope)| *to = slope.to_f64());
        }
    }

    fn terms(
        circuit: &Circuit<R>,
        (trial, base): (&[Vec<f64>], &[Vec<f64>]),
        state: &[Vec<R>],
        (drift, instant): (&[Vec<R>], &Instant<R>),
        (implicit, stiffening): (f64, f64),
        terms: &mut Terms,
    ) {
        for part in 0..trial.len() {
            let resistive = part > 0 && circuit.cell == Cell::Resistive;
            let clamped = part == 0 && circuit.mode == VisibleMode::Clamped;
            for i in 0..trial[part].len() {
                let mobility = circuit.mobility[part][i].to_f64();
                let stiffness = circuit.stiffness[part][i].to_f64();
                let offset = circuit.offset.as_ref().map_or(0.0, |o| o[part][i].to_f64());
                let gain = circuit.gain.as_ref().map_or(1.0, |g| g[part][i].to_f64());
                let slope = instant.slope[part][i].to_f64();
                let (mut force, mut damping) = (drift[part][i].to_f64(), mobility * stiffness);
                terms.input[part][i] = mobility;
                terms.output[part][i] = 1.0;
                if part == 0 {
                    damping += mobility * stiffening;
                    if clamped || instant.fixed().get(i) == Some(&true) {
                        (force, damping, terms.input[0][i]) = (0.0, 0.0, 0.0);
                    }
                } else if resistive {
                    let current = instant.current[part][i].to_f64();
                    force = mobility * (current - stiffness * (trial[part][i] - offset));
                    terms.output[part][i] = gain * terms.charge[part][i];
                } else {
                    terms.output[part][i] = gain * slope;
                    if circuit.cell == Cell::Gradient {
                        terms.input[part][i] = mobility * slope;
                        damping -=
                            mobility * terms.bend[part][i] * instant.current[part][i].to_f64();
                    }
                }
                let charge = terms.charge[part][i];
                terms.damping[part][i] = damping;
                let moved = state[part][i].to_f64() - base[part][i];
                terms.residual[part][i] = moved - implicit * force;
                terms.compliance[part][i] =
                    1.0 / (charge + implicit * damping).max(f64::MIN_POSITIVE);
            }
        }
    }
}
