//! What kind of file data lie in.

use super::{DataError, idx};
use crate::files::{is_gzip, most_unpacked, unpack, unpacking};
use std::{borrow::Cow, io::Read as _, path::Path};

/// Formats of data files.
pub(super) enum Format {
    Csv,
    Npy,
    Npz,
    Idx,
}

/// Bytes at the beginning by which a format is told.
const HEAD: u64 = 16;

impl Format {
    /// Of a file, by its first bytes, or by its name where they say nothing.
    pub(super) fn of(path: &Path, bytes: &[u8]) -> Result<Self, DataError> {
        let mut head = Vec::new();
        let read = unpacking(bytes).take(HEAD).read_to_end(&mut head);
        read.map_err(gzip(path.display()))?;
        let packed = path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("gz"));
        let inner = if packed {
            path.with_extension("")
        } else {
            path.to_owned()
        };
        let extension = inner.extension().unwrap_or_default();
        let is = |known: &str| extension.eq_ignore_ascii_case(known);
        if head.starts_with(b"\x93NUMPY") || is("npy") {
            Ok(Self::Npy)
        } else if bytes.starts_with(b"PK") {
            Ok(Self::Npz)
        } else if idx::looks_like(&head) || is("idx") {
            Ok(Self::Idx)
        } else if is("csv") {
            Ok(Self::Csv)
        } else if packed || is_gzip(bytes) {
            // MNIST's own names have no extension but that of gzip.
            Ok(Self::Idx)
        } else {
            Err(DataError::Format {
                source_name: path.display().to_string(),
            })
        }
    }
}

/// The content of a gzip stream, other bytes as they are.
pub(super) fn unpacked<'a>(source: &str, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>, DataError> {
    if !is_gzip(bytes) {
        return Ok(Cow::Borrowed(bytes));
    }
    let content = unpack(bytes, most_unpacked()).map_err(gzip(source))?;
    Ok(Cow::Owned(content))
}

pub(super) fn gzip(source: impl std::fmt::Display) -> impl FnOnce(std::io::Error) -> DataError {
    move |error| DataError::Gzip {
        source_name: source.to_string(),
        reason: error.to_string(),
    }
}
