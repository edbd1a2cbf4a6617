//! Groups: ordered commitments, never a member, a name or an account.

use crate::{authorize::WORKED, pallet::*, proof, types::*, weights::WeightInfo};
use alloc::vec;
use codec::Encode;
use frame_support::{ensure, pallet_prelude::*};

impl<T: Config> Pallet<T> {
    /// The block in which a group last renewed at `at` is gone.
    pub(crate) fn group_end(at: u32) -> u32 {
        at.saturating_add(T::GroupLifetime::get())
    }

    /// A group that has not expired, also if the sweep is behind.
    pub(crate) fn live_group(group: &[u8; 32]) -> Result<GroupHead, Error<T>> {
        Groups::<T>::get(group)
            .filter(|head| Self::now() < Self::group_end(head.at))
            .ok_or(Error::<T>::UnknownGroup)
    }

    /// Everything about a group's registration but its id, signature and work.
    pub(crate) fn check_group_registration(group: &[u8; 32], expires: u32) -> Result<(), Error<T>> {
        Self::check_lifetime(expires)?;
        ensure!(Self::live_group(group).is_err(), Error::<T>::GroupExists);
        let closed = ClosedGroups::<T>::get(group);
        ensure!(closed.is_none_or(|until| until <= Self::now()), Error::<T>::GroupExists);
        Ok(())
    }

    /// Everything about a commit but its signature and work.
    pub(crate) fn check_commit(group: &[u8; 32], epoch: u64) -> Result<GroupHead, Error<T>> {
        let head = Self::live_group(group)?;
        ensure!(epoch > head.epoch, Error::<T>::StaleEpoch);
        ensure!(Some(epoch) == head.epoch.checked_add(1), Error::<T>::FutureEpoch);
        ensure!(head.at < Self::now(), Error::<T>::FutureEpoch);
        Ok(head)
    }

    pub(crate) fn do_register_group(group: [u8; 32], authority: [u8; 32]) {
        if Groups::<T>::contains_key(group) {
            // It has expired and the sweep is behind.
            Self::deposit_event(Event::GroupExpired { group });
        }
        ClosedGroups::<T>::remove(group);
        Self::unschedule(&Expiry::ClosedGroup(group));
        let at = Self::now();
        Groups::<T>::insert(group, GroupHead { authority, epoch: 0, commit: [0; 32], at });
        Self::schedule(Expiry::Group(group), Self::group_end(at));
        Self::deposit_event(Event::GroupRegistered { group });
    }

    pub(crate) fn do_commit(
        group: [u8; 32],
        epoch: u64,
        commit: [u8; 32],
        next_authority: [u8; 32],
    ) {
        // Its deadline stays: when it is due, the sweep finds that the group was renewed.
        let at = Self::now();
        Groups::<T>::insert(group, GroupHead { authority: next_authority, epoch, commit, at });
        Self::deposit_event(Event::GroupEpochCommitted { group, epoch, commit });
    }

    pub(crate) fn do_close_group(group: [u8; 32]) {
        Groups::<T>::remove(group);
        Self::unschedule(&Expiry::Group(group));
        // No registration that was good until now is good for longer than this.
        let until = Self::now().saturating_add(T::ProofLifetime::get());
        ClosedGroups::<T>::insert(group, until);
        Self::schedule(Expiry::ClosedGroup(group), until);
        Self::deposit_event(Event::GroupClosed { group });
    }

    /// The sweep came to a group.
    pub(crate) fn expire_group(group: [u8; 32]) -> Weight {
        let end = Groups::<T>::get(group).map(|head| Self::group_end(head.at)).unwrap_or_default();
        if end > Self::now() {
            Self::schedule(Expiry::Group(group), end);
        } else {
            Groups::<T>::remove(group);
            Self::deposit_event(Event::GroupExpired { group });
        }
        T::WeightInfo::expire_group()
    }

    pub(crate) fn authorize_register_group(
        group: &[u8; 32],
        authority: &[u8; 32],
        expires: u32,
        signature: &[u8; 64],
        work: u64,
    ) -> TransactionValidityWithRefund {
        Self::check_lifetime(expires).map_err(Self::invalid)?;
        let genesis = Self::genesis();
        ensure!(proof::group_id(&genesis, authority) == *group, InvalidTransaction::BadProof);
        let message = proof::group_registration(&genesis, group, authority, expires);
        Self::check_work(&message, signature, work)?;
        Self::check_group_registration(group, expires).map_err(Self::invalid)?;
        Self::check_group_signature(signature, &message, authority)?;
        let provides = vec![(proof::GROUP_CONTEXT, group, 0u64).encode()];
        Ok((Self::validity(WORKED, provides, expires), Weight::zero()))
    }

    pub(crate) fn authorize_commit(
        group: &[u8; 32],
        epoch: u64,
        commit: &[u8; 32],
        next_authority: &[u8; 32],
        signature: &[u8; 64],
        work: u64,
    ) -> TransactionValidityWithRefund {
        let message = proof::group_commit(&Self::genesis(), group, epoch, commit, next_authority);
        Self::check_work(&message, signature, work)?;
        let head = Self::check_commit(group, epoch).map_err(Self::invalid)?;
        Self::check_group_signature(signature, &message, &head.authority)?;
        // The first valid commit of an epoch keeps the others out of the pool already.
        let provides = vec![(proof::GROUP_CONTEXT, group, epoch).encode()];
        Ok((Self::validity(WORKED, provides, Self::group_end(head.at)), Weight::zero()))
    }

    pub(crate) fn authorize_close(
        group: &[u8; 32],
        signature: &[u8; 64],
    ) -> TransactionValidityWithRefund {
        let head = Self::live_group(group).map_err(Self::invalid)?;
        let message = proof::group_close(&Self::genesis(), group, head.epoch);
        Self::check_group_signature(signature, &message, &head.authority)?;
        let provides = vec![(proof::GROUP_CLOSE_CONTEXT, group).encode()];
        Ok((Self::validity(0, provides, Self::group_end(head.at)), Weight::zero()))
    }

    fn check_group_signature(
        signature: &[u8; 64],
        message: &[u8],
        authority: &[u8; 32],
    ) -> Result<(), TransactionValidityError> {
        ensure!(proof::is_signed(signature, message, authority), InvalidTransaction::BadProof);
        Ok(())
    }
}
