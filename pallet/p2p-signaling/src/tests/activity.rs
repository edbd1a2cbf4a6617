use crate::{mock::*, types::*, weights::WeightInfo, *};
use frame_support::{assert_noop, assert_ok, dispatch::GetDispatchInfo, storage::unhashed};

const STATEMENTS: u32 = 100;
const ACCOUNT: u32 = 400;

fn short_lives() -> ExtBuilder {
    ExtBuilder::default().silence(STATEMENTS, ACCOUNT)
}

fn may_publish(device: &Account) -> bool {
    unhashed::get(&statement_allowance_key(device)) == Some(STATEMENT_ALLOWANCE)
}

fn is_sound() {
    Signaling::do_try_state().expect("the storage is sound");
}

/// A person with `devices` devices, the first of them its own.
fn with_devices(seed: u32, devices: u32) -> Person {
    let person = Person::joined(seed);
    for nth in 1..devices {
        assert_ok!(outcome(person.add(&pair(seed * 100 + nth))));
    }
    person
}

#[test]
fn every_call_counts_as_activity() {
    ExtBuilder::default().execute(|| {
        let (alice, bob) = (Person::joined(1), Person::joined(2));
        assert_eq!(Signaling::active(alice.account()), Some(1));
        let calls: Vec<crate::Call<Test>> = vec![
            crate::Call::renew {},
            crate::Call::heartbeat {},
            crate::Call::go_offline {},
            crate::Call::set_profile { profile: Default::default() },
            crate::Call::clear_signaling { up_to: 0 },
            crate::Call::block_user { account: bob.account() },
        ];
        for (nth, call) in calls.into_iter().enumerate() {
            let block = 100 * (nth as u32 + 1);
            jump_to(block);
            assert_ok!(outcome(apply_signed(&alice.device(), call)));
            assert_eq!(Signaling::active(alice.account()), Some(block));
        }
        // What is always free, and what the account did not sign itself.
        jump_to(1_000);
        let second = pair(100);
        assert_ok!(outcome(alice.add(&second)));
        assert_eq!(Signaling::active(alice.account()), Some(1_000));
        jump_to(2_000);
        let revoke = crate::Call::revoke_device { device: id(&second) };
        assert_ok!(outcome(apply_signed(&alice.account(), revoke)));
        assert_eq!(Signaling::active(alice.account()), Some(2_000));
        assert_eq!(Signaling::active(bob.account()), Some(1), "what others do does not count");
    });
}

#[test]
fn activity_is_exact_to_the_interval_of_refills() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        for block in 2..20 {
            run_to(block);
            for _ in 0..9 {
                assert_ok!(Signaling::renew(alice.as_device()));
            }
            let active = Signaling::active(alice.account()).expect("it is registered");
            assert!((block - 1..=block).contains(&active));
        }
    });
}

#[test]
fn cannot_renew_without_being_registered() {
    ExtBuilder::default().execute(|| {
        let stranger = Person::new(1);
        assert_noop!(Signaling::renew(stranger.as_account()), Error::<Test>::NotRegistered);
        assert_noop!(Signaling::renew(RuntimeOrigin::none()), sp_runtime::DispatchError::BadOrigin);
    });
}

#[test]
fn a_silent_account_cannot_publish_until_its_next_call() {
    short_lives().execute(|| {
        let (alice, bob) = (with_devices(1, 3), Person::joined(2));
        let second = id(&pair(101));
        run_to(50);
        assert_ok!(Signaling::renew(bob.as_device()));
        run_to(STATEMENTS);
        assert!(may_publish(&alice.device()));
        run_to(STATEMENTS + 1);
        assert!(!may_publish(&alice.device()) && !may_publish(&second));
        assert!(may_publish(&bob.device()));
        is_sound();
        // Any of its devices wakes all of them.
        run_to(300);
        assert_ok!(Signaling::heartbeat(RuntimeOrigin::signed(second.clone())));
        assert!(may_publish(&alice.device()) && may_publish(&second));
        is_sound();
        // And from here on it counts anew.
        run_to(299 + STATEMENTS);
        assert!(may_publish(&alice.device()));
        run_to(300 + STATEMENTS);
        assert!(!may_publish(&alice.device()));
        // A further device wakes the others too.
        assert_ok!(outcome(alice.add(&pair(110))));
        assert!(may_publish(&alice.device()) && may_publish(&id(&pair(110))));
        is_sound();
    });
}

#[test]
fn a_call_that_wakes_its_account_costs_more() {
    short_lives().execute(|| {
        let alice = with_devices(1, 3);
        let announced = crate::Call::<Test>::renew {}.get_dispatch_info().call_weight;
        let cost = || {
            let done = Signaling::renew(alice.as_device()).expect("it is registered");
            done.actual_weight.expect("it tells")
        };
        let (plain, wake) = (<() as WeightInfo>::renew(), <() as WeightInfo>::wake);
        assert_eq!(announced, plain + wake(MAX_DEVICES));
        assert_eq!(cost(), plain);
        run_to(300);
        assert_eq!(cost(), plain + wake(3));
        assert_eq!(cost(), plain);
    });
}

#[test]
fn an_account_without_a_call_is_removed_in_steps() {
    short_lives().execute(|| {
        let (alice, bob) = (with_devices(1, 3), Person::joined(2));
        let blocked = Person::joined(3).account();
        assert_ok!(Signaling::heartbeat(alice.as_device()));
        assert_ok!(Signaling::set_profile(
            alice.as_device(),
            vec![1; 512].try_into().expect("fits")
        ));
        assert_ok!(Signaling::set_chat_backup(alice.as_device(), cid(), 1, [0; 32]));
        assert_ok!(Signaling::block_user(alice.as_device(), blocked.clone()));
        for block in (50..ACCOUNT).step_by(50) {
            run_to(block);
            assert_ok!(Signaling::renew(bob.as_device()));
        }
        run_to(ACCOUNT);
        assert_eq!(Signaling::devices(alice.account()).len(), 3);
        // Others may write to it up to the end.
        assert_ok!(bob.signal(&alice.device()));
        assert_ok!(bob.notify(&alice.account()));
        for (block, devices) in [(ACCOUNT + 1, 2), (ACCOUNT + 2, 1), (ACCOUNT + 3, 0)] {
            run_to(block);
            assert_eq!(Signaling::devices(alice.account()).len(), devices);
            is_sound();
        }
        assert_noop!(Signaling::renew(alice.as_device()), Error::<Test>::NotRegistered);
        assert_eq!(Signals::<Test>::iter().count(), 0);
        // Its block list.
        assert!(Signaling::is_blocked(blocked.clone(), alice.account()));
        run_to(ACCOUNT + 4);
        assert!(!Signaling::is_blocked(blocked.clone(), alice.account()));
        assert!(Signaling::account(alice.account()).is_some());
        events();
        run_to(ACCOUNT + 5);
        let account = alice.account();
        assert_eq!(events(), vec![Event::AccountDeregistered { account: account.clone() }]);
        assert_eq!(Signaling::account(account.clone()), None);
        assert_eq!(Signaling::profile(account.clone()), Vec::<u8>::new());
        assert_eq!(Signaling::backup(account.clone()), None);
        assert_eq!(Signaling::notices(account.clone()), vec![]);
        assert_eq!(Signaling::active(account.clone()), None);
        assert!(!System::account_exists(&account));
        assert!(Signaling::account(bob.account()).is_some());
        // Nothing of it stands in the queue, and it may come again.
        let of_alice = Expiry::Account(alice.account());
        assert!(!Scheduled::<Test>::contains_key(of_alice));
        assert!(pending().is_empty());
        alice.join();
    });
}

#[test]
fn a_long_block_list_goes_in_parts() {
    short_lives().execute(|| {
        let alice = Person::joined(1);
        for seed in 0..BLOCKED {
            let account = Person::new(1_000 + seed).account();
            Signaling::do_block(alice.account(), account);
        }
        let mut left = BLOCKED;
        run_to(ACCOUNT + 1);
        assert_eq!(Signaling::devices(alice.account()), vec![]);
        while left > 0 {
            assert_eq!(BlockCount::<Test>::get(alice.account()), left);
            run_to(Signaling::now() + 1);
            left = left.saturating_sub(32);
            is_sound();
        }
        run_to(Signaling::now() + 1);
        assert_eq!(Signaling::account(alice.account()), None);
        assert_eq!(Blocks::<Test>::iter().count(), 0);
    });
}

const BLOCKED: u32 = 70;

#[test]
fn who_comes_back_before_the_end_keeps_what_is_left() {
    short_lives().execute(|| {
        let alice = with_devices(1, 3);
        let last = id(&pair(102));
        run_to(ACCOUNT + 2);
        assert_eq!(Signaling::devices(alice.account()).len(), 1);
        assert!(!may_publish(&last));
        assert_ok!(Signaling::renew(RuntimeOrigin::signed(last.clone())));
        assert!(may_publish(&last));
        is_sound();
        run_to(2 * ACCOUNT);
        assert_eq!(Signaling::owner(last), Some(alice.account()));
        run_to(3 * ACCOUNT);
        assert_eq!(Signaling::account(alice.account()), None);
    });
}

#[test]
fn money_stays_when_an_account_is_removed() {
    let alice = Person::new(1);
    short_lives().balance(alice.account(), 1_000).execute(|| {
        alice.join();
        run_to(ACCOUNT + 10);
        assert_eq!(Signaling::account(alice.account()), None);
        assert_eq!(Balances::free_balance(alice.account()), 1_000);
        assert_eq!(System::sufficients(&alice.account()), 0);
    });
}
