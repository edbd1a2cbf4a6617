//! The runtime is what `docs/chain.md`, section Runtime, promises to clients.

use crate::*;
use frame_support::{
    dispatch::DispatchClass,
    genesis_builder_helper::build_state,
    traits::{Get, OnFinalize, PalletInfoAccess},
};
use serde_json::Value;
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::Sr25519Keyring;
use sp_runtime::{
    traits::{One, TransactionExtension},
    FixedU128, Perbill,
};

/// The whole genesis of a preset, which itself says only what differs from the defaults.
fn config(preset: &str) -> Vec<u8> {
    let preset = genesis::preset(&PresetId::from(preset)).expect("the preset exists");
    let preset: Value = serde_json::from_slice(&preset).expect("a preset is JSON");
    let mut config =
        serde_json::to_value(RuntimeGenesisConfig::default()).expect("so are defaults");
    for (pallet, fields) in preset.as_object().expect("a preset names pallets") {
        for (field, value) in fields.as_object().expect("and their fields") {
            config[pallet][field] = value.clone();
        }
    }
    config.to_string().into_bytes()
}

/// Runs `check` on the state that a preset builds.
fn on_genesis(preset: &str, check: impl FnOnce()) {
    sp_io::TestExternalities::default().execute_with(|| {
        build_state::<RuntimeGenesisConfig>(config(preset))
            .expect("the runtime takes its own preset");
        check();
    });
}

#[test]
fn development_has_one_validator_and_cheap_work() {
    on_genesis(DEV_RUNTIME_PRESET, || {
        assert_eq!(pallet_aura::Authorities::<Runtime>::get().len(), 1);
        assert_eq!(Grandpa::grandpa_authorities().len(), 1);
        assert_eq!(pallet_sudo::Key::<Runtime>::get(), Some(Sr25519Keyring::Alice.to_account_id()));
        assert_eq!(pallet_p2p_signaling::WorkDifficulty::<Runtime>::get(), 12);
    });
}

#[test]
fn local_has_four_validators_and_dearer_work() {
    on_genesis(LOCAL_TESTNET_RUNTIME_PRESET, || {
        assert_eq!(pallet_aura::Authorities::<Runtime>::get().len(), 4);
        assert_eq!(Grandpa::grandpa_authorities().len(), 4);
        assert_eq!(pallet_sudo::Key::<Runtime>::get(), Some(Sr25519Keyring::Alice.to_account_id()));
        assert_eq!(pallet_p2p_signaling::WorkDifficulty::<Runtime>::get(), 16);
    });
}

#[test]
fn every_named_preset_exists_and_no_other() {
    assert_eq!(genesis::preset_names().len(), 2);
    assert!(genesis::preset_names().iter().all(|name| genesis::preset(name).is_some()));
    assert!(genesis::preset(&PresetId::from("staging")).is_none());
}

#[test]
fn pallets_stand_where_clients_look_for_them() {
    let indices = [
        System::index(),
        Timestamp::index(),
        Aura::index(),
        Grandpa::index(),
        Balances::index(),
        TransactionPayment::index(),
        Sudo::index(),
        SkipFeelessPayment::index(),
        P2pSignaling::index(),
        Validators::index(),
        Session::index(),
        Migrations::index(),
    ];
    assert_eq!(indices, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
}

#[test]
fn transactions_carry_the_extensions_in_order() {
    let names: Vec<_> = TxExtension::metadata().into_iter().map(|part| part.identifier).collect();
    assert_eq!(
        names,
        [
            "AuthorizeCall",
            "CheckNonZeroSender",
            "CheckSpecVersion",
            "CheckTxVersion",
            "CheckGenesis",
            "CheckMortality",
            "CheckNonce",
            "CheckWeight",
            // SkipCheckIfFeeless, which keeps the name of what it wraps.
            "ChargeTransactionPayment",
            "CheckMetadataHash",
            "WeightReclaim",
        ]
    );
}

#[test]
fn blocks_take_six_seconds_and_addresses_have_prefix_42() {
    on_genesis(DEV_RUNTIME_PRESET, || assert_eq!(Aura::slot_duration(), 6_000));
    assert_eq!(<<Runtime as frame_system::Config>::SS58Prefix as Get<u8>>::get(), 42);
}

#[test]
fn limits_are_those_of_the_specification() {
    use pallet_p2p_signaling::Config;
    fn is<T: Get<u32>>(expected: u32) {
        assert_eq!(T::get(), expected);
    }
    is::<<Runtime as Config>::ProofLifetime>(600);
    is::<<Runtime as Config>::PresenceTimeout>(50);
    is::<<Runtime as Config>::SignalLifetime>(100);
    is::<<Runtime as Config>::NoticeLifetime>(100_800);
    is::<<Runtime as Config>::GroupLifetime>(1_209_600);
    is::<<Runtime as Config>::StatementLifetime>(864_000);
    is::<<Runtime as Config>::AccountLifetime>(5_256_000);
    is::<<Runtime as Config>::AllowanceCap>(64);
    is::<<Runtime as Config>::AllowanceStart>(16);
    is::<<Runtime as Config>::AllowanceInterval>(2);
}

/// The blocks up to `last`, with what changes the validators in them.
fn run_to(last: BlockNumber) {
    use frame_support::traits::OnInitialize;
    for number in System::block_number() + 1..=last {
        System::set_block_number(number);
        <Session as OnInitialize<BlockNumber>>::on_initialize(number);
        <Grandpa as OnFinalize<BlockNumber>>::on_finalize(number);
    }
}

/// How many validators make blocks, and how many finalize them.
fn authorities() -> (usize, usize) {
    (pallet_aura::Authorities::<Runtime>::get().len(), Grandpa::grandpa_authorities().len())
}

#[test]
fn root_adds_and_removes_a_validator_within_two_sessions() {
    use sp_core::Pair;
    use sp_keyring::Ed25519Keyring;
    on_genesis(LOCAL_TESTNET_RUNTIME_PRESET, || {
        configs::SessionBlocks::set(&5);
        let eve = Sr25519Keyring::Eve.to_account_id();
        let keys = SessionKeys {
            aura: Sr25519Keyring::Eve.public().into(),
            grandpa: Ed25519Keyring::Eve.public().into(),
        };
        assert!(
            Validators::add_invulnerable(RuntimeOrigin::root(), eve.clone()).is_err(),
            "without keys nobody can validate"
        );
        Balances::force_set_balance(RuntimeOrigin::root(), eve.clone().into(), STAR)
            .expect("root can");
        let statement = sp_core::proof_of_possession::statement_of_ownership(eve.as_ref());
        let proof = (
            Sr25519Keyring::Eve.pair().sign(&statement),
            Ed25519Keyring::Eve.pair().sign(&statement),
        );
        let signed = RuntimeOrigin::signed(eve.clone());
        Session::set_keys(signed, keys, codec::Encode::encode(&proof)).expect("the proof holds");
        Validators::add_invulnerable(RuntimeOrigin::root(), eve.clone()).expect("root can");
        assert_eq!(authorities(), (4, 4));
        run_to(11);
        assert_eq!(authorities(), (5, 5));

        let alice = Sr25519Keyring::Alice.to_account_id();
        Validators::remove_invulnerable(RuntimeOrigin::root(), alice).expect("root can");
        run_to(22);
        assert_eq!(authorities(), (4, 4));
    });
}

#[test]
fn nobody_but_root_names_validators() {
    on_genesis(LOCAL_TESTNET_RUNTIME_PRESET, || {
        let alice = Sr25519Keyring::Alice.to_account_id();
        let signed = || RuntimeOrigin::signed(alice.clone());
        assert!(Validators::remove_invulnerable(signed(), alice.clone()).is_err());
        assert!(Validators::set_invulnerables(signed(), alloc::vec![alice.clone()]).is_err());
        assert!(Validators::register_as_candidate(signed()).is_err(), "there are no candidates");
    });
}

#[test]
fn another_genesis_can_have_shorter_blocks() {
    on_genesis(DEV_RUNTIME_PRESET, || {
        let key = sp_io::hashing::twox_128(b":SlotMillis:");
        frame_support::storage::unhashed::put(&key, &1_000u64);
        assert_eq!(Aura::slot_duration(), 1_000);
        assert_eq!(<<Runtime as pallet_timestamp::Config>::MinimumPeriod as Get<u64>>::get(), 500);
    });
}

/// The multiplier after so many blocks, each with this share of what ordinary calls may take.
fn multiplier_after(blocks: u32, share: Perbill) -> FixedU128 {
    let limits = configs::RuntimeBlockWeights::get();
    let normal = limits.get(DispatchClass::Normal).max_total.expect("it is limited");
    for _ in 0..blocks {
        System::set_block_consumed_resources(share * normal, 0);
        <TransactionPayment as OnFinalize<BlockNumber>>::on_finalize(System::block_number());
    }
    TransactionPayment::next_fee_multiplier()
}

#[test]
fn fees_stay_at_one_while_the_chain_is_idle_and_come_back_to_it() {
    on_genesis(DEV_RUNTIME_PRESET, || {
        let one = FixedU128::one();
        assert_eq!(TransactionPayment::next_fee_multiplier(), one);
        assert_eq!(multiplier_after(1_000, Perbill::zero()), one);
        assert_eq!(multiplier_after(1_000, Perbill::from_percent(25)), one);
        let day = 24 * 3_600 / 6;
        let dear = multiplier_after(day, Perbill::one());
        assert!(dear > FixedU128::from_u32(2) && dear < FixedU128::from_u32(3), "{dear:?}");
        assert_eq!(multiplier_after(4 * day, Perbill::zero()), one);
    });
}

#[test]
fn fees_cannot_grow_without_end() {
    on_genesis(DEV_RUNTIME_PRESET, || {
        let most = FixedU128::from_u32(1_000);
        pallet_transaction_payment::NextFeeMultiplier::<Runtime>::put(most);
        assert_eq!(multiplier_after(100, Perbill::one()), most);
    });
}

#[test]
fn bytes_have_a_price() {
    on_genesis(DEV_RUNTIME_PRESET, || {
        assert_eq!(TransactionPayment::length_to_fee(4_096), 4_096_000_000);
    });
}

#[test]
fn ordinary_calls_fill_three_quarters_of_a_block() {
    let (weights, length) =
        (configs::RuntimeBlockWeights::get(), configs::RuntimeBlockLength::get());
    let most = 5 * 1024 * 1024;
    assert_eq!(*length.max.get(DispatchClass::Normal), most / 4 * 3);
    assert_eq!(*length.max.get(DispatchClass::Operational), most);
    let normal = weights.get(DispatchClass::Normal).max_total.expect("it is limited");
    assert_eq!(normal.ref_time(), weights.max_block.ref_time() / 4 * 3);
}

/// What the balances pallet removes was never a matter of the signaling pallet, and it has to
/// learn its nonce all the same.
#[test]
fn the_nonce_of_an_account_whose_money_went_is_remembered() {
    on_genesis(DEV_RUNTIME_PRESET, || {
        let (bob, dave) =
            (Sr25519Keyring::Bob.to_account_id(), Sr25519Keyring::Dave.to_account_id());
        for _ in 0..7 {
            System::inc_account_nonce(&bob);
        }
        assert_eq!(pallet_p2p_signaling::NonceFloor::<Runtime>::get(), 0);
        Balances::transfer_all(RuntimeOrigin::signed(bob.clone()), dave.into(), false)
            .expect("it has money");
        assert!(!System::account_exists(&bob));
        assert_eq!(pallet_p2p_signaling::NonceFloor::<Runtime>::get(), 8);
    });
}

/// How much of the blocks, in the long run, calls may take each of which leaves the sweep the
/// worst step of its kind, until the sweep falls behind: it has what they leave.
#[test]
fn the_sweep_keeps_up_with_blocks_that_are_half_full() {
    use pallet_p2p_signaling::{Config, WeightInfo};
    type W = <Runtime as Config>::WeightInfo;
    let extrinsic = configs::RuntimeBlockWeights::get().get(DispatchClass::Normal).base_extrinsic;
    let kinds = [
        ("online", W::heartbeat(), W::expire_presence()),
        ("signal", W::send_signaling(), W::expire_signals(1)),
        ("notice", W::notify_offline_message(), W::expire_notices()),
        ("left", W::deregister(0, 1), W::expire_mark()),
        ("group", W::authorize_register_group() + W::register_group(), W::expire_group()),
        ("closed", W::authorize_close_group() + W::close_group(), W::expire_mark()),
    ];
    for (name, call, step) in kinds {
        let (call, step) = ((call + extrinsic).ref_time(), step.ref_time());
        let share = Perbill::from_rational(call, call + step);
        println!(
            "{name}: a call {} us, its step {} us, up to {share:?}",
            call / 1_000_000,
            step / 1_000_000
        );
        assert!(share >= Perbill::from_percent(50), "{name}: {share:?}");
    }
    // An account that is given up costs more at its end than one registration, at most: all of
    // its devices and a full block list.
    let joined = W::authorize_register() + W::register() + extrinsic;
    let ended =
        W::expire_account() + W::expire_statements(1) + W::expire_device(0) + W::expire_rest();
    let share = Perbill::from_rational(joined.ref_time(), (joined + ended).ref_time());
    println!("account: up to {share:?}");
    assert!(share >= Perbill::from_percent(30), "{share:?}");
}
