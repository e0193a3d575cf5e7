//! The device file that a fit makes.

use super::{Fit, FitError, Limit, Options, Range};
use analog_substrate::device::{Device, DeviceError};
use toml::{Table, Value};
use units::{Quantity, Unit, printable::printable};

/// The device whose values hold where nothing was measured; none: a bare range.
#[derive(Clone, Debug)]
pub struct Base {
    table: Table,
    device: Option<Device>,
}

impl Base {
    /// A shipped device, a device file, or none.
    ///
    /// # Errors
    /// As [`Device::load`].
    pub fn load(reference: Option<&str>) -> Result<Self, FitError> {
        let Some(reference) = reference else {
            return Ok(Self {
                table: Table::new(),
                device: None,
            });
        };
        let (text, file) = Device::text(reference)?;
        let device = Device::parse(&text, &file)?;
        // It was read as a device before.
        let table = text
            .parse()
            .map_err(|reason: toml::de::Error| DeviceError::Syntax {
                file,
                message: reason.message().to_owned(),
            })?;
        Ok(Self {
            table,
            device: Some(device),
        })
    }

    /// The device.
    pub fn device(&self) -> Option<&Device> {
        self.device.as_ref()
    }

    /// The time after the last programming pulse at which the drift of the base begins, s.
    pub(super) fn drift_start(&self) -> Option<f64> {
        self.device.as_ref()?.drift_start()
    }

    /// Curvature of the pulses of the base, upwards (0) or downwards (1), if its file says it.
    pub(super) fn curvature(&self, way: usize) -> Option<f64> {
        let curvature = self.table.get("pulses")?.get("curvature")?;
        curvature.get(["up", "down"][way])?.as_float()
    }

    /// The largest conductance as it is told: what is asked for, else the base's.
    pub(super) fn largest(&self, options: &Options) -> Option<f64> {
        let known = self.device.as_ref().map(Device::conductance_range);
        options.max.or(known.map(|(_, max)| max))
    }

    /// The range of the fitted device: what is asked for, else the base's, else from 0 to the largest
    /// of `measured`.
    pub(super) fn range(
        &self,
        options: &Options,
        measured: impl Iterator<Item = f64>,
    ) -> Result<Range, FitError> {
        let known = self.device.as_ref().map(Device::conductance_range);
        let max = self
            .largest(options)
            .unwrap_or_else(|| measured.fold(0.0, f64::max));
        let min = options.min.or(known.map(|(min, _)| min)).unwrap_or(0.0);
        if min >= 0.0 && max > min && max.is_finite() {
            Ok(Range { min, max })
        } else {
            Err(FitError::Range { min, max })
        }
    }
}

impl Range {
    fn section(self) -> Table {
        let [min, max] = [self.min, self.max].map(|g| quantity(g, Unit::Siemens));
        Table::from_iter([("min".to_owned(), min), ("max".to_owned(), max)])
    }
}

impl Fit {
    /// The device file: the base with the fitted law in the place of its own, and where both are from.
    /// `source` names the measurements, with their hash.
    ///
    /// # Errors
    /// [`FitError::Device`] where base and law do not go together.
    #[expect(clippy::missing_panics_doc, reason = "strings, numbers and tables")]
    pub fn device_file(&self, name: &str, source: &str, base: &Base) -> Result<String, FitError> {
        // Both hold names of files, and comments end where a line does.
        let (name, source) = (&*printable(name), &*printable(source));
        let section = self.kind.section();
        let mut table = base.table.clone();
        for gone in ["golden", "alternative"].iter().chain(self.kind.replaces()) {
            table.remove(*gone);
        }
        let measured = format!(
            "{source}, {} measurements, by maximum likelihood",
            self.points
        );
        let mut summary = format!("Fitted to measurements of {}", self.kind.name());
        let mut sources = vec![format!("{section}: {measured}")];
        if let Some(device) = &base.device {
            summary = format!("{summary}; the rest is that of {}", device.name());
            let origins = device.sources().join("; ");
            sources.push(format!(
                "the rest: {} ({}): {origins}",
                device.name(),
                device.evidence()
            ));
        }
        table.insert("name".to_owned(), name.into());
        table.insert("summary".to_owned(), summary.into());
        table.insert("evidence".to_owned(), "fitted".into());
        table.insert("sources".to_owned(), sources.into());
        table.insert("conductance".to_owned(), self.range.section().into());
        if !self.section.is_empty() {
            table.insert(section.to_owned(), self.section.clone().into());
        }
        self.limit(&mut table);
        self.explain(&mut table, &measured);
        let body = toml::to_string(&table).expect("strings, numbers and tables");
        let text = format!("{}\n{body}", self.comment(source));
        // A line of it is no help to who has not got the file.
        toml::from_str::<Device>(&text).map_err(|reason| FitError::NoDevice {
            file: source.to_owned(),
            said: statement(&text, reason.span().map_or(0, |span| span.start)).to_owned(),
            reason: reason.message().replace('\n', "; "),
        })?;
        Device::parse(&text, name)?;
        Ok(text)
    }

    /// Where the file's laws hold: no further than what was measured.
    fn limit(&self, table: &mut Table) {
        let Some(Value::Table(valid)) = table.get_mut("valid") else {
            return;
        };
        valid.insert(
            "share".to_owned(),
            vec![self.range.min / self.range.max, 1.0].into(),
        );
        match self.limit {
            Some(Limit::Seconds(times)) => {
                let times = times.map(|time| quantity(time, Unit::Second));
                valid.insert("time".to_owned(), Value::Array(times.to_vec()));
            }
            Some(Limit::Volts(largest)) => {
                valid.insert("voltage".to_owned(), quantity(largest, Unit::Volt));
            }
            None => {}
        }
    }

    /// Evidence and source of the fitted section, in the place of those of what it replaces.
    fn explain(&self, table: &mut Table, measured: &str) {
        let mut provenance = match table.remove("provenance") {
            Some(Value::Table(provenance)) => provenance,
            _ => Table::new(),
        };
        provenance.retain(|name, _| {
            let section = name.split('.').next().unwrap_or_default();
            table.contains_key(section) && section != self.kind.section()
        });
        if !self.section.is_empty() {
            let entry = Table::from_iter([
                ("evidence".to_owned(), "fitted".into()),
                ("source".to_owned(), measured.into()),
            ]);
            provenance.insert(self.kind.section().to_owned(), entry.into());
        }
        table.insert("provenance".to_owned(), provenance.into());
    }

    /// What a reader of the file needs to know of the fit.
    fn comment(&self, source: &str) -> String {
        let mut lines = vec![
            format!("{} fitted to {source}", self.kind.section()),
            format!("law: {}; g = G/max", self.law),
        ];
        lines.extend(self.parameters.iter().map(|p| {
            format!(
                "  {} = {} ± {} (standard error)",
                p.key,
                show(p.value, p.unit),
                show(p.standard_error, p.unit)
            )
        }));
        lines.extend(
            self.warnings
                .iter()
                .map(|warning| format!("warning: {warning}")),
        );
        lines.iter().flat_map(|line| ["# ", line, "\n"]).collect()
    }
}

/// The line of a text in which a byte is.
fn statement(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    text[start..].lines().next().unwrap_or_default()
}

/// A quantity as people read it.
fn show(value: f64, unit: Unit) -> String {
    Quantity { value, unit }.rounded(4)
}

/// A quantity as device files write it: every digit, so that it reads back as what was fitted and a
/// limit holds what it is the limit of.
pub(super) fn quantity(value: f64, unit: Unit) -> Value {
    match unit {
        Unit::One => Value::Float(value),
        unit => Quantity { value, unit }.to_string().into(),
    }
}

/// A list of them.
pub(super) fn quantities(values: &[f64], unit: Unit) -> Value {
    let values = values.iter().map(|&value| quantity(value, unit));
    Value::Array(values.collect())
}
