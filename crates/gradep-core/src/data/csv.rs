//! Comma-separated images, one a line, with or without a heading.

use super::{
    DataError, LabelColumn, Scale,
    label_column::{first_looks_like_labels, is_label_name},
};
use csv::{ByteRecord, ReaderBuilder, Trim};
use ndarray::{Array2, s};
use units::{Lines, budget::check_memory};

/// What a table holds.
pub(super) struct Table {
    /// `[line, pixel]`.
    pub(super) images: Array2<f32>,
    /// From the label's column, if there is one.
    pub(super) labels: Option<Vec<u32>>,
    /// Which column that is: never [`LabelColumn::Auto`].
    pub(super) label_column: LabelColumn,
}

/// Images and labels. A first line that is no image is a heading; one that names the label first or last
/// decides where it is, if nothing else does.
pub(super) fn read(
    source: &str,
    bytes: &[u8],
    scale: &Scale,
    asked: LabelColumn,
) -> Result<Table, DataError> {
    // Two characters of text are a pixel of four bytes at most, held twice while the list grows.
    check_memory(
        || format!("{source}: a table of {} bytes", bytes.len()),
        4.0 * bytes.len() as f64,
        "use fewer images",
    )?;
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true) // lengths are checked here, with the line in the message
        .trim(Trim::All)
        .from_reader(bytes);
    let mut rows = Rows {
        source,
        scale,
        label_column: asked,
        guessed: false,
        columns: None,
        pixels: Vec::new(),
        labels: Vec::new(),
        first: Vec::new(),
    };
    let mut record = ByteRecord::new();
    let broken = |error: ::csv::Error| DataError::Csv {
        source_name: source.to_owned(),
        reason: Lines::new(bytes, None).explain(&error),
    };
    while reader.read_byte_record(&mut record).map_err(broken)? {
        let line = || Lines::new(bytes, None).of(record.position());
        if rows.columns.is_some() {
            rows.image(&record, &line)?;
        } else {
            rows.begin(&record, &line)?;
        }
    }
    rows.finish()
}

/// The table as far as it is read.
struct Rows<'a> {
    source: &'a str,
    scale: &'a Scale,
    label_column: LabelColumn,
    /// Whether nobody has said where the label is.
    guessed: bool,
    columns: Option<usize>,
    pixels: Vec<f32>,
    labels: Vec<u32>,
    /// The first column as it stands in the file, where it might be the label after all.
    first: Vec<f64>,
}

impl Rows<'_> {
    /// The first line: a heading or an image.
    fn begin(&mut self, record: &ByteRecord, line: &impl Fn() -> u64) -> Result<(), DataError> {
        self.columns = Some(record.len());
        let heading = is_heading(record);
        if heading {
            self.heed(record, line)?;
        }
        if self.label_column == LabelColumn::Auto {
            self.label_column = LabelColumn::Last;
            self.guessed = true;
        }
        if heading {
            return Ok(());
        }
        self.image(record, line)
    }

    /// What a heading says of the label: it decides where nothing is set, and must not contradict what is.
    fn heed(&mut self, heading: &ByteRecord, line: &impl Fn() -> u64) -> Result<(), DataError> {
        let Some(place) = heading.iter().position(names_label) else {
            return Ok(());
        };
        let named = match place {
            0 => Some(LabelColumn::First),
            _ if place + 1 == heading.len() => Some(LabelColumn::Last),
            _ => None,
        };
        match (self.label_column, named) {
            (LabelColumn::Auto, Some(named)) => self.label_column = named,
            (asked, Some(named)) if asked == named => {}
            (asked, _) => {
                return Err(DataError::Heading {
                    source_name: self.source.to_owned(),
                    line: line(),
                    column: place + 1,
                    name: String::from_utf8_lossy(&heading[place]).into_owned(),
                    columns: heading.len(),
                    asked: asked.name().to_owned(),
                });
            }
        }
        Ok(())
    }

    fn image(&mut self, record: &ByteRecord, line: &impl Fn() -> u64) -> Result<(), DataError> {
        let expected = self.columns.unwrap_or(record.len());
        if record.len() != expected {
            return Err(DataError::Ragged {
                source_name: self.source.to_owned(),
                line: line(),
                found: record.len(),
                expected,
            });
        }
        let label = match self.label_column {
            LabelColumn::First => Some(0),
            LabelColumn::None => None,
            LabelColumn::Last | LabelColumn::Auto => Some(record.len() - 1),
        };
        for (place, text) in record.iter().enumerate() {
            if label != Some(place) {
                let value = self.number(line, place, text)?;
                if place == 0 && self.guessed {
                    self.first.push(value);
                }
                let pixel = self.pixel(line, place, value)?;
                self.pixels.push(pixel);
            }
        }
        if let Some(place) = label {
            self.labels.push(self.label(line, &record[place])?);
        }
        Ok(())
    }

    fn number(&self, line: &impl Fn() -> u64, place: usize, text: &[u8]) -> Result<f64, DataError> {
        let text = String::from_utf8_lossy(text);
        text.parse().map_err(|_| DataError::NotANumber {
            source_name: self.source.to_owned(),
            line: line(),
            column: place + 1,
            value: text.clone().into_owned(),
        })
    }

    fn pixel(&self, line: &impl Fn() -> u64, place: usize, value: f64) -> Result<f32, DataError> {
        self.scale.pixel(value, self.source, || {
            let hint = if place == 0 && self.guessed && value.fract() == 0.0 {
                " (is it the label? then data.label_column = first)"
            } else {
                ""
            };
            format!("line {}, column {}{hint}", line(), place + 1)
        })
    }

    fn label(&self, line: &impl Fn() -> u64, text: &[u8]) -> Result<u32, DataError> {
        let text = String::from_utf8_lossy(text);
        text.parse().map_err(|_| DataError::Label {
            source_name: self.source.to_owned(),
            line: line(),
            column: match self.label_column {
                LabelColumn::First => "first",
                _ => "last",
            },
            value: text.clone().into_owned(),
        })
    }

    fn finish(self) -> Result<Table, DataError> {
        let has_labels = self.label_column != LabelColumn::None;
        let width = self
            .columns
            .unwrap_or(0)
            .saturating_sub(usize::from(has_labels));
        if width == 0 || self.pixels.is_empty() {
            return Err(DataError::Empty {
                source_name: self.source.to_owned(),
            });
        }
        let images = Array2::from_shape_vec((self.pixels.len() / width, width), self.pixels)
            .expect("every line has the same number of columns");
        if self.guessed && width > 1 {
            let last: Vec<f64> = self.labels.iter().map(|&label| f64::from(label)).collect();
            let between = images.slice(s![.., 1..]);
            let highest = between.iter().copied().fold(-1.0, f32::max);
            let highest = self.scale.value(highest);
            if first_looks_like_labels(&self.first, &last, between, highest) {
                let largest = self.first.iter().copied().fold(0.0, f64::max);
                return Err(DataError::LabelFirst {
                    source_name: self.source.to_owned(),
                    largest,
                    highest,
                });
            }
        }
        Ok(Table {
            images,
            labels: has_labels.then_some(self.labels),
            label_column: self.label_column,
        })
    }
}

/// Whether a first line is a heading and no image: nothing in it is a number, or its first or last field names the
/// label (the other columns may be called 0, 1, 2, …). A line of numbers with a gap or a slip is none.
fn is_heading(record: &ByteRecord) -> bool {
    let ends = [record.iter().next(), record.iter().next_back()];
    let is_number =
        |text: &[u8]| str::from_utf8(text).is_ok_and(|text| text.parse::<f64>().is_ok());
    ends.into_iter().flatten().any(names_label)
        || (!record.iter().any(is_number) && record.iter().any(|text| !text.is_empty()))
}

fn names_label(text: &[u8]) -> bool {
    str::from_utf8(text).is_ok_and(is_label_name)
}
