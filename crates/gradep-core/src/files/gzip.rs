//! Gzip streams (RFC 1952), told by their first bytes and never by a name.

use flate2::read::MultiGzDecoder;
use std::io::{self, Read};
use units::bounded::read_stream;

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
/// A damaged or truncated stream; [`io::ErrorKind::InvalidData`] beyond the limit.
pub(crate) fn unpack(bytes: &[u8], limit: u64) -> io::Result<Vec<u8>> {
    read_stream(unpacking(bytes), limit)
}
