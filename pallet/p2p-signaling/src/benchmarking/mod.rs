//! Benchmarks of every call, of every decision to let one in, and of each kind of step of the sweep.
//!
//! A call without a fee is measured together with the question whether it is one, because that
//! question makes all of the call's checks once more. The account is awake: what it costs to wake
//! one is measured by itself.

mod setup;

use crate::{activity::BLOCKS_A_STEP, pallet::*, proof, types::*, weights::WeightInfo};
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
    dispatch::CheckIfFeeless, storage::unhashed, traits::UnfilteredDispatchable,
    weights::WeightMeter,
};
use frame_system::RawOrigin;
use setup::*;
use sp_runtime::AccountId32;

/// The call as a transaction makes it: first the question, then the call.
fn make<T: Config>(who: &AccountId32, call: Call<T>) {
    let origin: T::RuntimeOrigin = RawOrigin::Signed(who.clone()).into();
    assert!(call.is_feeless(&origin));
    assert!(call.dispatch_bypass_filter(origin).is_ok());
}

/// The step of the sweep to `item`, which is scheduled; returns whether it is scheduled again.
fn sweep_to<T: Config>(item: Expiry) -> bool {
    let slot = Scheduled::<T>::get(&item).expect("it was scheduled");
    Pallet::<T>::end(slot, item.clone());
    Scheduled::<T>::contains_key(item)
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
    fn revoke_device(s: Linear<0, { MAX_INBOX }>) {
        start::<T>(10);
        let (account, device) = member::<T>(1, MAX_DEVICES);
        furnish_device::<T>(&device, s);
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
    fn deregister(b: Linear<0, { MAX_BLOCKED }>, d: Linear<0, { MAX_DEVICES }>) {
        start::<T>(10);
        let account = if d == 0 { bare::<T>(1) } else { member::<T>(1, d).0 };
        for stored in Devices::<T>::get(&account) {
            furnish_device::<T>(&AccountId32::new(stored.record.device), MAX_INBOX);
        }
        furnish::<T>(&account);
        block_many::<T>(&account, b);
        let call = Call::<T>::deregister {};

        #[block]
        {
            make::<T>(&account, call);
        }

        assert!(!Accounts::<T>::contains_key(account));
        assert_eq!(Blocks::<T>::iter().count() + Signals::<T>::iter().count(), 0);
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
        // One has to make room, and a deadline has to be set: more than happens at once.
        fill_inbox::<T>(&to, MAX_INBOX, 0, 100);
        let (kind, payload) = (SignalKind::Offer, full(8));
        let call = Call::<T>::send_signaling { to: to.clone(), kind, payload };

        #[block]
        {
            make::<T>(&from, call);
        }

        assert_eq!(Inboxes::<T>::get(to)[0].id, 2);
    }

    #[benchmark]
    fn clear_signaling(s: Linear<0, { MAX_INBOX }>) {
        start::<T>(10);
        let (_, device) = member::<T>(1, 1);
        fill_inbox_for_now::<T>(&device, MAX_INBOX);
        let call = Call::<T>::clear_signaling { up_to: s.into() };

        #[block]
        {
            make::<T>(&device, call);
        }

        assert_eq!(Inboxes::<T>::get(device).len() as u32, MAX_INBOX - s);
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
        // As for a signal.
        fill_notices::<T>(&to, 100);
        let call = Call::<T>::notify_offline_message { to: to.clone(), cid: full(8) };

        #[block]
        {
            make::<T>(&from, call);
        }

        assert_eq!(Notices::<T>::get(to)[0].id, 2);
    }

    #[benchmark]
    fn clear_notifications() {
        start::<T>(10);
        let (account, device) = member::<T>(1, 1);
        furnish::<T>(&account);
        let call = Call::<T>::clear_notifications { up_to: 1 };

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
        // One was removed: its sequence is looked for, and forgotten.
        Pallet::<T>::do_set_backup(account.clone(), full(1), 1, [0; 32]);
        Pallet::<T>::do_clear_backup(account.clone());
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
    fn renew() {
        start::<T>(10);
        let (account, device) = member::<T>(1, MAX_DEVICES);
        start::<T>(1_000);
        let call = Call::<T>::renew {};

        #[block]
        {
            make::<T>(&device, call);
        }

        assert_eq!(Pallet::<T>::active(account), Some(1_000));
    }

    #[benchmark]
    fn wake(d: Linear<0, { MAX_DEVICES }>) {
        start::<T>(10);
        let account = if d == 0 { bare::<T>(1) } else { member::<T>(1, d).0 };
        let dormant = Pallet::<T>::dormant_from(10);
        start::<T>(dormant);
        // Now it is due a year after its last call, and then sooner.
        sweep_to::<T>(Expiry::Account(account.clone()));

        #[block]
        {
            Pallet::<T>::wake(&account, dormant);
        }

        let slot = Scheduled::<T>::get(Expiry::Account(account.clone()));
        assert_eq!(slot.map(|slot| slot.block), Some(Pallet::<T>::dormant_from(dormant)));
        for stored in Devices::<T>::get(account) {
            let key = statement_allowance_key(&AccountId32::new(stored.record.device));
            assert!(unhashed::exists(&key));
        }
    }

    #[benchmark]
    fn set_work_difficulty() {
        #[extrinsic_call]
        _(RawOrigin::Root, MAX_WORK_DIFFICULTY);

        assert_eq!(WorkDifficulty::<T>::get(), MAX_WORK_DIFFICULTY);
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

    /// Nothing fits but a look at what would be next.
    #[benchmark]
    fn sweep() {
        start::<T>(10);
        let item = Expiry::SpentProof(somebody(1));
        SpentProofs::<T>::insert(somebody(1), 20);
        Pallet::<T>::schedule(item.clone(), 20);
        start::<T>(20);
        DeadlineCursor::<T>::put(DeadlineSlot { block: 20, index: 0 });
        let mut meter = WeightMeter::with_limit(T::WeightInfo::sweep());

        #[block]
        {
            Pallet::<T>::sweep(20, 1, &mut meter);
        }

        assert!(Scheduled::<T>::contains_key(item));
    }

    #[benchmark]
    fn sweep_gap() {
        start::<T>(10);
        let mut meter = WeightMeter::new();
        let fits;

        #[block]
        {
            fits = Pallet::<T>::step(DeadlineSlot { block: 10, index: 0 }, &mut meter);
        }

        assert!(fits);
    }

    #[benchmark]
    fn sweep_block() {
        start::<T>(10);
        DeadlineCount::<T>::insert(10, 7);
        DeadlineCount::<T>::insert(11, 8);
        let count;

        #[block]
        {
            count = Pallet::<T>::leave_block(10);
        }

        assert_eq!(count, 8);
        assert!(!DeadlineCount::<T>::contains_key(10));
    }

    /// It was renewed: that costs more than to end it.
    #[benchmark]
    fn expire_presence() {
        start::<T>(10);
        let (account, _) = member::<T>(1, 1);
        Pallet::<T>::do_heartbeat(&account);
        start::<T>(11);
        Pallet::<T>::do_heartbeat(&account);
        start::<T>(Pallet::<T>::silent_from(10));
        let again;

        #[block]
        {
            again = sweep_to::<T>(Expiry::Presence(account));
        }

        assert!(again);
    }

    #[benchmark]
    fn expire_signals(s: Linear<0, { MAX_INBOX }>) {
        start::<T>(10);
        let (_, device) = member::<T>(1, 1);
        fill_inbox::<T>(&device, MAX_INBOX, s, 20);
        Pallet::<T>::schedule(Expiry::Signals(device.clone()), 20);
        start::<T>(20);
        let again;

        #[block]
        {
            again = sweep_to::<T>(Expiry::Signals(device.clone()));
        }

        assert_eq!(again, s < MAX_INBOX);
        assert_eq!(Signals::<T>::iter().count() as u32, MAX_INBOX - s);
    }

    #[benchmark]
    fn expire_notices() {
        start::<T>(10);
        let (account, _) = member::<T>(1, 1);
        fill_notices::<T>(&account, 20);
        Pallet::<T>::schedule(Expiry::Notices(account.clone()), 20);
        start::<T>(20);
        let again;

        #[block]
        {
            again = sweep_to::<T>(Expiry::Notices(account.clone()));
        }

        assert!(again);
        assert_eq!(Notices::<T>::get(account).len(), 1);
    }

    #[benchmark]
    fn expire_mark() {
        start::<T>(10);
        ClosedGroups::<T>::insert([1; 32], 20);
        Pallet::<T>::schedule(Expiry::ClosedGroup([1; 32]), 20);
        start::<T>(20);

        #[block]
        {
            sweep_to::<T>(Expiry::ClosedGroup([1; 32]));
        }

        assert!(!ClosedGroups::<T>::contains_key([1; 32]));
    }

    /// It was renewed: that costs more than to end it.
    #[benchmark]
    fn expire_group() {
        start::<T>(10);
        Pallet::<T>::do_register_group([1; 32], [2; 32]);
        start::<T>(11);
        Pallet::<T>::do_commit([1; 32], 1, [3; 32], [4; 32]);
        start::<T>(Pallet::<T>::group_end(10));
        let again;

        #[block]
        {
            again = sweep_to::<T>(Expiry::Group([1; 32]));
        }

        assert!(again);
    }

    #[benchmark]
    fn expire_account() {
        start::<T>(10);
        let (account, _) = member::<T>(1, MAX_DEVICES);
        start::<T>(100);
        Pallet::<T>::charge(&account);
        start::<T>(Pallet::<T>::dormant_from(10));
        let again;

        #[block]
        {
            again = sweep_to::<T>(Expiry::Account(account));
        }

        assert!(again);
    }

    #[benchmark]
    fn expire_statements(d: Linear<0, { MAX_DEVICES }>) {
        start::<T>(10);
        let account = if d == 0 { bare::<T>(1) } else { member::<T>(1, d).0 };
        start::<T>(Pallet::<T>::dormant_from(10));
        let again;

        #[block]
        {
            again = sweep_to::<T>(Expiry::Account(account.clone()));
        }

        assert!(again);
        for stored in Devices::<T>::get(account) {
            let key = statement_allowance_key(&AccountId32::new(stored.record.device));
            assert!(!unhashed::exists(&key));
        }
    }

    #[benchmark]
    fn expire_device(s: Linear<0, { MAX_INBOX }>) {
        start::<T>(10);
        let (account, device) = member::<T>(1, MAX_DEVICES);
        start::<T>(Pallet::<T>::gone_from(10));
        furnish_device::<T>(&device, s);
        let again;

        #[block]
        {
            again = sweep_to::<T>(Expiry::Account(account));
        }

        assert!(again);
        assert!(!DeviceOwner::<T>::contains_key(device));
        assert_eq!(Signals::<T>::iter().count(), 0);
    }

    #[benchmark]
    fn expire_blocks(b: Linear<1, { BLOCKS_A_STEP }>) {
        start::<T>(10);
        let account = bare::<T>(1);
        // The last of them with the count, or some of very many.
        block_many::<T>(&account, b);
        start::<T>(Pallet::<T>::gone_from(10));
        let again;

        #[block]
        {
            again = sweep_to::<T>(Expiry::Account(account.clone()));
        }

        assert!(again);
        assert_eq!(BlockCount::<T>::get(account), 0);
    }

    #[benchmark]
    fn expire_rest() {
        start::<T>(10);
        let account = bare::<T>(1);
        furnish::<T>(&account);
        start::<T>(Pallet::<T>::gone_from(10));
        let again;

        #[block]
        {
            again = sweep_to::<T>(Expiry::Account(account.clone()));
        }

        assert!(!again);
        assert!(!Accounts::<T>::contains_key(account));
    }

    impl_benchmark_test_suite!(
        Pallet,
        crate::mock::ExtBuilder::default().build_with_keys(),
        crate::mock::Test
    );
}
