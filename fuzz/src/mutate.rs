//! Changes of bytes.

use rand::{RngExt as _, seq::IndexedRandom as _};
use rand_chacha::ChaCha8Rng;

/// Words and numbers on which readers turn.
const TOKENS: [&[u8]; 40] = [
    b"0",
    b"-1",
    b"1e999",
    b"-1e-999",
    b"nan",
    b"inf",
    b"18446744073709551615",
    b"9223372036854775808",
    b"4294967296",
    b"1099511627776",
    b"[",
    b"]",
    b"{",
    b"}",
    b"\"",
    b"'",
    b",",
    b"\n",
    b"\r\n",
    b"=",
    b":",
    b"#",
    b"\xff",
    b"\0",
    b"\xef\xbb\xbf",
    b"null",
    b"true",
    b"\"\"",
    b"[[]]",
    b"{}",
    b"inherits = \"D3\"\n",
    b"shape",
    b"(1099511627776,)",
    b"<f4",
    b"<f8",
    b"data_offsets",
    b"__metadata__",
    b"PK\x03\x04",
    b"\x1f\x8b\x08",
    b"\\u0000",
];

/// Numbers at the edges of their types.
const EDGES: [u64; 8] = [0, 1, 0x7f, 0xff, 0xffff, 0x7fff_ffff, 0xffff_ffff, u64::MAX];

/// Longest input, in bytes.
const LONGEST: usize = 1 << 16;

/// One of the seeds with some changes.
pub(crate) fn mutated(seeds: &[Vec<u8>], draw: &mut ChaCha8Rng) -> Vec<u8> {
    let mut bytes = seeds.choose(draw).cloned().unwrap_or_default();
    for _ in 0..draw.random_range(1..=8) {
        change(&mut bytes, seeds, draw);
    }
    bytes.truncate(LONGEST);
    bytes
}

fn change(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], draw: &mut ChaCha8Rng) {
    let at = draw.random_range(0..=bytes.len());
    let end = (at + draw.random_range(0..=32_usize)).min(bytes.len());
    match draw.random_range(0..8_u32) {
        0 => flip(bytes, draw),
        1 => bytes.truncate(at),
        2 => drop(bytes.drain(at..end)),
        3 => {
            let again = bytes[at..end].repeat(draw.random_range(1..=64));
            bytes.splice(at..at, again);
        }
        4 => {
            let token = TOKENS.choose(draw).copied().unwrap_or_default();
            bytes.splice(at..end, token.iter().copied());
        }
        5 => {
            let token = TOKENS.choose(draw).copied().unwrap_or_default();
            bytes.splice(at..at, token.iter().copied());
        }
        6 => overwrite(bytes, at, draw),
        _ => {
            let other = seeds.choose(draw).cloned().unwrap_or_default();
            let from = draw.random_range(0..=other.len());
            bytes.truncate(at);
            bytes.extend_from_slice(&other[from..]);
        }
    }
}

fn flip(bytes: &mut [u8], draw: &mut ChaCha8Rng) {
    if !bytes.is_empty() {
        let at = draw.random_range(0..bytes.len());
        bytes[at] ^= 1 << draw.random_range(0..8_u32);
    }
}

/// A number at the edge of its type in the place of some bytes, in either order.
fn overwrite(bytes: &mut [u8], at: usize, draw: &mut ChaCha8Rng) {
    let number = EDGES.choose(draw).copied().unwrap_or_default();
    let mut edge = number.to_le_bytes();
    let width = 1 << draw.random_range(0..4_u32);
    if draw.random_range(0..2_u32) == 0 {
        edge[..width].reverse();
    }
    for (byte, new) in bytes[at..].iter_mut().zip(&edge[..width]) {
        *byte = *new;
    }
}

/// The shortest part of an input that still fails, as far as leaving out halves, quarters, … finds it.
pub(crate) fn shrunk(input: &[u8], fails: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut least = input.to_vec();
    let mut width = least.len() / 2;
    while width > 0 {
        let mut at = 0;
        while at < least.len() {
            let mut shorter = least.clone();
            shorter.drain(at..(at + width).min(least.len()));
            if fails(&shorter) {
                least = shorter;
            } else {
                at += width;
            }
        }
        width /= 2;
    }
    least
}
