//! Programmed devices.

/// Whether a device can be programmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stuck {
    /// It can.
    Free,
    /// Stuck at the largest conductance.
    On,
    /// Stuck at the smallest conductance.
    Off,
}

/// Programmed devices.
#[derive(Clone, Debug, PartialEq)]
pub struct Programmed {
    /// What was asked for, S.
    pub asked: Vec<f64>,
    /// What was reached, S; never negative.
    pub achieved: Vec<f64>,
    /// Which devices cannot be programmed.
    pub stuck: Vec<Stuck>,
    /// How many targets were outside the range.
    pub clipped: usize,
    /// Pulses that each device was given.
    pub pulses: Vec<u32>,
    /// Devices that had all the pulses there were and are out of tolerance.
    pub exhausted: usize,
    /// The level in range that is nearest to what was asked, S: what verification compares with.
    pub(super) levels: Vec<f64>,
    /// What the devices aim at: the level with its device's variation, S.
    pub(super) goals: Vec<f64>,
    /// Normal deviates of the programming noise; zeros where it is off.
    pub(super) deviates: Vec<f64>,
    /// What each device ages with, as its law draws it: the exponent of power-law drift, or a normal deviate; zeros
    /// where drift is off.
    pub(super) aging: Vec<f64>,
    /// Normal deviates of what devices have of their own.
    pub(super) devices: Vec<f64>,
}

impl Programmed {
    /// The same devices asked for other conductances, S, and each moved by a step of its own, S, with the error that it has.
    pub(crate) fn shift(&mut self, asked: Vec<f64>, steps: &[f64], (least, most): (f64, f64)) {
        self.clipped = asked.iter().filter(|&&g| g < least || g > most).count();
        self.asked = asked;
        for values in [&mut self.achieved, &mut self.levels, &mut self.goals] {
            let moved = values.iter_mut().zip(steps);
            moved.for_each(|(g, step)| *g = (*g + step).max(0.0));
        }
    }

    /// The state that each device was programmed to, S: its level, or where it is stuck.
    pub fn targets(&self) -> Vec<f64> {
        let devices = self.levels.iter().zip(&self.achieved).zip(&self.stuck);
        devices
            .map(|((&level, &achieved), stuck)| match stuck {
                Stuck::Free => level,
                Stuck::On | Stuck::Off => achieved,
            })
            .collect()
    }
}

/// A goal with its deviation; exactly the goal without, and no negative conductance.
pub(super) fn scattered(goal: f64, sigma: f64, deviate: f64) -> f64 {
    if sigma * deviate == 0.0 {
        goal
    } else {
        (goal + sigma * deviate).max(0.0)
    }
}
