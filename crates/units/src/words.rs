//! Words of messages.

use std::fmt::Display;

/// A number of things: `1 chip`, `3 chips`, `0 chips`.
pub fn counted<N: Display + PartialEq + From<u8>>(count: N, noun: &str) -> String {
    let plural = if count == N::from(1) { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn one_is_no_plural() {
        let counts = [0_usize, 1, 2].map(|count| counted(count, "chip"));
        assert_eq!(counts, ["0 chips", "1 chip", "2 chips"]);
    }
}
