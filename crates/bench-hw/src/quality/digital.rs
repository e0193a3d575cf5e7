//! What the same samples cost on digital processors.

use super::{Digital, Trained};
use crate::generation::{Condition, GenerationError, generate_ideal};
use analog_substrate::Layers;
use gradep_core::generate::starting_noise;
use std::{fs, time::Instant};

/// Energy of one single-precision operation on a GPU that does nothing but operate, in joules: an
/// NVIDIA A100 (SXM4) at its peak of 19.5 TFLOP/s and its largest power of 400 W.
pub const JOULES_PER_OPERATION: f64 = 400.0 / 19.5e12;

/// Where [`JOULES_PER_OPERATION`] comes from, and what it leaves out.
pub const GPU_SOURCE: &str = "NVIDIA A100 Tensor Core GPU datasheet (SXM4): 400 W at 19.5 TFLOP/s of FP32, \
    so 20.5 pJ per operation at peak; leaves out that small products do not reach the peak, and host, \
    cooling and idle time: a lower bound";

/// Samples that are timed, and how often.
const TIMED_SAMPLES: usize = 64;
const REPEATS: usize = 3;

/// Operations of one sweep over the network: every coupling is multiplied and added once in each
/// direction, 4 Σ n_l n_{l+1}.
pub fn operations_per_sweep(layers: &Layers) -> f64 {
    let pairs = layers.sizes().windows(2);
    pairs.map(|pair| 4.0 * (pair[0] * pair[1]) as f64).sum()
}

impl Digital {
    /// Generates to `flow_time` with the settings of a model's run, on one thread, and counts.
    ///
    /// # Errors
    /// [`GenerationError`].
    pub fn measure(run: &Trained, flow_time: f64) -> Result<Self, GenerationError> {
        let condition = Condition::new(&run.sampling, run.relaxation.clone(), vec![flow_time]);
        let layers = run.model.couplings.layers();
        let noise = starting_noise(0, TIMED_SAMPLES, layers.visible());
        let timed = || {
            let repeats = (0..REPEATS).map(|_| {
                let begun = Instant::now();
                let generated = generate_ideal(&run.model, &condition, noise.clone(), 0, |_| true)?;
                Ok((begun.elapsed().as_secs_f64(), generated.costs[0].iterations))
            });
            repeats.collect::<Result<Vec<_>, GenerationError>>()
        };
        let timed = match rayon::ThreadPoolBuilder::new().num_threads(1).build() {
            Ok(one_thread) => one_thread.install(timed)?,
            // Where a thread cannot be had, those that there are take longer than one would.
            Err(_) => timed()?,
        };
        let fastest = timed.iter().map(|t| t.0).fold(f64::INFINITY, f64::min);
        let flops = timed[0].1 * operations_per_sweep(layers);
        Ok(Self {
            flow_time,
            cpu_seconds_per_sample: fastest / TIMED_SAMPLES as f64,
            cpu: processor(),
            flops_per_sample: flops,
            gpu_joules_per_sample: flops * JOULES_PER_OPERATION,
            gpu_energy_per_op_source: GPU_SOURCE.to_owned(),
        })
    }
}

/// What the system calls the processor, or the architecture.
fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == "model name").then(|| value.trim().to_owned())
    });
    name.unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}
