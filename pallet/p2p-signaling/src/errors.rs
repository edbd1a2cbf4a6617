//! The pallet's errors.

use frame_support::pallet_macros::pallet_section;

/// Imported into the pallet by `import_section`.
#[pallet_section]
mod errors {
    /// Why a call was refused.
    #[pallet::error]
    #[derive(PartialEq, Eq)]
    pub enum Error<T> {
        /// The signer is neither a registered account nor a device of one.
        NotRegistered,
        /// This call wants a device's key and the account's own key signed it.
        NotADevice,
        /// This call wants the account's own key and a device's key signed it.
        NotTheAccount,
        /// The account is registered already.
        AlreadyRegistered,
        /// This key is a device already, of this account or another.
        DeviceTaken,
        /// A key cannot be both an account and a device.
        KeyHasOtherRole,
        /// The account has as many devices as it may.
        TooManyDevices,
        /// The account has no such device.
        UnknownDevice,
        /// The record's suite is unknown or its sealing key has the wrong length.
        BadRecord,
        /// The proof has expired, or is not newer than the last one that was used.
        StaleProof,
        /// The proof's expiry is further ahead than the proof lifetime.
        ProofTooLong,
        /// The receiver is not registered.
        UnknownReceiver,
        /// The receiver does not accept anything of the sender.
        Blocked,
        /// The inbox holds as many entries of this sender as it may.
        SenderLimit,
        /// The inbox is full, and nobody holds more of it than the sender would, nor as much with
        /// a younger account.
        InboxFull,
        /// An account cannot block itself.
        CannotBlockSelf,
        /// The account is blocked already.
        AlreadyBlocked,
        /// The account is not blocked.
        NotBlocked,
        /// As many accounts are blocked as may be.
        TooManyBlocked,
        /// A content identifier cannot be empty.
        EmptyCid,
        /// The backup's sequence is not larger than the last one.
        StaleBackup,
        /// There is no backup head to remove.
        NoBackup,
        /// The group exists, or was closed a short while ago.
        GroupExists,
        /// There is no such group.
        UnknownGroup,
        /// The epoch was committed already.
        StaleEpoch,
        /// The epoch is not the next one, or the group changed in this very block.
        FutureEpoch,
        /// Nobody could do so much work.
        TooMuchWork,
        /// There is no such account. A device is none: its account is what can be blocked.
        UnknownAccount,
    }
}
