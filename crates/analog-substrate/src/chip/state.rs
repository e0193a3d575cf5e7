//! What a chip has that is neither its design nor its network: how far it has come.

use super::account::Account;
use crate::arrays::{ConductanceMap, Fluctuations};
use serde::{Deserialize, Serialize};

/// What changes in a chip while it works: how far its streams of random numbers have come, its clock and its ledger, its couplings,
/// and the read noise of its devices. The devices are drawn again from the couplings that they were first programmed with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChipMemory {
    pub(super) relaxations: u64,
    pub(super) programmings: u64,
    pub(super) account: Account,
    pub(super) couplings: Vec<f64>,
    /// Of a chip that learns: the couplings that it was first programmed with.
    pub(super) first: Option<Vec<f64>>,
    pub(super) moves: u64,
    pub(super) noise: Option<Fluctuations>,
}

/// What updates of the devices begin from, and how much of them there was.
#[derive(Debug)]
pub(super) struct Updated {
    /// As programmed; none on a chip without devices, whose couplings are what is asked.
    pub(super) programmed: Option<ConductanceMap>,
    /// The couplings that it was programmed with.
    pub(super) first: Vec<f64>,
    /// By how much a weight can grow.
    pub(super) headroom: f64,
    /// Devices of which another conductance was asked, summed over updates.
    pub(super) moves: u64,
}
