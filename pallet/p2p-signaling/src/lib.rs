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

mod activity;
mod allowance;
pub mod authorize;
mod backup;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod blocklist;
mod calls;
mod errors;
mod events;
mod expiry;
mod groups;
mod identity;
pub mod inbox;
#[cfg(test)]
mod mock;
mod nonce;
mod presence;
pub mod proof;
mod signaling;
mod storage;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "try-runtime", test))]
mod try_state;
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
    use alloc::vec::Vec;
    use frame_support::{pallet_prelude::*, weights::WeightMeter};
    use frame_system::pallet_prelude::*;
    use sp_runtime::{AccountId32, MultiSignature};

    /// Raise it together with a migration, whenever something that is stored takes another form.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
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

        /// Such calls that a new account begins with: 16. One that leaves and comes back has no
        /// more than these.
        #[pallet::constant]
        type AllowanceStart: Get<u32>;

        /// One more such call every so many blocks: 2.
        #[pallet::constant]
        type AllowanceInterval: Get<u32>;

        /// How long an account may publish statements without a call: 864,000, 60 days.
        #[pallet::constant]
        type StatementLifetime: Get<u32>;

        /// How long an account lives without a call: 5,256,000, a year. Longer than
        /// `StatementLifetime`.
        #[pallet::constant]
        type AccountLifetime: Get<u32>;

        /// How many steps the sweep takes at the start of a block: 200. At least 2, or it never
        /// catches up with the blocks. At the end of a block it goes on with the weight that is
        /// left.
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
            assert!(self.work_difficulty <= MAX_WORK_DIFFICULTY, "nobody could ever join");
            WorkDifficulty::<T>::put(self.work_difficulty);
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_now: BlockNumberFor<T>) -> Weight {
            let mut meter = WeightMeter::new();
            Self::sweep(Self::now(), T::ExpiriesPerBlock::get(), &mut meter);
            meter.consumed()
        }

        fn on_idle(_now: BlockNumberFor<T>, remaining: Weight) -> Weight {
            let mut meter = WeightMeter::with_limit(remaining);
            Self::sweep(Self::now(), u32::MAX, &mut meter);
            meter.consumed()
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }

        fn integrity_test() {
            assert!(T::ExpiriesPerBlock::get() >= 2, "the sweep would never catch up");
            assert!(T::AllowanceInterval::get() > 0, "a refill needs an interval");
            assert!(
                T::AllowanceStart::get() <= T::AllowanceCap::get(),
                "an account begins with more than it may have"
            );
            assert!(
                T::AllowanceInterval::get() < T::StatementLifetime::get()
                    && T::StatementLifetime::get() < T::AccountLifetime::get(),
                "an account is removed before it is found silent"
            );
            // A group that has expired, unlike one that was closed, leaves no mark behind.
            assert!(
                T::GroupLifetime::get() > T::ProofLifetime::get(),
                "a registration could be repeated when its group has expired"
            );
            assert!(
                <T::Hash as MaxEncodedLen>::max_encoded_len() == 32,
                "proofs hold a genesis hash of 32 bytes"
            );
        }
    }

    /// The bounds that are part of types, for those who read the metadata.
    #[pallet::extra_constants]
    impl<T: Config> Pallet<T> {
        /// Devices one account may have.
        fn max_devices() -> u32 {
            MAX_DEVICES
        }

        /// Accounts one account may block.
        fn max_blocked() -> u32 {
            MAX_BLOCKED
        }

        /// Signals one device's inbox holds, and notices one account's.
        fn max_inbox() -> u32 {
            MAX_INBOX
        }

        /// Signals (or notices) of one sender account in one inbox.
        fn max_per_sender() -> u32 {
            MAX_PER_SENDER
        }

        /// Leading zero bits that root can ask for.
        fn max_work_difficulty() -> u8 {
            MAX_WORK_DIFFICULTY
        }
    }

    // Here and not in a section: `view_functions` does not compile in one.
    /// What can be asked without a transaction. Nothing that has expired is ever shown.
    #[pallet::view_functions]
    impl<T: Config> Pallet<T> {
        /// A registered account.
        pub fn account(account: T::AccountId) -> Option<AccountInfo> {
            Accounts::<T>::get(account)
        }

        /// The devices of an account, with their proofs, oldest first.
        pub fn devices(account: T::AccountId) -> Vec<StoredDevice> {
            Devices::<T>::get(account).into_inner()
        }

        /// The account that a device speaks for.
        pub fn owner(device: T::AccountId) -> Option<T::AccountId> {
            DeviceOwner::<T>::get(device)
        }

        /// An account's profile; empty if there is none.
        pub fn profile(account: T::AccountId) -> Vec<u8> {
            Profiles::<T>::get(account).unwrap_or_default().into_inner()
        }

        /// Whether an account is online, and the block of its last heartbeat.
        pub fn presence(account: T::AccountId) -> (bool, Option<u32>) {
            (Self::is_online(&account), LastSeen::<T>::get(&account))
        }

        /// What a device speaks; empty if it does not say.
        pub fn peer_info(device: T::AccountId) -> Vec<u8> {
            PeerInfo::<T>::get(device).unwrap_or_default().into_inner()
        }

        /// The signals that wait for a device, oldest first.
        pub fn inbox(device: T::AccountId) -> Vec<Signal> {
            let now = Self::now();
            Inboxes::<T>::get(&device)
                .into_iter()
                .filter(|waiting| waiting.expires > now)
                .filter_map(|waiting| Signals::<T>::get(&device, waiting.id))
                .collect()
        }

        /// The notices that wait for an account, oldest first.
        pub fn notices(account: T::AccountId) -> Vec<Notice> {
            let now = Self::now();
            Notices::<T>::get(account).into_iter().filter(|notice| notice.expires > now).collect()
        }

        /// Whether `by` accepts nothing of `account`.
        pub fn is_blocked(account: T::AccountId, by: T::AccountId) -> bool {
            Blocks::<T>::contains_key(by, account)
        }

        /// Of whom an account accepts nothing, in no order.
        pub fn blocked(account: T::AccountId) -> Vec<T::AccountId> {
            Blocks::<T>::iter_key_prefix(account).take(MAX_BLOCKED as usize).collect()
        }

        /// How many calls without a fee an account has left now; none if it is not registered.
        pub fn allowance(account: T::AccountId) -> u32 {
            Self::allowance_now(&account).credits
        }

        /// The block of the last call for an account, or less than the interval of refills
        /// before it.
        pub fn active(account: T::AccountId) -> Option<u32> {
            Allowances::<T>::get(account).map(|allowance| allowance.at)
        }

        /// A group's newest commitment.
        pub fn group(group: [u8; 32]) -> Option<GroupHead> {
            Self::live_group(&group).ok()
        }

        /// Where an account's newest backup is.
        pub fn backup(account: T::AccountId) -> Option<BackupHead> {
            Backups::<T>::get(account)
        }

        /// What a proof has to satisfy: leading zero bits, and how many blocks ahead it may end.
        pub fn work() -> (u8, u32) {
            (WorkDifficulty::<T>::get(), T::ProofLifetime::get())
        }
    }
}
