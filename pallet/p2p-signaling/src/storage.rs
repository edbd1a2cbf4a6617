//! The pallet's storage. Each map says why its hasher is safe: a hasher that keeps the key
//! readable but does not spread it (`Twox64Concat`, `Identity`) lets whoever chooses the key
//! unbalance the trie.

use frame_support::pallet_macros::pallet_section;

/// Imported into the pallet by `import_section`.
#[pallet_section]
mod storage {
    /// The registered accounts.
    ///
    /// Hasher: anybody can make keys, so one that is cryptographic.
    #[pallet::storage]
    pub type Accounts<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, AccountInfo, OptionQuery>;

    /// The devices of each account, oldest first. An account without devices has no entry.
    ///
    /// Hasher: anybody can make keys, so one that is cryptographic.
    #[pallet::storage]
    pub type Devices<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, DeviceList, ValueQuery>;

    /// For whom a device speaks.
    ///
    /// Hasher: anybody can make keys, so one that is cryptographic.
    #[pallet::storage]
    pub type DeviceOwner<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, T::AccountId, OptionQuery>;

    /// The `spent_proof` of accounts that left, for as long as such a proof could be used.
    ///
    /// Hasher: anybody can make keys, so one that is cryptographic.
    #[pallet::storage]
    pub type SpentProofs<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, u32, OptionQuery>;

    /// A nonce that no account which lost its record here has reached. Accounts and devices
    /// that come start at least here, so that no transaction of an earlier life fits again.
    #[pallet::storage]
    pub type NonceFloor<T: Config> = StorageValue<_, T::Nonce, ValueQuery>;

    /// What accounts say about themselves.
    ///
    /// Hasher: anybody can make keys, so one that is cryptographic.
    #[pallet::storage]
    pub type Profiles<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, Profile, OptionQuery>;

    /// The block of the last heartbeat of an account.
    ///
    /// Hasher: anybody can make keys, so one that is cryptographic.
    #[pallet::storage]
    pub type LastSeen<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, u32, OptionQuery>;

    /// The accounts that are online. Together with `LastSeen`: a silent one may still stand
    /// here until the sweep has come to it.
    ///
    /// Hasher: anybody can make keys, so one that is cryptographic.
    #[pallet::storage]
    pub type Online<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, (), OptionQuery>;

    /// What each device speaks.
    ///
    /// Hasher: anybody can make keys, so one that is cryptographic.
    #[pallet::storage]
    pub type PeerInfo<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, PeerInfoBytes, OptionQuery>;

    /// Which signals wait for each device. Small, as every sender has it read; what they carry
    /// stands in `Signals`.
    ///
    /// Hasher: anybody can make keys, so one that is cryptographic.
    #[pallet::storage]
    pub type Inboxes<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Inbox, ValueQuery>;

    /// The signals that `Inboxes` lists, by device and id.
    ///
    /// Hashers: anybody can make keys, so one that is cryptographic; the ids are numbers which
    /// the pallet counts up itself, so one that is fast.
    #[pallet::storage]
    pub type Signals<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, u64, Signal, OptionQuery>;

    /// The id of the next signal or notice.
    #[pallet::storage]
    pub type NextSignal<T: Config> = StorageValue<_, u64, ValueQuery>;

    /// The notices that wait for each account.
    ///
    /// Hasher: anybody can make keys, so one that is cryptographic.
    #[pallet::storage]
    pub type Notices<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, NoticeList, ValueQuery>;

    /// Who (first key) accepts nothing of whom (second key).
    ///
    /// Hashers: anybody can make keys and name any account, so ones that are cryptographic;
    /// the first keeps the key apart so that one account's list can be read and removed.
    #[pallet::storage]
    pub type Blocks<T: Config> = StorageDoubleMap<
        _,
        Blake2_128Concat,
        T::AccountId,
        Blake2_128Concat,
        T::AccountId,
        (),
        OptionQuery,
    >;

    /// How many entries an account has in `Blocks`.
    ///
    /// Hasher: anybody can make keys, so one that is cryptographic.
    #[pallet::storage]
    pub type BlockCount<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, u32, ValueQuery>;

    /// What each account may do without a fee, and when something was last done for it.
    ///
    /// Hasher: anybody can make keys, so one that is cryptographic.
    #[pallet::storage]
    pub type Allowances<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, Allowance, OptionQuery>;

    /// The groups' newest commitments.
    ///
    /// Hasher: a group id is itself a hash, but one over a key that anybody can choose and try,
    /// so not `Identity`: a chosen prefix of the id would be cheap to find.
    #[pallet::storage]
    pub type Groups<T: Config> = StorageMap<_, Blake2_128Concat, [u8; 32], GroupHead, OptionQuery>;

    /// Groups that were closed, and until when their registration could be repeated.
    ///
    /// Hasher: as for `Groups`.
    #[pallet::storage]
    pub type ClosedGroups<T: Config> = StorageMap<_, Blake2_128Concat, [u8; 32], u32, OptionQuery>;

    /// Where the newest backups are.
    ///
    /// Hasher: anybody can make keys, so one that is cryptographic.
    #[pallet::storage]
    pub type Backups<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, BackupHead, OptionQuery>;

    /// The sequences of backup heads that were removed: the next one has to be larger, or a
    /// device could put an old backup in the place of a newer one.
    ///
    /// Hasher: anybody can make keys, so one that is cryptographic.
    #[pallet::storage]
    pub type ClearedBackups<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, u64, OptionQuery>;

    /// Leading zero bits that a proof of work must have.
    #[pallet::storage]
    pub type WorkDifficulty<T: Config> = StorageValue<_, u8, ValueQuery>;

    /// What is due when: block and number within the block.
    ///
    /// Hashers: both keys are small numbers which the pallet counts up itself; nobody chooses
    /// them, so one that is fast.
    #[pallet::storage]
    pub type Deadlines<T: Config> =
        StorageDoubleMap<_, Twox64Concat, u32, Twox64Concat, u32, Expiry, OptionQuery>;

    /// How many numbers `Deadlines` has given out for a block.
    ///
    /// Hasher: the key is a block number which the pallet computes, so one that is fast.
    #[pallet::storage]
    pub type DeadlineCount<T: Config> = StorageMap<_, Twox64Concat, u32, u32, ValueQuery>;

    /// Where in `Deadlines` something stands, so that it stands there once only and leaves
    /// together with what it is about.
    ///
    /// Hasher: the key holds accounts and groups, which anybody can make, so one that is
    /// cryptographic.
    #[pallet::storage]
    pub type Scheduled<T: Config> =
        StorageMap<_, Blake2_128Concat, Expiry, DeadlineSlot, OptionQuery>;

    /// The first place in `Deadlines` that the sweep has not come to yet. None before the
    /// pallet's first block.
    #[pallet::storage]
    pub type DeadlineCursor<T: Config> = StorageValue<_, DeadlineSlot, OptionQuery>;
}
