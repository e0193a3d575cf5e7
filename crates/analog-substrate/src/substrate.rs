//! The contract between a chip and whatever trains or samples it.

use crate::{Couplings, Layers, Topology, arrays::Updating, kernels::Real};
use ndarray::{Array1, Array2, ArrayView2};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;
use units::fault::Blame;

/// |state| at which a node without a bound of its own has run away, in V_unit: at the usual 0.1 V a
/// kilovolt, which no integrated circuit holds, while trained networks stay within some 10.
pub const RUNAWAY: f64 = 1e4;

/// How the visible nodes are held while the network settles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Visible {
    /// A spring (λ/2)|x − x_t|² to the anchor: a conductance λ·g_unit to a source at x_t. λ > 0.
    Spring {
        /// λ, in units of the node's own leak.
        stiffness: f64,
    },
    /// x is held at the anchor (λ → ∞); only hidden nodes relax.
    Clamped,
}

/// What is applied to the visible nodes of a batch: one anchor per sample.
///
/// ```
/// use analog_substrate::{Drive, Visible};
/// use ndarray::array;
///
/// // The first node of the second sample is known: a source holds it at 0.5, whatever the others do.
/// let (anchor, held) = (array![[0.0, 0.0], [0.5, 0.0]], array![[false, false], [true, false]]);
/// let drive = Drive {
///     anchor: anchor.view(),
///     visible: Visible::Spring { stiffness: 15.0 },
///     held: Some(held.view()),
/// };
/// assert!(drive.holds_some());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Drive<'a, R> {
    /// x_t, `[batch, n_0]`.
    pub anchor: ArrayView2<'a, R>,
    /// Spring or clamp.
    pub visible: Visible,
    /// Which visible nodes are held at their anchors by a source (stiffness ∞) while the others are on their springs,
    /// `[batch, n_0]`; none: as [`Drive::visible`] says of all. A clamp holds all of them anyway.
    pub held: Option<ArrayView2<'a, bool>>,
}

/// Values of the visible nodes of a batch, and which of them are given.
///
/// Where nothing is held an array does: `chip.flow_free(noise.view(), …)`.
///
/// ```
/// use analog_substrate::Points;
/// use ndarray::array;
///
/// let (x, held) = (array![[0.3, 1.0]], array![[false, true]]);
/// let second_given = Points { x: x.view(), held: Some(held.view()) };
/// assert_eq!(second_given.held.unwrap().row(0).to_vec(), [false, true]);
/// assert!(Points::from(x.view()).held.is_none());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Points<'a, R> {
    /// Anchors, or where x begins, `[n, n_0]`.
    pub x: ArrayView2<'a, R>,
    /// Nodes that sources hold at these values, their switches closed, while the others move, `[n, n_0]`; none:
    /// all move.
    pub held: Option<ArrayView2<'a, bool>>,
}

impl<'a, R> From<ArrayView2<'a, R>> for Points<'a, R> {
    fn from(x: ArrayView2<'a, R>) -> Self {
        Self { x, held: None }
    }
}

impl<R> Drive<'_, R> {
    /// Whether single nodes are held, beside a clamp of all.
    pub fn holds_some(&self) -> bool {
        let on_springs = self.visible != Visible::Clamped;
        on_springs && self.held.is_some_and(|held| held.iter().any(|&held| held))
    }
}

/// A perturbation added to the drive of an already settled network.
///
/// `pattern` is `[batch, n_0]`. `strength` carries the sign of the phase.
#[derive(Clone, Copy, Debug)]
pub struct Nudge<'a, R> {
    /// What kind of element carries it.
    pub kind: NudgeKind,
    /// Quadratic: the extra stiffness ±κ; tilt: the factor on the current pattern.
    pub strength: f64,
    /// Quadratic: the source voltage; tilt: the current pattern.
    pub pattern: ArrayView2<'a, R>,
}

/// The two circuit elements that can nudge a visible node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NudgeKind {
    /// S += (κ/2)|x − source|²: a conductance κ to a source (the paper's nudge), κ may be negative.
    Quadratic,
    /// S += strength·pattern·x: a constant current −strength·pattern into each visible node.
    Tilt,
}

/// What can be measured on a settled network: node outputs and the holding current. Nothing else.
#[derive(Clone, Debug)]
pub struct Readings<R> {
    /// Output of every node, visible first: x `[batch, n_0]`, a(h_l) `[batch, n_l]`.
    pub outputs: Vec<Array2<R>>,
    /// Current that the spring or clamp draws from the network, `[batch, n_0]`: λ(x − x_t), or
    /// −∂E/∂x at a clamped x and at held nodes. The two agree at an equilibrium of the spring.
    pub current: Array2<R>,
}

/// The same nodes in two phases: their mean and their difference (first − second).
///
/// Both are what the learning rule needs, since `a⁺b⁺ − a⁻b⁻ = ā·Δb + Δa·b̄` exactly. A chip reads
/// the difference by correlated double sampling; a solver computes it without cancellation.
#[derive(Clone, Debug)]
pub struct Contrast<R> {
    /// Mean output of the two phases per layer, `[batch, n_l]`.
    pub mean: Vec<Array2<R>>,
    /// Output difference per layer, `[batch, n_l]`.
    pub difference: Vec<Array2<R>>,
}

/// What a substrate has taken up to now, per sample: those of a batch pass one after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spent {
    /// Seconds on its own clock.
    pub seconds: f64,
    /// Of these, those in which nodes relax.
    pub relaxation_seconds: f64,
    /// Energy in joules.
    pub joules: f64,
    /// Of it, that of converters.
    pub converter_joules: f64,
    /// How often a device was moved by an update: not per sample, but in all. None without devices.
    pub moves: Option<u64>,
    /// What moving them took, in all; none where they take what is asked without a pulse. Not in `seconds` and `joules`.
    pub updating: Option<Updating>,
}

/// A physical network that can be programmed, driven, left to settle, nudged, and read.
///
/// ```
/// use analog_substrate::{Couplings, Drive, Substrate, Visible};
/// use ndarray::Array2;
///
/// /// What any substrate answers at some points: the current into its springs.
/// fn answer<S: Substrate>(
///     substrate: &mut S,
///     couplings: &Couplings<S::Scalar>,
///     points: &Array2<S::Scalar>,
/// ) -> Result<Array2<S::Scalar>, S::Error> {
///     substrate.program(couplings)?;
///     let visible = Visible::Spring { stiffness: 15.0 };
///     let settled = substrate.settle(&Drive { anchor: points.view(), visible, held: None }, None)?;
///     Ok(substrate.current(&settled))
/// }
/// ```
pub trait Substrate: Sync {
    /// Scalar of anchors and readings.
    type Scalar: Real;
    /// A network at rest under a drive: opaque, only [`Substrate::measure`] looks inside.
    type Settled: Send + Sync;
    /// Why the substrate refused.
    type Error: Blame + Send + Sync + 'static;
    /// What it must be told to go on as if nobody had interrupted it; `()` where it remembers nothing.
    type Memory: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync;

    /// What it would have to be told to go on from here.
    fn memory(&self) -> Self::Memory;

    /// Goes on from a memory of one that was made as this one was.
    ///
    /// # Errors
    /// Where it is of another network, or cannot be programmed.
    fn recall(&mut self, memory: Self::Memory) -> Result<(), Self::Error>;

    /// What it has taken up to now; none where that is no question, as of a solver.
    fn spent(&self) -> Option<Spent> {
        None
    }

    /// Shape of the network.
    fn layers(&self) -> &Layers;

    /// How the layers are coupled: densely, unless the substrate can do otherwise and says so.
    fn topology(&self) -> Topology {
        self.layers().clone().into()
    }

    /// Sets the couplings.
    fn program(&mut self, couplings: &Couplings<Self::Scalar>) -> Result<(), Self::Error>;

    /// Lets the network relax under a drive, from rest (x at the anchor, h = 0) or from where it
    /// was.
    fn settle(
        &self,
        drive: &Drive<'_, Self::Scalar>,
        from: Option<&Self::Settled>,
    ) -> Result<Self::Settled, Self::Error>;

    /// Adds a nudge to the drive under which `free` settled and lets the network relax again.
    ///
    /// `opposite` is the state under the opposite nudge, if it is known: a solver may start from
    /// its mirror image; a chip ignores it.
    fn nudge(
        &self,
        free: &Self::Settled,
        nudge: &Nudge<'_, Self::Scalar>,
        opposite: Option<&Self::Settled>,
    ) -> Result<Self::Settled, Self::Error>;

    /// Reads every node.
    fn measure(&self, settled: &Self::Settled) -> Readings<Self::Scalar>;

    /// Reads what the spring or clamp draws alone, `[batch, n_0]`: [`Readings::current`].
    fn current(&self, settled: &Self::Settled) -> Array2<Self::Scalar> {
        self.measure(settled).current
    }

    /// Reads the mean and the difference of every node over two phases.
    fn contrast(&self, first: &Self::Settled, second: &Self::Settled) -> Contrast<Self::Scalar>;

    /// E of each sample at rest, `[batch]`, for those who look on: learning makes no use of it. None where the substrate cannot
    /// tell, as a chip, whose couplings are not quite those that were asked for.
    fn energy(&self, _settled: &Self::Settled) -> Option<Array1<f64>> {
        None
    }

    /// Smallest output difference that [`Substrate::contrast`] resolves: rounding, or read-out noise.
    fn resolution(&self) -> f64;

    /// Smallest difference that is resolved in the mean over so many samples, which is what a gradient is made of: that of
    /// one sample, where the error is the same for all.
    fn resolution_of_mean(&self, _samples: usize) -> f64 {
        self.resolution()
    }

    /// Largest |∂S/∂s_i| per sample, `[batch]`: how far from equilibrium the network was left.
    fn residuals<'s>(&self, settled: &'s Self::Settled) -> &'s [f64];

    /// Relaxation sweeps (or steps) that each sample took, `[batch]`.
    fn iterations<'s>(&self, settled: &'s Self::Settled) -> &'s [u32];

    /// Whether each sample met the substrate's own criterion of being settled, `[batch]`.
    fn is_settled<'s>(&self, settled: &'s Self::Settled) -> &'s [bool];
}
