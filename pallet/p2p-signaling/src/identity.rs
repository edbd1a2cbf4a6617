//! Accounts and their devices.

use crate::{authorize::WORKED, pallet::*, proof, types::*};
use alloc::vec;
use codec::Encode;
use frame_support::{dispatch::DispatchResult, ensure, pallet_prelude::*};
use sp_runtime::{AccountId32, MultiSignature};

impl<T: Config> Pallet<T> {
    /// The account that a signer acts for: its own, or the one whose device it is.
    pub(crate) fn acting_for(who: &T::AccountId) -> Result<T::AccountId, Error<T>> {
        if let Some(account) = DeviceOwner::<T>::get(who) {
            return Ok(account);
        }
        ensure!(Accounts::<T>::contains_key(who), Error::<T>::NotRegistered);
        Ok(who.clone())
    }

    /// The account that a device acts for.
    pub(crate) fn acting_device(who: &T::AccountId) -> Result<T::AccountId, Error<T>> {
        DeviceOwner::<T>::get(who).ok_or_else(|| {
            if Accounts::<T>::contains_key(who) {
                Error::<T>::NotADevice
            } else {
                Error::<T>::NotRegistered
            }
        })
    }

    /// Puts together what stands on the chain of a device.
    pub(crate) fn stored(
        record: DeviceRecord,
        expires: u32,
        possession: [u8; 64],
        certificate: MultiSignature,
    ) -> StoredDevice {
        StoredDevice { record, expires, added: Self::now(), possession, certificate }
    }

    /// Everything about a registration but its signatures and work.
    pub(crate) fn check_registration(
        account: &T::AccountId,
        record: &DeviceRecord,
        expires: u32,
    ) -> Result<(), Error<T>> {
        Self::check_lifetime(expires)?;
        Self::check_record(record)?;
        ensure!(!Accounts::<T>::contains_key(account), Error::<T>::AlreadyRegistered);
        ensure!(!DeviceOwner::<T>::contains_key(account), Error::<T>::KeyHasOtherRole);
        let spent = SpentProofs::<T>::get(account).unwrap_or_default();
        ensure!(expires > spent, Error::<T>::StaleProof);
        Self::check_device_key(account, record)
    }

    /// Everything about a further device but its signatures and work.
    pub(crate) fn check_addition(
        account: &T::AccountId,
        record: &DeviceRecord,
        expires: u32,
    ) -> Result<(), Error<T>> {
        Self::check_lifetime(expires)?;
        Self::check_record(record)?;
        let info = Accounts::<T>::get(account).ok_or(Error::<T>::NotRegistered)?;
        ensure!(expires > info.spent_proof, Error::<T>::StaleProof);
        Self::check_device_key(account, record)?;
        let devices = Devices::<T>::decode_len(account).unwrap_or_default();
        ensure!(devices < MAX_DEVICES as usize, Error::<T>::TooManyDevices);
        Ok(())
    }

    /// A proof must not have expired, and must not last for longer than it may.
    pub(crate) fn check_lifetime(expires: u32) -> Result<(), Error<T>> {
        let now = Self::now();
        ensure!(now < expires, Error::<T>::StaleProof);
        ensure!(expires <= now.saturating_add(T::ProofLifetime::get()), Error::<T>::ProofTooLong);
        Ok(())
    }

    fn check_record(record: &DeviceRecord) -> Result<(), Error<T>> {
        let sealing = record.sealing.len() == SEALING_KEY_LEN as usize;
        ensure!(record.suite == SUITE && sealing, Error::<T>::BadRecord);
        Ok(())
    }

    /// A key is an account or a device of one account, so that it is clear for whom it acts.
    fn check_device_key(account: &T::AccountId, record: &DeviceRecord) -> Result<(), Error<T>> {
        let device = AccountId32::new(record.device);
        ensure!(device != *account, Error::<T>::KeyHasOtherRole);
        ensure!(!DeviceOwner::<T>::contains_key(&device), Error::<T>::DeviceTaken);
        ensure!(!Accounts::<T>::contains_key(&device), Error::<T>::KeyHasOtherRole);
        Ok(())
    }

    /// Whether `who` may revoke `device`, and for which account.
    pub(crate) fn check_revocation(
        who: &T::AccountId,
        device: &T::AccountId,
    ) -> Result<T::AccountId, Error<T>> {
        let account = Self::acting_for(who)?;
        let owner = DeviceOwner::<T>::get(device);
        ensure!(owner.as_ref() == Some(&account), Error::<T>::UnknownDevice);
        ensure!(who == &account || who == device, Error::<T>::NotTheAccount);
        Ok(account)
    }

    /// Whether `who` may leave.
    pub(crate) fn check_deregistration(who: &T::AccountId) -> Result<T::AccountId, Error<T>> {
        let account = Self::acting_for(who)?;
        ensure!(who == &account, Error::<T>::NotTheAccount);
        Ok(account)
    }

    pub(crate) fn do_register(account: &T::AccountId, device: StoredDevice) -> DispatchResult {
        let now = Self::now();
        SpentProofs::<T>::remove(account);
        Self::unschedule(&Expiry::SpentProof(account.clone()));
        let info = AccountInfo { since: now, revision: 0, spent_proof: 0 };
        Accounts::<T>::insert(account, info);
        let allowance = Allowance { credits: T::AllowanceStart::get(), at: now };
        Allowances::<T>::insert(account, allowance);
        Self::schedule(Expiry::Account(account.clone()), Self::dormant_from(now));
        Self::enter(account);
        Self::deposit_event(Event::AccountRegistered { account: account.clone() });
        Self::do_add_device(account, device)
    }

    pub(crate) fn do_add_device(account: &T::AccountId, device: StoredDevice) -> DispatchResult {
        let key = AccountId32::new(device.record.device);
        let expires = device.expires;
        Devices::<T>::try_mutate(account, |devices| {
            devices.try_push(device).map_err(|_| Error::<T>::TooManyDevices)
        })?;
        Accounts::<T>::mutate_extant(account, |info| {
            info.revision = info.revision.saturating_add(1);
            info.spent_proof = expires;
        });
        DeviceOwner::<T>::insert(&key, account);
        Self::enter(&key);
        Self::grant_statements(&key);
        Self::deposit_event(Event::DeviceAdded { account: account.clone(), device: key });
        Ok(())
    }

    /// Returns how many signals waited for the device.
    pub(crate) fn do_revoke_device(account: &T::AccountId, device: &T::AccountId) -> u32 {
        Devices::<T>::mutate_exists(account, |devices| {
            if let Some(list) = devices {
                list.retain(|stored| stored.record.device != *AsRef::<[u8; 32]>::as_ref(device));
            }
            if devices.as_ref().is_some_and(|list| list.is_empty()) {
                *devices = None;
            }
        });
        Accounts::<T>::mutate_extant(account, |info| {
            info.revision = info.revision.saturating_add(1);
        });
        Self::forget_device(account, device.clone())
    }

    fn forget_device(account: &T::AccountId, device: T::AccountId) -> u32 {
        DeviceOwner::<T>::remove(&device);
        PeerInfo::<T>::remove(&device);
        let signals = Self::remove_inbox(&device);
        Self::withdraw_statements(&device);
        Self::leave(&device);
        Self::deposit_event(Event::DeviceRevoked { account: account.clone(), device });
        signals
    }

    pub(crate) fn do_set_profile(account: T::AccountId, profile: Profile) {
        if profile.is_empty() {
            Profiles::<T>::remove(&account);
        } else {
            Profiles::<T>::insert(&account, profile);
        }
        Self::deposit_event(Event::ProfileSet { account });
    }

    /// Returns how many accounts it blocked, and how many devices it had.
    pub(crate) fn do_deregister(account: &T::AccountId) -> (u32, u32) {
        Self::do_go_offline(account);
        let devices = Devices::<T>::take(account);
        for stored in &devices {
            Self::forget_device(account, AccountId32::new(stored.record.device));
        }
        LastSeen::<T>::remove(account);
        Profiles::<T>::remove(account);
        Notices::<T>::remove(account);
        Self::unschedule(&Expiry::Notices(account.clone()));
        // All of them: `BlockCount` never passes the limit.
        let blocked = Self::forget_blocks(account, MAX_BLOCKED);
        Allowances::<T>::remove(account);
        Self::unschedule(&Expiry::Account(account.clone()));
        Backups::<T>::remove(account);
        ClearedBackups::<T>::remove(account);
        if let Some(info) = Accounts::<T>::take(account) {
            if info.spent_proof > Self::now() {
                SpentProofs::<T>::insert(account, info.spent_proof);
                Self::schedule(Expiry::SpentProof(account.clone()), info.spent_proof);
            }
        }
        Self::leave(account);
        Self::deposit_event(Event::AccountDeregistered { account: account.clone() });
        // At most `MAX_DEVICES`.
        (blocked, devices.len() as u32)
    }

    pub(crate) fn authorize_register(
        account: &T::AccountId,
        record: &DeviceRecord,
        expires: u32,
        possession: &[u8; 64],
        certificate: &MultiSignature,
        work: u64,
    ) -> TransactionValidityWithRefund {
        let check = || Self::check_registration(account, record, expires);
        Self::authorize_device(account, record, expires, possession, certificate, work, check)
    }

    pub(crate) fn authorize_add_device(
        account: &T::AccountId,
        record: &DeviceRecord,
        expires: u32,
        possession: &[u8; 64],
        certificate: &MultiSignature,
        work: u64,
    ) -> TransactionValidityWithRefund {
        let check = || Self::check_addition(account, record, expires);
        Self::authorize_device(account, record, expires, possession, certificate, work, check)
    }

    /// `check`: everything else, which looks for the account and the device in the storage.
    fn authorize_device(
        account: &T::AccountId,
        record: &DeviceRecord,
        expires: u32,
        possession: &[u8; 64],
        certificate: &MultiSignature,
        work: u64,
        check: impl FnOnce() -> Result<(), Error<T>>,
    ) -> TransactionValidityWithRefund {
        Self::check_lifetime(expires).map_err(Self::invalid)?;
        Self::check_record(record).map_err(Self::invalid)?;
        let genesis = Self::genesis();
        let message = proof::possession_statement(&genesis, account, record, expires);
        let signatures = proof::device_signatures(possession, certificate);
        Self::check_work(&message, &signatures, work)?;
        check().map_err(Self::invalid)?;
        ensure!(
            proof::is_signed(possession, &message, &record.device),
            InvalidTransaction::BadProof
        );
        let statement = proof::device_statement(&genesis, account, record, expires);
        ensure!(
            proof::is_certified(certificate, &statement, account),
            InvalidTransaction::BadProof
        );
        // One at a time for each account and for each device.
        let provides = vec![
            (proof::DEVICE_CONTEXT, account).encode(),
            (proof::POSSESSION_CONTEXT, record.device).encode(),
        ];
        Ok((Self::validity(WORKED, provides, expires), Weight::zero()))
    }
}
