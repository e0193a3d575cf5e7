//! The chip as a [`Substrate`]: what trains and samples it does not know that it has a clock.

use super::{
    ChipError, ChipParts, Design, Instance, Integrator, Network, TransientSettings,
    account::Account,
    at_rest::{Anchors, AtRest},
    circuit::Circuit,
    converter::read,
    reading::observe,
    state::{ChipMemory, Updated},
    transient::{Course, Drives, last_states},
};
use crate::{
    Activation, Cell, Contrast, Couplings, Drive, Layers, Nudge, NudgeKind, Readings, Spent,
    Substrate, Topology, Visible,
    activation::Curve,
    arrays::{Arrays, Directions},
    chip::ChipScalar,
    kernels::{Real, first_not_finite},
};
use ndarray::{Array2, ArrayView2, s};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};
use units::budget::Tally;

/// One chip of a design, programmed with a model, on which relaxation takes time.
///
/// ```
/// use analog_substrate::{
///     Activation, Cell, Couplings, Drive, Layers, Substrate as _, Visible, chip::{Chip, Network},
/// };
/// use ndarray::Array2;
///
/// let chip = Chip::builder("D3").program(Network {
///     couplings: Couplings::<f32>::zeros(Layers::new(vec![4, 8])?),
///     activation: Activation::PAPER,
///     cell: Cell::Gradient,
/// })?;
/// let points = Array2::from_elem((5, 4), 0.3);
/// let visible = Visible::Spring { stiffness: 15.0 };
/// let rest = chip.settle(&Drive { anchor: points.view(), visible, held: None }, None)?;
/// assert_eq!(chip.measure(&rest).outputs[0].dim(), (5, 4));
/// println!("{} and {} for each of the 5 samples", chip.clock(), chip.ledger());
/// assert_eq!(chip.clock().relaxation_tau, 30.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Chip<R> {
    pub(super) design: Design,
    pub(super) instance: Instance,
    pub(super) activation: Activation,
    pub(super) curve: Curve<R>,
    pub(super) cell: Cell,
    pub(super) couplings: Couplings<R>,
    /// How often devices were programmed.
    pub(super) programmings: u64,
    pub(super) arrays: Option<Mutex<Arrays>>,
    /// What the devices were programmed to, on a chip whose devices are moved from there.
    pub(super) updated: Option<Updated>,
    pub(super) settings: TransientSettings,
    pub(super) seed: u64,
    pub(super) relaxations: AtomicU64,
    pub(super) account: Mutex<Account>,
    pub(super) tally: Arc<Tally>,
}

impl<R: ChipScalar> Chip<R> {
    /// A chip of a design, programmed with a network.
    ///
    /// # Errors
    /// [`ChipError`] where design, network and settings do not go together, or the network cannot be programmed.
    pub fn new(parts: ChipParts<R>) -> Result<Self, ChipError> {
        let mut chip = Self::unprogrammed(parts)?;
        let couplings = chip.couplings.clone();
        chip.program(&couplings)?;
        Ok(chip)
    }

    /// Seed of the noise along its transients.
    pub fn noise_seed(&self) -> u64 {
        self.seed
    }

    /// A chip whose arrays are yet to be made.
    pub(super) fn unprogrammed(parts: ChipParts<R>) -> Result<Self, ChipError> {
        let ChipParts {
            design,
            instance,
            network:
                Network {
                    couplings,
                    activation,
                    cell,
                },
            settings,
            noise_seed,
        } = parts;
        design.check_cell(cell)?;
        cell.check(activation)?;
        Self::check_dense(&couplings)?;
        let positive = [
            ("the duration", settings.duration),
            ("the duration of a nudge", settings.of_nudge()),
            ("the step", settings.step),
            ("the tolerance", settings.tolerance),
        ];
        if let Some(&(what, value)) = positive.iter().find(|(_, v)| !(v.is_finite() && *v > 0.0)) {
            return Err(ChipError::NotPositive { what, value });
        }
        if settings.integrator == Integrator::Adaptive && design.is_noisy() {
            return Err(ChipError::NoisyAdaptive);
        }
        if let Some(arrays) = &design.arrays
            && arrays.directions == Directions::Separate
            && cell == Cell::Resistive
        {
            return Err(ChipError::NotReciprocal);
        }
        Ok(Self {
            design,
            instance,
            activation,
            curve: Curve::new(activation),
            cell,
            couplings,
            programmings: 0,
            arrays: None,
            updated: None,
            settings,
            seed: noise_seed,
            relaxations: AtomicU64::new(0),
            account: Mutex::new(Account::default()),
            tally: Arc::default(),
        })
    }

    fn check_dense(couplings: &Couplings<R>) -> Result<(), ChipError> {
        match couplings.topology().first_open() {
            None => Ok(()),
            Some((number, coupling)) => Err(ChipError::NotDense {
                number,
                coupling: format!("{coupling:?}"),
            }),
        }
    }

    pub(super) fn check_layers(&self, found: &Layers) -> Result<(), ChipError> {
        let expected = self.couplings.layers();
        if found == expected {
            return Ok(());
        }
        Err(ChipError::Layers {
            expected: expected.sizes().to_vec(),
            found: found.sizes().to_vec(),
        })
    }

    pub(super) fn check_leak(&self, found: bool) -> Result<(), ChipError> {
        let expected = self.couplings.topology().has_visible_leak();
        if found == expected {
            return Ok(());
        }
        Err(ChipError::VisibleLeak { expected })
    }

    /// The design of the chip.
    pub fn design(&self) -> &Design {
        &self.design
    }

    /// The τ that samples have passed on the chip, summed over the batch, while they pass.
    pub fn tally(&self) -> &Arc<Tally> {
        &self.tally
    }

    /// Adds to this tally from now on: several chips can have one.
    pub fn set_tally(&mut self, tally: &Arc<Tally>) {
        self.tally = Arc::clone(tally);
    }

    /// How its transients are computed.
    pub fn settings(&self) -> &TransientSettings {
        &self.settings
    }

    /// The circuit of its hidden nodes.
    pub fn cell(&self) -> Cell {
        self.cell
    }

    /// The activation of its hidden nodes.
    pub fn activation(&self) -> Activation {
        self.activation
    }

    /// The couplings that it is programmed with.
    pub fn couplings(&self) -> &Couplings<R> {
        &self.couplings
    }

    pub(super) fn next_relaxation(&self) -> u64 {
        self.relaxations.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn check_rows(
        &self,
        what: &'static str,
        array: ArrayView2<'_, R>,
        batch: usize,
    ) -> Result<(), ChipError> {
        let expected = [batch, self.couplings.layers().visible()];
        let found = [array.nrows(), array.ncols()];
        if found != expected {
            return Err(ChipError::Shape {
                what,
                found,
                expected,
            });
        }
        match first_not_finite(array) {
            Some([row, column]) => Err(ChipError::NotFinite { what, row, column }),
            None => Ok(()),
        }
    }

    /// [`Substrate::settle`] for a duration of its own, in τ.
    pub fn settle_for(
        &self,
        drive: &Drive<'_, R>,
        from: Option<&AtRest<R>>,
        duration: f64,
    ) -> Result<AtRest<R>, ChipError> {
        self.settle_charged(drive, from, (duration, 1.0))
    }

    /// [`Chip::settle_for`] with visible nodes that have `ratio` times their capacitance at a cold start.
    pub(super) fn settle_charged(
        &self,
        drive: &Drive<'_, R>,
        from: Option<&AtRest<R>>,
        (duration, ratio): (f64, f64),
    ) -> Result<AtRest<R>, ChipError> {
        let fixed = self.fixed(drive)?;
        let circuit = self.circuit(self.mode_under(drive)?)?;
        let relaxation = self.next_relaxation();
        let held = self.held(drive.anchor, relaxation);
        self.book_write(&held);
        let mut start = self.cold_start(&circuit, held.view());
        if let Some(from) = from {
            self.book_visible_step(&(&held - &from.state(0)));
            let hidden = circuit.widths[0];
            let state = s![.., hidden..];
            start.slice_mut(state).assign(&from.parts.slice(state));
        } else {
            let switched = self.mask(drive.held, held.nrows())?;
            self.book_cold_start(start.view(), ratio, &switched);
        }
        let force = Self::anchor_force(&circuit, &held);
        let drives = Drives {
            anchor_force: &force,
            droop: self.droop(),
            fixed: &fixed,
            ..Drives::NONE
        };
        let schedule = self.schedule(&circuit, duration, 0);
        let noise = self.noise(relaxation);
        let courses = R::transient(&circuit, &schedule, &drives, noise.as_ref(), start.view())?;
        self.book(&courses);
        let anchors = Anchors {
            held,
            visible: drive.visible,
            fixed,
        };
        Ok(self.at_rest(&circuit, &courses, anchors))
    }

    /// What the chip shows after its transients.
    fn at_rest(
        &self,
        circuit: &Circuit<R>,
        courses: &[Course<R>],
        anchors: Anchors<R>,
    ) -> AtRest<R> {
        let width = circuit.widths.iter().sum();
        let parts = last_states(courses, width);
        let limit = self.limit(circuit).residual;
        let (outputs, current) = observe(circuit, &parts, (&anchors.held, &anchors.fixed));
        AtRest {
            outputs,
            current,
            anchors,
            residuals: courses.iter().map(|course| course.residual).collect(),
            steps: courses.iter().map(|course| course.steps).collect(),
            settled: courses
                .iter()
                .map(|course| course.residual <= limit)
                .collect(),
            parts,
        }
    }
}

fn check_finite<R: Real>(what: &'static str, values: &[R]) -> Result<(), ChipError> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(column) => Err(ChipError::NotFinite {
            what,
            row: 0,
            column,
        }),
        None => Ok(()),
    }
}

impl<R: ChipScalar> Substrate for Chip<R> {
    type Scalar = R;
    type Settled = AtRest<R>;
    type Error = ChipError;
    type Memory = ChipMemory;

    fn memory(&self) -> ChipMemory {
        self.remember()
    }

    fn recall(&mut self, memory: ChipMemory) -> Result<(), ChipError> {
        self.go_on_from(memory)
    }

    fn spent(&self) -> Option<Spent> {
        let (clock, ledger) = (self.clock(), self.ledger());
        Some(Spent {
            seconds: clock.total_s,
            relaxation_seconds: clock.relaxation_s,
            joules: ledger.total_j,
            converter_joules: ledger.dac_j + ledger.adc_j,
            moves: self.arrays.as_ref().map(|_| self.moves()),
            updating: self.updating(),
        })
    }

    fn layers(&self) -> &Layers {
        self.couplings.layers()
    }

    fn topology(&self) -> Topology {
        self.couplings.topology().clone()
    }

    fn program(&mut self, couplings: &Couplings<R>) -> Result<(), ChipError> {
        self.check_layers(couplings.layers())?;
        Self::check_dense(couplings)?;
        self.check_leak(couplings.topology().has_visible_leak())?;
        check_finite("the couplings", couplings.flat())?;
        let bits = |couplings: &Couplings<R>| -> Vec<u64> {
            let values = couplings.flat().iter();
            values.map(|value| value.to_f64().to_bits()).collect()
        };
        let is_another = bits(&self.couplings) != bits(couplings);
        self.couplings = couplings.clone();
        if self.updated.is_none() {
            return self.program_arrays();
        }
        if is_another {
            self.move_arrays();
        }
        Ok(())
    }

    fn settle(
        &self,
        drive: &Drive<'_, R>,
        from: Option<&AtRest<R>>,
    ) -> Result<AtRest<R>, ChipError> {
        self.settle_for(drive, from, self.settings.duration)
    }

    fn nudge(
        &self,
        free: &AtRest<R>,
        nudge: &Nudge<'_, R>,
        _opposite: Option<&AtRest<R>>,
    ) -> Result<AtRest<R>, ChipError> {
        self.check_rows("the nudge", nudge.pattern, free.anchors.held.nrows())?;
        let anchors = &free.anchors;
        let Visible::Spring { .. } = anchors.visible else {
            return Err(ChipError::Clamped);
        };
        let circuit = self.circuit(self.mode(anchors.visible)?)?;
        let stiffening = match nudge.kind {
            NudgeKind::Quadratic => nudge.strength,
            NudgeKind::Tilt => 0.0,
        };
        let stiffness = circuit.stiffness[0]
            .iter()
            .fold(f64::INFINITY, |least, k| least.min(k.to_f64()))
            + stiffening;
        if stiffness <= 0.0 {
            return Err(ChipError::Unstable { stiffness });
        }
        let n = circuit.widths[0];
        let strength = match nudge.kind {
            NudgeKind::Quadratic => R::from_f64(nudge.strength),
            NudgeKind::Tilt => R::from_f64(-nudge.strength),
        };
        let mut nudge_force = vec![R::ZERO; anchors.held.nrows() * n];
        for (force, pattern) in nudge_force.chunks_exact_mut(n).zip(nudge.pattern.rows()) {
            force
                .iter_mut()
                .zip(pattern)
                .for_each(|(f, &p)| *f = strength * p);
        }
        let relaxation = self.next_relaxation();
        let force = Self::anchor_force(&circuit, &anchors.held);
        let drives = Drives {
            anchor_force: &force,
            nudge_force: &nudge_force,
            stiffening,
            droop: self.droop(),
            fixed: &anchors.fixed,
        };
        let schedule = self.schedule(&circuit, self.settings.of_nudge(), 0);
        let noise = self.noise(relaxation);
        let start = free.parts.view();
        let courses = R::transient(&circuit, &schedule, &drives, noise.as_ref(), start)?;
        self.book(&courses);
        Ok(self.at_rest(&circuit, &courses, anchors.clone()))
    }

    fn measure(&self, settled: &AtRest<R>) -> Readings<R> {
        let mut outputs = settled.outputs.clone();
        let mut current = settled.current.clone();
        for values in &mut outputs {
            read(&self.design, values);
        }
        read(&self.design, &mut current);
        self.book_read(current.ncols() + self.layers().sizes().iter().sum::<usize>());
        Readings { outputs, current }
    }

    fn current(&self, settled: &AtRest<R>) -> Array2<R> {
        let mut current = settled.current.clone();
        read(&self.design, &mut current);
        self.book_read(current.ncols());
        current
    }

    /// Correlated double sampling: each phase is held and read, and the readings are subtracted.
    fn contrast(&self, first: &AtRest<R>, second: &AtRest<R>) -> Contrast<R> {
        let half = R::from_f64(0.5);
        let layers = first.outputs.iter().zip(&second.outputs);
        let (mean, difference) = layers
            .map(|(a, b)| {
                let (mut a, mut b) = (a.clone(), b.clone());
                read(&self.design, &mut a);
                read(&self.design, &mut b);
                ((&a + &b) * half, &a - &b)
            })
            .unzip();
        self.book_read(2 * self.layers().sizes().iter().sum::<usize>());
        Contrast { mean, difference }
    }

    /// A step of the ADC, the thermal noise of a node, or rounding at the activation's clamp.
    fn resolution(&self) -> f64 {
        let rounding = R::EPSILON.to_f64() * self.activation.clamp.unwrap_or(10.0);
        self.design.resolution().max(rounding)
    }

    /// Noise and the steps of a converter, which noise and unlike samples dither, fall with the root of the number of samples; rounding
    /// does not.
    fn resolution_of_mean(&self, samples: usize) -> f64 {
        let of_one = self.resolution();
        let rounding = R::EPSILON.to_f64() * self.activation.clamp.unwrap_or(10.0);
        (of_one / (samples.max(1) as f64).sqrt()).max(rounding)
    }

    fn residuals<'s>(&self, settled: &'s AtRest<R>) -> &'s [f64] {
        &settled.residuals
    }

    fn iterations<'s>(&self, settled: &'s AtRest<R>) -> &'s [u32] {
        &settled.steps
    }

    fn is_settled<'s>(&self, settled: &'s AtRest<R>) -> &'s [bool] {
        &settled.settled
    }
}
