//! One look for all figures: font, sizes, colours. Lengths are device pixels, two per point.

use crate::chart::{Colour, Weight};
use plotters::prelude::*;
use plotters::style::{
    register_font,
    text_anchor::{HPos, Pos, VPos},
};
use std::sync::Once;

/// Device pixels per point.
pub(super) const PIXELS_PER_POINT: u32 = 2;

/// The embedded font under a name that is also a CSS font stack, for viewers of SVG files that
/// have no `DejaVu Sans`; the alternatives are at most as wide.
const FONT: &str = "DejaVu Sans, Verdana, sans-serif";

// plotters counts a font's size from descender to ascender, 1.164 em in DejaVu Sans.
/// Tick labels, legends and captions: 12 pt.
pub(super) const SMALL: i32 = 28;
/// Axis labels: 13 pt.
pub(super) const LABEL: i32 = 30;
/// Titles: 14 pt.
pub(super) const TITLE: i32 = 33;
/// From the middle of something to where its text is centred: the drawing library centres boxes,
/// which reach further above the digits than below.
pub(super) const MIDDLE: i32 = 4;
/// From one line of text to the next, as a multiple of its size.
pub(super) const LINE_SPACING: f64 = 1.3;

/// Around every figure.
pub(super) const MARGIN: i32 = 28;
/// Widths of curves.
const BOLD: u32 = 4;
const MEDIUM: u32 = 3;
const THIN: u32 = 2;

pub(super) const PAPER: RGBColor = WHITE;
pub(super) const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
/// Behind tiles: no grey, so that black and white pixels at an edge both stand out.
pub(super) const MAT: RGBColor = RGBColor(0xA9, 0xC4, 0xDD);
pub(super) const FRAME: RGBColor = RGBColor(0x66, 0x66, 0x66);
pub(super) const GRID: RGBColor = RGBColor(0xDD, 0xDD, 0xDD);
pub(super) const FINE_GRID: RGBColor = RGBColor(0xF2, 0xF2, 0xF2);
/// A curve that another one summarises.
pub(super) const RAW: RGBColor = RGBColor(0x9F, 0xC8, 0xE6);

/// Colours that differ for every kind of colour vision (M. Okabe and K. Ito, "Color Universal
/// Design", 2008), strongest on white first; the palette's yellow is too faint on white.
const CATEGORIES: [RGBColor; 7] = [
    RGBColor(0x00, 0x72, 0xB2), // blue
    RGBColor(0xD5, 0x5E, 0x00), // vermillion
    RGBColor(0x00, 0x9E, 0x73), // bluish green
    RGBColor(0xCC, 0x79, 0xA7), // reddish purple
    RGBColor(0xE6, 0x9F, 0x00), // orange
    RGBColor(0x56, 0xB4, 0xE9), // sky blue
    RGBColor(0x00, 0x00, 0x00), // black
];

/// The colour of the `index`-th of several unordered things.
pub(super) fn category(index: usize) -> RGBColor {
    CATEGORIES[index % CATEGORIES.len()]
}

/// The colour of the `index`-th baseline: apart from all curves.
fn baseline(index: usize) -> RGBColor {
    const BASELINES: [RGBColor; 4] = [
        INK,
        RGBColor(0xA0, 0xA0, 0xA0),
        RGBColor(0x66, 0x66, 0x66),
        RGBColor(0x8C, 0x6D, 0x31), // brown
    ];
    BASELINES[index % BASELINES.len()]
}

/// The colour of the `index`-th of `count` ordered things: light blue to dark blue.
pub(super) fn ordered(index: usize, count: usize) -> RGBColor {
    let (light, dark) = ([0x8F, 0xC1, 0xE3], [0x00, 0x2B, 0x5C]);
    let share = if count > 1 {
        index as f64 / (count - 1) as f64
    } else {
        1.0
    };
    let mix = |channel: usize| {
        let (from, to) = (f64::from(light[channel]), f64::from(dark[channel]));
        (from + share * (to - from)).round() as u8
    };
    RGBColor(mix(0), mix(1), mix(2))
}

/// What a colour of a description looks like.
pub(super) fn colour(colour: Colour) -> RGBColor {
    match colour {
        Colour::Category(index) => category(index),
        Colour::Ordered { place, of } => ordered(place, of),
        Colour::Baseline(index) => baseline(index),
        Colour::Raw => RAW,
        Colour::Ink => INK,
    }
}

/// Width of a curve.
pub(super) fn width(weight: Weight) -> u32 {
    match weight {
        Weight::Bold => BOLD,
        Weight::Medium => MEDIUM,
        Weight::Thin => THIN,
    }
}

/// Makes the embedded font known to the drawing library, once per process.
pub(super) fn register() {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        let font = include_bytes!("../../assets/DejaVuSans.ttf");
        let registered = register_font(FONT, FontStyle::Normal, font).is_ok();
        assert!(registered, "the embedded font is a valid TrueType file");
    });
}

/// Text of a size, anchored at its left, centre or right, and at its top, middle or bottom.
pub(super) fn text(size: i32, horizontal: HPos, vertical: VPos) -> TextStyle<'static> {
    (FONT, size)
        .into_font()
        .color(&INK)
        .pos(Pos::new(horizontal, vertical))
}

/// Width of a line of text, device pixels.
pub(super) fn text_width(line: &str, size: i32) -> i32 {
    let font = (FONT, size).into_font();
    font.box_size(line)
        .map(|(width, _)| width as i32)
        .expect("the font is registered")
}

/// Height that a line of text takes, device pixels.
pub(super) fn line_height(size: i32) -> i32 {
    (f64::from(size) * LINE_SPACING) as i32
}

/// Breaks text between words into lines of at most `width` device pixels; a longer word stands
/// alone.
pub(super) fn wrap(words: &str, size: i32, width: i32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        match lines.last_mut() {
            Some(line) if text_width(&format!("{line} {word}"), size) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
