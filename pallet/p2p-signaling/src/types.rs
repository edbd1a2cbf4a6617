//! What stands on the chain, and what a call carries.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use sp_runtime::{AccountId32, MultiSignature};

/// The only suite of keys that exists so far.
pub const SUITE: u8 = 1;
/// Length of the sealing key in suite 1: ML-KEM-768 (1184 bytes) and X25519 (32 bytes).
pub const SEALING_KEY_LEN: u32 = 1216;
/// Devices one account may have.
pub const MAX_DEVICES: u32 = 8;
/// Accounts one account may block.
pub const MAX_BLOCKED: u32 = 256;
/// Signals one device's inbox holds, and notices one account's.
pub const MAX_INBOX: u32 = 32;
/// Signals (or notices) of one sender account in one inbox.
pub const MAX_PER_SENDER: u32 = 4;
/// Leading zero bits that a proof of work may have to have: some minutes of one core.
pub const MAX_WORK_DIFFICULTY: u8 = 32;
/// What the statement store grants a device: number of statements and their bytes together.
pub const STATEMENT_ALLOWANCE: (u32, u32) = (64, 65_536);

/// A person's profile, opaque to the chain.
pub type Profile = BoundedVec<u8, ConstU32<512>>;
/// What a device speaks and where its mailbox is. Never an IP address.
pub type PeerInfoBytes = BoundedVec<u8, ConstU32<128>>;
/// A sealed signal.
pub type Payload = BoundedVec<u8, ConstU32<4096>>;
/// A content identifier, as bytes.
pub type CidBytes = BoundedVec<u8, ConstU32<64>>;
/// The devices of one account.
pub type DeviceList = BoundedVec<StoredDevice, ConstU32<MAX_DEVICES>>;
/// What waits for one device, in the order of the ids.
pub type Inbox = BoundedVec<Waiting, ConstU32<MAX_INBOX>>;
/// The notices that wait for one account, in the order of their ids.
pub type NoticeList = BoundedVec<Notice, ConstU32<MAX_INBOX>>;

/// The public keys of one device.
#[derive(
    Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct DeviceRecord {
    /// Which algorithms the keys belong to; [`SUITE`].
    pub suite: u8,
    /// ed25519: the device's chain account and signing key.
    pub device: [u8; 32],
    /// curve25519: the Olm identity key.
    pub olm: [u8; 32],
    /// curve25519: the Olm fallback key.
    pub fallback: [u8; 32],
    /// ML-KEM-768 + X25519 public key for HPKE; exactly [`SEALING_KEY_LEN`] bytes.
    pub sealing: BoundedVec<u8, ConstU32<SEALING_KEY_LEN>>,
}

/// A device with the proofs that it belongs to its account, for everybody to check.
#[derive(
    Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct StoredDevice {
    /// The keys.
    pub record: DeviceRecord,
    /// The block until which the proofs could be used to register; part of what they sign.
    pub expires: u32,
    /// The block in which the device came.
    pub added: u32,
    /// The device's signature.
    pub possession: [u8; 64],
    /// The account's signature.
    pub certificate: MultiSignature,
}

/// A registered account.
#[derive(
    Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct AccountInfo {
    /// The block of the registration.
    pub since: u32,
    /// Grows by one with each change of the device list; 1 after the registration.
    pub revision: u32,
    /// The largest `expires` of a proof that this account has used.
    pub spent_proof: u32,
}

/// What a signal is for.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    Debug,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum SignalKind {
    /// A session description that starts a connection.
    #[codec(index = 0)]
    Offer,
    /// The reply to an offer.
    #[codec(index = 1)]
    Answer,
    /// A further way to reach the sender.
    #[codec(index = 2)]
    IceCandidate,
    /// Asks whether the device is there.
    #[codec(index = 3)]
    Ping,
    /// Says that a message waits elsewhere.
    #[codec(index = 4)]
    OfflineMessage,
}

/// One signal for a device.
#[derive(
    Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Signal {
    /// Unique on this chain, growing; shared with notices.
    pub id: u64,
    /// The device that sent it.
    pub from: AccountId32,
    /// The account of that device when it sent.
    pub sender: AccountId32,
    /// What it is for.
    pub kind: SignalKind,
    /// Sealed to the receiving device.
    pub payload: Payload,
    /// The block in which it came.
    pub at: u32,
    /// The first block in which it is gone.
    pub expires: u32,
}

/// What an inbox itself holds of a signal: enough to say which one has to make room.
#[derive(
    Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Waiting {
    /// The signal's.
    pub id: u64,
    /// The account that sent it.
    pub sender: AccountId32,
    /// The block in which that account was registered.
    pub since: u32,
    /// The first block in which the signal is gone.
    pub expires: u32,
}

/// Says that a message for an account waits on IPFS.
#[derive(
    Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Notice {
    /// Unique on this chain, growing; shared with signals.
    pub id: u64,
    /// The device that sent it.
    pub from: AccountId32,
    /// The account of that device when it sent.
    pub sender: AccountId32,
    /// Where the message is.
    pub cid: CidBytes,
    /// The block in which that account was registered.
    pub since: u32,
    /// The block in which it came.
    pub at: u32,
    /// The first block in which it is gone.
    pub expires: u32,
}

/// What an account may still do without a fee.
#[derive(
    Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Allowance {
    /// Credits left at block `at`.
    pub credits: u32,
    /// The block up to which refills are counted in: that of the last call for the account, or
    /// less than the interval of refills before it.
    pub at: u32,
}

/// The newest commitment of a group.
#[derive(
    Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct GroupHead {
    /// The ed25519 key that signs the next commit.
    pub authority: [u8; 32],
    /// 0 after registration, then one more with each commit.
    pub epoch: u64,
    /// The hash that the last commit carried; zero at epoch 0.
    pub commit: [u8; 32],
    /// The block of the registration or of the last commit.
    pub at: u32,
}

/// Where an account's newest backup is.
#[derive(
    Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct BackupHead {
    /// Root of the backup on IPFS.
    pub cid: CidBytes,
    /// Grows with each backup.
    pub sequence: u64,
    /// Digest of the manifest.
    pub digest: [u8; 32],
    /// The block in which it was set.
    pub at: u32,
}

/// Something that the passing of blocks ends.
#[derive(
    Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Expiry {
    /// An account that is online and may fall silent.
    #[codec(index = 0)]
    Presence(AccountId32),
    /// The signals of a device.
    #[codec(index = 1)]
    Signals(AccountId32),
    /// The notices of an account.
    #[codec(index = 2)]
    Notices(AccountId32),
    /// What an account that left has to remember about its last proof.
    #[codec(index = 3)]
    SpentProof(AccountId32),
    /// A group that nobody renews.
    #[codec(index = 4)]
    Group([u8; 32]),
    /// What a closed group has to remember about its registration.
    #[codec(index = 5)]
    ClosedGroup([u8; 32]),
    /// An account that nobody may use any more.
    #[codec(index = 6)]
    Account(AccountId32),
}

/// The place of an [`Expiry`] in the queue of deadlines.
#[derive(
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Debug,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct DeadlineSlot {
    /// The block at whose start it is due.
    pub block: u32,
    /// Its number among those of that block.
    pub index: u32,
}

/// Something with a sender and an end: what both kinds of inbox hold.
pub trait Delivered {
    /// The account that sent it.
    fn sender(&self) -> &AccountId32;
    /// Its number.
    fn id(&self) -> u64;
    /// The block in which the sender's account was registered.
    fn since(&self) -> u32;
    /// The first block in which it is gone.
    fn expires(&self) -> u32;
}

impl Delivered for Waiting {
    fn sender(&self) -> &AccountId32 {
        &self.sender
    }
    fn id(&self) -> u64 {
        self.id
    }
    fn since(&self) -> u32 {
        self.since
    }
    fn expires(&self) -> u32 {
        self.expires
    }
}

impl Delivered for Notice {
    fn sender(&self) -> &AccountId32 {
        &self.sender
    }
    fn id(&self) -> u64 {
        self.id
    }
    fn since(&self) -> u32 {
        self.since
    }
    fn expires(&self) -> u32 {
        self.expires
    }
}

/// What the keys begin with under which the statement store looks for allowances.
pub const STATEMENT_ALLOWANCE_PREFIX: &[u8] = b":statement_allowance:";

/// The raw storage key under which the statement store looks for a device's allowance.
pub fn statement_allowance_key(device: &AccountId32) -> Vec<u8> {
    let mut key = STATEMENT_ALLOWANCE_PREFIX.to_vec();
    key.extend_from_slice(device.as_ref());
    key
}
