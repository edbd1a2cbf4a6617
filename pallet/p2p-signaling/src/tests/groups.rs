use super::authorized;
use crate::{authorize::invalid, mock::*, proof, types::*, *};
use frame_support::{assert_noop, assert_ok, pallet_prelude::InvalidTransaction};
use sp_core::{ed25519, Pair};

fn group_of(key: &ed25519::Pair) -> [u8; 32] {
    proof::group_id(&genesis(), &key.public().0)
}

fn register(key: &ed25519::Pair, expires: u32) -> crate::Call<Test> {
    let (group, authority) = (group_of(key), key.public().0);
    let message = proof::group_registration(&genesis(), &group, &authority, expires);
    let signature = key.sign(&message).0;
    let work = work(&message, &signature);
    crate::Call::register_group { group, authority, expires, signature, work }
}

fn commit(
    group: [u8; 32],
    key: &ed25519::Pair,
    epoch: u64,
    next: &ed25519::Pair,
) -> crate::Call<Test> {
    let (commit, next_authority) = ([epoch as u8; 32], next.public().0);
    let message = proof::group_commit(&genesis(), &group, epoch, &commit, &next_authority);
    let signature = key.sign(&message).0;
    let work = work(&message, &signature);
    crate::Call::commit_group_epoch { group, epoch, commit, next_authority, signature, work }
}

fn close(group: [u8; 32], key: &ed25519::Pair, epoch: u64) -> crate::Call<Test> {
    let message = proof::group_close(&genesis(), &group, epoch);
    crate::Call::close_group { group, signature: key.sign(&message).0 }
}

fn refused(call: crate::Call<Test>, reason: InvalidTransaction) {
    assert_eq!(validate(call), Err(reason.into()));
}

/// A group of `pair(1)` in block 1; goes on to block 2.
fn a_group() -> [u8; 32] {
    let soon = Signaling::now() + 10;
    assert_ok!(outcome(apply_general(register(&pair(1), soon))));
    run_to(Signaling::now() + 1);
    group_of(&pair(1))
}

#[test]
fn a_group_lives() {
    ExtBuilder::default().execute(|| {
        let group = a_group();
        let head = GroupHead { authority: pair(1).public().0, epoch: 0, commit: [0; 32], at: 1 };
        assert_eq!(Signaling::group(group), Some(head));
        assert_ok!(outcome(apply_general(commit(group, &pair(1), 1, &pair(2)))));
        let head = GroupHead { authority: pair(2).public().0, epoch: 1, commit: [1; 32], at: 2 };
        assert_eq!(Signaling::group(group), Some(head));
        assert_ok!(outcome(apply_general(close(group, &pair(2), 1))));
        assert_eq!(Signaling::group(group), None);
        assert_eq!(
            events(),
            vec![
                Event::GroupRegistered { group },
                Event::GroupEpochCommitted { group, epoch: 1, commit: [1; 32] },
                Event::GroupClosed { group },
            ]
        );
    });
}

#[test]
fn cannot_squat_a_group_id() {
    ExtBuilder::default().execute(|| {
        let crate::Call::register_group { group, .. } = register(&pair(1), 9) else {
            unreachable!("it is a registration")
        };
        let authority = pair(2).public().0;
        let message = proof::group_registration(&genesis(), &group, &authority, 9);
        let signature = pair(2).sign(&message).0;
        let work = work(&message, &signature);
        let call = crate::Call::register_group { group, authority, expires: 9, signature, work };
        refused(call, InvalidTransaction::BadProof);
    });
}

#[test]
fn cannot_register_a_group_badly() {
    ExtBuilder::default().difficulty(12).execute(|| {
        let good = register(&pair(1), 9);
        assert!(validate(good.clone()).is_ok());
        let change = |edit: fn(&mut u64, &mut [u8; 64])| {
            let mut call = good.clone();
            if let crate::Call::register_group { work, signature, .. } = &mut call {
                edit(work, signature);
            }
            refused(call, InvalidTransaction::BadProof);
        };
        change(|work, _| *work = work.wrapping_add(1));
        change(|_, signature| signature[0] ^= 1);
        refused(register(&pair(1), 1), InvalidTransaction::Stale);
        refused(register(&pair(1), 602), InvalidTransaction::Future);
    });
}

#[test]
fn cannot_register_a_group_twice_or_again_after_its_end() {
    ExtBuilder::default().execute(|| {
        let first = register(&pair(1), 500);
        assert_ok!(outcome(apply_general(first.clone())));
        refused(register(&pair(1), 501), InvalidTransaction::Stale);
        let group = group_of(&pair(1));
        assert_ok!(outcome(apply_general(close(group, &pair(1), 0))));
        // Anybody could send the registration again; it is refused while it could be good, ...
        refused(first.clone(), InvalidTransaction::Stale);
        run_to(499);
        refused(first.clone(), InvalidTransaction::Stale);
        // ... and after that it has expired.
        run_to(602);
        assert!(!ClosedGroups::<Test>::contains_key(group));
        refused(first, InvalidTransaction::Stale);
        assert_noop!(
            Signaling::register_group(authorized(), group, [0; 32], 1, [0; 64], 0),
            Error::<Test>::StaleProof
        );
    });
}

#[test]
fn cannot_commit_with_anothers_group_key() {
    ExtBuilder::default().execute(|| {
        let group = a_group();
        refused(commit(group, &pair(2), 1, &pair(2)), InvalidTransaction::BadProof);
        assert_ok!(outcome(apply_general(commit(group, &pair(1), 1, &pair(2)))));
        run_to(3);
        // The key before the current one is another's too.
        refused(commit(group, &pair(1), 2, &pair(1)), InvalidTransaction::BadProof);
        refused(close(group, &pair(1), 1), InvalidTransaction::BadProof);
        assert!(validate(commit(group, &pair(2), 2, &pair(3))).is_ok());
    });
}

#[test]
fn cannot_commit_another_groups_signature() {
    ExtBuilder::default().execute(|| {
        let group = a_group();
        let (commit, next) = ([1; 32], pair(2).public().0);
        let message = |group| proof::group_commit(&genesis(), group, 1, &commit, &next);
        let signature = pair(1).sign(&message(&[7; 32])).0;
        let call = crate::Call::commit_group_epoch {
            group,
            epoch: 1,
            commit,
            next_authority: next,
            signature,
            work: work(&message(&group), &signature),
        };
        refused(call, InvalidTransaction::BadProof);
    });
}

#[test]
fn only_the_first_commit_of_an_epoch_wins() {
    ExtBuilder::default().execute(|| {
        let group = a_group();
        let (one, two) =
            (commit(group, &pair(1), 1, &pair(2)), commit(group, &pair(1), 1, &pair(3)));
        let tags = |call: &crate::Call<Test>| validate(call.clone()).map(|v| v.provides);
        // They exclude each other in the pool already.
        assert!(tags(&one).is_ok());
        assert_eq!(tags(&one), tags(&two));
        assert_ok!(outcome(apply_general(one)));
        refused(two, InvalidTransaction::Stale);
        assert_eq!(Signaling::group(group).map(|head| head.authority), Some(pair(2).public().0));
    });
}

#[test]
fn cannot_commit_a_future_or_a_past_epoch() {
    ExtBuilder::default().execute(|| {
        let group = a_group();
        refused(commit(group, &pair(1), 2, &pair(2)), InvalidTransaction::Future);
        refused(commit(group, &pair(1), 0, &pair(2)), InvalidTransaction::Stale);
        refused(commit(group, &pair(1), u64::MAX, &pair(2)), InvalidTransaction::Future);
        let commit = |epoch| {
            Signaling::commit_group_epoch(authorized(), group, epoch, [0; 32], [0; 32], [0; 64], 0)
        };
        assert_noop!(commit(0), Error::<Test>::StaleEpoch);
        assert_noop!(commit(2), Error::<Test>::FutureEpoch);
    });
}

#[test]
fn cannot_commit_twice_in_a_block() {
    ExtBuilder::default().execute(|| {
        let group = a_group();
        assert_ok!(outcome(apply_general(commit(group, &pair(1), 1, &pair(2)))));
        let second = commit(group, &pair(2), 2, &pair(3));
        refused(second.clone(), InvalidTransaction::Future);
        run_to(3);
        assert_ok!(outcome(apply_general(second)));
    });
}

#[test]
fn cannot_commit_without_work() {
    ExtBuilder::default().difficulty(12).execute(|| {
        let group = a_group();
        let mut call = commit(group, &pair(1), 1, &pair(2));
        if let crate::Call::commit_group_epoch { work, .. } = &mut call {
            *work = work.wrapping_add(1);
        }
        refused(call, InvalidTransaction::BadProof);
    });
}

#[test]
fn work_for_a_group_is_for_one_transaction_and_comes_before_the_storage() {
    ExtBuilder::default().difficulty(12).execute(|| {
        let group = a_group();
        let good = commit(group, &pair(1), 1, &pair(2));
        assert!(validate(good.clone()).is_ok());
        let with = |edit: fn(&mut [u8; 64], &mut [u8; 32], &mut u64)| {
            let mut call = good.clone();
            if let crate::Call::commit_group_epoch { signature, commit, epoch, .. } = &mut call {
                edit(signature, commit, epoch);
            }
            call
        };
        refused(with(|signature, _, _| signature[5] ^= 1), InvalidTransaction::BadProof);
        refused(with(|_, commit, _| commit[5] ^= 1), InvalidTransaction::BadProof);
        // Without work for it, not even the epoch is looked at, nor whether there is a group.
        refused(with(|_, _, epoch| *epoch = 7), InvalidTransaction::BadProof);
        let mut unknown = register(&pair(1), Signaling::now() + 9);
        if let crate::Call::register_group { work, .. } = &mut unknown {
            *work = work.wrapping_add(1);
        }
        refused(unknown, InvalidTransaction::BadProof);
        refused(register(&pair(1), Signaling::now() + 9), InvalidTransaction::Stale);
    });
}

#[test]
fn cannot_close_with_an_old_signature_or_twice() {
    ExtBuilder::default().execute(|| {
        let group = a_group();
        let early = close(group, &pair(1), 0);
        assert_ok!(outcome(apply_general(commit(group, &pair(1), 1, &pair(1)))));
        refused(early, InvalidTransaction::BadProof);
        let good = close(group, &pair(1), 1);
        assert_ok!(outcome(apply_general(good.clone())));
        refused(good, InvalidTransaction::Custom(invalid::UNKNOWN_GROUP));
        assert_noop!(
            Signaling::close_group(authorized(), group, [0; 64]),
            Error::<Test>::UnknownGroup
        );
        assert_noop!(
            Signaling::close_group(RuntimeOrigin::none(), group, [0; 64]),
            sp_runtime::DispatchError::BadOrigin
        );
    });
}

/// Lets the sweep come to all that is due by block `to` without walking through every block.
fn skip_to(to: u32) {
    jump_to(to);
    DeadlineCursor::<Test>::mutate(|cursor| {
        let due = Deadlines::<Test>::iter_keys().map(|(block, _)| block).min();
        let block = due.unwrap_or(to).min(to);
        *cursor = Some(DeadlineSlot { block, index: 0 });
    });
    while DeadlineCursor::<Test>::get().is_some_and(|cursor| cursor.block <= to) {
        sweep(to, 200);
    }
}

#[test]
fn a_group_that_is_not_renewed_expires() {
    ExtBuilder::default().execute(|| {
        let group = a_group();
        skip_to(1_000_000);
        assert_ok!(outcome(apply_general(commit(group, &pair(1), 1, &pair(2)))));
        skip_to(1_209_601);
        assert!(Signaling::group(group).is_some());
        skip_to(2_209_599);
        assert!(Signaling::group(group).is_some());
        events();
        // In the very block of its end, swept or not.
        jump_to(2_209_600);
        assert_eq!(Signaling::group(group), None);
        refused(
            commit(group, &pair(2), 2, &pair(2)),
            InvalidTransaction::Custom(invalid::UNKNOWN_GROUP),
        );
        refused(close(group, &pair(2), 1), InvalidTransaction::Custom(invalid::UNKNOWN_GROUP));
        skip_to(2_209_600);
        assert_eq!(events(), vec![Event::GroupExpired { group }]);
        assert_eq!(Groups::<Test>::iter().count(), 0);
        assert_eq!(pending().len(), 0);
    });
}

#[test]
fn an_expired_group_that_was_not_swept_makes_room() {
    ExtBuilder::default().execute(|| {
        let group = a_group();
        jump_to(1_209_601);
        events();
        assert_ok!(outcome(apply_general(register(&pair(1), 1_209_700))));
        assert_eq!(events(), vec![Event::GroupExpired { group }, Event::GroupRegistered { group }]);
        skip_to(1_209_602);
        assert!(Signaling::group(group).is_some());
    });
}
