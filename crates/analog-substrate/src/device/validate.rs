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
        let aging = [
            ("drift", self.drift.is_some()),
            ("relaxation", self.relaxation.is_some()),
            ("creep", self.creep.is_some()),
            ("leak", self.leak.is_some()),
        ];
        let mut on = aging.into_iter().filter(|(_, is_on)| *is_on);
        if let (Some(_), Some((second, _))) = (on.next(), on.next()) {
            return found(
                second,
                "expected one of drift, relaxation, creep and leak, not two",
            );
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
            ("drift.start", self.drift.as_ref().map(|law| law.start)),
            ("leak.time", self.leak.as_ref().map(|law| law.time)),
            ("read.time", self.read.as_ref().map(|read| read.time)),
            ("write.time", self.write.as_ref().map(|write| write.time)),
        ];
        let early = times
            .into_iter()
            .find(|(_, time)| time.is_some_and(|time| time.0 <= 0.0));
        if let Some((key, _)) = early {
            return found(key, "expected a time above zero");
        }
        let law = self.relaxation.as_ref()?;
        let times: Vec<f64> = std::iter::once(law.start.0)
            .chain(law.later.iter().map(|later| later.at.0))
            .collect();
        if law.start.0 < 0.0 || (law.start.0 == 0.0 && !law.interpolate) {
            return found("relaxation.start", "expected a time above zero");
        }
        if law.later.is_empty() || times.windows(2).any(|pair| pair[0] >= pair[1]) {
            return found(
                "relaxation.later",
                "expected times that rise from relaxation.start",
            );
        }
        None
    }

    fn law_problem(&self) -> Found {
        let drift = self.drift.as_ref();
        let laws = [
            ("drift.mean", drift.map(|law| &law.mean)),
            ("drift.sd", drift.map(|law| &law.sd)),
            (
                "read.amplitude",
                self.read.as_ref().map(|law| &law.amplitude),
            ),
        ];
        for (key, pieces) in laws {
            let Some(pieces) = pieces else { continue };
            if let Some(problem) = law::problem(pieces) {
                return found(key, problem);
            }
            let negative = law::negative(|g| law::value(pieces, g), self.valid_shares());
            if let Some((g, value)) = negative.filter(|_| key != "drift.mean") {
                return found(
                    key,
                    &format!(
                        "is {value:.3e} at {g:.4} of the largest conductance; expected no negative value within the validity range"
                    ),
                );
            }
        }
        if let Some(problem) = self
            .pulses
            .as_ref()
            .and_then(super::pulses::Pulses::problem)
        {
            return found("pulses", problem);
        }
        if self.leak.as_ref().is_some_and(|law| {
            let rests = (0.0..=self.conductance.max.0).contains(&law.rest.0);
            !(rests && (0.0..=1.0).contains(&law.spread.0))
        }) {
            return found(
                "leak",
                "expected a rest from 0 to the largest conductance and a spread from 0 to 100 %",
            );
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
        if let Some(law) = &self.relaxation {
            sigmas.extend(
                law.later
                    .iter()
                    .map(|later| ("relaxation.later", &later.sigma)),
            );
        }
        if let Some(law) = &self.read_white {
            sigmas.push(("read_white.sigma", &law.sigma));
        }
        let wrong = sigmas
            .into_iter()
            .find_map(|(key, sigma)| Some((key.to_owned(), sigma.problem(shares, max)?)));
        if wrong.is_some() {
            return wrong;
        }
        let creep = self.creep.as_ref()?;
        let valid = self.valid.as_ref();
        let ends = valid.map_or([1.0, 1.0], |valid| valid.time.map(|time| time.0));
        ends.iter()
            .any(|&t| !(t > 0.0 && creep.sd_at(t) >= 0.0))
            .then(|| {
                let expected =
                    "expected valid.time above zero, and no negative deviation within it";
                ("creep".to_owned(), expected.to_owned())
            })
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

    /// The first and the last time since the last programming pulse at which the laws of time hold, s:
    /// those of the file, but not before a power law begins.
    pub fn known_times(&self) -> [f64; 2] {
        let begins = self.drift.as_ref().map_or(0.0, |law| law.start.0);
        let valid = self.valid.as_ref().map(|valid| valid.time);
        let [first, last] = valid.map_or([0.0, f64::INFINITY], |time| time.map(|time| time.0));
        [first.max(begins), last]
    }

    fn refuse_time(&self, seconds: f64, expected: String) -> Result<(), DeviceError> {
        Err(DeviceError::Time {
            device: self.name().to_owned(),
            seconds,
            expected,
        })
    }

    /// Whether conductances are known this long after the last programming pulse.
    ///
    /// # Errors
    /// [`DeviceError::Time`].
    pub fn check_time(&self, seconds: f64) -> Result<(), DeviceError> {
        let refuse = |expected: String| self.refuse_time(seconds, expected);
        if !(seconds.is_finite() && seconds >= 0.0) {
            return refuse("a finite time, not negative".to_owned());
        }
        if let Some(law) = &self.relaxation {
            let times: Vec<f64> = std::iter::once(law.start.0)
                .chain(law.later.iter().map(|later| later.at.0))
                .collect();
            let (first, last) = (times[0], times[times.len() - 1]);
            let is_given = times.iter().any(|time| time.to_bits() == seconds.to_bits());
            if law.interpolate && !(first..=last).contains(&seconds) {
                return refuse(format!("a time from {first} s to {last} s"));
            }
            if !law.interpolate && !is_given {
                let times: Vec<_> = times.iter().map(|time| format!("{time} s")).collect();
                return refuse(times.join(", "));
            }
        }
        let [first, last] = self.known_times();
        if !self.ages() || (first..=last).contains(&seconds) {
            Ok(())
        } else if last.is_finite() {
            refuse(format!("a time from {first} s to {last} s"))
        } else {
            refuse(format!("a time from {first} s on"))
        }
    }

    /// Whether readings this long after the last programming pulse are known: 1/f noise grows from the
    /// first read on, and has no band before the first reading is over.
    ///
    /// # Errors
    /// [`DeviceError::Time`].
    pub fn check_read_time(&self, seconds: f64) -> Result<(), DeviceError> {
        let Some(read) = &self.read else {
            return Ok(());
        };
        let first = self.known_times()[0].max(read.time.0);
        if seconds.is_finite() && seconds >= first {
            Ok(())
        } else {
            self.refuse_time(
                seconds,
                format!("a time from {first} s on for its read noise"),
            )
        }
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
