//! Signals between devices, notices for accounts, and who is not listened to.

use crate::{inbox, inbox::NoRoom, pallet::*, types::*};
use frame_support::{dispatch::DispatchResult, ensure, traits::Get};

impl<T: Config> From<NoRoom> for Error<T> {
    fn from(reason: NoRoom) -> Self {
        match reason {
            NoRoom::SenderLimit => Error::SenderLimit,
            NoRoom::Full => Error::InboxFull,
        }
    }
}

impl<T: Config> Pallet<T> {
    /// Everything about a signal: for whom it is sent, and the inbox with room for it.
    pub(crate) fn check_signal(
        from: &T::AccountId,
        to: &T::AccountId,
    ) -> Result<(T::AccountId, Inbox), Error<T>> {
        let sender = Self::acting_device(from)?;
        let receiver = DeviceOwner::<T>::get(to).ok_or(Error::<T>::UnknownReceiver)?;
        ensure!(!Blocks::<T>::contains_key(&receiver, &sender), Error::<T>::Blocked);
        let mut entries = Inboxes::<T>::get(to);
        inbox::make_room(&mut entries, &sender, Self::now())?;
        Ok((sender, entries))
    }

    /// Everything about a notice: for whom it is sent, and the list with room for it.
    pub(crate) fn check_notice(
        from: &T::AccountId,
        to: &T::AccountId,
        cid: &CidBytes,
    ) -> Result<(T::AccountId, NoticeList), Error<T>> {
        let sender = Self::acting_device(from)?;
        ensure!(!cid.is_empty(), Error::<T>::EmptyCid);
        ensure!(Accounts::<T>::contains_key(to), Error::<T>::UnknownReceiver);
        ensure!(!Blocks::<T>::contains_key(to, &sender), Error::<T>::Blocked);
        let mut entries = Notices::<T>::get(to);
        inbox::make_room(&mut entries, &sender, Self::now())?;
        Ok((sender, entries))
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
        sender: T::AccountId,
        kind: SignalKind,
        payload: Payload,
        mut entries: Inbox,
    ) -> DispatchResult {
        let (at, id) = (Self::now(), Self::next_id());
        let expires = at.saturating_add(T::SignalLifetime::get());
        let (from_, sender_) = (from.clone(), sender.clone());
        let signal = Signal { id, from: from_, sender: sender_, kind, payload, at, expires };
        entries.try_push(signal).map_err(|_| Error::<T>::InboxFull)?;
        Inboxes::<T>::insert(&to, entries);
        Self::schedule(Expiry::Signals(to.clone()), expires);
        Self::deposit_event(Event::SignalSent { to, from, sender, kind, id });
        Ok(())
    }

    pub(crate) fn do_notify(
        to: T::AccountId,
        from: T::AccountId,
        sender: T::AccountId,
        cid: CidBytes,
        mut entries: NoticeList,
    ) -> DispatchResult {
        let (at, id) = (Self::now(), Self::next_id());
        let expires = at.saturating_add(T::NoticeLifetime::get());
        let notice = Notice { id, from: from.clone(), sender: sender.clone(), cid, at, expires };
        entries.try_push(notice).map_err(|_| Error::<T>::InboxFull)?;
        Notices::<T>::insert(&to, entries);
        Self::schedule(Expiry::Notices(to.clone()), expires);
        Self::deposit_event(Event::OfflineMessageNotified { to, from, sender, id });
        Ok(())
    }

    /// Writes an inbox back, or removes it with its deadline if nothing is left.
    fn store_inbox(device: &T::AccountId, entries: Inbox) {
        if entries.is_empty() {
            Inboxes::<T>::remove(device);
            Self::unschedule(&Expiry::Signals(device.clone()));
        } else {
            Inboxes::<T>::insert(device, entries);
        }
    }

    /// Writes notices back, or removes them with their deadline if nothing is left.
    fn store_notices(account: &T::AccountId, entries: NoticeList) {
        if entries.is_empty() {
            Notices::<T>::remove(account);
            Self::unschedule(&Expiry::Notices(account.clone()));
        } else {
            Notices::<T>::insert(account, entries);
        }
    }

    pub(crate) fn do_clear_signaling(device: T::AccountId, up_to: u64) {
        let mut entries = Inboxes::<T>::get(&device);
        entries.retain(|signal| signal.id > up_to);
        Self::store_inbox(&device, entries);
        Self::deposit_event(Event::SignalsCleared { device, up_to });
    }

    pub(crate) fn do_clear_notifications(account: T::AccountId, up_to: u64) {
        let mut entries = Notices::<T>::get(&account);
        entries.retain(|notice| notice.id > up_to);
        Self::store_notices(&account, entries);
        Self::deposit_event(Event::NotificationsCleared { account, up_to });
    }

    /// The sweep came to an inbox.
    pub(crate) fn expire_signals(device: T::AccountId) {
        let mut entries = Inboxes::<T>::get(&device);
        inbox::drop_expired(&mut entries, Self::now());
        let next = inbox::first_expiry(&entries);
        Self::store_inbox(&device, entries);
        if let Some(next) = next {
            Self::schedule(Expiry::Signals(device), next);
        }
    }

    /// The sweep came to notices.
    pub(crate) fn expire_notices(account: T::AccountId) {
        let mut entries = Notices::<T>::get(&account);
        inbox::drop_expired(&mut entries, Self::now());
        let next = inbox::first_expiry(&entries);
        Self::store_notices(&account, entries);
        if let Some(next) = next {
            Self::schedule(Expiry::Notices(account), next);
        }
    }

    /// Whether `who` may block `account`, and for whom.
    pub(crate) fn check_block(
        who: &T::AccountId,
        account: &T::AccountId,
    ) -> Result<T::AccountId, Error<T>> {
        let by = Self::acting_for(who)?;
        ensure!(&by != account, Error::<T>::CannotBlockSelf);
        ensure!(!Blocks::<T>::contains_key(&by, account), Error::<T>::AlreadyBlocked);
        ensure!(BlockCount::<T>::get(&by) < MAX_BLOCKED, Error::<T>::TooManyBlocked);
        Ok(by)
    }

    /// Whether `who` may unblock `account`, and for whom.
    pub(crate) fn check_unblock(
        who: &T::AccountId,
        account: &T::AccountId,
    ) -> Result<T::AccountId, Error<T>> {
        let by = Self::acting_for(who)?;
        ensure!(Blocks::<T>::contains_key(&by, account), Error::<T>::NotBlocked);
        Ok(by)
    }

    pub(crate) fn do_block(by: T::AccountId, blocked: T::AccountId) {
        Blocks::<T>::insert(&by, &blocked, ());
        BlockCount::<T>::mutate(&by, |count| *count = count.saturating_add(1));
        Self::deposit_event(Event::UserBlocked { account: by, blocked });
    }

    pub(crate) fn do_unblock(by: T::AccountId, blocked: T::AccountId) {
        Blocks::<T>::remove(&by, &blocked);
        BlockCount::<T>::mutate_exists(&by, |count| {
            *count = count.and_then(|n| n.checked_sub(1)).filter(|n| *n > 0);
        });
        Self::deposit_event(Event::UserUnblocked { account: by, blocked });
    }
}
