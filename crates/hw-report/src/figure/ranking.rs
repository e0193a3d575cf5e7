//! Things in order of what they cost: horizontal bars with errors.

use super::{
    FigureError,
    canvas::{self, Area, Drawing, Drawn},
    theme, tiles,
};
use crate::chart::axis::{Axis, Scale};
use plotters::{
    prelude::*,
    style::text_anchor::{HPos, VPos},
};
use std::path::Path;

const FIGURE: &str = "ranking";
/// Height that one thing takes, and of each of its bars, device pixels.
const ROW: i32 = 96;
const BAR: i32 = 32;
/// Width of the bars of a panel, and the space after it.
const WIDTH: i32 = 640;
const GAP: i32 = 48;
/// Below the bars: tick labels and the name of the quantity.
const LABELS: i32 = 86;
/// Half the height of the end of an error bar.
const CAP: i32 = 7;

/// A value with its error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// The value.
    pub value: f64,
    /// Half the length of its error bar; none: there is none.
    pub error: Option<f64>,
}

/// One quantity of all things.
#[derive(Clone, Copy, Debug)]
pub struct BarPanel<'a> {
    /// Quantity and unit.
    pub label: &'a str,
    /// For each thing one bar for each entry of the legend; none where there is no value.
    pub bars: &'a [Vec<Option<Bar>>],
}

/// Bars of several quantities side by side.
#[derive(Clone, Copy, Debug)]
pub struct Ranking<'a> {
    /// Heading.
    pub heading: &'a str,
    /// Counts, seeds and rules.
    pub caption: &'a str,
    /// The things: name, and a word about each.
    pub names: &'a [(String, String)],
    /// What the bars of a thing are.
    pub legend: &'a [&'a str],
    /// The quantities.
    pub panels: &'a [BarPanel<'a>],
}

impl Ranking<'_> {
    /// Writes the figure; the extension of `path` chooses the format.
    pub fn write(&self, path: &Path) -> Result<(), FigureError> {
        canvas::check_path(path)?;
        if self.names.is_empty() {
            return Err(FigureError::Empty {
                figure: FIGURE,
                what: "the list".to_owned(),
            });
        }
        for panel in self.panels {
            if panel.bars.len() != self.names.len() {
                return Err(FigureError::Length {
                    figure: FIGURE,
                    what: panel.label.to_owned(),
                    found: panel.bars.len(),
                    expected: self.names.len(),
                });
            }
            for (index, bar) in panel.bars.iter().flatten().flatten().enumerate() {
                let all = [Some(bar.value), bar.error];
                if let Some(&value) = all.iter().flatten().find(|value| !value.is_finite()) {
                    return Err(FigureError::NotFinite {
                        figure: FIGURE,
                        what: panel.label.to_owned(),
                        index,
                        value,
                    });
                }
            }
        }
        theme::register();
        let layout = Layout::new(*self);
        let (width, height) = layout.size();
        tiles::check_size(FIGURE, width as i32, height as i32)?;
        canvas::save(path, &layout)
    }
}

struct Layout<'a> {
    figure: Ranking<'a>,
    heading: Vec<String>,
    caption: Vec<String>,
    /// Width of the names.
    left: i32,
}

impl<'a> Layout<'a> {
    fn new(figure: Ranking<'a>) -> Self {
        let names = figure.names.iter().flat_map(|(name, word)| [name, word]);
        let widest = names
            .map(|text| theme::text_width(text, theme::SMALL))
            .max();
        let mut layout = Self {
            figure,
            heading: Vec::new(),
            caption: Vec::new(),
            left: widest.unwrap_or(0) + 24,
        };
        let room = layout.width() - 2 * theme::MARGIN;
        layout.heading = theme::wrap(figure.heading, theme::TITLE, room);
        layout.caption = theme::wrap(figure.caption, theme::SMALL, room);
        layout
    }

    fn width(&self) -> i32 {
        self.left + self.figure.panels.len() as i32 * (WIDTH + GAP) + 2 * theme::MARGIN
    }

    fn legend_top(&self) -> i32 {
        theme::MARGIN + self.heading.len() as i32 * theme::line_height(theme::TITLE) + 8
    }

    fn top(&self) -> i32 {
        self.legend_top() + theme::line_height(theme::SMALL) + 14
    }

    fn bars_height(&self) -> i32 {
        self.figure.names.len() as i32 * ROW
    }

    fn caption_top(&self) -> i32 {
        self.top() + self.bars_height() + LABELS + 20
    }

    fn draw_legend<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB> {
        let mut x = theme::MARGIN + self.left;
        let middle = self.legend_top() + theme::line_height(theme::SMALL) / 2;
        for (index, label) in self.figure.legend.iter().enumerate() {
            let corners = [(x, middle - BAR / 2), (x + 44, middle + BAR / 2)];
            area.draw(&Rectangle::new(corners, theme::category(index).filled()))?;
            let style = theme::text(theme::SMALL, HPos::Left, VPos::Center);
            area.draw(&Text::new(*label, (x + 56, middle + theme::MIDDLE), style))?;
            x += 56 + theme::text_width(label, theme::SMALL) + 36;
        }
        Ok(())
    }

    fn draw_names<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB> {
        let right = theme::MARGIN + self.left - 16;
        for (row, (name, word)) in (0..).zip(self.figure.names) {
            let middle = self.top() + row * ROW + ROW / 2 + theme::MIDDLE;
            let half = theme::line_height(theme::SMALL) / 2;
            let style = theme::text(theme::SMALL, HPos::Right, VPos::Center);
            area.draw(&Text::new(
                name.as_str(),
                (right, middle - half),
                style.clone(),
            ))?;
            let style = style.color(&theme::FRAME);
            area.draw(&Text::new(word.as_str(), (right, middle + half), style))?;
        }
        Ok(())
    }

    fn draw_panel<DB: DrawingBackend>(
        &self,
        area: &Area<DB>,
        left: i32,
        panel: &BarPanel<'_>,
    ) -> Drawn<DB> {
        let ends = panel.bars.iter().flatten().flatten().flat_map(|bar| {
            let error = bar.error.unwrap_or(0.0);
            [bar.value - error, bar.value + error]
        });
        let label = panel.label.to_owned().into();
        let axis = Axis::fit(label, Scale::Linear, 0.04, ends.chain([0.0]));
        let (top, height) = (self.top(), self.bars_height());
        let x = |value: f64| axis.map(&value, (left, left + WIDTH));
        for &tick in &axis.ticks {
            let line = vec![(x(tick), top), (x(tick), top + height)];
            area.draw(&PathElement::new(line, theme::GRID.stroke_width(2)))?;
            let style = theme::text(theme::SMALL, HPos::Center, VPos::Top);
            area.draw(&Text::new(
                axis.tick_label(tick),
                (x(tick), top + height + 8),
                style,
            ))?;
        }
        let style = theme::text(theme::LABEL, HPos::Center, VPos::Top);
        let below = top + height + 8 + theme::line_height(theme::SMALL);
        area.draw(&Text::new(panel.label, (left + WIDTH / 2, below), style))?;
        let bars_of_one = self.figure.legend.len() as i32;
        for (row, bars) in (0..).zip(panel.bars) {
            let first = top + row * ROW + (ROW - bars_of_one * BAR) / 2;
            for (index, bar) in bars.iter().enumerate() {
                let Some(bar) = bar else { continue };
                let upper = first + index as i32 * BAR;
                let (from, to) = (x(bar.value.min(0.0)), x(bar.value.max(0.0)));
                let corners = [(from, upper + 2), (to.max(from + 1), upper + BAR - 2)];
                area.draw(&Rectangle::new(corners, theme::category(index).filled()))?;
                if let Some(error) = bar.error {
                    let middle = upper + BAR / 2;
                    let (from, to) = (x(bar.value - error), x(bar.value + error));
                    for line in [
                        vec![(from, middle), (to, middle)],
                        vec![(from, middle - CAP), (from, middle + CAP)],
                        vec![(to, middle - CAP), (to, middle + CAP)],
                    ] {
                        area.draw(&PathElement::new(line, theme::INK.stroke_width(3)))?;
                    }
                }
            }
        }
        let zero = vec![(x(0.0), top), (x(0.0), top + height)];
        area.draw(&PathElement::new(zero, theme::FRAME.stroke_width(3)))
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
        self.draw_legend(area)?;
        self.draw_names(area)?;
        for (index, panel) in (0..).zip(self.figure.panels) {
            let left = theme::MARGIN + self.left + index * (WIDTH + GAP);
            self.draw_panel(area, left, panel)?;
        }
        let below = (theme::MARGIN, self.caption_top());
        canvas::draw_lines(area, &self.caption, theme::SMALL, below, HPos::Left)
    }
}
