//! `gradep export`.

use super::{
    arrays::{read_flags, read_visible},
    replay::Replay,
};
use crate::{
    Exit,
    cli::{ExportCouplings, ExportNetlistArgs, OnChipArgs},
    failure::{Context as _, Result, Usage, ensure},
    output,
};
use analog_substrate::{
    chip::{Chip, ChipParts, Die, Instance, Network, TransientSettings},
    netlist::{Analysis, Circuit, CouplingStyle, DeviceArrays, Tolerances, VisibleNodes},
    wires::Sense,
};
use std::path::Path;
use units::budget::check_trials;

/// The name under which a deck that is printed is kept, for want of a better one.
const PRINTED: &str = "deck.cir";

/// Writes one sample's circuit as a deck.
pub(super) fn netlist(arguments: &ExportNetlistArgs) -> Result<Exit> {
    let out = &arguments.out;
    output::claim(Some(out), [], false)?;
    let table = table(out.file().unwrap_or(Path::new(PRINTED)))?;
    let spec = OnChipArgs::spec(&arguments.chip, &arguments.overrides)?;
    let design = spec.design();
    check_trials("--chip-number", arguments.chip_number as f64, "chips")?;
    let model = arguments.model.read::<f64>()?;
    design.check_cell(model.cell)?;
    model.cell.check(model.activation)?;
    let layers = model.couplings.layers();
    let anchors = read_visible::<f64>(&arguments.anchor, layers)?;
    ensure!(
        arguments.sample < anchors.nrows(),
        "--sample {}: {} has {} rows, counted from 0",
        arguments.sample,
        arguments.anchor.display(),
        anchors.nrows()
    );
    let anchor = anchors.row(arguments.sample).to_vec();
    let held = read_flags(arguments.held.as_deref(), layers)?;
    let visible = if arguments.free {
        VisibleNodes::Floating {
            ratio: arguments.ratio.unwrap_or(design.node.visible_ratio),
        }
    } else {
        VisibleNodes::Spring {
            stiffness: design.spring.stiffness.unwrap_or(model.spring_stiffness),
        }
    };
    let (seed, number) = (arguments.seed, arguments.chip_number);
    let replay = Replay::of(arguments.conductances.as_deref(), &spec, || {
        arguments.model.model.id()
    })?;
    let die = match &replay {
        Some(replay) => replay.die(number, seed)?,
        None => Die { seed, number },
    };
    let instance = Instance::draw(&design, layers, die);
    // As `relax` makes the chip of that number. Every look reads the devices once more, so that each is
    // the first of a chip of its own.
    let chip = || -> Result<Chip<f64>> {
        let mut chip = Chip::new(ChipParts {
            design: design.clone(),
            instance: instance.clone(),
            network: Network::from(&model),
            settings: TransientSettings::default(),
            noise_seed: arguments.seed.wrapping_add(number),
        })?;
        if let Some(replay) = &replay {
            replay.onto(&mut chip, number)?;
        }
        Ok(chip)
    };
    let [up, down] = chip()?.present_couplings()?;
    let style = ExportCouplings::style(arguments.couplings, design.crossbar.summing);
    ensure!(
        arguments.load.is_none() || style == CouplingStyle::Devices,
        "--load: lines are loaded only where couplings are devices (--couplings devices)"
    );
    let present = chip()?.present_arrays()?.unwrap_or_default();
    let arrays = design.arrays.as_ref().map(|arrays| DeviceArrays {
        arrays: &present,
        wires: &arrays.wires,
        tiling: arrays.tiling,
        sense: arguments
            .load
            .map_or(Sense::VirtualGround, |siemens| Sense::Loaded { siemens }),
    });
    let circuit = Circuit {
        design: &design,
        instance: &instance,
        couplings: &up,
        down: Some(&down),
        activation: model.activation,
        cell: model.cell,
        style,
        arrays,
        visible,
        anchor: &anchor,
        start: None,
        held: &held,
    };
    let analysis = Analysis::Transient {
        duration: arguments.duration.seconds(&design),
        tolerances: Tolerances {
            step: arguments.step,
            relative: arguments.reltol,
        },
    };
    let deck = circuit
        .deck(&analysis, &table)
        .with_context(|| format!("{out}: cannot be written"))?;
    out.write(deck.as_bytes())?;
    tracing::info!(
        "{out}: {} lines; ngspice -b {} writes {table} beside it",
        deck.lines().count(),
        out.file().unwrap_or(Path::new(PRINTED)).display()
    );
    Ok(Exit::Success)
}

/// The table that a deck writes beside itself.
fn table(deck: &Path) -> Result<String> {
    let table = deck.with_extension("txt");
    let name = table.file_name().and_then(|name| name.to_str());
    let name =
        name.ok_or_else(|| Usage(format!("{}: is no file name for a deck", deck.display())))?;
    ensure!(
        deck.file_name() != Some(name.as_ref()),
        Usage(format!(
            "{}: is where the deck itself would write its table; choose another name, such as deck.cir",
            deck.display()
        ))
    );
    Ok(name.to_owned())
}
