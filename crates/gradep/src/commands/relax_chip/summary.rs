//! What is said of a relaxation on a chip, in words and as JSON.

use super::{super::print_json, Run, diagnosis::DiagnosisOfRun};
use crate::{cli::RelaxArgs, commands::resolved::ResolvedChip, console, failure::Result};
use analog_substrate::{
    Cell, Scalar,
    chip::{Clock, Design, Integrator, Ledger, SettlingLimit},
    diagnose::energy_rises,
};
use gradep_core::{files::WritableElement, gradep::PhaseStatistics};
use ndarray::Axis;
use serde::Serialize;
use std::{
    io::{self, Write as _},
    path::Path,
};
use units::{Unit, words::counted};

/// Significant digits of times and energies.
const DIGITS: usize = 4;

#[derive(Serialize)]
pub(super) struct Summary {
    schema: u32,
    chip: String,
    cell: Cell,
    seed: u64,
    chips: usize,
    samples: usize,
    pub(super) integrator: Integrator,
    /// The step that was taken; none where each sample took its own.
    time_step_tau: Option<f64>,
    tau_s: f64,
    #[serde(flatten)]
    resolved: ResolvedChip,
    /// Samples whose residual fell to the limit and stayed at or below it.
    settled: usize,
    settled_below: f64,
    /// What noise alone makes of the residual of a network at rest; 0 without noise.
    noise_floor: f64,
    settling_s: Option<PhaseStatistics>,
    settling_per_sample_s: Vec<Option<f64>>,
    /// At the end.
    residual: PhaseStatistics,
    /// Recorded intervals in which the energy of the nominal network rose.
    energy_rises: usize,
    /// Per sample.
    clock: Clock,
    /// Per sample.
    ledger: Ledger,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) diagnosis: Option<DiagnosisOfRun>,
    #[serde(skip)]
    limit: SettlingLimit,
}

impl Summary {
    pub(super) fn new<R: Scalar + WritableElement>(
        run: &Run<R>,
        arguments: &RelaxArgs,
        design: &Design,
        cell: Cell,
        resolved: &ResolvedChip,
    ) -> Self {
        let settling = run.settling();
        let reached: Vec<f64> = settling.iter().copied().flatten().collect();
        let last = run.trace.time.len() - 1;
        let rises = run.energy.rows().into_iter();
        Self {
            schema: 1,
            chip: design.name.clone(),
            cell,
            seed: arguments.seed,
            chips: arguments.chips.get(),
            samples: run.trace.residual.nrows(),
            integrator: run.integrator,
            time_step_tau: run.trace.step,
            tau_s: run.tau,
            resolved: resolved.clone(),
            settled: reached.len(),
            settled_below: run.limit.residual,
            noise_floor: run.limit.noise_floor,
            settling_s: (!reached.is_empty()).then(|| PhaseStatistics::of(reached)),
            settling_per_sample_s: settling,
            residual: PhaseStatistics::of(run.trace.residual.index_axis(Axis(1), last).to_vec()),
            energy_rises: rises.map(|row| energy_rises(row).0).sum(),
            diagnosis: None,
            clock: run.clock,
            ledger: run.ledger,
            limit: run.limit,
        }
    }

    pub(super) fn print(&self, arguments: &RelaxArgs, ledger_file: Option<&Path>) -> Result<()> {
        if arguments.json {
            return print_json(self);
        }
        let mut out = console::text();
        let seconds = |value| Unit::Second.show(value, DIGITS);
        writeln!(
            out,
            "{} ({} cells), {} on {}, {}",
            self.chip,
            self.cell,
            counted(self.samples, "sample"),
            counted(self.chips, "chip"),
            match self.time_step_tau {
                Some(step) => format!("{} steps of {step:.4} tau", self.integrator.name()),
                None => format!("{} steps", self.integrator.name()),
            }
        )?;
        writeln!(
            out,
            "time      {} = {:.2} tau of relaxation, {} with overheads",
            seconds(self.clock.relaxation_s),
            self.clock.relaxation_tau,
            seconds(self.clock.total_s)
        )?;
        self.print_settling(&mut out)?;
        let ledger = &self.ledger;
        let joules = |value| Unit::Joule.show(value, DIGITS - 1);
        writeln!(
            out,
            "energy    {} per sample: leaks {}, springs {}, couplings {}, biases {}, amplifiers {}, \
             forced nodes {}, converters {}",
            Unit::Joule.show(ledger.total_j, DIGITS),
            joules(ledger.leak_j),
            joules(ledger.spring_j),
            joules(ledger.crossbar_j),
            joules(ledger.bias_j),
            joules(ledger.amplifiers_j),
            joules(ledger.forced_nodes_j),
            joules(ledger.dac_j + ledger.adc_j)
        )?;
        writeln!(
            out,
            "balance   closes to {:.1e}; the energy rose in {}",
            ledger.balance_error,
            counted(self.energy_rises, "recorded interval")
        )?;
        if let Some(diagnosis) = &self.diagnosis {
            diagnosis.print(&mut out)?;
        }
        if let (Some(trace), Some(ledger)) = (arguments.out.file(), ledger_file) {
            writeln!(out, "written   {}  {}", trace.display(), ledger.display())?;
        }
        Ok(())
    }

    fn print_settling(&self, out: &mut impl io::Write) -> io::Result<()> {
        let number = |value| Unit::One.show(value, 2);
        let to = if self.limit.is_noise_floor() {
            format!("to the noise floor of {}", number(self.settled_below))
        } else {
            format!("below {}", self.settled_below)
        };
        let seconds = |value| Unit::Second.show(value, DIGITS);
        match &self.settling_s {
            Some(settling) => writeln!(
                out,
                "settled   {} of {} {to}; median after {}, last after {}",
                self.settled,
                self.samples,
                seconds(settling.median),
                seconds(settling.largest)
            ),
            None => writeln!(
                out,
                "settled   none of {} {to}; residual {} in the median at the end",
                self.samples,
                number(self.residual.median)
            ),
        }
    }
}
