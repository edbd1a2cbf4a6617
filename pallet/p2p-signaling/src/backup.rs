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
        let last = Self::last_sequence(&account);
        ensure!(last.is_none_or(|last| last < sequence), Error::<T>::StaleBackup);
        Ok(account)
    }

    /// The largest sequence that an account has used, also of a head that it removed.
    fn last_sequence(account: &T::AccountId) -> Option<u64> {
        let head = Backups::<T>::get(account).map(|head| head.sequence);
        head.or_else(|| ClearedBackups::<T>::get(account))
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
        ClearedBackups::<T>::remove(&account);
        Self::deposit_event(Event::BackupSet { account, sequence });
    }

    pub(crate) fn do_clear_backup(account: T::AccountId) {
        if let Some(head) = Backups::<T>::take(&account) {
            ClearedBackups::<T>::insert(&account, head.sequence);
        }
        Self::deposit_event(Event::BackupCleared { account });
    }
}
