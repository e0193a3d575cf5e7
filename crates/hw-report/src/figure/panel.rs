//! One pair of axes with its curves, and figures made of several such panels.

use super::{
    FigureError, Reference,
    axis::{Axis, Scale},
    canvas::{self, Area, Drawing, Drawn},
    legend::{self, Entry},
    theme,
};
use plotters::{
    prelude::*,
    series::DashedLineSeries,
    style::text_anchor::{HPos, VPos},
};
use std::borrow::Cow;

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
    pub(super) dashed: bool,
}

/// What lies between two curves over the same abscissae: the spread of what a curve is the mean of.
pub(super) struct Band {
    pub(super) low: Vec<(f64, f64)>,
    pub(super) high: Vec<(f64, f64)>,
    pub(super) colour: RGBColor,
}

/// How much of a band's colour covers what is behind it.
const BAND_OPACITY: f64 = 0.18;

impl Curve {
    /// A curve over equally long slices.
    pub(super) fn new(label: &str, x: &[f64], y: &[f64], colour: RGBColor) -> Self {
        Self {
            label: Some(label.to_owned()),
            points: x.iter().copied().zip(y.iter().copied()).collect(),
            colour,
            width: theme::BOLD,
            dashed: false,
        }
    }
}

/// A pair of axes and what is drawn on them.
pub(super) struct Panel {
    title: String,
    x: Axis,
    y: Axis,
    curves: Vec<Curve>,
    /// Horizontal lines: label, place, colour if it is given.
    references: Vec<(String, f64, Option<RGBColor>)>,
    /// Abscissae worth noticing: dashed vertical lines.
    instants: Vec<(String, f64)>,
    /// Points worth noticing, in their colour.
    marks: Vec<((f64, f64), RGBColor)>,
    /// Points in the background.
    cloud: Vec<(f64, f64)>,
    bands: Vec<Band>,
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
                .map(|reference| (reference.label.to_owned(), reference.value, None))
                .collect(),
            curves,
            instants: Vec::new(),
            marks: Vec::new(),
            cloud,
            bands: Vec::new(),
        }
    }

    /// Adds horizontal lines in their colours; the axis grows to hold them.
    pub(super) fn with_lines(mut self, lines: &[(Reference<'_>, RGBColor)]) -> Self {
        self.y.hold(lines.iter().map(|(line, _)| line.value));
        let lines = lines.iter();
        self.references
            .extend(lines.map(|(line, colour)| (line.label.to_owned(), line.value, Some(*colour))));
        self
    }

    /// Adds bands behind the curves; the axes grow to hold them.
    pub(super) fn with_bands(mut self, bands: Vec<Band>) -> Self {
        let places = bands
            .iter()
            .flat_map(|band| band.low.iter().chain(&band.high));
        self.y.hold(places.map(|place| place.1));
        self.bands = bands;
        self
    }

    /// Adds a dashed vertical line at an abscissa that the curves reach.
    pub(super) fn with_instant(mut self, label: &str, x: f64) -> Self {
        self.instants.push((label.to_owned(), x));
        self
    }

    /// Adds points; both axes grow to hold them.
    pub(super) fn with_held_marks(mut self, marks: Vec<((f64, f64), RGBColor)>) -> Self {
        self.x.hold(marks.iter().map(|mark| mark.0.0));
        self.y.hold(marks.iter().map(|mark| mark.0.1));
        self.with_marks(marks)
    }

    /// Names the abscissae 0, 1, 2 … instead of counting them.
    pub(super) fn with_names(mut self, names: &[String]) -> Self {
        self.x = Axis::of_names(self.x.label, names.to_vec());
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
    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>, left: i32, legend: bool) -> Drawn<DB> {
        let width = area.dim_in_pixel().0 as i32;
        area.draw(&Text::new(
            self.title.as_str(),
            (left, 0),
            theme::text(theme::TITLE, HPos::Left, VPos::Top),
        ))?;
        let legend_top = theme::line_height(theme::TITLE) + 2;
        let legend = if legend {
            legend::draw(area, &self.entries(), (left, legend_top), width - RIGHT)?
        } else {
            0
        };
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
        for band in &self.bands {
            let places = band.low.iter().chain(band.high.iter().rev());
            let outline: Vec<_> = places
                .map(|&(x, y)| (self.x.place(x), self.y.place(y)))
                .collect();
            let style = band.colour.mix(BAND_OPACITY).filled();
            chart.draw_series(std::iter::once(Polygon::new(outline, style)))?;
        }
        for (index, (_, value, _)) in self.references.iter().enumerate() {
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
            if curve.dashed {
                chart.draw_series(DashedLineSeries::new(places, 14, 10, style))?;
                continue;
            }
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

    /// Reference lines are dashed, in their colours, or in ink first and then in those that no curve
    /// uses.
    fn reference_style(&self, index: usize) -> ShapeStyle {
        let colour = if let Some(colour) = self.references[index].2 {
            colour
        } else if index == 0 {
            theme::INK
        } else {
            theme::category(self.curves.len() + index)
        };
        colour.stroke_width(3)
    }

    /// Entries of the legend: text, style of the line, whether it is dashed.
    fn entries(&self) -> Vec<Entry<'_>> {
        let curves = self.curves.iter().filter_map(|curve| {
            let style = curve.colour.stroke_width(curve.width);
            let label = curve.label.as_deref()?;
            Some((label, style, curve.dashed))
        });
        let references = self.references.iter().enumerate();
        let references =
            references.map(|(i, (label, ..))| (label.as_str(), self.reference_style(i), true));
        let instants = self.instants.iter().enumerate();
        let instants =
            instants.map(|(i, (label, _))| (label.as_str(), self.instant_style(i), true));
        curves.chain(references).chain(instants).collect()
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
    /// Whether the first panel's legend stands for all, below the heading.
    pub(super) shared_legend: bool,
}

/// Space between panels.
const PANEL_GAP: i32 = 40;
/// Between a shared legend and the panels.
const LEGEND_GAP: i32 = 26;
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

    /// The legend that all panels share, and its height with the space below it.
    fn legend(&self) -> (Vec<Entry<'_>>, i32) {
        let first = self.panels.first().filter(|_| self.shared_legend);
        let entries = first.map(Panel::entries).unwrap_or_default();
        let height = match legend::height(&entries, theme::MARGIN, theme::MARGIN + self.width()) {
            0 => 0,
            height => height + LEGEND_GAP,
        };
        (entries, height)
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
        let height =
            self.heading_height() + self.legend().1 + panels + captions + 2 * theme::MARGIN;
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
        let (entries, legend) = self.legend();
        let corner = (margin, margin + self.heading_height());
        legend::draw(area, &entries, corner, margin + self.width())?;
        let top = corner.1 + legend;
        let left = self.panels.iter().map(Panel::left).max().unwrap_or(0);
        let (width, height) = self.panel_size;
        for (index, panel) in self.panels.iter().enumerate() {
            let x = margin + (index % self.columns) as i32 * (width + PANEL_GAP);
            let y = top + (index / self.columns) as i32 * (height + PANEL_GAP);
            let cell = area.clone().shrink((x, y), (width, height));
            panel.draw(&cell, left, !self.shared_legend)?;
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
