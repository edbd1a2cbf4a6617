use crate::{mock::*, types::*, *};
use frame_support::assert_ok;

fn online_count() -> usize {
    Online::<Test>::iter_keys().count()
}

#[test]
fn a_step_is_enough_for_an_empty_block() {
    ExtBuilder::default().execute(|| {
        for block in 2..10 {
            jump_to(block);
            assert_eq!(Signaling::sweep(block), 1);
        }
    });
}

#[test]
fn under_load_nothing_is_skipped() {
    ExtBuilder::default().expiries_per_block(5).execute(|| {
        let people: Vec<_> = (0..40).map(|seed| Person::joined(100 + seed)).collect();
        run_to(9);
        for person in &people {
            assert_ok!(Signaling::heartbeat(person.as_device()));
            assert_ok!(person.signal(&person.device()));
        }
        events();
        run_to(58);
        assert_eq!(online_count(), 40);
        // All 40 are due in block 59, and five steps are all that a block may take.
        for block in 59..67 {
            run_to(block);
            assert_eq!(online_count(), 40 - 5 * (block as usize - 58));
            Signaling::do_try_state().expect("the storage is sound while the sweep is behind");
            // Nobody seems online, swept or not.
            for person in &people {
                assert!(!Signaling::presence(person.account()).0);
            }
        }
        assert_eq!(online_count(), 0);
        let offline: Vec<_> =
            people.iter().map(|person| Event::UserOffline { account: person.account() }).collect();
        assert_eq!(events(), offline);
        // The cursor walks through the blocks that it missed, and is in time for the signals.
        run_to(70);
        assert_eq!(DeadlineCursor::<Test>::get(), Some(DeadlineSlot { block: 71, index: 0 }));
        run_to(117);
        assert_eq!(Inboxes::<Test>::iter_keys().count(), 0);
        assert_eq!(pending().len(), 0);
        assert!(DeadlineCount::<Test>::iter_keys().all(|block| block > 117));
    });
}

#[test]
fn what_comes_while_the_sweep_is_behind_is_not_lost() {
    ExtBuilder::default().expiries_per_block(2).execute(|| {
        let people: Vec<_> = (0..30).map(|seed| Person::joined(100 + seed)).collect();
        for person in &people[..20] {
            assert_ok!(Signaling::heartbeat(person.as_device()));
        }
        run_to(55);
        assert!(online_count() > 0);
        for person in &people[20..] {
            assert_ok!(Signaling::heartbeat(person.as_device()));
        }
        // Some of those who are late in the queue come back, some say goodbye.
        assert_ok!(Signaling::heartbeat(people[19].as_device()));
        assert_ok!(Signaling::go_offline(people[18].as_device()));
        Signaling::do_try_state().expect("the storage is sound while the sweep is behind");
        run_to(104);
        assert!(Signaling::presence(people[19].account()).0);
        run_to(160);
        assert_eq!(online_count(), 0);
        assert_eq!(pending().len(), 0);
    });
}

#[test]
fn a_chain_that_gets_the_pallet_late_does_not_walk_from_block_zero() {
    ExtBuilder::default().execute(|| {
        DeadlineCursor::<Test>::kill();
        jump_to(1_000_000);
        assert_eq!(Signaling::sweep(1_000_000), 1);
        let next = DeadlineSlot { block: 1_000_001, index: 0 };
        assert_eq!(DeadlineCursor::<Test>::get(), Some(next));
    });
}

#[test]
fn a_deadline_can_come_closer_and_stands_once() {
    ExtBuilder::default().execute(|| {
        let item = Expiry::ClosedGroup([1; 32]);
        ClosedGroups::<Test>::insert([1; 32], 20);
        Signaling::schedule(item.clone(), 40);
        Signaling::schedule(item.clone(), 20);
        Signaling::schedule(item.clone(), 30);
        assert_eq!(Deadlines::<Test>::iter().collect::<Vec<_>>(), vec![(20, 0, item.clone())]);
        // The gap in block 40 is a step and nothing more.
        run_to(41);
        assert_eq!(Scheduled::<Test>::get(item), None);
        assert!(!ClosedGroups::<Test>::contains_key([1; 32]));
    });
}

#[test]
fn the_hook_accounts_for_its_steps() {
    use crate::weights::WeightInfo;
    use frame_support::traits::Hooks;
    ExtBuilder::default().expiries_per_block(3).execute(|| {
        for seed in 0..10 {
            assert_ok!(Signaling::heartbeat(Person::joined(100 + seed).as_device()));
        }
        run_to(50);
        jump_to(51);
        assert_eq!(Signaling::on_initialize(51), <() as WeightInfo>::on_initialize(3));
        run_to(60);
    });
}
