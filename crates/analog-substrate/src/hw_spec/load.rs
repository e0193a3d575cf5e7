//! Finding specs, and what they inherit.

use super::{
    Origin, SHIPPED, Shipped, SpecError,
    document::{Document, NO_DEVICE},
    entry::Entry,
    golden::Golden,
};
use crate::device::Device;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use units::{nearest, printable::printable, toml_text::read_text};

/// A hardware spec: complete, within its validity ranges, each value with its origin.
///
/// ```
/// use analog_substrate::hw_spec::Spec;
///
/// let mut spec = Spec::load("D3")?;
/// spec.set("node.capacitance", "50 fF")?;
/// assert_eq!(spec.design().node.capacitance.mean, 50e-15);
/// let refused = spec.set("node.capacitance", "50 fX").unwrap_err();
/// assert!(refused.to_string().contains("node.capacitance"));
/// # Ok::<(), analog_substrate::hw_spec::SpecError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Spec {
    pub(super) name: String,
    pub(super) summary: Option<String>,
    pub(super) file: String,
    /// Names of the specs that it inherits from, nearest first.
    pub(super) parents: Vec<String>,
    /// One entry per key of [`KEYS`](super::KEYS), each with a setting.
    pub(super) entries: BTreeMap<&'static str, Entry>,
    pub(super) golden: Vec<Golden>,
    /// The device of its arrays, and where it was named.
    pub(super) device: Option<(Device, Origin)>,
    /// The name of a shipped device, or the text of a device file.
    pub(super) device_source: Option<DeviceSource>,
}

/// Where the device of a spec's arrays is from.
#[derive(Clone, Debug)]
pub(super) enum DeviceSource {
    /// It comes with the crate, under this name.
    Shipped(&'static str),
    /// A file with this text.
    Text(String),
}

/// Generations of specs over which values may be inherited.
const MOST_GENERATIONS: usize = 8;

/// A text, where it is from, and where the paths in it start.
struct Source {
    file: String,
    text: String,
    folder: Option<PathBuf>,
    /// What tells it from other sources: a canonical path where there is one.
    identity: String,
}

impl Spec {
    /// Loads a spec that comes with the crate, by its short or long name in capitals or not (`D3`,
    /// `d3-reference`), or a file by its path. A name of a shipped spec is never a path.
    ///
    /// # Errors
    /// [`SpecError`].
    pub fn load(reference: &str) -> Result<Self, SpecError> {
        Self::assemble(Source::find(reference, None)?)
    }

    /// Reads the text of a spec; `origin` is the path that messages name, and from whose folder
    /// relative parents are looked for.
    ///
    /// # Errors
    /// [`SpecError`].
    pub fn parse(text: &str, origin: &str) -> Result<Self, SpecError> {
        Self::assemble(Source::of_text(Path::new(origin), text.to_owned()))
    }

    /// The specs that come with the crate.
    ///
    /// # Errors
    /// None: the tests load each of them.
    pub fn shipped() -> Result<Vec<Self>, SpecError> {
        SHIPPED
            .iter()
            .map(|spec| Self::assemble(Source::of_shipped(*spec)))
            .collect()
    }

    /// Name of the spec.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// One sentence on what it describes, if it has one.
    pub fn summary(&self) -> Option<&str> {
        self.summary.as_deref()
    }

    /// Names of the specs that it inherits from, nearest first.
    pub fn parents(&self) -> &[String] {
        &self.parents
    }

    /// The device of its arrays; none: couplings are what they are asked to be.
    pub fn device(&self) -> Option<&Device> {
        self.device.as_ref().map(|(device, _)| device)
    }

    /// Names the device of the arrays; a path is relative to `folder`.
    pub(super) fn set_device(
        &mut self,
        reference: &str,
        origin: &Origin,
        folder: Option<&Path>,
    ) -> Result<(), SpecError> {
        (self.device, self.device_source) = (None, None);
        if reference != NO_DEVICE {
            let beside = folder
                .map(|folder| folder.join(reference))
                .filter(|path| path.exists());
            let found =
                beside.map_or_else(|| reference.to_owned(), |path| path.display().to_string());
            let refused = |reason| SpecError::Device {
                origin: origin.clone(),
                device: reference.to_owned(),
                reason: Box::new(reason),
            };
            let (text, file) = Device::text(&found).map_err(refused)?;
            let device = Device::parse(&text, &file).map_err(refused)?;
            self.device = Some((device, origin.clone()));
            let shipped = Device::names().find(|name| name.eq_ignore_ascii_case(&found));
            self.device_source =
                Some(shipped.map_or(DeviceSource::Text(text), DeviceSource::Shipped));
        }
        Ok(())
    }

    /// Reads a source and all that it inherits, and lays the younger over the older.
    fn assemble(source: Source) -> Result<Self, SpecError> {
        let file = source.file.clone();
        let mut chain = Vec::new();
        let mut generations = Vec::new();
        let mut next = Some(source);
        while let Some(source) = next {
            let (document, parent) = read_generation(&source, &mut chain)?;
            let name = document.name.clone().unwrap_or_else(|| source.stem());
            generations.push((name, document, source.folder));
            next = parent;
        }
        let mut names = generations.iter().map(|(name, ..)| name.clone());
        let mut spec = Self {
            name: names.next().unwrap_or_default(),
            parents: names.collect(),
            summary: None,
            file,
            entries: BTreeMap::new(),
            golden: Vec::new(),
            device: None,
            device_source: None,
        };
        for (generation, (name, document, folder)) in generations.into_iter().enumerate().rev() {
            let before = spec.clone();
            let given: Vec<&str> = document.entries.keys().copied().collect();
            for (key, mut entry) in document.entries {
                entry.inherited_from = (generation > 0).then(|| name.clone());
                spec.entries.entry(key).or_default().overlay(entry);
            }
            spec.follow_bits(&before, |energy| given.contains(&energy));
            if let Some((reference, origin)) = &document.device {
                spec.set_device(reference, origin, folder.as_deref())?;
            }
            // Not inherited: they speak of one file's values.
            spec.summary = document.summary;
            spec.golden = document.golden;
        }
        spec.validate()?;
        Ok(spec)
    }
}

/// Reads one file, and finds the one that it inherits from; `chain` holds what was read before.
fn read_generation(
    source: &Source,
    chain: &mut Vec<(String, String)>,
) -> Result<(Document, Option<Source>), SpecError> {
    let is_known = chain
        .iter()
        .any(|(identity, _)| *identity == source.identity);
    chain.push((source.identity.clone(), source.file.clone()));
    let files = || chain.iter().map(|(_, file)| file.clone()).collect();
    let youngest = || chain[0].1.clone();
    if is_known {
        return Err(SpecError::Cycle {
            file: youngest(),
            chain: files(),
        });
    }
    if chain.len() > MOST_GENERATIONS {
        return Err(SpecError::TooDeep {
            file: youngest(),
            limit: MOST_GENERATIONS,
            chain: files(),
        });
    }
    let document = Document::parse(&source.file, &source.text)?;
    let parent = match &document.inherits {
        None => None,
        Some((parent, origin)) => Some(find_parent(source, parent, origin)?),
    };
    Ok((document, parent))
}

fn find_parent(source: &Source, parent: &str, origin: &Origin) -> Result<Source, SpecError> {
    Source::find(parent, source.folder.as_deref()).map_err(|reason| SpecError::Parent {
        origin: origin.clone(),
        parent: parent.to_owned(),
        reason: Box::new(reason),
    })
}

impl Source {
    /// A shipped spec by name, or a file by its path, which is relative to `folder` if there is one.
    fn find(reference: &str, folder: Option<&Path>) -> Result<Self, SpecError> {
        if let Some(spec) = Shipped::find(reference) {
            return Ok(Self::of_shipped(spec));
        }
        let path = folder.map_or_else(|| PathBuf::from(reference), |f| f.join(reference));
        let is_meant_as_path = reference.contains(['/', '\\'])
            || path
                .extension()
                .is_some_and(|extension| extension == "toml");
        if !is_meant_as_path && !path.exists() {
            let names = SHIPPED.iter().flat_map(|spec| [spec.name, spec.stem]);
            return Err(SpecError::Unknown {
                reference: reference.to_owned(),
                nearest: nearest(&reference.to_lowercase(), names),
            });
        }
        match read_text(&path) {
            Ok(text) => Ok(Self::of_text(&path, text)),
            Err(reason) => Err(SpecError::Read { path, reason }),
        }
    }

    fn of_shipped(spec: Shipped) -> Self {
        Self {
            file: spec.file(),
            text: spec.text.to_owned(),
            folder: None,
            identity: spec.file(),
        }
    }

    fn of_text(path: &Path, text: String) -> Self {
        let whole = path.canonicalize();
        Self {
            file: path.display().to_string(),
            text,
            folder: path.parent().map(Path::to_owned),
            identity: whole.map_or_else(
                |_| path.display().to_string(),
                |whole| whole.display().to_string(),
            ),
        }
    }

    /// The name of a spec that does not say its own: its file's.
    fn stem(&self) -> String {
        let stem = Path::new(&self.file).file_stem();
        let name = stem.map_or(self.file.as_str().into(), |stem| stem.to_string_lossy());
        // What a file says its name is was looked at when it was read.
        printable(&name).into_owned()
    }
}
