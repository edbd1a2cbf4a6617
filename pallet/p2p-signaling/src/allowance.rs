//! Calls without a fee: a bucket for each account, which all its devices share.

use crate::{pallet::*, types::*};
use frame_support::traits::Get;
use frame_system::{ensure_signed, pallet_prelude::OriginFor};

impl<T: Config> Pallet<T> {
    /// The allowance of an account with everything refilled that is due by now.
    pub(crate) fn allowance_now(account: &T::AccountId) -> Allowance {
        let (now, cap) = (Self::now(), T::AllowanceCap::get());
        let Some(Allowance { credits, at }) = Allowances::<T>::get(account) else {
            return Allowance { credits: cap, at: now };
        };
        let interval = T::AllowanceInterval::get().max(1);
        let refill = now.saturating_sub(at) / interval;
        let credits = credits.saturating_add(refill);
        if credits >= cap {
            // A full bucket does not save up towards the next credit.
            return Allowance { credits: cap, at: now };
        }
        // `refill * interval` is at most `now - at`.
        Allowance { credits, at: at.saturating_add(refill.saturating_mul(interval)) }
    }

    /// Whether a call costs its signer nothing: it would succeed, and there is a credit for it.
    ///
    /// `check` has to be all that the call itself checks, because a failed call rolls the
    /// charge back. It answers with the account that the call acts for.
    pub(crate) fn is_free(
        origin: &OriginFor<T>,
        check: impl FnOnce(&T::AccountId) -> Result<T::AccountId, Error<T>>,
    ) -> bool {
        Self::would_do(origin, check)
            .is_some_and(|(_, account)| Self::allowance_now(&account).credits > 0)
    }

    /// The same for a call that takes away what it cost work to get: by the account's own key it
    /// needs no credit. It limits itself, and a thief of a device, which shares the credits,
    /// could otherwise keep the owner from throwing it out.
    pub(crate) fn is_free_for_owner(
        origin: &OriginFor<T>,
        check: impl FnOnce(&T::AccountId) -> Result<T::AccountId, Error<T>>,
    ) -> bool {
        Self::would_do(origin, check).is_some_and(|(who, account)| {
            who == account || Self::allowance_now(&account).credits > 0
        })
    }

    /// The signer of a call that would succeed, and the account that it acts for.
    fn would_do(
        origin: &OriginFor<T>,
        check: impl FnOnce(&T::AccountId) -> Result<T::AccountId, Error<T>>,
    ) -> Option<(T::AccountId, T::AccountId)> {
        let who = ensure_signed(origin.clone()).ok()?;
        let account = check(&who).ok()?;
        Some((who, account))
    }

    /// Takes a credit. Without one the call was paid for, and nothing is taken.
    pub(crate) fn charge(account: &T::AccountId) {
        let mut allowance = Self::allowance_now(account);
        allowance.credits = allowance.credits.saturating_sub(1);
        Allowances::<T>::insert(account, allowance);
    }
}
