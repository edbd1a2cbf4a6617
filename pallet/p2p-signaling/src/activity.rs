//! Accounts that nobody uses do not stay for ever.
//!
//! A sign of life is any call for the account; `Allowances` tells when the last one was, because
//! each writes there anyway. An account without one first loses what its devices may put into
//! the statement store, which holds a limited number of them, and gets it back with its next
//! call; much later it is removed, in steps that are bounded: a device, a part of its block list,
//! the rest. Whoever comes back before the last step keeps what is left.

use crate::{pallet::*, types::*, weights::WeightInfo};
use frame_support::{pallet_prelude::Weight, storage::unhashed, traits::Get};
use sp_runtime::AccountId32;

/// How much of a block list the sweep removes in a step.
pub(crate) const BLOCKS_A_STEP: u32 = 32;

impl<T: Config> Pallet<T> {
    /// The block in which an account last active at `at` loses its statement allowances.
    pub(crate) fn dormant_from(at: u32) -> u32 {
        at.saturating_add(T::StatementLifetime::get())
    }

    /// The block from which on an account last active at `at` is removed.
    pub(crate) fn gone_from(at: u32) -> u32 {
        at.saturating_add(T::AccountLifetime::get())
    }

    pub(crate) fn grant_statements(device: &T::AccountId) {
        unhashed::put(&statement_allowance_key(device), &STATEMENT_ALLOWANCE);
    }

    pub(crate) fn withdraw_statements(device: &T::AccountId) {
        unhashed::kill(&statement_allowance_key(device));
    }

    /// Gives an account that was silent for long its statement allowances back. `at`: its
    /// activity now.
    pub(crate) fn wake(account: &T::AccountId, at: u32) -> Weight {
        let devices = Devices::<T>::get(account);
        for stored in &devices {
            Self::grant_statements(&AccountId32::new(stored.record.device));
        }
        Self::schedule(Expiry::Account(account.clone()), Self::dormant_from(at));
        // At most `MAX_DEVICES`.
        T::WeightInfo::wake(devices.len() as u32)
    }

    /// The sweep came to an account.
    pub(crate) fn expire_account(account: T::AccountId) -> Weight {
        let at = Allowances::<T>::get(&account).map(|allowance| allowance.at).unwrap_or_default();
        let now = Self::now();
        let (next, cost) = if now < Self::dormant_from(at) {
            (Some(Self::dormant_from(at)), T::WeightInfo::expire_account())
        } else if now < Self::gone_from(at) {
            (Some(Self::gone_from(at)), Self::expire_statements(&account))
        } else {
            let (is_last, cost) = Self::remove_part(&account);
            ((!is_last).then_some(now.saturating_add(1)), cost)
        };
        if let Some(next) = next {
            Self::schedule(Expiry::Account(account), next);
        }
        cost
    }

    fn expire_statements(account: &T::AccountId) -> Weight {
        let devices = Devices::<T>::get(account);
        for stored in &devices {
            Self::withdraw_statements(&AccountId32::new(stored.record.device));
        }
        // At most `MAX_DEVICES`.
        T::WeightInfo::expire_statements(devices.len() as u32)
    }

    /// Removes one part of an account. Returns whether it was the last, and what it cost.
    fn remove_part(account: &T::AccountId) -> (bool, Weight) {
        if let Some(stored) = Devices::<T>::get(account).first() {
            let device = AccountId32::new(stored.record.device);
            let signals = Self::do_revoke_device(account, &device);
            return (false, T::WeightInfo::expire_device(signals));
        }
        if BlockCount::<T>::contains_key(account) {
            let removed = Self::forget_blocks(account, BLOCKS_A_STEP);
            return (false, T::WeightInfo::expire_blocks(removed));
        }
        Self::do_deregister(account);
        (true, T::WeightInfo::expire_rest())
    }
}
