//! One `NumPy` array from bytes that nobody has vouched for.

use analog_substrate::kernels::Real;
use ndarray::ArrayD;
use ndarray_npy::{ReadNpyExt, ReadableElement, npy::header::Header};
use std::io::{self, Read};
use units::budget::{BudgetError, check_memory};
use units::fault::{Blame, Fault};

/// Which element types a caller takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Elements {
    /// `float32`, `float64`.
    Floats,
    /// Those, and integers of 1, 2, 4 or 8 bytes.
    Numbers,
    /// Those, and `bool` as 0 and 1.
    NumbersAndFlags,
}

/// Why bytes are not an array that can be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NpyError {
    /// The first bytes are others.
    #[error("does not start as a .npy file does (\\x93NUMPY)")]
    Magic,
    /// The bytes end inside the header.
    #[error("the header is cut off: {found} bytes, expected at least {expected}")]
    HeaderCutOff {
        /// Bytes there are.
        found: usize,
        /// Bytes that the header claims.
        expected: usize,
    },
    /// The header is not one of `NumPy`'s.
    #[error("the header cannot be understood: {reason}")]
    Header {
        /// What the parser says.
        reason: String,
    },
    /// Elements of a type that is not taken.
    #[error("has elements of type {found}; expected {expected}")]
    Type {
        /// `NumPy`'s type descriptor.
        found: String,
        /// The types that are taken.
        expected: &'static str,
    },
    /// More than is unpacked.
    #[error(
        "promises {promised} bytes; expected at most {limit}, a quarter of the free memory or a hundred times what is packed"
    )]
    TooLarge {
        /// Bytes that its header, or its archive, promises (saturated at the largest count).
        promised: u64,
        /// The limit.
        limit: u64,
    },
    /// The array and what is made of it do not fit into the memory.
    #[error("{0}")]
    Budget(#[from] BudgetError),
    /// No elements.
    #[error("has shape {shape:?}, that is no elements")]
    Empty {
        /// The shape in the header.
        shape: Vec<usize>,
    },
    /// More or fewer data than the header says.
    #[error(
        "shape {shape:?} of {descriptor} needs {expected} bytes of data, the file holds {found}"
    )]
    Length {
        /// The shape in the header.
        shape: Vec<usize>,
        /// `NumPy`'s type descriptor.
        descriptor: String,
        /// Bytes by shape and type (saturated at the largest count).
        expected: usize,
        /// Bytes after the header.
        found: usize,
    },
}

impl Blame for NpyError {
    fn fault(&self) -> Fault {
        match self {
            Self::Budget(cause) => cause.fault(),
            Self::Magic
            | Self::HeaderCutOff { .. }
            | Self::Header { .. }
            | Self::Type { .. }
            | Self::TooLarge { .. }
            | Self::Empty { .. }
            | Self::Length { .. } => Fault::Input,
        }
    }
}

/// A plain array's header opens two brackets; a limit keeps the recursive parser off hostile ones.
const MAX_BRACKETS: usize = 16;

/// Longest header, in bytes; that of a plain array has some hundred.
const LONGEST_HEADER: usize = 1 << 16;

/// Reads the whole of a `.npy` file, of any rank, as `R`; in C order.
///
/// f64 → f32 rounds (and may overflow to infinity: callers check); everything else that a double
/// holds is exact. Nothing is allocated before the header agrees with the number of bytes.
pub(crate) fn decode_npy<R: Real>(bytes: &[u8], take: Elements) -> Result<ArrayD<R>, NpyError> {
    check_prefix(bytes)?;
    let mut data = bytes;
    let Layout {
        shape,
        descriptor,
        size,
    } = Layout::read(&mut data, take)?;
    if shape.contains(&0) {
        return Err(NpyError::Empty { shape });
    }
    let expected = length(&shape, size);
    if expected != data.len() {
        return Err(NpyError::Length {
            shape,
            descriptor,
            expected,
            found: data.len(),
        });
    }
    // As it is read, as `R`, and once more where callers narrow it.
    let of_element = size + 2 * size_of::<R>();
    check_memory(
        || format!("an array of shape {shape:?}"),
        (expected / size) as f64 * of_element as f64,
        "use a smaller array",
    )?;
    let element = element_of(&descriptor);
    match element {
        "f4" => convert::<f32, R>(bytes, |v| R::from_f64(f64::from(v))),
        "f8" => convert::<f64, R>(bytes, R::from_f64),
        "b1" => convert::<bool, R>(bytes, |v| if v { R::ONE } else { R::ZERO }),
        "u1" => convert::<u8, R>(bytes, |v| R::from_f64(f64::from(v))),
        "i1" => convert::<i8, R>(bytes, |v| R::from_f64(f64::from(v))),
        "u2" => convert::<u16, R>(bytes, |v| R::from_f64(f64::from(v))),
        "i2" => convert::<i16, R>(bytes, |v| R::from_f64(f64::from(v))),
        "u4" => convert::<u32, R>(bytes, |v| R::from_f64(f64::from(v))),
        "i4" => convert::<i32, R>(bytes, |v| R::from_f64(f64::from(v))),
        "u8" => convert::<u64, R>(bytes, |v| R::from_f64(v as f64)),
        _ => convert::<i64, R>(bytes, |v| R::from_f64(v as f64)),
    }
}

/// What a header says of the data that follow it.
struct Layout {
    shape: Vec<usize>,
    /// `NumPy`'s name of the type.
    descriptor: String,
    /// Bytes of an element.
    size: usize,
}

impl Layout {
    /// Reads a header that [`check_prefix`] has passed.
    fn read(data: &mut &[u8], take: Elements) -> Result<Self, NpyError> {
        let header = Header::from_reader(data).map_err(|error| NpyError::Header {
            reason: error.to_string(),
        })?;
        let descriptor = match header.type_descriptor.as_string() {
            Some(text) => text.clone(),
            None => return Err(unusable_type(header.type_descriptor.to_string(), take)),
        };
        match element_size(element_of(&descriptor), take) {
            Some(size) => Ok(Self {
                shape: header.shape,
                descriptor,
                size,
            }),
            None => Err(unusable_type(descriptor, take)),
        }
    }
}

/// The type without its byte order.
fn element_of(descriptor: &str) -> &str {
    descriptor.trim_start_matches(['<', '>', '|', '='])
}

/// The type of the elements of a `.npy` file, without its byte order, such as `u1`; none where the header cannot
/// be understood.
pub(crate) fn npy_element(bytes: &[u8]) -> Option<String> {
    check_prefix(bytes).ok()?;
    let mut data = bytes;
    let layout = Layout::read(&mut data, Elements::Numbers).ok()?;
    Some(element_of(&layout.descriptor).to_owned())
}

/// Bytes of the data, saturated at the largest count.
fn length(shape: &[usize], size: usize) -> usize {
    shape.iter().fold(size, |n, &axis| n.saturating_mul(axis))
}

/// The beginning of an array that is being unpacked.
pub(super) struct Promise {
    /// Everything up to the data.
    pub(super) bytes: Vec<u8>,
    /// How many bytes of data have to follow.
    pub(super) data: u64,
}

impl Promise {
    /// Reads the header and no more; the outer error is that of the stream.
    pub(super) fn read(stream: &mut impl Read) -> io::Result<Result<Self, NpyError>> {
        let mut bytes = Vec::new();
        stream.take(PREFIX as u64).read_to_end(&mut bytes)?;
        let end = match header_end(&bytes) {
            Ok(end) => end,
            Err(error) => return Ok(Err(error)),
        };
        let more = end.saturating_sub(bytes.len()) as u64;
        stream.take(more).read_to_end(&mut bytes)?;
        Ok(Self::of(bytes))
    }

    fn of(bytes: Vec<u8>) -> Result<Self, NpyError> {
        check_prefix(&bytes)?;
        let mut rest = &bytes[..];
        let layout = Layout::read(&mut rest, Elements::NumbersAndFlags)?;
        // What the longer prefix of a later version has read of the data already.
        let there = rest.len() as u64;
        let data = length(&layout.shape, layout.size) as u64;
        Ok(Self {
            data: data.saturating_sub(there),
            bytes,
        })
    }
}

/// Bytes that say how long the header is: 10 in version 1, 12 in versions 2 and 3.
const PREFIX: usize = 12;

/// Magic, and a header that ends inside `bytes` and nests no deeper than a plain array's.
fn check_prefix(bytes: &[u8]) -> Result<(), NpyError> {
    let end = header_end(bytes)?;
    let start = if bytes[6] == 1 { 10 } else { PREFIX };
    let cut_off = |expected| NpyError::HeaderCutOff {
        found: bytes.len(),
        expected,
    };
    let text = bytes.get(start..end).ok_or_else(|| cut_off(end))?;
    let brackets = text.iter().filter(|b| b"([{".contains(b)).count();
    if brackets > MAX_BRACKETS {
        return Err(NpyError::Header {
            reason: format!("{brackets} opening brackets, expected 2 as for a plain array"),
        });
    }
    Ok(())
}

/// Where the header ends, by its own length.
fn header_end(bytes: &[u8]) -> Result<usize, NpyError> {
    if !bytes.starts_with(b"\x93NUMPY") {
        return Err(NpyError::Magic);
    }
    let cut_off = |expected| NpyError::HeaderCutOff {
        found: bytes.len(),
        expected,
    };
    // Version 1 has a length of two bytes, versions 2 and 3 of four.
    let (start, length) = match bytes {
        [_, _, _, _, _, _, 1, _, a, b, ..] => (10, usize::from(u16::from_le_bytes([*a, *b]))),
        [_, _, _, _, _, _, 2 | 3, _, a, b, c, d, ..] => {
            (PREFIX, u32::from_le_bytes([*a, *b, *c, *d]) as usize)
        }
        [_, _, _, _, _, _, version, _, _, _, ..] if !(1..=3).contains(version) => {
            return Err(NpyError::Header {
                reason: format!("format version {version}, expected 1, 2 or 3"),
            });
        }
        _ => return Err(cut_off(PREFIX)),
    };
    if length > LONGEST_HEADER {
        return Err(NpyError::Header {
            reason: format!("it is {length} bytes long, expected at most {LONGEST_HEADER}"),
        });
    }
    Ok(start + length)
}

/// Bytes of an element that is taken.
fn element_size(element: &str, take: Elements) -> Option<usize> {
    let size = match element {
        "f4" => 4,
        "f8" => 8,
        _ if take == Elements::Floats => return None,
        "b1" if take == Elements::NumbersAndFlags => 1,
        "u1" | "i1" => 1,
        "u2" | "i2" => 2,
        "u4" | "i4" => 4,
        "u8" | "i8" => 8,
        _ => return None,
    };
    Some(size)
}

fn unusable_type(found: String, take: Elements) -> NpyError {
    NpyError::Type {
        found,
        expected: match take {
            Elements::Floats => "float32 or float64 (NumPy: a.astype(\"float32\"))",
            Elements::Numbers => "float32, float64 or integers (NumPy: a.astype(\"float32\"))",
            Elements::NumbersAndFlags => "float32, float64, integers or bool",
        },
    }
}

/// Reads elements of type `T`, each turned into an `R`.
fn convert<T: ReadableElement + Copy, R: Real>(
    bytes: &[u8],
    into: impl Fn(T) -> R,
) -> Result<ArrayD<R>, NpyError> {
    let array = ArrayD::<T>::read_npy(bytes).map_err(|error| NpyError::Header {
        reason: error.to_string(),
    })?;
    // Iteration is in logical order whatever the layout of the file.
    let values = array.iter().map(|&value| into(value)).collect();
    Ok(ArrayD::from_shape_vec(array.raw_dim(), values).expect("as many values as the array had"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, arr2};
    use ndarray_npy::WriteNpyExt;

    fn npy(array: &impl WriteNpyExt) -> Vec<u8> {
        let mut bytes = Vec::new();
        array.write_npy(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn every_type_and_both_orders_read_the_same() {
        let expected = arr2(&[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).into_dyn();
        let unsigned = arr2(&[[1_u8, 2, 3], [4, 5, 6]]);
        let signed = arr2(&[[1_i8, 2, 3], [4, 5, 6]]);
        let files = [
            npy(&unsigned),
            npy(&unsigned.mapv(u16::from)),
            npy(&unsigned.mapv(u32::from)),
            npy(&unsigned.mapv(u64::from)),
            npy(&signed),
            npy(&signed.mapv(i16::from)),
            npy(&signed.mapv(i32::from)),
            npy(&signed.mapv(i64::from)),
            npy(&signed.mapv(f32::from)),
            npy(&signed.mapv(f64::from)),
            npy(&arr2(&[[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]).reversed_axes()),
        ];
        for file in files {
            assert_eq!(
                decode_npy::<f64>(&file, Elements::Numbers).unwrap(),
                expected
            );
        }
    }

    #[test]
    fn a_cut_off_file_is_refused_at_every_length() {
        let file = npy(&Array2::<f32>::ones((2, 3)));
        for end in 0..file.len() {
            assert!(
                decode_npy::<f32>(&file[..end], Elements::Floats).is_err(),
                "{end}"
            );
        }
    }

    #[test]
    fn a_header_that_promises_more_than_the_file_allocates_nothing() {
        let mut file = npy(&Array2::<f32>::ones((2, 3)));
        let at = file.windows(6).position(|w| w == b"(2, 3)").unwrap();
        // 10^16 × 10^16 elements: more than usize can count.
        let shape = b"(10000000000000000, 10000000000000000)";
        let padding = shape.len() - 6;
        file.splice(at..at + 6, shape.iter().copied());
        let spaces = file
            .windows(padding)
            .position(|w| w.iter().all(|b| *b == b' '));
        let spaces = spaces.unwrap();
        file.drain(spaces..spaces + padding);
        let refused = decode_npy::<f32>(&file, Elements::Floats);
        assert!(
            matches!(
                refused,
                Err(NpyError::Length {
                    expected: usize::MAX,
                    found: 24,
                    ..
                })
            ),
            "{refused:?}"
        );
    }

    #[test]
    fn what_is_not_a_plain_array_of_numbers_is_refused() {
        let booleans = npy(&Array2::from_elem((1, 2), true));
        let refused = decode_npy::<f32>(&booleans, Elements::Numbers);
        assert!(matches!(refused, Err(NpyError::Type { .. })), "{refused:?}");
        let integers = npy(&Array2::<i64>::zeros((1, 2)));
        let refused = decode_npy::<f32>(&integers, Elements::Floats);
        assert!(matches!(refused, Err(NpyError::Type { .. })), "{refused:?}");
        let none = npy(&Array2::<f32>::zeros((0, 2)));
        let refused = decode_npy::<f32>(&none, Elements::Floats);
        assert!(
            matches!(refused, Err(NpyError::Empty { .. })),
            "{refused:?}"
        );
        // A parser that recurses per bracket would run out of stack here.
        let mut nested = b"\x93NUMPY\x01\x00\xff\xff".to_vec();
        nested.resize(10 + 65_535, b'(');
        let refused = decode_npy::<f32>(&nested, Elements::Floats);
        assert!(
            matches!(refused, Err(NpyError::Header { .. })),
            "{refused:?}"
        );
    }
}
