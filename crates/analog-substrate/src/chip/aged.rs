//! A chip whose devices have grown older.

use super::{Chip, ChipError, account::Account};
use crate::{arrays::Updating, chip::ChipScalar};

impl<R: ChipScalar> Chip<R> {
    /// The same chip `seconds` after its devices were programmed, its clock, its ledger and its count of moves at zero. A chip that learns
    /// goes on learning, from where its last update left it.
    ///
    /// A device that updates have moved has no past of its own: it ages from its first programming on as if it had been programmed to
    /// where it is now. So of an update at an age, drift takes the same share as of what was there before; the chip reads what is left
    /// and learns from that. All noise begins as on a chip that is made at this age with these devices: its read noise is in the state that
    /// a measurement of such a chip begins with.
    ///
    /// # Errors
    /// [`ChipError::NoArrays`] on a chip without devices; [`ChipError::Wires`] where they cannot be solved.
    pub fn aged(mut self, seconds: f64) -> Result<Self, ChipError> {
        if let Some(design) = &mut self.design.arrays {
            design.age = seconds;
        }
        let map = self.conductances().ok_or_else(|| ChipError::NoArrays {
            design: self.design.name.clone(),
        })?;
        self.replay(map)?;
        self.relaxations = 0.into();
        self.with_account(|account| *account = Account::default());
        if let Some(updated) = &mut self.updated {
            updated.learned.moves = 0;
            let pulse = self.design.arrays.as_ref().map(|arrays| arrays.pulse);
            let took = updated.learned.took.and(pulse);
            updated.learned.took = took.map(Updating::none);
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Couplings, Layers, Substrate as _,
        chip::{Die, Instance},
        hw_spec::Spec,
    };

    fn chip(spec: &str, age: Option<f64>) -> Chip<f64> {
        let mut design = Spec::load(spec).unwrap().design();
        if let (Some(arrays), Some(age)) = (&mut design.arrays, age) {
            arrays.age = age;
        }
        let layers = Layers::new(vec![3, 4]).unwrap();
        let mut couplings = Couplings::<f64>::zeros(layers.clone());
        couplings.weight_mut(0).fill(0.4);
        let instance = Instance::draw(&design, &layers, Die::default());
        Chip::new(crate::chip::ChipParts {
            design,
            instance,
            network: crate::chip::Network {
                couplings,
                activation: crate::Activation::PAPER,
                cell: crate::Cell::Gradient,
            },
            settings: crate::chip::TransientSettings::default(),
            noise_seed: 0,
        })
        .unwrap()
    }

    /// A chip that learns and has learned nothing is, older, the chip of a design of that age; and one that has is moved on from there.
    #[test]
    fn a_learning_chip_grows_older_and_learns_on() {
        let young = chip("D3-PCM", Some(300.0)).learning(1.0).unwrap();
        let then = young.present_couplings().unwrap();
        // What it did when it was young is nothing to it.
        let anchor = ndarray::array![[0.1, 0.2, 0.3]];
        let visible = crate::Visible::Spring { stiffness: 15.0 };
        let drive = crate::Drive {
            anchor: anchor.view(),
            visible,
            held: None,
        };
        young.settle(&drive, None).unwrap();
        let mut old = young.aged(86_400.0).unwrap();
        let direct = chip("D3-PCM", Some(86_400.0));
        let now = old.present_couplings().unwrap();
        assert_ne!(then, now);
        assert_eq!(now, direct.present_couplings().unwrap());
        let mut couplings = old.couplings().clone();
        couplings.bias_mut(0).fill(0.1);
        old.program(&couplings).unwrap();
        assert!(old.moves() > 0);
        let older = old.aged(1e6).unwrap();
        assert_eq!((older.moves(), older.clock().total_s.to_bits()), (0, 0));
        let without = chip("D3", None).aged(1.0).unwrap_err();
        assert!(without.to_string().contains("no device"), "{without}");
    }
}
