use crate::{mock::*, types::*, *};
use frame_support::{assert_noop, assert_ok};

fn ids(device: &Account) -> Vec<u64> {
    Signaling::inbox(device.clone()).into_iter().map(|signal| signal.id).collect()
}

/// Fills an inbox with `each` signals of every one of so many people that it is full.
fn fill(to: &Account, each: u32) -> Vec<Person> {
    let people: Vec<_> = (0..MAX_INBOX / each).map(|seed| Person::joined(100 + seed)).collect();
    for _ in 0..each {
        for person in &people {
            assert_ok!(person.signal(to));
        }
    }
    assert_eq!(ids(to).len(), MAX_INBOX as usize);
    people
}

#[test]
fn a_signal_arrives() {
    ExtBuilder::default().execute(|| {
        let (alice, bob) = (Person::joined(1), Person::joined(2));
        events();
        let payload: Payload = vec![6; 4096].try_into().expect("as long as it may be");
        assert_ok!(Signaling::send_signaling(
            alice.as_device(),
            bob.device(),
            SignalKind::Offer,
            payload.clone()
        ));
        let signal = Signal {
            id: 0,
            from: alice.device(),
            sender: alice.account(),
            kind: SignalKind::Offer,
            payload,
            at: 1,
            expires: 101,
        };
        assert_eq!(Signaling::inbox(bob.device()), vec![signal]);
        assert_eq!(
            events(),
            vec![Event::SignalSent {
                to: bob.device(),
                from: alice.device(),
                sender: alice.account(),
                kind: SignalKind::Offer,
                id: 0
            }]
        );
    });
}

#[test]
fn kinds_have_the_documents_numbers() {
    use codec::Encode;
    let kinds = [
        SignalKind::Offer,
        SignalKind::Answer,
        SignalKind::IceCandidate,
        SignalKind::Ping,
        SignalKind::OfflineMessage,
    ];
    assert_eq!(kinds.encode(), [0, 1, 2, 3, 4]);
}

#[test]
fn one_persons_devices_signal_each_other() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        let second = pair(100);
        assert_ok!(outcome(alice.add(&second)));
        assert_ok!(alice.signal(&id(&second)));
    });
}

#[test]
fn cannot_signal_as_or_to_an_account_or_a_stranger() {
    ExtBuilder::default().execute(|| {
        let (alice, bob) = (Person::joined(1), Person::joined(2));
        let send = |origin, to| {
            Signaling::send_signaling(origin, to, SignalKind::Ping, Default::default())
        };
        assert_noop!(send(alice.as_account(), bob.device()), Error::<Test>::NotADevice);
        assert_noop!(send(alice.as_device(), bob.account()), Error::<Test>::UnknownReceiver);
        let carol = Person::new(3);
        assert_noop!(send(alice.as_device(), carol.device()), Error::<Test>::UnknownReceiver);
        assert_noop!(send(carol.as_device(), bob.device()), Error::<Test>::NotRegistered);
    });
}

#[test]
fn blocked_sender_cannot_signal() {
    ExtBuilder::default().execute(|| {
        let (alice, bob) = (Person::joined(1), Person::joined(2));
        let second = pair(100);
        assert_ok!(outcome(alice.add(&second)));
        assert_ok!(Signaling::block_user(bob.as_device(), alice.account()));
        // With none of its devices, nor after a farewell and a return.
        assert_noop!(alice.signal(&bob.device()), Error::<Test>::Blocked);
        assert_noop!(
            Signaling::send_signaling(
                RuntimeOrigin::signed(id(&second)),
                bob.device(),
                SignalKind::Ping,
                Default::default()
            ),
            Error::<Test>::Blocked
        );
        assert_ok!(Signaling::deregister(alice.as_account()));
        alice.join();
        assert_noop!(alice.signal(&bob.device()), Error::<Test>::Blocked);
        assert_ok!(bob.signal(&alice.device()));
        assert_ok!(Signaling::unblock_user(bob.as_device(), alice.account()));
        assert_ok!(alice.signal(&bob.device()));
    });
}

#[test]
fn one_sender_cannot_hold_more_than_four() {
    ExtBuilder::default().execute(|| {
        let (alice, bob) = (Person::joined(1), Person::joined(2));
        let second = pair(100);
        assert_ok!(outcome(alice.add(&second)));
        for _ in 0..4 {
            assert_ok!(alice.signal(&bob.device()));
        }
        assert_noop!(alice.signal(&bob.device()), Error::<Test>::SenderLimit);
        // Its devices share the limit.
        assert_noop!(
            Signaling::send_signaling(
                RuntimeOrigin::signed(id(&second)),
                bob.device(),
                SignalKind::Ping,
                Default::default()
            ),
            Error::<Test>::SenderLimit
        );
        // What has expired does not count.
        jump_to(101);
        assert_ok!(alice.signal(&bob.device()));
        assert_eq!(ids(&bob.device()), vec![4]);
        assert_eq!(Inboxes::<Test>::get(bob.device()).len(), 5);
    });
}

#[test]
fn full_inbox_drops_the_oldest_of_who_holds_most() {
    ExtBuilder::default().execute(|| {
        let (alice, bob) = (Person::joined(1), Person::joined(2));
        // Eight people with four each, ids 0 to 31.
        fill(&bob.device(), 4);
        assert_ok!(alice.signal(&bob.device()));
        // The first of the first.
        assert_eq!(ids(&bob.device()), (1..=32).collect::<Vec<_>>());
        // The first has three now; the second still has four.
        assert_ok!(alice.signal(&bob.device()));
        assert_eq!(ids(&bob.device())[..2], [2, 3]);
        // A third one: others hold four, which is more than three.
        assert_ok!(alice.signal(&bob.device()));
        // A fourth: nobody holds more than four, and all came in the same block.
        assert_noop!(alice.signal(&bob.device()), Error::<Test>::InboxFull);
        assert_eq!(Signals::<Test>::iter().count(), MAX_INBOX as usize);
    });
}

#[test]
fn cannot_displace_an_equal() {
    ExtBuilder::default().execute(|| {
        let (alice, bob) = (Person::joined(1), Person::joined(2));
        let people = fill(&bob.device(), 2);
        // Others hold two and alice would hold one: the oldest goes.
        assert_ok!(alice.signal(&bob.device()));
        assert_eq!(ids(&bob.device())[0], 1);
        // Alice would hold two, as they do.
        assert_noop!(alice.signal(&bob.device()), Error::<Test>::InboxFull);
        // Whose signal was dropped holds one and would hold two: the same.
        assert_noop!(people[0].signal(&bob.device()), Error::<Test>::InboxFull);
    });
}

#[test]
fn among_equals_the_youngest_account_makes_room() {
    ExtBuilder::default().execute(|| {
        let (alice, bob) = (Person::joined(1), Person::joined(2));
        run_to(2);
        let people = fill(&bob.device(), 1);
        run_to(3);
        // Two of them come back as younger accounts, one of them sends again.
        for person in &people[4..6] {
            assert_ok!(Signaling::clear_signaling(bob.as_device(), 0));
            assert_ok!(Signaling::deregister(person.as_account()));
            person.join();
        }
        assert_ok!(people[5].signal(&bob.device()));
        assert_eq!(ids(&bob.device()).last(), Some(&32));
        // It holds two: its entry of the younger life goes first.
        assert_ok!(alice.signal(&bob.device()));
        assert_eq!(ids(&bob.device()).last(), Some(&33));
        assert!(!ids(&bob.device()).contains(&32));
        // Now all hold one, and the strangers are all as young.
        assert_noop!(people[4].signal(&bob.device()), Error::<Test>::InboxFull);
        assert_noop!(alice.signal(&bob.device()), Error::<Test>::InboxFull);
    });
}

/// Accounts cost work, but any number of them must not be enough to keep friends apart.
#[test]
fn fresh_accounts_can_neither_shut_an_inbox_nor_take_a_friends_last_signal() {
    ExtBuilder::default().execute(|| {
        let (friend, bob) = (Person::joined(1), Person::joined(2));
        for _ in 0..4 {
            assert_ok!(friend.signal(&bob.device()));
        }
        run_to(2);
        let sybils: Vec<_> = (0..64).map(|seed| Person::joined(100 + seed)).collect();
        for person in &sybils {
            let _ = person.signal(&bob.device());
        }
        // Three of the friend's four had to go; the newest stays, whatever they do.
        let of_friend = |id: u64| {
            let inbox = Signaling::inbox(bob.device());
            inbox.iter().any(|signal| signal.id == id && signal.sender == friend.account())
        };
        assert!(!of_friend(0) && !of_friend(2) && of_friend(3));
        for person in &sybils {
            for _ in 0..MAX_PER_SENDER {
                let _ = person.signal(&bob.device());
            }
            assert!(of_friend(3));
        }
        // Nor do they keep out a friend that has nothing there.
        assert_ok!(Signaling::clear_signaling(bob.as_device(), 3));
        while sybils.iter().any(|person| person.signal(&bob.device()).is_ok()) {}
        assert_eq!(ids(&bob.device()).len(), MAX_INBOX as usize);
        assert_ok!(friend.signal(&bob.device()));
        assert_eq!(Signaling::inbox(bob.device())[31].sender, friend.account());
        // The refused call has its price.
        let call = crate::Call::send_signaling {
            to: bob.device(),
            kind: SignalKind::Ping,
            payload: Default::default(),
        };
        assert!(!is_free(&Person::joined(3).device(), call));
    });
}

#[test]
fn what_has_expired_makes_room_first() {
    ExtBuilder::default().execute(|| {
        let (alice, bob) = (Person::joined(1), Person::joined(2));
        let people = fill(&bob.device(), 1);
        jump_to(101);
        // The sweep did not come yet: each newcomer takes the place of one that has expired.
        for (count, person) in people.iter().chain([&alice]).take(32).enumerate() {
            assert_ok!(person.signal(&bob.device()));
            assert_eq!(ids(&bob.device()).len(), count + 1);
            assert_eq!(Signals::<Test>::iter().count(), MAX_INBOX as usize);
        }
        assert_noop!(alice.signal(&bob.device()), Error::<Test>::InboxFull);
        run_to(102);
        assert_eq!(ids(&bob.device()).len(), MAX_INBOX as usize);
    });
}

#[test]
fn signals_expire() {
    ExtBuilder::default().execute(|| {
        let (alice, bob) = (Person::joined(1), Person::joined(2));
        assert_ok!(alice.signal(&bob.device()));
        run_to(50);
        assert_ok!(alice.signal(&bob.device()));
        run_to(100);
        assert_eq!(ids(&bob.device()), vec![0, 1]);
        run_to(101);
        assert_eq!(ids(&bob.device()), vec![1]);
        assert_eq!(Inboxes::<Test>::get(bob.device()).len(), 1);
        run_to(150);
        assert!(!Inboxes::<Test>::contains_key(bob.device()));
        assert_eq!(Signals::<Test>::iter().count(), 0);
        assert_eq!(pending().len(), 0);
    });
}

#[test]
fn a_device_clears_its_own_signals() {
    ExtBuilder::default().execute(|| {
        let (alice, bob) = (Person::joined(1), Person::joined(2));
        for _ in 0..3 {
            assert_ok!(alice.signal(&bob.device()));
        }
        assert_ok!(alice.signal(&alice.device()));
        assert_noop!(Signaling::clear_signaling(bob.as_account(), 1), Error::<Test>::NotADevice);
        events();
        assert_ok!(Signaling::clear_signaling(bob.as_device(), 1));
        assert_eq!(events(), vec![Event::SignalsCleared { device: bob.device(), up_to: 1 }]);
        assert_eq!(ids(&bob.device()), vec![2]);
        assert_ok!(Signaling::clear_signaling(bob.as_device(), u64::MAX));
        assert!(!Inboxes::<Test>::contains_key(bob.device()));
        assert_eq!(Signals::<Test>::iter_keys().collect::<Vec<_>>(), vec![(alice.device(), 3)]);
        assert_eq!(ids(&alice.device()), vec![3]);
        // Nothing to clear is fine.
        assert_ok!(Signaling::clear_signaling(bob.as_device(), u64::MAX));
    });
}
