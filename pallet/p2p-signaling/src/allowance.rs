//! Calls without a fee: a bucket for each account, which all its devices share.

use crate::{pallet::*, types::*, weights::WeightInfo};
use frame_support::{dispatch::PostDispatchInfo, pallet_prelude::Weight, traits::Get};
use frame_system::{ensure_signed, pallet_prelude::OriginFor};

impl<T: Config> Pallet<T> {
    /// The allowance of an account with everything refilled that is due by now. None to nobody.
    pub(crate) fn allowance_now(account: &T::AccountId) -> Allowance {
        let nothing = Allowance { credits: 0, at: Self::now() };
        Allowances::<T>::get(account).map_or(nothing, Self::refilled)
    }

    fn refilled(Allowance { credits, at }: Allowance) -> Allowance {
        let (now, cap) = (Self::now(), T::AllowanceCap::get());
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
    ///
    /// Answers with what it cost beyond what every call costs: see [`Self::live`].
    pub(crate) fn charge(account: &T::AccountId) -> Weight {
        Self::live(account, 1)
    }

    /// A sign of life, which takes so many credits. Answers with what it cost to wake an account
    /// that was silent for long.
    pub(crate) fn live(account: &T::AccountId, credits: u32) -> Weight {
        let Some(before) = Allowances::<T>::get(account) else { return Weight::zero() };
        let silent_since = before.at;
        let mut allowance = Self::refilled(before);
        let at = allowance.at;
        allowance.credits = allowance.credits.saturating_sub(credits);
        Allowances::<T>::insert(account, allowance);
        if Self::now() < Self::dormant_from(silent_since) {
            return Weight::zero();
        }
        Self::wake(account, at)
    }

    /// What a call is announced with: it may wake its account.
    pub(crate) fn waking(call: Weight) -> Weight {
        call.saturating_add(T::WeightInfo::wake(MAX_DEVICES))
    }

    /// What a call cost in the end.
    pub(crate) fn cost(call: Weight, woke: Weight) -> PostDispatchInfo {
        Some(call.saturating_add(woke)).into()
    }
}
