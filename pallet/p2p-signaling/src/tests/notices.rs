use crate::{mock::*, types::*, *};
use frame_support::{assert_noop, assert_ok};

#[test]
fn a_notice_arrives_and_expires() {
    ExtBuilder::default().execute(|| {
        let (alice, bob) = (Person::joined(1), Person::joined(2));
        events();
        assert_ok!(alice.notify(&bob.account()));
        let notice = Notice {
            id: 0,
            from: alice.device(),
            sender: alice.account(),
            since: 1,
            cid: cid(),
            at: 1,
            expires: 100_801,
        };
        assert_eq!(Signaling::notices(bob.account()), vec![notice]);
        assert_eq!(
            events(),
            vec![Event::OfflineMessageNotified {
                to: bob.account(),
                from: alice.device(),
                sender: alice.account(),
                id: 0
            }]
        );
        jump_to(100_800);
        assert_eq!(Signaling::notices(bob.account()).len(), 1);
        jump_to(100_801);
        assert_eq!(Signaling::notices(bob.account()), vec![]);
    });
}

#[test]
fn cannot_notify_as_an_account_or_a_device_or_without_a_cid() {
    ExtBuilder::default().execute(|| {
        let (alice, bob) = (Person::joined(1), Person::joined(2));
        let notify = |origin, to, cid| Signaling::notify_offline_message(origin, to, cid);
        assert_noop!(notify(alice.as_account(), bob.account(), cid()), Error::<Test>::NotADevice);
        assert_noop!(
            notify(alice.as_device(), bob.device(), cid()),
            Error::<Test>::UnknownReceiver
        );
        assert_noop!(
            notify(alice.as_device(), bob.account(), Default::default()),
            Error::<Test>::EmptyCid
        );
    });
}

#[test]
fn blocked_sender_cannot_notify() {
    ExtBuilder::default().execute(|| {
        let (alice, bob) = (Person::joined(1), Person::joined(2));
        assert_ok!(Signaling::block_user(bob.as_account(), alice.account()));
        assert_noop!(alice.notify(&bob.account()), Error::<Test>::Blocked);
    });
}

#[test]
fn one_sender_cannot_hold_more_than_four_notices() {
    ExtBuilder::default().execute(|| {
        let (alice, bob) = (Person::joined(1), Person::joined(2));
        for _ in 0..4 {
            assert_ok!(alice.notify(&bob.account()));
        }
        assert_noop!(alice.notify(&bob.account()), Error::<Test>::SenderLimit);
    });
}

#[test]
fn cannot_shut_an_account_to_older_ones() {
    ExtBuilder::default().execute(|| {
        let (friend, bob) = (Person::joined(1), Person::joined(2));
        run_to(2);
        for seed in 0..MAX_INBOX {
            assert_ok!(Person::joined(100 + seed).notify(&bob.account()));
        }
        let stranger = Person::joined(3);
        assert_noop!(stranger.notify(&bob.account()), Error::<Test>::InboxFull);
        assert_ok!(friend.notify(&bob.account()));
        let notices = Signaling::notices(bob.account());
        assert_eq!(notices.last().map(|notice| notice.sender.clone()), Some(friend.account()));
        // Of the first of the strangers nothing is left; the others are as old as each other.
        assert_eq!(notices[0].id, 1);
        assert_eq!(notices.len(), MAX_INBOX as usize);
    });
}

#[test]
fn an_account_clears_its_own_notices() {
    ExtBuilder::default().execute(|| {
        let (alice, bob) = (Person::joined(1), Person::joined(2));
        // Ids are shared with signals.
        assert_ok!(alice.signal(&bob.device()));
        assert_ok!(alice.notify(&bob.account()));
        assert_ok!(alice.notify(&bob.account()));
        assert_ok!(Signaling::clear_notifications(bob.as_device(), 1));
        let left: Vec<_> = Signaling::notices(bob.account()).iter().map(|n| n.id).collect();
        assert_eq!(left, vec![2]);
        assert_ok!(Signaling::clear_notifications(bob.as_account(), 2));
        assert!(!Notices::<Test>::contains_key(bob.account()));
        assert_eq!(Signaling::inbox(bob.device()).len(), 1);
    });
}
