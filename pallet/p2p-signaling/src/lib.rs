//! # P2P signaling
//!
//! Who is this account, which device keys speak for it, can it be reached, and how does a
//! connection with it start. **A message never goes on chain.**
//!
//! An account (sr25519 or ed25519) certifies devices; every device is a chain account of its own
//! (its ed25519 key), which signs everyday calls for the account. `docs/chain.md` of this project
//! is the specification, down to the bytes.
//!
//! - [`Call`]: what can be asked of the chain, with origin, errors and events.
//! - [`Config`]: what the runtime has to provide.
//!
//! ## What the runtime has to do
//!
//! - `frame_system::Config::AccountId` is `AccountId32`.
//! - The transaction extensions hold `frame_system::AuthorizeCall` (for the calls that an account
//!   without money and nonce sends: `register`, `add_device` and those of groups) and
//!   `pallet_skip_feeless_payment::SkipCheckIfFeeless` around the payment.
//! - `frame_system::Config::OnKilledAccount` is this pallet's [`Pallet`] (or a tuple with it), so
//!   that it also learns the nonces of accounts which the balances pallet removes.
//! - Genesis sets `work_difficulty`.
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;

mod calls;
mod errors;
mod events;
mod storage;
pub mod types;
pub mod weights;

use frame_support::pallet_macros::import_section;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

#[import_section(calls::calls)]
#[import_section(errors::errors)]
#[import_section(events::events)]
#[import_section(storage::storage)]
#[frame_support::pallet]
#[allow(missing_docs)]
pub mod pallet {
    use super::*;
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;
    use sp_runtime::{AccountId32, MultiSignature};

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What the runtime has to provide. All times are numbers of blocks.
    #[pallet::config]
    pub trait Config: frame_system::Config<AccountId = AccountId32> {
        /// What calls cost: `pallet_p2p_signaling::weights::SubstrateWeight<Runtime>`.
        type WeightInfo: WeightInfo;

        /// How long a device's proof or a group's registration may be used: 600.
        #[pallet::constant]
        type ProofLifetime: Get<u32>;

        /// How long an account without a heartbeat counts as online: 50.
        #[pallet::constant]
        type PresenceTimeout: Get<u32>;

        /// How long a signal waits: 100.
        #[pallet::constant]
        type SignalLifetime: Get<u32>;

        /// How long a notice waits: 100,800.
        #[pallet::constant]
        type NoticeLifetime: Get<u32>;

        /// How long a group lives without a commit: 1,209,600.
        #[pallet::constant]
        type GroupLifetime: Get<u32>;

        /// Calls without a fee that an account may save up: 64.
        #[pallet::constant]
        type AllowanceCap: Get<u32>;

        /// One more such call every so many blocks: 2.
        #[pallet::constant]
        type AllowanceInterval: Get<u32>;

        /// How many steps the sweep takes in a block at most: 200. At least 2, or it never
        /// catches up with the blocks. What is left waits for the next block.
        #[pallet::constant]
        type ExpiriesPerBlock: Get<u32>;
    }

    /// What the chain starts with.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Leading zero bits that a proof of work must have: dev 12, local 16.
        pub work_difficulty: u8,
        #[serde(skip)]
        pub _config: core::marker::PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            WorkDifficulty::<T>::put(self.work_difficulty);
        }
    }
}
