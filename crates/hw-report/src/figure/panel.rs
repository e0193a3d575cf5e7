//! One pair of axes with its curves, and figures made of several such panels.

use super::{
    canvas::{self, Area, Drawing, Drawn},
    legend::{self, Entry},
    theme,
};
use crate::chart::{
    Chart, Curve, Mark,
    axis::Axis,
    labels::{self, Word},
};
use plotters::{
    prelude::*,
    series::DashedLineSeries,
    style::text_anchor::{HPos, VPos},
};

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

/// How much of a band's colour covers what is behind it.
const BAND_OPACITY: f64 = 0.18;

/// A chart with its axes, ready to be drawn.
struct Panel<'a> {
    chart: &'a Chart,
    x: Axis,
    y: Axis,
}

impl<'a> Panel<'a> {
    fn new(chart: &'a Chart) -> Self {
        let (x, y) = chart.axes();
        Self { chart, x, y }
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
            self.chart.title.as_str(),
            (left, 0),
            theme::text(theme::TITLE, HPos::Left, VPos::Top),
        ))?;
        let legend_top = theme::line_height(theme::TITLE) + 2;
        let legend = if legend {
            legend::draw(
                area,
                &entries(self.chart),
                (left, legend_top),
                width - RIGHT,
            )?
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
        for band in &self.chart.bands {
            let places = band.low.iter().chain(band.high.iter().rev());
            let outline: Vec<_> = places
                .map(|&(x, y)| (self.x.place(x), self.y.place(y)))
                .collect();
            let style = theme::colour(band.colour).mix(BAND_OPACITY).filled();
            chart.draw_series(std::iter::once(Polygon::new(outline, style)))?;
        }
        for (index, line) in self.chart.lines.iter().enumerate() {
            let y = self.y.place(line.value);
            let ends = [(self.x.range.start, y), (self.x.range.end, y)];
            let style = line_style(self.chart, index);
            chart.draw_series(DashedLineSeries::new(ends, 14, 10, style))?;
        }
        chart.draw_series(self.chart.cloud.iter().map(|&(x, y)| {
            let place = (self.x.place(x), self.y.place(y));
            Circle::new(place, DOT, theme::RAW.filled())
        }))?;
        for curve in &self.chart.curves {
            let style = style_of(curve);
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
                        .map(|&place| Circle::new(place, 7, theme::colour(curve.colour).filled())),
                )?;
            }
            chart.draw_series(LineSeries::new(places, style))?;
        }
        for (index, instant) in self.chart.instants.iter().enumerate() {
            let x = self.x.place(instant.x);
            let ends = [(x, self.y.range.start), (x, self.y.range.end)];
            let style = instant_style(self.chart, index);
            chart.draw_series(DashedLineSeries::new(ends, 14, 10, style))?;
        }
        let place = |mark: &Mark| (self.x.place(mark.x), self.y.place(mark.y));
        chart.draw_series(
            self.chart
                .marks
                .iter()
                .map(|mark| Circle::new(place(mark), MARK, theme::colour(mark.colour).filled())),
        )?;
        let plotting = chart.plotting_area();
        let pixels = |mark: &Mark| plotting.map_coordinate(&place(mark));
        let (across, down) = plotting.get_pixel_range();
        self.draw_words(area, pixels, [across, down])
    }

    /// Writes the labels of marks beside them, where there is room.
    fn draw_words<DB: DrawingBackend>(
        &self,
        area: &Area<DB>,
        pixels: impl Fn(&Mark) -> (i32, i32),
        [across, down]: [std::ops::Range<i32>; 2],
    ) -> Drawn<DB> {
        let marks = &self.chart.marks;
        let at = |mark: &Mark| {
            let (x, y) = pixels(mark);
            (f64::from(x), f64::from(y))
        };
        let named = || {
            marks
                .iter()
                .filter_map(|mark| Some((mark, mark.label.as_deref()?)))
        };
        let height = f64::from(theme::line_height(theme::SMALL));
        let words: Vec<Word> = named()
            .map(|(mark, label)| Word {
                at: at(mark),
                size: (f64::from(theme::text_width(label, theme::SMALL)), height),
            })
            .collect();
        let points: Vec<(f64, f64)> = marks.iter().map(at).collect();
        let frame = labels::Box {
            left: f64::from(across.start),
            top: f64::from(down.start),
            right: f64::from(across.end),
            bottom: f64::from(down.end),
        };
        let corner = area.get_base_pixel();
        let boxes = labels::place(&words, &points, f64::from(2 * MARK), frame);
        for ((_, label), there) in named().zip(boxes) {
            let Some(there) = there else { continue };
            let middle = (
                f64::midpoint(there.left, there.right) as i32 - corner.0,
                f64::midpoint(there.top, there.bottom) as i32 - corner.1 + theme::MIDDLE,
            );
            let style = theme::text(theme::SMALL, HPos::Center, VPos::Center);
            area.draw(&Text::new(label, middle, style))?;
        }
        Ok(())
    }
}

/// Vertical lines are dashed in the colour of the frame, apart from the horizontal lines.
fn instant_style(chart: &Chart, index: usize) -> ShapeStyle {
    let colour = if index == 0 {
        theme::FRAME
    } else {
        theme::category(chart.curves.len() + chart.lines.len() + index)
    };
    colour.stroke_width(3)
}

/// Horizontal lines are dashed, in their colours, or in ink first and then in those that no curve uses.
fn line_style(chart: &Chart, index: usize) -> ShapeStyle {
    let colour = match chart.lines[index].colour {
        Some(colour) => theme::colour(colour),
        None if index == 0 => theme::INK,
        None => theme::category(chart.curves.len() + index),
    };
    colour.stroke_width(3)
}

/// Entries of the legend: text, style of the line, whether it is dashed.
fn entries(chart: &Chart) -> Vec<Entry<'_>> {
    let curves = chart.curves.iter().filter_map(|curve| {
        let label = curve.label.as_deref()?;
        Some((label, style_of(curve), curve.dashed))
    });
    let lines = chart.lines.iter().enumerate();
    let lines = lines.map(|(i, line)| (line.label.as_str(), line_style(chart, i), true));
    let instants = chart.instants.iter().enumerate();
    let instants =
        instants.map(|(i, instant)| (instant.label.as_str(), instant_style(chart, i), true));
    curves.chain(lines).chain(instants).collect()
}

/// The stroke of a curve.
fn style_of(curve: &Curve) -> ShapeStyle {
    theme::colour(curve.colour).stroke_width(theme::width(curve.weight))
}

/// Panels side by side or one below the other, a heading above and a caption below.
pub(super) struct PanelFigure {
    pub(super) heading: String,
    pub(super) caption: String,
    pub(super) panels: Vec<Chart>,
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
        let entries = first.map(entries).unwrap_or_default();
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
        let panels: Vec<Panel<'_>> = self.panels.iter().map(Panel::new).collect();
        let left = panels.iter().map(Panel::left).max().unwrap_or(0);
        let (width, height) = self.panel_size;
        for (index, panel) in panels.iter().enumerate() {
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
