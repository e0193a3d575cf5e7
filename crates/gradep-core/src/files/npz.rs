//! Archives of arrays (`.npz`) that are read, whoever wrote them.

use super::{ArrayFileError, Elements, NpyError, access::most_unpacked, decode_npy, npy::Promise};
use analog_substrate::kernels::Real;
use ndarray::ArrayD;
use std::{
    io::{Cursor, Read},
    path::{Path, PathBuf},
};
use units::bounded::read_stream;
use zip::ZipArchive;

/// Times that an array may be larger than what is packed of it. Deflate packs nothing but a run of one byte a thousand
/// times; the digits that come with this program, as f32, seven times.
const MOST_PACKED: u64 = 100;
/// Bytes of an array that may be packed to nothing.
const ANY_PACKING: u64 = 1 << 28;

/// The arrays of a `.npz` file, by name; each is unpacked when it is asked for, as far as its own header says
/// and no further.
#[derive(Debug)]
pub struct NpzFile<'a> {
    path: PathBuf,
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// Without `.npy`, ascending.
    names: Vec<String>,
}

impl<'a> NpzFile<'a> {
    /// The archive in the bytes of the file `path`.
    ///
    /// # Errors
    /// [`ArrayFileError::Archive`].
    pub fn open(path: &Path, bytes: &'a [u8]) -> Result<Self, ArrayFileError> {
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| {
            let path = path.to_owned();
            let reason = error.to_string();
            ArrayFileError::Archive { path, reason }
        })?;
        let files = archive.file_names();
        let mut names: Vec<String> = files
            .map(|file| file.strip_suffix(".npy").unwrap_or(file).to_owned())
            .collect();
        names.sort();
        Ok(Self {
            path: path.to_owned(),
            archive,
            names,
        })
    }

    /// Names of the arrays, ascending.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The array `name` of f32 or f64, of any rank, in C order.
    ///
    /// # Errors
    /// [`ArrayFileError::NoSuchArray`], [`ArrayFileError::Archive`], [`ArrayFileError::Npy`].
    pub fn array<R: Real>(&mut self, name: &str) -> Result<ArrayD<R>, ArrayFileError> {
        let name = self.choose(Some(name))?;
        let bytes = self.member(&name)?;
        decode_npy(&bytes, Elements::Floats).map_err(|cause| self.unusable(&name, cause))
    }

    /// The array of this name, or the only one.
    pub(super) fn choose(&self, name: Option<&str>) -> Result<String, ArrayFileError> {
        let (path, names) = (self.path.clone(), self.names.clone());
        match (name, self.names.as_slice()) {
            (None, [only]) => Ok(only.clone()),
            (None, _) => Err(ArrayFileError::WhichArray { path, names }),
            (Some(name), known) if known.iter().any(|known| known == name) => Ok(name.to_owned()),
            (Some(name), _) => Err(ArrayFileError::NoSuchArray {
                path,
                name: name.to_owned(),
                names,
            }),
        }
    }

    /// What errors call an array of the file.
    pub(super) fn title(&self, name: &str) -> String {
        format!("{}, array `{name}`", self.path.display())
    }

    /// The bytes of an array that [`choose`](Self::choose) has found: what its header promises is compared
    /// with what the archive says it holds, and with the limit, before any of it is unpacked.
    pub(super) fn member(&mut self, name: &str) -> Result<Vec<u8>, ArrayFileError> {
        let (path, title) = (self.path.clone(), self.title(name));
        let damaged = |reason: String| ArrayFileError::Archive {
            path: path.clone(),
            reason: format!("array `{name}`: {reason}"),
        };
        let index = self.archive.index_for_name(&format!("{name}.npy"));
        let index = index.or_else(|| self.archive.index_for_name(name));
        let Some(index) = index else {
            return Err(damaged("is not there".to_owned()));
        };
        let member = self.archive.by_index(index);
        let mut member = member.map_err(|error| damaged(error.to_string()))?;
        let held = member.size();
        let unusable = |cause| ArrayFileError::Npy {
            array: title.clone(),
            cause,
        };
        let head = Promise::read(&mut member);
        let Promise { mut bytes, data } = head
            .map_err(|error| damaged(error.to_string()))?
            .map_err(unusable)?;
        let whole = (bytes.len() as u64).saturating_add(data);
        let packed = member.compressed_size().saturating_mul(MOST_PACKED);
        let limit = most_unpacked().min(packed.max(ANY_PACKING));
        if whole > limit || held > limit {
            let promised = whole.max(held);
            return Err(unusable(NpyError::TooLarge { promised, limit }));
        }
        // One byte more than promised shows that there are more; at the end the checksum is compared.
        let rest = read_stream(member.take(data + 1), data + 1);
        bytes.extend(rest.map_err(|error| damaged(error.to_string()))?);
        Ok(bytes)
    }

    fn unusable(&self, name: &str, cause: NpyError) -> ArrayFileError {
        let array = self.title(name);
        ArrayFileError::Npy { array, cause }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

    /// A gigabyte of zeros in a megabyte, as its header says: no array that anybody has.
    #[test]
    fn an_array_that_is_packed_to_nothing_is_not_unpacked() {
        let mut head = Vec::new();
        ndarray_npy::WriteNpyExt::write_npy(&ndarray::Array1::<f32>::zeros(0), &mut head).unwrap();
        let head = String::from_utf8_lossy(&head).replace("(0,)", "(268435456,)");
        let head = head.replacen(&" ".repeat("268435456".len() - 1), "", 1);
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        zip.start_file("x.npy", packed).unwrap();
        // The first bytes are no text.
        zip.write_all(b"\x93NUMPY").unwrap();
        zip.write_all(&head.as_bytes()[head.find('\u{1}').unwrap()..])
            .unwrap();
        for _ in 0..256 {
            zip.write_all(&vec![0; 1 << 22]).unwrap();
        }
        let bytes = zip.finish().unwrap().into_inner();
        assert!(bytes.len() < 2 << 20);
        let mut file = NpzFile::open(Path::new("bomb.npz"), &bytes).unwrap();
        let refused = file.array::<f32>("x").unwrap_err().to_string();
        assert!(refused.contains("a hundred times"), "{refused}");
    }

    /// An archive with one stored member, `x.npy`.
    fn archive(member: &[u8]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        zip.start_file("x.npy", stored).unwrap();
        zip.write_all(member).unwrap();
        zip.finish().unwrap().into_inner()
    }

    /// A version 1 header of f32 with this shape, and `data` bytes of zeros.
    fn npy(shape: &str, data: usize) -> Vec<u8> {
        let text = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        let padded = format!("{text:<117}\n");
        bytes.extend(u16::try_from(padded.len()).unwrap().to_le_bytes());
        bytes.extend(padded.into_bytes());
        bytes.resize(bytes.len() + data, 0);
        bytes
    }

    fn read(bytes: &[u8]) -> Result<ArrayD<f32>, String> {
        let mut file = NpzFile::open(Path::new("a.npz"), bytes).map_err(|e| e.to_string())?;
        file.array("x").map_err(|e| e.to_string())
    }

    #[test]
    fn a_promise_that_no_memory_holds_is_refused_before_anything_is_unpacked() {
        let text = read(&archive(&npy("(1099511627776,)", 16))).unwrap_err();
        assert!(
            text.starts_with("a.npz, array `x`: promises 4398046511"),
            "{text}"
        );
        let text = read(&archive(&npy("(99999999999, 99999999999)", 16))).unwrap_err();
        assert!(
            text.contains("promises 18446744073709551615 bytes"),
            "{text}"
        );
    }

    #[test]
    fn no_more_is_unpacked_than_the_header_promises() {
        assert_eq!(read(&archive(&npy("(2, 2)", 16))).unwrap().shape(), [2, 2]);
        for data in [12, 20, 1 << 20] {
            let text = read(&archive(&npy("(2, 2)", data))).unwrap_err();
            let found = data.min(17);
            assert!(
                text.contains("needs 16 bytes of data") && text.contains(&format!("holds {found}")),
                "{text}"
            );
        }
        let text = read(&archive(b"\x93NUMPY\x01\x00\xff\xff")).unwrap_err();
        assert!(text.contains("cut off"), "{text}");
    }
}
