//! IDX, the format of MNIST (`LeCun`, Cortes & Burges): big-endian magic `00 00 type rank`, one u32
//! per axis, then the elements. Only unsigned bytes (type 08) are read, plain or gzip.

use super::{DataError, ImageShape, Scale};
use crate::files::{is_gzip, unpacking};
use ndarray::Array2;
use std::io::{ErrorKind, Read};
use units::budget::check_memory;

/// Most values that are unpacked, 4 GiB of f32: a small gzip stream can promise any number.
const MAX_VALUES: usize = 1 << 30;

/// Whether content starts as IDX does.
pub(super) fn looks_like(content: &[u8]) -> bool {
    content.starts_with(&[0, 0])
}

/// Images `[image, pixel]` from a tensor of rank 2 or more; axes after the first are flattened into rows, and
/// say their shape.
pub(super) fn read_images(
    source: &str,
    bytes: &[u8],
    scale: &Scale,
) -> Result<(Array2<f32>, ImageShape), DataError> {
    const EXPECTED: &str = "0x00000803 for images (unsigned bytes, here of any rank from 2)";
    let (shape, values) = read(source, bytes, EXPECTED, |rank| rank >= 2)?;
    let width = values.len() / shape[0];
    let pixels = values.iter().enumerate().map(|(i, &value)| {
        scale.pixel(f64::from(value), source, || {
            format!("image {}, pixel {} (from 0)", i / width, i % width)
        })
    });
    let pixels = pixels.collect::<Result<_, _>>()?;
    let images =
        Array2::from_shape_vec((shape[0], width), pixels).expect("the axes multiply to the length");
    let axes = ImageShape::of_axes(&shape[1..]);
    Ok((images, axes.unwrap_or_else(|| ImageShape::of_pixels(width))))
}

/// Labels from a tensor of rank 1.
pub(super) fn read_labels(source: &str, bytes: &[u8]) -> Result<Vec<u32>, DataError> {
    let (_, labels) = read(source, bytes, "0x00000801 for labels", |rank| rank == 1)?;
    Ok(labels.into_iter().map(u32::from).collect())
}

/// Shape and elements, unpacked where the content is gzip.
fn read(
    source: &str,
    bytes: &[u8],
    expected: &'static str,
    takes_rank: impl Fn(u8) -> bool,
) -> Result<(Vec<usize>, Vec<u8>), DataError> {
    let mut stream = unpacking(bytes);
    let magic = read_u32(source, &mut *stream, bytes)?;
    let [zero, zero_too, kind, rank] = magic.to_be_bytes();
    if [zero, zero_too, kind] != [0, 0, 0x08] || !takes_rank(rank) {
        return Err(DataError::IdxMagic {
            source_name: source.to_owned(),
            found: magic,
            expected,
        });
    }
    let axes = (0..rank).map(|_| Ok(read_u32(source, &mut *stream, bytes)? as usize));
    let shape = axes.collect::<Result<Vec<_>, DataError>>()?;
    let values = read_values(source, stream, &shape)?;
    Ok((shape, values))
}

/// Exactly as many bytes as the shape says; memory grows with what is there, not with the header.
fn read_values(source: &str, stream: impl Read, shape: &[usize]) -> Result<Vec<u8>, DataError> {
    let source_name = source.to_owned();
    let expected = shape
        .iter()
        .fold(1_usize, |n, &axis| n.saturating_mul(axis));
    if expected == 0 {
        return Err(DataError::Empty { source_name });
    }
    let shape = shape.to_vec();
    if expected > MAX_VALUES {
        return Err(DataError::TooLarge {
            source_name,
            shape,
            limit: MAX_VALUES,
        });
    }
    // The bytes, and twice the pixels in f32: a list that grows is held twice.
    check_memory(
        || format!("{source}: images of shape {shape:?}"),
        9.0 * expected as f64,
        "use fewer images",
    )?;
    let mut values = Vec::new();
    // One byte more than expected shows whether there are more; at the end of a gzip stream it
    // also makes the unpacker compare its checksum.
    let read = stream.take(expected as u64 + 1).read_to_end(&mut values);
    if let Err(error) = read {
        return Err(DataError::Gzip {
            source_name,
            reason: format!("{error}, after {} of {expected} bytes", values.len()),
        });
    }
    if values.len() != expected {
        let found = if values.len() > expected {
            "more".to_owned()
        } else {
            values.len().to_string()
        };
        return Err(DataError::IdxLength {
            source_name,
            shape,
            expected,
            found,
        });
    }
    Ok(values)
}

/// A big-endian number of the header. `bytes` are the file's, to tell gzip's end from the header's.
fn read_u32(source: &str, stream: &mut dyn Read, bytes: &[u8]) -> Result<u32, DataError> {
    let mut number = [0; 4];
    match stream.read_exact(&mut number) {
        Ok(()) => Ok(u32::from_be_bytes(number)),
        Err(error) if is_gzip(bytes) => Err(DataError::Gzip {
            source_name: source.to_owned(),
            reason: if error.kind() == ErrorKind::UnexpectedEof {
                "it ends inside the IDX header".to_owned()
            } else {
                error.to_string()
            },
        }),
        Err(_) => Err(DataError::IdxHeader {
            source_name: source.to_owned(),
        }),
    }
}
