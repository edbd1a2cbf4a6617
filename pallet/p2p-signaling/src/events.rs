//! The pallet's events.

use frame_support::pallet_macros::pallet_section;

/// Imported into the pallet by `import_section`.
#[pallet_section]
mod events {
    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An account joined with its first device.
        AccountRegistered { account: T::AccountId },
        /// A device speaks for an account from now on.
        DeviceAdded { account: T::AccountId, device: T::AccountId },
        /// A device no longer speaks for an account.
        DeviceRevoked { account: T::AccountId, device: T::AccountId },
        /// An account left and everything of it is gone.
        AccountDeregistered { account: T::AccountId },
        /// A profile was set or removed.
        ProfileSet { account: T::AccountId },
        /// An account that was offline sent a heartbeat.
        UserOnline { account: T::AccountId },
        /// An account that was online said goodbye or fell silent.
        UserOffline { account: T::AccountId },
        /// A device's peer info was set or removed.
        PeerInfoSet { account: T::AccountId, device: T::AccountId },
        /// A signal waits for the device `to`.
        SignalSent {
            to: T::AccountId,
            from: T::AccountId,
            sender: T::AccountId,
            kind: SignalKind,
            id: u64,
        },
        /// A device removed its signals with ids up to `up_to`.
        SignalsCleared { device: T::AccountId, up_to: u64 },
        /// `account` no longer accepts signals and notices of `blocked`.
        UserBlocked { account: T::AccountId, blocked: T::AccountId },
        /// `account` accepts signals and notices of `blocked` again.
        UserUnblocked { account: T::AccountId, blocked: T::AccountId },
        /// A notice waits for the account `to`.
        OfflineMessageNotified {
            to: T::AccountId,
            from: T::AccountId,
            sender: T::AccountId,
            id: u64,
        },
        /// An account removed its notices with ids up to `up_to`.
        NotificationsCleared { account: T::AccountId, up_to: u64 },
        /// A group exists, at epoch 0.
        GroupRegistered { group: [u8; 32] },
        /// A group moved to its next epoch.
        GroupEpochCommitted { group: [u8; 32], epoch: u64, commit: [u8; 32] },
        /// A group was closed by its authority.
        GroupClosed { group: [u8; 32] },
        /// Nobody renewed a group.
        GroupExpired { group: [u8; 32] },
        /// An account's newest backup has this sequence.
        BackupSet { account: T::AccountId, sequence: u64 },
        /// An account removed its backup head.
        BackupCleared { account: T::AccountId },
        /// Proofs of work need so many leading zero bits from now on.
        WorkDifficultySet { difficulty: u8 },
    }
}
