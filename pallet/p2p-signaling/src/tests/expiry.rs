use crate::{mock::*, types::*, weights::WeightInfo, *};
use frame_support::{
    assert_ok,
    dispatch::DispatchClass,
    traits::{Get, GetStorageVersion, Hooks, StorageVersion},
    weights::Weight,
};

type W = <Test as Config>::WeightInfo;
type BlockWeights = <Test as frame_system::Config>::BlockWeights;

fn online_count() -> usize {
    Online::<Test>::iter_keys().count()
}

#[test]
fn a_step_is_enough_for_an_empty_block() {
    ExtBuilder::default().execute(|| {
        for block in 2..10 {
            jump_to(block);
            assert_eq!(sweep(block, 1), W::sweep() + W::sweep_block());
            assert_eq!(sweep(block, 1), W::sweep(), "it is through");
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
        assert_eq!(sweep(1_000_000, 9), W::sweep() + W::sweep_block());
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

fn somebody(number: u32) -> Account {
    let mut bytes = [9; 32];
    bytes[..4].copy_from_slice(&number.to_le_bytes());
    Account::new(bytes)
}

/// An account that came online, and nothing else of it.
fn beat(number: u32) {
    Signaling::do_heartbeat(&somebody(number));
}

fn is_through(block: u32) -> bool {
    DeadlineCursor::<Test>::get() == Some(DeadlineSlot { block: block + 1, index: 0 })
}

#[test]
fn the_hooks_account_for_their_steps() {
    ExtBuilder::default().expiries_per_block(3).build().execute_with(|| {
        run_to(2);
        (0..10).for_each(beat);
        run_to(51);
        jump_to(52);
        let three = W::expire_presence().saturating_mul(3);
        assert_eq!(Signaling::on_initialize(52), W::sweep() + three);
        assert_eq!(online_count(), 7);
        // Room for two more, and not for the worst of a third.
        let room = W::sweep() + W::expire_presence().saturating_mul(3) - Weight::from_parts(1, 0);
        let two = W::expire_presence().saturating_mul(2);
        assert_eq!(Signaling::on_idle(52, room), W::sweep() + two);
        assert_eq!(online_count(), 5);
        // Nothing at all is done where there is room for nothing.
        let hash = sp_io::storage::root(sp_runtime::StateVersion::V1);
        assert_eq!(Signaling::on_idle(52, Weight::from_parts(9, 9)), Weight::zero());
        assert_eq!(sp_io::storage::root(sp_runtime::StateVersion::V1), hash);
        let rest = W::expire_presence().saturating_mul(5);
        assert_eq!(Signaling::on_idle(52, Weight::MAX), W::sweep() + rest + W::sweep_block());
        assert!(is_through(52));
    });
}

#[test]
fn the_sweep_waits_until_a_migration_is_through() {
    ExtBuilder::default().build().execute_with(|| {
        run_to(2);
        beat(1);
        let before = StorageVersion::new(0);
        before.put::<Signaling>();
        run_to(60);
        assert_eq!(online_count(), 1, "nothing is ended in a form that is not understood");
        Signaling::in_code_storage_version().put::<Signaling>();
        run_to(70);
        assert_eq!(online_count(), 0, "and it is made up for");
        assert!(is_through(70));
    });
}

#[test]
fn a_gap_costs_what_a_gap_costs() {
    ExtBuilder::default().build().execute_with(|| {
        run_to(2);
        for number in 0..30 {
            beat(number);
            Signaling::do_go_offline(&somebody(number));
        }
        assert_eq!((pending().len(), DeadlineCount::<Test>::get(52)), (0, 30));
        jump_to(51);
        sweep(51, 1_000);
        jump_to(52);
        let gaps = W::sweep_gap().saturating_mul(30);
        assert_eq!(sweep(52, 1_000), W::sweep() + gaps + W::sweep_block());
        assert!(W::sweep_gap().ref_time() < W::expire_presence().ref_time());
    });
}

#[test]
fn a_step_costs_as_much_as_it_finds() {
    ExtBuilder::default().execute(|| {
        let (alice, bob) = (Person::joined(1), Person::joined(2));
        for _ in 0..3 {
            assert_ok!(alice.signal(&bob.device()));
        }
        run_to(100);
        jump_to(101);
        let cost = Signaling::on_initialize(101);
        assert_eq!(cost, W::sweep() + W::expire_signals(3) + W::sweep_block());
    });
}

/// As many people come online as fit into one full block; when they are due, a block that is
/// half full for other reasons is enough to end all of them.
#[test]
fn what_one_block_creates_one_block_drains() {
    ExtBuilder::default().build().execute_with(|| {
        let limits: frame_system::limits::BlockWeights = BlockWeights::get();
        let normal = limits.get(DispatchClass::Normal);
        let call = W::heartbeat() + normal.base_extrinsic;
        let fit = normal.max_total.expect("it is limited").checked_div_per_component(&call);
        let fit = fit.expect("a call costs something") as u32;
        assert!(fit > 500, "{fit}");
        run_to(9);
        (0..fit).for_each(beat);
        run_to(58);
        assert_eq!(online_count(), fit as usize);
        jump_to(59);
        let start = Signaling::on_initialize(59);
        let left = (limits.max_block / 2).saturating_sub(start);
        let idle = Signaling::on_idle(59, left);
        assert!(idle.all_lte(left));
        assert_eq!(online_count(), 0);
        assert!(is_through(59));
    });
}

/// Without a block's end the backlog waits, and events come late; no step is lost.
#[test]
fn a_backlog_is_made_up_for_as_soon_as_blocks_have_room() {
    ExtBuilder::default().expiries_per_block(2).build().execute_with(|| {
        run_to(9);
        (0..500).for_each(beat);
        run_to(80);
        assert!(!is_through(80));
        Signaling::on_idle(80, Weight::MAX);
        assert!(is_through(80));
        assert_eq!(online_count(), 0);
    });
}
