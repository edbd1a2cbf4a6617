//! What the two committed chain specs start with.

use crate::*;
use alloc::{vec, vec::Vec};
use frame_support::build_struct_json_patch;
use serde_json::Value;
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_consensus_grandpa::AuthorityId as GrandpaId;
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};

/// Leading zero bits that joining costs: a blink on a laptop's own chain, a moment on a network.
const DEV_WORK: u8 = 12;
const LOCAL_WORK: u8 = 16;

/// The well-known keys of one validator.
type Validator = (Sr25519Keyring, Ed25519Keyring);

fn session_keys((aura, grandpa): &Validator) -> SessionKeys {
    SessionKeys { aura: AuraId::from(aura.public()), grandpa: GrandpaId::from(grandpa.public()) }
}

fn genesis(
    validators: &[Validator],
    rich: Vec<AccountId>,
    root: AccountId,
    work_difficulty: u8,
) -> Value {
    let account = |(aura, _): &Validator| aura.to_account_id();
    build_struct_json_patch!(RuntimeGenesisConfig {
        balances: BalancesConfig {
            balances: rich.into_iter().map(|account| (account, 1_000_000 * STAR)).collect(),
        },
        session: SessionConfig {
            keys: validators
                .iter()
                .map(|one| (account(one), account(one), session_keys(one)))
                .collect(),
        },
        validators: ValidatorsConfig { invulnerables: validators.iter().map(account).collect() },
        sudo: SudoConfig { key: Some(root) },
        p_2p_signaling: P2pSignalingConfig { work_difficulty },
    })
}

fn development() -> Value {
    genesis(
        &[(Sr25519Keyring::Alice, Ed25519Keyring::Alice)],
        vec![Sr25519Keyring::Alice.to_account_id(), Sr25519Keyring::Bob.to_account_id()],
        Sr25519Keyring::Alice.to_account_id(),
        DEV_WORK,
    )
}

/// Four validators are the fewest of which one may fail: GRANDPA wants more than two thirds.
fn local() -> Value {
    let validators = [
        (Sr25519Keyring::Alice, Ed25519Keyring::Alice),
        (Sr25519Keyring::Bob, Ed25519Keyring::Bob),
        (Sr25519Keyring::Charlie, Ed25519Keyring::Charlie),
        (Sr25519Keyring::Dave, Ed25519Keyring::Dave),
    ];
    genesis(
        &validators,
        validators.iter().map(|(aura, _)| aura.to_account_id()).collect(),
        Sr25519Keyring::Alice.to_account_id(),
        LOCAL_WORK,
    )
}

/// The genesis of a preset, as JSON; `None` for a name that is not ours.
pub fn preset(id: &PresetId) -> Option<Vec<u8>> {
    let value = match id.as_ref() {
        DEV_RUNTIME_PRESET => development(),
        LOCAL_TESTNET_RUNTIME_PRESET => local(),
        _ => return None,
    };
    serde_json::to_vec(&value).ok()
}

/// The names of all presets.
pub fn preset_names() -> Vec<PresetId> {
    vec![PresetId::from(DEV_RUNTIME_PRESET), PresetId::from(LOCAL_TESTNET_RUNTIME_PRESET)]
}
