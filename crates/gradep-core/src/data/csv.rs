//! Comma-separated images, one a line, without a heading.

use super::{DataError, Scale};
use ::csv::{ByteRecord, ReaderBuilder, Trim};
use analog_substrate::Lines;
use ndarray::Array2;

/// Images `[line, column]`, and labels from the last column where it holds them.
pub(super) fn read(
    source: &str,
    bytes: &[u8],
    scale: &Scale,
    label_column: bool,
) -> Result<(Array2<f32>, Option<Vec<u32>>), DataError> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true) // lengths are checked here, with the line in the message
        .trim(Trim::All)
        .from_reader(bytes);
    let mut columns = None;
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    let mut record = ByteRecord::new();
    let broken = |error: ::csv::Error| DataError::Csv {
        source_name: source.to_owned(),
        reason: Lines::new(bytes, None).explain(&error),
    };
    while reader.read_byte_record(&mut record).map_err(broken)? {
        let line = || Lines::new(bytes, None).of(record.position());
        let expected = *columns.get_or_insert(record.len());
        if record.len() != expected {
            return Err(DataError::Ragged {
                source_name: source.to_owned(),
                line: line(),
                found: record.len(),
                expected,
            });
        }
        let images = record.len() - usize::from(label_column);
        for (column, text) in record.iter().take(images).enumerate() {
            pixels.push(pixel(source, scale, &line, column + 1, text)?);
        }
        if label_column {
            labels.push(label(source, &line, &record[images])?);
        }
    }
    let width = columns.unwrap_or(0) - usize::from(label_column && columns.is_some());
    if width == 0 {
        return Err(DataError::Empty {
            source_name: source.to_owned(),
        });
    }
    let images = Array2::from_shape_vec((pixels.len() / width, width), pixels)
        .expect("every line has the same number of columns");
    Ok((images, label_column.then_some(labels)))
}

fn pixel(
    source: &str,
    scale: &Scale,
    line: &impl Fn() -> u64,
    column: usize,
    text: &[u8],
) -> Result<f32, DataError> {
    let text = String::from_utf8_lossy(text);
    let Ok(value) = text.parse() else {
        return Err(DataError::NotANumber {
            source_name: source.to_owned(),
            line: line(),
            column,
            value: text.into_owned(),
        });
    };
    scale.pixel(value, source, || {
        format!("line {}, column {column}", line())
    })
}

fn label(source: &str, line: &impl Fn() -> u64, text: &[u8]) -> Result<u32, DataError> {
    let text = String::from_utf8_lossy(text);
    text.parse().map_err(|_| DataError::Label {
        source_name: source.to_owned(),
        line: line(),
        value: text.clone().into_owned(),
    })
}
