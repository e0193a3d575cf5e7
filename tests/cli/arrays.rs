//! `gradep relax` and `gradep gradient` on files as another program writes them.

use super::{run, stdout};
use ndarray::{Array, Array2, Dimension, Ix0, Ix1, Ix2};
use ndarray_npy::{NpzReader, write_npy};
use serde_json::Value;
use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// Parameters of the golden model.
const PARAMETERS: [&str; 5] = ["visible_bias", "weight_0", "bias_0", "weight_1", "bias_1"];

/// An array of an `.npz` file, in double precision, flattened.
pub(super) fn array<D: Dimension>(path: &Path, key: &str) -> Vec<f64> {
    let mut file = NpzReader::new(File::open(path).unwrap()).unwrap();
    let name = format!("{key}.npy");
    if let Ok(array) = file.by_name::<ndarray::OwnedRepr<f64>, D>(&name) {
        return array.into_iter().collect();
    }
    let array: Array<f32, D> = file.by_name(&name).unwrap_or_else(|e| panic!("{key}: {e}"));
    array.into_iter().map(f64::from).collect()
}

fn parameter(path: &Path, prefix: &str, name: &str) -> Vec<f64> {
    let key = format!("{prefix}{name}");
    if name.starts_with("weight") {
        array::<Ix2>(path, &key)
    } else {
        array::<Ix1>(path, &key)
    }
}

fn golden() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/golden/floweqprop_official_step500.npz")
}

/// The golden model as safetensors of another program, and its inputs as .npy.
pub(super) struct Inputs(TempDir);

impl Inputs {
    pub(super) fn new() -> Self {
        let inputs = Self(tempfile::tempdir().unwrap());
        let mut header = serde_json::Map::new();
        let mut data = Vec::new();
        for name in PARAMETERS {
            let values = parameter(&golden(), "", name);
            let shape = match name {
                "visible_bias" => vec![64],
                "weight_0" => vec![128, 64],
                "weight_1" => vec![128, 128],
                _ => vec![128],
            };
            let start = data.len();
            for value in values {
                data.extend((value as f32).to_le_bytes());
            }
            let offsets = [start, data.len()];
            let tensor =
                serde_json::json!({ "dtype": "F32", "shape": shape, "data_offsets": offsets });
            header.insert(name.to_owned(), tensor);
        }
        inputs.write(&header, &data, true);
        for (key, name) in [("x_t", "x.npy"), ("u_t", "u.npy")] {
            let values = array::<Ix2>(&golden(), key);
            inputs.save(name, &Array2::from_shape_vec((16, 64), values).unwrap());
        }
        inputs
    }

    /// Writes the model, saying what its network is or not.
    fn write(&self, tensors: &serde_json::Map<String, Value>, data: &[u8], says: bool) {
        let mut header = tensors.clone();
        let metadata = serde_json::json!({
            "cell": "gradient",
            "activation": "silu",
            "clamp": "10",
            "spring_stiffness": "15",
            "output_scale": "2",
        });
        if says {
            header.insert("__metadata__".to_owned(), metadata);
        }
        let header = Value::Object(header).to_string();
        let mut file = File::create(self.path("model.safetensors")).unwrap();
        file.write_all(&(header.len() as u64).to_le_bytes())
            .unwrap();
        file.write_all(header.as_bytes()).unwrap();
        file.write_all(data).unwrap();
    }

    /// The model without a word on its network.
    fn silent(self) -> Self {
        let bytes = fs::read(self.path("model.safetensors")).unwrap();
        let (length, rest) = bytes.split_at(8);
        let length = u64::from_le_bytes(length.try_into().unwrap()) as usize;
        let mut header: serde_json::Map<String, Value> =
            serde_json::from_slice(&rest[..length]).unwrap();
        header.remove("__metadata__");
        self.write(&header, &rest[length..], false);
        self
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn save(&self, name: &str, array: &Array2<f64>) {
        write_npy(self.path(name), array).unwrap();
    }

    /// A command line, file names (those with a dot) standing for files in the folder.
    pub(super) fn line(&self, line: &str) -> String {
        let place = |word: &str| match word.rsplit_once('.') {
            Some((_, "npy" | "npz" | "safetensors")) => self.path(word).display().to_string(),
            _ => word.to_owned(),
        };
        line.split(' ').map(place).collect::<Vec<_>>().join(" ")
    }
}

fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .fold(0.0, |worst, (a, b)| f64::max(worst, (a - b).abs()))
}

fn norm(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|v| v * v).sum::<f64>().sqrt()
}

#[test]
fn states_and_gradient_are_those_of_the_official_code() {
    let inputs = Inputs::new();
    // f64: the bounds of the parity claim; f32: rounding of 300 steps.
    for (precision, states, gradient) in [("f64", 1e-9, 1e-7), ("f32", 2e-4, 2e-4)] {
        let explicit = format!("--solver explicit --steps 300 --precision {precision}");
        stdout(&inputs.line(&format!(
            "relax --model model.safetensors --anchor x.npy {explicit} --out states.npz"
        )));
        let out = inputs.path("states.npz");
        for (key, reference) in [
            ("x", "free_x"),
            ("h1", "free_h1"),
            ("h2", "free_h2"),
            ("velocity_spring", "velocity_spring"),
            ("velocity_clamped", "velocity_clamped"),
        ] {
            let expected = array::<Ix2>(&golden(), &format!("t300_{reference}"));
            let error = largest_difference(&array::<Ix2>(&out, key), &expected);
            assert!(error < states, "{precision} {key}: {error:e}");
        }
        assert!(array::<Ix1>(&out, "residual").iter().all(|r| *r < 0.1));

        stdout(&inputs.line(&format!(
            "gradient --model model.safetensors --anchor x.npy --velocity u.npy --beta 1.25e-3 \
             --nudge quadratic --phases centred {explicit} --out gradient.npz"
        )));
        let out = inputs.path("gradient.npz");
        for name in PARAMETERS {
            let (ours, expected) = (
                parameter(&out, "", name),
                parameter(&golden(), "t300_grad_", name),
            );
            let error = norm(ours.iter().zip(&expected).map(|(a, b)| a - b))
                / norm(expected.iter().copied());
            assert!(error < gradient, "{precision} {name}: {error:e}");
        }
        let loss = array::<Ix0>(&out, "loss")[0] - array::<Ix0>(&golden(), "t300_flow_loss")[0];
        assert!(loss.abs() < states, "{precision} loss: {loss:e}");
    }
}

#[test]
fn equilibria_are_those_of_the_official_code() {
    let inputs = Inputs::new();
    let summary = stdout(&inputs.line(
        "gradient --model model.safetensors --anchor x.npy --velocity u.npy --beta 1.25e-3 \
         --nudge quadratic --json --out gradient.npz",
    ));
    let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
    assert_eq!(summary["unsettled_share"], 0.0);
    assert_eq!(summary["refusal"], serde_json::Value::Null);
    for name in PARAMETERS {
        let ours = parameter(&inputs.path("gradient.npz"), "", name);
        let expected = parameter(&golden(), "converged_grad_", name);
        let error =
            norm(ours.iter().zip(&expected).map(|(a, b)| a - b)) / norm(expected.iter().copied());
        // The reference is 3,000 explicit steps, which leave residuals of about 1e-6.
        assert!(error < 1e-5, "{name}: {error:e}");
    }
}

#[test]
fn what_cannot_be_used_is_refused_in_one_line_and_nothing_is_written() {
    let inputs = Inputs::new();
    let whole = Array2::<f64>::zeros((16, 64));
    inputs.save("narrow.npy", &Array2::zeros((16, 10)));
    inputs.save("short.npy", &Array2::zeros((3, 64)));
    let mut holed = whole;
    holed[[2, 3]] = f64::NAN;
    inputs.save("holed.npy", &holed);
    let relax = "relax --out no.npz --model";
    let gradient = "gradient --out no.npz --model model.safetensors --anchor x.npy --velocity";
    for (line, code, parts) in [
        (
            format!("{relax} no.safetensors --anchor x.npy"),
            2,
            ["no.safetensors", "No such file"],
        ),
        (
            format!("{relax} x.npy --anchor x.npy"),
            2,
            ["x.npy", "safetensors"],
        ),
        (
            format!("{relax} model.safetensors --anchor narrow.npy"),
            2,
            ["narrow.npy", "[16, 10], expected [batch, 64]"],
        ),
        (
            format!("{relax} model.safetensors --anchor holed.npy"),
            2,
            ["holed.npy", "element [2, 3] is NaN"],
        ),
        // The same bound, without a nudge: ε(1+λ) = 2.08 at λ = 15.
        (
            format!("{relax} model.safetensors --anchor x.npy --solver explicit --step-size 0.13"),
            2,
            ["step_size", "ε(1+λ+κ) = 2.0800 must be less than 2"],
        ),
        (
            format!("{gradient} short.npy"),
            2,
            ["short.npy: has 3 rows", "has 16"],
        ),
        (
            format!("{gradient} u.npy --nudge quadratic --beta 0.02"),
            4,
            ["q = β(αλ)²/(1+λ) = 1.125", "use a smaller β or the tilt"],
        ),
        (
            format!("{gradient} u.npy --solver explicit --step-size 0.2"),
            2,
            ["step_size", "must be less than 2"],
        ),
    ] {
        let output = run(&inputs.line(&line));
        assert_eq!(output.status.code(), Some(code), "{line}: {output:?}");
        let message = String::from_utf8(output.stderr).unwrap();
        for part in parts {
            assert!(message.contains(part), "{line}: {message} lacks {part}");
        }
        assert_eq!(message.lines().count(), 1, "{message}");
        assert!(!inputs.path("no.npz").exists(), "{line}");
    }
    let files = fs::read_dir(inputs.0.path()).unwrap().count();
    assert_eq!(files, 6, "nothing is left over");
}

#[test]
fn what_a_model_does_not_say_of_its_network_is_said() {
    let inputs = Inputs::new().silent();
    let relax = "relax --model model.safetensors --anchor x.npy --out states.npz --tolerance 1";
    let stated = "--cell gradient --activation silu --clamp 10 --spring 15 --output-scale 2";
    for (line, parts) in [
        (
            relax.to_owned(),
            &["cell = gradient", "activation = silu", "clamp = 10", "spring_stiffness = 15", "output_scale = 2", "--spring"][..],
        ),
        (format!("{relax} --spring 15 --cell gradient"), &["taken are activation = silu, clamp = 10, output_scale = 2,"]),
        (
            "sample model.safetensors -n 2 --steps 2 --out samples.npz".to_owned(),
            &["spring_stiffness = 15"],
        ),
        (
            "export netlist --chip ideal --model model.safetensors --anchor x.npy --duration 1tau --out deck.npz".to_owned(),
            &["spring_stiffness = 15"],
        ),
    ] {
        let output = run(&inputs.line(&line));
        assert!(output.status.success(), "{line}: {output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        for part in parts {
            assert!(said.contains(part), "{line}: {said} lacks {part}");
        }
        assert_eq!(said.matches("does not say").count(), 1, "{said}");
    }
    // Nothing is taken where everything is stated, and nothing changes by it.
    stdout(&inputs.line(&format!("{relax} {stated}")));
    stdout(&Inputs::new().line(relax));
}
