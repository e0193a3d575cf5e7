//! Files and streams that are read no further than anything of their kind goes.
//!
//! A device or a pipe has no end, a small archive can promise any content, and a file can be another than it is
//! taken for. What is longer than the limit is an error that names it, before it is held in memory where its
//! length is known.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// All bytes of a stream, at most `longest`.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] for a longer one; those of the stream.
pub fn read_stream(stream: impl Read, longest: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let more = longest.saturating_add(1);
    stream.take(more).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > longest {
        return Err(too_long(longest));
    }
    Ok(bytes)
}

/// All bytes of a file, at most `longest`.
///
/// # Errors
/// As [`read_stream`].
pub fn read_bytes(path: &Path, longest: u64) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let known = file.metadata()?;
    if known.is_file() && known.len() > longest {
        return Err(too_long(longest));
    }
    read_stream(file, longest)
}

/// The text of a file, at most `longest` bytes.
///
/// # Errors
/// As [`read_stream`]; [`io::ErrorKind::InvalidData`] for what is not UTF-8.
pub fn read_text(path: &Path, longest: u64) -> io::Result<String> {
    let bytes = read_bytes(path, longest)?;
    String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        wrong(format!("is not UTF-8 text: byte {place}"))
    })
}

fn too_long(longest: u64) -> io::Error {
    wrong(format!(
        "is longer than {longest} bytes, which is more than is read of a file of this kind"
    ))
}

fn wrong(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_has_no_end_is_not_read_to_it() {
        assert_eq!(read_stream(&b"abc"[..], 3).unwrap(), b"abc");
        let long = read_stream(io::repeat(b'x'), 3).unwrap_err();
        assert!(long.to_string().contains("longer than 3 bytes"), "{long}");
        assert!(read_bytes(Path::new("no such file"), 3).is_err());
    }

    #[test]
    fn files_are_text_and_no_longer_than_they_may_be() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, b"ab\xff").unwrap();
        assert_eq!(read_bytes(&path, 3).unwrap(), b"ab\xff");
        let binary = read_text(&path, 3).unwrap_err();
        assert!(binary.to_string().contains("byte 2"), "{binary}");
        // A sparse file of 1 TiB: its length alone is looked at.
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        let long = read_bytes(&path, 1 << 32).unwrap_err();
        assert!(
            long.to_string().contains("longer than 4294967296"),
            "{long}"
        );
    }
}
