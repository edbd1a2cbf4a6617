//! Where an account's newest backup is.

use crate::{pallet::*, types::*};
use frame_support::ensure;

impl<T: Config> Pallet<T> {
    /// Whether `who` may anchor a backup with this sequence, and for whom.
    pub(crate) fn check_backup(
        who: &T::AccountId,
        cid: &CidBytes,
        sequence: u64,
    ) -> Result<T::AccountId, Error<T>> {
        let account = Self::acting_for(who)?;
        ensure!(!cid.is_empty(), Error::<T>::EmptyCid);
        let head = Backups::<T>::get(&account);
        ensure!(head.is_none_or(|head| head.sequence < sequence), Error::<T>::StaleBackup);
        Ok(account)
    }

    /// Whether `who` has a backup head to remove, and for whom.
    pub(crate) fn check_backup_removal(who: &T::AccountId) -> Result<T::AccountId, Error<T>> {
        let account = Self::acting_for(who)?;
        ensure!(Backups::<T>::contains_key(&account), Error::<T>::NoBackup);
        Ok(account)
    }

    pub(crate) fn do_set_backup(
        account: T::AccountId,
        cid: CidBytes,
        sequence: u64,
        digest: [u8; 32],
    ) {
        let head = BackupHead { cid, sequence, digest, at: Self::now() };
        Backups::<T>::insert(&account, head);
        Self::deposit_event(Event::BackupSet { account, sequence });
    }

    pub(crate) fn do_clear_backup(account: T::AccountId) {
        Backups::<T>::remove(&account);
        Self::deposit_event(Event::BackupCleared { account });
    }
}
