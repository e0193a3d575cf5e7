//! The physical clock and the energy ledger of what a chip did.

use super::{Design, transient::Work};
use crate::Layers;
use serde::{Deserialize, Serialize};
use std::fmt;
use units::Unit;

/// Digits of a total that is shown.
const SHOWN_DIGITS: usize = 4;

/// Time that passed on the chip, per sample.
///
/// ```
/// use analog_substrate::chip::Clock;
///
/// let clock = Clock { relaxation_s: 4e-6, read_s: 2e-8, total_s: 4.02e-6, ..Clock::default() };
/// assert_eq!(clock.to_string(), "4.02 us");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Clock {
    /// Relaxation in units of τ.
    pub relaxation_tau: f64,
    /// Relaxation in seconds.
    pub relaxation_s: f64,
    /// Bringing the nodes to their start; r times longer where visible nodes float on r times the
    /// capacitance.
    pub reset_s: f64,
    /// Writing anchors on their hold capacitors.
    pub write_s: f64,
    /// Reading nodes.
    pub read_s: f64,
    /// Everything.
    pub total_s: f64,
}

impl fmt::Display for Clock {
    /// All time, in a unit that suits it: `4.12 us`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Unit::Second.show(self.total_s, SHOWN_DIGITS))
    }
}

impl fmt::Display for Ledger {
    /// All energy, in a unit that suits it: `1.03 nJ`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Unit::Joule.show(self.total_j, SHOWN_DIGITS))
    }
}

impl Clock {
    /// The mean of several clocks; zeros of none.
    pub fn mean<'a>(clocks: impl ExactSizeIterator<Item = &'a Self>) -> Self {
        let share = 1.0 / clocks.len().max(1) as f64;
        clocks.fold(Self::default(), |mean, clock| Self {
            relaxation_tau: mean.relaxation_tau + share * clock.relaxation_tau,
            relaxation_s: mean.relaxation_s + share * clock.relaxation_s,
            reset_s: mean.reset_s + share * clock.reset_s,
            write_s: mean.write_s + share * clock.write_s,
            read_s: mean.read_s + share * clock.read_s,
            total_s: mean.total_s + share * clock.total_s,
        })
    }
}

/// Energy that the chip used, in joules per sample (mean over the batch), by cause.
///
/// ```
/// use analog_substrate::chip::Ledger;
///
/// let ledger = Ledger { leak_j: 1e-9, adc_j: 5e-10, total_j: 1.5e-9, ..Ledger::default() };
/// assert_eq!(ledger.to_string(), "1.5 nJ");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Ledger {
    /// ∫ g V² dt of the nodes' leaks.
    pub leak_j: f64,
    /// ∫ λg(V_x − V_t)² dt of springs and nudging conductances.
    pub spring_j: f64,
    /// ∫ Σ|W| g V² dt of the coupling conductances.
    pub crossbar_j: f64,
    /// ∫ Σ|b| g V_unit² dt of the bias conductances.
    pub bias_j: f64,
    /// Bias power of the amplifiers of hidden and visible nodes × time.
    pub amplifiers_j: f64,
    /// CV² of charging anchors' hold capacitors, and CΔV² of nodes that are forced to a start, each
    /// with the capacitance that it has (r·C of a visible node that is to float).
    pub forced_nodes_j: f64,
    /// DAC conversions.
    pub dac_j: f64,
    /// ADC conversions.
    pub adc_j: f64,
    /// Everything above.
    pub total_j: f64,
    /// Delivered to the nodes by couplings and biases (they pay the leaks, with the sources).
    pub delivered_by_couplings_j: f64,
    /// Delivered to the nodes by springs' and nudges' sources.
    pub delivered_by_sources_j: f64,
    /// Delivered to the nodes by noise currents.
    pub delivered_by_noise_j: f64,
    /// Gained by the nodes' capacitors.
    pub stored_j: f64,
    /// What the nodes' power balance misses, relative to the energies in it.
    pub balance_error: f64,
}

impl Ledger {
    /// The mean of several ledgers; zeros of none.
    pub fn mean<'a>(ledgers: impl ExactSizeIterator<Item = &'a Self>) -> Self {
        let share = 1.0 / ledgers.len().max(1) as f64;
        let mut mean = Self::default();
        for ledger in ledgers {
            for (to, from) in mean.entries_mut().into_iter().zip(ledger.entries()) {
                *to += share * from;
            }
        }
        mean
    }

    fn entries(&self) -> [f64; 14] {
        let mut copy = *self;
        copy.entries_mut().map(|entry| *entry)
    }

    fn entries_mut(&mut self) -> [&mut f64; 14] {
        [
            &mut self.leak_j,
            &mut self.spring_j,
            &mut self.crossbar_j,
            &mut self.bias_j,
            &mut self.amplifiers_j,
            &mut self.forced_nodes_j,
            &mut self.dac_j,
            &mut self.adc_j,
            &mut self.total_j,
            &mut self.delivered_by_couplings_j,
            &mut self.delivered_by_sources_j,
            &mut self.delivered_by_noise_j,
            &mut self.stored_j,
            &mut self.balance_error,
        ]
    }
}

/// Running totals, in units of τ and C·V_unit², per sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Account {
    /// Mean over samples of all transients' work.
    pub(super) work: Work,
    /// Time in τ.
    pub(super) time: f64,
    /// Cold starts, each weighted with the largest nominal capacitance that it charges, relative to C.
    pub(super) resets: f64,
    pub(super) writes: f64,
    pub(super) reads: f64,
    /// Anchor voltages written and node voltages read, per sample.
    pub(super) dac: f64,
    pub(super) adc: f64,
    /// Σ ΔV² of what was forced, in V_unit², weighted with its capacitance relative to C.
    pub(super) forced: f64,
}

impl Account {
    /// Adds the mean of some transients, each with what it took and its time in τ.
    pub(super) fn add<'a>(&mut self, transients: impl ExactSizeIterator<Item = (&'a Work, f64)>) {
        let share = 1.0 / transients.len().max(1) as f64;
        for (work, time) in transients {
            self.work.add_scaled(share, work);
            self.time += share * time;
        }
    }

    /// Adds a reading of `values` nodes.
    pub(super) fn read(&mut self, values: usize) {
        self.reads += 1.0;
        self.adc += values as f64;
    }

    pub(super) fn clock(&self, design: &Design) -> Clock {
        let mut clock = Clock {
            relaxation_tau: self.time,
            relaxation_s: self.time * design.time_constant(),
            reset_s: self.resets * design.overheads.reset,
            write_s: self.writes * design.overheads.write,
            read_s: self.reads * design.overheads.read,
            total_s: 0.0,
        };
        clock.total_s = clock.relaxation_s + clock.reset_s + clock.write_s + clock.read_s;
        clock
    }

    /// Powers are g_unit·V_unit² = C·V_unit²/τ: an integral over τ is in C·V_unit².
    pub(super) fn ledger(&self, design: &Design, layers: &Layers) -> Ledger {
        let unit = design.unit_energy();
        let work = &self.work;
        let hidden_nodes: usize = layers.sizes()[1..].iter().sum();
        let biased =
            hidden_nodes as f64 + design.environment.visible_bias * layers.visible() as f64;
        let mut ledger = Ledger {
            leak_j: unit * work.leak,
            spring_j: unit * work.spring,
            crossbar_j: unit * work.crossbar,
            bias_j: unit * work.bias,
            amplifiers_j: design.environment.bias_power * biased * self.clock(design).total_s,
            forced_nodes_j: unit * self.forced,
            dac_j: self.dac * design.converters.dac_energy,
            adc_j: self.adc * design.converters.adc_energy,
            total_j: 0.0,
            delivered_by_couplings_j: unit * work.couplings,
            delivered_by_sources_j: unit * work.source,
            delivered_by_noise_j: unit * work.noise,
            stored_j: unit * work.stored,
            balance_error: work.imbalance(),
        };
        ledger.total_j = ledger.leak_j
            + ledger.spring_j
            + ledger.crossbar_j
            + ledger.bias_j
            + ledger.amplifiers_j
            + ledger.forced_nodes_j
            + ledger.dac_j
            + ledger.adc_j;
        ledger
    }
}
