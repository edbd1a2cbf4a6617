use crate::{mock::*, types::*, *};
use frame_support::{assert_noop, assert_ok};

#[test]
fn a_head_is_set_moved_and_removed() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        events();
        assert_ok!(Signaling::set_chat_backup(alice.as_device(), cid(), 5, [1; 32]));
        assert_ok!(Signaling::set_chat_backup(alice.as_account(), cid(), 6, [2; 32]));
        let head = BackupHead { cid: cid(), sequence: 6, digest: [2; 32], at: 1 };
        assert_eq!(Signaling::backup(alice.account()), Some(head));
        assert_ok!(Signaling::clear_chat_backup(alice.as_device()));
        assert_eq!(Signaling::backup(alice.account()), None);
        assert_eq!(
            events(),
            vec![
                Event::BackupSet { account: alice.account(), sequence: 5 },
                Event::BackupSet { account: alice.account(), sequence: 6 },
                Event::BackupCleared { account: alice.account() },
            ]
        );
    });
}

#[test]
fn stale_backup_sequence_cannot_be_set() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        let set =
            |sequence| Signaling::set_chat_backup(alice.as_device(), cid(), sequence, [1; 32]);
        assert_ok!(set(5));
        assert_noop!(set(5), Error::<Test>::StaleBackup);
        assert_noop!(set(4), Error::<Test>::StaleBackup);
        assert_ok!(set(u64::MAX));
        assert_noop!(set(u64::MAX), Error::<Test>::StaleBackup);
    });
}

#[test]
fn the_sequence_cannot_go_back_by_removing_the_head() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        let set =
            |sequence| Signaling::set_chat_backup(alice.as_device(), cid(), sequence, [1; 32]);
        assert_ok!(set(9));
        assert_ok!(Signaling::clear_chat_backup(alice.as_device()));
        assert_eq!(Signaling::backup(alice.account()), None);
        assert_noop!(set(1), Error::<Test>::StaleBackup);
        assert_noop!(set(9), Error::<Test>::StaleBackup);
        assert_noop!(Signaling::clear_chat_backup(alice.as_device()), Error::<Test>::NoBackup);
        assert_ok!(set(10));
        assert!(!ClearedBackups::<Test>::contains_key(alice.account()));
        // It leaves with the account.
        assert_ok!(Signaling::clear_chat_backup(alice.as_device()));
        assert_ok!(Signaling::deregister(alice.as_account()));
        assert_eq!(ClearedBackups::<Test>::iter().count(), 0);
        alice.join();
        assert_ok!(set(1));
    });
}

#[test]
fn cannot_set_an_empty_head_or_remove_none() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        assert_noop!(
            Signaling::set_chat_backup(alice.as_device(), Default::default(), 1, [1; 32]),
            Error::<Test>::EmptyCid
        );
        assert_noop!(Signaling::clear_chat_backup(alice.as_device()), Error::<Test>::NoBackup);
        let stranger = Person::new(2);
        assert_noop!(
            Signaling::set_chat_backup(stranger.as_account(), cid(), 1, [1; 32]),
            Error::<Test>::NotRegistered
        );
    });
}
