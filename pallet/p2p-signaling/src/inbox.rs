//! Bounded inboxes that nobody can shut to those who were here before.

use crate::types::{Delivered, MAX_INBOX, MAX_PER_SENDER};
use alloc::vec::Vec;
use frame_support::{traits::ConstU32, BoundedVec};
use sp_runtime::AccountId32;

/// What both kinds of inbox are.
pub type Entries<E> = BoundedVec<E, ConstU32<MAX_INBOX>>;

/// Why nothing of a sender fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRoom {
    /// The sender holds as many entries as one sender may.
    SenderLimit,
    /// Nobody holds more than the sender would, nor as much with a younger account.
    Full,
}

/// Who sends, and an inbox with room for one entry more.
pub struct Room<E> {
    /// The account that sends.
    pub sender: AccountId32,
    /// The block in which it was registered.
    pub since: u32,
    /// What stays in the inbox.
    pub entries: Entries<E>,
    /// What has to go for it.
    pub dropped: Option<E>,
}

impl<E: Delivered> Room<E> {
    /// Finds room in `entries`. If they are full, an entry goes that has expired; if there is
    /// none, the oldest of whoever holds most; among those who hold the same, of the youngest
    /// account. Who would be that one itself finds no room. So an account can neither be shut
    /// out by younger ones, however many, nor lose its last entry to them.
    pub fn find(
        mut entries: Entries<E>,
        sender: AccountId32,
        since: u32,
        now: u32,
    ) -> Result<Self, NoRoom> {
        let own = held(&entries, &sender, now);
        if own >= MAX_PER_SENDER {
            return Err(NoRoom::SenderLimit);
        }
        let mut dropped = None;
        if entries.len() as u32 >= MAX_INBOX {
            let at = gives_way(&entries, (own + 1, since), now).ok_or(NoRoom::Full)?;
            dropped = Some(entries.remove(at));
        }
        Ok(Room { sender, since, entries, dropped })
    }
}

/// Which entry makes room for a newcomer of this rank, if one does.
fn gives_way<E: Delivered>(entries: &[E], newcomer: (u32, u32), now: u32) -> Option<usize> {
    if let Some(expired) = entries.iter().position(|entry| entry.expires() <= now) {
        return Some(expired);
    }
    let rank = |entry: &E| (held(entries, entry.sender(), now), entry.since());
    let worst = entries.iter().map(rank).max().filter(|worst| *worst > newcomer)?;
    entries.iter().position(|entry| rank(entry) == worst)
}

/// How many entries of `sender` wait.
fn held<E: Delivered>(entries: &[E], sender: &AccountId32, now: u32) -> u32 {
    let wait = |entry: &&E| entry.sender() == sender && entry.expires() > now;
    // At most `MAX_INBOX`.
    entries.iter().filter(wait).count() as u32
}

/// Takes out the entries that are `gone`.
pub fn take<E: Delivered>(entries: &mut Entries<E>, gone: impl Fn(&E) -> bool) -> Vec<E> {
    let (out, left): (Vec<_>, Vec<_>) = core::mem::take(entries).into_iter().partition(gone);
    // Not longer than they were.
    *entries = Entries::truncate_from(left);
    out
}

/// The block in which the first of the entries expires.
pub fn first_expiry<E: Delivered>(entries: &[E]) -> Option<u32> {
    entries.iter().map(Delivered::expires).min()
}
