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
        #[pallet::weight_of_authorize(T::WeightInfo::authorize_register())]
        #[pallet::authorize(|_source: TransactionSource, account: &T::AccountId, record: &DeviceRecord, expires: &u32, possession: &[u8; 64], certificate: &MultiSignature, work: &u64| -> TransactionValidityWithRefund {
            Pallet::<T>::authorize_register(account, record, *expires, possession, certificate, *work)
        })]
        pub fn register(
            origin: OriginFor<T>,
            account: T::AccountId,
            record: DeviceRecord,
            expires: u32,
            possession: [u8; 64],
            certificate: MultiSignature,
            _work: u64,
        ) -> DispatchResult {
            ensure_authorized(origin)?;
            Self::check_registration(&account, &record, expires)?;
            Self::do_register(&account, Self::stored(record, expires, possession, certificate))
        }

        /// Adds a device to an account that is registered.
        ///
        /// Origin: authorized, a general transaction of anybody. It costs a proof of work.
        ///
        /// Errors: `NotRegistered`, `StaleProof`, `ProofTooLong`, `DeviceTaken`,
        /// `KeyHasOtherRole`, `TooManyDevices`, `BadRecord`. Events: `DeviceAdded`.
        #[pallet::call_index(1)]
        #[pallet::weight(Pallet::<T>::waking(T::WeightInfo::add_device()))]
        #[pallet::weight_of_authorize(T::WeightInfo::authorize_add_device())]
        #[pallet::authorize(|_source: TransactionSource, account: &T::AccountId, record: &DeviceRecord, expires: &u32, possession: &[u8; 64], certificate: &MultiSignature, work: &u64| -> TransactionValidityWithRefund {
            Pallet::<T>::authorize_add_device(account, record, *expires, possession, certificate, *work)
        })]
        pub fn add_device(
            origin: OriginFor<T>,
            account: T::AccountId,
            record: DeviceRecord,
            expires: u32,
            possession: [u8; 64],
            certificate: MultiSignature,
            _work: u64,
        ) -> DispatchResultWithPostInfo {
            ensure_authorized(origin)?;
            Self::check_addition(&account, &record, expires)?;
            let woke = Self::live(&account, 0);
            Self::do_add_device(&account, Self::stored(record, expires, possession, certificate))?;
            Ok(Self::cost(T::WeightInfo::add_device(), woke))
        }

        /// Takes the right to speak for its account from a device. Its inbox, peer info and
        /// statement allowance go with it.
        ///
        /// Origin: the account's own key, which needs no credit, or the device itself.
        ///
        /// Errors: `NotRegistered`, `UnknownDevice`, `NotTheAccount`. Events: `DeviceRevoked`.
        #[pallet::call_index(2)]
        #[pallet::weight(Pallet::<T>::waking(T::WeightInfo::revoke_device(MAX_INBOX)))]
        #[pallet::feeless_if(|origin: &OriginFor<T>, device: &T::AccountId| -> bool {
            Pallet::<T>::is_free_for_owner(origin, |who| Pallet::<T>::check_revocation(who, device))
        })]
        pub fn revoke_device(
            origin: OriginFor<T>,
            device: T::AccountId,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let account = Self::check_revocation(&who, &device)?;
            let woke = Self::live(&account, u32::from(who != account));
            let signals = Self::do_revoke_device(&account, &device);
            Ok(Self::cost(T::WeightInfo::revoke_device(signals), woke))
        }

        /// Sets the profile; an empty one removes it.
        ///
        /// Origin: the account's own key or a device.
        ///
        /// Errors: `NotRegistered`. Events: `ProfileSet`.
        #[pallet::call_index(3)]
        #[pallet::weight(Pallet::<T>::waking(T::WeightInfo::set_profile()))]
        #[pallet::feeless_if(|origin: &OriginFor<T>, _profile: &Profile| -> bool {
            Pallet::<T>::is_free(origin, Pallet::<T>::acting_for)
        })]
        pub fn set_profile(origin: OriginFor<T>, profile: Profile) -> DispatchResultWithPostInfo {
            let account = Self::acting_for(&ensure_signed(origin)?)?;
            let woke = Self::charge(&account);
            Self::do_set_profile(account, profile);
            Ok(Self::cost(T::WeightInfo::set_profile(), woke))
        }

        /// Leave: removes the account with all its devices and everything of it.
        ///
        /// Origin: the account's own key, which needs no credit.
        ///
        /// Errors: `NotRegistered`, `NotTheAccount`. Events: `UserOffline` if it was online,
        /// `DeviceRevoked` for each device, `AccountDeregistered`.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::deregister(MAX_BLOCKED, MAX_DEVICES))]
        #[pallet::feeless_if(|origin: &OriginFor<T>| -> bool {
            Pallet::<T>::is_free_for_owner(origin, Pallet::<T>::check_deregistration)
        })]
        pub fn deregister(origin: OriginFor<T>) -> DispatchResultWithPostInfo {
            let account = Self::check_deregistration(&ensure_signed(origin)?)?;
            let (blocked, devices) = Self::do_deregister(&account);
            Ok(Some(T::WeightInfo::deregister(blocked, devices)).into())
        }

        /// Says that the account can be reached.
        ///
        /// Origin: the account's own key or a device.
        ///
        /// Errors: `NotRegistered`. Events: `UserOnline` if it was offline.
        #[pallet::call_index(5)]
        #[pallet::weight(Pallet::<T>::waking(T::WeightInfo::heartbeat()))]
        #[pallet::feeless_if(|origin: &OriginFor<T>| -> bool {
            Pallet::<T>::is_free(origin, Pallet::<T>::acting_for)
        })]
        pub fn heartbeat(origin: OriginFor<T>) -> DispatchResultWithPostInfo {
            let account = Self::acting_for(&ensure_signed(origin)?)?;
            let woke = Self::charge(&account);
            Self::do_heartbeat(&account);
            Ok(Self::cost(T::WeightInfo::heartbeat(), woke))
        }

        /// Says that the account cannot be reached any more. Fine for one that is offline.
        ///
        /// Origin: the account's own key or a device.
        ///
        /// Errors: `NotRegistered`. Events: `UserOffline` if it was online.
        #[pallet::call_index(6)]
        #[pallet::weight(Pallet::<T>::waking(T::WeightInfo::go_offline()))]
        #[pallet::feeless_if(|origin: &OriginFor<T>| -> bool {
            Pallet::<T>::is_free(origin, Pallet::<T>::acting_for)
        })]
        pub fn go_offline(origin: OriginFor<T>) -> DispatchResultWithPostInfo {
            let account = Self::acting_for(&ensure_signed(origin)?)?;
            let woke = Self::charge(&account);
            Self::do_go_offline(&account);
            Ok(Self::cost(T::WeightInfo::go_offline(), woke))
        }

        /// Says what this device speaks; empty removes it.
        ///
        /// Origin: a device.
        ///
        /// Errors: `NotRegistered`, `NotADevice`. Events: `PeerInfoSet`.
        #[pallet::call_index(7)]
        #[pallet::weight(Pallet::<T>::waking(T::WeightInfo::register_peer_info()))]
        #[pallet::feeless_if(|origin: &OriginFor<T>, _info: &PeerInfoBytes| -> bool {
            Pallet::<T>::is_free(origin, Pallet::<T>::acting_device)
        })]
        pub fn register_peer_info(
            origin: OriginFor<T>,
            info: PeerInfoBytes,
        ) -> DispatchResultWithPostInfo {
            let device = ensure_signed(origin)?;
            let account = Self::acting_device(&device)?;
            let woke = Self::charge(&account);
            Self::do_register_peer_info(account, device, info);
            Ok(Self::cost(T::WeightInfo::register_peer_info(), woke))
        }

        /// Puts a sealed signal into the inbox of the device `to`.
        ///
        /// Origin: a device.
        ///
        /// Errors: `NotRegistered`, `NotADevice`, `UnknownReceiver`, `Blocked`, `SenderLimit`,
        /// `InboxFull`. Events: `SignalSent`.
        #[pallet::call_index(8)]
        #[pallet::weight(Pallet::<T>::waking(T::WeightInfo::send_signaling()))]
        #[pallet::feeless_if(|origin: &OriginFor<T>, to: &T::AccountId, _kind: &SignalKind, _payload: &Payload| -> bool {
            Pallet::<T>::is_free(origin, |who| Ok(Pallet::<T>::check_signal(who, to)?.sender))
        })]
        pub fn send_signaling(
            origin: OriginFor<T>,
            to: T::AccountId,
            kind: SignalKind,
            payload: Payload,
        ) -> DispatchResultWithPostInfo {
            let from = ensure_signed(origin)?;
            let room = Self::check_signal(&from, &to)?;
            let woke = Self::charge(&room.sender);
            Self::do_send_signaling(to, from, kind, payload, room)?;
            Ok(Self::cost(T::WeightInfo::send_signaling(), woke))
        }

        /// Removes the signals with an id up to `up_to` from the device's own inbox. Fine if
        /// there are none.
        ///
        /// Origin: a device.
        ///
        /// Errors: `NotRegistered`, `NotADevice`. Events: `SignalsCleared`.
        #[pallet::call_index(9)]
        #[pallet::weight(Pallet::<T>::waking(T::WeightInfo::clear_signaling(MAX_INBOX)))]
        #[pallet::feeless_if(|origin: &OriginFor<T>, _up_to: &u64| -> bool {
            Pallet::<T>::is_free(origin, Pallet::<T>::acting_device)
        })]
        pub fn clear_signaling(origin: OriginFor<T>, up_to: u64) -> DispatchResultWithPostInfo {
            let device = ensure_signed(origin)?;
            let account = Self::acting_device(&device)?;
            let woke = Self::charge(&account);
            let signals = Self::do_clear_signaling(device, up_to);
            Ok(Self::cost(T::WeightInfo::clear_signaling(signals), woke))
        }

        /// Refuses everything that `account` would send from now on, also after it left and came
        /// back.
        ///
        /// Origin: the account's own key or a device.
        ///
        /// Errors: `NotRegistered`, `CannotBlockSelf`, `AlreadyBlocked`, `UnknownAccount` (a device
        /// is none), `TooManyBlocked`.
        /// Events: `UserBlocked`.
        #[pallet::call_index(10)]
        #[pallet::weight(Pallet::<T>::waking(T::WeightInfo::block_user()))]
        #[pallet::feeless_if(|origin: &OriginFor<T>, account: &T::AccountId| -> bool {
            Pallet::<T>::is_free(origin, |who| Pallet::<T>::check_block(who, account))
        })]
        pub fn block_user(
            origin: OriginFor<T>,
            account: T::AccountId,
        ) -> DispatchResultWithPostInfo {
            let by = Self::check_block(&ensure_signed(origin)?, &account)?;
            let woke = Self::charge(&by);
            Self::do_block(by, account);
            Ok(Self::cost(T::WeightInfo::block_user(), woke))
        }

        /// Accepts what `account` sends again.
        ///
        /// Origin: the account's own key or a device.
        ///
        /// Errors: `NotRegistered`, `NotBlocked`. Events: `UserUnblocked`.
        #[pallet::call_index(11)]
        #[pallet::weight(Pallet::<T>::waking(T::WeightInfo::unblock_user()))]
        #[pallet::feeless_if(|origin: &OriginFor<T>, account: &T::AccountId| -> bool {
            Pallet::<T>::is_free(origin, |who| Pallet::<T>::check_unblock(who, account))
        })]
        pub fn unblock_user(
            origin: OriginFor<T>,
            account: T::AccountId,
        ) -> DispatchResultWithPostInfo {
            let by = Self::check_unblock(&ensure_signed(origin)?, &account)?;
            let woke = Self::charge(&by);
            Self::do_unblock(by, account);
            Ok(Self::cost(T::WeightInfo::unblock_user(), woke))
        }

        /// Tells the account `to` that a message for it waits on IPFS.
        ///
        /// Origin: a device.
        ///
        /// Errors: `NotRegistered`, `NotADevice`, `EmptyCid`, `UnknownReceiver`, `Blocked`,
        /// `SenderLimit`, `InboxFull`. Events: `OfflineMessageNotified`.
        #[pallet::call_index(12)]
        #[pallet::weight(Pallet::<T>::waking(T::WeightInfo::notify_offline_message()))]
        #[pallet::feeless_if(|origin: &OriginFor<T>, to: &T::AccountId, cid: &CidBytes| -> bool {
            Pallet::<T>::is_free(origin, |who| Ok(Pallet::<T>::check_notice(who, to, cid)?.sender))
        })]
        pub fn notify_offline_message(
            origin: OriginFor<T>,
            to: T::AccountId,
            cid: CidBytes,
        ) -> DispatchResultWithPostInfo {
            let from = ensure_signed(origin)?;
            let room = Self::check_notice(&from, &to, &cid)?;
            let woke = Self::charge(&room.sender);
            Self::do_notify(to, from, cid, room)?;
            Ok(Self::cost(T::WeightInfo::notify_offline_message(), woke))
        }

        /// Removes the account's own notices with an id up to `up_to`. Fine if there are none.
        ///
        /// Origin: the account's own key or a device.
        ///
        /// Errors: `NotRegistered`. Events: `NotificationsCleared`.
        #[pallet::call_index(13)]
        #[pallet::weight(Pallet::<T>::waking(T::WeightInfo::clear_notifications()))]
        #[pallet::feeless_if(|origin: &OriginFor<T>, _up_to: &u64| -> bool {
            Pallet::<T>::is_free(origin, Pallet::<T>::acting_for)
        })]
        pub fn clear_notifications(origin: OriginFor<T>, up_to: u64) -> DispatchResultWithPostInfo {
            let account = Self::acting_for(&ensure_signed(origin)?)?;
            let woke = Self::charge(&account);
            Self::do_clear_notifications(account, up_to);
            Ok(Self::cost(T::WeightInfo::clear_notifications(), woke))
        }

        /// Makes a group known, at epoch 0.
        ///
        /// Origin: authorized, a general transaction of anybody, signed by the group's
        /// authority key. It costs a proof of work.
        ///
        /// Errors: `GroupExists`, `StaleProof`, `ProofTooLong`. Events: `GroupRegistered`.
        #[pallet::call_index(14)]
        #[pallet::weight(T::WeightInfo::register_group())]
        #[pallet::weight_of_authorize(T::WeightInfo::authorize_register_group())]
        #[pallet::authorize(|_source: TransactionSource, group: &[u8; 32], authority: &[u8; 32], expires: &u32, signature: &[u8; 64], work: &u64| -> TransactionValidityWithRefund {
            Pallet::<T>::authorize_register_group(group, authority, *expires, signature, *work)
        })]
        pub fn register_group(
            origin: OriginFor<T>,
            group: [u8; 32],
            authority: [u8; 32],
            expires: u32,
            _signature: [u8; 64],
            _work: u64,
        ) -> DispatchResult {
            ensure_authorized(origin)?;
            Self::check_group_registration(&group, expires)?;
            Self::do_register_group(group, authority);
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
        #[pallet::weight_of_authorize(T::WeightInfo::authorize_commit_group_epoch())]
        #[pallet::authorize(|_source: TransactionSource, group: &[u8; 32], epoch: &u64, commit: &[u8; 32], next_authority: &[u8; 32], signature: &[u8; 64], work: &u64| -> TransactionValidityWithRefund {
            Pallet::<T>::authorize_commit(group, *epoch, commit, next_authority, signature, *work)
        })]
        pub fn commit_group_epoch(
            origin: OriginFor<T>,
            group: [u8; 32],
            epoch: u64,
            commit: [u8; 32],
            next_authority: [u8; 32],
            _signature: [u8; 64],
            _work: u64,
        ) -> DispatchResult {
            ensure_authorized(origin)?;
            Self::check_commit(&group, epoch)?;
            Self::do_commit(group, epoch, commit, next_authority);
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
        #[pallet::weight_of_authorize(T::WeightInfo::authorize_close_group())]
        #[pallet::authorize(|_source: TransactionSource, group: &[u8; 32], signature: &[u8; 64]| -> TransactionValidityWithRefund {
            Pallet::<T>::authorize_close(group, signature)
        })]
        pub fn close_group(
            origin: OriginFor<T>,
            group: [u8; 32],
            _signature: [u8; 64],
        ) -> DispatchResult {
            ensure_authorized(origin)?;
            Self::live_group(&group)?;
            Self::do_close_group(group);
            Ok(())
        }

        /// Anchors the account's newest backup.
        ///
        /// Origin: the account's own key or a device.
        ///
        /// Errors: `NotRegistered`, `EmptyCid`, `StaleBackup`. Events: `BackupSet`.
        #[pallet::call_index(17)]
        #[pallet::weight(Pallet::<T>::waking(T::WeightInfo::set_chat_backup()))]
        #[pallet::feeless_if(|origin: &OriginFor<T>, cid: &CidBytes, sequence: &u64, _digest: &[u8; 32]| -> bool {
            Pallet::<T>::is_free(origin, |who| Pallet::<T>::check_backup(who, cid, *sequence))
        })]
        pub fn set_chat_backup(
            origin: OriginFor<T>,
            cid: CidBytes,
            sequence: u64,
            digest: [u8; 32],
        ) -> DispatchResultWithPostInfo {
            let account = Self::check_backup(&ensure_signed(origin)?, &cid, sequence)?;
            let woke = Self::charge(&account);
            Self::do_set_backup(account, cid, sequence, digest);
            Ok(Self::cost(T::WeightInfo::set_chat_backup(), woke))
        }

        /// Removes the account's backup head. A later one still needs a larger sequence.
        ///
        /// Origin: the account's own key or a device.
        ///
        /// Errors: `NotRegistered`, `NoBackup`. Events: `BackupCleared`.
        #[pallet::call_index(18)]
        #[pallet::weight(Pallet::<T>::waking(T::WeightInfo::clear_chat_backup()))]
        #[pallet::feeless_if(|origin: &OriginFor<T>| -> bool {
            Pallet::<T>::is_free(origin, Pallet::<T>::check_backup_removal)
        })]
        pub fn clear_chat_backup(origin: OriginFor<T>) -> DispatchResultWithPostInfo {
            let account = Self::check_backup_removal(&ensure_signed(origin)?)?;
            let woke = Self::charge(&account);
            Self::do_clear_backup(account);
            Ok(Self::cost(T::WeightInfo::clear_chat_backup(), woke))
        }

        /// Does nothing but count as a sign of life, for an account that otherwise makes no call.
        ///
        /// Origin: the account's own key or a device.
        ///
        /// Errors: `NotRegistered`.
        #[pallet::call_index(19)]
        #[pallet::weight(Pallet::<T>::waking(T::WeightInfo::renew()))]
        #[pallet::feeless_if(|origin: &OriginFor<T>| -> bool {
            Pallet::<T>::is_free(origin, Pallet::<T>::acting_for)
        })]
        pub fn renew(origin: OriginFor<T>) -> DispatchResultWithPostInfo {
            let account = Self::acting_for(&ensure_signed(origin)?)?;
            let woke = Self::charge(&account);
            Ok(Self::cost(T::WeightInfo::renew(), woke))
        }

        /// Sets how many leading zero bits a proof of work must have: when registrations come
        /// faster than people would.
        ///
        /// Origin: root.
        ///
        /// Errors: `TooMuchWork`. Events: `WorkDifficultySet`.
        #[pallet::call_index(20)]
        #[pallet::weight((T::WeightInfo::set_work_difficulty(), DispatchClass::Operational))]
        pub fn set_work_difficulty(origin: OriginFor<T>, difficulty: u8) -> DispatchResult {
            ensure_root(origin)?;
            ensure!(difficulty <= MAX_WORK_DIFFICULTY, Error::<T>::TooMuchWork);
            WorkDifficulty::<T>::put(difficulty);
            Self::deposit_event(Event::WorkDifficultySet { difficulty });
            Ok(())
        }
    }
}
