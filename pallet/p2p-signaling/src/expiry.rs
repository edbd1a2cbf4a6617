//! What expires, when, with a bounded number of steps in each block.
//!
//! Everything that expires stands in `Deadlines` once, at or before the block in which it is
//! over. When the sweep comes to it, it looks whether it was renewed and gives it a new place, or
//! ends it. What does not fit into a block stays where it is and the next block goes on there:
//! nothing is skipped. Whoever reads must not rely on the sweep: views and checks look at the
//! times themselves.

use crate::{pallet::*, types::*};
use frame_support::traits::Get;

impl<T: Config> Pallet<T> {
    /// Has the sweep look at `item` in the block `due` or earlier.
    pub(crate) fn schedule(item: Expiry, due: u32) {
        // Not before the cursor, which never passes the next block.
        let block = due.max(Self::now().saturating_add(1));
        if let Some(slot) = Scheduled::<T>::get(&item) {
            if slot.block <= block {
                return;
            }
            Deadlines::<T>::remove(slot.block, slot.index);
        }
        let index = DeadlineCount::<T>::mutate(block, |count| {
            let index = *count;
            *count = count.saturating_add(1);
            index
        });
        Deadlines::<T>::insert(block, index, &item);
        Scheduled::<T>::insert(item, DeadlineSlot { block, index });
    }

    /// Forgets the deadline of something that is gone.
    pub(crate) fn unschedule(item: &Expiry) {
        if let Some(slot) = Scheduled::<T>::take(item) {
            Deadlines::<T>::remove(slot.block, slot.index);
        }
    }

    /// Takes as many steps through the deadlines up to block `now` as a block may. A step is
    /// one deadline, one gap, or one block that is through. Returns how many it took.
    pub(crate) fn sweep(now: u32) -> u32 {
        let start = DeadlineSlot { block: now, index: 0 };
        let mut cursor = DeadlineCursor::<T>::get().unwrap_or(start);
        let mut count = DeadlineCount::<T>::get(cursor.block);
        let mut steps = 0;
        while steps < T::ExpiriesPerBlock::get() && cursor.block <= now {
            steps += 1;
            if cursor.index < count {
                if let Some(item) = Deadlines::<T>::take(cursor.block, cursor.index) {
                    Scheduled::<T>::remove(&item);
                    Self::expire(item);
                }
                cursor.index += 1;
            } else {
                DeadlineCount::<T>::remove(cursor.block);
                cursor = DeadlineSlot { block: cursor.block.saturating_add(1), index: 0 };
                count = DeadlineCount::<T>::get(cursor.block);
            }
        }
        DeadlineCursor::<T>::put(cursor);
        steps
    }

    /// Ends `item`, or gives it its next deadline.
    pub(crate) fn expire(item: Expiry) {
        match item {
            Expiry::Presence(account) => Self::expire_presence(account),
            Expiry::Signals(device) => {
                Self::expire_signals(device);
            },
            Expiry::Notices(account) => Self::expire_notices(account),
            Expiry::SpentProof(account) => SpentProofs::<T>::remove(account),
            Expiry::Group(group) => Self::expire_group(group),
            Expiry::ClosedGroup(group) => ClosedGroups::<T>::remove(group),
            Expiry::Account(account) => Self::expire_account(account),
        }
    }
}
