//! The text of a deck, line by line.

use std::fmt::{self, Write as _};
use units::printable::printable;

/// Words on a line of `.save`, `.ic` and `.nodeset`: keeps lines short for readers.
const WORDS_PER_LINE: usize = 8;

/// A deck that is being written. Numbers are printed as the shortest decimal that reads back as the
/// same double, with an exponent and never a scale letter (SPICE's M is milli).
#[derive(Default)]
pub(super) struct Deck(String);

impl Deck {
    /// One line.
    pub(super) fn line(&mut self, line: fmt::Arguments<'_>) {
        self.0.write_fmt(line).expect("a String takes any text");
        self.0.push('\n');
    }

    /// One comment line, whatever the text holds: a line break in a name would begin a command.
    pub(super) fn comment(&mut self, text: &str) {
        self.line(format_args!("* {}", printable(text)));
    }

    /// Lines that start with `keyword` and share out `words`.
    pub(super) fn list(&mut self, keyword: &str, words: &[String]) {
        for words in words.chunks(WORDS_PER_LINE) {
            self.line(format_args!("{keyword} {}", words.join(" ")));
        }
    }

    pub(super) fn resistor(&mut self, name: &str, from: &str, to: &str, siemens: f64) {
        self.line(format_args!("R{name} {from} {to} {:e}", 1.0 / siemens));
    }

    pub(super) fn capacitor(&mut self, name: &str, node: &str, farads: f64, volts: f64) {
        self.line(format_args!("C{name} {node} 0 {farads:e} ic={volts:e}"));
    }

    /// A constant current into `node`; nothing for none.
    pub(super) fn current_into(&mut self, name: &str, node: &str, amperes: f64) {
        if amperes != 0.0 {
            self.line(format_args!("I{name} 0 {node} dc {amperes:e}"));
        }
    }

    /// A current `siemens·V(control)` into `node`.
    pub(super) fn controlled_into(&mut self, name: &str, node: &str, control: &str, siemens: f64) {
        self.line(format_args!("G{name} 0 {node} {control} 0 {siemens:e}"));
    }

    /// A current into `node` by a formula.
    pub(super) fn formula_into(&mut self, name: &str, node: &str, formula: &str) {
        self.line(format_args!("B{name} 0 {node} I={formula}"));
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }
}

/// A number as a factor or term of a formula.
pub(super) fn term(value: f64) -> String {
    format!("({value:e})")
}
