//! What one epoch costs and where it goes: relaxation per solver, estimate, assignment, whole
//! epochs, generation; each in wall seconds, and as a share of the processor's measured FLOP/s.
//!
//! `cargo bench -p gradep-core --bench speed`. Each figure is the best of several runs, since a
//! shared machine only ever adds time. The products of a relaxation sweep count
//! 2 Σ_l 2 n_l n_{l+1} FLOP per sample, those of a pairing 2 n² n_0; everything else is overhead.
#![expect(clippy::print_stdout, reason = "the table is the result")]
#![allow(missing_docs, reason = "a benchmark")]

use analog_substrate::{
    Drive, Ideal, Relaxation, SolverKind, Substrate, Visible,
    kernels::{SimdLevel, multiply_add_rounds},
};
use gradep_core::{
    config::{Config, FlowMethod, ReadOut},
    data::Dataset,
    flow::BatchSource,
    generate::{FlowSteps, Generator, starting_noise},
    objective::Examples,
    trainer::{TrainState, Trainer},
};
use std::time::Instant;

/// Epochs that bring the network to where most of the training happens.
const WARM_EPOCHS: u64 = 150;

fn main() {
    let level = SimdLevel::detect();
    let threads = rayon::current_num_threads();
    let peak =
        measure(5, || multiply_add_rounds(level, 20_000_000)).gflops(2.0 * 12.0 * 16.0 * 2e7);
    println!(
        "processor: {level}, {peak:.0} GFLOP/s per core measured, {threads} threads in the pool"
    );
    println!(
        "{:<34} {:>9} {:>9} {:>9} {:>9} {:>7}",
        "", "1 thread", "GFLOP/s", "of peak", "all", "gain"
    );
    let config = Config::preset("paper").expect("a built-in preset");
    let digits = Dataset::digits();
    let mut trainer = Trainer::new(&config, digits.images().clone()).expect("a valid preset");
    for _ in 0..WARM_EPOCHS {
        trainer.epoch().expect("training goes on");
    }
    let source = BatchSource::new(digits.images().clone(), config.flow.clone(), 1).expect("digits");
    let sample = source.epoch(0).expect("pairs");
    let bench = Bench {
        config,
        sample,
        peak,
    };
    for solver in [
        SolverKind::Explicit,
        SolverKind::Block,
        SolverKind::Anderson,
    ] {
        bench.relaxation(&trainer, solver);
    }
    bench.estimate(&trainer);
    row(
        "pairing (exact, 1,797 × 1,797)",
        &|| drop(source.epoch(7)),
        Some(bench.pairing_flop()),
        peak,
    );
    row(
        "learning the pairing potential",
        &|| drop(fresh(&source, digits.images())),
        None,
        peak,
    );
    bench.epoch(&mut trainer);
    bench.generation(&trainer);
}

fn fresh(_: &BatchSource, images: &ndarray::Array2<f32>) -> BatchSource {
    let config = Config::preset("paper").expect("a built-in preset");
    BatchSource::new(images.clone(), config.flow, 1).expect("digits")
}

struct Bench {
    config: Config,
    sample: Examples,
    peak: f64,
}

impl Bench {
    /// FLOP of the matrix products of one sweep of one sample.
    fn sweep_flop(&self) -> f64 {
        let sizes = self.config.network.layers.sizes();
        sizes.windows(2).map(|w| 4.0 * (w[0] * w[1]) as f64).sum()
    }

    /// FLOP of the inner products of all noise with all data.
    fn pairing_flop(&self) -> f64 {
        let (samples, pixels) = self.sample.anchor.dim();
        2.0 * (samples * samples * pixels) as f64
    }

    fn epoch(&self, trainer: &mut Trainer<Ideal<f32>>) {
        let state = trainer.state();
        let report = trainer.epoch().expect("training goes on");
        let sweeps = (report.free_sweeps + report.nudged_sweeps) * self.sample.times.len() as f64;
        let flop = sweeps * self.sweep_flop() + self.pairing_flop();
        let one = one_thread().install(|| ten_epochs(trainer, &state));
        let all = ten_epochs(trainer, &state);
        print_row("epoch of preset paper", &one, &all, Some(flop), self.peak);
    }

    fn substrate(&self, trainer: &Trainer<Ideal<f32>>, solver: SolverKind) -> Ideal<f32> {
        let relaxation = Relaxation {
            solver,
            ..self.config.relaxation.clone()
        };
        let layers = self.config.network.layers.clone();
        let mut substrate = Ideal::new(layers, self.config.network.activation(), relaxation);
        substrate
            .program(trainer.couplings())
            .expect("its own couplings");
        substrate
    }

    fn relaxation(&self, trainer: &Trainer<Ideal<f32>>, solver: SolverKind) {
        let substrate = self.substrate(trainer, solver);
        let visible = Visible::Spring {
            stiffness: self.config.spring.stiffness,
        };
        let drive = Drive {
            anchor: self.sample.anchor.view(),
            visible,
            held: None,
        };
        let free = substrate.settle(&drive, None).expect("a valid drive");
        let sweeps: f64 = substrate
            .iterations(&free)
            .iter()
            .map(|&n| f64::from(n))
            .sum();
        let name = format!(
            "free phase, {solver:?}, {:.1} sweeps",
            sweeps / free.batch() as f64
        );
        let run = || drop(substrate.settle(&drive, None));
        row(&name, &run, Some(sweeps * self.sweep_flop()), self.peak);
    }

    fn estimate(&self, trainer: &Trainer<Ideal<f32>>) {
        let substrate = self.substrate(trainer, SolverKind::Anderson);
        let rule = self.config.gradep();
        let run = || {
            let (anchor, target) = (self.sample.anchor.view(), self.sample.target.view());
            rule.estimate(&substrate, anchor, target, 1.0)
                .expect("a valid batch")
        };
        let estimate = run();
        let sweeps = (estimate.free_sweeps.mean + estimate.nudged_sweeps.mean)
            * self.sample.times.len() as f64;
        row(
            "gradient (three phases)",
            &|| drop(run()),
            Some(sweeps * self.sweep_flop()),
            self.peak,
        );
    }

    fn generation(&self, trainer: &Trainer<Ideal<f32>>) {
        let substrate = self.substrate(trainer, SolverKind::Anderson);
        let mut sampling = self.config.sampling.clone();
        (sampling.method, sampling.read_out) = (FlowMethod::Euler, ReadOut::Clamped);
        let spring = &self.config.spring;
        let generator =
            Generator::new(&substrate, spring.stiffness, spring.output_scale, &sampling);
        let noise = starting_noise(1, 1000, self.config.network.layers.visible());
        let steps = FlowSteps {
            moments: &[1.0],
            step: 0.05,
            extra_steps: 0,
        };
        let run = || {
            generator
                .integrate(noise.clone(), &steps)
                .expect("a valid flow")
        };
        let generation = run();
        let flop = generation.sweeps * generation.evaluations as f64 * 1000.0 * self.sweep_flop();
        row(
            "1,000 samples, 20 Euler steps",
            &|| drop(run()),
            Some(flop),
            self.peak,
        );
    }
}

/// Best seconds of a computation.
struct Seconds(f64);

impl Seconds {
    fn gflops(&self, flop: f64) -> f64 {
        flop / self.0 * 1e-9
    }
}

fn measure<T>(runs: u32, run: impl Fn() -> T) -> Seconds {
    let best = (0..runs).map(|_| {
        let start = Instant::now();
        std::hint::black_box(run());
        start.elapsed().as_secs_f64()
    });
    Seconds(best.fold(f64::INFINITY, f64::min))
}

fn one_thread() -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .expect("a thread")
}

/// Seconds per epoch: the best of three runs of ten. The epoch before the first one is not counted:
/// its pairs are drawn before it, the next one's beside it.
fn ten_epochs(trainer: &mut Trainer<Ideal<f32>>, state: &TrainState) -> Seconds {
    let run = |_| {
        trainer.restore(state.clone()).expect("its own state");
        trainer.epoch().expect("training goes on");
        let start = Instant::now();
        for _ in 0..10 {
            trainer.epoch().expect("training goes on");
        }
        start.elapsed().as_secs_f64() / 10.0
    };
    Seconds((0..3).map(run).fold(f64::INFINITY, f64::min))
}

fn row(name: &str, run: &(dyn Fn() + Sync), flop: Option<f64>, peak: f64) {
    let one = one_thread().install(|| measure(5, run));
    let all = measure(5, run);
    print_row(name, &one, &all, flop, peak);
}

fn print_row(name: &str, one: &Seconds, all: &Seconds, flop: Option<f64>, peak: f64) {
    let (rate, share) = flop.map_or((String::new(), String::new()), |flop| {
        let rate = one.gflops(flop);
        (
            format!("{rate:.0}"),
            format!("{:.0} %", 100.0 * rate / peak),
        )
    });
    println!(
        "{name:<34} {:>7.1}ms {rate:>9} {share:>9} {:>7.1}ms {:>6.2}x",
        1e3 * one.0,
        1e3 * all.0,
        one.0 / all.0
    );
}
