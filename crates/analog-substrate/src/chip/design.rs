//! The physical numbers of a chip, in SI units: what a hardware spec resolves to.

use crate::{Cell, arrays::ArrayDesign};
use serde::Serialize;

/// A quantity that differs from element to element of one chip.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Distributed {
    /// Nominal value, in the SI unit of the field.
    pub mean: f64,
    /// Standard deviation in the same unit (of the logarithm's, times the mean, for
    /// [`Shape::LogNormal`]); 0 for none.
    pub sigma: f64,
    /// Law of the deviations.
    pub shape: Shape,
}

/// The law of a [`Distributed`] quantity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// `mean + sigma·N(0, 1)`.
    #[default]
    Normal,
    /// `mean·exp((sigma/mean)·N(0, 1))`: never changes sign.
    LogNormal,
    /// Uniform with the given standard deviation: `mean ± √3·sigma`.
    Uniform,
}

impl Distributed {
    /// The same value everywhere.
    pub const fn exact(mean: f64) -> Self {
        Self {
            mean,
            sigma: 0.0,
            shape: Shape::Normal,
        }
    }
}

/// A complete chip: every number that its transients, its read-outs, its clock and its energy ledger
/// need. Imperfections are zero, or `None`, where they are switched off.
///
/// ```
/// use analog_substrate::{chip::Design, hw_spec::Spec};
///
/// let design = Spec::load("D3")?.design();
/// // τ = C/g, and no imperfection of `ideal`.
/// assert_eq!(design.time_constant(), design.node.capacitance.mean / design.node.unit_conductance);
/// assert!(design.is_noisy() && !Design::ideal().is_noisy());
/// # Ok::<(), analog_substrate::hw_spec::SpecError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Design {
    /// Name of the spec.
    pub name: String,
    /// Circuit of the hidden nodes; `None`: whichever the model was trained for.
    pub cell: Option<Cell>,
    /// The nodes.
    pub node: NodeDesign,
    /// The coupling conductances.
    pub crossbar: Crossbar,
    /// The arrays of devices that hold the couplings; none: couplings are what they are asked to be.
    pub arrays: Option<ArrayDesign>,
    /// The activation amplifier of a hidden node.
    pub activation: ActivationBlock,
    /// The spring of a visible node.
    pub spring: SpringDesign,
    /// What writes anchors and reads nodes.
    pub converters: Converters,
    /// Time that a relaxation costs beside itself.
    pub overheads: Overheads,
    /// Temperature and supply.
    pub environment: Environment,
}

/// `[node]`: a capacitor with a leak.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct NodeDesign {
    /// C of a hidden node, in farads. τ = C / g_unit.
    pub capacitance: Distributed,
    /// r = C_x / C_h of the visible nodes while they float (free-running generation); on a spring or
    /// clamped they have C.
    pub visible_ratio: f64,
    /// g_unit in siemens: stiffness 1.
    pub unit_conductance: f64,
    /// Leak of a node relative to g_unit (1 nominally).
    pub leak: Distributed,
    /// V_unit in volts: state 1.
    pub unit_voltage: f64,
}

/// `[crossbar]`: how couplings reach a node.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Crossbar {
    /// How their currents are summed.
    pub summing: Summing,
    /// γ: thermal noise of the coupling conductances relative to 4kT·g_unit·Σ|W|; 0 for noiseless
    /// couplings (SPICE's controlled sources).
    pub noise_factor: f64,
}

/// How the currents of a row of couplings are summed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Summing {
    /// At a virtual ground: couplings do not load the node.
    #[default]
    VirtualGround,
    /// On the node itself: its programmable leak is reduced by Σ|W|, so that the total stays g_unit.
    Loaded,
}

/// `[activation]`: the block that turns a node's voltage into its output.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ActivationBlock {
    /// Output relative to a(h) (1 nominally).
    pub gain: Distributed,
    /// Input-referred static offset in volts.
    pub offset: Distributed,
    /// Input-referred white noise density in V/√Hz (one-sided).
    pub noise_density: f64,
    /// Input-referred 1/f noise.
    pub flicker: Option<Flicker>,
    /// Largest output in volts: the output is `V_sat·tanh(y/V_sat)`; none: unlimited.
    pub saturation: Option<f64>,
    /// −3 dB frequency of the output in hertz: τ_a dy/dt = a(h) − y, τ_a = 1/(2πf); none: instant.
    pub bandwidth: Option<f64>,
}

/// Input-referred 1/f noise: one-sided density `K/f` V²/Hz between two frequencies, made of
/// Ornstein–Uhlenbeck processes with log-spaced rates.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Flicker {
    /// K in V²: the density times the frequency.
    pub coefficient: f64,
    /// Lowest frequency in hertz.
    pub low: f64,
    /// Highest frequency in hertz.
    pub high: f64,
}

/// `[spring]`: conductance from a visible node to the source at its anchor.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SpringDesign {
    /// λ in units of g_unit, if the chip fixes it; `None`: the model's.
    pub stiffness: Option<f64>,
    /// Conductance relative to its nominal value (1).
    pub mismatch: Distributed,
}

/// `[converters]`: what writes anchors and reads nodes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Converters {
    /// Resolution of the anchors' DAC in bits; none: exact.
    pub dac_bits: Option<u32>,
    /// The DAC spans ± this, in volts.
    pub dac_range: f64,
    /// Resolution of the read-out ADC in bits; none: exact.
    pub adc_bits: Option<u32>,
    /// The ADC spans ± this, in volts.
    pub adc_range: f64,
    /// Capacitance in farads that holds an anchor and freezes kT/C noise on it; none: no noise.
    pub hold_capacitance: Option<f64>,
    /// Rate at which a held anchor decays towards 0, in 1/s.
    pub droop: f64,
    /// Energy of one DAC conversion in joules.
    pub dac_energy: f64,
    /// Energy of one ADC conversion in joules.
    pub adc_energy: f64,
}

/// `[overheads]`: seconds per relaxation that are not relaxation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Overheads {
    /// Bringing nodes of capacitance C to where a cold start begins; a visible node that is to float
    /// takes r times as long.
    pub reset: f64,
    /// Writing the anchors on their hold capacitors.
    pub write: f64,
    /// Reading the nodes.
    pub read: f64,
}

/// `[environment]`
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Environment {
    /// T in kelvin.
    pub temperature: f64,
    /// Whether conductors make thermal noise.
    pub thermal_noise: bool,
    /// Bias power of the amplifiers of one hidden node, in watts.
    pub bias_power: f64,
    /// Bias power of the amplifiers of one visible node (summing, driving) relative to that.
    pub visible_bias: f64,
}

/// The Boltzmann constant in J/K (exact, SI 2019).
pub const BOLTZMANN: f64 = 1.380_649e-23;

impl Design {
    /// τ = C / g_unit in seconds.
    pub fn time_constant(&self) -> f64 {
        self.node.capacitance.mean / self.node.unit_conductance
    }

    /// g_unit·V_unit² in watts: power of one unit of E.
    pub fn unit_power(&self) -> f64 {
        self.node.unit_conductance * self.node.unit_voltage.powi(2)
    }

    /// C·V_unit² in joules.
    pub fn unit_energy(&self) -> f64 {
        self.node.capacitance.mean * self.node.unit_voltage.powi(2)
    }

    /// Whether anything fluctuates along a relaxation.
    pub fn is_noisy(&self) -> bool {
        self.thermal_variance() > 0.0
            || self.activation.noise_density > 0.0
            || self.activation.flicker.is_some()
    }

    /// The same circuit without what fluctuates, rounds or decays: thermal, white and 1/f noise, read noise of devices, kT/C and droop of
    /// held anchors, steps of converters. What is static stays: mismatch, offsets, errors of programming, wires.
    #[must_use]
    pub fn without_fluctuations(&self) -> Self {
        let mut quiet = self.clone();
        quiet.environment.thermal_noise = false;
        quiet.activation.noise_density = 0.0;
        quiet.activation.flicker = None;
        quiet.converters = Converters {
            dac_bits: None,
            adc_bits: None,
            hold_capacitance: None,
            droop: 0.0,
            ..quiet.converters
        };
        if let Some(arrays) = &mut quiet.arrays {
            arrays.effects.read_noise = false;
        }
        quiet
    }

    /// Θ = kT/(C·V_unit²): variance of a passive node in units of V_unit²; 0 without thermal noise.
    pub fn thermal_variance(&self) -> f64 {
        if self.environment.thermal_noise {
            BOLTZMANN * self.environment.temperature / self.unit_energy()
        } else {
            0.0
        }
    }
}

impl Design {
    /// Smallest difference of two readings of one sample that its chips resolve, in V_unit: a step of the ADC, or the thermal noise of
    /// a node; 0 without either.
    pub fn resolution(&self) -> f64 {
        let volt = self.node.unit_voltage;
        let quantum = self.converters.adc_bits.map_or(0.0, |bits| {
            2.0 * self.converters.adc_range / volt / (2.0_f64.powi(bits.cast_signed()) - 1.0)
        });
        quantum.max((2.0 * self.thermal_variance()).sqrt())
    }
}
