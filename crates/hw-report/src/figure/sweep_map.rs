//! What becomes of chips along two keys of their spec.

use super::{
    FigureError,
    canvas::{self, Area, Drawing, Drawn},
    theme, tiles,
};
use ndarray::ArrayView2;
use plotters::{
    prelude::*,
    style::text_anchor::{HPos, VPos},
};
use std::path::Path;
use units::prefix::significant;

const FIGURE: &str = "sweep map";
/// Width and height of a cell, device pixels.
const CELL: (i32, i32) = (132, 84);
/// Width of a colour bar, and the spaces around it.
const BAR: i32 = 24;
const GAP: i32 = 16;
/// Between two maps.
const MAP_GAP: i32 = 64;
/// Steps of a colour bar.
const STEPS: usize = 64;
/// Share of the scale above which a cell is dark enough for white text.
const DARK: f64 = 0.55;

/// A quantity over both keys.
#[derive(Clone, Copy, Debug)]
pub struct ValueMap<'a> {
    /// Quantity and unit.
    pub title: &'a str,
    /// One value per combination, `[rows, columns]`; NaN where there is none.
    pub values: ArrayView2<'a, f64>,
}

/// A varied key.
#[derive(Clone, Copy, Debug)]
pub struct KeyAxis<'a> {
    /// Its name.
    pub key: &'a str,
    /// Its values as text.
    pub values: &'a [String],
}

/// Maps side by side.
#[derive(Clone, Copy, Debug)]
pub struct SweepMap<'a> {
    /// What was varied on which chip.
    pub heading: &'a str,
    /// Counts, seeds and rules.
    pub caption: &'a str,
    /// The key downwards.
    pub rows: KeyAxis<'a>,
    /// The key to the right.
    pub columns: KeyAxis<'a>,
    /// The maps.
    pub maps: &'a [ValueMap<'a>],
}

impl SweepMap<'_> {
    /// Writes the figure; the extension of `path` chooses the format.
    pub fn write(&self, path: &Path) -> Result<(), FigureError> {
        canvas::check_path(path)?;
        let expected = (self.rows.values.len(), self.columns.values.len());
        for map in self.maps {
            if map.values.dim() != expected {
                return Err(FigureError::Length {
                    figure: FIGURE,
                    what: map.title.to_owned(),
                    found: map.values.len(),
                    expected: expected.0 * expected.1,
                });
            }
            if !map.values.iter().any(|value| value.is_finite()) {
                return Err(FigureError::Empty {
                    figure: FIGURE,
                    what: map.title.to_owned(),
                });
            }
        }
        theme::register();
        let layout = Layout::new(*self);
        let (width, height) = layout.size();
        tiles::check_size(FIGURE, width as i32, height as i32)?;
        canvas::save(path, &layout)
    }
}

/// Colours of a map: light at the smallest value, dark at the largest.
#[derive(Clone, Copy)]
struct Colours {
    low: f64,
    high: f64,
}

impl Colours {
    fn of(values: ArrayView2<'_, f64>) -> Self {
        let finite = values.iter().copied().filter(|value| value.is_finite());
        let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| {
            (l.min(v), h.max(v))
        });
        Self { low, high }
    }

    fn share(self, value: f64) -> f64 {
        if self.high > self.low {
            (value - self.low) / (self.high - self.low)
        } else {
            0.0
        }
    }

    fn colour(share: f64) -> RGBColor {
        theme::ordered((share.clamp(0.0, 1.0) * 255.0).round() as usize, 256)
    }
}

struct Layout<'a> {
    figure: SweepMap<'a>,
    heading: Vec<String>,
    caption: Vec<String>,
    /// Left of a map: names of its rows.
    left: i32,
    /// Right of a map: numbers of its bar.
    right: i32,
}

impl<'a> Layout<'a> {
    fn new(figure: SweepMap<'a>) -> Self {
        let widest = |texts: &[String]| {
            let widths = texts
                .iter()
                .map(|text| theme::text_width(text, theme::SMALL));
            widths.max().unwrap_or(0)
        };
        let mut layout = Self {
            figure,
            heading: Vec::new(),
            caption: Vec::new(),
            left: widest(figure.rows.values) + GAP,
            right: GAP + BAR + GAP + theme::text_width("−0.0000", theme::SMALL),
        };
        let room = layout.width() - 2 * theme::MARGIN;
        layout.heading = theme::wrap(figure.heading, theme::TITLE, room);
        layout.caption = theme::wrap(figure.caption, theme::SMALL, room);
        layout
    }

    fn map_size(&self) -> (i32, i32) {
        let (rows, columns) = (
            self.figure.rows.values.len(),
            self.figure.columns.values.len(),
        );
        (columns as i32 * CELL.0, rows as i32 * CELL.1)
    }

    fn pitch(&self) -> i32 {
        let titles = self.figure.maps.iter().map(|map| map.title);
        let widest = titles
            .chain([self.figure.columns.key, self.figure.rows.key])
            .map(|text| theme::text_width(text, theme::LABEL));
        let title = widest.max().unwrap_or(0);
        (self.left + self.map_size().0 + self.right).max(title + self.left) + MAP_GAP
    }

    fn width(&self) -> i32 {
        self.figure.maps.len() as i32 * self.pitch() - MAP_GAP + 2 * theme::MARGIN
    }

    /// Top of the first row of cells: heading, title and name of the rows' key above it.
    fn top(&self) -> i32 {
        let heading = self.heading.len() as i32 * theme::line_height(theme::TITLE) + 14;
        theme::MARGIN + heading + 2 * theme::line_height(theme::LABEL) + GAP
    }

    fn caption_top(&self) -> i32 {
        let names = theme::line_height(theme::SMALL) + theme::line_height(theme::LABEL);
        self.top() + self.map_size().1 + GAP + names + GAP
    }

    fn draw_map<DB: DrawingBackend>(
        &self,
        area: &Area<DB>,
        left: i32,
        map: &ValueMap<'_>,
    ) -> Drawn<DB> {
        let top = self.top();
        let label = |anchor| theme::text(theme::LABEL, anchor, VPos::Top);
        let small = |anchor, vertical| theme::text(theme::SMALL, anchor, vertical);
        let line = theme::line_height(theme::LABEL);
        area.draw(&Text::new(
            map.title,
            (left, top - 2 * line - GAP),
            label(HPos::Left),
        ))?;
        let rows_key = format!("↓ {}", self.figure.rows.key);
        area.draw(&Text::new(
            rows_key,
            (left, top - line - GAP / 2),
            small(HPos::Left, VPos::Top),
        ))?;
        let colours = Colours::of(map.values);
        for ((row, column), &value) in map.values.indexed_iter() {
            let corner = (left + column as i32 * CELL.0, top + row as i32 * CELL.1);
            let end = (corner.0 + CELL.0, corner.1 + CELL.1);
            let middle = (corner.0 + CELL.0 / 2, corner.1 + CELL.1 / 2 + theme::MIDDLE);
            let style = small(HPos::Center, VPos::Center);
            if value.is_finite() {
                let share = colours.share(value);
                let fill = Colours::colour(share).filled();
                area.draw(&Rectangle::new([corner, end], fill))?;
                let style = if share > DARK {
                    style.color(&theme::PAPER)
                } else {
                    style
                };
                area.draw(&Text::new(significant(value, 3), middle, style))?;
            } else {
                area.draw(&Rectangle::new([corner, end], theme::GRID.filled()))?;
                area.draw(&Text::new("none", middle, style))?;
            }
        }
        for (row, name) in (0..).zip(self.figure.rows.values) {
            let middle = top + row * CELL.1 + CELL.1 / 2 + theme::MIDDLE;
            let style = small(HPos::Right, VPos::Center);
            area.draw(&Text::new(name.as_str(), (left - GAP / 2, middle), style))?;
        }
        let below = top + self.map_size().1 + GAP / 2;
        for (column, name) in (0..).zip(self.figure.columns.values) {
            let centre = left + column * CELL.0 + CELL.0 / 2;
            let style = small(HPos::Center, VPos::Top);
            area.draw(&Text::new(name.as_str(), (centre, below), style))?;
        }
        let key = (left, below + theme::line_height(theme::SMALL));
        let columns_key = format!("→ {}", self.figure.columns.key);
        area.draw(&Text::new(columns_key, key, small(HPos::Left, VPos::Top)))?;
        self.draw_bar(area, left + self.map_size().0 + GAP, colours)
    }

    fn draw_bar<DB: DrawingBackend>(
        &self,
        area: &Area<DB>,
        left: i32,
        colours: Colours,
    ) -> Drawn<DB> {
        let (top, height) = (self.top(), self.map_size().1);
        let edge = |step: usize| top + height - (height as usize * step / STEPS) as i32;
        for step in 0..STEPS {
            let fill = Colours::colour(step as f64 / (STEPS - 1) as f64).filled();
            let corners = [(left, edge(step + 1)), (left + BAR, edge(step))];
            area.draw(&Rectangle::new(corners, fill))?;
        }
        for (value, y) in [(colours.high, top + GAP), (colours.low, top + height - GAP)] {
            let style = theme::text(theme::SMALL, HPos::Left, VPos::Center);
            let text = significant(value, 3);
            area.draw(&Text::new(
                text,
                (left + BAR + GAP / 2, y + theme::MIDDLE),
                style,
            ))?;
        }
        Ok(())
    }
}

impl Drawing for Layout<'_> {
    fn size(&self) -> (u32, u32) {
        let caption = self.caption.len() as i32 * theme::line_height(theme::SMALL);
        let whole = |length: i32| {
            length
                .unsigned_abs()
                .next_multiple_of(theme::PIXELS_PER_POINT)
        };
        let height = self.caption_top() + caption + theme::MARGIN;
        (whole(self.width()), whole(height))
    }

    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB> {
        let corner = (theme::MARGIN, theme::MARGIN);
        canvas::draw_lines(area, &self.heading, theme::TITLE, corner, HPos::Left)?;
        for (index, map) in (0..).zip(self.figure.maps) {
            let left = theme::MARGIN + index * self.pitch() + self.left;
            self.draw_map(area, left, map)?;
        }
        let below = (theme::MARGIN, self.caption_top());
        canvas::draw_lines(area, &self.caption, theme::SMALL, below, HPos::Left)
    }
}
