//! Benchmarks of every call, of every decision to let one in, and of the sweep.
//!
//! A call without a fee is measured together with the question whether it is one, because that
//! question makes all of the call's checks once more.

use crate::{pallet::*, proof, types::*};
use alloc::{format, vec, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::{
    dispatch::CheckIfFeeless,
    traits::{Get, Hooks, UnfilteredDispatchable},
    BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use sp_core::{crypto::KeyTypeId, ed25519, sr25519};
use sp_runtime::{AccountId32, MultiSignature};

const KEYS: KeyTypeId = KeyTypeId(*b"star");
const EXPIRES: u32 = 500;

fn seed(number: u32) -> Option<Vec<u8>> {
    Some(format!("//{number}").into_bytes())
}

fn device_key(number: u32) -> ed25519::Public {
    sp_io::crypto::ed25519_generate(KEYS, seed(number))
}

fn account_key(number: u32) -> sr25519::Public {
    sp_io::crypto::sr25519_generate(KEYS, seed(number))
}

fn sign(key: &ed25519::Public, message: &[u8]) -> [u8; 64] {
    sp_io::crypto::ed25519_sign(KEYS, key, message).expect("the key was generated here").0
}

/// An account out of a number, without a key.
fn somebody(number: u32) -> AccountId32 {
    let mut bytes = [11; 32];
    bytes[..4].copy_from_slice(&number.to_le_bytes());
    AccountId32::new(bytes)
}

fn full<S: Get<u32>>(byte: u8) -> BoundedVec<u8, S> {
    BoundedVec::truncate_from(vec![byte; S::get() as usize])
}

fn record(device: [u8; 32]) -> DeviceRecord {
    DeviceRecord { suite: SUITE, device, olm: [1; 32], fallback: [2; 32], sealing: full(3) }
}

fn start<T: Config>(block: u32) {
    frame_system::Pallet::<T>::set_block_number(block.into());
    WorkDifficulty::<T>::put(0);
}

/// A device with signatures that nobody looks at any more.
fn stored(device: &AccountId32) -> StoredDevice {
    StoredDevice {
        record: record(*AsRef::<[u8; 32]>::as_ref(device)),
        expires: EXPIRES,
        added: 1,
        possession: [4; 64],
        certificate: MultiSignature::Sr25519(sr25519::Signature::from_raw([5; 64])),
    }
}

/// A registered account with `devices` devices; the first of them.
fn member<T: Config>(number: u32, devices: u32) -> (AccountId32, AccountId32) {
    let (account, device) = (somebody(number), |nth| somebody(1_000_000 + number * 10 + nth));
    Pallet::<T>::do_register(&account, stored(&device(0))).expect("the account is new");
    for nth in 1..devices {
        Pallet::<T>::do_add_device(&account, stored(&device(nth))).expect("there is room");
    }
    (account, device(0))
}

/// A full inbox of eight senders, in the order in which they took turns.
fn fill_inbox<T: Config>(device: &AccountId32, at: u32) {
    let expires = at + T::SignalLifetime::get();
    let signal = |nth| Signal {
        id: u64::from(nth),
        from: somebody(2_000_000 + nth % 8),
        sender: somebody(3_000_000 + nth % 8),
        kind: SignalKind::Offer,
        payload: full(6),
        at,
        expires,
    };
    let waiting = |nth| Waiting {
        id: u64::from(nth),
        sender: somebody(3_000_000 + nth % 8),
        since: at,
        expires,
    };
    for nth in 0..MAX_INBOX {
        Signals::<T>::insert(device, u64::from(nth), signal(nth));
    }
    let entries: Vec<_> = (0..MAX_INBOX).map(waiting).collect();
    Inboxes::<T>::insert(device, Inbox::truncate_from(entries));
    NextSignal::<T>::put(u64::from(MAX_INBOX));
    Pallet::<T>::schedule(Expiry::Signals(device.clone()), expires);
}

/// Full notices of eight senders.
fn fill_notices<T: Config>(account: &AccountId32, at: u32) {
    let expires = at + T::NoticeLifetime::get();
    let notice = |nth| Notice {
        id: u64::from(nth),
        from: somebody(2_000_000 + nth % 8),
        sender: somebody(3_000_000 + nth % 8),
        since: at,
        cid: full(7),
        at,
        expires,
    };
    let entries: Vec<_> = (0..MAX_INBOX).map(notice).collect();
    Notices::<T>::insert(account, NoticeList::truncate_from(entries));
    NextSignal::<T>::put(u64::from(MAX_INBOX));
    Pallet::<T>::schedule(Expiry::Notices(account.clone()), expires);
}

fn block_many<T: Config>(account: &AccountId32, many: u32) {
    for nth in 0..many {
        Pallet::<T>::do_block(account.clone(), somebody(4_000_000 + nth));
    }
}

/// The call as a transaction makes it: first the question, then the call.
fn make<T: Config>(who: &AccountId32, call: Call<T>) {
    let origin: T::RuntimeOrigin = RawOrigin::Signed(who.clone()).into();
    assert!(call.is_feeless(&origin));
    assert!(call.dispatch_bypass_filter(origin).is_ok());
}

/// Account, record and proofs that are good, wrapped as a wallet does.
fn proofs<T: Config>() -> (AccountId32, DeviceRecord, [u8; 64], MultiSignature) {
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
fn group<T: Config>() -> ([u8; 32], ed25519::Public) {
    let authority = device_key(1);
    (proof::group_id(&Pallet::<T>::genesis(), &authority.0), authority)
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn register() {
        start::<T>(10);
        let (account, device) = (somebody(1), somebody(2));
        // It was here before.
        SpentProofs::<T>::insert(&account, 400);
        Pallet::<T>::schedule(Expiry::SpentProof(account.clone()), 400);
        let StoredDevice { record, expires, possession, certificate, .. } = stored(&device);
        let origin = RawOrigin::Authorized;

        #[extrinsic_call]
        _(origin, account, record, expires, possession, certificate, 0);

        assert!(DeviceOwner::<T>::contains_key(device));
    }

    #[benchmark]
    fn add_device() {
        start::<T>(10);
        let (account, _) = member::<T>(1, MAX_DEVICES - 1);
        let device = somebody(2);
        let StoredDevice { record, possession, certificate, .. } = stored(&device);
        let origin = RawOrigin::Authorized;

        #[extrinsic_call]
        _(origin, account, record, EXPIRES + 1, possession, certificate, 0);

        assert!(DeviceOwner::<T>::contains_key(device));
    }

    #[benchmark]
    fn revoke_device() {
        start::<T>(10);
        let (account, device) = member::<T>(1, MAX_DEVICES);
        fill_inbox::<T>(&device, 10);
        PeerInfo::<T>::insert(&device, PeerInfoBytes::truncate_from(vec![1; 128]));
        let call = Call::<T>::revoke_device { device: device.clone() };

        #[block]
        {
            make::<T>(&account, call);
        }

        assert!(!DeviceOwner::<T>::contains_key(device));
    }

    #[benchmark]
    fn set_profile() {
        start::<T>(10);
        let (account, device) = member::<T>(1, MAX_DEVICES);
        let call = Call::<T>::set_profile { profile: full(1) };

        #[block]
        {
            make::<T>(&device, call);
        }

        assert!(Profiles::<T>::contains_key(account));
    }

    #[benchmark]
    fn deregister() {
        start::<T>(10);
        let (account, first) = member::<T>(1, MAX_DEVICES);
        for stored in Devices::<T>::get(&account) {
            let device = AccountId32::new(stored.record.device);
            fill_inbox::<T>(&device, 10);
            PeerInfo::<T>::insert(&device, PeerInfoBytes::truncate_from(vec![1; 128]));
        }
        fill_notices::<T>(&account, 10);
        block_many::<T>(&account, MAX_BLOCKED);
        Pallet::<T>::do_heartbeat(&account);
        Pallet::<T>::do_set_profile(account.clone(), full(1));
        Pallet::<T>::do_set_backup(account.clone(), full(1), 1, [0; 32]);
        Pallet::<T>::charge(&account);
        let call = Call::<T>::deregister {};

        #[block]
        {
            make::<T>(&account, call);
        }

        assert!(!DeviceOwner::<T>::contains_key(first));
        assert_eq!(Blocks::<T>::iter().count(), 0);
    }

    #[benchmark]
    fn heartbeat() {
        start::<T>(10);
        let (account, device) = member::<T>(1, MAX_DEVICES);
        let call = Call::<T>::heartbeat {};

        #[block]
        {
            make::<T>(&device, call);
        }

        assert!(Online::<T>::contains_key(account));
    }

    #[benchmark]
    fn go_offline() {
        start::<T>(10);
        let (account, device) = member::<T>(1, MAX_DEVICES);
        Pallet::<T>::do_heartbeat(&account);
        let call = Call::<T>::go_offline {};

        #[block]
        {
            make::<T>(&device, call);
        }

        assert!(!Online::<T>::contains_key(account));
    }

    #[benchmark]
    fn register_peer_info() {
        start::<T>(10);
        let (_, device) = member::<T>(1, MAX_DEVICES);
        let call = Call::<T>::register_peer_info { info: full(1) };

        #[block]
        {
            make::<T>(&device, call);
        }

        assert!(PeerInfo::<T>::contains_key(device));
    }

    #[benchmark]
    fn send_signaling() {
        start::<T>(10);
        let (_, from) = member::<T>(1, 1);
        let (receiver, to) = member::<T>(2, 1);
        block_many::<T>(&receiver, MAX_BLOCKED);
        fill_inbox::<T>(&to, 10);
        let (kind, payload) = (SignalKind::Offer, full(8));
        let call = Call::<T>::send_signaling { to: to.clone(), kind, payload };

        #[block]
        {
            make::<T>(&from, call);
        }

        assert_eq!(Inboxes::<T>::get(to)[0].id, 1);
    }

    #[benchmark]
    fn clear_signaling() {
        start::<T>(10);
        let (_, device) = member::<T>(1, 1);
        fill_inbox::<T>(&device, 10);
        // All but one, so that both are done: to read all and to write.
        let call = Call::<T>::clear_signaling { up_to: 0 };

        #[block]
        {
            make::<T>(&device, call);
        }

        assert_eq!(Inboxes::<T>::get(device).len(), MAX_INBOX as usize - 1);
    }

    #[benchmark]
    fn block_user() {
        start::<T>(10);
        let (account, device) = member::<T>(1, 1);
        block_many::<T>(&account, MAX_BLOCKED - 1);
        let (other, _) = member::<T>(9, 1);
        let call = Call::<T>::block_user { account: other };

        #[block]
        {
            make::<T>(&device, call);
        }

        assert_eq!(BlockCount::<T>::get(account), MAX_BLOCKED);
    }

    #[benchmark]
    fn unblock_user() {
        start::<T>(10);
        let (account, device) = member::<T>(1, 1);
        block_many::<T>(&account, MAX_BLOCKED);
        let call = Call::<T>::unblock_user { account: somebody(4_000_000) };

        #[block]
        {
            make::<T>(&device, call);
        }

        assert_eq!(BlockCount::<T>::get(account), MAX_BLOCKED - 1);
    }

    #[benchmark]
    fn notify_offline_message() {
        start::<T>(10);
        let (_, from) = member::<T>(1, 1);
        let (to, _) = member::<T>(2, 1);
        block_many::<T>(&to, MAX_BLOCKED);
        fill_notices::<T>(&to, 10);
        let call = Call::<T>::notify_offline_message { to: to.clone(), cid: full(8) };

        #[block]
        {
            make::<T>(&from, call);
        }

        assert_eq!(Notices::<T>::get(to)[0].id, 1);
    }

    #[benchmark]
    fn clear_notifications() {
        start::<T>(10);
        let (account, device) = member::<T>(1, 1);
        fill_notices::<T>(&account, 10);
        let call = Call::<T>::clear_notifications { up_to: 0 };

        #[block]
        {
            make::<T>(&device, call);
        }

        assert_eq!(Notices::<T>::get(account).len(), MAX_INBOX as usize - 1);
    }

    #[benchmark]
    fn register_group() {
        start::<T>(10);
        let (group, authority) = ([1; 32], [2; 32]);
        // It was closed, and the sweep is behind.
        ClosedGroups::<T>::insert(group, 9);
        Pallet::<T>::schedule(Expiry::ClosedGroup(group), 9);
        let origin = RawOrigin::Authorized;

        #[extrinsic_call]
        _(origin, group, authority, EXPIRES, [0; 64], 0);

        assert!(Groups::<T>::contains_key(group));
    }

    #[benchmark]
    fn commit_group_epoch() {
        start::<T>(10);
        let group = [1; 32];
        Pallet::<T>::do_register_group(group, [2; 32]);
        start::<T>(11);
        let origin = RawOrigin::Authorized;

        #[extrinsic_call]
        _(origin, group, 1, [3; 32], [4; 32], [0; 64], 0);

        assert_eq!(Groups::<T>::get(group).map(|head| head.epoch), Some(1));
    }

    #[benchmark]
    fn close_group() {
        start::<T>(10);
        let group = [1; 32];
        Pallet::<T>::do_register_group(group, [2; 32]);
        let origin = RawOrigin::Authorized;

        #[extrinsic_call]
        _(origin, group, [0; 64]);

        assert!(!Groups::<T>::contains_key(group));
    }

    #[benchmark]
    fn set_chat_backup() {
        start::<T>(10);
        let (account, device) = member::<T>(1, 1);
        Pallet::<T>::do_set_backup(account.clone(), full(1), 1, [0; 32]);
        let call = Call::<T>::set_chat_backup { cid: full(2), sequence: 2, digest: [0; 32] };

        #[block]
        {
            make::<T>(&device, call);
        }

        assert_eq!(Backups::<T>::get(account).map(|head| head.sequence), Some(2));
    }

    #[benchmark]
    fn clear_chat_backup() {
        start::<T>(10);
        let (account, device) = member::<T>(1, 1);
        Pallet::<T>::do_set_backup(account.clone(), full(1), 1, [0; 32]);
        let call = Call::<T>::clear_chat_backup {};

        #[block]
        {
            make::<T>(&device, call);
        }

        assert!(!Backups::<T>::contains_key(account));
    }

    #[benchmark]
    fn authorize_register() {
        start::<T>(10);
        let (account, record, possession, certificate) = proofs::<T>();
        SpentProofs::<T>::insert(&account, 400);
        let validity;

        #[block]
        {
            validity = Pallet::<T>::authorize_register(
                &account,
                &record,
                EXPIRES,
                &possession,
                &certificate,
                0,
            );
        }

        assert!(validity.is_ok());
    }

    #[benchmark]
    fn authorize_add_device() {
        start::<T>(10);
        let (account, record, possession, certificate) = proofs::<T>();
        let others: Vec<_> = (0..MAX_DEVICES - 1).map(|nth| stored(&somebody(nth))).collect();
        Devices::<T>::insert(&account, DeviceList::truncate_from(others));
        let info = AccountInfo { since: 1, revision: 1, spent_proof: 1 };
        Accounts::<T>::insert(&account, info);
        let validity;

        #[block]
        {
            validity = Pallet::<T>::authorize_add_device(
                &account,
                &record,
                EXPIRES,
                &possession,
                &certificate,
                0,
            );
        }

        assert!(validity.is_ok());
    }

    #[benchmark]
    fn authorize_register_group() {
        start::<T>(10);
        let (group, authority) = group::<T>();
        ClosedGroups::<T>::insert(group, 9);
        let genesis = Pallet::<T>::genesis();
        let message = proof::group_registration(&genesis, &group, &authority.0, EXPIRES);
        let signature = sign(&authority, &message);
        let validity;

        #[block]
        {
            validity =
                Pallet::<T>::authorize_register_group(&group, &authority.0, EXPIRES, &signature, 0);
        }

        assert!(validity.is_ok());
    }

    #[benchmark]
    fn authorize_commit_group_epoch() {
        start::<T>(10);
        let (group, authority) = group::<T>();
        Pallet::<T>::do_register_group(group, authority.0);
        start::<T>(11);
        let genesis = Pallet::<T>::genesis();
        let message = proof::group_commit(&genesis, &group, 1, &[3; 32], &[4; 32]);
        let signature = sign(&authority, &message);
        let validity;

        #[block]
        {
            validity = Pallet::<T>::authorize_commit(&group, 1, &[3; 32], &[4; 32], &signature, 0);
        }

        assert!(validity.is_ok());
    }

    #[benchmark]
    fn authorize_close_group() {
        start::<T>(10);
        let (group, authority) = group::<T>();
        Pallet::<T>::do_register_group(group, authority.0);
        let message = proof::group_close(&Pallet::<T>::genesis(), &group, 0);
        let signature = sign(&authority, &message);
        let validity;

        #[block]
        {
            validity = Pallet::<T>::authorize_close(&group, &signature);
        }

        assert!(validity.is_ok());
    }

    /// `n` steps, each of which finds a full inbox with one signal that lasts.
    #[benchmark]
    fn on_initialize(n: Linear<0, 200>) {
        start::<T>(10);
        for nth in 0..n {
            let device = somebody(nth);
            fill_inbox::<T>(&device, 10);
            Inboxes::<T>::mutate(&device, |entries| {
                if let Some(last) = entries.last_mut() {
                    last.expires += 1;
                }
            });
        }
        let due = 10 + T::SignalLifetime::get();
        DeadlineCursor::<T>::put(DeadlineSlot { block: due, index: 0 });
        start::<T>(due);
        let now: BlockNumberFor<T> = due.into();

        #[block]
        {
            Pallet::<T>::on_initialize(now);
        }

        let swept = n.min(T::ExpiriesPerBlock::get());
        let left = Deadlines::<T>::iter_prefix(due).count() as u32;
        assert_eq!(left, n - swept);
    }

    impl_benchmark_test_suite!(
        Pallet,
        crate::mock::ExtBuilder::default().build_with_keys(),
        crate::mock::Test
    );
}
