//! What is signed, and what is worked for. Pure: no storage, no clock.
//!
//! `docs/chain.md` gives the same bytes in words. Everything holds the genesis hash, so that a
//! proof for one chain is none on another.

use crate::types::DeviceRecord;
use alloc::vec::Vec;
use codec::Encode;
use sp_core::ed25519;
use sp_io::hashing::blake2_256;
use sp_runtime::{traits::Verify, AccountId32, MultiSignature};

/// What an account's certificate for a device begins with.
pub const DEVICE_CONTEXT: &[u8] = b"stardust:device:v1";
/// What a device's proof of possession begins with.
pub const POSSESSION_CONTEXT: &[u8] = b"stardust:possess:v1";
/// What all work begins with.
pub const WORK_CONTEXT: &[u8] = b"stardust:work:v2";
/// What a group's id is made with.
pub const GROUP_CONTEXT: &[u8] = b"stardust:group:v1";
/// What a group's registration begins with.
pub const GROUP_REGISTER_CONTEXT: &[u8] = b"stardust:group-register:v1";
/// What a group's commit begins with.
pub const GROUP_COMMIT_CONTEXT: &[u8] = b"stardust:group-commit:v1";
/// What a group's end begins with.
pub const GROUP_CLOSE_CONTEXT: &[u8] = b"stardust:group-close:v1";

/// A genesis hash.
pub type Genesis = [u8; 32];

fn tagged(context: &[u8], content: impl Encode) -> Vec<u8> {
    [context, &blake2_256(&content.encode())].concat()
}

/// What the account signs to certify a device: 50 bytes.
pub fn device_statement(
    genesis: &Genesis,
    account: &AccountId32,
    record: &DeviceRecord,
    expires: u32,
) -> Vec<u8> {
    tagged(DEVICE_CONTEXT, (genesis, account, record, expires))
}

/// What the device signs to show that it has its key.
pub fn possession_statement(
    genesis: &Genesis,
    account: &AccountId32,
    record: &DeviceRecord,
    expires: u32,
) -> Vec<u8> {
    tagged(POSSESSION_CONTEXT, (genesis, account, record, expires))
}

/// The form in which browser wallets sign bytes.
pub fn wrapped(statement: &[u8]) -> Vec<u8> {
    [b"<Bytes>".as_slice(), statement, b"</Bytes>"].concat()
}

/// Whether `account` signed `statement`, plainly or wrapped, with sr25519 or ed25519.
pub fn is_certified(certificate: &MultiSignature, statement: &[u8], account: &AccountId32) -> bool {
    match certificate {
        MultiSignature::Sr25519(_) | MultiSignature::Ed25519(_) => {
            certificate.verify(statement, account)
                || certificate.verify(wrapped(statement).as_slice(), account)
        },
        // Accounts of other schemes are hashes of keys: nobody could check them off the chain
        // with the account alone.
        _ => false,
    }
}

/// Whether the ed25519 key `signer` signed `message`.
pub fn is_signed(signature: &[u8; 64], message: &[u8], signer: &[u8; 32]) -> bool {
    sp_io::crypto::ed25519_verify(
        &ed25519::Signature::from_raw(*signature),
        message,
        &ed25519::Public::from_raw(*signer),
    )
}

/// The signatures of a device's proofs as work covers them: the device's, then the account's.
pub fn device_signatures(possession: &[u8; 64], certificate: &MultiSignature) -> Vec<u8> {
    (possession, certificate).encode()
}

/// The hash that a work nonce has to make small. `message` is what the device or the group's
/// authority signs, `signatures` are all that the transaction carries: so the work is done for
/// one transaction and no other, whether its signatures hold or not.
pub fn work(message: &[u8], signatures: &[u8], nonce: u64) -> [u8; 32] {
    let content = blake2_256(&[message, signatures].concat());
    let parts: [&[u8]; 3] = [WORK_CONTEXT, &content, &nonce.to_le_bytes()];
    blake2_256(&parts.concat())
}

/// Whether `hash` begins with at least `difficulty` zero bits.
pub fn is_enough_work(hash: &[u8; 32], difficulty: u8) -> bool {
    let zeros = hash.iter().position(|byte| *byte != 0).map_or(256, |at| {
        // `at` is below 32, so the product fits.
        at as u32 * 8 + hash[at].leading_zeros()
    });
    zeros >= u32::from(difficulty)
}

/// The id of the group whose first authority is `authority`.
pub fn group_id(genesis: &Genesis, authority: &[u8; 32]) -> [u8; 32] {
    blake2_256(&[GROUP_CONTEXT, genesis, authority].concat())
}

/// What a group's first authority signs.
pub fn group_registration(
    genesis: &Genesis,
    group: &[u8; 32],
    authority: &[u8; 32],
    expires: u32,
) -> Vec<u8> {
    tagged(GROUP_REGISTER_CONTEXT, (genesis, group, authority, expires))
}

/// What a group's current authority signs to move on.
pub fn group_commit(
    genesis: &Genesis,
    group: &[u8; 32],
    epoch: u64,
    commit: &[u8; 32],
    next_authority: &[u8; 32],
) -> Vec<u8> {
    tagged(GROUP_COMMIT_CONTEXT, (genesis, group, epoch, commit, next_authority))
}

/// What a group's current authority signs to end it.
pub fn group_close(genesis: &Genesis, group: &[u8; 32], epoch: u64) -> Vec<u8> {
    tagged(GROUP_CLOSE_CONTEXT, (genesis, group, epoch))
}
