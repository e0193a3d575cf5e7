//! What `gradep adapt` prints.

use crate::{commands::account::Account, console, failure::Result};
use bench_hw::{
    adaptation::{Adapted, Best},
    results::{ResultFile as _, adaptation::Adaptations},
};
use std::{io::Write as _, path::Path};
use units::{Unit, words::counted};

pub(super) fn print(document: &Adaptations, root: &Path) -> Result<()> {
    let mut out = console::text();
    let course = &document.course;
    writeln!(
        out,
        "{} {}, {} samples each, {} against {}; {} updates of {} samples, {} tau free and {} tau nudged\n",
        counted(document.chips.len() as u64, "chip"),
        document.chip,
        document.n,
        document.metric,
        document.against,
        document.chips.first().map_or(0, |chip| chip.updates),
        course.batch,
        course.free,
        course.nudged
    )?;
    let ages: Vec<String> = document.chips.first().map_or_else(Vec::new, |chip| {
        let later = chip.later.iter();
        later
            .map(|later| Unit::Second.show(later.seconds, 3))
            .collect()
    });
    write!(
        out,
        "{:>5} {:>8} {:>8} {:>8} {:>8} {:>9} {:>9}",
        "chip", "before", "after", "exact", "control", "of exact", "of contr."
    )?;
    if document.population.is_some() {
        write!(out, " {:>8} {:>9}", "for all", "of contr.")?;
    }
    for age in &ages {
        write!(out, " {:>16}", format!("at {age} (was)"))?;
        if document.refresh.is_some() {
            write!(out, " {:>9}", "refreshed")?;
        }
    }
    writeln!(out, " {:>14} {:>9} {:>9}", "loss", "time", "energy")?;
    for chip in &document.chips {
        row(chip, &mut out)?;
    }
    writeln!(out)?;
    won_back("", &document.won_back(), &mut out)?;
    let for_all = document.won_back_by_population();
    won_back(" by weights for all chips", &for_all, &mut out)?;
    if let Some(chip) = document.chips.first() {
        account(chip, &mut out)?;
        refreshes(chip, &mut out)?;
    }
    let of_refreshes = |chip: &Adapted| -> u64 {
        let refreshed = chip.later.iter().filter_map(|later| later.refreshed);
        refreshed.map(|refreshed| refreshed.refused).sum()
    };
    let chips = document.chips.iter();
    let refused: u64 = chips.map(|chip| chip.refused + of_refreshes(chip)).sum();
    if refused > 0 {
        writeln!(out, "{refused} updates were refused")?;
    }
    writeln!(
        out,
        "control: the model after as many updates at exact equilibria, exact: as it was, both on {} (loss {:.4} to {:.4})",
        document.reference, document.control_losses[0], document.control_losses[1]
    )?;
    if let Some(population) = &document.population {
        writeln!(
            out,
            "for all: weights that were learned on {} drawn in turn, numbers from {} on (loss {:.4} to {:.4}); no update on the chip itself",
            counted(population.chips, "other chip"),
            population.first,
            population.losses[0],
            population.losses[1]
        )?;
    }
    writeln!(out, "written  {}", root.join(Adaptations::NAME).display())?;
    Ok(())
}

fn won_back(how: &str, shares: &[f64], out: &mut impl std::io::Write) -> Result<()> {
    if let Some((median, worst)) = Adaptations::median_and_worst(shares) {
        writeln!(
            out,
            "won back{how} of what errors cost, against the control: median {:.0} %, worst {:.0} %",
            100.0 * median,
            100.0 * worst
        )?;
    }
    Ok(())
}

fn row(chip: &Adapted, out: &mut impl std::io::Write) -> Result<()> {
    let distance = |best: Option<&Best>| match best {
        Some(best) => format!("{:.2}", best.distance),
        None => "-".to_owned(),
    };
    let percent = |share: Option<f64>| match share {
        Some(share) => format!("{:.0} %", 100.0 * share),
        None => "-".to_owned(),
    };
    let share = chip.recovery();
    write!(
        out,
        "{:>5} {:>8} {:>8} {:>8} {:>8} {:>9} {:>9}",
        chip.chip,
        distance(Some(&chip.before)),
        distance(Some(&chip.after)),
        distance(chip.exact.as_ref()),
        distance(chip.control.as_ref()),
        percent(share.of_exact),
        percent(share.of_control)
    )?;
    if let Some(share) = chip.recovery_of_population() {
        let population = distance(chip.population.as_ref());
        write!(out, " {population:>8} {:>9}", percent(share.of_control))?;
    }
    for later in &chip.later {
        let both = format!(
            "{:.2} ({:.2})",
            later.best.distance, later.unadapted.distance
        );
        write!(out, " {both:>16}")?;
        if let Some(refreshed) = &later.refreshed {
            write!(out, " {:>9.2}", refreshed.best.distance)?;
        }
    }
    let [first, last] = chip.losses;
    writeln!(
        out,
        " {:>14} {:>9} {:>9}",
        format!("{first:.3} to {last:.3}"),
        Unit::Second.show(chip.seconds, 3),
        Unit::Joule.show(chip.joules, 3)
    )?;
    Ok(())
}

/// What each refresh of a chip took.
fn refreshes(chip: &Adapted, out: &mut impl std::io::Write) -> Result<()> {
    for later in &chip.later {
        let Some(refreshed) = &later.refreshed else {
            continue;
        };
        writeln!(
            out,
            "chip {}, refreshed at {}: {}, loss {:.3} to {:.3}, {} and {}, {} moves of devices",
            chip.chip,
            Unit::Second.show(later.seconds, 3),
            counted(refreshed.updates, "update"),
            refreshed.losses[0],
            refreshed.losses[1],
            Unit::Second.show(refreshed.seconds, 3),
            Unit::Joule.show(refreshed.joules, 3),
            refreshed.moves.unwrap_or_default()
        )?;
    }
    Ok(())
}

/// What one chip's updates took; chips differ by little.
fn account(chip: &Adapted, out: &mut impl std::io::Write) -> Result<()> {
    let account = Account {
        seconds: chip.seconds,
        joules: chip.joules,
        converters_j: chip.converters_j,
        moves: chip.moves,
        updating: chip.updating.as_ref(),
        macs: chip.macs,
        steps: chip.optimiser_steps,
    };
    write!(out, "\nlearning of chip {} took\n{account}", chip.chip)?;
    Ok(())
}
