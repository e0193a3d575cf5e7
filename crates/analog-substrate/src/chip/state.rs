//! What a chip has that is neither its design nor its network: how far it has come.

use super::account::Account;
use crate::arrays::{ConductanceMap, Fluctuations, PulsedBanks, Updating};
use serde::{Deserialize, Serialize};

/// What changes in a chip while it works: how far its streams of random numbers have come, its clock and its ledger, its couplings,
/// and the read noise of its devices. The devices are drawn again from the couplings that they were first programmed with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChipMemory {
    pub(super) relaxations: u64,
    pub(super) programmings: u64,
    pub(super) account: Account,
    pub(super) couplings: Vec<f64>,
    pub(super) learned: Option<Learned>,
    pub(super) noise: Option<Fluctuations>,
}

/// What a chip that learns has learned up to now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Learned {
    /// The couplings that it was first programmed with.
    pub(super) first: Vec<f64>,
    /// Devices of which another conductance was asked, summed over updates.
    pub(super) moves: u64,
    /// Updates that asked something of the devices.
    pub(super) updates: u64,
    /// What these took; none where devices take what is asked without a pulse.
    pub(super) took: Option<Updating>,
    /// What pulses have made of the devices; empty where they are not pulsed.
    pub(super) pulsed: PulsedBanks,
}

/// What updates of the devices begin from, and what has become of them.
#[derive(Debug)]
pub(super) struct Updated {
    /// As programmed; none on a chip without devices, whose couplings are what is asked.
    pub(super) programmed: Option<ConductanceMap>,
    /// By how much a weight can grow.
    pub(super) headroom: f64,
    /// Up to now.
    pub(super) learned: Learned,
}
