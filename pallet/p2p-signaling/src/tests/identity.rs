use super::authorized;
use crate::{mock::*, types::*, *};
use frame_support::{assert_noop, assert_ok, storage::unhashed};
use sp_core::Pair;

fn statements(device: &Account) -> Option<(u32, u32)> {
    unhashed::get(&statement_allowance_key(device))
}

#[test]
fn an_account_without_money_joins() {
    ExtBuilder::default().execute(|| {
        let alice = Person::new(1);
        let proof = Proof::new(&alice.key, &alice.device_key, 601);
        assert_ok!(outcome(apply_general(proof.clone().register())));
        let info = AccountInfo { since: 1, revision: 1, spent_proof: 601 };
        assert_eq!(Signaling::account(alice.account()), Some(info));
        assert_eq!(
            Signaling::devices(alice.account()),
            vec![StoredDevice {
                record: proof.record,
                expires: 601,
                added: 1,
                possession: proof.possession,
                certificate: proof.certificate,
            }]
        );
        assert_eq!(Signaling::owner(alice.device()), Some(alice.account()));
        assert_eq!(statements(&alice.device()), Some((64, 65_536)));
        assert_eq!(System::sufficients(&alice.account()), 1);
        assert_eq!(System::sufficients(&alice.device()), 1);
        assert_eq!(
            events(),
            vec![
                Event::AccountRegistered { account: alice.account() },
                Event::DeviceAdded { account: alice.account(), device: alice.device() },
            ]
        );
    });
}

#[test]
fn the_statement_allowance_is_where_the_statement_store_looks() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        let mut key = b":statement_allowance:".to_vec();
        key.extend_from_slice(&alice.device_key.public().0);
        // SCALE of { max_count: 64, max_size: 65536 }.
        assert_eq!(sp_io::storage::get(&key).as_deref(), Some(&[64, 0, 0, 0, 0, 0, 1, 0][..]));
        assert_ok!(Signaling::revoke_device(alice.as_account(), alice.device()));
        assert_eq!(sp_io::storage::get(&key), None);
    });
}

#[test]
fn cannot_register_with_a_signed_or_no_origin() {
    ExtBuilder::default().execute(|| {
        let alice = Person::new(1);
        let Proof { account, record, expires, possession, certificate, work } =
            Proof::new(&alice.key, &alice.device_key, 601);
        for origin in [alice.as_account(), RuntimeOrigin::none(), RuntimeOrigin::root()] {
            assert_noop!(
                Signaling::register(
                    origin,
                    account.clone(),
                    record.clone(),
                    expires,
                    possession,
                    certificate.clone(),
                    work
                ),
                sp_runtime::DispatchError::BadOrigin
            );
        }
    });
}

#[test]
fn the_call_itself_checks_what_may_have_changed() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        let bob = Person::joined(2);
        let register = |key: &Key, device, expires| {
            let p = Proof::new(key, device, expires);
            Signaling::register(
                authorized(),
                p.account,
                p.record,
                p.expires,
                p.possession,
                p.certificate,
                p.work,
            )
        };
        let add = |key: &Key, device, expires| {
            let p = Proof::new(key, device, expires);
            Signaling::add_device(
                authorized(),
                p.account,
                p.record,
                p.expires,
                p.possession,
                p.certificate,
                p.work,
            )
        };
        let new = pair(77);
        assert_noop!(register(&alice.key, &new, 9), Error::<Test>::AlreadyRegistered);
        assert_noop!(register(&ed(3), &bob.device_key, 9), Error::<Test>::DeviceTaken);
        assert_noop!(register(&ed(3), &new, 1), Error::<Test>::StaleProof);
        assert_noop!(register(&ed(3), &new, 602), Error::<Test>::ProofTooLong);
        assert_noop!(add(&ed(3), &new, 9), Error::<Test>::NotRegistered);
        assert_noop!(add(&alice.key, &new, 2), Error::<Test>::StaleProof);
        assert_noop!(add(&alice.key, &bob.device_key, 9), Error::<Test>::DeviceTaken);
    });
}

#[test]
fn a_key_cannot_be_an_account_and_a_device() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        let bob = Person::new(2);
        let refused = |proof: Proof| {
            Signaling::check_registration(&proof.account, &proof.record, proof.expires)
        };
        // The account's own key as its device.
        let own = Proof::new(&ed(3), &pair(3), 9);
        assert_eq!(refused(own), Err(Error::KeyHasOtherRole));
        // Somebody's account as a device.
        let account = Proof::new(&bob.key, &pair(1), 9);
        assert_eq!(refused(account.clone()), Err(Error::KeyHasOtherRole));
        // Somebody's device as an account.
        let device = Proof::new(&Key::Ed(alice.device_key), &pair(50), 9);
        assert_eq!(refused(device), Err(Error::KeyHasOtherRole));
        assert!(validate(account.register()).is_err());
    });
}

#[test]
fn cannot_have_more_devices_than_eight() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        for seed in 1..8 {
            assert_ok!(outcome(alice.add(&pair(100 + seed))));
        }
        assert!(alice.add(&pair(108)).is_err());
        let proof = Proof::new(&alice.key, &pair(108), 600);
        assert_eq!(
            Signaling::check_addition(&proof.account, &proof.record, 600),
            Err(Error::TooManyDevices)
        );
        assert_eq!(Signaling::account(alice.account()).map(|info| info.revision), Some(8));
    });
}

#[test]
fn a_device_revokes_itself_and_the_account_any() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        let second = pair(100);
        assert_ok!(outcome(alice.add(&second)));
        assert_noop!(
            Signaling::revoke_device(alice.as_device(), id(&second)),
            Error::<Test>::NotTheAccount
        );
        assert_ok!(Signaling::revoke_device(RuntimeOrigin::signed(id(&second)), id(&second)));
        assert_ok!(Signaling::revoke_device(alice.as_account(), alice.device()));
        assert_eq!(Signaling::devices(alice.account()), vec![]);
        assert_eq!(Signaling::account(alice.account()).map(|info| info.revision), Some(4));
        assert_eq!(System::sufficients(&alice.device()), 0);
        // It has no device and is still an account: it may have one again.
        assert_ok!(outcome(alice.add(&second)));
    });
}

#[test]
fn cannot_revoke_anothers_device() {
    ExtBuilder::default().execute(|| {
        let (alice, bob) = (Person::joined(1), Person::joined(2));
        for origin in [bob.as_account(), bob.as_device()] {
            assert_noop!(
                Signaling::revoke_device(origin, alice.device()),
                Error::<Test>::UnknownDevice
            );
        }
        let stranger = RuntimeOrigin::signed(Person::new(3).account());
        assert_noop!(
            Signaling::revoke_device(stranger, alice.device()),
            Error::<Test>::NotRegistered
        );
    });
}

#[test]
fn revoked_device_cannot_act() {
    ExtBuilder::default().execute(|| {
        let (alice, bob) = (Person::joined(1), Person::joined(2));
        assert_ok!(bob.signal(&alice.device()));
        assert_ok!(Signaling::register_peer_info(
            alice.as_device(),
            vec![1].try_into().expect("short")
        ));
        assert_ok!(Signaling::revoke_device(alice.as_account(), alice.device()));
        assert_noop!(alice.signal(&bob.device()), Error::<Test>::NotRegistered);
        assert_noop!(Signaling::heartbeat(alice.as_device()), Error::<Test>::NotRegistered);
        assert!(apply_signed(&alice.device(), crate::Call::heartbeat {}).is_err());
        // Nor can it be reached, and nothing of it stays.
        assert_noop!(bob.signal(&alice.device()), Error::<Test>::UnknownReceiver);
        assert!(!Inboxes::<Test>::contains_key(alice.device()));
        assert_eq!(Signals::<Test>::iter().count(), 0);
        assert_eq!(Signaling::peer_info(alice.device()), Vec::<u8>::new());
    });
}

#[test]
fn leaving_removes_everything() {
    ExtBuilder::default().execute(|| {
        let (alice, bob) = (Person::joined(1), Person::joined(2));
        let second = pair(100);
        assert_ok!(outcome(alice.add(&second)));
        assert_ok!(Signaling::heartbeat(alice.as_device()));
        assert_ok!(Signaling::set_profile(alice.as_device(), vec![1].try_into().expect("short")));
        assert_ok!(Signaling::register_peer_info(
            alice.as_device(),
            vec![1].try_into().expect("short")
        ));
        assert_ok!(Signaling::block_user(alice.as_device(), bob.account()));
        assert_ok!(Signaling::unblock_user(alice.as_device(), bob.account()));
        let carol = Person::joined(3).account();
        assert_ok!(Signaling::block_user(alice.as_device(), carol));
        assert_ok!(Signaling::set_chat_backup(alice.as_device(), cid(), 1, [0; 32]));
        assert_ok!(bob.signal(&alice.device()));
        assert_ok!(bob.notify(&alice.account()));
        events();
        assert_noop!(Signaling::deregister(alice.as_device()), Error::<Test>::NotTheAccount);
        assert_ok!(Signaling::deregister(alice.as_account()));
        let account = alice.account();
        assert_eq!(
            events(),
            vec![
                Event::UserOffline { account: account.clone() },
                Event::DeviceRevoked { account: account.clone(), device: alice.device() },
                Event::DeviceRevoked { account: account.clone(), device: id(&second) },
                Event::AccountDeregistered { account: account.clone() },
            ]
        );
        assert_eq!(Signaling::account(account.clone()), None);
        assert_eq!(Signaling::profile(account.clone()), Vec::<u8>::new());
        assert_eq!(Signaling::presence(account.clone()), (false, None));
        assert_eq!(Signaling::notices(account.clone()), vec![]);
        assert_eq!(Signaling::blocked(account.clone()), vec![]);
        assert_eq!(Signaling::backup(account.clone()), None);
        assert_eq!(Signaling::allowance(account.clone()), 0);
        assert_eq!(System::sufficients(&account), 0);
        // Only the mark that keeps the last proof from being used again is left.
        assert_eq!(pending().len(), 1);
        assert!(SpentProofs::<Test>::contains_key(&account));
        run_to(10);
        assert!(!SpentProofs::<Test>::contains_key(&account));
    });
}

#[test]
fn leaving_costs_what_there_is_to_remove() {
    use crate::weights::WeightInfo;
    use frame_support::dispatch::GetDispatchInfo;
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        assert_ok!(outcome(alice.add(&pair(100))));
        for seed in 50..53 {
            let other = Person::joined(seed).account();
            assert_ok!(Signaling::block_user(alice.as_device(), other));
        }
        let call = crate::Call::<Test>::deregister {};
        let announced = call.get_dispatch_info().call_weight;
        let done = outcome(apply_signed(&alice.account(), call)).expect("it may leave");
        assert_eq!(announced, <() as WeightInfo>::deregister(MAX_BLOCKED, MAX_DEVICES));
        // What the extensions cost is counted with it.
        let weight = <() as WeightInfo>::deregister(3, 2);
        assert!(done.actual_weight.is_some_and(|actual| actual.all_gte(weight)));
        assert!(done.actual_weight.is_some_and(|actual| actual.all_lt(announced)));
    });
}

#[test]
fn root_sets_the_work_and_nobody_else_can() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        assert_ok!(Signaling::set_work_difficulty(RuntimeOrigin::root(), 9));
        assert_eq!(events().last(), Some(&Event::WorkDifficultySet { difficulty: 9 }));
        assert_eq!(Signaling::work(), (9, 600));
        assert_ok!(Signaling::set_work_difficulty(RuntimeOrigin::root(), MAX_WORK_DIFFICULTY));
        assert_noop!(
            Signaling::set_work_difficulty(RuntimeOrigin::root(), MAX_WORK_DIFFICULTY + 1),
            Error::<Test>::TooMuchWork
        );
        assert_noop!(
            Signaling::set_work_difficulty(alice.as_account(), 1),
            sp_runtime::DispatchError::BadOrigin
        );
    });
}

#[test]
fn a_profile_is_set_and_removed() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        let profile: Profile = vec![5; 512].try_into().expect("as long as it may be");
        assert_ok!(Signaling::set_profile(alice.as_account(), profile));
        assert_eq!(Signaling::profile(alice.account()), vec![5; 512]);
        assert_ok!(Signaling::set_profile(alice.as_device(), Default::default()));
        assert!(!Profiles::<Test>::contains_key(alice.account()));
        let stranger = Person::new(2);
        assert_noop!(
            Signaling::set_profile(stranger.as_account(), Default::default()),
            Error::<Test>::NotRegistered
        );
    });
}
