//! `--diagnose`: how every sample relaxed, and what each imperfection alone does to it.

use super::Run;
use crate::failure::Result;
use analog_substrate::{
    Scalar,
    chip::{Design, Network, TransientSettings},
    diagnose::{Diagnosis, Effect, Tail, attribute, diagnose},
    hw_spec::Spec,
};
use gradep_core::files::Model;
use serde::Serialize;
use std::io;
use units::Unit;

/// What is written under `diagnosis`.
#[derive(Serialize)]
pub(super) struct DiagnosisOfRun {
    samples: Vec<Diagnosis>,
    effects: Vec<Effect>,
    tau_s: f64,
}

impl DiagnosisOfRun {
    /// Relaxes again with every imperfection alone.
    pub(super) fn of<R: Scalar>(
        run: &Run<R>,
        model: &Model<R>,
        spec: &Spec,
        settings: TransientSettings,
        relax: impl Fn(&Design) -> Result<Run<R>>,
    ) -> Result<Self> {
        let network = Network::from(model);
        let again = |design: &Design| relax(design).map(|run| (run.trace, run.energy));
        Ok(Self {
            samples: diagnose(&spec.design(), &settings, &network, &run.trace, &run.energy),
            effects: attribute(spec, &settings, &network, again)?,
            tau_s: run.tau,
        })
    }

    /// A frequency in words from one in radians per τ.
    fn frequency(&self, angular: f64) -> String {
        Unit::Hertz.show(angular / std::f64::consts::TAU / self.tau_s, 4)
    }

    /// A line on the tails, one on ringing, and a table of imperfections.
    pub(super) fn print(&self, out: &mut impl io::Write) -> io::Result<()> {
        let all = self.samples.len();
        let tails = [
            (Tail::Decays, "still decay"),
            (Tail::Noise, "end in noise, which hides slower modes"),
            (Tail::Precision, "end at the precision of the computation"),
            (Tail::Oscillates, "keep oscillating"),
            (Tail::Stands, "stand on a plateau"),
            (Tail::RanAway, "ran away"),
            (Tail::TooShort, "have too few recorded instants"),
        ];
        let counts = tails.iter().filter_map(|(tail, text)| {
            let count = self.samples.iter().filter(|s| s.tail == *tail).count();
            (count > 0).then(|| format!("{count} {text}"))
        });
        let counts: Vec<_> = counts.collect();
        writeln!(out, "tail      of {all} samples {}", counts.join(", "))?;
        let ringing = self.samples.iter().filter_map(|s| s.ringing);
        let most = ringing.max_by(|a, b| a.overshoot.total_cmp(&b.overshoot));
        match most {
            Some(mode) => writeln!(
                out,
                "ringing   modes of {} of {all} samples; at most {} with overshoots of {:.1} %",
                self.samples.iter().filter(|s| s.ringing.is_some()).count(),
                self.frequency(mode.angular_frequency),
                100.0 * mode.overshoot
            )?,
            None => writeln!(out, "ringing   no mode")?,
        }
        let swings = self.samples.iter().filter_map(|s| s.oscillation);
        if let Some(swing) = swings.max_by_key(|swing| swing.turns) {
            writeln!(
                out,
                "swings    {} to and fro at {}, {} turns; decay at {:.2} per tau",
                super::name(swing.layer, swing.unit),
                self.frequency(swing.angular_frequency),
                swing.turns,
                swing.damping
            )?;
        }
        writeln!(
            out,
            "\n{:<28} {:>9} {:>9} {:>7} {:>10} {:>8} {:>8} {:>8} {:>9}",
            "only this imperfection",
            "shift x",
            "shift h",
            "rises",
            "largest W",
            "ringing",
            "settled",
            "to noise",
            "rate tau"
        )?;
        for effect in &self.effects {
            let rate = effect
                .slowest_rate
                .map_or_else(|| "-".to_owned(), |rate| format!("{rate:.3}"));
            writeln!(
                out,
                "{:<28} {:>9.2e} {:>9.2e} {:>7} {:>10.2e} {:>8} {:>8} {:>8} {:>9}",
                effect.imperfection,
                effect.shift_x,
                effect.shift_hidden,
                effect.energy_rises,
                effect.largest_rise_w,
                effect.ringing,
                effect.settled,
                effect.noise_limited,
                rate
            )?;
        }
        writeln!(
            out,
            "shifts: rms at the end against none of them, in V_unit; ringing, settled, to noise: samples\n"
        )
    }
}
