//! Biases alone, updates at a later age, weights for a population.

use super::*;
use gradep_core::config::Learn;
use std::num::NonZeroU64;

fn drifting() -> Design {
    let mut spec = Spec::load("D3-PCM").unwrap();
    spec.override_with(&["array.age=300s".to_owned()]).unwrap();
    spec.design()
}

const DIE: Die = Die {
    seed: 0,
    number: 100,
};

fn short(learn: Learn) -> Course {
    Course {
        updates: 8,
        batch: 64,
        learning_rate: Course::rate_of(learn),
        learn,
        ..Course::default()
    }
}

/// 64 + 24 biases, each of two devices; exact ones are none.
#[test]
fn of_biases_alone_no_bit_of_a_weight_and_no_device_of_one_is_moved() {
    with(&short(Learn::Biases), &[], |adaptation| {
        for (biases, most) in [("devices", 9 * 2 * 88), ("exact", 0)] {
            let mut spec = Spec::load("D3").unwrap();
            let settings = ["device=generic", "array.programming_sigma=4 %"].map(str::to_owned);
            let of_biases = format!("array.biases={biases}");
            spec.override_with(&[&settings[..], &[of_biases]].concat())
                .unwrap();
            let design = spec.design();
            let chip = OnChip {
                design: &design,
                die: DIE,
            };
            let learned = learn_on_chip(adaptation, &chip, |_| true).unwrap();
            let (before, after) = (&adaptation.model.couplings, &learned.model.couplings);
            let bits = |couplings: &analog_substrate::Couplings<f32>| -> Vec<u32> {
                couplings
                    .parameters(0)
                    .iter()
                    .map(|w| w.to_bits())
                    .collect()
            };
            assert_eq!(bits(before), bits(after));
            assert_ne!(before.visible_bias(), after.visible_bias());
            assert_ne!(before.bias(0), after.bias(0));
            let moves = learned.spent.moves.unwrap();
            assert!(
                moves <= most && (moves > 0) == (most > 0),
                "{moves} {biases}"
            );
            assert_eq!(learned.products.to_bits(), 0.0_f64.to_bits());
        }
    });
}

#[test]
fn each_refresh_goes_on_from_what_the_last_one_left() {
    let design = drifting();
    let chip = OnChip {
        design: &design,
        die: DIE,
    };
    with(&short(Learn::All), &[1e4, 1e6], |adaptation| {
        let refreshing = Adaptation {
            refresh: Some(8),
            ..*adaptation
        };
        let (with, learned) = refreshing.run(&chip, |_| true).unwrap();
        let (again, _) = refreshing.run(&chip, |_| true).unwrap();
        assert_eq!(with, again);
        let (without, same) = adaptation.run(&chip, |_| true).unwrap();
        // What is kept is the chip before it grew older.
        assert_eq!((&learned.map, with.after), (&same.map, without.after));
        let looks = with.later.iter().zip(&without.later).collect::<Vec<_>>();
        assert_eq!(looks[0].0.best, looks[0].1.best);
        assert_ne!(looks[1].0.best, looks[1].1.best);
        let relaxation = 64.0 * 8.0 * 50.0 * design.time_constant();
        for (with, without) in looks {
            assert_eq!(
                (with.unadapted, without.refreshed),
                (without.unadapted, None)
            );
            let refreshed = with.refreshed.unwrap();
            assert_eq!((refreshed.updates, refreshed.refused), (8, 0));
            assert!(refreshed.moves > Some(0) && refreshed.joules > 0.0);
            // Of these updates alone, reading and writing beside.
            let share = refreshed.seconds / relaxation;
            assert!((1.0..1.5).contains(&share), "{share}");
            assert_ne!(refreshed.best, with.best);
        }
        let early = Adaptation {
            later: &[200.0],
            ..refreshing
        };
        let message = early.check(&chip).unwrap_err().to_string();
        assert!(message.contains("learns only 300 s"), "{message}");
        let endless = Adaptation {
            refresh: Some(u64::MAX),
            ..refreshing
        };
        let message = endless.check(&chip).unwrap_err().to_string();
        assert!(message.contains("choose fewer"), "{message}");
        refreshing.check(&chip).unwrap();
    });
}

/// Whatever the number of threads; and other chips are another course.
#[test]
fn weights_for_a_population_are_the_same_from_the_same_chips() {
    let design = bad();
    with(&short(Learn::All), &[], |adaptation| {
        let learn = |threads: usize, chips: u64| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let population = Population {
                chips: NonZeroU64::new(chips).unwrap(),
                seed: 0,
            };
            let learned = pool.build().unwrap().install(|| {
                learn_for_population(adaptation, &design, population, |_| true).unwrap()
            });
            assert_eq!((learned.updates, learned.refused), (8, 0));
            learned.model.couplings
        };
        let all = learn(1, 1000);
        assert_eq!(all, learn(2, 1000));
        assert_ne!(all, learn(2, 3));
        assert_ne!(all, adaptation.model.couplings);
    });
}
