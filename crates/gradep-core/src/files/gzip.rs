//! Gzip streams (RFC 1952), told by their first bytes and never by a name.

use flate2::read::MultiGzDecoder;
use std::io::{self, Read};

/// First bytes of a gzip stream.
const MAGIC: &[u8] = &[0x1f, 0x8b];

/// Whether bytes start as a gzip stream does.
pub(crate) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// The content of a gzip stream, or bytes that are none as they are.
pub(crate) fn unpacking(bytes: &[u8]) -> Box<dyn Read + '_> {
    if is_gzip(bytes) {
        Box::new(MultiGzDecoder::new(bytes))
    } else {
        Box::new(bytes)
    }
}

/// All of it, at most `limit` bytes: a small stream can promise any number. Its checksum is compared.
///
/// # Errors
/// A damaged or truncated stream; [`io::ErrorKind::FileTooLarge`] beyond the limit.
pub(crate) fn unpack(bytes: &[u8], limit: u64) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    unpacking(bytes).take(limit + 1).read_to_end(&mut content)?;
    if content.len() as u64 > limit {
        let message = format!("its content is larger than {limit} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(content)
}
