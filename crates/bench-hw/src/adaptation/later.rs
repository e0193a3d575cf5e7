//! An adapted chip that grows older, and may learn again.

use super::{
    Adaptation, AdaptationError, Course, Later, Learned, Programmed, Refreshed, learn::Learner,
};
use gradep_core::trainer::EpochReport;

impl Adaptation<'_> {
    /// The chip at each of the ages, as it is then, and after a refresh if there is one: each goes on from what the last one left, with
    /// devices that age from their first programming on, and with the moments of the optimiser.
    pub(super) fn look_later(
        &self,
        unadapted: &Programmed<'_>,
        (mut learned, mut learner): (Learned, Learner),
        mut observe: impl FnMut(&EpochReport) -> bool,
    ) -> Result<Vec<Later>, AdaptationError> {
        let mut looks = Vec::new();
        for &seconds in self.later {
            let best_of = |learned: &Learned| {
                let now = Programmed {
                    model: &learned.model,
                    map: learned.map.as_ref(),
                    ..*unadapted
                };
                self.bench.best_at_age(&now, seconds)
            };
            let mut look = Later {
                seconds,
                best: best_of(&learned)?,
                unadapted: self.bench.best_at_age(unadapted, seconds)?,
                refreshed: None,
            };
            if let Some(updates) = self.refresh {
                let course = Course {
                    updates,
                    ..*self.course
                };
                let again = Adaptation {
                    course: &course,
                    model: &learned.model,
                    ..*self
                };
                let aged = learner.aged(seconds)?;
                let (refreshed, older) = again.learn_through(aged, &mut observe)?;
                look.refreshed = Some(Refreshed::new(best_of(&refreshed)?, &refreshed));
                (learned, learner) = (refreshed, older);
            }
            looks.push(look);
        }
        Ok(looks)
    }
}
