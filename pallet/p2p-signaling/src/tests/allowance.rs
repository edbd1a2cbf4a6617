use crate::{mock::*, types::*};
use frame_support::{assert_ok, pallet_prelude::InvalidTransaction};

fn heartbeat() -> crate::Call<Test> {
    crate::Call::heartbeat {}
}

fn no_money() -> sp_runtime::transaction_validity::TransactionValidityError {
    InvalidTransaction::Payment.into()
}

#[test]
fn cannot_call_beyond_the_allowance_without_money() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        assert_eq!(Signaling::allowance(alice.account()), 16);
        for left in (0..16).rev() {
            assert!(is_free(&alice.device(), heartbeat()));
            assert_ok!(outcome(apply_signed(&alice.device(), heartbeat())));
            assert_eq!(Signaling::allowance(alice.account()), left);
        }
        assert!(!is_free(&alice.device(), heartbeat()));
        assert_eq!(apply_signed(&alice.device(), heartbeat()), Err(no_money()));
        // Another account is not concerned.
        let bob = Person::joined(2);
        assert_ok!(outcome(apply_signed(&bob.device(), heartbeat())));
    });
}

#[test]
fn one_credit_comes_back_every_two_blocks() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        for _ in 0..16 {
            assert_ok!(Signaling::heartbeat(alice.as_device()));
        }
        run_to(2);
        assert_eq!(apply_signed(&alice.device(), heartbeat()), Err(no_money()));
        run_to(3);
        assert_ok!(outcome(apply_signed(&alice.device(), heartbeat())));
        assert_eq!(apply_signed(&alice.device(), heartbeat()), Err(no_money()));
        // What is left of an interval is not lost.
        run_to(6);
        assert_eq!(Signaling::allowance(alice.account()), 1);
        assert_ok!(Signaling::heartbeat(alice.as_device()));
        run_to(7);
        assert_eq!(Signaling::allowance(alice.account()), 1);
        jump_to(100_000);
        assert_eq!(Signaling::allowance(alice.account()), 64);
    });
}

#[test]
fn devices_and_account_share_the_allowance() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        let second = pair(100);
        assert_ok!(outcome(alice.add(&second)));
        for who in [alice.device(), id(&second), alice.account()] {
            for _ in 0..5 {
                assert_ok!(outcome(apply_signed(&who, heartbeat())));
            }
        }
        assert_eq!(Signaling::allowance(alice.account()), 1);
    });
}

#[test]
fn with_money_a_call_beyond_the_allowance_pays() {
    let alice = Person::new(1);
    ExtBuilder::default().balance(alice.device(), 10_000_000_000_000).execute(|| {
        alice.join();
        for _ in 0..16 {
            assert_ok!(outcome(apply_signed(&alice.device(), heartbeat())));
        }
        assert_eq!(Balances::free_balance(alice.device()), 10_000_000_000_000);
        assert_ok!(outcome(apply_signed(&alice.device(), heartbeat())));
        assert!(Balances::free_balance(alice.device()) < 10_000_000_000_000);
        assert_eq!(Signaling::allowance(alice.account()), 0);
    });
}

/// Every call that would fail has a price, or it could be repeated for ever: a failed call rolls
/// back what it was charged.
#[test]
fn a_call_that_would_fail_cannot_be_free() {
    ExtBuilder::default().execute(|| {
        let (alice, bob) = (Person::joined(1), Person::joined(2));
        let stranger = Person::new(3);
        assert_ok!(Signaling::block_user(bob.as_device(), alice.account()));
        assert_ok!(Signaling::set_chat_backup(alice.as_device(), cid(), 7, [0; 32]));
        let signal = |to: Account| crate::Call::<Test>::send_signaling {
            to,
            kind: SignalKind::Ping,
            payload: Default::default(),
        };
        let notice = |to: Account, cid| crate::Call::<Test>::notify_offline_message { to, cid };
        let backup =
            |cid, sequence| crate::Call::<Test>::set_chat_backup { cid, sequence, digest: [0; 32] };
        let (device, account) = (alice.device(), alice.account());
        let cases: Vec<(&Account, crate::Call<Test>)> = vec![
            (&device, signal(bob.device())),
            (&device, signal(stranger.device())),
            (&account, signal(alice.device())),
            (&device, notice(bob.account(), cid())),
            (&device, notice(stranger.account(), cid())),
            (&device, notice(alice.account(), Default::default())),
            (&device, backup(cid(), 7)),
            (&device, backup(Default::default(), 8)),
            (&device, crate::Call::unblock_user { account: bob.account() }),
            (&device, crate::Call::block_user { account: alice.account() }),
            (&device, crate::Call::deregister {}),
            (&device, crate::Call::revoke_device { device: bob.device() }),
            (&account, crate::Call::register_peer_info { info: Default::default() }),
            (&account, crate::Call::clear_signaling { up_to: 0 }),
        ];
        for (who, call) in cases {
            assert!(!is_free(who, call.clone()), "{call:?} is free");
            assert_eq!(apply_signed(who, call), Err(no_money()));
        }
        let bob_device = bob.device();
        assert!(!is_free(&bob_device, crate::Call::clear_chat_backup {}));
        assert!(!is_free(&stranger.account(), heartbeat()));
    });
}

#[test]
fn every_signed_call_that_succeeds_is_free_and_charged() {
    ExtBuilder::default().execute(|| {
        let (alice, bob) = (Person::joined(1), Person::joined(2));
        let second = pair(100);
        assert_ok!(outcome(alice.add(&second)));
        let short: PeerInfoBytes = vec![1].try_into().expect("short");
        let device = alice.device();
        let calls: Vec<crate::Call<Test>> = vec![
            crate::Call::set_profile { profile: Default::default() },
            heartbeat(),
            crate::Call::go_offline {},
            crate::Call::register_peer_info { info: short },
            crate::Call::send_signaling {
                to: bob.device(),
                kind: SignalKind::Answer,
                payload: Default::default(),
            },
            crate::Call::clear_signaling { up_to: 9 },
            crate::Call::block_user { account: bob.account() },
            crate::Call::unblock_user { account: bob.account() },
            crate::Call::notify_offline_message { to: bob.account(), cid: cid() },
            crate::Call::clear_notifications { up_to: 9 },
            crate::Call::set_chat_backup { cid: cid(), sequence: 1, digest: [0; 32] },
            crate::Call::clear_chat_backup {},
            crate::Call::renew {},
        ];
        let mut left = 16;
        for call in calls {
            assert_ok!(outcome(apply_signed(&device, call)));
            left -= 1;
            assert_eq!(Signaling::allowance(alice.account()), left);
        }
        let account = alice.account();
        let revoke = crate::Call::revoke_device { device: id(&second) };
        assert_ok!(outcome(apply_signed(&account, revoke)));
        assert_eq!(Signaling::allowance(alice.account()), left, "its own key is not charged");
        assert_ok!(outcome(apply_signed(&account, crate::Call::deregister {})));
    });
}

#[test]
fn leaving_and_coming_back_cannot_fill_the_bucket() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        run_to(20);
        assert_eq!(Signaling::allowance(alice.account()), 25);
        assert_ok!(outcome(apply_signed(&alice.account(), crate::Call::deregister {})));
        assert_eq!(Signaling::allowance(alice.account()), 0);
        alice.join();
        assert_eq!(Signaling::allowance(alice.account()), 16);
        jump_to(1_000);
        assert_eq!(Signaling::allowance(alice.account()), 64, "with time it fills");
    });
}

/// A thief of a device spends every credit as it comes, and the owner has no money.
#[test]
fn cannot_keep_the_owner_from_throwing_a_stolen_device_out() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        let stolen = pair(100);
        assert_ok!(outcome(alice.add(&stolen)));
        let (thief, owner) = (id(&stolen), alice.account());
        for block in 2..40 {
            run_to(block);
            while apply_signed(&thief, heartbeat()).is_ok() {}
        }
        assert_eq!(Signaling::allowance(owner.clone()), 0);
        // Neither another device nor a call that fails is free for that.
        let revoke = |device| crate::Call::revoke_device { device };
        assert_eq!(apply_signed(&alice.device(), revoke(alice.device())), Err(no_money()));
        assert_eq!(apply_signed(&owner, revoke(id(&pair(101)))), Err(no_money()));
        assert_ok!(outcome(apply_signed(&owner, revoke(thief.clone()))));
        assert!(apply_signed(&thief, heartbeat()).is_err());
        assert_ok!(outcome(apply_signed(&owner, crate::Call::deregister {})));
        assert_eq!(Signaling::account(owner), None);
    });
}
