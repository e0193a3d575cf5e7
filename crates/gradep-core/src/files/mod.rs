//! Files that other programs read: arrays (`.npy`, `.npz`) and models (safetensors), and the
//! atomic replacement that every file of this project is written with.

mod access;
mod array_error;
mod arrays;
mod atomic;
mod conductances;
mod gzip;
mod inventory;
mod leftovers;
mod lock;
mod model;
mod npy;
mod npz;
mod seal;
mod unfailing;

pub use access::{FileAccessError, read_document, read_file};
pub(crate) use access::{most_unpacked, read_whole, write_file};
pub use array_error::ArrayFileError;
pub use arrays::{NpzArrays, npz_bytes, read_array, read_given, read_images, write_npz};
pub(crate) use arrays::{npy_member, split_name};
pub(crate) use atomic::sync_folder;
pub use atomic::{check_writable, make_folder, write_atomically};
pub use conductances::{
    ChipMap, ConductanceFileError, Expected, INDEX, Provenance, Trust, read_conductances,
    remove_conductances, remove_index, spec_hash, write_conductances,
};
pub(crate) use gzip::{is_gzip, unpack, unpacking};
pub use inventory::{Found, INVENTORY, Inventory, sealed_file, sealed_model};
pub use leftovers::is_leftover;
pub use lock::{FolderLock, LockError, first_entry};
pub use model::{Model, ModelFileError, Stated, TrainedOn};
pub use ndarray_npy::WritableElement;
pub use npy::NpyError;
pub(crate) use npy::{Elements, decode_npy, npy_element};
pub use npz::NpzFile;
pub use seal::{Changed, Seal, look, sealed_json, unsealed};
