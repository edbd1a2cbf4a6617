//! What the calls cost.
//!
//! **These figures were not measured.** They were derived by hand: for each call, the storage
//! reads and writes of its longest path were counted in the source (the checks that
//! `feeless_if` makes once more before the call included for reads), events and account records
//! of `frame_system` too, and priced by the runtime's `DbWeight`; on top comes an estimate of the
//! computation in microseconds (25 for a call with its event; 60 for an ed25519 and 2 × 60 for a
//! certificate that is tried plainly and wrapped; 3 for each entry that is removed), and the
//! largest size of what is read.
//! In no weight is what the pallet does when the balances pallet removes an account: a read and a
//! write. The benchmarks are in `benchmarking`; figures that they give on the machine that is to
//! count replace these.

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
    /// Weight of `revoke_device`, for which `s` signals wait.
    fn revoke_device(s: u32) -> Weight;
    /// Weight of `set_profile`.
    fn set_profile() -> Weight;
    /// Weight of `deregister` of an account that blocks `b` others and has `d` devices, each with a
    /// full inbox.
    fn deregister(b: u32, d: u32) -> Weight;
    /// Weight of `heartbeat`.
    fn heartbeat() -> Weight;
    /// Weight of `go_offline`.
    fn go_offline() -> Weight;
    /// Weight of `register_peer_info`.
    fn register_peer_info() -> Weight;
    /// Weight of `send_signaling`.
    fn send_signaling() -> Weight;
    /// Weight of `clear_signaling` of `s` signals.
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
    /// Weight of `set_work_difficulty`.
    fn set_work_difficulty() -> Weight;
    /// Weight of `renew`.
    fn renew() -> Weight;
    /// What a call costs more that wakes an account with `d` devices.
    fn wake(d: u32) -> Weight;
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
    /// What the sweep costs in every block, whether it finds something or not.
    fn sweep() -> Weight;
    /// A step of the sweep that finds a place empty.
    fn sweep_gap() -> Weight;
    /// A step of the sweep from one block to the next.
    fn sweep_block() -> Weight;
    /// A step of the sweep to an account that was online.
    fn expire_presence() -> Weight;
    /// A step of the sweep to an inbox with `s` signals that have expired.
    fn expire_signals(s: u32) -> Weight;
    /// A step of the sweep to notices.
    fn expire_notices() -> Weight;
    /// A step of the sweep to a mark against a repetition.
    fn expire_mark() -> Weight;
    /// A step of the sweep to a group.
    fn expire_group() -> Weight;
    /// A step of the sweep to an account that is in use.
    fn expire_account() -> Weight;
    /// A step of the sweep to an account with `d` devices that is not.
    fn expire_statements(d: u32) -> Weight;
    /// A step of the sweep that removes a device for which `s` signals wait.
    fn expire_device(s: u32) -> Weight;
    /// A step of the sweep that removes `b` accounts from a block list.
    fn expire_blocks(b: u32) -> Weight;
    /// A step of the sweep that removes what else an account has.
    fn expire_rest() -> Weight;
}

/// Largest size of a small value with its key and its part of the trie.
const SMALL: u64 = 3_600;
/// The same of an account's devices.
const DEVICES: u64 = 15_000;
/// The same of a full inbox, without what the signals carry.
const INBOX: u64 = 6_000;
/// The same of one signal.
const SIGNAL: u64 = 8_000;
/// The same of full notices.
const NOTICES: u64 = 9_000;
/// Picoseconds.
const MICROSECOND: u64 = 1_000_000;

/// The longest path through a call.
struct Path {
    reads: u64,
    writes: u64,
    micros: u64,
    bytes: u64,
}

const fn path(reads: u64, writes: u64, micros: u64, bytes: u64) -> Path {
    Path { reads, writes, micros, bytes }
}

impl Path {
    fn price(&self, db: RuntimeDbWeight) -> Weight {
        Weight::from_parts(self.micros.saturating_mul(MICROSECOND), self.bytes)
            .saturating_add(db.reads_writes(self.reads, self.writes))
    }
}

macro_rules! weights {
    ($($call:ident($($n:ident),*): path($($base:expr),*) $(+ $m:ident * path($($each:expr),*))*;)*) => {
        /// The weights with the database of a runtime.
        pub struct SubstrateWeight<T>(PhantomData<T>);

        impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
            $(fn $call($($n: u32),*) -> Weight {
                path($($base),*).price(T::DbWeight::get())
                    $(.saturating_add(
                        path($($each),*).price(T::DbWeight::get()).saturating_mul($m.into()),
                    ))*
            })*
        }

        impl WeightInfo for () {
            $(fn $call($($n: u32),*) -> Weight {
                path($($base),*).price(RocksDbWeight::get())
                    $(.saturating_add(
                        path($($each),*).price(RocksDbWeight::get()).saturating_mul($m.into()),
                    ))*
            })*
        }
    };
}

// path(reads, writes, microseconds, bytes read)
weights! {
    register(): path(16, 14, 80, DEVICES + 6 * SMALL);
    add_device(): path(12, 8, 80, DEVICES + 6 * SMALL);
    revoke_device(s): path(16, 14, 60, DEVICES + INBOX + 10 * SMALL) + s * path(0, 1, 2, 0);
    set_profile(): path(4, 2, 30, 4 * SMALL);
    deregister(b, d): path(16, 16, 60, DEVICES + NOTICES + 14 * SMALL) + b * path(1, 1, 3, SMALL) + d * path(9, 42, 100, INBOX + 7 * SMALL);
    heartbeat(): path(10, 6, 35, 9 * SMALL);
    go_offline(): path(8, 4, 30, 6 * SMALL);
    register_peer_info(): path(4, 2, 30, 4 * SMALL);
    send_signaling(): path(15, 8, 90, INBOX + SIGNAL + 9 * SMALL);
    clear_signaling(s): path(8, 6, 40, INBOX + 7 * SMALL) + s * path(0, 1, 2, 0);
    block_user(): path(9, 3, 30, 9 * SMALL);
    unblock_user(): path(6, 3, 30, 6 * SMALL);
    notify_offline_message(): path(16, 6, 70, NOTICES + 8 * SMALL);
    clear_notifications(): path(5, 4, 50, NOTICES + 5 * SMALL);
    register_group(): path(6, 7, 30, 6 * SMALL);
    commit_group_epoch(): path(1, 1, 25, SMALL);
    close_group(): path(5, 7, 30, 5 * SMALL);
    set_chat_backup(): path(7, 3, 30, 7 * SMALL);
    clear_chat_backup(): path(5, 3, 30, 5 * SMALL);
    set_work_difficulty(): path(0, 1, 10, 0);
    renew(): path(4, 1, 25, 4 * SMALL);
    wake(d): path(5, 5, 15, DEVICES + 4 * SMALL) + d * path(0, 1, 2, 0);
    authorize_register(): path(7, 0, 260, 7 * SMALL);
    authorize_add_device(): path(6, 0, 260, DEVICES + 6 * SMALL);
    authorize_register_group(): path(4, 0, 90, 4 * SMALL);
    authorize_commit_group_epoch(): path(3, 0, 90, 3 * SMALL);
    authorize_close_group(): path(2, 0, 85, 2 * SMALL);
    sweep(): path(5, 1, 5, 5 * SMALL);
    sweep_gap(): path(1, 0, 2, SMALL);
    sweep_block(): path(1, 1, 3, SMALL);
    expire_presence(): path(5, 4, 20, 5 * SMALL);
    expire_signals(s): path(5, 5, 20, INBOX + 4 * SMALL) + s * path(0, 1, 2, 0);
    expire_notices(): path(5, 5, 30, NOTICES + 4 * SMALL);
    expire_mark(): path(2, 3, 8, 2 * SMALL);
    expire_group(): path(5, 4, 20, 5 * SMALL);
    expire_account(): path(5, 4, 15, 5 * SMALL);
    expire_statements(d): path(6, 4, 20, DEVICES + 5 * SMALL) + d * path(0, 1, 2, 0);
    expire_device(s): path(16, 18, 60, DEVICES + INBOX + 12 * SMALL) + s * path(0, 1, 2, 0);
    expire_blocks(b): path(7, 5, 20, 7 * SMALL) + b * path(1, 1, 3, SMALL);
    expire_rest(): path(16, 18, 50, NOTICES + 15 * SMALL);
}
