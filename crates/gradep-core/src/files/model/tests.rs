use super::*;
use crate::image::BesidePixels;
use analog_substrate::{ActivationKind, Layers};
use ndarray::{Array1, Array2};
use proptest::prelude::*;
use safetensors::tensor::{Dtype, TensorView};

/// A file as another program would write it: tensors in F64 or F32, metadata or none.
struct Other {
    tensors: Vec<(String, Dtype, Vec<usize>, Vec<u8>)>,
    metadata: Option<HashMap<String, String>>,
}

impl Other {
    fn new() -> Self {
        Self {
            tensors: Vec::new(),
            metadata: None,
        }
    }

    fn tensor(mut self, name: &str, shape: &[usize], values: &[f64]) -> Self {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.tensors
            .push((name.to_owned(), Dtype::F64, shape.to_vec(), bytes));
        self
    }

    /// Sizes 2-3: every tensor but the ones named, to be replaced.
    fn network_without(left_out: &[&str]) -> Self {
        let mut file = Self::new();
        for (name, shape) in [
            ("visible_bias", &[2][..]),
            ("weight_0", &[3, 2]),
            ("bias_0", &[3]),
        ] {
            if !left_out.contains(&name) {
                let values = vec![0.1; shape.iter().product()];
                file = file.tensor(name, shape, &values);
            }
        }
        file
    }

    fn metadata(mut self, key: &str, value: &str) -> Self {
        let strings = self.metadata.get_or_insert_default();
        strings.insert(key.to_owned(), value.to_owned());
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let views = self.tensors.iter().map(|(name, dtype, shape, bytes)| {
            let view = TensorView::new(*dtype, shape.clone(), bytes).unwrap();
            (name.as_str(), view)
        });
        safetensors::serialize(views, self.metadata.clone()).unwrap()
    }

    fn read<R: Real>(self) -> Result<Model<R>, ModelFileError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.safetensors");
        std::fs::write(&path, self.bytes()).unwrap();
        Model::read(&path)
    }

    fn message(self) -> String {
        self.read::<f32>().unwrap_err().to_string()
    }
}

fn network() -> Other {
    Other::network_without(&[])
}

fn example(sizes: &[usize]) -> Model<f32> {
    let mut couplings = Couplings::zeros(Layers::new(sizes.to_vec()).unwrap());
    for (i, value) in couplings.flat_mut().iter_mut().enumerate() {
        *value = (i as f32).sin();
    }
    Model {
        couplings,
        activation: Activation::PAPER,
        cell: Cell::Gradient,
        spring_stiffness: 15.0,
        output_scale: 2.0,
        trained_on: None,
    }
}

#[test]
fn a_negative_leak_is_refused() {
    let mut model = example(&[2, 3]);
    let topology = model.couplings.topology().clone().with_visible_leak(true);
    let values = [model.couplings.flat(), &[0.5, -0.25]].concat();
    model.couplings = Couplings::from_flat(topology, values).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.safetensors");
    model.write(&path).unwrap();
    let said = Model::<f32>::read(&path).unwrap_err().to_string();
    assert!(
        said.ends_with("tensor `leak_0`, element 1 is -0.25; expected 0 or more"),
        "{said}"
    );
}

proptest! {
    // Every case waits for the disk two times (fsync).
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn a_written_model_is_read_back_bit_for_bit(
        sizes in prop::collection::vec(1_usize..9, 2..5),
        kind in prop::sample::select(ActivationKind::ALL),
        clamp in prop::option::of(1e-3_f64..1e3),
        cell in prop::sample::select(vec![Cell::Gradient, Cell::Hopfield, Cell::Resistive]),
        (spring_stiffness, output_scale) in (1e-6_f64..1e6, 1e-6_f64..1e6),
        source in prop::option::of("[a-z /\\\\.\"]{1,12}"),
        objective in prop::sample::select(vec![ObjectiveKind::FlowMatching, ObjectiveKind::EquilibriumMatching]),
        (seed, labels) in (prop::collection::vec(-1e30_f32..1e30, 7), 0_usize..9),
        leaks in any::<bool>(),
    ) {
        let mut beside = BesidePixels { label_nodes: labels.min(sizes[0] - 1), copies: true };
        beside.copies = beside.pixels(sizes[0]).is_some();
        let mut model = Model {
            activation: Activation { kind, clamp },
            cell: if cell.check(Activation { kind, clamp }).is_ok() { cell } else { Cell::Hopfield },
            spring_stiffness,
            output_scale,
            trained_on: source.map(|source| TrainedOn {
                source,
                shape: ImageShape::of_pixels(beside.pixels(sizes[0]).unwrap()),
                beside,
                objective,
                chip: labels.is_multiple_of(2).then(|| format!("D{labels}, chip 0")),
            }),
            ..example(&sizes)
        };
        for (i, value) in model.couplings.flat_mut().iter_mut().enumerate() {
            *value = seed[i % seed.len()] / (1 + i) as f32;
        }
        if leaks {
            let topology = model.couplings.topology().clone().with_visible_leak(true);
            let mut values = model.couplings.flat().to_vec();
            values.extend((0..sizes[0]).map(|i| i as f32 / 3.0));
            model.couplings = Couplings::from_flat(topology, values).unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.safetensors");
        model.write(&path).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        prop_assert_eq!(&Model::<f32>::read(&path).unwrap(), &model);
        prop_assert_eq!(Model::<f64>::read(&path).unwrap().couplings, model.couplings.cast());
        model.write(&path).unwrap();
        prop_assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }
}

#[test]
fn the_tensors_are_where_the_library_finds_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.safetensors");
    let model = example(&[3, 4, 2]);
    model.write(&path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let read = |name: &str| {
        let tensor = tensors.tensor(name).unwrap();
        let (values, _) = tensor.data().as_chunks();
        let values = values.iter().map(|v| f32::from_le_bytes(*v));
        (tensor.shape().to_vec(), values.collect::<Vec<_>>())
    };
    let matrix = |w: Array2<f32>| (w.shape().to_vec(), w.into_raw_vec_and_offset().0);
    let vector = |b: Array1<f32>| (b.shape().to_vec(), b.to_vec());
    assert_eq!(tensors.len(), 5);
    let couplings = &model.couplings;
    assert_eq!(
        read("visible_bias"),
        vector(couplings.visible_bias().to_owned())
    );
    for l in 0..2 {
        assert_eq!(
            read(&format!("weight_{l}")),
            matrix(couplings.weight(l).to_owned())
        );
        assert_eq!(
            read(&format!("bias_{l}")),
            vector(couplings.bias(l).to_owned())
        );
    }
}

#[test]
fn a_file_without_metadata_is_the_papers_network() {
    let model = network().read::<f64>().unwrap();
    assert_eq!(model.activation, Activation::PAPER);
    assert_eq!(model.cell, Cell::Gradient);
    assert_eq!((model.spring_stiffness, model.output_scale), (15.0, 2.0));
    assert_eq!(model.couplings.layers().sizes(), [2, 3]);
    // 0.1 is not a single-precision number: F64 must not pass through f32.
    assert_eq!(model.couplings.flat(), [0.1; 11]);
    let foreign = network().metadata("format", "pt").read::<f32>().unwrap();
    assert_eq!(foreign.activation, Activation::PAPER);
}

#[test]
fn a_model_says_what_its_samples_are() {
    let unknown = network().read::<f32>().unwrap();
    assert_eq!(
        (unknown.is_of_digits(), unknown.image_shape().axes()),
        (None, vec![1, 2])
    );
    for (source, digits) in [
        ("digits", true),
        ("digits-half", true),
        ("speech.npy", false),
    ] {
        let said = network()
            .metadata("trained_on", source)
            .metadata("image_shape", "2x1");
        let model = said.read::<f32>().unwrap();
        assert_eq!(model.is_of_digits(), Some(digits));
        assert_eq!(model.image_shape().axes(), [2, 1]);
    }
}

#[test]
fn metadata_is_honoured_or_refused() {
    let model = network()
        .metadata("activation", "hard-sigmoid")
        .metadata("clamp", "0")
        .metadata("spring_stiffness", "7.5")
        .read::<f32>()
        .unwrap();
    let activation = Activation {
        kind: ActivationKind::HardSigmoid,
        clamp: None,
    };
    assert_eq!(
        (model.activation, model.spring_stiffness),
        (activation, 7.5)
    );
    for (key, value, expected) in [
        ("activation", "relu", "`silu`"),
        ("cell", "perceptron", "`hopfield`"),
        ("cell", "resistive", "rises everywhere"),
        ("clamp", "-1", "0 for none"),
        ("spring_stiffness", "0", "above 0"),
        ("output_scale", "NaN", "above 0"),
        ("format_version", "2", "expected 1"),
        ("image_shape", "3x3", "images of 2 pixels"),
    ] {
        let text = network().metadata(key, value).message();
        let names_all = [key, value, expected].iter().all(|s| text.contains(s));
        assert!(names_all, "{text}");
    }
}

#[test]
fn tensors_that_are_not_a_network_are_refused() {
    let without = |name| Other::network_without(&[name]);
    for (file, expected) in [
        (without("visible_bias"), "`visible_bias` is missing"),
        (without("weight_0"), "`weight_0` is missing"),
        (without("bias_0"), "`bias_0` is missing"),
        (
            network().tensor("scale", &[1], &[1.0]),
            "unknown tensor `scale`",
        ),
        (
            network().tensor("weight_00", &[1], &[1.0]),
            "unknown tensor `weight_00`",
        ),
        (
            network().tensor("bias_7", &[1], &[1.0]),
            "`weight_1` is missing",
        ),
        (
            network()
                .tensor("weight_1", &[2, 4], &[0.0; 8])
                .tensor("bias_1", &[2], &[0.0; 2]),
            "`weight_1` has shape [2, 4]; expected [2, 3]",
        ),
        (
            without("weight_0").tensor("weight_0", &[2, 3], &[0.0; 6]),
            "`weight_0` has shape [2, 3]; expected [2, 2]",
        ),
        (
            without("weight_0").tensor("weight_0", &[6], &[0.0; 6]),
            "expected two axes",
        ),
        (
            without("visible_bias").tensor("visible_bias", &[1, 2], &[0.0; 2]),
            "expected one axis",
        ),
        (
            without("bias_0").tensor("bias_0", &[3], &[0.0, f64::INFINITY, 0.0]),
            "`bias_0`, element 1 is inf",
        ),
        (
            without("bias_0").tensor("bias_0", &[3], &[0.0, 0.0, 1e39]),
            "`bias_0`, element 2 is inf",
        ),
        (
            Other::new()
                .tensor("visible_bias", &[2], &[0.0; 2])
                .tensor("weight_0", &[0, 2], &[])
                .tensor("bias_0", &[0], &[]),
            "layer 1 has no nodes",
        ),
    ] {
        let text = file.message();
        assert!(text.contains(expected), "{text}\n(expected: {expected})");
    }
    let mut halves = network();
    halves.tensors[2] = ("bias_0".to_owned(), Dtype::F16, vec![3], vec![0; 6]);
    assert!(
        halves
            .message()
            .contains("`bias_0` holds F16; expected F32 or F64")
    );
}

#[test]
fn a_cut_off_file_is_refused_at_every_length() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.safetensors");
    example(&[2, 2]).write(&path).unwrap();
    let whole = std::fs::read(&path).unwrap();
    for end in 0..whole.len() {
        std::fs::write(&path, &whole[..end]).unwrap();
        let refused = Model::<f32>::read(&path);
        assert!(
            matches!(refused, Err(ModelFileError::Format { .. })),
            "cut at {end}"
        );
    }
}

#[test]
fn a_failed_write_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing").join("m.safetensors");
    let refused = example(&[2, 2]).write(&path).unwrap_err();
    assert!(matches!(
        refused,
        ModelFileError::Access(FileAccessError::Write { .. })
    ));
    assert!(refused.to_string().contains("m.safetensors"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn the_identity_of_a_model_is_that_of_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.safetensors");
    let hash = |path: &Path| {
        let bytes = std::fs::read(path).unwrap();
        blake3::hash(&bytes).to_hex().to_string()
    };
    let model = example(&[3, 4, 2]);
    model.write(&path).unwrap();
    let (read, id) = Model::read_identified(&path).unwrap();
    assert_eq!((&read, &id), (&model, &hash(&path)));
    assert_eq!(model.id(), id);
    // The same weights with another setting are another model.
    let mut others = vec![id];
    let mut weight = model.clone();
    weight.couplings.flat_mut()[3] += 0.5;
    let hard = ActivationKind::HardSigmoid;
    for other in [
        weight,
        Model {
            cell: Cell::Hopfield,
            ..model.clone()
        },
        Model {
            activation: Activation {
                kind: hard,
                ..model.activation
            },
            ..model.clone()
        },
        Model {
            activation: Activation {
                clamp: Some(7.0),
                ..model.activation
            },
            ..model.clone()
        },
        Model {
            spring_stiffness: 14.0,
            ..model.clone()
        },
        Model {
            output_scale: 2.5,
            ..model.clone()
        },
    ] {
        assert!(!others.contains(&other.id()), "{other:?}");
        others.push(other.id());
    }
}

/// A file that leaves a setting out has the identity of the file that says it.
#[test]
fn a_file_that_leaves_settings_out_is_identified_by_the_model() {
    let folder = tempfile::tempdir().unwrap();
    let (bare, whole) = (folder.path().join("bare"), folder.path().join("whole"));
    std::fs::write(&bare, network().bytes()).unwrap();
    let (model, id) = Model::read_identified(&bare).unwrap();
    model.write(&whole).unwrap();
    assert_eq!(Model::read_identified(&whole).unwrap().1, id);
    let bytes = std::fs::read(&whole).unwrap();
    assert_eq!(blake3::hash(&bytes).to_hex().to_string(), id);
}
