//! One pair of axes with its curves, and figures made of several such panels.

use super::{
    FigureError, Reference,
    axis::{Axis, Scale},
    canvas::{self, Area, Drawing, Drawn},
    theme,
};
use plotters::{
    prelude::*,
    series::DashedLineSeries,
    style::text_anchor::{HPos, VPos},
};
use std::borrow::Cow;

/// Length of a line in a legend, and the space after it.
const SWATCH: i32 = 44;
const SWATCH_GAP: i32 = 12;
/// Space between two entries of a legend.
const ENTRY_GAP: i32 = 36;
/// Height of the tick labels and the label below an x axis.
const X_LABELS: i32 = 86;
/// Space to the right of an x axis: half of its last tick label.
const RIGHT: i32 = 44;
const TICK: i32 = 8;
/// Curves of at most this many points show each of them.
const FEW_POINTS: usize = 40;
/// Radius of a marked point.
const MARK: i32 = 7;
/// Radius of a point in the background.
const DOT: i32 = 4;

/// One line in a panel.
pub(super) struct Curve {
    /// What the legend says; a curve without one has no entry.
    pub(super) label: Option<String>,
    pub(super) points: Vec<(f64, f64)>,
    pub(super) colour: RGBColor,
    pub(super) width: u32,
}

impl Curve {
    /// A curve over equally long slices.
    pub(super) fn new(label: &str, x: &[f64], y: &[f64], colour: RGBColor) -> Self {
        Self {
            label: Some(label.to_owned()),
            points: x.iter().copied().zip(y.iter().copied()).collect(),
            colour,
            width: theme::BOLD,
        }
    }
}

/// A pair of axes and what is drawn on them.
pub(super) struct Panel {
    title: String,
    x: Axis,
    y: Axis,
    curves: Vec<Curve>,
    references: Vec<(String, f64)>,
    /// Abscissae worth noticing: dashed vertical lines.
    instants: Vec<(String, f64)>,
    /// Points worth noticing, in their colour.
    marks: Vec<((f64, f64), RGBColor)>,
    /// Points in the background.
    cloud: Vec<(f64, f64)>,
}

/// What an axis shows.
pub(super) struct AxisKind {
    /// Quantity and unit.
    pub(super) label: Cow<'static, str>,
    pub(super) scale: Scale,
}

impl Panel {
    /// A panel whose axes hold all curves and references.
    pub(super) fn new(
        title: &str,
        (x, y): (AxisKind, AxisKind),
        curves: Vec<Curve>,
        references: &[Reference<'_>],
    ) -> Self {
        Self::over_cloud(title, (x, y), curves, references, Vec::new())
    }

    /// The same over points in the background, which the axes hold too.
    pub(super) fn over_cloud(
        title: &str,
        (x, y): (AxisKind, AxisKind),
        curves: Vec<Curve>,
        references: &[Reference<'_>],
        cloud: Vec<(f64, f64)>,
    ) -> Self {
        let points = || {
            let curves = curves.iter().flat_map(|curve| &curve.points);
            curves.chain(&cloud)
        };
        let lines = references.iter().map(|reference| reference.value);
        Self {
            title: title.to_owned(),
            x: Axis::fit(x.label, x.scale, 0.0, points().map(|p| p.0)),
            y: Axis::fit(y.label, y.scale, 0.06, points().map(|p| p.1).chain(lines)),
            references: references
                .iter()
                .map(|reference| (reference.label.to_owned(), reference.value))
                .collect(),
            curves,
            instants: Vec::new(),
            marks: Vec::new(),
            cloud,
        }
    }

    /// Adds a dashed vertical line at an abscissa that the curves reach.
    pub(super) fn with_instant(mut self, label: &str, x: f64) -> Self {
        self.instants.push((label.to_owned(), x));
        self
    }

    /// Adds points that the axes hold.
    pub(super) fn with_marks(mut self, marks: Vec<((f64, f64), RGBColor)>) -> Self {
        self.marks = marks;
        self
    }

    /// Space that the y axis needs to its left.
    fn left(&self) -> i32 {
        let widest = self
            .y
            .ticks
            .iter()
            .map(|&tick| theme::text_width(&self.y.tick_label(tick), theme::SMALL));
        widest.max().unwrap_or(0) + 2 * TICK + theme::line_height(theme::LABEL) + 16
    }

    /// Draws the panel with `left` pixels for the labels of the y axis.
    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>, left: i32) -> Drawn<DB> {
        let width = area.dim_in_pixel().0 as i32;
        area.draw(&Text::new(
            self.title.as_str(),
            (left, 0),
            theme::text(theme::TITLE, HPos::Left, VPos::Top),
        ))?;
        let legend_top = theme::line_height(theme::TITLE) + 2;
        let legend = self.draw_legend(area, (left, legend_top), width - RIGHT)?;
        let plot = area.margin(legend_top + legend + 10, 0, 0, RIGHT);
        let mut chart = ChartBuilder::on(&plot)
            .x_label_area_size(X_LABELS)
            .y_label_area_size(left)
            .build_cartesian_2d(self.x.clone(), self.y.clone())?;
        chart
            .configure_mesh()
            .bold_line_style(theme::GRID.stroke_width(2))
            .light_line_style(theme::FINE_GRID.stroke_width(2))
            .axis_style(theme::FRAME.stroke_width(2))
            .set_all_tick_mark_size(TICK)
            .y_label_offset(theme::MIDDLE)
            .label_style(theme::text(theme::SMALL, HPos::Left, VPos::Top))
            .axis_desc_style(theme::text(theme::LABEL, HPos::Left, VPos::Top))
            .x_desc(self.x.label.as_ref())
            .y_desc(self.y.label.as_ref())
            .draw()?;
        for (index, (_, value)) in self.references.iter().enumerate() {
            let y = self.y.place(*value);
            let ends = [(self.x.range.start, y), (self.x.range.end, y)];
            let style = self.reference_style(index);
            chart.draw_series(DashedLineSeries::new(ends, 14, 10, style))?;
        }
        chart.draw_series(self.cloud.iter().map(|&(x, y)| {
            let place = (self.x.place(x), self.y.place(y));
            Circle::new(place, DOT, theme::RAW.filled())
        }))?;
        for curve in &self.curves {
            let style = curve.colour.stroke_width(curve.width);
            let places: Vec<_> = curve
                .points
                .iter()
                .map(|&(x, y)| (self.x.place(x), self.y.place(y)))
                .collect();
            if places.len() <= FEW_POINTS {
                chart.draw_series(
                    places
                        .iter()
                        .map(|&place| Circle::new(place, 7, curve.colour.filled())),
                )?;
            }
            chart.draw_series(LineSeries::new(places, style))?;
        }
        for (index, (_, instant)) in self.instants.iter().enumerate() {
            let x = self.x.place(*instant);
            let ends = [(x, self.y.range.start), (x, self.y.range.end)];
            let style = self.instant_style(index);
            chart.draw_series(DashedLineSeries::new(ends, 14, 10, style))?;
        }
        chart.draw_series(self.marks.iter().map(|&((x, y), colour)| {
            Circle::new((self.x.place(x), self.y.place(y)), MARK, colour.filled())
        }))?;
        Ok(())
    }

    /// Vertical lines are dashed in the colour of the frame, apart from the reference lines.
    fn instant_style(&self, index: usize) -> ShapeStyle {
        let colour = if index == 0 {
            theme::FRAME
        } else {
            theme::category(self.curves.len() + self.references.len() + index)
        };
        colour.stroke_width(3)
    }

    /// Reference lines are dashed, in ink first and then in the colours that no curve uses.
    fn reference_style(&self, index: usize) -> ShapeStyle {
        let colour = if index == 0 {
            theme::INK
        } else {
            theme::category(self.curves.len() + index)
        };
        colour.stroke_width(3)
    }

    /// Draws the legend in rows from `(left, top)` to `right`, above the plot so that it covers no
    /// curve; returns the height it takes.
    fn draw_legend<DB: DrawingBackend>(
        &self,
        area: &Area<DB>,
        (left, top): (i32, i32),
        right: i32,
    ) -> Result<i32, DrawingAreaErrorKind<DB::ErrorType>> {
        let row = theme::line_height(theme::SMALL);
        let curves = self.curves.iter().filter_map(|curve| {
            let style = curve.colour.stroke_width(curve.width);
            curve.label.as_deref().map(|label| (label, style, false))
        });
        let references = self.references.iter().enumerate();
        let references =
            references.map(|(i, (label, _))| (label.as_str(), self.reference_style(i), true));
        let instants = self.instants.iter().enumerate();
        let instants =
            instants.map(|(i, (label, _))| (label.as_str(), self.instant_style(i), true));
        let (mut x, mut y, mut any) = (left, top, false);
        for (label, style, dashed) in curves.chain(references).chain(instants) {
            let width = SWATCH + SWATCH_GAP + theme::text_width(label, theme::SMALL);
            if x > left && x + width > right {
                (x, y) = (left, y + row);
            }
            let middle = y + row / 2;
            let pieces = if dashed {
                vec![(0, 14), (24, 38)]
            } else {
                vec![(0, SWATCH)]
            };
            for (from, to) in pieces {
                area.draw(&PathElement::new(
                    vec![(x + from, middle), (x + to, middle)],
                    style,
                ))?;
            }
            let style = theme::text(theme::SMALL, HPos::Left, VPos::Center);
            area.draw(&Text::new(
                label,
                (x + SWATCH + SWATCH_GAP, middle + theme::MIDDLE),
                style,
            ))?;
            x += width + ENTRY_GAP;
            any = true;
        }
        Ok(if any { y - top + row } else { 0 })
    }
}

/// Panels side by side or one below the other, a heading above and a caption below.
pub(super) struct PanelFigure {
    pub(super) heading: String,
    pub(super) caption: String,
    pub(super) panels: Vec<Panel>,
    /// Panels in a row.
    pub(super) columns: usize,
    /// Width and height of one panel, device pixels.
    pub(super) panel_size: (i32, i32),
}

/// Space between panels.
const PANEL_GAP: i32 = 40;
/// Between the panels and the caption.
const CAPTION_GAP: i32 = 20;

impl PanelFigure {
    fn rows(&self) -> usize {
        self.panels.len().div_ceil(self.columns)
    }

    fn width(&self) -> i32 {
        let columns = self.columns as i32;
        columns * self.panel_size.0 + (columns - 1) * PANEL_GAP
    }

    fn heading_lines(&self) -> Vec<String> {
        theme::wrap(&self.heading, theme::TITLE, self.width())
    }

    fn heading_height(&self) -> i32 {
        match self.heading_lines().len() as i32 {
            0 => 0,
            lines => lines * theme::line_height(theme::TITLE) + 14,
        }
    }

    fn caption_lines(&self) -> Vec<String> {
        theme::wrap(&self.caption, theme::SMALL, self.width())
    }
}

impl Drawing for PanelFigure {
    fn size(&self) -> (u32, u32) {
        let rows = self.rows() as i32;
        let panels = rows * self.panel_size.1 + (rows - 1) * PANEL_GAP;
        let captions = match self.caption_lines().len() as i32 {
            0 => 0,
            lines => lines * theme::line_height(theme::SMALL) + CAPTION_GAP,
        };
        let height = self.heading_height() + panels + captions + 2 * theme::MARGIN;
        // Even numbers of pixels are whole numbers of points.
        let even = |length: i32| {
            length
                .unsigned_abs()
                .next_multiple_of(theme::PIXELS_PER_POINT)
        };
        (even(self.width() + 2 * theme::MARGIN), even(height))
    }

    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB> {
        let margin = theme::MARGIN;
        let heading = self.heading_lines();
        canvas::draw_lines(area, &heading, theme::TITLE, (margin, margin), HPos::Left)?;
        let top = margin + self.heading_height();
        let left = self.panels.iter().map(Panel::left).max().unwrap_or(0);
        let (width, height) = self.panel_size;
        for (index, panel) in self.panels.iter().enumerate() {
            let x = margin + (index % self.columns) as i32 * (width + PANEL_GAP);
            let y = top + (index / self.columns) as i32 * (height + PANEL_GAP);
            let cell = area.clone().shrink((x, y), (width, height));
            panel.draw(&cell, left)?;
        }
        let below = top + self.rows() as i32 * (height + PANEL_GAP) - PANEL_GAP + CAPTION_GAP;
        canvas::draw_lines(
            area,
            &self.caption_lines(),
            theme::SMALL,
            (margin, below),
            HPos::Left,
        )
    }
}

/// Checks that `values` is not empty and finite.
pub(super) fn check_finite(
    figure: &'static str,
    what: &str,
    values: &[f64],
) -> Result<(), FigureError> {
    if values.is_empty() {
        return Err(FigureError::Empty {
            figure,
            what: what.to_owned(),
        });
    }
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(FigureError::NotFinite {
            figure,
            what: what.to_owned(),
            index,
            value: values[index],
        }),
        None => Ok(()),
    }
}

/// Checks that `values` has `expected` elements, at least one, all finite.
pub(super) fn check_series(
    figure: &'static str,
    what: &str,
    values: &[f64],
    expected: usize,
) -> Result<(), FigureError> {
    if values.len() != expected {
        return Err(FigureError::Length {
            figure,
            what: what.to_owned(),
            found: values.len(),
            expected,
        });
    }
    check_finite(figure, what, values)
}

/// Checks that no value is below `least` (`expected` in words).
pub(super) fn check_at_least(
    figure: &'static str,
    what: &str,
    values: &[f64],
    (least, expected): (f64, &'static str),
) -> Result<(), FigureError> {
    match values.iter().position(|&value| value < least) {
        Some(index) => Err(FigureError::OutOfRange {
            figure,
            what: what.to_owned(),
            index,
            value: values[index],
            expected,
        }),
        None => Ok(()),
    }
}
