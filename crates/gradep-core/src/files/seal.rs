//! Seals: whether a file is what was written.
//!
//! Documents (JSON) and models (the JSON header of safetensors) that this program writes have a member `seal`: 64
//! hexadecimal digits, the BLAKE3 of the whole file with 64 zeros in their place. It tells accidents (a bad disk, half a
//! copy, an edit that was forgotten) and is no signature. A file without a seal is another's, and read as it is.

use std::{
    borrow::Cow,
    ops::Range,
    path::{Path, PathBuf},
};
use units::fault::{Blame, Fault};

/// A file that is not what was written.
#[derive(Debug, thiserror::Error)]
#[error(
    "{}: was changed after it was written: {what} does not fit; restore it or make it anew{}",
    path.display(),
    on_purpose(what)
)]
pub struct Changed {
    /// The file.
    pub path: PathBuf,
    /// What tells so.
    pub what: &'static str,
}

impl Blame for Changed {
    fn fault(&self) -> Fault {
        Fault::Input
    }
}

/// What a change on purpose takes.
fn on_purpose(what: &str) -> &'static str {
    match what {
        OF_A_MAP => " (gradep import conductances --edited takes what was changed on purpose)",
        SEAL => " (without `seal` it is read as it is)",
        LISTED => " (without files.json it is read as it is)",
        _ => "",
    }
}

/// [`Changed::what`] of a seal.
pub(crate) const SEAL: &str = "its seal";
/// [`Changed::what`] of a file in an inventory.
pub(crate) const LISTED: &str = "its entry in files.json";
/// [`Changed::what`] of a map.
pub(crate) const OF_A_MAP: &str = "the checksum of the map";

/// What a file says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seal {
    /// It is what was written; where its seal stands.
    Whole(Range<usize>),
    /// It has a seal that does not fit.
    Broken,
    /// It has none.
    None,
}

/// Digits of a seal.
const DIGITS: usize = 64;
const KEY: &[u8] = b"\"seal\":";
/// What stands where the seal goes.
pub(super) const OPEN: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Fills in the seal of a file that has [`OPEN`] as the value of `seal` in its first `end` bytes.
pub(super) fn close(bytes: &mut [u8], end: usize) {
    if let Some(place) = digits(&bytes[..end]) {
        let seal = hash(bytes);
        bytes[place].copy_from_slice(seal.as_bytes());
    }
}

/// Looks at the seal of a document.
pub fn look(bytes: &[u8]) -> Seal {
    look_within(bytes, bytes.len())
}

/// Looks at the seal of a file that stands in its first `end` bytes.
pub(super) fn look_within(bytes: &[u8], end: usize) -> Seal {
    let header = &bytes[..end.min(bytes.len())];
    let Some(place) = digits(header) else {
        return if holds_key(header) || holds_damaged_key(header) {
            Seal::Broken
        } else {
            Seal::None
        };
    };
    let mut open = bytes.to_vec();
    open[place.clone()].copy_from_slice(OPEN.as_bytes());
    if hash(&open).as_bytes() == &bytes[place.clone()] {
        Seal::Whole(place)
    } else {
        Seal::Broken
    }
}

/// A JSON document, sealed.
///
/// # Errors
/// Of values that JSON does not have, and of what is no object.
pub fn sealed_json(value: &impl serde::Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(value)?;
    let is_empty = text == "{}";
    let end = text.strip_suffix(if is_empty { "}" } else { "\n}" });
    let Some(end) = end.map(str::len) else {
        return Err(serde::ser::Error::custom(
            "only an object has room for a seal",
        ));
    };
    text.truncate(end);
    text.push_str(if is_empty { "\n" } else { ",\n" });
    text.push_str("  \"seal\": \"");
    text.push_str(OPEN);
    text.push_str("\"\n}\n");
    let mut bytes = text.into_bytes();
    let end = bytes.len();
    close(&mut bytes, end);
    Ok(bytes)
}

/// A JSON document without its seal.
///
/// # Errors
/// [`Changed`].
pub fn unsealed<'a>(path: &Path, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>, Changed> {
    match look(bytes) {
        Seal::None => Ok(Cow::Borrowed(bytes)),
        Seal::Broken => Err(Changed {
            path: path.to_owned(),
            what: SEAL,
        }),
        Seal::Whole(place) => {
            let before = &bytes[..place.start];
            let last = before.iter().rposition(|&byte| matches!(byte, b',' | b'{'));
            // The comma goes, a brace stays.
            let start = last.map_or(0, |last| last + usize::from(before[last] == b'{'));
            // With the quotation mark behind it.
            Ok([&bytes[..start], &bytes[place.end + 1..]].concat().into())
        }
    }
}

fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// Where a well-formed seal has its digits; the last of several, which is the file's own.
fn digits(bytes: &[u8]) -> Option<Range<usize>> {
    let key = last(bytes, KEY)?;
    let mut start = key + KEY.len();
    start += usize::from(bytes.get(start) == Some(&b' '));
    let value = bytes.get(start..start + DIGITS + 2)?;
    let is_value = value[0] == b'"'
        && value[DIGITS + 1] == b'"'
        && value[1..=DIGITS].iter().all(u8::is_ascii_hexdigit);
    is_value.then_some(start + 1..start + 1 + DIGITS)
}

fn last(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).rposition(|window| window == part)
}

fn holds_key(bytes: &[u8]) -> bool {
    last(bytes, KEY).is_some()
}

/// Whether 64 digits stand behind a key that is `seal` but for one bit.
fn holds_damaged_key(bytes: &[u8]) -> bool {
    let bits_off = |window: &[u8]| -> u32 {
        let pairs = window.iter().zip(KEY);
        pairs.map(|(a, b)| (a ^ b).count_ones()).sum()
    };
    let followed = |end: usize| {
        let value = bytes[end..].iter().take(DIGITS + 3);
        value.filter(|byte| byte.is_ascii_hexdigit()).count() >= DIGITS
    };
    let windows = bytes.windows(KEY.len()).enumerate();
    windows
        .filter(|(_, window)| bits_off(window) == 1)
        .any(|(place, _)| followed(place + KEY.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn every_flipped_bit_is_found() {
        let bytes = sealed_json(&json!({"a": [1.5, null], "b": {"c": "d"}})).unwrap();
        assert!(matches!(look(&bytes), Seal::Whole(_)));
        let plain = unsealed(Path::new("a.json"), &bytes).unwrap();
        let value: Value = serde_json::from_slice(&plain).unwrap();
        assert_eq!(value, json!({"a": [1.5, null], "b": {"c": "d"}}));
        for bit in 0..8 * bytes.len() {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(look(&changed), Seal::Broken, "bit {bit}");
        }
    }

    #[test]
    fn documents_of_others_are_read_as_they_are() {
        for text in ["{}", "{\"a\": 1}", "[1]", "", "{\"hash\": \"0123\"}"] {
            assert_eq!(look(text.as_bytes()), Seal::None);
            let read = unsealed(Path::new("a.json"), text.as_bytes()).unwrap();
            assert_eq!(&*read, text.as_bytes());
        }
        assert!(sealed_json(&json!([1])).is_err());
        let empty = sealed_json(&json!({})).unwrap();
        let plain = unsealed(Path::new("a.json"), &empty).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&plain).unwrap(), json!({}));
    }
}
