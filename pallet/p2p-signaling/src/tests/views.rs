use crate::mock::*;
use frame_support::assert_ok;

#[test]
fn views_of_nothing_are_empty() {
    ExtBuilder::default().difficulty(9).execute(|| {
        let nobody = Person::new(1).account();
        assert_eq!(Signaling::account(nobody.clone()), None);
        assert_eq!(Signaling::devices(nobody.clone()), vec![]);
        assert_eq!(Signaling::owner(nobody.clone()), None);
        assert_eq!(Signaling::profile(nobody.clone()), Vec::<u8>::new());
        assert_eq!(Signaling::presence(nobody.clone()), (false, None));
        assert_eq!(Signaling::peer_info(nobody.clone()), Vec::<u8>::new());
        assert_eq!(Signaling::inbox(nobody.clone()), vec![]);
        assert_eq!(Signaling::notices(nobody.clone()), vec![]);
        assert!(!Signaling::is_blocked(nobody.clone(), nobody.clone()));
        assert_eq!(Signaling::blocked(nobody.clone()), vec![]);
        assert_eq!(Signaling::allowance(nobody.clone()), 0);
        assert_eq!(Signaling::active(nobody.clone()), None);
        assert_eq!(Signaling::group([0; 32]), None);
        assert_eq!(Signaling::backup(nobody), None);
        assert_eq!(Signaling::work(), (9, 600));
    });
}

#[test]
fn expired_things_cannot_be_seen() {
    ExtBuilder::default().execute(|| {
        let (alice, bob) = (Person::joined(1), Person::joined(2));
        assert_ok!(Signaling::heartbeat(bob.as_device()));
        assert_ok!(alice.signal(&bob.device()));
        assert_ok!(alice.notify(&bob.account()));
        let seen = |block| {
            jump_to(block);
            (
                Signaling::presence(bob.account()).0,
                Signaling::inbox(bob.device()).len(),
                Signaling::notices(bob.account()).len(),
            )
        };
        assert_eq!(seen(50), (true, 1, 1));
        assert_eq!(seen(51), (false, 1, 1));
        assert_eq!(seen(100), (false, 1, 1));
        assert_eq!(seen(101), (false, 0, 1));
        assert_eq!(seen(100_800), (false, 0, 1));
        assert_eq!(seen(100_801), (false, 0, 0));
        jump_to(2);
    });
}

#[test]
fn calls_carry_the_documents_names() {
    use codec::Encode;
    use frame_support::traits::GetCallName;
    let names = [
        "register",
        "add_device",
        "revoke_device",
        "set_profile",
        "deregister",
        "heartbeat",
        "go_offline",
        "register_peer_info",
        "send_signaling",
        "clear_signaling",
        "block_user",
        "unblock_user",
        "notify_offline_message",
        "clear_notifications",
        "register_group",
        "commit_group_epoch",
        "close_group",
        "set_chat_backup",
        "clear_chat_backup",
        "renew",
        "set_work_difficulty",
    ];
    assert_eq!(crate::Call::<Test>::get_call_names(), names);
    let last = RuntimeCall::from(crate::Call::<Test>::set_work_difficulty { difficulty: 7 });
    assert_eq!(last.encode(), [8, 20, 7]);
}
