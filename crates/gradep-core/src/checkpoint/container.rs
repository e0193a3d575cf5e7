//! One checkpoint file.

use crate::files::{FileAccessError, read_file, write_file};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use units::fault::{Blame, Fault};

const MAGIC: &[u8; 8] = b"GRADEPCK";
/// 1 lacked the number of epochs in a row without an update.
const FORMAT_VERSION: u32 = 2;
/// blake3 is 32 bytes long.
const CHECKSUM: usize = blake3::OUT_LEN;
/// Magic, version and header length.
const PREFIX: usize = MAGIC.len() + 2 * size_of::<u32>();
/// Everything but header and payload.
const FRAME: usize = PREFIX + size_of::<u64>() + CHECKSUM;
/// Largest payload, in bytes: a bound on what a decoder may claim. 1 GiB holds a network of
/// 67 million parameters with its average and two moments in single precision.
const MAX_PAYLOAD: usize = 1 << 30;

/// What a checkpoint says about itself before its payload is decoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointHeader {
    /// Version of this crate that wrote the file.
    pub crate_version: String,
    /// blake3 of the resolved configuration, hexadecimal: a run resumes its own configuration only.
    pub config_hash: String,
    /// Seed of the run.
    pub seed: u64,
    /// Epochs that are complete.
    pub epoch: u64,
}

/// Why a checkpoint could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The file system refuses to read, or to write: then nothing is left of the file.
    #[error("{0}")]
    Access(#[from] FileAccessError),
    /// The state cannot be put into a checkpoint.
    #[error("{}: the state cannot be encoded: {reason}", path.display())]
    Encode {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Another kind of file.
    #[error("{}: is not a checkpoint (it does not start with GRADEPCK)", path.display())]
    Magic {
        /// The file.
        path: PathBuf,
    },
    /// A format that this program does not know.
    #[error("{}: checkpoint format {found}; this program reads {expected}", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// The version in the file.
        found: u32,
        /// The version that is read.
        expected: u32,
    },
    /// Cut off, or with bytes added.
    #[error("{}: has {found} bytes, its own lengths say {expected}", path.display())]
    Length {
        /// The file.
        path: PathBuf,
        /// Bytes there are.
        found: usize,
        /// Bytes by the lengths in the file, or the least that a checkpoint has (saturated at the
        /// largest count).
        expected: usize,
    },
    /// Some byte has changed.
    #[error("{}: the checksum does not match: the file is damaged", path.display())]
    Checksum {
        /// The file.
        path: PathBuf,
    },
    /// The bytes are as written, but not what this program expects of them.
    #[error("{}: the state cannot be decoded: {reason}", path.display())]
    Decode {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
}

impl Blame for CheckpointError {
    fn fault(&self) -> Fault {
        match self {
            Self::Access(cause) => cause.fault(),
            Self::Encode { .. } => Fault::Machine,
            Self::Magic { .. }
            | Self::Version { .. }
            | Self::Length { .. }
            | Self::Checksum { .. }
            | Self::Decode { .. } => Fault::Input,
        }
    }
}

/// Writes a checkpoint, atomically.
///
/// Layout, integers little-endian: `GRADEPCK`, format version u32, header length u32, header (JSON),
/// payload length u64, payload (bincode 2), blake3 of everything before (32 bytes).
///
/// # Errors
/// [`CheckpointError::Encode`] where `payload` has no finite encoding or exceeds 1 GiB,
/// [`CheckpointError::Access`] from the file system. Nothing is left half-written.
pub fn write_checkpoint<T: Serialize>(
    path: &Path,
    header: &CheckpointHeader,
    payload: &T,
) -> Result<(), CheckpointError> {
    let bytes = encode(header, payload).map_err(|reason| CheckpointError::Encode {
        path: path.to_owned(),
        reason,
    })?;
    Ok(write_file(path, |file| file.write_all(&bytes))?)
}

/// The bytes of a checkpoint, or why there are none.
fn encode<T: Serialize>(header: &CheckpointHeader, payload: &T) -> Result<Vec<u8>, String> {
    let header = serde_json::to_vec(header).map_err(|error| error.to_string())?;
    let header_length = u32::try_from(header.len()).map_err(|error| error.to_string())?;
    let payload = bincode::serde::encode_to_vec(payload, bincode::config::standard())
        .map_err(|error| error.to_string())?;
    if payload.len() > MAX_PAYLOAD {
        let length = payload.len();
        return Err(format!("{length} bytes, expected at most {MAX_PAYLOAD}"));
    }
    let mut bytes = Vec::with_capacity(FRAME + header.len() + payload.len());
    bytes.extend(MAGIC);
    bytes.extend(FORMAT_VERSION.to_le_bytes());
    bytes.extend(header_length.to_le_bytes());
    bytes.extend(header);
    bytes.extend((payload.len() as u64).to_le_bytes());
    bytes.extend(payload);
    let checksum = blake3::hash(&bytes);
    bytes.extend(checksum.as_bytes());
    Ok(bytes)
}

/// Reads a checkpoint: its header and the payload that [`write_checkpoint`] was given.
///
/// Checked in this order: magic, version, lengths against the size of the file, checksum, decoding
/// within a limit, and that decoding has used every byte.
///
/// # Errors
/// Any [`CheckpointError`] but `Encode`.
pub fn read_checkpoint<T: DeserializeOwned>(
    path: &Path,
) -> Result<(CheckpointHeader, T), CheckpointError> {
    let bytes = read_file(path)?;
    let (header, payload) = open(path, &bytes)?;
    let decode = |reason: String| CheckpointError::Decode {
        path: path.to_owned(),
        reason,
    };
    let header = serde_json::from_slice(header).map_err(|error| decode(error.to_string()))?;
    let limited = bincode::config::standard().with_limit::<MAX_PAYLOAD>();
    let (state, used) = bincode::serde::decode_from_slice(payload, limited)
        .map_err(|error| decode(error.to_string()))?;
    if used != payload.len() {
        let length = payload.len();
        return Err(decode(format!(
            "{used} of {length} payload bytes were used"
        )));
    }
    Ok((header, state))
}

/// Whether a file is a checkpoint that was not changed since it was written.
pub fn is_whole_checkpoint(path: &Path, bytes: &[u8]) -> bool {
    open(path, bytes).is_ok()
}

/// Header and payload of a file whose frame and checksum hold.
fn open<'a>(path: &Path, bytes: &'a [u8]) -> Result<(&'a [u8], &'a [u8]), CheckpointError> {
    if !bytes.starts_with(MAGIC) {
        return Err(CheckpointError::Magic {
            path: path.to_owned(),
        });
    }
    let length = |expected| CheckpointError::Length {
        path: path.to_owned(),
        found: bytes.len(),
        expected,
    };
    let rest = &bytes[MAGIC.len()..];
    let (version, rest) = rest.split_first_chunk().ok_or_else(|| length(FRAME))?;
    let version = u32::from_le_bytes(*version);
    if version != FORMAT_VERSION {
        return Err(CheckpointError::Version {
            path: path.to_owned(),
            found: version,
            expected: FORMAT_VERSION,
        });
    }
    let (header_length, rest) = rest.split_first_chunk().ok_or_else(|| length(FRAME))?;
    let header_length = u32::from_le_bytes(*header_length) as usize;
    let at_least = FRAME.saturating_add(header_length);
    let (header, rest) = rest
        .split_at_checked(header_length)
        .ok_or_else(|| length(at_least))?;
    let (payload_length, rest) = rest.split_first_chunk().ok_or_else(|| length(at_least))?;
    let payload_length = usize::try_from(u64::from_le_bytes(*payload_length)).unwrap_or(usize::MAX);
    let whole = at_least.saturating_add(payload_length);
    if whole != bytes.len() {
        return Err(length(whole));
    }
    let (payload, checksum) = rest.split_at(payload_length);
    if blake3::hash(&bytes[..whole - CHECKSUM]).as_bytes() != checksum {
        return Err(CheckpointError::Checksum {
            path: path.to_owned(),
        });
    }
    Ok((header, payload))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::fs;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    pub(in crate::checkpoint) struct State {
        pub(in crate::checkpoint) parameters: Vec<f32>,
        pub(in crate::checkpoint) step: u64,
        pub(in crate::checkpoint) losses: Vec<f64>,
    }

    pub(in crate::checkpoint) fn state() -> State {
        State {
            parameters: vec![0.1, -0.0, f32::MIN_POSITIVE / 2.0, f32::MAX],
            step: u64::MAX,
            losses: vec![2.73, f64::NEG_INFINITY],
        }
    }

    pub(in crate::checkpoint) fn header(epoch: u64) -> CheckpointHeader {
        CheckpointHeader {
            crate_version: "0.1.0".to_owned(),
            config_hash: "3f9a1c".to_owned(),
            seed: u64::MAX,
            epoch,
        }
    }

    /// A file's bytes as a checkpoint of `T`.
    fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<(CheckpointHeader, T), CheckpointError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ck");
        fs::write(&path, bytes).unwrap();
        read_checkpoint(&path)
    }

    #[test]
    fn what_is_written_is_read_back_bit_for_bit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ck");
        write_checkpoint(&path, &header(500), &state()).unwrap();
        let (read_header, read_state) = read_checkpoint::<State>(&path).unwrap();
        assert_eq!(read_header, header(500));
        let bits = |state: &State| {
            state
                .parameters
                .iter()
                .map(|v| v.to_bits())
                .collect::<Vec<_>>()
        };
        assert_eq!(bits(&read_state), bits(&state()));
        assert_eq!(read_state, state());
        // The same state gives the same file.
        assert_eq!(
            fs::read(&path).unwrap(),
            encode(&header(500), &state()).unwrap()
        );
    }

    #[test]
    fn every_changed_byte_is_detected() {
        let good = encode(&header(7), &state()).unwrap();
        for at in 0..good.len() {
            for change in [0x01, 0x80, 0xff] {
                let mut bad = good.clone();
                bad[at] ^= change;
                let refused = read::<State>(&bad).unwrap_err();
                let expected = match at {
                    0..8 => matches!(refused, CheckpointError::Magic { .. }),
                    8..12 => matches!(
                        refused,
                        CheckpointError::Version {
                            expected: FORMAT_VERSION,
                            ..
                        }
                    ),
                    // A changed header length misplaces the payload length.
                    12..16 => matches!(refused, CheckpointError::Length { .. }),
                    _ => matches!(
                        refused,
                        CheckpointError::Length { .. } | CheckpointError::Checksum { .. }
                    ),
                };
                assert!(expected, "byte {at} ^ {change:#x}: {refused}");
            }
        }
    }

    #[test]
    fn every_truncation_and_every_extension_is_detected() {
        let mut bytes = encode(&header(7), &state()).unwrap();
        for end in 0..bytes.len() {
            let refused = read::<State>(&bytes[..end]).unwrap_err();
            let expected = match end {
                0..8 => matches!(refused, CheckpointError::Magic { .. }),
                _ => matches!(refused, CheckpointError::Length { .. }),
            };
            assert!(expected, "cut at {end}: {refused}");
        }
        bytes.push(0);
        let refused = read::<State>(&bytes).unwrap_err();
        assert!(
            matches!(refused, CheckpointError::Length { .. }),
            "{refused}"
        );
    }

    #[test]
    fn a_payload_of_another_type_is_refused() {
        // Decodes as a State without its losses, and leaves bytes over.
        let bytes = encode(&header(7), &state()).unwrap();
        let refused = read::<(Vec<f32>, u64)>(&bytes).unwrap_err();
        assert!(
            refused.to_string().contains("payload bytes were used"),
            "{refused}"
        );
        // Asks for more than there is: a vector of 2^60 numbers.
        let bytes = encode(&header(7), &(1_u64 << 60)).unwrap();
        let refused = read::<Vec<f64>>(&bytes).unwrap_err();
        assert!(
            matches!(refused, CheckpointError::Decode { .. }),
            "{refused}"
        );
    }
}
