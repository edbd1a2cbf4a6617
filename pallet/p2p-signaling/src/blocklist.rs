//! Who is not listened to.

use crate::{pallet::*, types::*};
use alloc::vec::Vec;
use frame_support::ensure;

impl<T: Config> Pallet<T> {
    /// Whether `who` may block `account`, and for whom.
    pub(crate) fn check_block(
        who: &T::AccountId,
        account: &T::AccountId,
    ) -> Result<T::AccountId, Error<T>> {
        let by = Self::acting_for(who)?;
        ensure!(&by != account, Error::<T>::CannotBlockSelf);
        ensure!(!Blocks::<T>::contains_key(&by, account), Error::<T>::AlreadyBlocked);
        ensure!(Accounts::<T>::contains_key(account), Error::<T>::UnknownAccount);
        ensure!(BlockCount::<T>::get(&by) < MAX_BLOCKED, Error::<T>::TooManyBlocked);
        Ok(by)
    }

    /// Whether `who` may unblock `account`, and for whom.
    pub(crate) fn check_unblock(
        who: &T::AccountId,
        account: &T::AccountId,
    ) -> Result<T::AccountId, Error<T>> {
        let by = Self::acting_for(who)?;
        ensure!(Blocks::<T>::contains_key(&by, account), Error::<T>::NotBlocked);
        Ok(by)
    }

    pub(crate) fn do_block(by: T::AccountId, blocked: T::AccountId) {
        Blocks::<T>::insert(&by, &blocked, ());
        BlockCount::<T>::mutate(&by, |count| *count = count.saturating_add(1));
        Self::deposit_event(Event::UserBlocked { account: by, blocked });
    }

    pub(crate) fn do_unblock(by: T::AccountId, blocked: T::AccountId) {
        Blocks::<T>::remove(&by, &blocked);
        BlockCount::<T>::mutate_exists(&by, |count| {
            *count = count.and_then(|n| n.checked_sub(1)).filter(|n| *n > 0);
        });
        Self::deposit_event(Event::UserUnblocked { account: by, blocked });
    }

    /// Removes up to `limit` of those whom an account blocks, without an event for each.
    pub(crate) fn forget_blocks(by: &T::AccountId, limit: u32) -> u32 {
        let some: Vec<_> = Blocks::<T>::iter_key_prefix(by).take(limit as usize).collect();
        for blocked in &some {
            Blocks::<T>::remove(by, blocked);
        }
        // At most `limit`.
        let removed = some.len() as u32;
        BlockCount::<T>::mutate_exists(by, |count| {
            *count = count.and_then(|n| n.checked_sub(removed)).filter(|n| *n > 0);
        });
        removed
    }
}
