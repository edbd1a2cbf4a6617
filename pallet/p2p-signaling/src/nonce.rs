//! Nonces that never start again.
//!
//! An account without money exists in `frame_system` by `inc_sufficients` only, and its record,
//! nonce included, is gone with the last reference. Were it to come back with nonce 0, everything
//! it ever signed without an end could be sent again by anybody. A memory for each account
//! would grow for ever; one number for all does the same: no account that went had a nonce as
//! large as [`NonceFloor`], and whoever comes starts there. It grows by no more than one for each
//! transaction and departure of the whole chain, so that `u32` lasts.

use crate::pallet::*;
use frame_support::traits::OnKilledAccount;
use sp_runtime::{traits::One, Saturating};

impl<T: Config> Pallet<T> {
    /// Lets an account exist without money.
    pub(crate) fn enter(who: &T::AccountId) {
        frame_system::Pallet::<T>::inc_sufficients(who);
        let floor = NonceFloor::<T>::get();
        frame_system::Account::<T>::mutate(who, |account| {
            account.nonce = account.nonce.max(floor);
        });
    }

    /// Takes back what [`Self::enter`] gave. The account is gone if nothing else holds it.
    pub(crate) fn leave(who: &T::AccountId) {
        Self::raise_nonce_floor(who);
        frame_system::Pallet::<T>::dec_sufficients(who);
    }

    fn raise_nonce_floor(who: &T::AccountId) {
        let beyond = frame_system::Pallet::<T>::account_nonce(who).saturating_add(One::one());
        NonceFloor::<T>::mutate(|floor| *floor = (*floor).max(beyond));
    }
}

/// Learns the nonces of accounts that others remove. `frame_system` calls this while the
/// account's record still stands.
impl<T: Config> OnKilledAccount<T::AccountId> for Pallet<T> {
    fn on_killed_account(who: &T::AccountId) {
        Self::raise_nonce_floor(who);
    }
}
