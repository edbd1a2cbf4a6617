use crate::{mock::*, types::*, *};
use frame_support::{assert_noop, assert_ok};

#[test]
fn blocks_come_and_go() {
    ExtBuilder::default().execute(|| {
        let (alice, bob) = (Person::joined(1), Person::joined(2));
        events();
        assert_ok!(Signaling::block_user(alice.as_device(), bob.account()));
        assert!(Signaling::is_blocked(bob.account(), alice.account()));
        assert!(!Signaling::is_blocked(alice.account(), bob.account()));
        assert_eq!(Signaling::blocked(alice.account()), vec![bob.account()]);
        assert_ok!(Signaling::unblock_user(alice.as_account(), bob.account()));
        assert!(!BlockCount::<Test>::contains_key(alice.account()));
        assert_eq!(
            events(),
            vec![
                Event::UserBlocked { account: alice.account(), blocked: bob.account() },
                Event::UserUnblocked { account: alice.account(), blocked: bob.account() },
            ]
        );
    });
}

#[test]
fn cannot_block_oneself_or_twice_or_unblock_a_friend() {
    ExtBuilder::default().execute(|| {
        let (alice, bob) = (Person::joined(1), Person::joined(2));
        for origin in [alice.as_account(), alice.as_device()] {
            assert_noop!(
                Signaling::block_user(origin, alice.account()),
                Error::<Test>::CannotBlockSelf
            );
        }
        assert_noop!(
            Signaling::unblock_user(alice.as_device(), bob.account()),
            Error::<Test>::NotBlocked
        );
        assert_ok!(Signaling::block_user(alice.as_device(), bob.account()));
        assert_noop!(
            Signaling::block_user(alice.as_device(), bob.account()),
            Error::<Test>::AlreadyBlocked
        );
    });
}

#[test]
fn cannot_block_a_device_or_a_stranger() {
    ExtBuilder::default().execute(|| {
        let (alice, bob) = (Person::joined(1), Person::joined(2));
        for nobody in [bob.device(), Person::new(3).account()] {
            assert_noop!(
                Signaling::block_user(alice.as_device(), nobody),
                Error::<Test>::UnknownAccount
            );
        }
        // Who is blocked and leaves stays blocked, and can be unblocked.
        assert_ok!(Signaling::block_user(alice.as_device(), bob.account()));
        assert_ok!(Signaling::deregister(bob.as_account()));
        assert!(Signaling::is_blocked(bob.account(), alice.account()));
        assert_ok!(Signaling::unblock_user(alice.as_device(), bob.account()));
    });
}

#[test]
fn cannot_block_more_than_may_be_and_all_go_with_the_account() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        jump_to(500);
        for seed in 0..MAX_BLOCKED {
            let account = Person::joined(100 + seed).account();
            assert_ok!(Signaling::block_user(alice.as_device(), account));
        }
        let one_more = Person::joined(2).account();
        assert_noop!(
            Signaling::block_user(alice.as_device(), one_more),
            Error::<Test>::TooManyBlocked
        );
        assert_eq!(Signaling::blocked(alice.account()).len(), MAX_BLOCKED as usize);
        assert_ok!(Signaling::deregister(alice.as_account()));
        assert_eq!(Blocks::<Test>::iter().count(), 0);
    });
}
