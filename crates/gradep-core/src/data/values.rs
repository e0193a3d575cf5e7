//! What the values of data can be, and which of them are taken for the darkest and the brightest.

/// What the values of a file can be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Values {
    /// Bytes, 0 to 255.
    Bytes,
    /// Words of 16 bits, 0 to 65,535.
    Words,
    /// Numbers between these.
    Numbers {
        /// The smallest.
        smallest: f64,
        /// The largest.
        largest: f64,
        /// Whether all are whole.
        whole: bool,
    },
}

impl Values {
    /// The values that are taken for the darkest and the brightest.
    ///
    /// Of numbers: 0 to 255 where they are whole and go beyond 127, else, from 0 upwards, 0 to 1 or to the
    /// largest; −1 to 1 where they go below 0 and not beyond 1 in size; else the smallest to the largest.
    pub fn range(self) -> (f64, f64) {
        match self {
            Self::Bytes => (0.0, 255.0),
            Self::Words => (0.0, 65_535.0),
            Self::Numbers {
                smallest,
                largest,
                whole,
            } => {
                if whole && smallest >= 0.0 && (128.0..=255.0).contains(&largest) {
                    (0.0, 255.0)
                } else if smallest >= 0.0 && largest <= 1.0 {
                    (0.0, 1.0)
                } else if smallest >= -1.0 && largest <= 1.0 {
                    (-1.0, 1.0)
                } else if whole && smallest >= 0.0 {
                    (0.0, largest)
                } else {
                    (smallest, largest)
                }
            }
        }
    }

    /// In words.
    pub fn text(self) -> String {
        match self {
            Self::Bytes => "bytes".to_owned(),
            Self::Words => "words of 16 bits".to_owned(),
            Self::Numbers {
                smallest, largest, ..
            } => format!("numbers from {smallest} to {largest}"),
        }
    }
}
