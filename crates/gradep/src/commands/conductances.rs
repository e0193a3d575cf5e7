//! `gradep export conductances` and `gradep import conductances`.

use super::{
    map_figures, print_json, programming::print_writing, replay::chip_folders, source::Source,
};
use crate::{
    Exit,
    cli::{ExportConductancesArgs, ImportConductancesArgs, OnChipArgs},
    console,
    failure::{Context as _, Result, Usage, bail},
    output,
};
use analog_substrate::{
    arrays::Writing,
    chip::{Chip, ChipParts, Die, Instance, Network, TransientSettings},
    estimates::maps,
};
use gradep_core::files::{
    ChipMap, Expected, Provenance, Trust, make_folder, read_conductances, remove_conductances,
    remove_index, write_conductances,
};
use serde::Serialize;
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use units::{
    Unit,
    budget::{check_memory, check_trials},
};

/// Programs chips and writes their maps.
pub(super) fn export(arguments: &ExportConductancesArgs) -> Result<Exit> {
    output::claim_folder(&arguments.out)?;
    let spec = OnChipArgs::spec(&arguments.chip, &arguments.overrides)?;
    let source = Source::read(&arguments.source)?;
    source.warn_of_other_chip(true, false);
    let Source { model, id, .. } = source;
    let couplings = model.couplings.cast::<f64>();
    let design = spec.design();
    let count = arguments.chips.get() as f64;
    check_trials("--chips", count, "chips")?;
    check_memory(
        || format!("maps of {count} chips"),
        maps(couplings.layers(), count),
        "export fewer chips",
    )?;
    let mut chips = Vec::new();
    for number in 0..arguments.chips.get() as u64 {
        let die = Die {
            seed: arguments.seed,
            number,
        };
        let chip = Chip::new(ChipParts {
            design: design.clone(),
            instance: Instance::draw(&design, couplings.layers(), die),
            network: Network {
                couplings: couplings.clone(),
                activation: model.activation,
                cell: model.cell,
            },
            settings: TransientSettings::default(),
            noise_seed: arguments.seed,
        })?;
        let map = chip.conductances().with_context(|| {
            format!(
                "chip {} has no device: name one, such as -s device=pcm",
                spec.name()
            )
        })?;
        let chip = ChipMap::of(&spec, die, id.clone(), map);
        let folder = arguments.out.join(format!("chip_{number}"));
        chips.push((folder, chip));
    }
    begin(&arguments.out)?;
    // The first is written last: without it there is no export.
    for (folder, chip) in chips.iter().rev() {
        write(folder, chip)?;
    }
    end(&arguments.out, chips.len())?;
    // No picture stands between a user and the tables.
    if let Some(format) = arguments.figures {
        for (folder, chip) in &chips {
            map_figures::draw(folder, chip, format)?;
        }
    }
    let chips: Vec<_> = (chips.iter())
        .map(|(folder, chip)| ChipSummary::of(chip, folder))
        .collect();
    print(&chips, arguments.json)
}

/// Reads maps and writes them anew.
pub(super) fn import(arguments: &ImportConductancesArgs) -> Result<Exit> {
    output::claim_folder(&arguments.out)?;
    let spec = OnChipArgs::spec(&arguments.chip, &arguments.overrides)?;
    let mut read = Vec::new();
    for (name, folder) in chip_folders(&arguments.map)? {
        let expected = Expected {
            chip: Some(&spec),
            model: None,
            trust: if arguments.edited {
                Trust::Edited
            } else {
                Trust::Written
            },
        };
        read.push((name, read_conductances(&folder, expected)?));
    }
    if let Some((_, other)) = read
        .iter()
        .find(|(_, chip)| chip.provenance.model != read[0].1.provenance.model)
    {
        bail!(Usage(format!(
            "{}: holds maps of two models: {} of chip {}, {} of chip {}; export one of them again",
            arguments.map.display(),
            name_of(&read[0].1),
            read[0].1.provenance.chip,
            name_of(other),
            other.provenance.chip
        )));
    }
    begin(&arguments.out)?;
    for (name, chip) in read.iter().rev() {
        write(&arguments.out.join(name), chip)?;
    }
    let chips: Vec<_> = (read.iter())
        .map(|(name, chip)| ChipSummary::of(chip, &arguments.out.join(name)))
        .collect();
    end(&arguments.out, chips.len())?;
    print(&chips, arguments.json)
}

fn name_of(chip: &ChipMap) -> &str {
    chip.provenance.model.as_deref().unwrap_or("no known model")
}

/// Before the first table of an export changes, nothing in the folder is a map any more.
fn begin(out: &Path) -> Result<()> {
    if out.is_dir() {
        remove_index(out)?;
    }
    for folder in numbered(out, 0)? {
        remove_index(&folder)?;
    }
    Ok(())
}

/// After the last, chips of an earlier export that this one does not have go.
fn end(out: &Path, chips: usize) -> Result<()> {
    for folder in numbered(out, chips)? {
        remove_conductances(&folder)?;
        if folder.is_dir() {
            tracing::warn!(
                "{}: the map of an earlier export is removed, other files are left",
                folder.display()
            );
        }
    }
    Ok(())
}

/// Folders of chips from a number on.
fn numbered(out: &Path, from: usize) -> Result<Vec<PathBuf>> {
    if !out.is_dir() {
        return Ok(Vec::new());
    }
    let failed = || format!("{}: cannot be read", out.display());
    let mut folders = Vec::new();
    for entry in fs::read_dir(out).with_context(failed)? {
        let entry = entry.with_context(failed)?;
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix("chip_"));
        let number = number.and_then(|number| number.parse::<usize>().ok());
        if entry.path().is_dir() && number.is_some_and(|number| number >= from) {
            folders.push(entry.path());
        }
    }
    Ok(folders)
}

fn write(folder: &Path, chip: &ChipMap) -> Result<()> {
    make_folder(folder).with_context(|| format!("{}: cannot be made", folder.display()))?;
    write_conductances(folder, chip)?;
    Ok(())
}

/// One chip, for people and programs.
#[derive(Serialize)]
struct ChipSummary {
    folder: String,
    spec: String,
    spec_hash: String,
    model: Option<String>,
    seed: u64,
    chip: u64,
    arrays: Vec<ArraySummary>,
    /// Of all arrays together.
    writing: Option<Writing>,
}

#[derive(Serialize)]
struct ArraySummary {
    name: String,
    shape: [usize; 2],
    scale_siemens: f64,
    rms_error_siemens: f64,
    stuck: usize,
    clipped: usize,
    writing: Option<Writing>,
}

impl ChipSummary {
    fn of(chip: &ChipMap, folder: &Path) -> Self {
        let writing = chip.map.writing();
        let arrays: Vec<_> = chip
            .map
            .arrays
            .iter()
            .map(|array| ArraySummary {
                name: array.name(),
                shape: array.shape(),
                scale_siemens: array.scale,
                rms_error_siemens: array.rms_error(),
                stuck: array.stuck(),
                clipped: array.clipped(),
                writing: array.writing,
            })
            .collect();
        let Provenance {
            spec,
            spec_hash,
            model,
            seed,
            chip,
        } = chip.provenance.clone();
        Self {
            folder: folder.display().to_string(),
            spec,
            spec_hash,
            model,
            seed,
            chip,
            arrays,
            writing,
        }
    }

    fn print(&self, out: &mut impl io::Write) -> io::Result<()> {
        writeln!(
            out,
            "{}  {} chip {}, seed {}",
            self.folder, self.spec, self.chip, self.seed
        )?;
        for array in &self.arrays {
            writeln!(
                out,
                "  {:<14} {:>4} x {:<4} {} per unit, rms error {}, {} clipped, {} stuck",
                array.name,
                array.shape[0],
                array.shape[1],
                Unit::Siemens.show(array.scale_siemens, 4),
                Unit::Siemens.show(array.rms_error_siemens, 4),
                array.clipped,
                array.stuck
            )?;
            if let Some(writing) = &array.writing {
                write!(out, "  {:<14} ", "")?;
                print_writing(writing, out)?;
            }
        }
        if let Some(writing) = &self.writing {
            write!(out, "  programming: ")?;
            print_writing(writing, out)?;
        }
        Ok(())
    }
}

fn print(chips: &[ChipSummary], json: bool) -> Result<Exit> {
    if json {
        print_json(&serde_json::json!({"schema": 1, "chips": chips}))?;
    } else {
        for chip in chips {
            chip.print(&mut console::text())?;
        }
    }
    Ok(Exit::Success)
}
