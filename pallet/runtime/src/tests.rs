//! The runtime is what `docs/chain.md`, section Runtime, promises to clients.

use crate::*;
use frame_support::{
    genesis_builder_helper::build_state,
    traits::{Get, PalletInfoAccess},
};
use serde_json::Value;
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::Sr25519Keyring;
use sp_runtime::traits::TransactionExtension;

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
fn local_has_three_validators_and_dearer_work() {
    on_genesis(LOCAL_TESTNET_RUNTIME_PRESET, || {
        assert_eq!(pallet_aura::Authorities::<Runtime>::get().len(), 3);
        assert_eq!(Grandpa::grandpa_authorities().len(), 3);
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
    ];
    assert_eq!(indices, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
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
    assert_eq!(Aura::slot_duration(), 6_000);
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
    is::<<Runtime as Config>::AllowanceCap>(64);
    is::<<Runtime as Config>::AllowanceInterval>(2);
}
