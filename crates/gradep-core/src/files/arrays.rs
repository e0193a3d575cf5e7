//! Arrays in `NumPy`'s formats.

use super::{
    ArrayFileError, Elements, Inventory, NpzFile, decode_npy, read_file, unfailing::Unfailing,
    write_file,
};
use crate::image::ImageShape;
use analog_substrate::{Couplings, coupling::Connection, kernels::Real};
use ndarray::{Array2, ArrayD, ArrayView1, Ix2};
use ndarray_npy::{NpzWriter, WritableElement, WriteNpyExt};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, Cursor, Seek, Write};
use std::path::Path;

/// Reads one `[batch, unit]` array from a `.npy` file, or from a `.npz` its array `name` (its only
/// array where `name` is `None`). A `path` of the form `FILE.npz:NAME` names the array itself; a file of
/// that whole name is taken first. A `.npy` has no names: `name` is then ignored.
///
/// float32 and float64 are taken, in either byte order and layout, and come out as `R`. Integers are
/// refused: states, anchors and velocities are real numbers, and an integer array there is most
/// often an image that has not been scaled.
///
/// # Errors
/// Any [`ArrayFileError`].
pub fn read_array<R: Real>(path: &Path, name: Option<&str>) -> Result<Array2<R>, ArrayFileError> {
    read_batch(path, name, Elements::Floats)
}

/// As [`read_array`], integers as well: for images, whose range the caller knows.
///
/// # Errors
/// Any [`ArrayFileError`].
pub fn read_images<R: Real>(path: &Path, name: Option<&str>) -> Result<Array2<R>, ArrayFileError> {
    read_batch(path, name, Elements::Numbers)
}

/// Reads an array of any rank, of numbers or flags, in which NaN may stand for what is not known: for what is given of
/// images. What else the values have to be the caller knows. `name` as in [`read_array`].
///
/// # Errors
/// Any [`ArrayFileError`].
pub fn read_given(path: &Path, name: Option<&str>) -> Result<ArrayD<f32>, ArrayFileError> {
    let (file, asked) = split_name(path);
    let bytes = read_file(file)?;
    Inventory::check(file, &bytes)?;
    let (array, bytes) = npy_member(file, &bytes, asked, name)?;
    let values = decode_npy::<f32>(&bytes, Elements::NumbersAndFlags);
    values.map_err(|cause| ArrayFileError::Npy { array, cause })
}

fn read_batch<R: Real>(
    path: &Path,
    name: Option<&str>,
    take: Elements,
) -> Result<Array2<R>, ArrayFileError> {
    let (file, asked) = split_name(path);
    let bytes = read_file(file)?;
    Inventory::check(file, &bytes)?;
    let (array, bytes) = npy_member(file, &bytes, asked, name)?;
    batch(array, &bytes, take)
}

/// The file of `FILE:NAME`, and the name; the whole path where it is a file itself, or no part of it is.
pub(crate) fn split_name(path: &Path) -> (&Path, Option<&str>) {
    let parts = path.to_str().filter(|_| !path.exists());
    let found = parts.and_then(|text| {
        let mut ends = text.rmatch_indices(':').map(|(end, _)| end);
        let end = ends.find(|&end| end > 0 && Path::new(&text[..end]).exists())?;
        Some((Path::new(&text[..end]), Some(&text[end + 1..])))
    });
    found.unwrap_or((path, None))
}

/// The bytes of one `.npy` array of a file, and what errors call it: of a `.npz` the array `asked`, or
/// else `name`, or else its only one.
pub(crate) fn npy_member<'a>(
    file: &Path,
    bytes: &'a [u8],
    asked: Option<&str>,
    name: Option<&str>,
) -> Result<(String, Cow<'a, [u8]>), ArrayFileError> {
    let path = || file.to_owned();
    if bytes.starts_with(b"\x93NUMPY") {
        return match asked {
            None => Ok((file.display().to_string(), Cow::Borrowed(bytes))),
            Some(name) => Err(ArrayFileError::Nameless {
                path: path(),
                name: name.to_owned(),
            }),
        };
    }
    if !bytes.starts_with(b"PK") {
        return Err(ArrayFileError::Format { path: path() });
    }
    let mut archive = NpzFile::open(file, bytes)?;
    let name = archive.choose(asked.or(name))?;
    let member = archive.member(&name)?;
    Ok((archive.title(&name), Cow::Owned(member)))
}

/// A finite `[batch, unit]` array from the bytes of a `.npy` file; `array` names it in errors.
fn batch<R: Real>(
    array: String,
    bytes: &[u8],
    take: Elements,
) -> Result<Array2<R>, ArrayFileError> {
    let values = match decode_npy::<R>(bytes, take) {
        Ok(values) => values,
        Err(cause) => return Err(ArrayFileError::Npy { array, cause }),
    };
    if values.ndim() != 2 {
        let shape = values.shape().to_owned();
        return Err(ArrayFileError::Rank { array, shape });
    }
    let values = values
        .into_dimensionality::<Ix2>()
        .expect("the array has two axes");
    let bad = values.indexed_iter().find(|(_, v)| !v.to_f64().is_finite());
    if let Some(((row, column), value)) = bad {
        let value = value.to_f64();
        return Err(ArrayFileError::NotFinite {
            array,
            row,
            column,
            value,
        });
    }
    Ok(values)
}

/// Where an archive goes: its directory at the end needs places of what is before it.
pub(super) trait Target: Write + Seek {}

impl<T: Write + Seek> Target for T {}

/// The arrays of a `.npz` file that is being written.
pub struct NpzArrays<'a> {
    writer: NpzWriter<Unfailing<&'a mut dyn Target>>,
    names: BTreeSet<String>,
}

impl NpzArrays<'_> {
    /// Adds an array of any rank and of any element type that `NumPy` has (f32, f64, u32, bool, …).
    ///
    /// # Errors
    /// Of the file system, and where `name` has been used before in this file.
    pub fn add<A: WriteNpyExt + ?Sized>(&mut self, name: &str, array: &A) -> io::Result<()> {
        if !self.names.insert(name.to_owned()) {
            let message = format!("two arrays are called `{name}`");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let added = self.writer.add_array(name, array);
        added.map_err(io::Error::other)
    }

    /// Adds `image_shape`: the axes of an image, `[H, W]` or `[H, W, C]`, whose pixels lie in a row elsewhere in the
    /// file.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn add_shape(&mut self, shape: ImageShape) -> io::Result<()> {
        let axes: Vec<u64> = shape.axes().into_iter().map(|axis| axis as u64).collect();
        self.add("image_shape", &ndarray::Array1::from_vec(axes))
    }

    /// Adds one value per parameter of a network, its gradient say, under the names of a model
    /// file: `visible_bias` `[n_0]`, `weight_l` `[n_{l+1}, n_l]` (of a coupling that is not dense `parameters_l`),
    /// `bias_l` `[n_{l+1}]`, and `leak_0` `[n_0]` where visible nodes have leaks.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn add_couplings<R: Real + WritableElement>(
        &mut self,
        couplings: &Couplings<R>,
    ) -> io::Result<()> {
        self.add("visible_bias", &couplings.visible_bias())?;
        for l in 0..couplings.layers().hidden() {
            match couplings.topology().connection(l) {
                Connection::Dense(_) => self.add(&format!("weight_{l}"), &couplings.weight(l))?,
                Connection::Open(_) => {
                    let parameters = ArrayView1::from(couplings.parameters(l));
                    self.add(&format!("parameters_{l}"), &parameters)?;
                }
            }
            self.add(&format!("bias_{l}"), &couplings.bias(l))?;
        }
        if let Some(leak) = couplings.visible_leak() {
            self.add("leak_0", &leak)?;
        }
        Ok(())
    }
}

/// Writes a `.npz` file, atomically, with the arrays that `fill` adds; `numpy.load` opens it.
/// Uncompressed; the same arrays give the same bytes.
///
/// # Errors
/// [`ArrayFileError::Access`]; nothing is left half-written.
pub fn write_npz(
    path: &Path,
    fill: impl FnOnce(&mut NpzArrays<'_>) -> io::Result<()>,
) -> Result<(), ArrayFileError> {
    Ok(write_file(path, |file| fill_npz(file, fill))?)
}

/// The bytes of the `.npz` file that [`write_npz`] writes, for a place that is no file.
///
/// # Errors
/// Those of `fill`.
pub fn npz_bytes(fill: impl FnOnce(&mut NpzArrays<'_>) -> io::Result<()>) -> io::Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    fill_npz(&mut bytes, fill)?;
    Ok(bytes.into_inner())
}

pub(super) fn fill_npz(
    target: &mut dyn Target,
    fill: impl FnOnce(&mut NpzArrays<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let mut arrays = NpzArrays {
        writer: NpzWriter::new(Unfailing::new(target)),
        names: BTreeSet::new(),
    };
    fill(&mut arrays)?;
    let written = arrays.writer.finish().map_err(io::Error::other)?;
    written.into_result()
}

#[cfg(test)]
mod tests {
    use super::{super::FileAccessError, *};
    use ndarray::{Array1, Array3, arr1, arr2};
    use proptest::prelude::*;
    use std::fs;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    fn save(path: &Path, array: &impl WriteNpyExt) {
        ndarray_npy::write_npy(path, array).unwrap();
    }

    proptest! {
        // Every case waits for the disk (fsync).
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn npz_round_trips_bit_for_bit(
            (rows, columns) in (1_usize..6, 1_usize..6),
            values in prop::collection::vec(-1e300_f64..1e300, 25),
            singles in prop::collection::vec(-1e30_f32..1e30, 25),
        ) {
            let folder = folder();
            let path = folder.path().join("a.npz");
            let shape = (rows, columns);
            let doubles = Array2::from_shape_fn(shape, |(i, j)| values[i * columns + j]);
            let singles = Array2::from_shape_fn(shape, |(i, j)| singles[i * columns + j]);
            write_npz(&path, |npz| {
                npz.add("doubles", &doubles)?;
                npz.add("singles", &singles.t())
            }).unwrap();
            prop_assert_eq!(read_array::<f64>(&path, Some("doubles")).unwrap(), doubles);
            prop_assert_eq!(read_array::<f32>(&path, Some("singles")).unwrap(), singles.t());
            let wide = read_array::<f64>(&path, Some("singles")).unwrap();
            prop_assert_eq!(wide, singles.t().mapv(f64::from));
        }
    }

    #[test]
    fn ranks_one_to_three_and_flags_are_written_reproducibly() {
        let folder = folder();
        let write = |file: &str| {
            let path = folder.path().join(file);
            write_npz(&path, |npz| {
                npz.add("iterations", &arr1(&[3_u32, 5]))?;
                npz.add("settled", &arr1(&[true, false]))?;
                npz.add("path", &Array3::<f64>::zeros((2, 1, 3)))
            })
            .unwrap();
            fs::read(path).unwrap()
        };
        assert_eq!(write("a.npz"), write("b.npz"));
        let mut read = ndarray_npy::NpzReader::new(Cursor::new(write("a.npz"))).unwrap();
        let iterations: Array1<u32> = read.by_name("iterations").unwrap();
        let settled: Array1<bool> = read.by_name("settled").unwrap();
        let path: Array3<f64> = read.by_name("path").unwrap();
        assert_eq!(iterations, arr1(&[3, 5]));
        assert_eq!(settled, arr1(&[true, false]));
        assert_eq!(path.dim(), (2, 1, 3));
    }

    #[test]
    fn an_archive_in_memory_is_that_of_a_file() {
        let folder = folder();
        let path = folder.path().join("a.npz");
        let array = arr2(&[[1.0_f32, 2.0]]);
        write_npz(&path, |npz| npz.add("x", &array)).unwrap();
        let bytes = npz_bytes(|npz| npz.add("x", &array)).unwrap();
        assert_eq!(bytes, fs::read(path).unwrap());
    }

    #[test]
    fn the_array_is_named_or_the_only_one() {
        let folder = folder();
        let one = folder.path().join("one.npz");
        write_npz(&one, |npz| npz.add("x_t", &arr2(&[[1.0, 2.0]]))).unwrap();
        assert_eq!(read_array::<f32>(&one, None).unwrap(), arr2(&[[1.0, 2.0]]));
        let wrong = read_array::<f32>(&one, Some("u_t"))
            .unwrap_err()
            .to_string();
        assert!(wrong.contains("`u_t`") && wrong.contains("x_t"), "{wrong}");
        let two = folder.path().join("two.npz");
        write_npz(&two, |npz| {
            npz.add("a", &arr2(&[[1.0]]))?;
            npz.add("b", &arr2(&[[1.0]]))
        })
        .unwrap();
        let unclear = read_array::<f32>(&two, None).unwrap_err();
        let text = unclear.to_string();
        assert!(matches!(unclear, ArrayFileError::WhichArray { names, .. } if names == ["a", "b"]));
        assert!(
            text.contains("say which one, as in") && text.ends_with("two.npz:a"),
            "{text}"
        );
    }

    #[test]
    fn an_array_is_named_behind_its_file() {
        let folder = folder();
        let two = folder.path().join("two.npz");
        write_npz(&two, |npz| {
            npz.add("a", &arr2(&[[1.0]]))?;
            npz.add("b:c", &arr2(&[[2.0]]))
        })
        .unwrap();
        let read = |text: String| read_array::<f64>(Path::new(&text), Some("a"));
        let two = two.display().to_string();
        assert_eq!(read(two.clone()).unwrap(), arr2(&[[1.0]]));
        assert_eq!(read(format!("{two}:b:c")).unwrap(), arr2(&[[2.0]]));
        let wrong = read(format!("{two}:d")).unwrap_err().to_string();
        assert!(
            wrong.contains("has no array `d`") && wrong.contains("two.npz:a"),
            "{wrong}"
        );
        // A file whose name has a colon is that file.
        let colon = folder.path().join("two.npz:b:c");
        save(&colon, &arr2(&[[3.0]]));
        assert_eq!(read(format!("{two}:b:c")).unwrap(), arr2(&[[3.0]]));
        let single = read(format!("{}:x", colon.display())).unwrap_err();
        assert!(single.to_string().contains("is a single array"), "{single}");
        assert!(
            read(format!("{two}x:a"))
                .unwrap_err()
                .to_string()
                .contains("No such file")
        );
    }

    #[test]
    fn what_is_not_a_finite_batch_is_refused_with_its_place() {
        let folder = folder();
        let path = folder.path().join("bad.npy");
        save(&path, &arr2(&[[0.0, 1.0], [f64::NAN, 0.0]]));
        let text = read_array::<f32>(&path, None).unwrap_err().to_string();
        assert!(text.contains("bad.npy: element [1, 0] is NaN"), "{text}");
        save(&path, &arr2(&[[0.0, 1e300]]));
        let text = read_array::<f32>(&path, None).unwrap_err().to_string();
        assert!(text.contains("element [0, 1] is inf"), "{text}");
        assert!(read_array::<f64>(&path, None).is_ok());
        save(&path, &arr1(&[0.0, 1.0]));
        let text = read_array::<f32>(&path, None).unwrap_err().to_string();
        assert!(text.contains("shape [2]; expected two axes"), "{text}");
        save(&path, &arr2(&[[0_i32, 1]]));
        let text = read_array::<f32>(&path, None).unwrap_err().to_string();
        assert!(text.contains("<i4; expected float32 or float64"), "{text}");
        fs::write(&path, b"not an array").unwrap();
        let text = read_array::<f32>(&path, None).unwrap_err().to_string();
        assert!(text.contains("neither a .npy nor a .npz"), "{text}");
        let text = read_array::<f32>(&folder.path().join("none.npy"), None);
        assert!(matches!(
            text,
            Err(ArrayFileError::Access(FileAccessError::Read { .. }))
        ));
    }

    #[test]
    fn a_damaged_archive_never_yields_wrong_numbers() {
        let folder = folder();
        let path = folder.path().join("a.npz");
        let array = arr2(&[[1.0_f32, 2.0], [3.0, 4.0]]);
        write_npz(&path, |npz| npz.add("x", &array)).unwrap();
        let good = fs::read(&path).unwrap();
        for end in 0..good.len() {
            fs::write(&path, &good[..end]).unwrap();
            assert!(read_array::<f32>(&path, None).is_err(), "cut at {end}");
        }
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            fs::write(&path, &bad).unwrap();
            // Some bytes (dates, attributes) carry no data; the archive's CRC-32 guards the rest.
            if let Ok(read) = read_array::<f32>(&path, None) {
                assert_eq!(read, array, "byte {at}");
            }
        }
    }

    #[test]
    fn a_failed_archive_leaves_nothing() {
        let folder = folder();
        let path = folder.path().join("a.npz");
        let refused = write_npz(&path, |npz| {
            npz.add("x", &arr1(&[1.0]))?;
            npz.add("x", &arr1(&[2.0]))
        });
        let text = refused.unwrap_err().to_string();
        assert!(text.contains("two arrays are called `x`"), "{text}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
