//! The chip as a SPICE netlist: the same network out of elements that an independent simulator knows.
//!
//! Decks are for ngspice (39 or later): `ngspice -b deck.cir` writes a table beside the deck. All
//! elements are in SI units. Node names: `x_0` …, `h1_0` …, `h2_0` … are the states (of a resistive
//! cell the outputs y), `a_h1_0` the activation's output, `z_h1_0` the summed input of a gradient
//! cell, `s_x_0` the spring's source, `p_…` and `n_…` the drivers of resistive couplings, `d_…` those of
//! arrays of devices, whose own nodes begin with `w` (weights) and `b` (biases).
//!
//! Not in a deck: converters (DAC, ADC, hold and droop), 1/f and amplifier noise, the energy ledger.

mod analysis;
mod cells;
mod couplings;
mod crossbar;
mod deck;
mod devices;
mod functions;
#[cfg(test)]
mod tests;

pub use analysis::{Analysis, Tolerances};
pub use crossbar::{DrivenCrossbar, crossbar_deck};
pub use devices::DeviceArrays;
use units::fault::{Blame, Fault};

use crate::{
    Activation, Cell, CellError, Couplings,
    chip::{Design, Instance, Summing},
    wires::WiresError,
};
use couplings::Loads;
use deck::Deck;

/// How couplings are made of elements. Ideal couplings of either style give the same waveforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CouplingStyle {
    /// One voltage-controlled current source per weight and direction: summing at a virtual ground.
    Behavioural,
    /// One resistor per weight and direction, `A/(g_unit·|W|)` from a driver at +A or −A times the
    /// output (the other half of the differential pair is off). The node's leak is reduced by
    /// Σ|W|/A, so that its total conductance is what it was.
    Resistors,
    /// The arrays themselves: a resistor per device and per segment of a line, [`Circuit::arrays`].
    Devices,
}

impl From<Summing> for CouplingStyle {
    fn from(summing: Summing) -> Self {
        match summing {
            Summing::VirtualGround => Self::Behavioural,
            Summing::Loaded => Self::Resistors,
        }
    }
}

/// What the visible nodes are connected to, besides the network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum VisibleNodes {
    /// A spring of conductance λ·g_unit to a source at the anchor.
    Spring {
        /// λ > 0.
        stiffness: f64,
    },
    /// Nothing: free-running generation, the nodes float on C_x = r·C.
    Floating {
        /// r > 0.
        ratio: f64,
    },
}

/// One sample's circuit: a network on one chip, and the state that its transient starts from.
#[derive(Clone, Copy, Debug)]
pub struct Circuit<'a> {
    /// The physical numbers.
    pub design: &'a Design,
    /// The static deviations of this chip ([`Instance::nominal`] for none).
    pub instance: &'a Instance,
    /// Biases and weights, as layers receive them from below.
    pub couplings: &'a Couplings<f64>,
    /// Weights as layers receive them from above; none: the same.
    pub down: Option<&'a Couplings<f64>>,
    /// Nonlinearity of the hidden nodes.
    pub activation: Activation,
    /// Circuit of the hidden nodes.
    pub cell: Cell,
    /// How couplings are made of elements.
    pub style: CouplingStyle,
    /// The arrays of a circuit whose couplings are devices.
    pub arrays: Option<DeviceArrays<'a>>,
    /// Spring or nothing.
    pub visible: VisibleNodes,
    /// x_t, `[n_0]`: the sources of the springs, and where x starts.
    pub anchor: &'a [f64],
    /// Which visible nodes a voltage source holds at their anchors in place of a spring, `[n_0]`; empty: none.
    pub held: &'a [bool],
    /// Node states at time 0 in units of V_unit, `[n_l]` per layer, y for a resistive cell; none:
    /// x at the anchor, h = 0 or its nearest edge, y = a(0).
    pub start: Option<&'a [Vec<f64>]>,
}

/// A circuit that cannot be written down.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NetlistError {
    /// The cell does not take the activation.
    #[error("{0}")]
    Cell(#[from] CellError),
    /// Couplings are to be devices, and the chip has none.
    #[error(
        "couplings as devices: the chip has no arrays of devices; name a device, such as -s device=pcm"
    )]
    NoDevices,
    /// Couplings are to be devices that are no resistors.
    #[error(
        "couplings as devices: {0} is not ohmic, and a deck has resistors; -s array.nonlinearity=false"
    )]
    NotOhmic(String),
    /// Couplings are to be devices, and there are no arrays of them for one that is not dense.
    #[error("couplings as devices: {0} is not dense, and arrays are")]
    NotDense(String),
    /// Couplings of the two directions belong to different networks.
    #[error("the couplings downwards are of another network than those upwards")]
    OtherDirection,
    /// A crossbar that cannot be.
    #[error("{0}")]
    Wires(#[from] WiresError),
    /// A vector that does not fit the network.
    #[error("{what} has {found} values; the network has {expected} nodes there")]
    Length {
        /// Which vector.
        what: String,
        /// Its length.
        found: usize,
        /// The layer's size.
        expected: usize,
    },
    /// A value that no element can have.
    #[error("{what} is {value:e}; expected {expected}")]
    Value {
        /// Which quantity.
        what: String,
        /// What it is.
        value: f64,
        /// What it may be.
        expected: &'static str,
    },
    /// A file name that ngspice's command language would take apart.
    #[error(
        "the table's name {0:?} cannot stand in a deck; use letters, digits, '.', '_', '-' and '+' only"
    )]
    FileName(String),
}

impl Blame for NetlistError {
    fn fault(&self) -> Fault {
        match self {
            Self::Cell(cause) => cause.fault(),
            Self::Wires(cause) => cause.fault(),
            Self::NoDevices
            | Self::NotDense(_)
            | Self::OtherDirection
            | Self::NotOhmic(_)
            | Self::Length { .. }
            | Self::Value { .. }
            | Self::FileName(_) => Fault::Input,
        }
    }
}

impl Circuit<'_> {
    /// The deck that runs `analysis` and writes its table to `table`, a file name in the deck's own
    /// folder.
    ///
    /// # Errors
    /// [`NetlistError`]
    pub fn deck(&self, analysis: &Analysis, table: &str) -> Result<String, NetlistError> {
        self.check()?;
        check_table(table)?;
        analysis.check()?;
        let loads = Loads::new(self);
        let mut deck = Deck::default();
        self.header(&mut deck, analysis, table, &loads);
        functions::write(&mut deck, self.activation, self.cell);
        self.nodes(&mut deck, &loads)?;
        self.hidden_cells(&mut deck, &loads)?;
        self.couplings(&mut deck, &loads)?;
        self.analysis(&mut deck, analysis, table);
        Ok(deck.into_text())
    }

    /// State of every node at time 0 in units of V_unit, per layer.
    pub fn start(&self) -> Vec<Vec<f64>> {
        if let Some(start) = self.start {
            return start.to_vec();
        }
        let rest = match self.cell {
            Cell::Resistive => self.activation.derivatives(0.0).0,
            Cell::Gradient | Cell::Hopfield => 0.0,
        };
        let volts = self.design.node.unit_voltage;
        let at_rest = |layer: usize, index: usize| match self.edges(layer, index) {
            Some((low, high)) => rest.clamp(low / volts, high / volts),
            None => rest,
        };
        let hidden = self.couplings.layers().sizes().iter().enumerate().skip(1);
        std::iter::once(self.anchor.to_vec())
            .chain(hidden.map(|(l, &n)| (0..n).map(|i| at_rest(l, i)).collect()))
            .collect()
    }

    fn check(&self) -> Result<(), NetlistError> {
        self.cell.check(self.activation)?;
        let sizes = self.couplings.layers().sizes();
        let finite = |what: &str, values: &[f64]| {
            let wrong = values.iter().copied().find(|v| !v.is_finite());
            wrong.map_or(Ok(()), |value| Err(wrong_value(what, value, "finite")))
        };
        check_length("the anchor", self.anchor.len(), sizes[0])?;
        finite("a value of the anchor", self.anchor)?;
        if !self.held.is_empty() {
            check_length("the mask of held nodes", self.held.len(), sizes[0])?;
        }
        finite("a coupling", self.couplings.flat())?;
        if self
            .down
            .is_some_and(|down| down.topology() != self.couplings.topology())
        {
            return Err(NetlistError::OtherDirection);
        }
        if let (CouplingStyle::Devices, Some((_, coupling))) =
            (self.style, self.couplings.topology().first_open())
        {
            return Err(NetlistError::NotDense(format!("{coupling:?}")));
        }
        if let Some(start) = self.start {
            check_length("the list of start states", start.len(), sizes.len())?;
            for (l, (layer, &size)) in start.iter().zip(sizes).enumerate() {
                check_length(&format!("start state of layer {l}"), layer.len(), size)?;
                finite("a start state", layer)?;
            }
        }
        match self.visible {
            VisibleNodes::Spring { stiffness } => check_positive("spring stiffness", stiffness),
            VisibleNodes::Floating { ratio } => check_positive("ratio C_x/C", ratio),
        }
    }

    /// What a reader of the deck needs to know. SPICE takes the first line as the title.
    fn header(&self, deck: &mut Deck, analysis: &Analysis, table: &str, loads: &Loads) {
        let Design { name, node, .. } = self.design;
        let sizes = self.couplings.layers().sizes();
        let shape = sizes.iter().map(ToString::to_string).collect::<Vec<_>>();
        let stem = table.strip_suffix(".txt").unwrap_or(table);
        deck.comment(&format!(
            "gradep netlist: {} network, {} cell, {}, spec '{name}'",
            shape.join("-"),
            self.cell,
            self.activation,
        ));
        deck.comment(&format!(
            "run: ngspice -b {stem}.cir   writes {table} beside the deck: {}",
            analysis.table()
        ));
        deck.comment(
            "units: SI (volts, amperes, ohms, farads, seconds); the table's states are V/V_unit",
        );
        deck.comment(&format!(
            "V_unit = {:e} V, g_unit = {:e} S, C = {:e} F, tau = C/g_unit = {:e} s",
            node.unit_voltage,
            node.unit_conductance,
            node.capacitance.mean,
            self.design.time_constant()
        ));
        match self.visible {
            VisibleNodes::Spring { stiffness } => {
                deck.comment(&format!(
                    "visible nodes: spring of {stiffness} g_unit to the anchor"
                ));
            }
            VisibleNodes::Floating { ratio } => {
                deck.comment(&format!(
                    "visible nodes: floating on {ratio} C, from the anchor"
                ));
            }
        }
        let held = self.held.iter().filter(|held| **held).count();
        if held > 0 {
            deck.comment(&format!(
                "held nodes: {held} of {} visible nodes on voltage sources",
                sizes[0]
            ));
        }
        match self.style {
            CouplingStyle::Behavioural => {
                deck.comment("couplings: controlled sources into a virtual ground");
            }
            CouplingStyle::Devices => deck.comment(
                "couplings: a resistor per device and per segment of a line, currents into ammeters",
            ),
            CouplingStyle::Resistors => deck.comment(&format!(
                "couplings: resistors from drivers at +-{} times the output, leaks reduced by their sum",
                loads.driver_gain
            )),
        }
        deck.comment("not modelled here: converters, droop, 1/f and amplifier noise");
    }
}

/// Name of the state node `index` of layer `layer`.
pub fn node_name(layer: usize, index: usize) -> String {
    match layer {
        0 => format!("x_{index}"),
        _ => format!("h{layer}_{index}"),
    }
}

fn check_table(table: &str) -> Result<(), NetlistError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-+".contains(c);
    if table.is_empty() || table.starts_with('-') || !table.chars().all(plain) {
        return Err(NetlistError::FileName(table.to_owned()));
    }
    Ok(())
}

fn wrong_value(what: &str, value: f64, expected: &'static str) -> NetlistError {
    NetlistError::Value {
        what: what.to_owned(),
        value,
        expected,
    }
}

fn check_positive(what: &str, value: f64) -> Result<(), NetlistError> {
    if value > 0.0 && value.is_finite() {
        Ok(())
    } else {
        Err(wrong_value(what, value, "a finite number above 0"))
    }
}

fn check_length(what: &str, found: usize, expected: usize) -> Result<(), NetlistError> {
    if found == expected {
        Ok(())
    } else {
        Err(NetlistError::Length {
            what: what.to_owned(),
            found,
            expected,
        })
    }
}
