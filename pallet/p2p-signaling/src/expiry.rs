//! What expires, when, with a bounded number of steps in each block.
//!
//! Everything that expires stands in `Deadlines` once, at or before the block in which it is
//! over. When the sweep comes to it, it looks whether it was renewed and gives it a new place, or
//! ends it. It takes a number of steps at the start of each block, whatever else the block holds,
//! in no more than a quarter of it, and goes on at its end with the weight that is left. What does
//! not fit stays where it is and the next block goes on there: nothing is skipped. Whoever reads
//! must not rely on the sweep: views and checks look at the times themselves.
//!
//! While a migration goes over several blocks, the sweep waits: half of the storage has a form that
//! it would take for broken or for long over.

use crate::{activity::BLOCKS_A_STEP, pallet::*, types::*, weights::WeightInfo};
use frame_support::{
    pallet_prelude::Weight,
    traits::{Get, GetStorageVersion},
    weights::WeightMeter,
};

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

    /// Walks through the deadlines up to block `now`, at most `steps` of them and no further than
    /// `meter` allows. A step is one deadline, one gap, or one block that is through.
    pub(crate) fn sweep(now: u32, steps: u32, meter: &mut WeightMeter) {
        if meter.try_consume(T::WeightInfo::sweep()).is_err() || Self::is_migrating() {
            return;
        }
        let start = DeadlineSlot { block: now, index: 0 };
        let mut cursor = DeadlineCursor::<T>::get().unwrap_or(start);
        let mut count = DeadlineCount::<T>::get(cursor.block);
        for _ in 0..steps {
            if cursor.block > now {
                break;
            }
            if cursor.index < count {
                if !Self::step(cursor, meter) {
                    break;
                }
                cursor.index = cursor.index.saturating_add(1);
            } else {
                if meter.try_consume(T::WeightInfo::sweep_block()).is_err() {
                    break;
                }
                count = Self::leave_block(cursor.block);
                cursor = DeadlineSlot { block: cursor.block.saturating_add(1), index: 0 };
            }
        }
        DeadlineCursor::<T>::put(cursor);
    }

    fn is_migrating() -> bool {
        Self::on_chain_storage_version() != Self::in_code_storage_version()
    }

    /// Forgets how many numbers were given out for a block that is through. Returns how many were
    /// for the next.
    pub(crate) fn leave_block(block: u32) -> u32 {
        DeadlineCount::<T>::remove(block);
        DeadlineCount::<T>::get(block.saturating_add(1))
    }

    /// Deals with what stands at `slot`, if `meter` has room for the worst of its kind.
    pub(crate) fn step(slot: DeadlineSlot, meter: &mut WeightMeter) -> bool {
        let Some(item) = Deadlines::<T>::get(slot.block, slot.index) else {
            return meter.try_consume(T::WeightInfo::sweep_gap()).is_ok();
        };
        let fits = meter.can_consume(Self::worst(&item));
        if fits {
            meter.consume(Self::end(slot, item));
        }
        fits
    }

    /// Takes `item` out of the queue and ends it, or gives it its next deadline. Returns what
    /// that cost.
    pub(crate) fn end(slot: DeadlineSlot, item: Expiry) -> Weight {
        Deadlines::<T>::remove(slot.block, slot.index);
        Scheduled::<T>::remove(&item);
        match item {
            Expiry::Presence(account) => Self::expire_presence(account),
            Expiry::Signals(device) => Self::expire_signals(device),
            Expiry::Notices(account) => Self::expire_notices(account),
            Expiry::SpentProof(account) => {
                SpentProofs::<T>::remove(account);
                T::WeightInfo::expire_mark()
            },
            Expiry::Group(group) => Self::expire_group(group),
            Expiry::ClosedGroup(group) => {
                ClosedGroups::<T>::remove(group);
                T::WeightInfo::expire_mark()
            },
            Expiry::Account(account) => Self::expire_account(account),
        }
    }

    /// The most that [`Self::end`] can cost.
    fn worst(item: &Expiry) -> Weight {
        match item {
            Expiry::Presence(_) => T::WeightInfo::expire_presence(),
            Expiry::Signals(_) => T::WeightInfo::expire_signals(MAX_INBOX),
            Expiry::Notices(_) => T::WeightInfo::expire_notices(),
            Expiry::SpentProof(_) | Expiry::ClosedGroup(_) => T::WeightInfo::expire_mark(),
            Expiry::Group(_) => T::WeightInfo::expire_group(),
            Expiry::Account(_) => Self::worst_of_accounts(),
        }
    }

    fn worst_of_accounts() -> Weight {
        T::WeightInfo::expire_account()
            .max(T::WeightInfo::expire_statements(MAX_DEVICES))
            .max(T::WeightInfo::expire_device(MAX_INBOX))
            .max(T::WeightInfo::expire_blocks(BLOCKS_A_STEP))
            .max(T::WeightInfo::expire_rest())
    }

    /// More than any step costs.
    pub(crate) fn worst_step() -> Weight {
        let signals = T::WeightInfo::expire_signals(MAX_INBOX);
        let rest = T::WeightInfo::expire_notices() + T::WeightInfo::expire_group();
        T::WeightInfo::sweep() + Self::worst_of_accounts() + signals + rest
    }

    /// What the sweep takes of a block before its calls, at most.
    pub(crate) fn sweep_share() -> Weight {
        T::BlockWeights::get().max_block / 4
    }
}
