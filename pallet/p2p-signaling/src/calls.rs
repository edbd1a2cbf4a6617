//! The pallet's calls. Each one checks everything first and changes storage after; what it
//! checks is a function of its own, which the decision about the fee asks as well.

use frame_support::pallet_macros::pallet_section;

/// Imported into the pallet by `import_section`.
#[pallet_section]
mod calls {
    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Join: registers `account` with its first device.
        ///
        /// Origin: authorized, a general transaction of anybody. It costs a proof of work.
        ///
        /// Errors: `AlreadyRegistered`, `StaleProof`, `ProofTooLong`, `DeviceTaken`,
        /// `KeyHasOtherRole`, `BadRecord`. Events: `AccountRegistered`, `DeviceAdded`.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::register())]
        pub fn register(
            origin: OriginFor<T>,
            account: T::AccountId,
            record: DeviceRecord,
            expires: u32,
            possession: [u8; 64],
            certificate: MultiSignature,
            work: u64,
        ) -> DispatchResult {
            let _ = origin;
            Ok(())
        }

        /// Adds a device to an account that is registered.
        ///
        /// Origin: authorized, a general transaction of anybody. It costs a proof of work.
        ///
        /// Errors: `NotRegistered`, `StaleProof`, `ProofTooLong`, `DeviceTaken`,
        /// `KeyHasOtherRole`, `TooManyDevices`, `BadRecord`. Events: `DeviceAdded`.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::add_device())]
        pub fn add_device(
            origin: OriginFor<T>,
            account: T::AccountId,
            record: DeviceRecord,
            expires: u32,
            possession: [u8; 64],
            certificate: MultiSignature,
            work: u64,
        ) -> DispatchResult {
            let _ = origin;
            Ok(())
        }

        /// Takes the right to speak for its account from a device. Its inbox, peer info and
        /// statement allowance go with it.
        ///
        /// Origin: the account's own key, or the device itself.
        ///
        /// Errors: `NotRegistered`, `UnknownDevice`. Events: `DeviceRevoked`.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::revoke_device())]
        pub fn revoke_device(origin: OriginFor<T>, device: T::AccountId) -> DispatchResult {
            let _ = origin;
            Ok(())
        }

        /// Sets the profile; an empty one removes it.
        ///
        /// Origin: the account's own key or a device.
        ///
        /// Errors: `NotRegistered`. Events: `ProfileSet`.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::set_profile())]
        pub fn set_profile(origin: OriginFor<T>, profile: Profile) -> DispatchResult {
            let _ = origin;
            Ok(())
        }

        /// Leave: removes the account with all its devices and everything of it.
        ///
        /// Origin: the account's own key.
        ///
        /// Errors: `NotRegistered`. Events: `UserOffline` if it was online, `DeviceRevoked`
        /// for each device, `AccountDeregistered`.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::deregister())]
        pub fn deregister(origin: OriginFor<T>) -> DispatchResult {
            let _ = origin;
            Ok(())
        }

        /// Says that the account can be reached.
        ///
        /// Origin: the account's own key or a device.
        ///
        /// Errors: `NotRegistered`. Events: `UserOnline` if it was offline.
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::heartbeat())]
        pub fn heartbeat(origin: OriginFor<T>) -> DispatchResult {
            let _ = origin;
            Ok(())
        }

        /// Says that the account cannot be reached any more. Fine for one that is offline.
        ///
        /// Origin: the account's own key or a device.
        ///
        /// Errors: `NotRegistered`. Events: `UserOffline` if it was online.
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::go_offline())]
        pub fn go_offline(origin: OriginFor<T>) -> DispatchResult {
            let _ = origin;
            Ok(())
        }

        /// Says what this device speaks; empty removes it.
        ///
        /// Origin: a device.
        ///
        /// Errors: `NotRegistered`, `NotADevice`. Events: `PeerInfoSet`.
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::register_peer_info())]
        pub fn register_peer_info(origin: OriginFor<T>, info: PeerInfoBytes) -> DispatchResult {
            let _ = origin;
            Ok(())
        }

        /// Puts a sealed signal into the inbox of the device `to`.
        ///
        /// Origin: a device.
        ///
        /// Errors: `NotRegistered`, `NotADevice`, `UnknownReceiver`, `Blocked`, `SenderLimit`,
        /// `InboxFull`. Events: `SignalSent`.
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::send_signaling())]
        pub fn send_signaling(
            origin: OriginFor<T>,
            to: T::AccountId,
            kind: SignalKind,
            payload: Payload,
        ) -> DispatchResult {
            let _ = origin;
            Ok(())
        }

        /// Removes the signals with an id up to `up_to` from the device's own inbox. Fine if
        /// there are none.
        ///
        /// Origin: a device.
        ///
        /// Errors: `NotRegistered`, `NotADevice`. Events: `SignalsCleared`.
        #[pallet::call_index(9)]
        #[pallet::weight(T::WeightInfo::clear_signaling())]
        pub fn clear_signaling(origin: OriginFor<T>, up_to: u64) -> DispatchResult {
            let _ = origin;
            Ok(())
        }

        /// Refuses everything that `account` would send from now on. It need not be registered.
        ///
        /// Origin: the account's own key or a device.
        ///
        /// Errors: `NotRegistered`, `CannotBlockSelf`, `AlreadyBlocked`, `TooManyBlocked`.
        /// Events: `UserBlocked`.
        #[pallet::call_index(10)]
        #[pallet::weight(T::WeightInfo::block_user())]
        pub fn block_user(origin: OriginFor<T>, account: T::AccountId) -> DispatchResult {
            let _ = origin;
            Ok(())
        }

        /// Accepts what `account` sends again.
        ///
        /// Origin: the account's own key or a device.
        ///
        /// Errors: `NotRegistered`, `NotBlocked`. Events: `UserUnblocked`.
        #[pallet::call_index(11)]
        #[pallet::weight(T::WeightInfo::unblock_user())]
        pub fn unblock_user(origin: OriginFor<T>, account: T::AccountId) -> DispatchResult {
            let _ = origin;
            Ok(())
        }

        /// Tells the account `to` that a message for it waits on IPFS.
        ///
        /// Origin: a device.
        ///
        /// Errors: `NotRegistered`, `NotADevice`, `EmptyCid`, `UnknownReceiver`, `Blocked`,
        /// `SenderLimit`, `InboxFull`. Events: `OfflineMessageNotified`.
        #[pallet::call_index(12)]
        #[pallet::weight(T::WeightInfo::notify_offline_message())]
        pub fn notify_offline_message(
            origin: OriginFor<T>,
            to: T::AccountId,
            cid: CidBytes,
        ) -> DispatchResult {
            let _ = origin;
            Ok(())
        }

        /// Removes the account's own notices with an id up to `up_to`. Fine if there are none.
        ///
        /// Origin: the account's own key or a device.
        ///
        /// Errors: `NotRegistered`. Events: `NotificationsCleared`.
        #[pallet::call_index(13)]
        #[pallet::weight(T::WeightInfo::clear_notifications())]
        pub fn clear_notifications(origin: OriginFor<T>, up_to: u64) -> DispatchResult {
            let _ = origin;
            Ok(())
        }

        /// Makes a group known, at epoch 0.
        ///
        /// Origin: authorized, a general transaction of anybody, signed by the group's
        /// authority key. It costs a proof of work.
        ///
        /// Errors: `GroupExists`, `StaleProof`, `ProofTooLong`. Events: `GroupRegistered`.
        #[pallet::call_index(14)]
        #[pallet::weight(T::WeightInfo::register_group())]
        pub fn register_group(
            origin: OriginFor<T>,
            group: [u8; 32],
            authority: [u8; 32],
            expires: u32,
            signature: [u8; 64],
            work: u64,
        ) -> DispatchResult {
            let _ = origin;
            Ok(())
        }

        /// Moves a group to its next epoch and hands it to the next authority.
        ///
        /// Origin: authorized, a general transaction of anybody, signed by the group's current
        /// authority key. It costs a proof of work.
        ///
        /// Errors: `UnknownGroup`, `StaleEpoch`, `FutureEpoch`. Events: `GroupEpochCommitted`.
        #[pallet::call_index(15)]
        #[pallet::weight(T::WeightInfo::commit_group_epoch())]
        pub fn commit_group_epoch(
            origin: OriginFor<T>,
            group: [u8; 32],
            epoch: u64,
            commit: [u8; 32],
            next_authority: [u8; 32],
            signature: [u8; 64],
            work: u64,
        ) -> DispatchResult {
            let _ = origin;
            Ok(())
        }

        /// Removes a group.
        ///
        /// Origin: authorized, a general transaction of anybody, signed by the group's current
        /// authority key.
        ///
        /// Errors: `UnknownGroup`. Events: `GroupClosed`.
        #[pallet::call_index(16)]
        #[pallet::weight(T::WeightInfo::close_group())]
        pub fn close_group(
            origin: OriginFor<T>,
            group: [u8; 32],
            signature: [u8; 64],
        ) -> DispatchResult {
            let _ = origin;
            Ok(())
        }

        /// Anchors the account's newest backup.
        ///
        /// Origin: the account's own key or a device.
        ///
        /// Errors: `NotRegistered`, `EmptyCid`, `StaleBackup`. Events: `BackupSet`.
        #[pallet::call_index(17)]
        #[pallet::weight(T::WeightInfo::set_chat_backup())]
        pub fn set_chat_backup(
            origin: OriginFor<T>,
            cid: CidBytes,
            sequence: u64,
            digest: [u8; 32],
        ) -> DispatchResult {
            let _ = origin;
            Ok(())
        }

        /// Removes the account's backup head. A later one may start at any sequence.
        ///
        /// Origin: the account's own key or a device.
        ///
        /// Errors: `NotRegistered`, `NoBackup`. Events: `BackupCleared`.
        #[pallet::call_index(18)]
        #[pallet::weight(T::WeightInfo::clear_chat_backup())]
        pub fn clear_chat_backup(origin: OriginFor<T>) -> DispatchResult {
            let _ = origin;
            Ok(())
        }
    }
}
