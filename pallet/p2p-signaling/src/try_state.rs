//! What has to be true of the storage after every block.

use crate::{inbox, pallet::*, types::*};
use alloc::collections::BTreeMap;
use codec::Decode;
use frame_support::{
    ensure,
    storage::{unhashed, KeyPrefixIterator},
    traits::Get,
};
use sp_runtime::{AccountId32, DispatchError};

type Checked = Result<(), DispatchError>;

impl<T: Config> Pallet<T> {
    pub(crate) fn do_try_state() -> Checked {
        Self::try_accounts()?;
        Self::try_devices()?;
        Self::try_nothing_hangs_loose()?;
        Self::try_belongings()?;
        Self::try_blocks()?;
        Self::try_inboxes()?;
        Self::try_groups()?;
        Self::try_deadlines()
    }

    /// Whether the sweep will look at `item` no later than at block `end`.
    fn is_due_by(item: Expiry, end: u32) -> bool {
        // A deadline that would be in the past when it is set is set for the next block.
        let end = end.max(Self::now().saturating_add(1));
        Scheduled::<T>::get(item).is_some_and(|slot| slot.block <= end)
    }

    /// No proof that could be used by now ends later than this.
    fn longest_proof() -> u32 {
        Self::now().saturating_add(T::ProofLifetime::get())
    }

    fn try_accounts() -> Checked {
        for (account, info) in Accounts::<T>::iter() {
            ensure!(info.spent_proof <= Self::longest_proof(), "a proof lasts too long");
            ensure!(info.since <= Self::now(), "an account is of the future");
            ensure!(info.revision > 0, "a registered account had a first device");
            ensure!(!SpentProofs::<T>::contains_key(&account), "the proof is remembered twice");
            ensure!(!DeviceOwner::<T>::contains_key(&account), "an account is a device");
            let at = Allowances::<T>::get(&account).ok_or("an account without an allowance")?.at;
            let end = if Self::now() < Self::dormant_from(at) {
                Self::dormant_from(at)
            } else {
                Self::gone_from(at)
            };
            ensure!(Self::is_due_by(Expiry::Account(account), end), "an account stays for ever");
        }
        for (account, until) in SpentProofs::<T>::iter() {
            ensure!(until <= Self::longest_proof(), "a spent proof lasts too long");
            ensure!(
                Self::is_due_by(Expiry::SpentProof(account), until),
                "a spent proof would stay for ever"
            );
        }
        Ok(())
    }

    fn try_devices() -> Checked {
        let mut listed = 0u32;
        for (account, devices) in Devices::<T>::iter() {
            let info = Accounts::<T>::get(&account).ok_or("devices of no account")?;
            ensure!(!devices.is_empty(), "an empty device list is stored");
            for stored in &devices {
                let device = AccountId32::new(stored.record.device);
                let owner = DeviceOwner::<T>::get(&device);
                ensure!(owner.as_ref() == Some(&account), "a device does not know its account");
                ensure!(stored.expires <= info.spent_proof, "a device's proof could be used again");
                ensure!(stored.added <= Self::now(), "a device is of the future");
                ensure!(stored.record.suite == SUITE, "a device of an unknown suite");
                ensure!(
                    stored.record.sealing.len() == SEALING_KEY_LEN as usize,
                    "a sealing key of the wrong length"
                );
                listed = listed.saturating_add(1);
            }
        }
        let mut owned = 0u32;
        for (device, owner) in DeviceOwner::<T>::iter() {
            owned = owned.saturating_add(1);
            let granted = unhashed::exists(&statement_allowance_key(&device));
            let active = Self::active(owner).unwrap_or_default();
            ensure!(
                granted || Self::dormant_from(active) <= Self::now(),
                "a device may not publish statements"
            );
        }
        // Each listed device has this owner, so equal numbers mean that each owner lists it.
        ensure!(listed == owned, "an account does not know its device");
        Ok(())
    }

    /// What keeps an account of `frame_system` without money, and what lets a device publish
    /// statements, is there once for each account and device and for nobody else.
    fn try_nothing_hangs_loose() -> Checked {
        let mut held = 0usize;
        for (who, account) in frame_system::Account::<T>::iter() {
            if account.sufficients == 0 {
                continue;
            }
            held = held.saturating_add(1);
            let known = Accounts::<T>::contains_key(&who) || DeviceOwner::<T>::contains_key(&who);
            ensure!(known && account.sufficients == 1, "an account is held by nobody or twice");
        }
        let expected = Accounts::<T>::iter_keys().count() + DeviceOwner::<T>::iter_keys().count();
        // Nobody is an account and a device.
        ensure!(held == expected, "an account hangs loose");
        let prefix = STATEMENT_ALLOWANCE_PREFIX.to_vec();
        let granted = KeyPrefixIterator::new(prefix.clone(), prefix, |mut device| {
            AccountId32::decode(&mut device)
        });
        for device in granted {
            ensure!(DeviceOwner::<T>::contains_key(device), "nobody may publish statements");
        }
        Ok(())
    }

    /// What belongs to an account or a device went with it.
    fn try_belongings() -> Checked {
        let registered = |account: &T::AccountId| Accounts::<T>::contains_key(account);
        for (account, profile) in Profiles::<T>::iter() {
            ensure!(registered(&account) && !profile.is_empty(), "a profile of nobody");
        }
        for (account, seen) in LastSeen::<T>::iter() {
            ensure!(registered(&account) && seen <= Self::now(), "a heartbeat of nobody");
        }
        for account in Online::<T>::iter_keys() {
            let seen = LastSeen::<T>::get(&account).ok_or("online without a heartbeat")?;
            ensure!(
                Self::is_due_by(Expiry::Presence(account), Self::silent_from(seen)),
                "an account would stay online for ever"
            );
        }
        for (account, allowance) in Allowances::<T>::iter() {
            ensure!(registered(&account), "an allowance of nobody");
            ensure!(allowance.credits <= T::AllowanceCap::get(), "an allowance above the cap");
            ensure!(allowance.at <= Self::now(), "an allowance of the future");
        }
        for (account, head) in Backups::<T>::iter() {
            ensure!(registered(&account) && !head.cid.is_empty(), "a backup of nobody");
            ensure!(head.at <= Self::now(), "a backup is of the future");
            ensure!(!ClearedBackups::<T>::contains_key(account), "a backup is there and removed");
        }
        for account in ClearedBackups::<T>::iter_keys() {
            ensure!(registered(&account), "a removed backup of nobody");
        }
        for (device, info) in PeerInfo::<T>::iter() {
            let known = DeviceOwner::<T>::contains_key(&device);
            ensure!(known && !info.is_empty(), "peer info of nobody");
        }
        Ok(())
    }

    fn try_blocks() -> Checked {
        let mut counts = BTreeMap::<T::AccountId, u32>::new();
        for (by, blocked) in Blocks::<T>::iter_keys() {
            ensure!(by != blocked, "an account blocks itself");
            *counts.entry(by).or_default() += 1;
        }
        for (by, count) in &counts {
            ensure!(Accounts::<T>::contains_key(by), "a block list of nobody");
            ensure!(BlockCount::<T>::get(by) == *count, "a block list is miscounted");
            ensure!(*count <= MAX_BLOCKED, "a block list is too long");
        }
        ensure!(
            BlockCount::<T>::iter_keys().count() == counts.len(),
            "a block list is counted that is none"
        );
        Ok(())
    }

    fn try_inboxes() -> Checked {
        let mut listed = 0usize;
        for (device, entries) in Inboxes::<T>::iter() {
            ensure!(DeviceOwner::<T>::contains_key(&device), "an inbox of nobody");
            for waiting in &entries {
                let signal = Signals::<T>::get(&device, waiting.id).ok_or("a signal is lost")?;
                let same = (waiting.id, &waiting.sender, waiting.expires)
                    == (signal.id, &signal.sender, signal.expires);
                ensure!(same, "an inbox lists another signal");
            }
            listed = listed.saturating_add(entries.len());
            Self::try_entries(&entries, Expiry::Signals(device), T::SignalLifetime::get())?;
        }
        // Each listed one is there, so equal numbers mean that each that is there is listed.
        ensure!(Signals::<T>::iter_keys().count() == listed, "a signal is in no inbox");
        for (account, entries) in Notices::<T>::iter() {
            ensure!(Accounts::<T>::contains_key(&account), "notices of nobody");
            Self::try_entries(&entries, Expiry::Notices(account), T::NoticeLifetime::get())?;
        }
        Ok(())
    }

    fn try_entries<E: Delivered>(entries: &[E], item: Expiry, lifetime: u32) -> Checked {
        let first = inbox::first_expiry(entries).ok_or("an empty inbox is stored")?;
        ensure!(Self::is_due_by(item, first), "an inbox would stay for ever");
        ensure!(entries.windows(2).all(|pair| pair[0].id() < pair[1].id()), "ids are not in order");
        let (next, now) = (NextSignal::<T>::get(), Self::now());
        let waits = |entry: &&E| entry.expires() > now;
        for entry in entries {
            let of_sender = |other: &&E| other.sender() == entry.sender();
            let held = entries.iter().filter(waits).filter(of_sender).count();
            ensure!(held <= MAX_PER_SENDER as usize, "a sender holds too much");
            ensure!(entry.id() < next, "an id was not given out");
            ensure!(entry.expires() <= now.saturating_add(lifetime), "an entry lasts too long");
            ensure!(entry.since() <= now, "a sender is of the future");
        }
        Ok(())
    }

    fn try_groups() -> Checked {
        for (group, head) in Groups::<T>::iter() {
            ensure!(head.at <= Self::now(), "a group is of the future");
            ensure!(!ClosedGroups::<T>::contains_key(group), "a group is open and closed");
            ensure!(
                Self::is_due_by(Expiry::Group(group), Self::group_end(head.at)),
                "a group would stay for ever"
            );
        }
        for (group, until) in ClosedGroups::<T>::iter() {
            ensure!(until <= Self::longest_proof(), "a closed group lasts too long");
            ensure!(
                Self::is_due_by(Expiry::ClosedGroup(group), until),
                "a closed group would stay for ever"
            );
        }
        Ok(())
    }

    /// Whether what a deadline is about exists.
    fn is_pending(item: &Expiry) -> bool {
        match item {
            Expiry::Presence(account) => Online::<T>::contains_key(account),
            Expiry::Signals(device) => Inboxes::<T>::contains_key(device),
            Expiry::Notices(account) => Notices::<T>::contains_key(account),
            Expiry::SpentProof(account) => SpentProofs::<T>::contains_key(account),
            Expiry::Group(group) => Groups::<T>::contains_key(group),
            Expiry::ClosedGroup(group) => ClosedGroups::<T>::contains_key(group),
            Expiry::Account(account) => Accounts::<T>::contains_key(account),
        }
    }

    fn try_deadlines() -> Checked {
        let cursor = DeadlineCursor::<T>::get().unwrap_or_default();
        let mut queued = 0usize;
        for (block, index, item) in Deadlines::<T>::iter() {
            queued = queued.saturating_add(1);
            let slot = DeadlineSlot { block, index };
            ensure!(Scheduled::<T>::get(&item) == Some(slot), "a deadline stands twice");
            ensure!(Self::is_pending(&item), "a deadline of nothing");
            ensure!(index < DeadlineCount::<T>::get(block), "a deadline beyond the count");
            ensure!(
                (block, index) >= (cursor.block, cursor.index),
                "the sweep has passed a deadline"
            );
        }
        ensure!(Scheduled::<T>::iter_keys().count() == queued, "a deadline is lost");
        ensure!(
            DeadlineCount::<T>::iter_keys().all(|block| block >= cursor.block),
            "the sweep has passed a count"
        );
        Ok(())
    }
}
