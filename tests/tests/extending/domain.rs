//! A domain from outside: images and labels of IDX files, as MNIST's, half of them to judge by.
//!
//! With `GRADEP_MNIST` as the path of MNIST's 10,000 test images (`t10k-images-idx3-ubyte.gz`, its labels beside it) these
//! are taken; without it a file of the same format with smaller images is made from the built-in digits.

use analog_substrate::{Activation, Cell, Couplings, Layers};
use bench_hw::{
    domain::{Domain, Track},
    generation::Generate as _,
    judge::{Evaluator, OtherRange, ValueRange},
    metrics::{Reference, floors, measure},
    sweep::Sweep,
};
use gradep_core::{
    data::{DataConfig, Dataset, Divided, ImageShape, LabelColumn},
    files::Model,
};
use ndarray::{Array2, s};
use std::{fs, path::Path};

/// Images of an IDX file: one half to train on, the other to judge by.
#[derive(Debug)]
struct Idx {
    name: String,
    halves: Divided,
}

impl Idx {
    fn open(path: &Path) -> Self {
        let name = path.display().to_string();
        let config = DataConfig {
            source: name.clone(),
            low: 0.0,
            high: 255.0,
            label_column: LabelColumn::Auto,
            labels: String::new(),
            shape: Vec::new(),
            label_nodes: 0,
            held_out: 0.5,
        };
        let halves = Dataset::load_divided(&config).unwrap();
        Self { name, halves }
    }

    fn held_out(&self) -> &Dataset {
        self.halves.held_out.as_ref().unwrap()
    }

    /// At most a thousand images of a half.
    fn some(half: &Dataset) -> Array2<f64> {
        let count = half.images().nrows().min(1000);
        half.images().slice(s![..count, ..]).mapv(f64::from)
    }
}

impl Domain for Idx {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn track(&self) -> Track {
        Track::HeldOut
    }

    fn shape(&self) -> ImageShape {
        self.halves.training.shape()
    }

    fn classes(&self) -> Option<usize> {
        Some(10)
    }

    fn images(&self) -> Array2<f64> {
        Self::some(&self.halves.training)
    }

    fn real(&self) -> Array2<f64> {
        Self::some(self.held_out())
    }

    fn training(&self) -> Option<Array2<f64>> {
        Some(Self::some(&self.halves.training))
    }

    fn judge(&self) -> Option<Evaluator> {
        let labels = &self.held_out().labels()?[..self.real().nrows()];
        Some(Evaluator::of_classes(self.real().view(), labels, 10))
    }

    fn id(&self) -> Option<String> {
        Some(self.halves.training.blake3().to_owned())
    }

    fn check_range(&self, values: &ValueRange) -> Result<(), OtherRange> {
        let real = self.held_out().images();
        ValueRange::of(real.view()).map_or(Ok(()), |real| values.check(&real))
    }

    fn doubt(&self, _trained_on: Option<&str>) -> Option<String> {
        None
    }

    fn about(&self) -> String {
        format!("{} held-out images of {}", self.real().nrows(), self.name)
    }
}

/// Images and labels in MNIST's format: digits with a frame of one blank pixel.
fn write_idx(folder: &Path, count: u32) -> std::path::PathBuf {
    let digits = Dataset::digits();
    let side = 10_usize;
    let mut images = [0x803, count, 10, 10].map(u32::to_be_bytes).concat();
    let mut labels = [0x801, count].map(u32::to_be_bytes).concat();
    for i in 0..count as usize {
        let mut framed = Array2::<u8>::zeros((side, side));
        let image = digits.images().row(i);
        for (place, &value) in image.iter().enumerate() {
            #[expect(clippy::cast_sign_loss, reason = "from 0 to 255")]
            let byte = ((value + 1.0) * 127.5).round() as u8;
            framed[[1 + place / 8, 1 + place % 8]] = byte;
        }
        images.extend(framed.iter());
        labels.push(u8::try_from(digits.labels().unwrap()[i]).unwrap());
    }
    let path = folder.join("some-images-idx3-ubyte");
    fs::write(&path, images).unwrap();
    fs::write(folder.join("some-labels-idx1-ubyte"), labels).unwrap();
    path
}

#[test]
fn a_domain_of_ones_own_judges_samples_and_chips() {
    let folder = tempfile::tempdir().unwrap();
    let mnist = std::env::var_os("GRADEP_MNIST").map(std::path::PathBuf::from);
    let path = mnist.unwrap_or_else(|| write_idx(folder.path(), 400));
    let domain = Idx::open(&path);
    let reference = Reference::of(&domain);
    let n = 100;
    let training = domain.halves.training.images();
    let score = |samples: &Array2<f32>| measure(samples.view(), &reference).unwrap();
    let copies = score(&training.slice(s![..n, ..]).to_owned());
    let blurred = score(&training.slice(s![..n, ..]).mapv(|v| 0.4 * v - 0.3));
    // Real images are as good as real images; what is made worse is worse by every measure of it.
    let floor = floors(&reference, n);
    for key in ["fd_features", "fd_pixels", "mmd", "kid"] {
        let (good, bad) = (copies.value(key).unwrap(), blurred.value(key).unwrap());
        assert!(bad > 2.0 * good.abs(), "{key}: {bad} {good}");
        // Unbiased distances scatter about 0: what counts is the distance from the floor in standard errors.
        let error = copies.get(key).unwrap().standard_error.unwrap();
        assert!(
            good - floor[key] < 4.0 * error,
            "{key}: {good} +- {error} {floor:?}"
        );
        assert!(bad - floor[key] > 4.0 * error, "{key}: {bad} +- {error}");
    }
    assert!(copies.value("recognisable") > blurred.value("recognisable"));
    // Training images are nearest to themselves.
    assert_eq!(copies.value("memorisation"), Some(1.0));

    // A study of chips takes it as well.
    let pixels = domain.shape().pixels();
    let model = Model {
        couplings: Couplings::<f32>::zeros(Layers::new(vec![pixels, 4]).unwrap()),
        activation: Activation::PAPER,
        cell: Cell::Gradient,
        spring_stiffness: 15.0,
        output_scale: 2.0,
        trained_on: None,
    };
    let swept = Sweep::of(model.generate(20).free(2.0).until(0.5), "D3")
        .vary("node.leak.spread", &["0 %", "10 %"])
        .judged_by(domain)
        .chips(1)
        .run()
        .unwrap();
    assert!(swept.cells[0].scores["fd_features"].mean.is_some());
}
