//! Images as PNG files in a folder, or in folders of one class each.

use super::{DataError, ImageShape, Scale, Values};
use crate::files::read_file;
use ndarray::Array2;
use png::{ColorType, Decoder, Transformations};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use units::budget::check_memory;

/// What a folder holds.
pub(super) struct Folder {
    /// `[image, pixel]`, by name of the file.
    pub(super) images: Array2<f32>,
    /// Of every image.
    pub(super) shape: ImageShape,
    /// Number of the folder that an image lies in, in the order of their names; none without such folders.
    pub(super) labels: Option<Vec<u32>>,
}

/// PNG files of a folder in the order of their names, each with the number of its class.
struct Listing {
    files: Vec<(PathBuf, u32)>,
    has_classes: bool,
}

impl Listing {
    /// Of the files in `folder`; where there are none, of those in its folders, each a class.
    fn of(folder: &Path) -> Result<Self, DataError> {
        let (files, folders) = entries(folder)?;
        if !files.is_empty() {
            let files = files.into_iter().map(|file| (file, 0)).collect();
            return Ok(Self {
                files,
                has_classes: false,
            });
        }
        let mut all = Vec::new();
        let mut class = 0;
        for folder in folders {
            let (files, _) = entries(&folder)?;
            if !files.is_empty() {
                all.extend(files.into_iter().map(|file| (file, class)));
                class += 1;
            }
        }
        if all.is_empty() {
            return Err(DataError::Empty {
                source_name: folder.display().to_string(),
            });
        }
        Ok(Self {
            files: all,
            has_classes: class > 1,
        })
    }
}

/// The PNG files and the folders in a folder, by name.
fn entries(folder: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>), DataError> {
    let failed = |cause: io::Error| DataError::Folder {
        source_name: folder.display().to_string(),
        cause,
    };
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            folders.push(path);
        } else if path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("png"))
        {
            files.push(path);
        }
    }
    files.sort();
    folders.sort();
    Ok((files, folders))
}

/// The images of a folder, all of one size, depth and kind of colour.
pub(super) fn read(folder: &Path, scale: &Scale) -> Result<Folder, DataError> {
    let listing = Listing::of(folder)?;
    let mut images = Vec::new();
    let mut first: Option<(PathBuf, Picture)> = None;
    for (path, _) in &listing.files {
        let picture = Picture::read(path)?;
        let name = path.display().to_string();
        let (first_path, first) = first.get_or_insert_with(|| (path.clone(), picture.clone()));
        if picture.kind() != first.kind() {
            return Err(DataError::Mixed {
                source_name: name,
                found: picture.text(),
                expected: first.text(),
                like: first_path.display().to_string(),
            });
        }
        if images.is_empty() {
            let bytes = 9.0 * listing.files.len() as f64 * picture.values.len() as f64;
            check_memory(
                || format!("{}: {} images", folder.display(), listing.files.len()),
                bytes,
                "use fewer images",
            )?;
        }
        for (place, &value) in picture.values.iter().enumerate() {
            let pixel = scale.pixel(f64::from(value), &name, || {
                format!("number {place} (from 0)")
            })?;
            images.push(pixel);
        }
    }
    let (_, first) = first.expect("a listing has files");
    let labels = listing.files.iter().map(|(_, class)| *class).collect();
    Ok(Folder {
        images: Array2::from_shape_vec((listing.files.len(), first.values.len()), images)
            .expect("all images have the same size"),
        shape: first.shape,
        labels: listing.has_classes.then_some(labels),
    })
}

/// What the values of the images of a folder can be, by the first of them.
pub(super) fn values(folder: &Path) -> Result<Values, DataError> {
    let listing = Listing::of(folder)?;
    let picture = Picture::read(&listing.files[0].0)?;
    Ok(if picture.is_deep {
        Values::Words
    } else {
        Values::Bytes
    })
}

/// Feeds the names, relative to the folder, and contents of all files.
pub(super) fn digest(folder: &Path) -> Result<blake3::Hash, DataError> {
    let mut hash = blake3::Hasher::new();
    for (path, class) in Listing::of(folder)?.files {
        let name = path.strip_prefix(folder).unwrap_or(&path);
        let bytes = read_file(&path)?;
        hash.update(name.as_os_str().as_encoded_bytes());
        hash.update(&class.to_le_bytes());
        hash.update(blake3::hash(&bytes).as_bytes());
    }
    Ok(hash.finalize())
}

/// One image, a number for each channel of each pixel.
#[derive(Clone)]
struct Picture {
    shape: ImageShape,
    /// Whether numbers have 16 bits.
    is_deep: bool,
    values: Vec<u16>,
}

impl Picture {
    fn read(path: &Path) -> Result<Self, DataError> {
        let bytes = read_file(path)?;
        let damaged = |reason: String| DataError::Png {
            source_name: path.display().to_string(),
            reason,
        };
        let mut decoder = Decoder::new(&bytes[..]);
        // Palettes and fewer bits than eight become bytes.
        decoder.set_transformations(Transformations::EXPAND);
        let mut reader = decoder
            .read_info()
            .map_err(|error| damaged(error.to_string()))?;
        let info = reader.info();
        let (height, width) = (info.height as usize, info.width as usize);
        let size = reader.output_buffer_size();
        check_memory(
            || format!("{}: an image of {width} x {height}", path.display()),
            3.0 * size as f64,
            "use smaller images",
        )?;
        let mut buffer = vec![0; size];
        let frame = reader
            .next_frame(&mut buffer)
            .map_err(|error| damaged(error.to_string()))?;
        buffer.truncate(frame.buffer_size());
        let is_deep = frame.bit_depth == png::BitDepth::Sixteen;
        let values: Vec<u16> = if is_deep {
            let pairs = buffer.chunks_exact(2);
            pairs.map(|p| u16::from_be_bytes([p[0], p[1]])).collect()
        } else {
            buffer.into_iter().map(u16::from).collect()
        };
        let (channels, has_alpha) = match frame.color_type {
            ColorType::Grayscale | ColorType::Indexed => (1, false),
            ColorType::GrayscaleAlpha => (1, true),
            ColorType::Rgb => (3, false),
            ColorType::Rgba => (3, true),
        };
        let values = if has_alpha {
            opaque(&values, channels, is_deep)
                .ok_or_else(|| damaged("has pixels that can be seen through".to_owned()))?
        } else {
            values
        };
        let axes = [height, width, channels];
        let shape = ImageShape::of_axes(&axes[..if channels == 1 { 2 } else { 3 }]);
        Ok(Self {
            shape: shape.ok_or_else(|| damaged("has no pixels".to_owned()))?,
            is_deep,
            values,
        })
    }

    /// What all images of a folder have in common.
    fn kind(&self) -> (ImageShape, bool) {
        (self.shape, self.is_deep)
    }

    /// In words.
    fn text(&self) -> String {
        let depth = if self.is_deep { 16 } else { 8 };
        format!("{} of {depth} bits", self.shape)
    }
}

/// Numbers without that of each pixel's opacity; none where a pixel is not opaque.
fn opaque(values: &[u16], channels: usize, is_deep: bool) -> Option<Vec<u16>> {
    let full = if is_deep {
        u16::MAX
    } else {
        u16::from(u8::MAX)
    };
    let mut kept = Vec::with_capacity(values.len());
    for pixel in values.chunks_exact(channels + 1) {
        if pixel[channels] != full {
            return None;
        }
        kept.extend_from_slice(&pixel[..channels]);
    }
    Some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufWriter;

    /// Writes an image of 2 rows and 3 columns.
    fn write(path: &Path, color: ColorType, depth: png::BitDepth, bytes: &[u8]) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = BufWriter::new(fs::File::create(path).unwrap());
        let mut encoder = png::Encoder::new(file, 3, 2);
        encoder.set_color(color);
        encoder.set_depth(depth);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(bytes).unwrap();
    }

    fn bytes() -> Scale {
        Scale::new(0.0, 255.0).unwrap()
    }

    #[test]
    fn folders_are_classes_and_files_come_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let grey = |name: &str, values: [u8; 6]| {
            let path = folder.path().join(name);
            write(&path, ColorType::Grayscale, png::BitDepth::Eight, &values);
        };
        grey("seven/b.png", [255; 6]);
        grey("seven/a.png", [0, 51, 102, 153, 204, 255]);
        grey("one/c.PNG", [0; 6]);
        fs::write(folder.path().join("seven/notes.txt"), "none").unwrap();
        let read = read(folder.path(), &bytes()).unwrap();
        assert_eq!(read.shape.axes(), [2, 3]);
        assert_eq!(read.labels, Some(vec![0, 1, 1]));
        assert_eq!(read.images.row(0).to_vec(), [-1.0; 6]);
        let expected = [-1.0, -0.6, -0.2, 0.2, 0.6, 1.0];
        for (found, expected) in read.images.row(1).iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn colour_depth_and_opacity_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let opaque: Vec<u8> = (0..6).flat_map(|i| [i, 2 * i, 3 * i, 255]).collect();
        write(
            &folder.path().join("a.png"),
            ColorType::Rgba,
            png::BitDepth::Eight,
            &opaque,
        );
        let found = read(folder.path(), &bytes()).unwrap();
        assert_eq!(found.shape.axes(), [2, 3, 3]);
        assert_eq!(found.labels, None);
        assert!((found.images[[0, 3 * 4 + 1]] - (16.0 / 255.0 - 1.0)).abs() < 1e-6);
        // Sixteen bits, big-endian, beside eight.
        let deep: Vec<u8> = [0, 1, 256, 1000, 40_000, 65_535_u16]
            .iter()
            .flat_map(|v| v.to_be_bytes())
            .collect();
        let path = folder.path().join("b.png");
        write(&path, ColorType::Grayscale, png::BitDepth::Sixteen, &deep);
        let error = read(folder.path(), &bytes()).err().unwrap().to_string();
        assert!(
            error.contains("b.png") && error.contains("16 bits"),
            "{error}"
        );
        fs::remove_file(folder.path().join("a.png")).unwrap();
        let scale = Scale::new(0.0, 65_535.0).unwrap();
        let found = read(folder.path(), &scale).unwrap();
        assert!((found.images[[0, 4]] - (2.0 * 40_000.0 / 65_535.0 - 1.0)).abs() < 1e-6);
        let clear: Vec<u8> = (0..6).flat_map(|i| [i, 128]).collect();
        write(
            &path,
            ColorType::GrayscaleAlpha,
            png::BitDepth::Eight,
            &clear,
        );
        let error = read(folder.path(), &bytes()).err().unwrap().to_string();
        assert!(error.contains("seen through"), "{error}");
    }

    #[test]
    fn what_is_no_folder_of_images_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refused = || read(folder.path(), &bytes()).err().unwrap().to_string();
        assert!(refused().contains("holds no images"));
        fs::write(folder.path().join("a.png"), "no image").unwrap();
        assert!(refused().contains("a.png"));
    }
}
