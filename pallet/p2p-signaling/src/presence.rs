//! Who can be reached, and what their devices speak.

use crate::{pallet::*, types::*, weights::WeightInfo};
use frame_support::{pallet_prelude::Weight, traits::Get};

impl<T: Config> Pallet<T> {
    /// The block in which an account last seen at `seen` counts as offline.
    pub(crate) fn silent_from(seen: u32) -> u32 {
        seen.saturating_add(T::PresenceTimeout::get())
    }

    /// Whether an account is online, also if the sweep is behind.
    pub(crate) fn is_online(account: &T::AccountId) -> bool {
        let seen = LastSeen::<T>::get(account);
        Online::<T>::contains_key(account)
            && seen.is_some_and(|seen| Self::now() < Self::silent_from(seen))
    }

    pub(crate) fn do_heartbeat(account: &T::AccountId) {
        let now = Self::now();
        let was_online = Self::is_online(account);
        LastSeen::<T>::insert(account, now);
        if !was_online {
            if Online::<T>::contains_key(account) {
                // It fell silent, and the sweep is behind.
                Self::deposit_event(Event::UserOffline { account: account.clone() });
            }
            Online::<T>::insert(account, ());
            Self::schedule(Expiry::Presence(account.clone()), Self::silent_from(now));
            Self::deposit_event(Event::UserOnline { account: account.clone() });
        }
    }

    pub(crate) fn do_go_offline(account: &T::AccountId) {
        if Online::<T>::take(account).is_some() {
            Self::unschedule(&Expiry::Presence(account.clone()));
            Self::deposit_event(Event::UserOffline { account: account.clone() });
        }
    }

    /// The sweep came to an account that was online.
    pub(crate) fn expire_presence(account: T::AccountId) -> Weight {
        let from = Self::silent_from(LastSeen::<T>::get(&account).unwrap_or_default());
        if from > Self::now() {
            Self::schedule(Expiry::Presence(account), from);
        } else if Online::<T>::take(&account).is_some() {
            Self::deposit_event(Event::UserOffline { account });
        }
        T::WeightInfo::expire_presence()
    }

    pub(crate) fn do_register_peer_info(
        account: T::AccountId,
        device: T::AccountId,
        info: PeerInfoBytes,
    ) {
        if info.is_empty() {
            PeerInfo::<T>::remove(&device);
        } else {
            PeerInfo::<T>::insert(&device, info);
        }
        Self::deposit_event(Event::PeerInfoSet { account, device });
    }
}
