//! What the calls that nobody signs as an account have in common.
//!
//! Whether one is let in is decided in an order in which a sender pays before the node does: what
//! the transaction says by itself, then its work, then what the chain holds, the signatures last.

use crate::{
    pallet::*,
    proof::{self, Genesis},
};
use alloc::vec::Vec;
use frame_support::{ensure, pallet_prelude::*};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::{
    traits::{SaturatedConversion, Zero},
    transaction_validity::TransactionTag,
};

/// The priority in the pool of what cost work: before calls without a fee, of which a few accounts
/// can send very many, and after those that pay.
pub const WORKED: TransactionPriority = 1;

/// `InvalidTransaction::Custom` codes, for what no other code says.
pub mod invalid {
    /// `NotRegistered`: a device for an account that is none.
    pub const NOT_REGISTERED: u8 = 1;
    /// `KeyHasOtherRole`.
    pub const KEY_HAS_OTHER_ROLE: u8 = 2;
    /// `TooManyDevices`.
    pub const TOO_MANY_DEVICES: u8 = 3;
    /// `BadRecord`.
    pub const BAD_RECORD: u8 = 4;
    /// `UnknownGroup`.
    pub const UNKNOWN_GROUP: u8 = 5;
}

impl<T: Config> Pallet<T> {
    /// The block that is being made, as everything here counts.
    pub(crate) fn now() -> u32 {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    /// The hash of the first block, which `frame_system` keeps for ever.
    pub(crate) fn genesis() -> Genesis {
        let hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
        let mut genesis = Genesis::default();
        let len = genesis.len().min(hash.as_ref().len());
        genesis[..len].copy_from_slice(&hash.as_ref()[..len]);
        genesis
    }

    /// What the transaction pool is told about a refusal.
    pub(crate) fn invalid(error: Error<T>) -> TransactionValidityError {
        let custom = |code| InvalidTransaction::Custom(code);
        match error {
            Error::AlreadyRegistered
            | Error::DeviceTaken
            | Error::StaleProof
            | Error::GroupExists
            | Error::StaleEpoch => InvalidTransaction::Stale,
            Error::ProofTooLong | Error::FutureEpoch => InvalidTransaction::Future,
            Error::NotRegistered => custom(invalid::NOT_REGISTERED),
            Error::KeyHasOtherRole => custom(invalid::KEY_HAS_OTHER_ROLE),
            Error::TooManyDevices => custom(invalid::TOO_MANY_DEVICES),
            Error::BadRecord => custom(invalid::BAD_RECORD),
            Error::UnknownGroup => custom(invalid::UNKNOWN_GROUP),
            _ => InvalidTransaction::Call,
        }
        .into()
    }

    /// Whether the work for a transaction was done. Nothing that its sender chose has been looked
    /// for in the storage before, and no signature was checked.
    pub(crate) fn check_work(
        message: &[u8],
        signatures: &[u8],
        nonce: u64,
    ) -> Result<(), TransactionValidityError> {
        let hash = proof::work(message, signatures, nonce);
        ensure!(
            proof::is_enough_work(&hash, WorkDifficulty::<T>::get()),
            InvalidTransaction::BadProof
        );
        Ok(())
    }

    /// A transaction that is good up to the block `expires`, alone with its tags. `priority`: 0 is
    /// that of calls without a fee.
    pub(crate) fn validity(
        priority: TransactionPriority,
        provides: Vec<TransactionTag>,
        expires: u32,
    ) -> ValidTransaction {
        ValidTransaction {
            priority,
            provides,
            longevity: expires.saturating_sub(Self::now()).into(),
            propagate: true,
            ..Default::default()
        }
    }
}
