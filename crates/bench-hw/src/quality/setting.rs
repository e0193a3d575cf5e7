//! Ways of generating, one for each combination of what is varied.

use crate::generation::{Condition, Mode};
use analog_substrate::{
    Relaxation,
    chip::{Design, Duration, NoiseRamp, TransientSettings},
};
use gradep_core::{
    config::{FlowMethod, SamplingConfig},
    objective::ObjectiveKind,
};
use serde_json::{Map, Value, json};

/// Flow times of a curve, unless told otherwise: close together where quality is best.
pub const DEFAULT_TIMES: [f64; 13] = [
    0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.5, 1.7, 2.0, 2.5, 3.0,
];

/// Flow times that a field which comes to rest is looked at beside: it is best late, and stays.
const LATE_TIMES: [f64; 5] = [4.0, 5.0, 6.5, 8.0, 10.0];

/// Steps of x per unit of flow time on a chip that is stepped, unless told otherwise: the fewest with
/// which Euler's method is within a standard deviation over seeds of many (10 to 20 steps up to 1.2).
const STEPS_PER_TIME: f64 = 10.0;

/// The [`DEFAULT_TIMES`] up to `until`, which is the last: of flow matching the last of them unless it is given. A field that
/// comes to rest is followed until then, at times that are far apart late.
pub fn default_times(until: Option<f64>, objective: ObjectiveKind) -> Vec<f64> {
    let (late, end) = match objective.rest() {
        None => (&[][..], DEFAULT_TIMES[DEFAULT_TIMES.len() - 1]),
        Some(rest) => (&LATE_TIMES[..], rest),
    };
    let until = until.unwrap_or(end);
    let all = DEFAULT_TIMES.iter().chain(late).copied();
    let mut times: Vec<f64> = all.filter(|&t| t < until).collect();
    times.push(until);
    times
}

/// A chip's design with its name.
#[derive(Clone, Debug)]
pub struct ChipDesign {
    /// As figures show it.
    pub name: String,
    /// Values that were set on top of the spec, `key=value`.
    pub overrides: Vec<String>,
    /// All its numbers.
    pub design: Design,
}

/// What is varied. Every combination that makes a difference is a setting.
#[derive(Clone, Debug)]
pub struct Axes {
    /// Chips; modes with a chip need one.
    pub chips: Vec<ChipDesign>,
    /// How the flow is integrated.
    pub modes: Vec<Mode>,
    /// Stepped and clamped: whether hidden nodes stay where the last relaxation left them.
    pub warm: Vec<bool>,
    /// Stepped and clamped: time that each velocity gets.
    pub settle: Vec<Duration>,
    /// Stepped and clamped: steps of x up to the last time; none: `STEPS_PER_TIME` per unit of time.
    pub steps: Vec<usize>,
    /// Free: r = C_x/C_h; none: as the chip's design says.
    pub ratios: Vec<f64>,
    /// Free: how long hidden nodes settle under the noise.
    pub presettle: Duration,
    /// Free: how much stronger thermal noise is than that of the circuit by itself.
    pub noise: NoiseRamp,
    /// How transients are computed.
    pub transients: TransientSettings,
    /// Flow times, ascending.
    pub times: Vec<f64>,
}

/// A way of generating. Its curves make one band.
#[derive(Clone, Debug)]
pub struct Setting {
    /// As legends show it.
    pub label: String,
    /// The chip; none: exact equilibria.
    pub chip: Option<ChipDesign>,
    /// How the flow is integrated.
    pub mode: Mode,
    warm: bool,
    settle: Duration,
    steps: Option<usize>,
    ratio: Option<f64>,
    presettle: Duration,
    noise: NoiseRamp,
    transients: TransientSettings,
    times: Vec<f64>,
}

impl Axes {
    /// All settings, exact equilibria first: they are always there to compare with.
    pub fn settings(&self) -> Vec<Setting> {
        let mut settings = vec![self.ideal()];
        for chip in &self.chips {
            for &mode in &self.modes {
                match mode {
                    Mode::Ideal => {}
                    Mode::Free => settings.extend(self.free(chip)),
                    Mode::Stepped | Mode::Clamped => settings.extend(self.stepped(chip, mode)),
                }
            }
        }
        settings
    }

    fn ideal(&self) -> Setting {
        Setting {
            label: "exact equilibria".to_owned(),
            chip: None,
            mode: Mode::Ideal,
            warm: false,
            settle: self.presettle,
            steps: None,
            ratio: None,
            presettle: self.presettle,
            noise: NoiseRamp::NONE,
            transients: self.transients,
            times: self.times.clone(),
        }
    }

    fn free(&self, chip: &ChipDesign) -> Vec<Setting> {
        let ratios: Vec<f64> = if self.ratios.is_empty() {
            vec![chip.design.node.visible_ratio]
        } else {
            self.ratios.clone()
        };
        let amplified = if self.noise.is_none() {
            String::new()
        } else {
            format!(", noise gain {}", self.noise.gain)
        };
        let setting = |ratio: f64| Setting {
            label: format!("{} free, r = {ratio}{amplified}", chip.name),
            chip: Some(chip.clone()),
            mode: Mode::Free,
            ratio: Some(ratio),
            noise: self.noise,
            ..self.ideal()
        };
        ratios.into_iter().map(setting).collect()
    }

    fn stepped(&self, chip: &ChipDesign, mode: Mode) -> Vec<Setting> {
        let until = self.times.last().copied().unwrap_or_default();
        #[expect(clippy::cast_sign_loss, reason = "flow times are positive")]
        let steps = if self.steps.is_empty() {
            vec![(until * STEPS_PER_TIME).ceil() as usize]
        } else {
            self.steps.clone()
        };
        let mut settings = Vec::new();
        for &warm in &self.warm {
            for &steps in &steps {
                for &settle in &self.settle {
                    let start = if warm { "warm" } else { "cold" };
                    let times = multiples(&self.times, until / steps.max(1) as f64);
                    settings.push(Setting {
                        label: format!(
                            "{} {}, {start}, {} steps of {}",
                            chip.name,
                            mode.name(),
                            steps,
                            short(settle)
                        ),
                        chip: Some(chip.clone()),
                        mode,
                        warm,
                        settle,
                        steps: Some(steps),
                        times,
                        ..self.ideal()
                    });
                }
            }
        }
        settings
    }
}

/// As people write it: `30 τ`, `300 ns`.
fn short(duration: Duration) -> String {
    match duration {
        Duration::TimeConstants(number) => format!("{number} τ"),
        Duration::Seconds(seconds) => format!("{} ns", (seconds * 1e12).round() / 1e3),
    }
}

/// The multiples of `step` that are nearest to some times, each once and none of them 0.
fn multiples(times: &[f64], step: f64) -> Vec<f64> {
    let mut numbers: Vec<f64> = times.iter().map(|t| (t / step).round().max(1.0)).collect();
    numbers.dedup();
    // The last is the end itself, without the rounding of a division and a product.
    let end = times.last().copied().unwrap_or_default();
    let last = numbers.len().saturating_sub(1);
    let places = numbers.into_iter().enumerate();
    places
        .map(|(i, n)| if i == last { end } else { n * step })
        .collect()
}

impl Setting {
    /// The condition under which a model generates whose run samples and relaxes like this.
    pub fn condition(&self, sampling: &SamplingConfig, relaxation: &Relaxation) -> Condition {
        let condition = Condition::new(sampling, relaxation.clone(), self.times.clone());
        let until = self.times.last().copied().unwrap_or_default();
        let step = self.steps.map(|steps| until / steps.max(1) as f64);
        Condition {
            mode: self.mode,
            step: step.unwrap_or(condition.step),
            warm: self.warm,
            settle: self.settle,
            ratio: self.ratio,
            presettle: self.presettle,
            noise: self.noise,
            transients: self.transients,
            ..condition
        }
    }

    /// Every knob by name, for a model whose run samples and relaxes like this; those that the mode does
    /// not have are left out.
    pub fn knobs(&self, sampling: &SamplingConfig, relaxation: &Relaxation) -> Map<String, Value> {
        let condition = self.condition(sampling, relaxation);
        let mut knobs = Map::new();
        let mut set = |name: &str, value: Value| {
            knobs.insert(name.to_owned(), value);
        };
        if self.mode != Mode::Free {
            set("method", json!(condition.method));
            set("step", json!(condition.step));
            if condition.method == FlowMethod::Adaptive {
                set("tolerance", json!(condition.tolerance));
            }
            if condition.stop_below > 0.0 {
                set("stop_below", json!(condition.stop_below));
            }
            if !condition.annealing.is_none() {
                set("temperature", json!(condition.annealing.temperature));
                set("cool_until", json!(condition.annealing.cool_until));
            }
        }
        let Some(chip) = &self.chip else {
            set("read_out", json!(condition.read_out));
            set("relaxation", json!(condition.relaxation));
            return knobs;
        };
        let transients = &condition.transients;
        set("overrides", json!(chip.overrides));
        set("integrator", json!(transients.integrator));
        set("time_step_tau", json!(transients.step));
        if transients.stop_when_settled {
            set("stop_when_settled", json!(true));
        }
        if self.mode == Mode::Free {
            set("ratio", json!(condition.ratio));
            let presettle = condition.presettle.time_constants(&chip.design);
            set("presettle_tau", json!(presettle));
            if !self.noise.is_none() {
                set("noise_gain", json!(self.noise.gain));
                set("noise_until", json!(self.noise.until));
            }
        } else {
            set("warm", json!(condition.warm));
            set("steps", json!(self.steps));
            let settle = condition.settle.time_constants(&chip.design);
            set("settle_tau", json!(settle));
            set("settled_below", json!(transients.settled_below));
        }
        knobs
    }

    /// Flow times of its points.
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// Integrator steps that a sample takes, relative to those of other settings: how long it computes.
    pub fn work(&self, sampling: &SamplingConfig) -> f64 {
        let until = self.times.last().copied().unwrap_or_default();
        let Some(chip) = &self.chip else {
            // A sweep to an equilibrium costs about as much as a step; some twenty make one.
            return 20.0 * until / sampling.step;
        };
        let tau = match self.mode {
            Mode::Free => 2.0 * self.ratio.unwrap_or(chip.design.node.visible_ratio) * until,
            _ => self.settle.time_constants(&chip.design) * self.steps.unwrap_or(1) as f64,
        };
        tau / self.transients.step
    }
}
