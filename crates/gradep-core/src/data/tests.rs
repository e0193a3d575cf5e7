mod malformed;

use super::*;
use flate2::{Compression, write::GzEncoder};
use ndarray::{Array1, Array3, arr2};
use ndarray_npy::WriteNpyExt;
use std::collections::HashSet;
use std::fs;
use std::io::Write;

/// What `load` makes of a file of this name and content, values from 0 to 16.
fn load(name: &str, bytes: &[u8], label_column: LabelColumn) -> Result<Dataset, DataError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    Dataset::load(&config(path.to_str().unwrap(), label_column))
}

fn config(source: &str, label_column: LabelColumn) -> DataConfig {
    DataConfig {
        labels: String::new(),
        label_nodes: 0,
        held_out: 0.0,
        source: source.to_owned(),
        low: 0.0,
        high: 16.0,
        label_column,
        shape: Vec::new(),
    }
}

/// Each message names the file, and what the test expects.
fn refused(name: &str, bytes: &[u8], expected: &str) {
    let text = load(name, bytes, LabelColumn::None)
        .unwrap_err()
        .to_string();
    assert!(
        text.contains(name) && text.contains(expected),
        "{text}\n(expected: {expected})"
    );
}

fn idx(magic: u32, shape: &[u32], values: &[u8]) -> Vec<u8> {
    let header = std::iter::once(&magic).chain(shape);
    let mut bytes: Vec<u8> = header.flat_map(|n| n.to_be_bytes()).collect();
    bytes.extend(values);
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn npy(array: &impl WriteNpyExt) -> Vec<u8> {
    let mut bytes = Vec::new();
    array.write_npy(&mut bytes).unwrap();
    bytes
}

fn class_counts(data: &Dataset) -> [usize; 10] {
    let mut counts = [0; 10];
    for &label in data.labels().unwrap() {
        counts[label as usize] += 1;
    }
    counts
}

#[test]
fn the_digits_are_the_published_ones() {
    let digits = Dataset::digits();
    assert_eq!(digits.images().dim(), (1797, 64));
    // As UCI's description of the files states them.
    assert_eq!(
        class_counts(&digits),
        [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    );
    let held_out = Dataset::digits_held_out();
    assert_eq!(held_out.images().dim(), (3823, 64));
    assert_eq!(
        class_counts(&held_out),
        [376, 389, 380, 389, 387, 376, 377, 387, 380, 382]
    );
    // Steps of 1/8 from −1: exact in binary, both ends present.
    for data in [&digits, &held_out] {
        assert!(data.images().iter().all(|v| (v * 8.0).fract() == 0.0));
        let ends = data
            .images()
            .iter()
            .fold((1.0_f32, -1.0_f32), |(low, high), v| {
                (low.min(*v), high.max(*v))
            });
        assert_eq!(ends, (-1.0, 1.0));
    }
    // First line of optdigits.tes: 0,0,5,13,9,1,0,0,…,0.
    let first: Vec<f32> = [0, 0, 5, 13, 9, 1, 0, 0]
        .map(|v: u8| f32::from(v) / 8.0 - 1.0)
        .into();
    assert_eq!(digits.images().row(0).to_vec()[..8], first);
    let bits = |row: ndarray::ArrayView1<f32>| row.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    let seen: HashSet<_> = digits.images().outer_iter().map(bits).collect();
    let common = held_out
        .images()
        .outer_iter()
        .filter(|row| seen.contains(&bits(*row)));
    assert_eq!(
        common.count(),
        0,
        "the held-out images have not been trained on"
    );
    assert_eq!(
        Dataset::load(&config("digits", LabelColumn::Auto)).unwrap(),
        digits
    );
}

#[test]
fn every_format_gives_the_same_images() {
    let expected = arr2(&[[-1.0, 0.0, 1.0, 0.5], [1.0, 1.0, -1.0, -0.5]]);
    let values = [0, 8, 16, 12, 16, 16, 0, 4];
    let cube = Array3::from_shape_vec((2, 2, 2), values.to_vec()).unwrap();
    let plain = idx(0x803, &[2, 2, 2], &values);
    for (name, bytes) in [
        ("a.csv", b"0,8,16,12\n\n 16, 1.6e1 ,0,4.0\r\n".to_vec()),
        ("a.npy", npy(&cube)),
        (
            "no-extension",
            npy(&cube.mapv(f64::from).into_shape_with_order((2, 4)).unwrap()),
        ),
        ("a-idx3-ubyte", plain.clone()),
        ("a-idx3-ubyte.gz", gzip(&plain)),
        ("flat", idx(0x802, &[2, 4], &values)),
        ("a.csv.gz", gzip(b"0,8,16,12\n16,16,0,4\n")),
        ("a.CSV", gzip(b"0,8,16,12\n16,16,0,4\n")),
        (
            "h.csv",
            b"\xef\xbb\xbfp0,p1,p2,p3\r\n0,8,16,12\r\n16,16,0,4\r\n".to_vec(),
        ),
        ("a.npy.gz", gzip(&npy(&cube))),
        ("packed", gzip(&npy(&cube))),
    ] {
        let data = load(name, &bytes, LabelColumn::None).unwrap();
        assert_eq!(data.images(), &expected, "{name}");
        assert_eq!(data.labels(), None);
        assert_eq!(data.blake3(), blake3::hash(&bytes).to_hex().as_str());
        assert!(data.name().ends_with(name));
    }
}

#[test]
fn labels_come_from_the_last_column_or_the_file_beside() {
    let data = load("a.csv", b"0,16,7\n16,0,300\n", LabelColumn::Last).unwrap();
    assert_eq!(data.images(), &arr2(&[[-1.0, 1.0], [1.0, -1.0]]));
    assert_eq!(data.labels(), Some(&[7, 300][..]));

    let folder = tempfile::tempdir().unwrap();
    let images = folder.path().join("t2-images-idx3-ubyte.gz");
    let labels = folder.path().join("t2-labels-idx1-ubyte.gz");
    fs::write(&images, gzip(&idx(0x803, &[2, 1, 1], &[0, 16]))).unwrap();
    let load = || Dataset::load(&config(images.to_str().unwrap(), LabelColumn::Auto));
    assert_eq!(load().unwrap().labels(), None);
    fs::write(&labels, gzip(&idx(0x801, &[2], &[9, 3]))).unwrap();
    assert_eq!(load().unwrap().labels(), Some(&[9, 3][..]));
    // Labels may be packed otherwise than images.
    let plain = folder.path().join("t2-labels-idx1-ubyte");
    fs::rename(&labels, &plain).unwrap();
    fs::write(&plain, idx(0x801, &[2], &[9, 3])).unwrap();
    assert_eq!(load().unwrap().labels(), Some(&[9, 3][..]));
    fs::write(&labels, gzip(&idx(0x801, &[1], &[9]))).unwrap();
    let text = load().unwrap_err().to_string();
    assert!(
        text.contains("labels-idx1-ubyte.gz: holds 1 labels for 2 images"),
        "{text}"
    );
}

#[test]
fn the_column_of_labels_is_said_by_the_configuration_or_the_heading() {
    let images = arr2(&[[-1.0, 1.0], [1.0, -1.0]]);
    for (text, asked, found) in [
        ("0,16,7\n16,0,3\n", LabelColumn::Last, LabelColumn::Last),
        ("0,16,7\n16,0,3\n", LabelColumn::Auto, LabelColumn::Last),
        ("7,0,16\n3,16,0\n", LabelColumn::First, LabelColumn::First),
        (
            "label,1x1,1x2\n7,0,16\n3,16,0\n",
            LabelColumn::Auto,
            LabelColumn::First,
        ),
        (
            "\"Label\",0,1\n7,0,16\n3,16,0\n",
            LabelColumn::Auto,
            LabelColumn::First,
        ),
        (
            "label,0,1\n7,0,16\n3,16,0\n",
            LabelColumn::First,
            LabelColumn::First,
        ),
        (
            "0,1,class\n0,16,7\n16,0,3\n",
            LabelColumn::Auto,
            LabelColumn::Last,
        ),
        (
            "a,b,target\n0,16,7\n16,0,3\n",
            LabelColumn::Last,
            LabelColumn::Last,
        ),
        (
            "a,b,c\n0,16,7\n16,0,3\n",
            LabelColumn::Auto,
            LabelColumn::Last,
        ),
        (
            "a,b,c\n7,0,16\n3,16,0\n",
            LabelColumn::First,
            LabelColumn::First,
        ),
    ] {
        let data = load("a.csv", text.as_bytes(), asked).unwrap();
        assert_eq!(data.images(), &images, "{text}");
        assert_eq!(data.labels(), Some(&[7, 3][..]), "{text}");
        assert_eq!(data.label_column(), found, "{text}");
    }
    for (text, asked, column) in [
        (
            "label,a,b\n7,0,16\n",
            LabelColumn::Last,
            "column 1 of 3 `label`",
        ),
        (
            "a,b,class\n0,16,7\n",
            LabelColumn::First,
            "column 3 of 3 `class`",
        ),
        (
            "a,b,class\n0,16,7\n",
            LabelColumn::None,
            "data.label_column = none",
        ),
        (
            "id,label,a\n0,7,16\n",
            LabelColumn::Auto,
            "column 2 of 3 `label`",
        ),
    ] {
        let message = load("a.csv", text.as_bytes(), asked)
            .unwrap_err()
            .to_string();
        assert!(
            message.contains("line 1") && message.contains(column),
            "{message}"
        );
    }
}

/// Rows of the digits, labels first or last.
fn digits_text(count: usize, labels_first: bool) -> String {
    let text = str::from_utf8(DIGITS).unwrap();
    let lines = text.lines().take(count).map(|line| {
        let (pixels, label) = line.rsplit_once(',').unwrap();
        if labels_first {
            format!("{label},{pixels}")
        } else {
            line.to_owned()
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn labels_in_front_are_not_learned_as_pixels() {
    for count in [30, 1797] {
        let (first, last) = (digits_text(count, true), digits_text(count, false));
        let right = load("a.csv", last.as_bytes(), LabelColumn::Auto).unwrap();
        let told = load("a.csv", first.as_bytes(), LabelColumn::First).unwrap();
        assert_eq!(told.images(), right.images());
        assert_eq!(told.labels(), right.labels());
        let untold = load("a.csv", first.as_bytes(), LabelColumn::Auto)
            .unwrap_err()
            .to_string();
        assert!(
            untold.contains("data.label_column = first, last or none"),
            "{untold}"
        );
        // Said is said.
        load("a.csv", first.as_bytes(), LabelColumn::Last).unwrap();
        load("a.csv", first.as_bytes(), LabelColumn::None).unwrap();
    }
    // Where a label would be out of the range of the pixels the message says so.
    let message = load("a.csv", b"17,0,1\n", LabelColumn::Auto)
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("is it the label? then data.label_column = first"),
        "{message}"
    );
}

#[test]
fn images_keep_their_shape() {
    let values = [0, 8, 16, 12, 16, 16, 0, 4, 1, 2, 3, 4];
    let cube = |axes: (usize, usize, usize)| Array3::from_shape_vec(axes, values.to_vec()).unwrap();
    let colour = ndarray::Array4::from_shape_vec((1, 2, 2, 3), values.to_vec()).unwrap();
    for (name, bytes, axes) in [
        ("a.npy", npy(&cube((2, 2, 3))), &[2, 3][..]),
        ("a.npy", npy(&cube((1, 2, 6))), &[2, 6]),
        ("a.npy", npy(&colour), &[2, 2, 3]),
        ("flat.npy", npy(&colour.to_shape((3, 4)).unwrap()), &[2, 2]),
        ("row.npy", npy(&colour.to_shape((2, 6)).unwrap()), &[1, 6]),
        ("idx", idx(0x803, &[2, 3, 2], &values), &[3, 2]),
        ("a.csv", b"0,1,2,3,4,5,6,7\n".to_vec(), &[1, 8]),
    ] {
        assert_eq!(
            load(name, &bytes, LabelColumn::None)
                .unwrap()
                .shape()
                .axes(),
            axes,
            "{name}"
        );
    }
    assert_eq!(Dataset::digits().shape().axes(), [8, 8]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    fs::write(&path, "0,1,2,3,4,5,6,7,8,9,10,11\n").unwrap();
    let shaped = |shape: &[usize]| {
        Dataset::load(&DataConfig {
            shape: shape.to_vec(),
            ..config(path.to_str().unwrap(), LabelColumn::None)
        })
    };
    assert_eq!(shaped(&[3, 4]).unwrap().shape().axes(), [3, 4]);
    assert_eq!(shaped(&[2, 2, 3]).unwrap().shape().axes(), [2, 2, 3]);
    for wrong in [&[3, 3][..], &[12], &[1, 2, 3, 2]] {
        let message = shaped(wrong).unwrap_err().to_string();
        assert!(
            message.contains("a.csv: data.shape") && message.contains("12 pixels"),
            "{message}"
        );
    }
}

#[test]
fn an_array_of_an_archive_is_named_behind_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two.npz");
    crate::files::write_npz(&path, |npz| {
        npz.add("a", &Array3::from_elem((2, 2, 3), 16_u8))?;
        npz.add("b", &arr2(&[[0.0, 8.0]]))
    })
    .unwrap();
    let load = |name: &str| {
        let source = format!("{}{name}", path.display());
        Dataset::load(&config(&source, LabelColumn::None))
    };
    assert_eq!(load(":a").unwrap().images().dim(), (2, 6));
    let b = load(":b").unwrap();
    assert_eq!(b.images(), arr2(&[[-1.0, 0.0]]));
    assert!(b.name().ends_with("two.npz:b"), "{}", b.name());
    let unclear = load("").unwrap_err().to_string();
    assert!(unclear.contains("two.npz:a"), "{unclear}");
    let wrong = load(":c").unwrap_err().to_string();
    assert!(wrong.contains("has no array `c`"), "{wrong}");
}
