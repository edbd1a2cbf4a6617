use crate::{authorize::invalid, mock::*, proof, types::*, *};
use codec::Encode;
use frame_support::{assert_ok, pallet_prelude::InvalidTransaction};
use sp_core::Pair;
use sp_runtime::{transaction_validity::TransactionValidityError, MultiSignature};

fn refused(reason: InvalidTransaction) -> TransactionValidityError {
    reason.into()
}

fn wrapped_proof(key: &Key, device: &sp_core::ed25519::Pair) -> Proof {
    let mut proof = Proof::new(key, device, 601);
    let statement =
        proof::device_statement(&genesis(), &proof.account, &proof.record, proof.expires);
    proof.certificate = key.sign(&proof::wrapped(&statement));
    proof.worked()
}

#[test]
fn both_schemes_certify_plainly_and_wrapped() {
    for (number, key) in [ed(1), sr(1)].into_iter().enumerate() {
        ExtBuilder::default().execute(|| {
            assert_ok!(outcome(apply_general(Proof::new(&key, &pair(50), 601).register())));
        });
        ExtBuilder::default().execute(|| {
            let proof = wrapped_proof(&key, &pair(51 + number as u32));
            assert_ok!(outcome(apply_general(proof.register())));
        });
    }
}

#[test]
fn the_statement_is_what_the_document_says() {
    let alice = Person::new(1);
    let (genesis, record) = ([4; 32], record(&alice.device_key));
    let statement = proof::device_statement(&genesis, &alice.account(), &record, 0x0102_0304);
    assert_eq!(statement.len(), 50);
    assert_eq!(&statement[..18], b"stardust:device:v1");
    let mut content = vec![4; 32];
    content.extend_from_slice(alice.account().as_ref());
    content.push(1);
    content.extend_from_slice(&record.device);
    content.extend_from_slice(&[1; 32]);
    content.extend_from_slice(&[2; 32]);
    // Compact(1216) in two bytes, then the key.
    content.extend_from_slice(&((1216u16 << 2) | 1).to_le_bytes());
    content.extend_from_slice(&[3; 1216]);
    content.extend_from_slice(&[4, 3, 2, 1]);
    assert_eq!(statement[18..], sp_io::hashing::blake2_256(&content));
}

#[test]
fn work_counts_leading_bits() {
    let mut hash = [0; 32];
    assert!(proof::is_enough_work(&hash, 255));
    hash[1] = 0b0001_0000;
    assert!(proof::is_enough_work(&hash, 11));
    assert!(!proof::is_enough_work(&hash, 12));
    assert!(proof::is_enough_work(&[255; 32], 0));
    assert!(!proof::is_enough_work(&[255; 32], 1));
}

#[test]
fn cannot_join_without_work() {
    ExtBuilder::default().difficulty(12).execute(|| {
        let good = Proof::new(&ed(1), &pair(50), 601);
        assert!(validate(good.clone().register()).is_ok());
        let mut lazy = good.clone();
        lazy.work = good.work.wrapping_add(1);
        assert_eq!(validate(lazy.register()), Err(refused(InvalidTransaction::BadProof)));
        // Work for one expiry is none for another.
        let mut other = Proof::new(&ed(1), &pair(50), 600);
        if other.work != good.work {
            other.work = good.work;
            assert_eq!(validate(other.register()), Err(refused(InvalidTransaction::BadProof)));
        }
    });
}

/// Neither the signatures nor anything that they sign can be another under the same nonce, or
/// one nonce would have a node check any number of signatures.
#[test]
fn work_is_for_one_transaction_only() {
    ExtBuilder::default().difficulty(12).execute(|| {
        let good = Proof::new(&ed(1), &pair(50), 601);
        let lazy = |change: fn(&mut Proof)| {
            let mut proof = good.clone();
            change(&mut proof);
            assert_eq!(validate(proof.register()), Err(refused(InvalidTransaction::BadProof)));
        };
        lazy(|proof| proof.possession[7] ^= 1);
        lazy(|proof| proof.certificate = ed(1).sign(b"something else"));
        lazy(|proof| proof.record.sealing[0] ^= 1);
        lazy(|proof| proof.account = ed(2).account());
        // With work the signatures are looked at, and refused.
        let mut proof = good.clone();
        proof.possession[7] ^= 1;
        let worked = proof.worked().register();
        assert_eq!(validate(worked), Err(refused(InvalidTransaction::BadProof)));
        assert!(validate(good.register()).is_ok());
    });
}

#[test]
fn nothing_is_looked_for_in_the_storage_before_the_work() {
    ExtBuilder::default().difficulty(12).execute(|| {
        let alice = Person::joined(1);
        let stale = Err(refused(InvalidTransaction::Stale));
        let bad = Err(refused(InvalidTransaction::BadProof));
        let again = Proof::new(&alice.key, &pair(60), 601);
        assert_eq!(validate(again.clone().register()), stale);
        let mut lazy = again;
        lazy.work = lazy.work.wrapping_add(1);
        assert_eq!(validate(lazy.clone().register()), bad);
        // What the transaction says by itself comes before both.
        lazy.expires = 1;
        assert_eq!(validate(lazy.clone().register()), stale);
        lazy.expires = 601;
        lazy.record.suite = 2;
        let record = Err(refused(InvalidTransaction::Custom(invalid::BAD_RECORD)));
        assert_eq!(validate(lazy.register()), record);
    });
}

#[test]
fn the_work_is_what_the_document_says() {
    let alice = Person::new(1);
    let record = record(&alice.device_key);
    let message = proof::possession_statement(&[4; 32], &alice.account(), &record, 9);
    let certificate = sr(1).sign(b"something");
    let signatures = proof::device_signatures(&[6; 64], &certificate);
    let mut content = message.clone();
    content.extend_from_slice(&[6; 64]);
    // The number of sr25519 in `MultiSignature`.
    content.push(1);
    content.extend_from_slice(&certificate.encode()[1..]);
    assert_eq!(content.len(), 51 + 64 + 1 + 64);
    let mut input = b"stardust:work:v2".to_vec();
    input.extend_from_slice(&sp_io::hashing::blake2_256(&content));
    input.extend_from_slice(&[2, 1, 0, 0, 0, 0, 0, 0]);
    assert_eq!(proof::work(&message, &signatures, 0x0102), sp_io::hashing::blake2_256(&input));
}

#[test]
fn cannot_use_a_proof_with_anything_changed() {
    ExtBuilder::default().difficulty(0).execute(|| {
        let good = Proof::new(&ed(1), &pair(50), 601);
        let bad = |change: fn(&mut Proof)| {
            let mut proof = good.clone();
            change(&mut proof);
            assert_eq!(validate(proof.register()), Err(refused(InvalidTransaction::BadProof)));
        };
        bad(|proof| proof.account = ed(2).account());
        bad(|proof| proof.expires = 600);
        bad(|proof| proof.record.olm = [9; 32]);
        bad(|proof| proof.record.fallback = [9; 32]);
        bad(|proof| proof.record.device = pair(51).public().0);
        bad(|proof| proof.record.sealing[0] = 9);
        bad(|proof| proof.possession[0] ^= 1);
        bad(|proof| proof.certificate = ed(2).sign(b"something else"));
        assert!(validate(good.register()).is_ok());
    });
}

#[test]
fn cannot_claim_a_device_without_its_key() {
    ExtBuilder::default().difficulty(0).execute(|| {
        let mut proof = Proof::new(&ed(1), &pair(50), 601);
        // The account signs in the device's stead.
        let message =
            proof::possession_statement(&genesis(), &proof.account, &proof.record, proof.expires);
        proof.possession = pair(1).sign(&message).0;
        assert_eq!(validate(proof.register()), Err(refused(InvalidTransaction::BadProof)));
    });
}

#[test]
fn cannot_certify_with_another_scheme() {
    ExtBuilder::default().difficulty(0).execute(|| {
        let pair_ = sp_core::ecdsa::Pair::from_seed(&[1; 32]);
        let account: Account = sp_io::hashing::blake2_256(&pair_.public().0).into();
        let mut proof = Proof::new(&ed(1), &pair(50), 601);
        let record = proof.record.clone();
        let message = proof::possession_statement(&genesis(), &account, &record, 601);
        proof.possession = pair(50).sign(&message).0;
        let statement = proof::device_statement(&genesis(), &account, &record, 601);
        proof.certificate = MultiSignature::Ecdsa(pair_.sign(&statement));
        proof.account = account;
        assert_eq!(validate(proof.register()), Err(refused(InvalidTransaction::BadProof)));
    });
}

#[test]
fn cannot_use_another_chains_proof() {
    ExtBuilder::default().difficulty(0).execute(|| {
        let device = pair(50);
        let mut elsewhere = genesis();
        elsewhere[0] ^= 1;
        let proof = Proof::of_chain(&elsewhere, &ed(1), &device, record(&device), 601);
        assert_eq!(validate(proof.register()), Err(refused(InvalidTransaction::BadProof)));
    });
}

#[test]
fn cannot_use_a_proof_that_expired_or_lasts_too_long() {
    ExtBuilder::default().execute(|| {
        jump_to(10);
        let at = |expires| validate(Proof::new(&ed(1), &pair(50), expires).register());
        assert_eq!(at(10), Err(refused(InvalidTransaction::Stale)));
        assert_eq!(at(11).map(|validity| validity.longevity), Ok(1));
        assert_eq!(at(610).map(|validity| validity.longevity), Ok(600));
        assert_eq!(at(611), Err(refused(InvalidTransaction::Future)));
    });
}

#[test]
fn cannot_register_twice() {
    ExtBuilder::default().execute(|| {
        Person::joined(1);
        let again = Proof::new(&ed(1), &pair(60), 601);
        assert_eq!(validate(again.register()), Err(refused(InvalidTransaction::Stale)));
    });
}

#[test]
fn cannot_replay_a_certificate() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        let second = pair(100);
        let proof = Proof::new(&alice.key, &second, 500);
        assert_ok!(outcome(apply_general(proof.clone().add_device())));
        // Not while the device is there, not when it was revoked.
        let stale = Err(refused(InvalidTransaction::Stale));
        assert_eq!(validate(proof.clone().add_device()), stale);
        assert_ok!(Signaling::revoke_device(alice.as_account(), id(&second)));
        assert_eq!(validate(proof.clone().add_device()), stale);
        // Nor one with an end that is not later than the last that was used.
        assert_eq!(validate(Proof::new(&alice.key, &second, 500).add_device()), stale);
        assert_eq!(validate(Proof::new(&alice.key, &second, 499).add_device()), stale);
        // Nor after a farewell, as a registration.
        assert_ok!(Signaling::deregister(alice.as_account()));
        assert_eq!(validate(proof.clone().register()), stale);
        assert_eq!(validate(Proof::new(&alice.key, &second, 500).register()), stale);
        run_to(500);
        assert!(!SpentProofs::<Test>::contains_key(alice.account()));
        assert_eq!(validate(proof.register()), stale);
        assert!(validate(Proof::new(&alice.key, &second, 501).register()).is_ok());
    });
}

#[test]
fn cannot_replay_a_certificate_while_the_sweep_is_behind() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        let proof = Proof::new(&alice.key, &pair(100), 400);
        assert_ok!(outcome(apply_general(proof.clone().add_device())));
        assert_ok!(Signaling::deregister(alice.as_account()));
        let stale = Err(refused(InvalidTransaction::Stale));
        jump_to(399);
        assert_eq!(validate(proof.clone().register()), stale);
        // The sweep did not come, and the mark is still there: it is past, as the proof is.
        jump_to(450);
        assert!(SpentProofs::<Test>::contains_key(alice.account()));
        assert_eq!(validate(proof.clone().register()), stale);
        // Coming back takes the mark and its deadline away, and the proof stays worth nothing.
        alice.join();
        assert!(!SpentProofs::<Test>::contains_key(alice.account()));
        assert_eq!(validate(proof.add_device()), stale);
    });
}

#[test]
fn work_pays_for_a_place_in_the_pool() {
    ExtBuilder::default().execute(|| {
        let alice = Person::joined(1);
        let register = Proof::new(&ed(3), &pair(60), 9).register();
        let add = Proof::new(&alice.key, &pair(61), 9).add_device();
        for call in [register, add] {
            assert_eq!(validate(call).map(|validity| validity.priority), Ok(1));
        }
        // Above calls without a fee, so that a flood of those cannot keep newcomers out; below
        // those that pay.
        let free = validate_signed(&alice.device(), crate::Call::heartbeat {});
        assert_eq!(free.map(|validity| validity.priority), Ok(0));
    });
}

#[test]
fn refusals_say_why() {
    ExtBuilder::default().difficulty(0).execute(|| {
        let custom = |code| Err(refused(InvalidTransaction::Custom(code)));
        let unknown = Proof::new(&ed(1), &pair(50), 9);
        assert_eq!(validate(unknown.add_device()), custom(invalid::NOT_REGISTERED));
        let mut record_ = record(&pair(50));
        record_.suite = 2;
        let suite = Proof::of_chain(&genesis(), &ed(1), &pair(50), record_, 9);
        assert_eq!(validate(suite.register()), custom(invalid::BAD_RECORD));
        let mut record_ = record(&pair(50));
        record_.sealing.pop();
        let short = Proof::of_chain(&genesis(), &ed(1), &pair(50), record_, 9);
        assert_eq!(validate(short.register()), custom(invalid::BAD_RECORD));
        let own = Proof::new(&ed(1), &pair(1), 9);
        assert_eq!(validate(own.register()), custom(invalid::KEY_HAS_OTHER_ROLE));
        let alice = Person::joined(1);
        for seed in 1..8 {
            assert_ok!(outcome(alice.add(&pair(100 + seed))));
        }
        let ninth = Proof::new(&alice.key, &pair(108), 600);
        assert_eq!(validate(ninth.add_device()), custom(invalid::TOO_MANY_DEVICES));
        let bob = Person::new(2);
        let taken = Proof::new(&bob.key, &alice.device_key, 600);
        assert_eq!(validate(taken.register()), Err(refused(InvalidTransaction::Stale)));
    });
}

#[test]
fn one_registration_of_an_account_or_device_waits_at_a_time() {
    ExtBuilder::default().execute(|| {
        let tags = |key: Key, device| {
            validate(Proof::new(&key, &device, 9).register()).expect("it is good").provides
        };
        let (one, two) = (tags(ed(1), pair(50)), tags(ed(1), pair(51)));
        assert_eq!(one[0], two[0]);
        assert_ne!(one[1], two[1]);
        let three = tags(ed(2), pair(50));
        assert_ne!(one[0], three[0]);
        assert_eq!(one[1], three[1]);
    });
}

#[test]
fn records_of_the_longest_size_are_what_the_pallet_counts_with() {
    use codec::MaxEncodedLen;
    let record = record(&pair(1));
    assert_eq!(record.encode().len(), DeviceRecord::max_encoded_len());
    assert_eq!(record.encode().len(), 1 + 3 * 32 + 2 + 1216);
}
