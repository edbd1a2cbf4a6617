//! Signals between devices, and notices for accounts.

use crate::{
    inbox,
    inbox::{NoRoom, Room},
    pallet::*,
    types::*,
    weights::WeightInfo,
};
use frame_support::{dispatch::DispatchResult, ensure, pallet_prelude::Weight, traits::Get};

impl<T: Config> From<NoRoom> for Error<T> {
    fn from(reason: NoRoom) -> Self {
        match reason {
            NoRoom::SenderLimit => Error::SenderLimit,
            NoRoom::Full => Error::InboxFull,
        }
    }
}

impl<T: Config> Pallet<T> {
    /// The account that a device sends for, and since when it is registered.
    fn sender(from: &T::AccountId) -> Result<(T::AccountId, u32), Error<T>> {
        let sender = Self::acting_device(from)?;
        let info = Accounts::<T>::get(&sender).ok_or(Error::<T>::NotRegistered)?;
        Ok((sender, info.since))
    }

    /// Everything about a signal: for whom it is sent, and the inbox with room for it.
    pub(crate) fn check_signal(
        from: &T::AccountId,
        to: &T::AccountId,
    ) -> Result<Room<Waiting>, Error<T>> {
        let (sender, since) = Self::sender(from)?;
        let receiver = DeviceOwner::<T>::get(to).ok_or(Error::<T>::UnknownReceiver)?;
        ensure!(!Blocks::<T>::contains_key(&receiver, &sender), Error::<T>::Blocked);
        Ok(Room::find(Inboxes::<T>::get(to), sender, since, Self::now())?)
    }

    /// Everything about a notice: for whom it is sent, and the list with room for it.
    pub(crate) fn check_notice(
        from: &T::AccountId,
        to: &T::AccountId,
        cid: &CidBytes,
    ) -> Result<Room<Notice>, Error<T>> {
        let (sender, since) = Self::sender(from)?;
        ensure!(!cid.is_empty(), Error::<T>::EmptyCid);
        ensure!(Accounts::<T>::contains_key(to), Error::<T>::UnknownReceiver);
        ensure!(!Blocks::<T>::contains_key(to, &sender), Error::<T>::Blocked);
        Ok(Room::find(Notices::<T>::get(to), sender, since, Self::now())?)
    }

    fn next_id() -> u64 {
        NextSignal::<T>::mutate(|next| {
            let id = *next;
            *next = next.saturating_add(1);
            id
        })
    }

    pub(crate) fn do_send_signaling(
        to: T::AccountId,
        from: T::AccountId,
        kind: SignalKind,
        payload: Payload,
        room: Room<Waiting>,
    ) -> DispatchResult {
        let Room { sender, since, mut entries, dropped } = room;
        let (at, id) = (Self::now(), Self::next_id());
        let expires = at.saturating_add(T::SignalLifetime::get());
        entries
            .try_push(Waiting { id, sender: sender.clone(), since, expires })
            .map_err(|_| Error::<T>::InboxFull)?;
        if let Some(dropped) = dropped {
            Signals::<T>::remove(&to, dropped.id);
        }
        let (from_, sender_) = (from.clone(), sender.clone());
        let signal = Signal { id, from: from_, sender: sender_, kind, payload, at, expires };
        Signals::<T>::insert(&to, id, signal);
        Inboxes::<T>::insert(&to, entries);
        Self::schedule(Expiry::Signals(to.clone()), expires);
        Self::deposit_event(Event::SignalSent { to, from, sender, kind, id });
        Ok(())
    }

    pub(crate) fn do_notify(
        to: T::AccountId,
        from: T::AccountId,
        cid: CidBytes,
        room: Room<Notice>,
    ) -> DispatchResult {
        let Room { sender, since, mut entries, .. } = room;
        let (at, id) = (Self::now(), Self::next_id());
        let expires = at.saturating_add(T::NoticeLifetime::get());
        let (from_, sender_) = (from.clone(), sender.clone());
        let notice = Notice { id, from: from_, sender: sender_, since, cid, at, expires };
        entries.try_push(notice).map_err(|_| Error::<T>::InboxFull)?;
        Notices::<T>::insert(&to, entries);
        Self::schedule(Expiry::Notices(to.clone()), expires);
        Self::deposit_event(Event::OfflineMessageNotified { to, from, sender, id });
        Ok(())
    }

    /// Removes the signals of a device that are `gone`, and the inbox with its deadline if none
    /// is left. Returns how many they were, and when the first of the others expires.
    fn remove_signals(
        device: &T::AccountId,
        gone: impl Fn(&Waiting) -> bool,
    ) -> (u32, Option<u32>) {
        let mut entries = Inboxes::<T>::get(device);
        let removed = inbox::take(&mut entries, gone);
        for waiting in &removed {
            Signals::<T>::remove(device, waiting.id);
        }
        let next = inbox::first_expiry(&entries);
        if next.is_none() {
            Inboxes::<T>::remove(device);
            Self::unschedule(&Expiry::Signals(device.clone()));
        } else if !removed.is_empty() {
            Inboxes::<T>::insert(device, entries);
        }
        // At most `MAX_INBOX`.
        (removed.len() as u32, next)
    }

    /// The same of the notices of an account.
    fn remove_notices(account: &T::AccountId, gone: impl Fn(&Notice) -> bool) -> Option<u32> {
        let mut entries = Notices::<T>::get(account);
        let removed = inbox::take(&mut entries, gone);
        let next = inbox::first_expiry(&entries);
        if next.is_none() {
            Notices::<T>::remove(account);
            Self::unschedule(&Expiry::Notices(account.clone()));
        } else if !removed.is_empty() {
            Notices::<T>::insert(account, entries);
        }
        next
    }

    /// Removes the inbox of a device that is revoked. Returns how many signals it held.
    pub(crate) fn remove_inbox(device: &T::AccountId) -> u32 {
        Self::remove_signals(device, |_| true).0
    }

    pub(crate) fn do_clear_signaling(device: T::AccountId, up_to: u64) -> u32 {
        let (removed, _) = Self::remove_signals(&device, |signal| signal.id <= up_to);
        Self::deposit_event(Event::SignalsCleared { device, up_to });
        removed
    }

    pub(crate) fn do_clear_notifications(account: T::AccountId, up_to: u64) {
        Self::remove_notices(&account, |notice| notice.id <= up_to);
        Self::deposit_event(Event::NotificationsCleared { account, up_to });
    }

    /// The sweep came to an inbox.
    pub(crate) fn expire_signals(device: T::AccountId) -> Weight {
        let now = Self::now();
        let (removed, next) = Self::remove_signals(&device, |signal| signal.expires <= now);
        if let Some(next) = next {
            Self::schedule(Expiry::Signals(device), next);
        }
        T::WeightInfo::expire_signals(removed)
    }

    /// The sweep came to notices.
    pub(crate) fn expire_notices(account: T::AccountId) -> Weight {
        let now = Self::now();
        let next = Self::remove_notices(&account, |notice| notice.expires <= now);
        if let Some(next) = next {
            Self::schedule(Expiry::Notices(account), next);
        }
        T::WeightInfo::expire_notices()
    }
}
