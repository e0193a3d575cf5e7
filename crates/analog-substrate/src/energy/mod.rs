//! The energy and its derivatives as the formulae read: double precision, whole arrays, the standard
//! library's functions.
//!
//! Nothing here is shared with the solvers' kernels, so the one can be tested against the other. A
//! state is a list of arrays `[x, h_1, …, h_L]`, each `[batch, n_l]`.

#[cfg(test)]
mod tests;

use crate::{Activation, Cell, Couplings, Drive, Visible, coupling::CouplingScalar as _};
use ndarray::{Array1, Array2, ArrayView2, Axis, Zip};

/// Distance within which a confined state rests on its edge: accelerated solvers end within their
/// tolerance of it, on either side.
const ON_EDGE: f64 = 1e-9;

/// The layered energy of one network (A. Gower, arXiv 2604.08150).
///
/// ```text
/// E(x, h) = ½|x|² + Σ_l ½|h_l|² − b_x·x − a(h_1)·(W_0 x + b_0) − Σ_{l≥1} a(h_{l+1})·(W_l a(h_l) + b_l)
/// S(x, h) = E(x, h) + (λ/2)|x − x_t|²
/// ```
///
/// Visible nodes with a leak k of their own add ½Σ k x² to E.
///
/// That is the energy of gradient cells. For hopfield and resistive cells `h·a(h) − Λ(h)`, Λ′ = a,
/// stands for ½h² (J. J. Hopfield, PNAS 81, 3088, 1984; D. Krotov & J. J. Hopfield, ICLR 2021). It is
/// the Legendre transform of Λ at y = a(h), ∫a⁻¹ dy: a resistive cell's content, whose state y is
/// represented by h here, so that both cells have one energy, and one state even where a saturates.
///
/// All quantities are dimensionless. Methods panic where a state does not have the network's
/// layers, or an anchor not the batch's shape.
#[derive(Clone, Copy, Debug)]
pub struct Energy<'a> {
    couplings: &'a Couplings<f64>,
    activation: Activation,
    cell: Cell,
}

/// Output of a layer and its derivatives `a`, `a′`, `a″`, `[batch, n_l]` each; of the visible
/// layer x, 1, 0.
struct Outputs {
    value: Array2<f64>,
    slope: Array2<f64>,
    bend: Array2<f64>,
}

impl<'a> Energy<'a> {
    /// The energy of a network of gradient cells with these couplings.
    pub fn new(couplings: &'a Couplings<f64>, activation: Activation) -> Self {
        Self {
            couplings,
            activation,
            cell: Cell::Gradient,
        }
    }

    /// The energy of the same network made of other cells.
    #[must_use]
    pub fn with_cell(self, cell: Cell) -> Self {
        Self { cell, ..self }
    }

    /// The range that confines hidden states: that of gradient cells. The h of other cells follows
    /// its input wherever that is.
    fn state_range(&self) -> Option<(f64, f64)> {
        self.activation
            .state_range()
            .filter(|_| self.cell == Cell::Gradient)
    }

    /// Energy of the element of one hidden node: ½h², or h·a(h) − Λ(h).
    fn own(&self, h: f64) -> f64 {
        match self.cell {
            Cell::Gradient => 0.5 * h * h,
            Cell::Hopfield | Cell::Resistive => {
                h * self.activation.derivatives(h).0 - self.activation.primitive(h)
            }
        }
    }

    /// E of each sample, `[batch]`.
    pub fn internal(&self, state: &[Array2<f64>]) -> Array1<f64> {
        let outputs = self.outputs(state);
        let mut energy = -state[0].dot(&self.couplings.visible_bias());
        energy += &state[0].mapv(|x| 0.5 * x * x).sum_axis(Axis(1));
        if let Some(leak) = self.couplings.visible_leak() {
            energy += &(&state[0] * &state[0]).dot(&(&leak * 0.5));
        }
        for layer in &state[1..] {
            energy += &layer.mapv(|h| self.own(h)).sum_axis(Axis(1));
        }
        for l in 0..self.couplings.layers().hidden() {
            let input =
                upwards(self.couplings, l, outputs[l].value.view()) + self.couplings.bias(l);
            energy -= &(&outputs[l + 1].value * &input).sum_axis(Axis(1));
        }
        energy
    }

    /// S of each sample, `[batch]`; where x is clamped there is no spring and S = E.
    pub fn total(&self, state: &[Array2<f64>], drive: &Drive<'_, f64>) -> Array1<f64> {
        let energy = self.internal(state);
        match drive.visible {
            Visible::Clamped => energy,
            Visible::Spring { stiffness } => {
                let stretch = &state[0] - &drive.anchor;
                energy + stretch.mapv(|d| 0.5 * stiffness * d * d).sum_axis(Axis(1))
            }
        }
    }

    /// ∇S, the shape of the state:
    /// `∂S/∂x = x − b_x − W_0ᵀa_1 + λ(x − x_t)`, `∂S/∂h_l = h_l − a′(h_l) z_l`, or `a′(h_l)(h_l − z_l)`
    /// for hopfield and resistive cells. Zero for a clamped x and on held nodes.
    pub fn gradient(&self, state: &[Array2<f64>], drive: &Drive<'_, f64>) -> Vec<Array2<f64>> {
        self.forces(state, drive, self.cell != Cell::Gradient)
    }

    /// ∇S, or, unless `by_slope`, for hopfield and resistive cells the imbalance h − z of the
    /// currents into each hidden node.
    fn forces(
        &self,
        state: &[Array2<f64>],
        drive: &Drive<'_, f64>,
        by_slope: bool,
    ) -> Vec<Array2<f64>> {
        let outputs = self.outputs(state);
        let mut gradient: Vec<Array2<f64>> = (0..state.len())
            .map(|l| {
                let input = self.input(l, &outputs);
                match self.cell {
                    Cell::Gradient => &state[l] - &(&outputs[l].slope * &input),
                    _ if by_slope => &outputs[l].slope * &(&state[l] - &input),
                    _ => &state[l] - &input,
                }
            })
            .collect();
        if let Some(leak) = self.couplings.visible_leak() {
            gradient[0] += &(&state[0] * &leak);
        }
        match drive.visible {
            Visible::Clamped => gradient[0].fill(0.0),
            Visible::Spring { stiffness } => {
                gradient[0] += &((&state[0] - &drive.anchor) * stiffness);
            }
        }
        if let Some(held) = &drive.held {
            let pairs = Zip::from(&mut gradient[0]).and(held);
            pairs.for_each(|g, &held| *g = if held { 0.0 } else { *g });
        }
        gradient
    }

    /// How far each sample is from equilibrium, `[batch]`: the largest |s − P(s − ∇S)|, where P
    /// confines hidden states to [`Activation::state_range`]. Without such a range it is the largest
    /// |∂S/∂s|. For hopfield and resistive cells |h − z| stands for |∂S/∂h|, which vanishes with a′:
    /// the current that is out of balance in the circuit.
    pub fn residual(&self, state: &[Array2<f64>], drive: &Drive<'_, f64>) -> Array1<f64> {
        let gradient = self.forces(state, drive, false);
        let mut residual = Array1::zeros(state[0].nrows());
        for (l, (layer, gradient)) in state.iter().zip(&gradient).enumerate() {
            let range = self.state_range().filter(|_| l > 0);
            Zip::from(&mut residual)
                .and(layer.rows())
                .and(gradient.rows())
                .for_each(|residual: &mut f64, layer, gradient| {
                    for (&s, &g) in layer.iter().zip(gradient) {
                        let step = range.map_or(g, |(low, high)| s - (s - g).clamp(low, high));
                        *residual = residual.max(step.abs());
                    }
                });
        }
        residual
    }

    /// The second derivatives of S at a state.
    pub fn hessian(&self, state: &[Array2<f64>], drive: &Drive<'_, f64>) -> Hessian<'a> {
        let outputs = self.outputs(state);
        let gradient = self.gradient(state, drive);
        let visible_stiffness = match drive.visible {
            Visible::Spring { stiffness } => Some(1.0 + stiffness),
            Visible::Clamped => None,
        };
        let layers = (0..state.len())
            .map(|l| {
                let own = match (l, visible_stiffness) {
                    (0, stiffness) => {
                        let own = Array2::from_elem(state[0].raw_dim(), stiffness.unwrap_or(0.0));
                        match self
                            .couplings
                            .visible_leak()
                            .filter(|_| stiffness.is_some())
                        {
                            Some(leak) => own + leak,
                            None => own,
                        }
                    }
                    _ => self.own_curvature(&state[l], &outputs[l], &self.input(l, &outputs)),
                };
                let range = self.state_range();
                let mut mobile = Zip::from(&state[l])
                    .and(&gradient[l])
                    .and(&outputs[l].slope)
                    .map_collect(|&s, &g, &slope| {
                        let free = match (l, range) {
                            (0, _) => visible_stiffness.is_some(),
                            _ if self.cell != Cell::Gradient => slope != 0.0,
                            (_, Some((low, high))) => {
                                let (below, above) = (s - low <= ON_EDGE, high - s <= ON_EDGE);
                                !(below && g > 0.0 || above && g < 0.0)
                            }
                            (_, None) => true,
                        };
                        f64::from(u8::from(free))
                    });
                if let Some(held) = drive.held.filter(|_| l == 0) {
                    let pairs = Zip::from(&mut mobile).and(held);
                    pairs.for_each(|mobile, &held| *mobile = if held { 0.0 } else { *mobile });
                }
                (own, outputs[l].slope.clone(), mobile)
            })
            .collect();
        Hessian {
            couplings: self.couplings,
            cell: self.cell,
            layers,
        }
    }

    /// ∂²S/∂h² of a hidden layer's nodes: `1 − a″z`, or `a′ + a″(h − z)`.
    fn own_curvature(
        &self,
        h: &Array2<f64>,
        outputs: &Outputs,
        input: &Array2<f64>,
    ) -> Array2<f64> {
        match self.cell {
            Cell::Gradient => 1.0 - &outputs.bend * input,
            Cell::Hopfield | Cell::Resistive => &outputs.slope + &outputs.bend * &(h - input),
        }
    }

    /// A state beyond its range counts as on the edge, with the slope that it has inside.
    fn outputs(&self, state: &[Array2<f64>]) -> Vec<Outputs> {
        let visible = Outputs {
            value: state[0].clone(),
            slope: Array2::ones(state[0].raw_dim()),
            bend: Array2::zeros(state[0].raw_dim()),
        };
        let range = self.state_range();
        let confined = |h: f64| range.map_or(h, |(low, high)| h.clamp(low, high));
        let derivatives = |h: f64| self.activation.derivatives(confined(h));
        let hidden = state[1..].iter().map(|h| Outputs {
            value: h.mapv(|h| derivatives(h).0),
            slope: h.mapv(|h| derivatives(h).1),
            bend: h.mapv(|h| derivatives(h).2),
        });
        std::iter::once(visible).chain(hidden).collect()
    }

    /// What layer l receives: `z_l = W_{l−1}a_{l−1} + b_{l−1} + W_lᵀa_{l+1}`, and b_x for layer 0.
    fn input(&self, l: usize, outputs: &[Outputs]) -> Array2<f64> {
        let bias = match l {
            0 => self.couplings.visible_bias(),
            _ => self.couplings.bias(l - 1),
        };
        neighbours(self.couplings, l, |l| outputs[l].value.view()) + bias
    }
}

/// W_l q, `[batch, n_{l+1}]`.
fn upwards(couplings: &Couplings<f64>, l: usize, q: ArrayView2<'_, f64>) -> Array2<f64> {
    let mut sent = Array2::zeros((q.nrows(), couplings.layers().size(l + 1)));
    let products = f64::products(couplings.topology().connection(l).coupling());
    products.up(couplings.parameters(l), q, sent.view_mut());
    sent
}

/// W_lᵀ q, `[batch, n_l]`.
fn downwards(couplings: &Couplings<f64>, l: usize, q: ArrayView2<'_, f64>) -> Array2<f64> {
    let mut sent = Array2::zeros((q.nrows(), couplings.layers().size(l)));
    let products = f64::products(couplings.topology().connection(l).coupling());
    products.down(couplings.parameters(l), q, sent.view_mut());
    sent
}

/// `W_{l−1}q_{l−1} + W_lᵀq_{l+1}`, `[batch, n_l]`.
fn neighbours<'q>(
    couplings: &Couplings<f64>,
    l: usize,
    q: impl Fn(usize) -> ArrayView2<'q, f64>,
) -> Array2<f64> {
    let below = (l > 0).then(|| upwards(couplings, l - 1, q(l - 1)));
    let above = (l < couplings.layers().hidden()).then(|| downwards(couplings, l, q(l + 1)));
    match (below, above) {
        (Some(below), Some(above)) => below + above,
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => unreachable!("a network has at least two layers"),
    }
}

/// The second derivatives of S at a state, on the nodes that can move.
///
/// A clamped x and a held node cannot, nor can a gradient cell that its force holds on the edge of
/// [`Activation::state_range`], nor another cell where a′ = 0: its output stays.
#[derive(Clone, Debug)]
pub struct Hessian<'a> {
    couplings: &'a Couplings<f64>,
    cell: Cell,
    /// Per layer the diagonal, a′, and 1 where a node can move, `[batch, n_l]` each.
    layers: Vec<(Array2<f64>, Array2<f64>, Array2<f64>)>,
}

impl Hessian<'_> {
    /// `H p` for a direction `p` of the state's shape, with q_0 = p_x and q_l = a′_l p_l:
    /// `(Hp)_x = (1+λ)p_x − W_0ᵀq_1`, `(Hp)_l = (1 − a″_l z_l)p_l − a′_l (W_{l−1}q_{l−1} + W_lᵀq_{l+1})`;
    /// for hopfield and resistive cells `a′_l + a″_l (h_l − z_l)` stands for `1 − a″_l z_l`.
    ///
    /// # Panics
    /// If `direction` does not have the shape of the state.
    pub fn apply(&self, direction: &[Array2<f64>]) -> Vec<Array2<f64>> {
        let q: Vec<Array2<f64>> = direction
            .iter()
            .zip(&self.layers)
            .map(|(p, (_, slope, mobile))| p * slope * mobile)
            .collect();
        self.layers
            .iter()
            .enumerate()
            .map(|(l, (own, slope, mobile))| {
                let sent = neighbours(self.couplings, l, |l| q[l].view());
                (own * &direction[l] - slope * &sent) * mobile
            })
            .collect()
    }

    /// Divides a force by the metric in which the circuit descends the energy, in place: the state
    /// velocity that answers it. 1 on x and for gradient cells; a′ for hopfield and resistive ones,
    /// whose `a′ dh/dt = −∂S/∂h`; negative where a′ is.
    ///
    /// # Panics
    /// If `force` does not have the shape of the state.
    pub fn divide_by_metric(&self, force: &mut [Array2<f64>]) {
        if self.cell == Cell::Gradient {
            return;
        }
        for (f, (_, slope, mobile)) in force.iter_mut().zip(&self.layers).skip(1) {
            Zip::from(f)
                .and(slope)
                .and(mobile)
                .for_each(|f, &slope, &mobile| *f = if mobile > 0.0 { *f / slope } else { 0.0 });
        }
    }

    /// Whether the metric of [`Hessian::divide_by_metric`] has negative entries, per sample: some
    /// a′ < 0.
    pub fn metric_is_indefinite(&self) -> Vec<bool> {
        let samples = 0..self.layers[0].0.nrows();
        let hidden = self.layers.iter().skip(1);
        let negative = |row: usize| {
            let mut slopes = hidden.clone().flat_map(|(_, slope, _)| slope.row(row));
            slopes.any(|&slope| slope < 0.0)
        };
        samples
            .map(|row| self.cell != Cell::Gradient && negative(row))
            .collect()
    }

    /// Sets to zero what lies on nodes that cannot move.
    ///
    /// # Panics
    /// If `direction` does not have the shape of the state.
    pub fn project(&self, direction: &mut [Array2<f64>]) {
        for (p, (_, _, mobile)) in direction.iter_mut().zip(&self.layers) {
            *p *= mobile;
        }
    }
}
