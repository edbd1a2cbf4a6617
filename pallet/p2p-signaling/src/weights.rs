//! What the calls cost: measured. **Made by `./scripts/weights`; do not edit.**
//!
//! 2026-11-25, on Intel(R) Xeon(R) Processor, with frame-benchmarking-cli 64.0.0: 50 steps and
//! 20 repetitions of every benchmark in `benchmarking`, of which the slope comes from the
//! MinSquares analysis. Times are those of the Wasm on that machine; what the database
//! costs is the runtime's `DbWeight`. In no weight is what the pallet does when the balances pallet
//! removes an account: a read and a write.

// The measured figures of an argument may come out as nothing.
#![allow(clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{constants::RocksDbWeight, RuntimeDbWeight, Weight},
};

/// What the pallet needs to know about its costs.
pub trait WeightInfo {
    /// Weight of `register`.
    fn register() -> Weight;
    /// Weight of `add_device`.
    fn add_device() -> Weight;
    /// Weight of `revoke_device`, with `s` from 0 to 32.
    fn revoke_device(s: u32) -> Weight;
    /// Weight of `set_profile`.
    fn set_profile() -> Weight;
    /// Weight of `deregister`, with `b` from 0 to 256, with `d` from 0 to 8.
    fn deregister(b: u32, d: u32) -> Weight;
    /// Weight of `heartbeat`.
    fn heartbeat() -> Weight;
    /// Weight of `go_offline`.
    fn go_offline() -> Weight;
    /// Weight of `register_peer_info`.
    fn register_peer_info() -> Weight;
    /// Weight of `send_signaling`.
    fn send_signaling() -> Weight;
    /// Weight of `clear_signaling`, with `s` from 0 to 32.
    fn clear_signaling(s: u32) -> Weight;
    /// Weight of `block_user`.
    fn block_user() -> Weight;
    /// Weight of `unblock_user`.
    fn unblock_user() -> Weight;
    /// Weight of `notify_offline_message`.
    fn notify_offline_message() -> Weight;
    /// Weight of `clear_notifications`.
    fn clear_notifications() -> Weight;
    /// Weight of `register_group`.
    fn register_group() -> Weight;
    /// Weight of `commit_group_epoch`.
    fn commit_group_epoch() -> Weight;
    /// Weight of `close_group`.
    fn close_group() -> Weight;
    /// Weight of `set_chat_backup`.
    fn set_chat_backup() -> Weight;
    /// Weight of `clear_chat_backup`.
    fn clear_chat_backup() -> Weight;
    /// Weight of `renew`.
    fn renew() -> Weight;
    /// Weight of `wake`, with `d` from 0 to 8.
    fn wake(d: u32) -> Weight;
    /// Weight of `set_work_difficulty`.
    fn set_work_difficulty() -> Weight;
    /// Weight of `authorize_register`.
    fn authorize_register() -> Weight;
    /// Weight of `authorize_add_device`.
    fn authorize_add_device() -> Weight;
    /// Weight of `authorize_register_group`.
    fn authorize_register_group() -> Weight;
    /// Weight of `authorize_commit_group_epoch`.
    fn authorize_commit_group_epoch() -> Weight;
    /// Weight of `authorize_close_group`.
    fn authorize_close_group() -> Weight;
    /// Weight of `sweep`.
    fn sweep() -> Weight;
    /// Weight of `sweep_gap`.
    fn sweep_gap() -> Weight;
    /// Weight of `sweep_block`.
    fn sweep_block() -> Weight;
    /// Weight of `expire_presence`.
    fn expire_presence() -> Weight;
    /// Weight of `expire_signals`, with `s` from 0 to 32.
    fn expire_signals(s: u32) -> Weight;
    /// Weight of `expire_notices`.
    fn expire_notices() -> Weight;
    /// Weight of `expire_mark`.
    fn expire_mark() -> Weight;
    /// Weight of `expire_group`.
    fn expire_group() -> Weight;
    /// Weight of `expire_account`.
    fn expire_account() -> Weight;
    /// Weight of `expire_statements`, with `d` from 0 to 8.
    fn expire_statements(d: u32) -> Weight;
    /// Weight of `expire_device`, with `s` from 0 to 32.
    fn expire_device(s: u32) -> Weight;
    /// Weight of `expire_blocks`, with `b` from 1 to 32.
    fn expire_blocks(b: u32) -> Weight;
    /// Weight of `expire_rest`.
    fn expire_rest() -> Weight;
}

/// Storage: `P2pSignaling::Accounts` (r:2 w:1)
/// Proof: `P2pSignaling::Accounts` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::DeviceOwner` (r:2 w:1)
/// Proof: `P2pSignaling::DeviceOwner` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::SpentProofs` (r:1 w:1)
/// Proof: `P2pSignaling::SpentProofs` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Scheduled` (r:2 w:2)
/// Proof: `P2pSignaling::Scheduled` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::DeadlineCount` (r:1 w:1)
/// Proof: `P2pSignaling::DeadlineCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
/// Storage: `System::Account` (r:2 w:2)
/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::NonceFloor` (r:1 w:0)
/// Proof: `P2pSignaling::NonceFloor` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Devices` (r:1 w:1)
/// Proof: `P2pSignaling::Devices` (`max_values`: None, `max_size`: Some(11673), added: 14148, mode: `MaxEncodedLen`)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a020000000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a020000000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: `P2pSignaling::Deadlines` (r:0 w:2)
/// Proof: `P2pSignaling::Deadlines` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Allowances` (r:0 w:1)
/// Proof: `P2pSignaling::Allowances` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
fn register(db: RuntimeDbWeight) -> Weight {
    // At least 81_890_000 picoseconds.
    Weight::from_parts(143_268_000, 15_138).saturating_add(db.reads_writes(12, 13))
}

/// Storage: `P2pSignaling::Accounts` (r:2 w:1)
/// Proof: `P2pSignaling::Accounts` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::DeviceOwner` (r:1 w:1)
/// Proof: `P2pSignaling::DeviceOwner` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Devices` (r:1 w:1)
/// Proof: `P2pSignaling::Devices` (`max_values`: None, `max_size`: Some(11673), added: 14148, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Allowances` (r:1 w:1)
/// Proof: `P2pSignaling::Allowances` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
/// Storage: `System::Account` (r:1 w:1)
/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::NonceFloor` (r:1 w:0)
/// Proof: `P2pSignaling::NonceFloor` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a020000000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a020000000b0b0b0b0b0b0b` (r:0 w:1)
fn add_device(db: RuntimeDbWeight) -> Weight {
    // At least 68_608_000 picoseconds.
    Weight::from_parts(77_999_000, 15_138).saturating_add(db.reads_writes(7, 6))
}

/// Storage: `P2pSignaling::DeviceOwner` (r:2 w:1)
/// Proof: `P2pSignaling::DeviceOwner` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Accounts` (r:1 w:1)
/// Proof: `P2pSignaling::Accounts` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Allowances` (r:1 w:1)
/// Proof: `P2pSignaling::Allowances` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Devices` (r:1 w:1)
/// Proof: `P2pSignaling::Devices` (`max_values`: None, `max_size`: Some(11673), added: 14148, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Inboxes` (r:1 w:1)
/// Proof: `P2pSignaling::Inboxes` (`max_values`: None, `max_size`: Some(1585), added: 4060, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Scheduled` (r:1 w:1)
/// Proof: `P2pSignaling::Scheduled` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `System::Account` (r:1 w:1)
/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::NonceFloor` (r:1 w:1)
/// Proof: `P2pSignaling::NonceFloor` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4a420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4a420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: `P2pSignaling::Deadlines` (r:0 w:1)
/// Proof: `P2pSignaling::Deadlines` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::PeerInfo` (r:0 w:1)
/// Proof: `P2pSignaling::PeerInfo` (`max_values`: None, `max_size`: Some(178), added: 2653, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Signals` (r:0 w:32)
/// Proof: `P2pSignaling::Signals` (`max_values`: None, `max_size`: Some(4243), added: 6718, mode: `MaxEncodedLen`)
fn revoke_device(db: RuntimeDbWeight, s: u32) -> Weight {
    // At least 94_996_000 picoseconds.
    Weight::from_parts(133_252_544, 15_138)
        // Standard error: 59_505 picoseconds.
        .saturating_add(Weight::from_parts(3_244_758, 0).saturating_mul(s.into()))
        .saturating_add(db.reads_writes(9, 11))
        .saturating_add(db.writes(1).saturating_mul(s.into()))
        .saturating_add(Weight::from_parts(0, 49).saturating_mul(s.into()))
}

/// Storage: `P2pSignaling::DeviceOwner` (r:1 w:0)
/// Proof: `P2pSignaling::DeviceOwner` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Allowances` (r:1 w:1)
/// Proof: `P2pSignaling::Allowances` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Profiles` (r:0 w:1)
/// Proof: `P2pSignaling::Profiles` (`max_values`: None, `max_size`: Some(562), added: 3037, mode: `MaxEncodedLen`)
fn set_profile(db: RuntimeDbWeight) -> Weight {
    // At least 32_648_000 picoseconds.
    Weight::from_parts(39_777_000, 3_545).saturating_add(db.reads_writes(2, 2))
}

/// Storage: `P2pSignaling::DeviceOwner` (r:1 w:8)
/// Proof: `P2pSignaling::DeviceOwner` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Accounts` (r:1 w:1)
/// Proof: `P2pSignaling::Accounts` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Online` (r:1 w:1)
/// Proof: `P2pSignaling::Online` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Scheduled` (r:12 w:12)
/// Proof: `P2pSignaling::Scheduled` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Devices` (r:1 w:1)
/// Proof: `P2pSignaling::Devices` (`max_values`: None, `max_size`: Some(11673), added: 14148, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Inboxes` (r:8 w:8)
/// Proof: `P2pSignaling::Inboxes` (`max_values`: None, `max_size`: Some(1585), added: 4060, mode: `MaxEncodedLen`)
/// Storage: `System::Account` (r:9 w:9)
/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::NonceFloor` (r:1 w:1)
/// Proof: `P2pSignaling::NonceFloor` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Blocks` (r:256 w:256)
/// Proof: `P2pSignaling::Blocks` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::BlockCount` (r:1 w:1)
/// Proof: `P2pSignaling::BlockCount` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::DeadlineCount` (r:1 w:1)
/// Proof: `P2pSignaling::DeadlineCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4a420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4a420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4b420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4b420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4c420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4c420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4d420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4d420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4e420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4e420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4f420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4f420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a50420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a50420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a51420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a51420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: `P2pSignaling::Deadlines` (r:0 w:12)
/// Proof: `P2pSignaling::Deadlines` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::ClearedBackups` (r:0 w:1)
/// Proof: `P2pSignaling::ClearedBackups` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::LastSeen` (r:0 w:1)
/// Proof: `P2pSignaling::LastSeen` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Notices` (r:0 w:1)
/// Proof: `P2pSignaling::Notices` (`max_values`: None, `max_size`: Some(4849), added: 7324, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Backups` (r:0 w:1)
/// Proof: `P2pSignaling::Backups` (`max_values`: None, `max_size`: Some(158), added: 2633, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Profiles` (r:0 w:1)
/// Proof: `P2pSignaling::Profiles` (`max_values`: None, `max_size`: Some(562), added: 3037, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::SpentProofs` (r:0 w:1)
/// Proof: `P2pSignaling::SpentProofs` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::PeerInfo` (r:0 w:8)
/// Proof: `P2pSignaling::PeerInfo` (`max_values`: None, `max_size`: Some(178), added: 2653, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Allowances` (r:0 w:1)
/// Proof: `P2pSignaling::Allowances` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Signals` (r:0 w:256)
/// Proof: `P2pSignaling::Signals` (`max_values`: None, `max_size`: Some(4243), added: 6718, mode: `MaxEncodedLen`)
fn deregister(db: RuntimeDbWeight, b: u32, d: u32) -> Weight {
    // At least 1_124_998_000 picoseconds.
    Weight::from_parts(122_424_887, 15_138)
        // Standard error: 177_138 picoseconds.
        .saturating_add(Weight::from_parts(3_886_164, 0).saturating_mul(b.into()))
        // Standard error: 5_273_036 picoseconds.
        .saturating_add(Weight::from_parts(183_466_227, 0).saturating_mul(d.into()))
        .saturating_add(db.reads_writes(13, 21))
        .saturating_add(db.reads(1).saturating_mul(b.into()))
        .saturating_add(db.reads(3).saturating_mul(d.into()))
        .saturating_add(db.writes(1).saturating_mul(b.into()))
        .saturating_add(db.writes(39).saturating_mul(d.into()))
        .saturating_add(Weight::from_parts(0, 2_565).saturating_mul(b.into()))
        .saturating_add(Weight::from_parts(0, 4_060).saturating_mul(d.into()))
}

/// Storage: `P2pSignaling::DeviceOwner` (r:1 w:0)
/// Proof: `P2pSignaling::DeviceOwner` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Allowances` (r:1 w:1)
/// Proof: `P2pSignaling::Allowances` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::LastSeen` (r:1 w:1)
/// Proof: `P2pSignaling::LastSeen` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Online` (r:1 w:1)
/// Proof: `P2pSignaling::Online` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Scheduled` (r:1 w:1)
/// Proof: `P2pSignaling::Scheduled` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::DeadlineCount` (r:1 w:1)
/// Proof: `P2pSignaling::DeadlineCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Deadlines` (r:0 w:1)
/// Proof: `P2pSignaling::Deadlines` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
fn heartbeat(db: RuntimeDbWeight) -> Weight {
    // At least 53_983_000 picoseconds.
    Weight::from_parts(60_504_000, 3_545).saturating_add(db.reads_writes(6, 6))
}

/// Storage: `P2pSignaling::DeviceOwner` (r:1 w:0)
/// Proof: `P2pSignaling::DeviceOwner` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Allowances` (r:1 w:1)
/// Proof: `P2pSignaling::Allowances` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Online` (r:1 w:1)
/// Proof: `P2pSignaling::Online` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Scheduled` (r:1 w:1)
/// Proof: `P2pSignaling::Scheduled` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Deadlines` (r:0 w:1)
/// Proof: `P2pSignaling::Deadlines` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
fn go_offline(db: RuntimeDbWeight) -> Weight {
    // At least 43_620_000 picoseconds.
    Weight::from_parts(49_118_000, 3_545).saturating_add(db.reads_writes(4, 4))
}

/// Storage: `P2pSignaling::DeviceOwner` (r:1 w:0)
/// Proof: `P2pSignaling::DeviceOwner` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Allowances` (r:1 w:1)
/// Proof: `P2pSignaling::Allowances` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::PeerInfo` (r:0 w:1)
/// Proof: `P2pSignaling::PeerInfo` (`max_values`: None, `max_size`: Some(178), added: 2653, mode: `MaxEncodedLen`)
fn register_peer_info(db: RuntimeDbWeight) -> Weight {
    // At least 32_825_000 picoseconds.
    Weight::from_parts(37_296_000, 3_545).saturating_add(db.reads_writes(2, 2))
}

/// Storage: `P2pSignaling::DeviceOwner` (r:2 w:0)
/// Proof: `P2pSignaling::DeviceOwner` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Accounts` (r:1 w:0)
/// Proof: `P2pSignaling::Accounts` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Blocks` (r:1 w:0)
/// Proof: `P2pSignaling::Blocks` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Inboxes` (r:1 w:1)
/// Proof: `P2pSignaling::Inboxes` (`max_values`: None, `max_size`: Some(1585), added: 4060, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Allowances` (r:1 w:1)
/// Proof: `P2pSignaling::Allowances` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::NextSignal` (r:1 w:1)
/// Proof: `P2pSignaling::NextSignal` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Scheduled` (r:1 w:1)
/// Proof: `P2pSignaling::Scheduled` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::DeadlineCount` (r:1 w:1)
/// Proof: `P2pSignaling::DeadlineCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Deadlines` (r:0 w:1)
/// Proof: `P2pSignaling::Deadlines` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Signals` (r:0 w:2)
/// Proof: `P2pSignaling::Signals` (`max_values`: None, `max_size`: Some(4243), added: 6718, mode: `MaxEncodedLen`)
fn send_signaling(db: RuntimeDbWeight) -> Weight {
    // At least 123_418_000 picoseconds.
    Weight::from_parts(137_766_000, 6_100).saturating_add(db.reads_writes(9, 8))
}

/// Storage: `P2pSignaling::DeviceOwner` (r:1 w:0)
/// Proof: `P2pSignaling::DeviceOwner` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Allowances` (r:1 w:1)
/// Proof: `P2pSignaling::Allowances` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Inboxes` (r:1 w:1)
/// Proof: `P2pSignaling::Inboxes` (`max_values`: None, `max_size`: Some(1585), added: 4060, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Scheduled` (r:1 w:1)
/// Proof: `P2pSignaling::Scheduled` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Deadlines` (r:0 w:1)
/// Proof: `P2pSignaling::Deadlines` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Signals` (r:0 w:32)
/// Proof: `P2pSignaling::Signals` (`max_values`: None, `max_size`: Some(4243), added: 6718, mode: `MaxEncodedLen`)
fn clear_signaling(db: RuntimeDbWeight, s: u32) -> Weight {
    // At least 39_651_000 picoseconds.
    Weight::from_parts(54_741_083, 5_050)
        // Standard error: 25_334 picoseconds.
        .saturating_add(Weight::from_parts(2_750_334, 0).saturating_mul(s.into()))
        .saturating_add(db.reads_writes(3, 2))
        .saturating_add(db.writes(1).saturating_mul(s.into()))
        .saturating_add(Weight::from_parts(0, 110).saturating_mul(s.into()))
}

/// Storage: `P2pSignaling::DeviceOwner` (r:1 w:0)
/// Proof: `P2pSignaling::DeviceOwner` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Blocks` (r:1 w:1)
/// Proof: `P2pSignaling::Blocks` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Accounts` (r:1 w:0)
/// Proof: `P2pSignaling::Accounts` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::BlockCount` (r:1 w:1)
/// Proof: `P2pSignaling::BlockCount` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Allowances` (r:1 w:1)
/// Proof: `P2pSignaling::Allowances` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
fn block_user(db: RuntimeDbWeight) -> Weight {
    // At least 72_983_000 picoseconds.
    Weight::from_parts(120_263_000, 3_561).saturating_add(db.reads_writes(5, 3))
}

/// Storage: `P2pSignaling::DeviceOwner` (r:1 w:0)
/// Proof: `P2pSignaling::DeviceOwner` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Blocks` (r:1 w:1)
/// Proof: `P2pSignaling::Blocks` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Allowances` (r:1 w:1)
/// Proof: `P2pSignaling::Allowances` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::BlockCount` (r:1 w:1)
/// Proof: `P2pSignaling::BlockCount` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
fn unblock_user(db: RuntimeDbWeight) -> Weight {
    // At least 59_797_000 picoseconds.
    Weight::from_parts(75_039_000, 3_561).saturating_add(db.reads_writes(4, 3))
}

/// Storage: `P2pSignaling::DeviceOwner` (r:1 w:0)
/// Proof: `P2pSignaling::DeviceOwner` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Accounts` (r:2 w:0)
/// Proof: `P2pSignaling::Accounts` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Blocks` (r:1 w:0)
/// Proof: `P2pSignaling::Blocks` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Notices` (r:1 w:1)
/// Proof: `P2pSignaling::Notices` (`max_values`: None, `max_size`: Some(4849), added: 7324, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Allowances` (r:1 w:1)
/// Proof: `P2pSignaling::Allowances` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::NextSignal` (r:1 w:1)
/// Proof: `P2pSignaling::NextSignal` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Scheduled` (r:1 w:1)
/// Proof: `P2pSignaling::Scheduled` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::DeadlineCount` (r:1 w:1)
/// Proof: `P2pSignaling::DeadlineCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Deadlines` (r:0 w:1)
/// Proof: `P2pSignaling::Deadlines` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
fn notify_offline_message(db: RuntimeDbWeight) -> Weight {
    // At least 132_787_000 picoseconds.
    Weight::from_parts(156_627_000, 8_314).saturating_add(db.reads_writes(9, 6))
}

/// Storage: `P2pSignaling::DeviceOwner` (r:1 w:0)
/// Proof: `P2pSignaling::DeviceOwner` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Allowances` (r:1 w:1)
/// Proof: `P2pSignaling::Allowances` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Notices` (r:1 w:1)
/// Proof: `P2pSignaling::Notices` (`max_values`: None, `max_size`: Some(4849), added: 7324, mode: `MaxEncodedLen`)
fn clear_notifications(db: RuntimeDbWeight) -> Weight {
    // At least 52_474_000 picoseconds.
    Weight::from_parts(58_293_000, 8_314).saturating_add(db.reads_writes(3, 2))
}

/// Storage: `P2pSignaling::Groups` (r:1 w:1)
/// Proof: `P2pSignaling::Groups` (`max_values`: None, `max_size`: Some(124), added: 2599, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::ClosedGroups` (r:1 w:1)
/// Proof: `P2pSignaling::ClosedGroups` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Scheduled` (r:2 w:2)
/// Proof: `P2pSignaling::Scheduled` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::DeadlineCount` (r:1 w:1)
/// Proof: `P2pSignaling::DeadlineCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Deadlines` (r:0 w:2)
/// Proof: `P2pSignaling::Deadlines` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
fn register_group(db: RuntimeDbWeight) -> Weight {
    // At least 42_308_000 picoseconds.
    Weight::from_parts(47_124_000, 6_054).saturating_add(db.reads_writes(5, 7))
}

/// Storage: `P2pSignaling::Groups` (r:1 w:1)
/// Proof: `P2pSignaling::Groups` (`max_values`: None, `max_size`: Some(124), added: 2599, mode: `MaxEncodedLen`)
fn commit_group_epoch(db: RuntimeDbWeight) -> Weight {
    // At least 17_984_000 picoseconds.
    Weight::from_parts(20_079_000, 3_589).saturating_add(db.reads_writes(1, 1))
}

/// Storage: `P2pSignaling::Groups` (r:1 w:1)
/// Proof: `P2pSignaling::Groups` (`max_values`: None, `max_size`: Some(124), added: 2599, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Scheduled` (r:2 w:2)
/// Proof: `P2pSignaling::Scheduled` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::DeadlineCount` (r:1 w:1)
/// Proof: `P2pSignaling::DeadlineCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Deadlines` (r:0 w:2)
/// Proof: `P2pSignaling::Deadlines` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::ClosedGroups` (r:0 w:1)
/// Proof: `P2pSignaling::ClosedGroups` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
fn close_group(db: RuntimeDbWeight) -> Weight {
    // At least 36_561_000 picoseconds.
    Weight::from_parts(40_324_000, 6_054).saturating_add(db.reads_writes(4, 7))
}

/// Storage: `P2pSignaling::DeviceOwner` (r:1 w:0)
/// Proof: `P2pSignaling::DeviceOwner` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Backups` (r:1 w:1)
/// Proof: `P2pSignaling::Backups` (`max_values`: None, `max_size`: Some(158), added: 2633, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::ClearedBackups` (r:1 w:1)
/// Proof: `P2pSignaling::ClearedBackups` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Allowances` (r:1 w:1)
/// Proof: `P2pSignaling::Allowances` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
fn set_chat_backup(db: RuntimeDbWeight) -> Weight {
    // At least 43_741_000 picoseconds.
    Weight::from_parts(48_115_000, 3_623).saturating_add(db.reads_writes(4, 3))
}

/// Storage: `P2pSignaling::DeviceOwner` (r:1 w:0)
/// Proof: `P2pSignaling::DeviceOwner` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Backups` (r:1 w:1)
/// Proof: `P2pSignaling::Backups` (`max_values`: None, `max_size`: Some(158), added: 2633, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Allowances` (r:1 w:1)
/// Proof: `P2pSignaling::Allowances` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::ClearedBackups` (r:0 w:1)
/// Proof: `P2pSignaling::ClearedBackups` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
fn clear_chat_backup(db: RuntimeDbWeight) -> Weight {
    // At least 39_006_000 picoseconds.
    Weight::from_parts(43_523_000, 3_623).saturating_add(db.reads_writes(3, 3))
}

/// Storage: `P2pSignaling::DeviceOwner` (r:1 w:0)
/// Proof: `P2pSignaling::DeviceOwner` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Allowances` (r:1 w:1)
/// Proof: `P2pSignaling::Allowances` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
fn renew(db: RuntimeDbWeight) -> Weight {
    // At least 26_441_000 picoseconds.
    Weight::from_parts(29_498_000, 3_545).saturating_add(db.reads_writes(2, 1))
}

/// Storage: `P2pSignaling::Devices` (r:1 w:0)
/// Proof: `P2pSignaling::Devices` (`max_values`: None, `max_size`: Some(11673), added: 14148, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Scheduled` (r:1 w:1)
/// Proof: `P2pSignaling::Scheduled` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::DeadlineCount` (r:1 w:1)
/// Proof: `P2pSignaling::DeadlineCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4a420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4a420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4b420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4b420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4c420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4c420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4d420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4d420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4e420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4e420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4f420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4f420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a50420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a50420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a51420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a51420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: `P2pSignaling::Deadlines` (r:0 w:2)
/// Proof: `P2pSignaling::Deadlines` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
fn wake(db: RuntimeDbWeight, d: u32) -> Weight {
    // At least 21_622_000 picoseconds.
    Weight::from_parts(25_770_827, 15_138)
        // Standard error: 8_416 picoseconds.
        .saturating_add(Weight::from_parts(2_396_939, 0).saturating_mul(d.into()))
        .saturating_add(db.reads_writes(3, 4))
        .saturating_add(db.writes(1).saturating_mul(d.into()))
        .saturating_add(Weight::from_parts(0, 1_485).saturating_mul(d.into()))
}

/// Storage: `P2pSignaling::WorkDifficulty` (r:0 w:1)
/// Proof: `P2pSignaling::WorkDifficulty` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
fn set_work_difficulty(db: RuntimeDbWeight) -> Weight {
    // At least 5_529_000 picoseconds.
    Weight::from_parts(6_571_000, 0).saturating_add(db.reads_writes(0, 1))
}

/// Storage: `System::BlockHash` (r:1 w:0)
/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::WorkDifficulty` (r:1 w:0)
/// Proof: `P2pSignaling::WorkDifficulty` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Accounts` (r:2 w:0)
/// Proof: `P2pSignaling::Accounts` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::DeviceOwner` (r:2 w:0)
/// Proof: `P2pSignaling::DeviceOwner` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::SpentProofs` (r:1 w:0)
/// Proof: `P2pSignaling::SpentProofs` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
fn authorize_register(db: RuntimeDbWeight) -> Weight {
    // At least 173_683_000 picoseconds.
    Weight::from_parts(191_570_000, 6_100).saturating_add(db.reads_writes(7, 0))
}

/// Storage: `System::BlockHash` (r:1 w:0)
/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::WorkDifficulty` (r:1 w:0)
/// Proof: `P2pSignaling::WorkDifficulty` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Accounts` (r:2 w:0)
/// Proof: `P2pSignaling::Accounts` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::DeviceOwner` (r:1 w:0)
/// Proof: `P2pSignaling::DeviceOwner` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Devices` (r:1 w:0)
/// Proof: `P2pSignaling::Devices` (`max_values`: None, `max_size`: Some(11673), added: 14148, mode: `MaxEncodedLen`)
fn authorize_add_device(db: RuntimeDbWeight) -> Weight {
    // At least 178_348_000 picoseconds.
    Weight::from_parts(203_764_000, 15_138).saturating_add(db.reads_writes(6, 0))
}

/// Storage: `System::BlockHash` (r:1 w:0)
/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::WorkDifficulty` (r:1 w:0)
/// Proof: `P2pSignaling::WorkDifficulty` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Groups` (r:1 w:0)
/// Proof: `P2pSignaling::Groups` (`max_values`: None, `max_size`: Some(124), added: 2599, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::ClosedGroups` (r:1 w:0)
/// Proof: `P2pSignaling::ClosedGroups` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
fn authorize_register_group(db: RuntimeDbWeight) -> Weight {
    // At least 66_495_000 picoseconds.
    Weight::from_parts(84_215_000, 3_589).saturating_add(db.reads_writes(4, 0))
}

/// Storage: `System::BlockHash` (r:1 w:0)
/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::WorkDifficulty` (r:1 w:0)
/// Proof: `P2pSignaling::WorkDifficulty` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Groups` (r:1 w:0)
/// Proof: `P2pSignaling::Groups` (`max_values`: None, `max_size`: Some(124), added: 2599, mode: `MaxEncodedLen`)
fn authorize_commit_group_epoch(db: RuntimeDbWeight) -> Weight {
    // At least 63_041_000 picoseconds.
    Weight::from_parts(72_087_000, 3_589).saturating_add(db.reads_writes(3, 0))
}

/// Storage: `P2pSignaling::Groups` (r:1 w:0)
/// Proof: `P2pSignaling::Groups` (`max_values`: None, `max_size`: Some(124), added: 2599, mode: `MaxEncodedLen`)
/// Storage: `System::BlockHash` (r:1 w:0)
/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
fn authorize_close_group(db: RuntimeDbWeight) -> Weight {
    // At least 59_182_000 picoseconds.
    Weight::from_parts(67_313_000, 3_589).saturating_add(db.reads_writes(2, 0))
}

/// Storage: UNKNOWN KEY `0x5f64be5858bcf82212cbff104054760c4e7b9012096b41c4eb3aaf947f6ea429` (r:1 w:0)
/// Proof: UNKNOWN KEY `0x5f64be5858bcf82212cbff104054760c4e7b9012096b41c4eb3aaf947f6ea429` (r:1 w:0)
/// Storage: `P2pSignaling::DeadlineCursor` (r:1 w:1)
/// Proof: `P2pSignaling::DeadlineCursor` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::DeadlineCount` (r:1 w:0)
/// Proof: `P2pSignaling::DeadlineCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Deadlines` (r:1 w:0)
/// Proof: `P2pSignaling::Deadlines` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
fn sweep(db: RuntimeDbWeight) -> Weight {
    // At least 15_127_000 picoseconds.
    Weight::from_parts(17_055_000, 3_813).saturating_add(db.reads_writes(4, 1))
}

/// Storage: `P2pSignaling::Deadlines` (r:1 w:0)
/// Proof: `P2pSignaling::Deadlines` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
fn sweep_gap(db: RuntimeDbWeight) -> Weight {
    // At least 6_533_000 picoseconds.
    Weight::from_parts(7_380_000, 3_522).saturating_add(db.reads_writes(1, 0))
}

/// Storage: `P2pSignaling::DeadlineCount` (r:1 w:1)
/// Proof: `P2pSignaling::DeadlineCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
fn sweep_block(db: RuntimeDbWeight) -> Weight {
    // At least 9_401_000 picoseconds.
    Weight::from_parts(11_229_000, 3_481).saturating_add(db.reads_writes(1, 1))
}

/// Storage: `P2pSignaling::Scheduled` (r:1 w:1)
/// Proof: `P2pSignaling::Scheduled` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::LastSeen` (r:1 w:0)
/// Proof: `P2pSignaling::LastSeen` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::DeadlineCount` (r:1 w:1)
/// Proof: `P2pSignaling::DeadlineCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Deadlines` (r:0 w:2)
/// Proof: `P2pSignaling::Deadlines` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
fn expire_presence(db: RuntimeDbWeight) -> Weight {
    // At least 30_103_000 picoseconds.
    Weight::from_parts(33_560_000, 3_522).saturating_add(db.reads_writes(3, 4))
}

/// Storage: `P2pSignaling::Scheduled` (r:1 w:1)
/// Proof: `P2pSignaling::Scheduled` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Inboxes` (r:1 w:1)
/// Proof: `P2pSignaling::Inboxes` (`max_values`: None, `max_size`: Some(1585), added: 4060, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Deadlines` (r:0 w:1)
/// Proof: `P2pSignaling::Deadlines` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Signals` (r:0 w:32)
/// Proof: `P2pSignaling::Signals` (`max_values`: None, `max_size`: Some(4243), added: 6718, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::DeadlineCount` (r:1 w:1)
/// Proof: `P2pSignaling::DeadlineCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
fn expire_signals(db: RuntimeDbWeight, s: u32) -> Weight {
    // At least 38_014_000 picoseconds.
    Weight::from_parts(50_253_791, 5_050)
        // Standard error: 12_113 picoseconds.
        .saturating_add(Weight::from_parts(1_940_400, 0).saturating_mul(s.into()))
        .saturating_add(db.reads_writes(3, 5))
        .saturating_add(db.writes(1).saturating_mul(s.into()))
}

/// Storage: `P2pSignaling::Scheduled` (r:1 w:1)
/// Proof: `P2pSignaling::Scheduled` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Notices` (r:1 w:1)
/// Proof: `P2pSignaling::Notices` (`max_values`: None, `max_size`: Some(4849), added: 7324, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::DeadlineCount` (r:1 w:1)
/// Proof: `P2pSignaling::DeadlineCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Deadlines` (r:0 w:2)
/// Proof: `P2pSignaling::Deadlines` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
fn expire_notices(db: RuntimeDbWeight) -> Weight {
    // At least 45_562_000 picoseconds.
    Weight::from_parts(49_845_000, 8_314).saturating_add(db.reads_writes(3, 5))
}

/// Storage: `P2pSignaling::Scheduled` (r:1 w:1)
/// Proof: `P2pSignaling::Scheduled` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Deadlines` (r:0 w:1)
/// Proof: `P2pSignaling::Deadlines` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::ClosedGroups` (r:0 w:1)
/// Proof: `P2pSignaling::ClosedGroups` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
fn expire_mark(db: RuntimeDbWeight) -> Weight {
    // At least 15_005_000 picoseconds.
    Weight::from_parts(16_621_000, 3_522).saturating_add(db.reads_writes(1, 3))
}

/// Storage: `P2pSignaling::Scheduled` (r:1 w:1)
/// Proof: `P2pSignaling::Scheduled` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Groups` (r:1 w:0)
/// Proof: `P2pSignaling::Groups` (`max_values`: None, `max_size`: Some(124), added: 2599, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::DeadlineCount` (r:1 w:1)
/// Proof: `P2pSignaling::DeadlineCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Deadlines` (r:0 w:2)
/// Proof: `P2pSignaling::Deadlines` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
fn expire_group(db: RuntimeDbWeight) -> Weight {
    // At least 27_001_000 picoseconds.
    Weight::from_parts(29_559_000, 3_589).saturating_add(db.reads_writes(3, 4))
}

/// Storage: `P2pSignaling::Scheduled` (r:1 w:1)
/// Proof: `P2pSignaling::Scheduled` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Allowances` (r:1 w:0)
/// Proof: `P2pSignaling::Allowances` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::DeadlineCount` (r:1 w:1)
/// Proof: `P2pSignaling::DeadlineCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Deadlines` (r:0 w:2)
/// Proof: `P2pSignaling::Deadlines` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
fn expire_account(db: RuntimeDbWeight) -> Weight {
    // At least 29_748_000 picoseconds.
    Weight::from_parts(32_929_000, 3_522).saturating_add(db.reads_writes(3, 4))
}

/// Storage: `P2pSignaling::Scheduled` (r:1 w:1)
/// Proof: `P2pSignaling::Scheduled` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Allowances` (r:1 w:0)
/// Proof: `P2pSignaling::Allowances` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Devices` (r:1 w:0)
/// Proof: `P2pSignaling::Devices` (`max_values`: None, `max_size`: Some(11673), added: 14148, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::DeadlineCount` (r:1 w:1)
/// Proof: `P2pSignaling::DeadlineCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4a420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4a420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4b420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4b420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4c420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4c420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4d420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4d420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4e420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4e420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4f420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4f420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a50420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a50420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a51420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a51420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: `P2pSignaling::Deadlines` (r:0 w:2)
/// Proof: `P2pSignaling::Deadlines` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
fn expire_statements(db: RuntimeDbWeight, d: u32) -> Weight {
    // At least 30_817_000 picoseconds.
    Weight::from_parts(36_287_857, 15_138)
        // Standard error: 7_482 picoseconds.
        .saturating_add(Weight::from_parts(2_116_785, 0).saturating_mul(d.into()))
        .saturating_add(db.reads_writes(4, 4))
        .saturating_add(db.writes(1).saturating_mul(d.into()))
        .saturating_add(Weight::from_parts(0, 1_492).saturating_mul(d.into()))
}

/// Storage: `P2pSignaling::Scheduled` (r:2 w:2)
/// Proof: `P2pSignaling::Scheduled` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Allowances` (r:1 w:0)
/// Proof: `P2pSignaling::Allowances` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Devices` (r:1 w:1)
/// Proof: `P2pSignaling::Devices` (`max_values`: None, `max_size`: Some(11673), added: 14148, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Accounts` (r:1 w:1)
/// Proof: `P2pSignaling::Accounts` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Inboxes` (r:1 w:1)
/// Proof: `P2pSignaling::Inboxes` (`max_values`: None, `max_size`: Some(1585), added: 4060, mode: `MaxEncodedLen`)
/// Storage: `System::Account` (r:1 w:1)
/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::NonceFloor` (r:1 w:1)
/// Proof: `P2pSignaling::NonceFloor` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::DeadlineCount` (r:1 w:1)
/// Proof: `P2pSignaling::DeadlineCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
/// Storage: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4a420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Proof: UNKNOWN KEY `0x3a73746174656d656e745f616c6c6f77616e63653a4a420f000b0b0b0b0b0b0b` (r:0 w:1)
/// Storage: `P2pSignaling::Deadlines` (r:0 w:3)
/// Proof: `P2pSignaling::Deadlines` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::DeviceOwner` (r:0 w:1)
/// Proof: `P2pSignaling::DeviceOwner` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::PeerInfo` (r:0 w:1)
/// Proof: `P2pSignaling::PeerInfo` (`max_values`: None, `max_size`: Some(178), added: 2653, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Signals` (r:0 w:32)
/// Proof: `P2pSignaling::Signals` (`max_values`: None, `max_size`: Some(4243), added: 6718, mode: `MaxEncodedLen`)
fn expire_device(db: RuntimeDbWeight, s: u32) -> Weight {
    // At least 93_949_000 picoseconds.
    Weight::from_parts(115_404_834, 15_138)
        // Standard error: 14_935 picoseconds.
        .saturating_add(Weight::from_parts(2_406_704, 0).saturating_mul(s.into()))
        .saturating_add(db.reads_writes(9, 14))
        .saturating_add(db.writes(1).saturating_mul(s.into()))
        .saturating_add(Weight::from_parts(0, 49).saturating_mul(s.into()))
}

/// Storage: `P2pSignaling::Scheduled` (r:1 w:1)
/// Proof: `P2pSignaling::Scheduled` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Allowances` (r:1 w:0)
/// Proof: `P2pSignaling::Allowances` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Devices` (r:1 w:0)
/// Proof: `P2pSignaling::Devices` (`max_values`: None, `max_size`: Some(11673), added: 14148, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::BlockCount` (r:1 w:1)
/// Proof: `P2pSignaling::BlockCount` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Blocks` (r:32 w:32)
/// Proof: `P2pSignaling::Blocks` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::DeadlineCount` (r:1 w:1)
/// Proof: `P2pSignaling::DeadlineCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Deadlines` (r:0 w:2)
/// Proof: `P2pSignaling::Deadlines` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
fn expire_blocks(db: RuntimeDbWeight, b: u32) -> Weight {
    // At least 49_579_000 picoseconds.
    Weight::from_parts(53_443_443, 15_138)
        // Standard error: 12_653 picoseconds.
        .saturating_add(Weight::from_parts(4_129_963, 0).saturating_mul(b.into()))
        .saturating_add(db.reads_writes(6, 5))
        .saturating_add(db.reads(1).saturating_mul(b.into()))
        .saturating_add(db.writes(1).saturating_mul(b.into()))
        .saturating_add(Weight::from_parts(0, 2_560).saturating_mul(b.into()))
}

/// Storage: `P2pSignaling::Scheduled` (r:3 w:3)
/// Proof: `P2pSignaling::Scheduled` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Allowances` (r:1 w:1)
/// Proof: `P2pSignaling::Allowances` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Devices` (r:1 w:0)
/// Proof: `P2pSignaling::Devices` (`max_values`: None, `max_size`: Some(11673), added: 14148, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::BlockCount` (r:1 w:1)
/// Proof: `P2pSignaling::BlockCount` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Online` (r:1 w:1)
/// Proof: `P2pSignaling::Online` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Blocks` (r:1 w:0)
/// Proof: `P2pSignaling::Blocks` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::LastSeen` (r:1 w:1)
/// Proof: `P2pSignaling::LastSeen` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Notices` (r:1 w:1)
/// Proof: `P2pSignaling::Notices` (`max_values`: None, `max_size`: Some(4849), added: 7324, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Accounts` (r:1 w:1)
/// Proof: `P2pSignaling::Accounts` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
/// Storage: `System::Account` (r:1 w:1)
/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::NonceFloor` (r:1 w:1)
/// Proof: `P2pSignaling::NonceFloor` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Deadlines` (r:0 w:3)
/// Proof: `P2pSignaling::Deadlines` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::ClearedBackups` (r:0 w:1)
/// Proof: `P2pSignaling::ClearedBackups` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Backups` (r:0 w:1)
/// Proof: `P2pSignaling::Backups` (`max_values`: None, `max_size`: Some(158), added: 2633, mode: `MaxEncodedLen`)
/// Storage: `P2pSignaling::Profiles` (r:0 w:1)
/// Proof: `P2pSignaling::Profiles` (`max_values`: None, `max_size`: Some(562), added: 3037, mode: `MaxEncodedLen`)
fn expire_rest(db: RuntimeDbWeight) -> Weight {
    // At least 95_914_000 picoseconds.
    Weight::from_parts(106_555_000, 15_138).saturating_add(db.reads_writes(13, 17))
}

/// The weights with the database of a runtime.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn register() -> Weight {
        register(T::DbWeight::get())
    }
    fn add_device() -> Weight {
        add_device(T::DbWeight::get())
    }
    fn revoke_device(s: u32) -> Weight {
        revoke_device(T::DbWeight::get(), s)
    }
    fn set_profile() -> Weight {
        set_profile(T::DbWeight::get())
    }
    fn deregister(b: u32, d: u32) -> Weight {
        deregister(T::DbWeight::get(), b, d)
    }
    fn heartbeat() -> Weight {
        heartbeat(T::DbWeight::get())
    }
    fn go_offline() -> Weight {
        go_offline(T::DbWeight::get())
    }
    fn register_peer_info() -> Weight {
        register_peer_info(T::DbWeight::get())
    }
    fn send_signaling() -> Weight {
        send_signaling(T::DbWeight::get())
    }
    fn clear_signaling(s: u32) -> Weight {
        clear_signaling(T::DbWeight::get(), s)
    }
    fn block_user() -> Weight {
        block_user(T::DbWeight::get())
    }
    fn unblock_user() -> Weight {
        unblock_user(T::DbWeight::get())
    }
    fn notify_offline_message() -> Weight {
        notify_offline_message(T::DbWeight::get())
    }
    fn clear_notifications() -> Weight {
        clear_notifications(T::DbWeight::get())
    }
    fn register_group() -> Weight {
        register_group(T::DbWeight::get())
    }
    fn commit_group_epoch() -> Weight {
        commit_group_epoch(T::DbWeight::get())
    }
    fn close_group() -> Weight {
        close_group(T::DbWeight::get())
    }
    fn set_chat_backup() -> Weight {
        set_chat_backup(T::DbWeight::get())
    }
    fn clear_chat_backup() -> Weight {
        clear_chat_backup(T::DbWeight::get())
    }
    fn renew() -> Weight {
        renew(T::DbWeight::get())
    }
    fn wake(d: u32) -> Weight {
        wake(T::DbWeight::get(), d)
    }
    fn set_work_difficulty() -> Weight {
        set_work_difficulty(T::DbWeight::get())
    }
    fn authorize_register() -> Weight {
        authorize_register(T::DbWeight::get())
    }
    fn authorize_add_device() -> Weight {
        authorize_add_device(T::DbWeight::get())
    }
    fn authorize_register_group() -> Weight {
        authorize_register_group(T::DbWeight::get())
    }
    fn authorize_commit_group_epoch() -> Weight {
        authorize_commit_group_epoch(T::DbWeight::get())
    }
    fn authorize_close_group() -> Weight {
        authorize_close_group(T::DbWeight::get())
    }
    fn sweep() -> Weight {
        sweep(T::DbWeight::get())
    }
    fn sweep_gap() -> Weight {
        sweep_gap(T::DbWeight::get())
    }
    fn sweep_block() -> Weight {
        sweep_block(T::DbWeight::get())
    }
    fn expire_presence() -> Weight {
        expire_presence(T::DbWeight::get())
    }
    fn expire_signals(s: u32) -> Weight {
        expire_signals(T::DbWeight::get(), s)
    }
    fn expire_notices() -> Weight {
        expire_notices(T::DbWeight::get())
    }
    fn expire_mark() -> Weight {
        expire_mark(T::DbWeight::get())
    }
    fn expire_group() -> Weight {
        expire_group(T::DbWeight::get())
    }
    fn expire_account() -> Weight {
        expire_account(T::DbWeight::get())
    }
    fn expire_statements(d: u32) -> Weight {
        expire_statements(T::DbWeight::get(), d)
    }
    fn expire_device(s: u32) -> Weight {
        expire_device(T::DbWeight::get(), s)
    }
    fn expire_blocks(b: u32) -> Weight {
        expire_blocks(T::DbWeight::get(), b)
    }
    fn expire_rest() -> Weight {
        expire_rest(T::DbWeight::get())
    }
}

impl WeightInfo for () {
    fn register() -> Weight {
        register(RocksDbWeight::get())
    }
    fn add_device() -> Weight {
        add_device(RocksDbWeight::get())
    }
    fn revoke_device(s: u32) -> Weight {
        revoke_device(RocksDbWeight::get(), s)
    }
    fn set_profile() -> Weight {
        set_profile(RocksDbWeight::get())
    }
    fn deregister(b: u32, d: u32) -> Weight {
        deregister(RocksDbWeight::get(), b, d)
    }
    fn heartbeat() -> Weight {
        heartbeat(RocksDbWeight::get())
    }
    fn go_offline() -> Weight {
        go_offline(RocksDbWeight::get())
    }
    fn register_peer_info() -> Weight {
        register_peer_info(RocksDbWeight::get())
    }
    fn send_signaling() -> Weight {
        send_signaling(RocksDbWeight::get())
    }
    fn clear_signaling(s: u32) -> Weight {
        clear_signaling(RocksDbWeight::get(), s)
    }
    fn block_user() -> Weight {
        block_user(RocksDbWeight::get())
    }
    fn unblock_user() -> Weight {
        unblock_user(RocksDbWeight::get())
    }
    fn notify_offline_message() -> Weight {
        notify_offline_message(RocksDbWeight::get())
    }
    fn clear_notifications() -> Weight {
        clear_notifications(RocksDbWeight::get())
    }
    fn register_group() -> Weight {
        register_group(RocksDbWeight::get())
    }
    fn commit_group_epoch() -> Weight {
        commit_group_epoch(RocksDbWeight::get())
    }
    fn close_group() -> Weight {
        close_group(RocksDbWeight::get())
    }
    fn set_chat_backup() -> Weight {
        set_chat_backup(RocksDbWeight::get())
    }
    fn clear_chat_backup() -> Weight {
        clear_chat_backup(RocksDbWeight::get())
    }
    fn renew() -> Weight {
        renew(RocksDbWeight::get())
    }
    fn wake(d: u32) -> Weight {
        wake(RocksDbWeight::get(), d)
    }
    fn set_work_difficulty() -> Weight {
        set_work_difficulty(RocksDbWeight::get())
    }
    fn authorize_register() -> Weight {
        authorize_register(RocksDbWeight::get())
    }
    fn authorize_add_device() -> Weight {
        authorize_add_device(RocksDbWeight::get())
    }
    fn authorize_register_group() -> Weight {
        authorize_register_group(RocksDbWeight::get())
    }
    fn authorize_commit_group_epoch() -> Weight {
        authorize_commit_group_epoch(RocksDbWeight::get())
    }
    fn authorize_close_group() -> Weight {
        authorize_close_group(RocksDbWeight::get())
    }
    fn sweep() -> Weight {
        sweep(RocksDbWeight::get())
    }
    fn sweep_gap() -> Weight {
        sweep_gap(RocksDbWeight::get())
    }
    fn sweep_block() -> Weight {
        sweep_block(RocksDbWeight::get())
    }
    fn expire_presence() -> Weight {
        expire_presence(RocksDbWeight::get())
    }
    fn expire_signals(s: u32) -> Weight {
        expire_signals(RocksDbWeight::get(), s)
    }
    fn expire_notices() -> Weight {
        expire_notices(RocksDbWeight::get())
    }
    fn expire_mark() -> Weight {
        expire_mark(RocksDbWeight::get())
    }
    fn expire_group() -> Weight {
        expire_group(RocksDbWeight::get())
    }
    fn expire_account() -> Weight {
        expire_account(RocksDbWeight::get())
    }
    fn expire_statements(d: u32) -> Weight {
        expire_statements(RocksDbWeight::get(), d)
    }
    fn expire_device(s: u32) -> Weight {
        expire_device(RocksDbWeight::get(), s)
    }
    fn expire_blocks(b: u32) -> Weight {
        expire_blocks(RocksDbWeight::get(), b)
    }
    fn expire_rest() -> Weight {
        expire_rest(RocksDbWeight::get())
    }
}
