//! Whether the values of a device go with each other.

use super::{Device, DeviceError, law, quantity::Seconds};

/// A dotted key, and what is wrong with its value.
type Found = Option<(String, String)>;

impl Device {
    /// The first key with a value that makes no sense.
    pub(super) fn problem(&self) -> Found {
        self.range_problem()
            .or_else(|| self.exclusive_problem())
            .or_else(|| self.time_problem())
            .or_else(|| self.aging_problem())
            .or_else(|| self.law_problem())
            .or_else(|| self.sigma_problem())
            .or_else(|| self.golden_problem())
    }

    fn range_problem(&self) -> Found {
        let (min, max) = self.conductance_range();
        if !(min >= 0.0 && max > min) {
            return found("conductance", "expected 0 <= min < max");
        }
        if self.levels.is_some_and(|levels| levels < 2) {
            return found("levels", "expected at least 2");
        }
        if let Some(name) = self.stray_provenance() {
            return found(
                &format!("provenance.{name}"),
                "expected the name of a value or of a section of this file",
            );
        }
        let valid = self.valid.as_ref()?;
        let [low, high] = valid.share;
        // A rounded share may cut a unit in the last place of the range.
        let covers = low * max <= min * (1.0 + 1e-12) && high >= 1.0;
        if !(low >= 0.0 && high.is_finite() && covers) {
            return found(
                "valid.share",
                "expected [least, most] with the range of conductances in it",
            );
        }
        let [Seconds(first), Seconds(last)] = valid.time;
        if !(first >= 0.0 && last > first) {
            return found("valid.time", "expected [earliest, latest]");
        }
        if valid.voltage.0 <= 0.0 {
            return found("valid.voltage", "expected a voltage above zero");
        }
        None
    }

    /// One law for what time does, and no two for what levels there are.
    fn exclusive_problem(&self) -> Found {
        let sections = self.aging_sections();
        let mut on = sections.iter().filter(|(_, is_on)| *is_on);
        if let (Some(_), Some((second, _))) = (on.next(), on.next()) {
            let names: Vec<&str> = sections.iter().map(|(name, _)| *name).collect();
            let (last, others) = names.split_last().expect("laws");
            let expected = format!("expected one of {} and {last}, not two", others.join(", "));
            return found(second, &expected);
        }
        if self.pulses.is_some() && self.relaxation.is_some() {
            return found("pulses", "expected pulses or relaxation, not both");
        }
        if self.pulses.is_some() && self.levels.is_some() {
            return found("levels", "expected levels or pulses, not both");
        }
        None
    }

    fn time_problem(&self) -> Found {
        let times = [
            ("read.time", self.read.as_ref().map(|read| read.time)),
            ("write.time", self.write.as_ref().map(|write| write.time)),
        ];
        let (key, _) = times
            .into_iter()
            .find(|(_, time)| time.is_some_and(|time| time.0 <= 0.0))?;
        found(key, "expected a time above zero")
    }

    /// What the law of ageing says of its own section.
    fn aging_problem(&self) -> Found {
        let mut sections = self.aging_sections().into_iter();
        let (section, _) = sections.find(|(_, is_on)| *is_on)?;
        let flaw = self.aging()?.check(&self.basis())?;
        let key = flaw.key.map(|key| format!("{section}.{key}"));
        Some((key.unwrap_or_else(|| section.to_owned()), flaw.problem))
    }

    fn law_problem(&self) -> Found {
        if let Some(read) = &self.read {
            if let Some(problem) = law::problem(&read.amplitude) {
                return found("read.amplitude", problem);
            }
            let value = |g| law::value(&read.amplitude, g);
            if let Some(negative) = law::negative(value, self.valid_shares()) {
                return found("read.amplitude", &law::says_negative(negative));
            }
        }
        if let Some(problem) = self
            .pulses
            .as_ref()
            .and_then(super::pulses::Pulses::problem)
        {
            return found("pulses", problem);
        }
        if self
            .read
            .as_ref()
            .and_then(|law| law.relative_to)
            .is_some_and(|g| g.0 <= 0.0)
        {
            return found("read.relative_to", "expected a conductance above zero");
        }
        let current = self.current.as_ref()?;
        let [low, high] = current.fitted;
        (!(low > 0.0 && high >= low && high.is_finite())).then(|| {
            let expected = "expected [least, most], shares of the largest conductance above zero";
            ("current.fitted".to_owned(), expected.to_owned())
        })
    }

    fn sigma_problem(&self) -> Found {
        let max = self.conductance.max.0;
        let shares = self.valid_shares();
        let mut sigmas = vec![("programming.sigma", &self.programming.sigma)];
        if let Some(law) = &self.read_white {
            sigmas.push(("read_white.sigma", &law.sigma));
        }
        sigmas
            .into_iter()
            .find_map(|(key, sigma)| Some((key.to_owned(), sigma.problem(shares, max)?)))
    }

    fn golden_problem(&self) -> Found {
        let [low, high] = self.valid_shares();
        for golden in &self.golden {
            if let Err(problem) = golden.expected() {
                return Some(("golden.value".to_owned(), problem));
            }
            if !(low..=high).contains(&golden.share) {
                return found("golden.share", "expected a share within valid.share");
            }
        }
        None
    }

    /// Whether a reading at this voltage, V, is within what is known.
    ///
    /// # Errors
    /// [`DeviceError::Voltage`].
    pub fn check_voltage(&self, volts: f64) -> Result<(), DeviceError> {
        match self.largest_voltage() {
            Some(largest) if volts > largest => Err(DeviceError::Voltage {
                device: self.name().to_owned(),
                volts,
                largest,
            }),
            _ => Ok(()),
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "what every check answers")]
fn found(key: &str, problem: &str) -> Found {
    Some((key.to_owned(), problem.to_owned()))
}
