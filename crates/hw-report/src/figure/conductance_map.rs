//! The conductances of an array as pictures: asked, achieved, error, for both polarities.

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

const FIGURE: &str = "conductance map";
/// Microsiemens in a siemens: what programmers of such arrays count in.
const MICRO: f64 = 1e6;
/// Width that the columns of an array share, and the height of its rows, device pixels.
const MAP_SIZE: usize = 512;
/// Largest edge of a crosspoint.
const LARGEST_CELL: usize = 48;
/// Least height of a map: an array of one row.
const LEAST_HEIGHT: i32 = 64;
const GAP: i32 = 56;
/// Width of a colour bar, and the space between it and the map.
const BAR: i32 = 22;
const BAR_GAP: i32 = 14;
/// Steps of a colour bar.
const BAR_STEPS: i32 = 64;

/// One polarity of an array, siemens.
#[derive(Clone, Copy, Debug)]
pub struct BankMap<'a> {
    /// What was asked for.
    pub asked: ArrayView2<'a, f64>,
    /// What was achieved.
    pub achieved: ArrayView2<'a, f64>,
    /// Devices that cannot be programmed.
    pub stuck: ArrayView2<'a, bool>,
}

/// The pictures of an array.
#[derive(Clone, Copy, Debug)]
pub struct ConductanceFigure<'a> {
    /// Which array of which chip: the heading.
    pub heading: &'a str,
    /// G⁺.
    pub plus: BankMap<'a>,
    /// G⁻.
    pub minus: BankMap<'a>,
    /// Rows and columns of a tile; none: the array is one tile.
    pub tile: Option<[usize; 2]>,
    /// Seed and other origins, for the caption.
    pub origin: &'a str,
}

impl ConductanceFigure<'_> {
    /// Writes the figure; the extension of `path` chooses the format.
    pub fn write(&self, path: &Path) -> Result<(), FigureError> {
        canvas::check_path(path)?;
        self.check()?;
        theme::register();
        let layout = Layout::new(self);
        let (width, height) = layout.size();
        tiles::check_size(FIGURE, width as i32, height as i32)?;
        canvas::save(path, &layout)
    }

    fn check(&self) -> Result<(), FigureError> {
        let shape = self.plus.asked.dim();
        if self.plus.asked.is_empty() {
            return Err(FigureError::Empty {
                figure: FIGURE,
                what: "the array".to_owned(),
            });
        }
        for (name, bank) in [("G⁺", self.plus), ("G⁻", self.minus)] {
            for (what, values) in [("asked", bank.asked), ("achieved", bank.achieved)] {
                let what = format!("{name} {what}");
                if values.dim() != shape || bank.stuck.dim() != shape {
                    return Err(FigureError::Length {
                        figure: FIGURE,
                        what,
                        found: values.len(),
                        expected: shape.0 * shape.1,
                    });
                }
                if let Some((index, &value)) =
                    values.iter().enumerate().find(|(_, g)| !g.is_finite())
                {
                    return Err(FigureError::NotFinite {
                        figure: FIGURE,
                        what,
                        index,
                        value,
                    });
                }
            }
        }
        Ok(())
    }
}

/// What colours mean.
#[derive(Clone, Copy)]
enum Palette {
    /// White at 0 to dark blue at the largest.
    Amount(f64),
    /// Vermillion below, white at 0, blue above, symmetrical.
    Error(f64),
}

impl Palette {
    fn colour(self, value: f64) -> RGBColor {
        let mix = |to: [u8; 3], share: f64| {
            let share = share.clamp(0.0, 1.0);
            let [r, g, b] = to.map(|c| (255.0 + share * (f64::from(c) - 255.0)).round() as u8);
            RGBColor(r, g, b)
        };
        match self {
            Self::Amount(most) => mix([0x00, 0x2B, 0x5C], value / most),
            Self::Error(most) if value < 0.0 => mix([0xB0, 0x3A, 0x00], -value / most),
            Self::Error(most) => mix([0x00, 0x50, 0x90], value / most),
        }
    }

    /// The ends and the middle of the bar.
    fn range(self) -> [f64; 3] {
        match self {
            Self::Amount(most) => [0.0, most / 2.0, most],
            Self::Error(most) => [-most, 0.0, most],
        }
    }
}

struct Layout<'f, 'a> {
    figure: &'f ConductanceFigure<'a>,
    /// Width and height of a crosspoint, device pixels.
    cell: (i32, i32),
    heading: Vec<String>,
    caption: Vec<String>,
    amounts: Palette,
    errors: Palette,
    /// Space for the numbers of a bar.
    numbers: i32,
}

impl<'f, 'a> Layout<'f, 'a> {
    fn new(figure: &'f ConductanceFigure<'a>) -> Self {
        let (rows, columns) = figure.plus.asked.dim();
        let edge = |count: usize| (MAP_SIZE / count).clamp(2, LARGEST_CELL) as i32;
        let cell = edge(rows.max(columns));
        let height = cell.max(LEAST_HEIGHT / (rows as i32));
        let banks = [figure.plus, figure.minus];
        let largest = |values: &mut dyn Iterator<Item = f64>| {
            let most = values.map(f64::abs).fold(0.0, f64::max);
            if most > 0.0 { MICRO * most } else { 1.0 }
        };
        let amounts = largest(
            &mut banks
                .iter()
                .flat_map(|bank| bank.asked.iter().chain(bank.achieved).copied()),
        );
        let free = banks.iter().flat_map(|bank| {
            let pairs = bank.achieved.iter().zip(bank.asked).zip(bank.stuck);
            pairs.filter_map(|((a, b), stuck)| (!stuck).then_some(a - b))
        });
        let errors = largest(&mut free.into_iter());
        let mut layout = Self {
            figure,
            cell: (cell, height),
            heading: Vec::new(),
            caption: Vec::new(),
            amounts: Palette::Amount(amounts),
            errors: Palette::Error(errors),
            numbers: theme::text_width("−00.00 µS", theme::SMALL),
        };
        let room = layout.width() - 2 * theme::MARGIN;
        layout.heading = theme::wrap(figure.heading, theme::TITLE, room);
        layout.caption = theme::wrap(&layout.words(), theme::SMALL, room);
        layout
    }

    fn words(&self) -> String {
        let figure = self.figure;
        let (rows, columns) = figure.plus.asked.dim();
        let stuck = [figure.plus, figure.minus]
            .iter()
            .flat_map(|bank| bank.stuck)
            .filter(|stuck| **stuck)
            .count();
        let tile = figure.tile.map_or(String::new(), |[r, c]| {
            format!(" Grey lines: tiles of {r} × {c}.")
        });
        format!(
            "{rows} × {columns} crosspoints (rows × columns), each a pair G⁺, G⁻; conductances and errors in µS, error = \
             achieved − asked. Green: stuck devices, {stuck} of {}, left out of the scale of errors.{tile} {}",
            2 * rows * columns,
            figure.origin,
        )
    }

    fn map_size(&self) -> (i32, i32) {
        let (rows, columns) = self.figure.plus.asked.dim();
        (columns as i32 * self.cell.0, rows as i32 * self.cell.1)
    }

    /// From one map to the next, bar and numbers included.
    fn pitch(&self) -> (i32, i32) {
        let (width, height) = self.map_size();
        let title = theme::line_height(theme::LABEL);
        (
            width.max(theme::text_width("G⁻ achieved (µS)", theme::LABEL))
                + BAR_GAP
                + BAR
                + BAR_GAP
                + self.numbers
                + GAP,
            height.max(LEAST_HEIGHT + 40) + title + GAP,
        )
    }

    fn width(&self) -> i32 {
        3 * self.pitch().0 - GAP + 2 * theme::MARGIN
    }

    fn top(&self) -> i32 {
        theme::MARGIN + self.heading.len() as i32 * theme::line_height(theme::TITLE) + 14
    }

    /// Draws a map with its title, bar and marks.
    fn draw_map<DB: DrawingBackend>(
        &self,
        area: &Area<DB>,
        (left, top): (i32, i32),
        title: &str,
        values: &[f64],
        (palette, stuck): (Palette, ArrayView2<'_, bool>),
    ) -> Drawn<DB> {
        let style = theme::text(theme::LABEL, HPos::Left, VPos::Top);
        area.draw(&Text::new(title, (left, top), style))?;
        let top = top + theme::line_height(theme::LABEL);
        let (width, height) = self.map_size();
        let columns = stuck.ncols();
        for (row, line) in (0..).zip(values.chunks(columns)) {
            let colours: Vec<RGBColor> = line.iter().map(|&v| palette.colour(v)).collect();
            let mut column = 0;
            for run in colours.chunk_by(|a, b| a == b) {
                let next = column + run.len() as i32;
                let corners = [
                    (left + column * self.cell.0, top + row * self.cell.1),
                    (left + next * self.cell.0, top + (row + 1) * self.cell.1),
                ];
                area.draw(&Rectangle::new(corners, run[0].filled()))?;
                column = next;
            }
        }
        self.draw_tiles(area, (left, top))?;
        for ((row, column), _) in stuck.indexed_iter().filter(|(_, stuck)| **stuck) {
            let corner = (
                left + column as i32 * self.cell.0,
                top + row as i32 * self.cell.1,
            );
            let opposite = (corner.0 + self.cell.0, corner.1 + self.cell.1);
            let colour = theme::category(2);
            let style = if self.cell.0 < 8 {
                colour.filled()
            } else {
                colour.stroke_width(3)
            };
            area.draw(&Rectangle::new([corner, opposite], style))?;
        }
        let frame = [(left, top), (left + width, top + height)];
        area.draw(&Rectangle::new(frame, theme::FRAME.stroke_width(1)))?;
        self.draw_bar(area, (left + width + BAR_GAP, top), palette)
    }

    fn draw_tiles<DB: DrawingBackend>(
        &self,
        area: &Area<DB>,
        (left, top): (i32, i32),
    ) -> Drawn<DB> {
        let Some([tile_rows, tile_columns]) = self.figure.tile else {
            return Ok(());
        };
        let (rows, columns) = self.figure.plus.asked.dim();
        let (width, height) = self.map_size();
        let style = theme::FRAME.stroke_width(1);
        for row in (tile_rows..rows).step_by(tile_rows) {
            let y = top + row as i32 * self.cell.1;
            area.draw(&PathElement::new([(left, y), (left + width, y)], style))?;
        }
        for column in (tile_columns..columns).step_by(tile_columns) {
            let x = left + column as i32 * self.cell.0;
            area.draw(&PathElement::new([(x, top), (x, top + height)], style))?;
        }
        Ok(())
    }

    fn draw_bar<DB: DrawingBackend>(
        &self,
        area: &Area<DB>,
        (left, top): (i32, i32),
        palette: Palette,
    ) -> Drawn<DB> {
        let height = self.map_size().1.max(LEAST_HEIGHT + 20);
        let [low, middle, high] = palette.range();
        for step in 0..BAR_STEPS {
            let share = (f64::from(step) + 0.5) / f64::from(BAR_STEPS);
            let value = high + share * (low - high);
            let edge = |step: i32| top + height * step / BAR_STEPS;
            let corners = [(left, edge(step)), (left + BAR, edge(step + 1))];
            area.draw(&Rectangle::new(corners, palette.colour(value).filled()))?;
        }
        let frame = [(left, top), (left + BAR, top + height)];
        area.draw(&Rectangle::new(frame, theme::FRAME.stroke_width(1)))?;
        for (value, y, anchor) in [
            (high, top, VPos::Top),
            (middle, top + height / 2, VPos::Center),
            (low, top + height, VPos::Bottom),
        ] {
            let style = theme::text(theme::SMALL, HPos::Left, anchor);
            let text = significant(value, 3);
            area.draw(&Text::new(text, (left + BAR + BAR_GAP / 2, y), style))?;
        }
        Ok(())
    }
}

impl Drawing for Layout<'_, '_> {
    fn size(&self) -> (u32, u32) {
        let caption = self.caption.len() as i32 * theme::line_height(theme::SMALL);
        let height = self.top() + 2 * self.pitch().1 - GAP / 2 + caption + theme::MARGIN;
        let even = |length: i32| {
            length
                .unsigned_abs()
                .next_multiple_of(theme::PIXELS_PER_POINT)
        };
        (even(self.width()), even(height))
    }

    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB> {
        let corner = (theme::MARGIN, theme::MARGIN);
        canvas::draw_lines(area, &self.heading, theme::TITLE, corner, HPos::Left)?;
        let pitch = self.pitch();
        for (row, (name, bank)) in (0..).zip([("G⁺", self.figure.plus), ("G⁻", self.figure.minus)])
        {
            let micro = |values: ArrayView2<'_, f64>| values.iter().map(|g| MICRO * g).collect();
            let errors = bank.achieved.iter().zip(bank.asked);
            let maps: [(&str, Vec<f64>, Palette); 3] = [
                ("asked", micro(bank.asked), self.amounts),
                ("achieved", micro(bank.achieved), self.amounts),
                (
                    "error",
                    errors.map(|(a, b)| MICRO * (a - b)).collect(),
                    self.errors,
                ),
            ];
            for (column, (what, values, palette)) in (0..).zip(maps) {
                let place = (theme::MARGIN + column * pitch.0, self.top() + row * pitch.1);
                let title = format!("{name} {what} (µS)");
                self.draw_map(area, place, &title, &values, (palette, bank.stuck))?;
            }
        }
        let below = (theme::MARGIN, self.top() + 2 * pitch.1 - GAP / 2);
        canvas::draw_lines(area, &self.caption, theme::SMALL, below, HPos::Left)
    }
}
