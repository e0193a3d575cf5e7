//! Maps of conductances that chips replay instead of being programmed.

use crate::{
    cli::OnChipArgs,
    failure::{Result, ensure},
};
use analog_substrate::{
    Scalar,
    chip::{Chip, Die},
    hw_spec::Spec,
};
use gradep_core::files::{ChipMap, Expected, INDEX, read_conductances};
use std::path::{Path, PathBuf};

/// Maps that chips replay instead of being programmed.
pub(super) struct Replay {
    folder: PathBuf,
    spec: Spec,
    /// Identity of the model that the chip is to have.
    model: String,
}

impl Replay {
    /// What the command line asks for.
    pub(super) fn asked(
        arguments: &OnChipArgs,
        spec: &Spec,
        model: impl FnOnce() -> Result<String>,
    ) -> Result<Option<Self>> {
        Self::of(arguments.conductances.as_deref(), spec, model)
    }

    /// The maps of a folder, if there is one, for the model of an identity.
    pub(super) fn of(
        folder: Option<&Path>,
        spec: &Spec,
        model: impl FnOnce() -> Result<String>,
    ) -> Result<Option<Self>> {
        let Some(folder) = folder else {
            return Ok(None);
        };
        Ok(Some(Self {
            folder: folder.to_owned(),
            spec: spec.clone(),
            model: model()?,
        }))
    }

    /// The chip whose map it is: its devices go with its own nodes and with no others. `seed` is the one that was asked for.
    pub(super) fn die(&self, number: u64, seed: u64) -> Result<Die> {
        let of = self.read(number)?.provenance;
        if seed != 0 && seed != of.seed {
            tracing::warn!(
                "{}: is a map of chip {} of seed {}: the nodes are those of this chip, too, and not of seed {seed}",
                self.folder.display(),
                of.chip,
                of.seed
            );
        }
        Ok(Die {
            seed: of.seed,
            number: of.chip,
        })
    }

    /// Gives a chip the map of its number.
    pub(super) fn onto<R: Scalar>(&self, chip: &mut Chip<R>, number: u64) -> Result<()> {
        Ok(chip.replay(self.read(number)?.map)?)
    }

    fn read(&self, number: u64) -> Result<ChipMap> {
        let folder = chip_folder(&self.folder, number);
        let expected = Expected {
            chip: Some(&self.spec),
            model: Some(&self.model),
            ..Expected::default()
        };
        let map = read_conductances(&folder, expected)?;
        if map.provenance.model.is_none() {
            tracing::warn!(
                "{}: does not say which model it is a map of; it is taken for this one",
                folder.display()
            );
        }
        Ok(map)
    }
}

/// The folder of a chip: itself, or one of an export.
fn chip_folder(folder: &Path, number: u64) -> PathBuf {
    if folder.join(INDEX).exists() {
        folder.to_owned()
    } else {
        folder.join(format!("chip_{number}"))
    }
}

/// Folders of chips with their names: of an export, or of one chip, whose name is empty.
pub(super) fn chip_folders(map: &Path) -> Result<Vec<(String, PathBuf)>> {
    if map.join(INDEX).exists() {
        return Ok(vec![(String::new(), map.to_owned())]);
    }
    let mut folders = Vec::new();
    for number in 0_u64.. {
        let name = format!("chip_{number}");
        let folder = map.join(&name);
        if !folder.is_dir() {
            break;
        }
        folders.push((name, folder));
    }
    ensure!(
        !folders.is_empty(),
        "{}: holds neither chip.json nor chip_0; expected a folder of `gradep export conductances`",
        map.display()
    );
    Ok(folders)
}
