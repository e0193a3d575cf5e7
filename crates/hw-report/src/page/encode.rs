//! Data inside the page: base64, pictures, JSON that cannot end its script.

use crate::figure::png_file;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;

/// Bytes as base64.
pub(super) fn bytes(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Single-precision numbers, little-endian, as base64.
pub(super) fn floats(values: impl IntoIterator<Item = f64>) -> String {
    let raw: Vec<u8> = values
        .into_iter()
        .flat_map(|value| (value as f32).to_le_bytes())
        .collect();
    bytes(&raw)
}

/// 32-bit whole numbers, little-endian, as base64.
pub(super) fn integers(values: impl IntoIterator<Item = u32>) -> String {
    let raw: Vec<u8> = values.into_iter().flat_map(u32::to_le_bytes).collect();
    bytes(&raw)
}

/// A file as a `data:` link.
pub(super) fn link(kind: &str, content: &[u8]) -> String {
    format!("data:{kind};base64,{}", bytes(content))
}

/// JSON for a `<script type="application/json">`: without `<`, so that no text in it can be taken for
/// the end of the script or the start of a comment (HTML standard, 4.12.1.3).
pub(super) fn script_json(document: &impl Serialize) -> String {
    serde_json::to_string(document)
        .expect("numbers, lists and text keys")
        .replace('<', "\\u003c")
}

/// Colours of a picture, `[height][width]`.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    width: usize,
    rgb: Vec<u8>,
}

impl Picture {
    /// A picture of one colour.
    pub(super) fn filled(width: usize, height: usize, colour: [u8; 3]) -> Self {
        Self {
            width,
            rgb: colour.repeat(width * height),
        }
    }

    /// Colours one pixel.
    pub(super) fn set(&mut self, (x, y): (usize, usize), colour: [u8; 3]) {
        let at = 3 * (y * self.width + x);
        self.rgb[at..at + 3].copy_from_slice(&colour);
    }

    /// Width and height in pixels.
    pub(super) fn size(&self) -> [usize; 2] {
        [self.width, self.rgb.len() / 3 / self.width.max(1)]
    }

    /// As a PNG `data:` link.
    pub(super) fn link(&self) -> String {
        let [width, height] = self.size();
        let size = (width as u32, height as u32);
        link(
            "image/png",
            &png_file(&self.rgb, size, png::Compression::Best),
        )
    }
}

/// A colour scale: equally spaced colours, with straight lines in RGB between them.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
pub(super) struct ColourScale(pub(super) &'static [[u8; 3]]);

/// Five colours of *viridis* (N. Smith and S. van der Walt for matplotlib, 2015; CC0): even steps of
/// lightness, readable without colours and for every kind of colour vision.
pub(super) const SEQUENTIAL: ColourScale = ColourScale(&[
    [68, 1, 84],
    [59, 82, 139],
    [33, 145, 140],
    [94, 201, 98],
    [253, 231, 37],
]);

/// Blue below zero, white at zero, vermillion above: the two colours of Okabe and Ito (2008) that
/// differ for every kind of colour vision.
pub(super) const DIVERGING: ColourScale =
    ColourScale(&[[0, 114, 178], [247, 247, 247], [213, 94, 0]]);

impl ColourScale {
    /// The colour at a share of the scale; shares outside [0, 1] get its ends.
    pub(super) fn at(self, share: f64) -> [u8; 3] {
        let last = self.0.len() - 1;
        let share = if share.is_nan() { 0.0 } else { share };
        let place = share.clamp(0.0, 1.0) * last as f64;
        #[expect(clippy::cast_sign_loss, reason = "0 or more")]
        let low = (place.floor() as usize).min(last - 1);
        let part = place - low as f64;
        let (from, to) = (self.0[low], self.0[low + 1]);
        std::array::from_fn(|channel| {
            let (from, to) = (f64::from(from[channel]), f64::from(to[channel]));
            #[expect(clippy::cast_sign_loss, reason = "between two bytes")]
            let mixed = (from + part * (to - from)).round() as u8;
            mixed
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_the_script_that_it_is_in() {
        let text = "</script><!-- <script>alert(1)</script>";
        let json = script_json(&[text]);
        assert!(!json.contains('<'), "{json}");
        let back: Vec<String> = serde_json::from_str(&json).unwrap();
        assert_eq!(back, [text]);
    }

    #[test]
    fn numbers_are_four_little_endian_bytes_each() {
        assert_eq!(STANDARD.decode(floats([1.0, -2.5])).unwrap().len(), 8);
        let raw = STANDARD.decode(floats([-2.5])).unwrap();
        assert_eq!(raw, (-2.5_f32).to_le_bytes());
        let raw = STANDARD.decode(integers([70_000])).unwrap();
        assert_eq!(u32::from_le_bytes(raw.try_into().unwrap()), 70_000);
    }

    #[test]
    fn pictures_read_back() {
        let mut picture = Picture::filled(3, 2, [9, 9, 9]);
        picture.set((2, 1), [1, 2, 3]);
        let link = picture.link();
        let data = link.strip_prefix("data:image/png;base64,").unwrap();
        let file = STANDARD.decode(data).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(file))
            .read_info()
            .unwrap();
        let mut pixels = vec![0; reader.output_buffer_size()];
        reader.next_frame(&mut pixels).unwrap();
        assert_eq!(pixels[15..], [1, 2, 3]);
        assert_eq!(pixels[..3], [9, 9, 9]);
    }

    #[test]
    fn scales_pass_through_their_colours() {
        assert_eq!(SEQUENTIAL.at(0.0), [68, 1, 84]);
        assert_eq!(SEQUENTIAL.at(0.5), [33, 145, 140]);
        assert_eq!(SEQUENTIAL.at(2.0), [253, 231, 37]);
        assert_eq!(DIVERGING.at(0.5), [247, 247, 247]);
        assert_eq!(SEQUENTIAL.at(f64::NAN), [68, 1, 84]);
    }
}
