use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};

#[test]
fn events_come_on_the_transition_only() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        events();
        assert_eq!(Signaling::presence(alice.account()), (false, None));
        for block in [1, 20, 60] {
            run_to(block);
            assert_ok!(Signaling::heartbeat(alice.as_device()));
            assert_eq!(Signaling::presence(alice.account()), (true, Some(block)));
        }
        assert_eq!(events(), vec![Event::UserOnline { account: alice.account() }]);
        assert_ok!(Signaling::go_offline(alice.as_account()));
        assert_ok!(Signaling::go_offline(alice.as_account()));
        assert_eq!(events(), vec![Event::UserOffline { account: alice.account() }]);
        assert_eq!(Signaling::presence(alice.account()), (false, Some(60)));
    });
}

#[test]
fn a_silent_account_goes_offline() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        assert_ok!(Signaling::heartbeat(alice.as_account()));
        run_to(31);
        assert_ok!(Signaling::heartbeat(alice.as_device()));
        events();
        run_to(80);
        assert_eq!(events(), vec![]);
        assert_eq!(Signaling::presence(alice.account()), (true, Some(31)));
        run_to(81);
        assert_eq!(events(), vec![Event::UserOffline { account: alice.account() }]);
        assert_eq!(Signaling::presence(alice.account()), (false, Some(31)));
        assert_eq!(pending().len(), 0);
    });
}

#[test]
fn cannot_seem_online_while_the_sweep_is_behind() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        assert_ok!(Signaling::heartbeat(alice.as_device()));
        jump_to(51);
        assert!(Online::<Test>::contains_key(alice.account()));
        assert_eq!(Signaling::presence(alice.account()), (false, Some(1)));
        events();
        // Back before the sweep came: those are two transitions.
        assert_ok!(Signaling::heartbeat(alice.as_device()));
        let account = alice.account();
        assert_eq!(
            events(),
            vec![Event::UserOffline { account: account.clone() }, Event::UserOnline { account }]
        );
        run_to(100);
        assert_eq!(Signaling::presence(alice.account()), (true, Some(51)));
        run_to(101);
        assert_eq!(events(), vec![Event::UserOffline { account: alice.account() }]);
    });
}

#[test]
fn going_and_coming_does_not_pile_up_deadlines() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        for _ in 0..20 {
            assert_ok!(Signaling::heartbeat(alice.as_device()));
            assert_ok!(Signaling::go_offline(alice.as_device()));
        }
        assert_eq!(pending().len(), 0);
        assert_ok!(Signaling::heartbeat(alice.as_device()));
        assert_eq!(pending().len(), 1);
    });
}

#[test]
fn cannot_be_online_without_being_registered() {
    ExtBuilder::default().execute(|| {
        let stranger = Person::new(1);
        assert_noop!(Signaling::heartbeat(stranger.as_account()), Error::<Test>::NotRegistered);
        assert_noop!(Signaling::go_offline(stranger.as_account()), Error::<Test>::NotRegistered);
        assert_noop!(
            Signaling::heartbeat(RuntimeOrigin::none()),
            sp_runtime::DispatchError::BadOrigin
        );
    });
}

#[test]
fn peer_info_is_a_devices_own() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        let info: PeerInfoBytes = vec![4; 128].try_into().expect("as long as it may be");
        assert_noop!(
            Signaling::register_peer_info(alice.as_account(), info.clone()),
            Error::<Test>::NotADevice
        );
        assert_ok!(Signaling::register_peer_info(alice.as_device(), info));
        assert_eq!(Signaling::peer_info(alice.device()), vec![4; 128]);
        assert_ok!(Signaling::register_peer_info(alice.as_device(), Default::default()));
        assert!(!PeerInfo::<Test>::contains_key(alice.device()));
    });
}
