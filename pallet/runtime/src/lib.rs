//! The runtime of a Stardust chain: Aura and GRANDPA, balances and fees, and the pallet that
//! answers who somebody is and how to reach them. `docs/chain.md`, section Runtime.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
mod configs;
mod genesis;
#[cfg(test)]
mod tests;

use alloc::{borrow::Cow, vec::Vec};
use sp_runtime::{
    generic, impl_opaque_keys,
    traits::{BlakeTwo256, IdentifyAccount, Verify},
    MultiAddress, MultiSignature,
};
use sp_version::RuntimeVersion;

pub use apis::RuntimeApi;

/// Signature of an account, in one of three schemes.
pub type Signature = MultiSignature;
/// Public key of an account.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// Planck; 10^12 are one STAR.
pub type Balance = u128;
/// How many transactions an account has made.
pub type Nonce = u32;
/// Height of a block.
pub type BlockNumber = u32;
/// Hashes of blocks and state.
pub type Hash = sp_core::H256;
/// How a transaction names its sender.
pub type Address = MultiAddress<AccountId, ()>;
/// A block's header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;

/// One STAR in planck.
pub const STAR: Balance = 1_000_000_000_000;
/// Length of a slot, and so of a block, in milliseconds, where genesis does not say another.
pub const SLOT_MILLIS: u64 = 6_000;
/// Blocks between two changes of the validators, where genesis does not say another: an hour.
pub const SESSION_BLOCKS: BlockNumber = 600;

impl_opaque_keys! {
    /// What a validator signs with.
    pub struct SessionKeys {
        pub aura: Aura,
        pub grandpa: Grandpa,
    }
}

/// What this runtime is called. Raise `spec_version` with every change that a node or client
/// could notice, `transaction_version` when calls or extensions are numbered differently.
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: Cow::Borrowed("stardust"),
    impl_name: Cow::Borrowed("stardust"),
    authoring_version: 1,
    spec_version: 1,
    impl_version: 1,
    apis: apis::RUNTIME_API_VERSIONS,
    transaction_version: 1,
    system_version: 1,
};

/// What every transaction passes, outermost first.
pub type TxExtension = (
    frame_system::AuthorizeCall<Runtime>,
    frame_system::CheckNonZeroSender<Runtime>,
    frame_system::CheckSpecVersion<Runtime>,
    frame_system::CheckTxVersion<Runtime>,
    frame_system::CheckGenesis<Runtime>,
    frame_system::CheckEra<Runtime>,
    frame_system::CheckNonce<Runtime>,
    frame_system::CheckWeight<Runtime>,
    pallet_skip_feeless_payment::SkipCheckIfFeeless<
        Runtime,
        pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
    >,
    frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
    frame_system::WeightReclaim<Runtime>,
);

/// A transaction as it comes from outside.
pub type UncheckedExtrinsic =
    generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;

/// Runs blocks.
pub type Executive = frame_executive::Executive<
    Runtime,
    Block,
    frame_system::ChainContext<Runtime>,
    Runtime,
    AllPalletsWithSystem,
>;

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type Timestamp = pallet_timestamp;
    #[runtime::pallet_index(2)]
    pub type Aura = pallet_aura;
    #[runtime::pallet_index(3)]
    pub type Grandpa = pallet_grandpa;
    #[runtime::pallet_index(4)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(5)]
    pub type TransactionPayment = pallet_transaction_payment;
    #[runtime::pallet_index(6)]
    pub type Sudo = pallet_sudo;
    #[runtime::pallet_index(7)]
    pub type SkipFeelessPayment = pallet_skip_feeless_payment;
    #[runtime::pallet_index(8)]
    pub type P2pSignaling = pallet_p2p_signaling;
    /// Who validates: its "invulnerables", whom root names. Nobody can stand as a candidate.
    /// Before `Session`, which asks it at genesis.
    #[runtime::pallet_index(9)]
    pub type Validators = pallet_collator_selection;
    #[runtime::pallet_index(10)]
    pub type Session = pallet_session;
    #[runtime::pallet_index(11)]
    pub type Migrations = pallet_migrations;
}
