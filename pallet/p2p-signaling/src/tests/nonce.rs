use crate::mock::*;
use frame_support::{
    assert_ok,
    pallet_prelude::InvalidTransaction,
    traits::{Currency, ExistenceRequirement},
};

fn heartbeat(who: &Account, nonce: u32) -> Applied {
    apply(RuntimeOrigin::signed(who.clone()), crate::Call::heartbeat {}.into(), nonce)
}

fn stale() -> Applied {
    Err(InvalidTransaction::Stale.into())
}

#[test]
fn a_first_life_starts_at_zero() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        assert_ok!(outcome(heartbeat(&alice.device(), 0)));
        assert_ok!(outcome(heartbeat(&alice.account(), 0)));
    });
}

#[test]
fn cannot_replay_a_transaction_of_an_earlier_life() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        for nonce in 0..5 {
            assert_ok!(outcome(heartbeat(&alice.device(), nonce)));
            assert_ok!(outcome(heartbeat(&alice.account(), nonce)));
        }
        let leave = crate::Call::deregister {};
        assert_ok!(outcome(apply_signed(&alice.account(), leave)));
        assert_eq!(System::account_nonce(alice.account()), 0, "its record is gone");
        alice.join();
        let first = System::account_nonce(alice.account());
        assert!(first > 6);
        for nonce in 0..first {
            assert_eq!(heartbeat(&alice.account(), nonce), stale());
        }
        assert_ok!(outcome(heartbeat(&alice.account(), first)));
        for nonce in 0..5 {
            assert_eq!(heartbeat(&alice.device(), nonce), stale());
        }
    });
}

#[test]
fn cannot_replay_what_a_revoked_device_signed() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        for nonce in 0..5 {
            assert_ok!(outcome(heartbeat(&alice.device(), nonce)));
        }
        let revoke = crate::Call::revoke_device { device: alice.device() };
        assert_ok!(outcome(apply_signed(&alice.device(), revoke)));
        assert_ok!(outcome(alice.add(&alice.device_key)));
        for nonce in 0..6 {
            assert_eq!(heartbeat(&alice.device(), nonce), stale());
        }
        let next = System::account_nonce(alice.device());
        assert_ok!(outcome(heartbeat(&alice.device(), next)));
    });
}

#[test]
fn an_account_with_money_keeps_its_own_nonce() {
    let alice = Person::new(1);
    ExtBuilder::default().balance(alice.account(), 1_000).execute(|| {
        alice.join();
        assert_ok!(outcome(heartbeat(&alice.account(), 0)));
        assert_ok!(outcome(apply_signed(&alice.account(), crate::Call::deregister {})));
        assert_eq!(System::account_nonce(alice.account()), 2);
    });
}

#[test]
fn cannot_replay_what_was_signed_before_the_money_went() {
    let (alice, bob) = (Person::new(1), Person::new(2));
    ExtBuilder::default().balance(alice.account(), 1_000).execute(|| {
        for _ in 0..9 {
            System::inc_account_nonce(alice.account());
        }
        let all = ExistenceRequirement::AllowDeath;
        assert_ok!(Balances::transfer(&alice.account(), &bob.account(), 1_000, all));
        assert!(!System::account_exists(&alice.account()));
        alice.join();
        assert!(System::account_nonce(alice.account()) > 9);
    });
}
