//! Bounded inboxes that one sender alone cannot fill.

use crate::types::{Delivered, MAX_INBOX, MAX_PER_SENDER};
use frame_support::{traits::ConstU32, BoundedVec};
use sp_runtime::AccountId32;

/// What both kinds of inbox are.
pub type Entries<E> = BoundedVec<E, ConstU32<MAX_INBOX>>;

/// Why nothing of a sender fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRoom {
    /// The sender holds as many entries as one sender may.
    SenderLimit,
    /// Everybody holds as little as the sender would.
    Full,
}

/// Drops what has expired by block `now`.
pub fn drop_expired<E: Delivered>(entries: &mut Entries<E>, now: u32) {
    entries.retain(|entry| entry.expires() > now);
}

/// The block in which the first of the entries expires.
pub fn first_expiry<E: Delivered>(entries: &[E]) -> Option<u32> {
    entries.iter().map(Delivered::expires).min()
}

fn held<E: Delivered>(entries: &[E], sender: &AccountId32) -> u32 {
    // At most `MAX_INBOX`.
    entries.iter().filter(|entry| entry.sender() == sender).count() as u32
}

/// Makes room for one more entry of `sender`.
///
/// If the inbox is full, the oldest entry goes of whoever holds most, if that is more than the
/// sender would hold; among those who hold the same, of the one with the oldest entry.
pub fn make_room<E: Delivered>(
    entries: &mut Entries<E>,
    sender: &AccountId32,
    now: u32,
) -> Result<(), NoRoom> {
    drop_expired(entries, now);
    let own = held(entries, sender);
    if own >= MAX_PER_SENDER {
        return Err(NoRoom::SenderLimit);
    }
    if (entries.len() as u32) < MAX_INBOX {
        return Ok(());
    }
    let counts = entries.iter().map(|entry| held(entries, entry.sender()));
    let most = counts.clone().max().unwrap_or_default();
    let oldest = counts.into_iter().position(|count| count == most);
    match oldest {
        Some(at) if most > own + 1 => {
            entries.remove(at);
            Ok(())
        },
        _ => Err(NoRoom::Full),
    }
}
