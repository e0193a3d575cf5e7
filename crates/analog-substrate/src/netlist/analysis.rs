//! What a deck runs, how exactly, and the table that it writes.

use super::{Circuit, NetlistError, check_positive, deck::Deck, node_name, wrong_value};
use crate::chip::BOLTZMANN;
use std::f64::consts::TAU;

/// SPICE counts temperatures from here, in kelvin.
const ZERO_CELSIUS: f64 = 273.15;

/// Frequencies of `.noise` relative to 1/(2πτ): the rates of these networks are 0.1 to 20 per τ, and
/// what lies outside is less than 1e-5 of their noise.
const NOISE_BAND: (f64, f64) = (1e-6, 1e6);

/// Points per decade of `.noise`, which integrates power laws between them.
const NOISE_POINTS: u32 = 20;

/// Digits after the point in tables: more than a path is good for, fewer than a double's 17.
const DIGITS: u32 = 12;

/// How exactly ngspice integrates in time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerances {
    /// Longest step in units of τ (`tmax`), also the first step's scale (`tstep`).
    pub step: f64,
    /// Relative tolerance of Newton's method and of the local truncation error (`reltol`).
    pub relative: f64,
}

impl Default for Tolerances {
    /// Paths to about 1e-5 of full scale.
    fn default() -> Self {
        Self {
            step: 0.1,
            relative: 1e-6,
        }
    }
}

/// Share of the duration at which a table is complete.
const COMPLETE: f64 = 1.0 - 1e-6;

/// What a deck runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Analysis {
    /// The waveforms of all nodes.
    Transient {
        /// Seconds.
        duration: f64,
        /// How exactly.
        tolerances: Tolerances,
    },
    /// The same with thermal noise (SPICE's resistors make none in a transient): a current source
    /// `TRNOISE` per node, whose values follow each other linearly. Interpolation is a low pass: the
    /// variance of a mode of rate m is lower by the mean of 1 − e^(−m|u|), u = noise_step × the sum of
    /// four uniform numbers in ±½, about 0.47·m·noise_step.
    Noisy {
        /// Seconds.
        duration: f64,
        /// How exactly.
        tolerances: Tolerances,
        /// Seconds between the independent values of a noise source.
        noise_step: f64,
        /// Of ngspice's generator.
        seed: u32,
    },
    /// Thermal noise around the equilibrium next to [`Circuit::start`]: per node the standard
    /// deviation, integrated over all frequencies. Controlled sources are noiseless.
    Noise,
}

impl Analysis {
    /// What is in the table.
    pub(super) fn table(&self) -> &'static str {
        match self {
            Self::Transient { .. } | Self::Noisy { .. } => {
                "time in seconds, then x_0 .., h1_0 .., h2_0 .. (names in the first line)"
            }
            Self::Noise => "per line a node and its rms noise",
        }
    }

    pub(super) fn check(&self) -> Result<(), NetlistError> {
        let (Self::Transient {
            duration,
            tolerances,
        }
        | Self::Noisy {
            duration,
            tolerances,
            ..
        }) = self
        else {
            return Ok(());
        };
        check_positive("the duration in seconds", *duration)?;
        check_positive("the longest step in units of tau", tolerances.step)?;
        if !(1e-12..1.0).contains(&tolerances.relative) {
            let expected = "1e-12 to 1";
            return Err(wrong_value("reltol", tolerances.relative, expected));
        }
        match self {
            Self::Noisy { noise_step, .. } => check_positive("the noise step", *noise_step),
            _ => Ok(()),
        }
    }
}

impl Circuit<'_> {
    /// Options, initial conditions, and the commands that run the analysis and write the table.
    pub(super) fn analysis(&self, deck: &mut Deck, analysis: &Analysis, table: &str) {
        let states = self.start();
        let names: Vec<String> = (0..states.len())
            .flat_map(|l| (0..states[l].len()).map(move |i| node_name(l, i)))
            .collect();
        let volts = self.design.node.unit_voltage;
        let values: Vec<String> = names
            .iter()
            .zip(states.iter().flatten())
            .map(|(name, state)| format!("v({name})={:e}", state * volts))
            .collect();
        match *analysis {
            Analysis::Transient {
                duration,
                tolerances,
            } => {
                self.transient(deck, duration, tolerances, &values, &names);
                self.transient_commands(deck, (None, duration), &names, table);
            }
            Analysis::Noisy {
                duration,
                tolerances,
                noise_step,
                seed,
            } => {
                self.noise_sources(deck, noise_step);
                self.transient(deck, duration, tolerances, &values, &names);
                self.transient_commands(deck, (Some(seed), duration), &names, table);
            }
            Analysis::Noise => {
                self.options(deck, Tolerances::default().relative);
                deck.list(".nodeset", &values);
                self.noise_commands(deck, &names, table);
            }
        }
        deck.line(format_args!(".end"));
    }

    /// Tolerances in keeping with the circuit's own scales. ngspice's defaults are for volts and
    /// milliamperes: its `chgtol`, 1e-14 C, is the whole charge of a node of 100 fF at 0.1 V and
    /// would switch the error control off; its `gmin`, 1e-12 S, shows at a conductance of 1 µS.
    fn options(&self, deck: &mut Deck, relative: f64) {
        let node = &self.design.node;
        let celsius = self.design.environment.temperature - ZERO_CELSIUS;
        deck.line(format_args!(
            ".options reltol={relative:e} vntol={:e} abstol={:e} chgtol={:e} trtol=1 gmin=1e-18",
            node.unit_voltage * relative * 1e-3,
            node.unit_conductance * node.unit_voltage * relative * 1e-3,
            node.capacitance.mean * node.unit_voltage * 1e-10,
        ));
        deck.line(format_args!(
            ".options temp={celsius:e} tnom={celsius:e} itl4=100 method={}",
            if self.is_stiff() { "gear" } else { "trap" },
        ));
    }

    fn transient(
        &self,
        deck: &mut Deck,
        duration: f64,
        tolerances: Tolerances,
        start: &[String],
        names: &[String],
    ) {
        self.options(deck, tolerances.relative);
        let step = tolerances.step * self.design.time_constant();
        deck.line(format_args!(".tran {step:e} {duration:e} 0 {step:e} uic"));
        // Capacitors know their start, but tables show it only where the node does too.
        deck.list(".ic", start);
        deck.list(".save", names);
    }

    /// States are divided by V_unit in place, so that the table's columns keep the nodes' names. ngspice
    /// that stops on the way ("timestep too small") says so and goes on to the next command: a table
    /// that ends early ends in status 1.
    fn transient_commands(
        &self,
        deck: &mut Deck,
        (seed, duration): (Option<u32>, f64),
        names: &[String],
        table: &str,
    ) {
        deck.line(format_args!(".control"));
        if let Some(seed) = seed {
            deck.line(format_args!("setseed {seed}"));
        }
        deck.line(format_args!("set wr_singlescale"));
        deck.line(format_args!("set wr_vecnames"));
        deck.line(format_args!("set numdgt={DIGITS}"));
        deck.line(format_args!("run"));
        deck.line(format_args!("let reached = time[length(time)-1]"));
        for name in names {
            let volts = self.design.node.unit_voltage;
            deck.line(format_args!("let {name} = {name}/{volts:e}"));
        }
        deck.line(format_args!("wrdata $inputdir/{table} {}", names.join(" ")));
        deck.line(format_args!("rusage all"));
        deck.line(format_args!("if reached < {:e}", duration * COMPLETE));
        deck.line(format_args!(
            "echo error: {table} ends at $&reached s of {duration:e} s, where ngspice stopped"
        ));
        deck.line(format_args!("quit 1"));
        deck.line(format_args!("end"));
        deck.line(format_args!("quit 0"));
        deck.line(format_args!(".endc"));
    }

    /// White current noise of density 4kTG on every node: values of standard deviation
    /// √(2kTG/Δ) at intervals Δ have that density at low frequencies.
    fn noise_sources(&self, deck: &mut Deck, step: f64) {
        deck.comment("thermal noise of leaks, springs and couplings");
        let environment = &self.design.environment;
        for (layer, &size) in self.couplings.layers().sizes().iter().enumerate() {
            for index in 0..size {
                let spring = if layer == 0 {
                    self.spring(index) + self.visible_leak(index)
                } else {
                    0.0
                };
                let siemens =
                    (self.instance.leak[layer][index] + spring) * self.design.node.unit_conductance;
                let rms = (2.0 * BOLTZMANN * environment.temperature * siemens / step).sqrt();
                let name = node_name(layer, index);
                deck.line(format_args!(
                    "In_{name} 0 {name} dc 0 trnoise({rms:e} {step:e} 0 0)"
                ));
            }
        }
    }

    /// One `.noise` per node. It wants an input source, which does nothing else.
    fn noise_commands(&self, deck: &mut Deck, names: &[String], table: &str) {
        let corner = 1.0 / (TAU * self.design.time_constant());
        let (low, high) = (NOISE_BAND.0 * corner, NOISE_BAND.1 * corner);
        let volts = self.design.node.unit_voltage;
        // Into a node that answers: a source holds the others.
        let visible = 0..self.anchor.len();
        let moving = visible.into_iter().find(|&index| !self.is_held(index));
        let input = moving.map_or_else(|| node_name(1, 0), |index| node_name(0, index));
        deck.line(format_args!("Iinput 0 {input} dc 0 ac 1"));
        deck.line(format_args!(".control"));
        deck.line(format_args!("set numdgt={DIGITS}"));
        deck.line(format_args!("echo node rms > $inputdir/{table}"));
        for name in names {
            deck.line(format_args!(
                "noise v({name}) Iinput dec {NOISE_POINTS} {low:e} {high:e}"
            ));
            deck.line(format_args!("let rms = onoise_total/{volts:e}"));
            deck.line(format_args!("echo {name} $&rms >> $inputdir/{table}"));
            deck.line(format_args!("destroy all"));
        }
        deck.line(format_args!("quit 0"));
        deck.line(format_args!(".endc"));
    }
}
