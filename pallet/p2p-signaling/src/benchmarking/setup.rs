//! What the benchmarks find on the chain.

use crate::{pallet::*, proof, types::*};
use alloc::{format, vec, vec::Vec};
use frame_support::{traits::Get, BoundedVec};
use sp_core::{crypto::KeyTypeId, ed25519, sr25519};
use sp_runtime::{AccountId32, MultiSignature};

const KEYS: KeyTypeId = KeyTypeId(*b"star");
pub const EXPIRES: u32 = 500;

pub fn seed(number: u32) -> Option<Vec<u8>> {
    Some(format!("//{number}").into_bytes())
}

pub fn device_key(number: u32) -> ed25519::Public {
    sp_io::crypto::ed25519_generate(KEYS, seed(number))
}

pub fn account_key(number: u32) -> sr25519::Public {
    sp_io::crypto::sr25519_generate(KEYS, seed(number))
}

pub fn sign(key: &ed25519::Public, message: &[u8]) -> [u8; 64] {
    sp_io::crypto::ed25519_sign(KEYS, key, message).expect("the key was generated here").0
}

/// An account out of a number, without a key.
pub fn somebody(number: u32) -> AccountId32 {
    let mut bytes = [11; 32];
    bytes[..4].copy_from_slice(&number.to_le_bytes());
    AccountId32::new(bytes)
}

pub fn full<S: Get<u32>>(byte: u8) -> BoundedVec<u8, S> {
    BoundedVec::truncate_from(vec![byte; S::get() as usize])
}

pub fn record(device: [u8; 32]) -> DeviceRecord {
    DeviceRecord { suite: SUITE, device, olm: [1; 32], fallback: [2; 32], sealing: full(3) }
}

pub fn start<T: Config>(block: u32) {
    frame_system::Pallet::<T>::set_block_number(block.into());
    WorkDifficulty::<T>::put(0);
}

/// A device with signatures that nobody looks at any more.
pub fn stored(device: &AccountId32) -> StoredDevice {
    StoredDevice {
        record: record(*AsRef::<[u8; 32]>::as_ref(device)),
        expires: EXPIRES,
        added: 1,
        possession: [4; 64],
        certificate: MultiSignature::Sr25519(sr25519::Signature::from_raw([5; 64])),
    }
}

/// A registered account with `devices` devices; the first of them.
pub fn member<T: Config>(number: u32, devices: u32) -> (AccountId32, AccountId32) {
    let (account, device) = (somebody(number), |nth| somebody(1_000_000 + number * 10 + nth));
    Pallet::<T>::do_register(&account, stored(&device(0))).expect("the account is new");
    for nth in 1..devices {
        Pallet::<T>::do_add_device(&account, stored(&device(nth))).expect("there is room");
    }
    (account, device(0))
}

/// What the `nth` of an inbox's eight senders put into it; ids start at 1.
fn waiting(nth: u32, expires: u32) -> Waiting {
    Waiting { id: u64::from(nth) + 1, sender: somebody(3_000_000 + nth % 8), since: 1, expires }
}

/// A full inbox of eight senders, in the order in which they took turns. The first `gone` signals
/// expire at `end`, the others later. Without a deadline.
pub fn fill_inbox<T: Config>(device: &AccountId32, held: u32, gone: u32, end: u32) {
    let entries: Vec<_> = (0..held).map(|nth| waiting(nth, end + u32::from(nth >= gone))).collect();
    for Waiting { id, sender, expires, .. } in &entries {
        let signal = Signal {
            id: *id,
            from: somebody(2_000_000),
            sender: sender.clone(),
            kind: SignalKind::Offer,
            payload: full(6),
            at: 10,
            expires: *expires,
        };
        Signals::<T>::insert(device, id, signal);
    }
    if !entries.is_empty() {
        Inboxes::<T>::insert(device, Inbox::truncate_from(entries));
    }
    NextSignal::<T>::put(u64::from(MAX_INBOX) + 1);
}

/// The same with all signals and the deadline.
pub fn fill_inbox_for_now<T: Config>(device: &AccountId32, held: u32) {
    let end = Pallet::<T>::now() + T::SignalLifetime::get();
    fill_inbox::<T>(device, held, 0, end);
    if held > 0 {
        Pallet::<T>::schedule(Expiry::Signals(device.clone()), end);
    }
}

/// Full notices of eight senders; all but the last expire at `end`. Without a deadline.
pub fn fill_notices<T: Config>(account: &AccountId32, end: u32) {
    let notice = |nth| {
        let Waiting { id, sender, since, .. } = waiting(nth, end);
        let expires = end + u32::from(nth + 1 == MAX_INBOX);
        Notice { id, from: somebody(2_000_000), sender, since, cid: full(7), at: 10, expires }
    };
    let entries: Vec<_> = (0..MAX_INBOX).map(notice).collect();
    Notices::<T>::insert(account, NoticeList::truncate_from(entries));
    NextSignal::<T>::put(u64::from(MAX_INBOX) + 1);
}

/// Everything that an account can have apart from devices and a block list.
pub fn furnish<T: Config>(account: &AccountId32) {
    let end = Pallet::<T>::now() + T::NoticeLifetime::get();
    fill_notices::<T>(account, end);
    Pallet::<T>::schedule(Expiry::Notices(account.clone()), end);
    Pallet::<T>::do_heartbeat(account);
    Pallet::<T>::do_set_profile(account.clone(), full(1));
    Pallet::<T>::do_set_backup(account.clone(), full(1), 1, [0; 32]);
}

/// Everything that a device can have: so many signals among it.
pub fn furnish_device<T: Config>(device: &AccountId32, signals: u32) {
    fill_inbox_for_now::<T>(device, signals);
    PeerInfo::<T>::insert(device, PeerInfoBytes::truncate_from(vec![1; 128]));
}

/// An account without a device.
pub fn bare<T: Config>(number: u32) -> AccountId32 {
    let (account, device) = member::<T>(number, 1);
    Pallet::<T>::do_revoke_device(&account, &device);
    account
}

pub fn block_many<T: Config>(account: &AccountId32, many: u32) {
    for nth in 0..many {
        Pallet::<T>::do_block(account.clone(), somebody(4_000_000 + nth));
    }
}

/// Account, record and proofs that are good, wrapped as a wallet does.
pub fn proofs<T: Config>() -> (AccountId32, DeviceRecord, [u8; 64], MultiSignature) {
    let (key, device, genesis) = (account_key(1), device_key(2), Pallet::<T>::genesis());
    let (account, record) = (AccountId32::from(key), record(device.0));
    let message = proof::possession_statement(&genesis, &account, &record, EXPIRES);
    let possession = sign(&device, &message);
    let statement = proof::device_statement(&genesis, &account, &record, EXPIRES);
    let certificate = sp_io::crypto::sr25519_sign(KEYS, &key, &proof::wrapped(&statement))
        .expect("the key was generated here");
    (account, record, possession, MultiSignature::Sr25519(certificate))
}

/// The id of a group and its first authority.
pub fn group<T: Config>() -> ([u8; 32], ed25519::Public) {
    let authority = device_key(1);
    (proof::group_id(&Pallet::<T>::genesis(), &authority.0), authority)
}
