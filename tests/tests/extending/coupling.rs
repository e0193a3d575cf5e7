//! A coupling from outside: a convolution, relaxed and trained beside dense ones.

use analog_substrate::{
    Activation, ActivationKind, Cell, Couplings, Drive, Energy, Ideal, IdealError, NudgeKind,
    Relaxation, SolverKind, Substrate, Topology, Visible,
    chip::{Chip, ChipError, ChipParts, Design, Instance, Network, TransientSettings},
    coupling::{
        Connection, Coupling, CouplingScalar as _, Dense, Element, Layer, LayerContrast, Products,
    },
    kernels::Real,
    netlist::{Analysis, CouplingStyle, Tolerances},
};
use gradep_core::{
    config::{Config, CouplingKind},
    draws::normal_rows,
    files::{Model, ModelFileError},
    gradep::{GradEp, PhaseScheme, Validity},
    oracle::{Agreement, implicit_gradient},
    random::Purpose,
    trainer::{Trainer, xavier_normal},
};
use gradep_tests::spice::Bench;
use ndarray::{Array2, ArrayView2, ArrayViewMut2};
use std::sync::Arc;

/// A square image of `size` × `size` pixels to `channels` maps of what a `kernel` × `kernel` window sees, channels last: the
/// pixel (r, c) of map m is coupled with the pixels (r + i, c + j) by the parameter (m, i, j).
#[derive(Clone, Debug)]
struct Convolution {
    size: usize,
    kernel: usize,
    channels: usize,
}

impl Convolution {
    fn mapped(&self) -> usize {
        self.size - self.kernel + 1
    }

    /// Calls `pair` with every pair of nodes, above and below, and the parameter that couples them.
    fn each(&self, mut pair: impl FnMut(usize, usize, usize)) {
        let (n, k) = (self.mapped(), self.kernel);
        for (row, column) in (0..n).flat_map(|row| (0..n).map(move |column| (row, column))) {
            for map in 0..self.channels {
                let above = (row * n + column) * self.channels + map;
                for (i, j) in (0..k).flat_map(|i| (0..k).map(move |j| (i, j))) {
                    let below = (row + i) * self.size + column + j;
                    pair(above, below, (map * k + i) * k + j);
                }
            }
        }
    }
}

impl<R: Real> Products<R> for Convolution {
    fn up(&self, parameters: &[R], below: ArrayView2<'_, R>, mut above: ArrayViewMut2<'_, R>) {
        for (below, mut above) in below.rows().into_iter().zip(above.rows_mut()) {
            self.each(|to, from, parameter| above[to] += parameters[parameter] * below[from]);
        }
    }

    fn down(&self, parameters: &[R], above: ArrayView2<'_, R>, mut below: ArrayViewMut2<'_, R>) {
        for (above, mut below) in above.rows().into_iter().zip(below.rows_mut()) {
            self.each(|from, to, parameter| below[to] += parameters[parameter] * above[from]);
        }
    }

    fn contrast_gradient(
        &self,
        above: LayerContrast<'_, R>,
        below: LayerContrast<'_, R>,
    ) -> Vec<f64> {
        let mut gradient = vec![0.0; Coupling::parameters(self)];
        for sample in 0..above.mean.nrows() {
            let (mean, change) = (above.mean.row(sample), above.difference.row(sample));
            let (below, below_change) = (below.mean.row(sample), below.difference.row(sample));
            self.each(|to, from, parameter| {
                let moved = mean[to] * below_change[from] + change[to] * below[from];
                gradient[parameter] += moved.to_f64();
            });
        }
        gradient
    }
}

impl Coupling for Convolution {
    fn below(&self) -> Layer {
        Layer::new(vec![self.size, self.size])
    }

    fn above(&self) -> Layer {
        Layer::new(vec![self.mapped(), self.mapped(), self.channels])
    }

    fn parameters(&self) -> usize {
        self.channels * self.kernel * self.kernel
    }

    fn elements(&self, parameters: &[f64]) -> Vec<Element> {
        let mut elements = Vec::new();
        self.each(|above, below, parameter| {
            let weight = parameters[parameter];
            elements.push(Element {
                below,
                above,
                weight,
            });
        });
        elements
    }
}

const CONVOLUTION: Convolution = Convolution {
    size: 5,
    kernel: 3,
    channels: 2,
};

/// 5 × 5 pixels, two maps of 3 × 3, and eight nodes that see all of them.
fn topology() -> Topology {
    Topology::new(vec![
        Connection::Open(Arc::new(CONVOLUTION)),
        Connection::Dense(Dense {
            below: 18,
            above: 8,
        }),
    ])
    .unwrap()
}

const TANH: Activation = Activation {
    kind: ActivationKind::Tanh,
    clamp: None,
};

fn couplings() -> Couplings<f64> {
    let mut couplings = xavier_normal(topology(), 1.0, 3).cast();
    couplings.visible_bias_mut().fill(0.1);
    for l in 0..2 {
        couplings.bias_mut(l).fill(-0.2);
    }
    couplings
}

/// The same network with a weight for every pair of nodes.
fn expanded(couplings: &Couplings<f64>) -> Couplings<f64> {
    let mut dense = Couplings::zeros(couplings.layers().clone());
    dense.visible_bias_mut().assign(&couplings.visible_bias());
    for l in 0..couplings.layers().hidden() {
        let coupling = couplings.topology().connection(l).coupling();
        let mut weights = dense.weight_mut(l);
        for element in coupling.elements(couplings.parameters(l)) {
            weights[[element.above, element.below]] += element.weight;
        }
        dense.bias_mut(l).assign(&couplings.bias(l));
    }
    dense
}

fn rows(step: u64, columns: usize) -> Array2<f64> {
    normal_rows(7, Purpose::Check, step, 6, columns).mapv(f64::from)
}

const SPRING: Visible = Visible::Spring { stiffness: 4.0 };

fn precise(solver: SolverKind) -> Relaxation {
    Relaxation {
        solver,
        tolerance: 1e-11,
        nudged_tolerance: 1e-9,
        steps: 3000,
        ..Relaxation::default()
    }
}

fn ideal(couplings: &Couplings<f64>, solver: SolverKind, cell: Cell) -> Ideal<f64> {
    let ideal = Ideal::new(couplings.topology().clone(), TANH, precise(solver));
    let mut ideal = ideal.with_cell(cell).unwrap();
    ideal.program(couplings).unwrap();
    ideal
}

/// Both products are in the forces: −∂E/∂x has W down, −∂E/∂h has W up.
#[test]
fn its_products_are_derivatives_of_the_energy() {
    let couplings = couplings();
    let energy = Energy::new(&couplings, TANH);
    let anchor = rows(0, 25);
    let drive = Drive {
        anchor: anchor.view(),
        visible: SPRING,
        held: None,
    };
    let state = vec![rows(1, 25), rows(2, 18), rows(3, 8)];
    let gradient = energy.gradient(&state, &drive);
    for l in 0..3 {
        for i in 0..state[l].ncols() {
            let at = |step: f64| {
                let mut moved = state.clone();
                moved[l].column_mut(i).mapv_inplace(|s| s + step);
                energy.total(&moved, &drive)
            };
            let slope = (at(1e-4) - at(-1e-4)) / 2e-4;
            for sample in 0..6 {
                let error = slope[sample] - gradient[l][[sample, i]];
                // A third derivative near 1 over 6, times the step squared.
                assert!(error.abs() < 1e-8, "layer {l}, node {i}: {error:e}");
            }
        }
    }
}

/// E is linear in the parameters, so that its difference over a step of 1 is its derivative.
#[test]
fn its_contrast_gradient_is_the_derivative_of_the_energy_in_two_phases() {
    let couplings = couplings();
    let phases = [0, 10].map(|step| vec![rows(step, 25), rows(step + 1, 18), rows(step + 2, 8)]);
    let output = |state: &Vec<Array2<f64>>, l: usize| match l {
        0 => state[0].clone(),
        _ => state[l].mapv(f64::tanh),
    };
    let contrast = |l: usize| {
        let [first, second] = [output(&phases[0], l), output(&phases[1], l)];
        ((&first + &second) * 0.5, first - second)
    };
    let (above, below) = (contrast(1), contrast(0));
    let found = f64::products(&CONVOLUTION).contrast_gradient(view(&above), view(&below));
    for (parameter, found) in found.iter().enumerate() {
        let mut moved = couplings.clone();
        moved.parameters_mut(0)[parameter] += 1.0;
        let derivative = |state: &Vec<Array2<f64>>| {
            let energy = |couplings| Energy::new(couplings, TANH).internal(state).sum();
            energy(&moved) - energy(&couplings)
        };
        let expected = -(derivative(&phases[0]) - derivative(&phases[1]));
        assert!(
            (found - expected).abs() < 1e-11,
            "{parameter}: {found} {expected}"
        );
    }
}

fn view((mean, difference): &(Array2<f64>, Array2<f64>)) -> LayerContrast<'_, f64> {
    LayerContrast {
        mean: mean.view(),
        difference: difference.view(),
    }
}

#[test]
fn it_rests_where_the_dense_network_with_its_weights_does() {
    let couplings = couplings();
    let dense = expanded(&couplings);
    let anchor = rows(0, 25);
    for cell in [Cell::Gradient, Cell::Resistive] {
        for solver in [
            SolverKind::Explicit,
            SolverKind::Block,
            SolverKind::Anderson,
        ] {
            let settle = |network: &Ideal<f64>| {
                let drive = Drive {
                    anchor: anchor.view(),
                    visible: SPRING,
                    held: None,
                };
                let settled = network.settle(&drive, None).unwrap();
                assert!(network.is_settled(&settled).iter().all(|&settled| settled));
                settled
            };
            let mine = settle(&ideal(&couplings, solver, cell));
            let expected = settle(&ideal(&dense, solver, cell));
            for l in 0..3 {
                let worst =
                    (mine.state(l) - expected.state(l)).fold(0.0, |w: f64, d| w.max(d.abs()));
                // Residuals of 1e-11 over a curvature of a hundredth at the least.
                assert!(worst < 1e-9, "{solver:?} {cell}: {worst:e}");
            }
        }
    }
}

fn model(couplings: Couplings<f64>) -> Model<f64> {
    Model {
        couplings,
        activation: TANH,
        cell: Cell::Gradient,
        spring_stiffness: 4.0,
        output_scale: 2.0,
        trained_on: None,
    }
}

#[test]
fn one_step_of_the_learning_rule_is_one_down_the_exact_gradient() {
    let (anchor, target) = (rows(0, 25), rows(1, 25));
    let rule = GradEp {
        spring: 4.0,
        output_scale: 2.0,
        nudge: NudgeKind::Tilt,
        phases: PhaseScheme::Centred,
        beta: 1e-4,
        linear_range: None,
        validity: Validity {
            max_unsettled: 0.0,
            exclude: false,
            max_displacement: 1.0,
        },
    };
    let couplings = couplings();
    let substrate = ideal(&couplings, SolverKind::Anderson, Cell::Gradient);
    let estimate = rule
        .estimate(&substrate, anchor.view(), target.view(), 1.0)
        .unwrap();
    assert_eq!(estimate.refusal, None);
    let gradient = estimate.gradient;

    // Of a shared parameter: the sum over the pairs that share it of what the dense network's weights have.
    let dense =
        implicit_gradient(&model(expanded(&couplings)), anchor.view(), target.view()).unwrap();
    let mut tied = vec![0.0; 18];
    CONVOLUTION.each(|above, below, parameter| {
        tied[parameter] += dense.gradient.weight(0)[[above, below]];
    });
    let exact = implicit_gradient(&model(couplings.clone()), anchor.view(), target.view()).unwrap();
    for (exact, tied) in exact.gradient.parameters(0).iter().zip(&tied) {
        assert!(
            (exact - tied).abs() < 1e-8 * tied.abs().max(1.0),
            "{exact} {tied}"
        );
    }
    let agreement = Agreement::between(&gradient, &exact.gradient);
    // Centred: an error of order β².
    assert!(agreement.cosine > 1.0 - 1e-8, "{agreement:?}");

    let rate = 1e-4;
    let mut stepped = couplings.clone();
    let pairs = stepped.flat_mut().iter_mut().zip(gradient.flat());
    pairs.for_each(|(value, g)| *value -= rate * g);
    let loss = |couplings: &Couplings<f64>| {
        let substrate = ideal(couplings, SolverKind::Anderson, Cell::Gradient);
        let estimate = rule
            .estimate(&substrate, anchor.view(), target.view(), 1.0)
            .unwrap();
        // Summed over the 25 visible nodes, and halved.
        0.5 * 25.0 * estimate.loss()
    };
    let fall = loss(&couplings) - loss(&stepped);
    let expected = rate * gradient.flat().iter().map(|g| g * g).sum::<f64>();
    assert!((fall / expected - 1.0).abs() < 0.02, "{fall} {expected}");
}

#[test]
fn the_trainer_trains_it() {
    let mut config = Config::preset("paper").unwrap();
    config.network.layers = topology().layers().clone();
    config.network.activation = ActivationKind::Tanh;
    config.flow.coupling = CouplingKind::OptimalTransport;
    config.optimiser.learning_rate = 2e-2;
    config.training.epochs = 25;
    let mut images = normal_rows(5, Purpose::Check, 0, 48, 25) * 0.1;
    for (i, mut image) in images.rows_mut().into_iter().enumerate() {
        image += if i % 2 == 0 { 0.6 } else { -0.6 };
    }
    let substrate = Ideal::new(topology(), TANH, config.relaxation.clone());
    let mut trainer = Trainer::with_substrate(&config, images, substrate).unwrap();
    assert_eq!(trainer.couplings().parameters(0).len(), 18);
    let first = trainer.epoch().unwrap().loss;
    let mut last = first;
    while !trainer.is_finished() {
        last = trainer.epoch().unwrap().loss;
    }
    assert!(last < 0.7 * first, "{first} {last}");
}

#[test]
fn its_deck_is_that_of_the_dense_network_with_its_weights() {
    let couplings = couplings();
    let dense = expanded(&couplings);
    for style in [CouplingStyle::Behavioural, CouplingStyle::Resistors] {
        let lines = |couplings: &Couplings<f64>| -> Vec<String> {
            let bench = Bench::new(couplings.clone());
            let analysis = Analysis::Transient {
                duration: 10.0 * bench.design.time_constant(),
                tolerances: Tolerances::default(),
            };
            let deck = bench
                .circuit(Cell::Resistive, TANH, style)
                .deck(&analysis, "deck.txt");
            let mut lines: Vec<String> = deck.unwrap().lines().map(str::to_owned).collect();
            lines.sort_unstable();
            lines
        };
        assert_eq!(lines(&couplings), lines(&dense), "{style:?}");
    }
}

#[test]
fn what_does_not_know_it_says_so() {
    let couplings = couplings();
    let design = Design::ideal();
    let chip = Chip::new(ChipParts {
        instance: Instance::nominal(&design, couplings.layers()),
        design,
        network: Network {
            couplings: couplings.clone(),
            activation: TANH,
            cell: Cell::Gradient,
        },
        settings: TransientSettings::default(),
        noise_seed: 0,
    });
    let error = chip.unwrap_err();
    assert!(
        matches!(error, ChipError::NotDense { number: 0, .. }),
        "{error}"
    );
    assert!(
        error.to_string().contains("Convolution { size: 5"),
        "{error}"
    );

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let single = Model::<f32> {
        couplings: couplings.cast(),
        activation: TANH,
        cell: Cell::Gradient,
        spring_stiffness: 4.0,
        output_scale: 2.0,
        trained_on: None,
    };
    let error = single.write(&path).unwrap_err();
    assert!(matches!(error, ModelFileError::NotDense { .. }), "{error}");
    assert!(!path.exists());

    let mut other = ideal(&couplings, SolverKind::Anderson, Cell::Gradient);
    let error = other.program(&expanded(&couplings)).unwrap_err();
    assert!(
        matches!(error, IdealError::Coupling { coupling: 0, .. }),
        "{error}"
    );
}
