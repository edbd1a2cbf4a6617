//! A second, much simpler pallet: plain collections, no queue of deadlines, nothing bounded but
//! what the specification bounds. Keys are numbers.

mod anchors;
mod posts;

use crate::{mock::*, types::*, *};
use frame_support::pallet_prelude::InvalidTransaction;
use sp_runtime::AccountId32;
use std::collections::{BTreeMap, BTreeSet};

pub type Key = usize;
pub type Answer = Result<(), Error<Test>>;
pub type Refusal = Result<(), InvalidTransaction>;

pub const PRESENCE: u32 = 50;
pub const SIGNAL: u32 = 100;
pub const NOTICE: u32 = 300;
pub const GROUP: u32 = 700;
pub const PROOF: u32 = 600;
pub const STATEMENTS: u32 = 110;
pub const ACCOUNT: u32 = 450;

#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub id: u64,
    pub from: Key,
    pub sender: Key,
    pub since: u32,
    pub at: u32,
}

#[derive(Clone, Debug)]
pub struct Person {
    pub since: u32,
    pub revision: u32,
    pub spent: u32,
    /// Key, expiry of the proof, block.
    pub devices: Vec<(Key, u32, u32)>,
    pub profile: Vec<u8>,
    pub seen: Option<u32>,
    pub online: bool,
    pub notices: Vec<Item>,
    pub blocked: BTreeSet<Key>,
    /// Half credits, as one comes with each block.
    pub halves: u32,
    /// The block of the last sign of life, to the interval of two that one credit takes.
    pub active: u32,
    /// Whether its devices may publish statements.
    pub publishes: bool,
    pub backup: Option<(u64, u32)>,
    /// The largest sequence that a backup had.
    pub sequence: Option<u64>,
}

#[derive(Clone, Debug)]
pub struct Group {
    pub authority: Key,
    pub epoch: u64,
    pub at: u32,
}

pub struct Model {
    pub ids: Vec<Account>,
    pub groups_ids: Vec<[u8; 32]>,
    pub now: u32,
    pub people: BTreeMap<Key, Person>,
    pub left: BTreeMap<Key, u32>,
    pub peer_info: BTreeMap<Key, Vec<u8>>,
    pub inboxes: BTreeMap<Key, Vec<Item>>,
    pub groups: BTreeMap<Key, Group>,
    pub closed: BTreeMap<Key, u32>,
    /// Whether accounts that nobody uses end.
    pub lives: bool,
    pub next: u64,
    pub events: Vec<Event<Test>>,
    /// Entries that made room for others.
    pub displaced: u64,
    /// Accounts that nobody used for too long.
    pub ended: u64,
}

impl Model {
    pub fn new(ids: Vec<Account>, groups_ids: Vec<[u8; 32]>, lives: bool) -> Self {
        Model {
            ids,
            groups_ids,
            now: 1,
            people: BTreeMap::new(),
            left: BTreeMap::new(),
            peer_info: BTreeMap::new(),
            inboxes: BTreeMap::new(),
            groups: BTreeMap::new(),
            closed: BTreeMap::new(),
            lives,
            next: 0,
            events: Vec::new(),
            displaced: 0,
            ended: 0,
        }
    }

    fn id(&self, key: Key) -> AccountId32 {
        self.ids[key].clone()
    }

    pub fn owner(&self, device: Key) -> Option<Key> {
        let has = |person: &Person| person.devices.iter().any(|(key, ..)| *key == device);
        self.people.iter().find(|(_, person)| has(person)).map(|(key, _)| *key)
    }

    /// The first device of the first account that has one.
    pub fn favourite_device(&self) -> Option<Key> {
        self.people.values().find_map(|person| person.devices.first()).map(|(key, ..)| *key)
    }

    pub fn acting(&self, who: Key) -> Result<Key, Error<Test>> {
        let own = self.people.contains_key(&who).then_some(who);
        self.owner(who).or(own).ok_or(Error::NotRegistered)
    }

    pub fn acting_device(&self, who: Key) -> Result<Key, Error<Test>> {
        self.acting(who)?;
        self.owner(who).ok_or(Error::NotADevice)
    }

    fn person(&mut self, key: Key) -> &mut Person {
        self.people.get_mut(&key).expect("who acts is registered")
    }

    pub fn credits(&self, account: Key) -> u32 {
        self.people.get(&account).map_or(0, |person| person.halves / 2)
    }

    fn charge(&mut self, account: Key) {
        self.live(account);
        let person = self.person(account);
        if person.halves >= 2 {
            person.halves -= 2;
        }
    }

    fn live(&mut self, account: Key) {
        let now = self.now;
        let person = self.person(account);
        person.active = now - person.halves % 2;
        person.publishes = true;
    }

    /// The next block, with what ends in it.
    pub fn tick(&mut self) {
        self.now += 1;
        let now = self.now;
        for (key, person) in &mut self.people {
            person.halves = (person.halves + 1).min(128);
            if person.online && person.seen.is_some_and(|seen| seen + PRESENCE <= now) {
                person.online = false;
                self.events.push(Event::UserOffline { account: self.ids[*key].clone() });
            }
            person.notices.retain(|item| now < item.at + NOTICE);
        }
        for items in self.inboxes.values_mut() {
            items.retain(|item| now < item.at + SIGNAL);
        }
        let (ids, events) = (&self.groups_ids, &mut self.events);
        self.groups.retain(|key, group| {
            let lives = now < group.at + GROUP;
            if !lives {
                events.push(Event::GroupExpired { group: ids[*key] });
            }
            lives
        });
        self.left.retain(|_, until| now < *until);
        self.closed.retain(|_, until| now < *until);
        for key in 0..self.ids.len() {
            self.age(key);
        }
    }

    /// What a block does to an account without a call for long: one step of its end.
    fn age(&mut self, account: Key) {
        let (now, lives) = (self.now, self.lives);
        let Some(person) = self.people.get_mut(&account).filter(|_| lives) else { return };
        person.publishes &= now < person.active + STATEMENTS;
        if now < person.active + ACCOUNT {
            return;
        }
        if !person.devices.is_empty() {
            let (device, ..) = person.devices.remove(0);
            person.revision += 1;
            self.forget(account, device);
        } else if !person.blocked.is_empty() {
            person.blocked.clear();
        } else {
            self.remove(account);
            self.ended += 1;
        }
    }

    /// `first`: a registration, otherwise a further device.
    pub fn join(
        &mut self,
        first: bool,
        account: Key,
        device: Key,
        expires: u32,
        forged: bool,
    ) -> Refusal {
        if expires <= self.now {
            return Err(InvalidTransaction::Stale);
        }
        if expires > self.now + PROOF {
            return Err(InvalidTransaction::Future);
        }
        let known = self.people.get(&account);
        let spent = match (first, known) {
            (true, Some(_)) => return Err(InvalidTransaction::Stale),
            (false, None) => return Err(InvalidTransaction::Custom(1)),
            (true, None) if self.owner(account).is_some() => {
                return Err(InvalidTransaction::Custom(2))
            },
            (true, None) => self.left.get(&account).copied().unwrap_or_default(),
            (false, Some(person)) => person.spent,
        };
        if expires <= spent {
            return Err(InvalidTransaction::Stale);
        }
        if device == account {
            return Err(InvalidTransaction::Custom(2));
        }
        if self.owner(device).is_some() {
            return Err(InvalidTransaction::Stale);
        }
        if self.people.contains_key(&device) {
            return Err(InvalidTransaction::Custom(2));
        }
        if known.is_some_and(|person| person.devices.len() >= 8) {
            return Err(InvalidTransaction::Custom(3));
        }
        if forged {
            return Err(InvalidTransaction::BadProof);
        }
        let (now, account_id, device_id) = (self.now, self.id(account), self.id(device));
        if first {
            self.left.remove(&account);
            let person = Person {
                since: now,
                revision: 0,
                spent: 0,
                devices: Vec::new(),
                profile: Vec::new(),
                seen: None,
                online: false,
                notices: Vec::new(),
                blocked: BTreeSet::new(),
                halves: 32,
                active: now,
                publishes: true,
                backup: None,
                sequence: None,
            };
            self.people.insert(account, person);
            self.events.push(Event::AccountRegistered { account: account_id.clone() });
        } else {
            self.live(account);
        }
        let person = self.person(account);
        person.devices.push((device, expires, now));
        person.revision += 1;
        person.spent = expires;
        self.events.push(Event::DeviceAdded { account: account_id, device: device_id });
        Ok(())
    }

    fn forget(&mut self, account: Key, device: Key) {
        self.peer_info.remove(&device);
        self.inboxes.remove(&device);
        let (account, device) = (self.id(account), self.id(device));
        self.events.push(Event::DeviceRevoked { account, device });
    }

    pub fn revoke(&mut self, who: Key, device: Key) -> Answer {
        let account = self.acting(who)?;
        if self.owner(device) != Some(account) {
            return Err(Error::UnknownDevice);
        }
        if who != account && who != device {
            return Err(Error::NotTheAccount);
        }
        if who == account {
            self.live(account);
        } else {
            self.charge(account);
        }
        let person = self.person(account);
        person.devices.retain(|(key, ..)| *key != device);
        person.revision += 1;
        self.forget(account, device);
        Ok(())
    }

    pub fn leave(&mut self, who: Key) -> Answer {
        let account = self.acting(who)?;
        if account != who {
            return Err(Error::NotTheAccount);
        }
        self.remove(account);
        Ok(())
    }

    fn remove(&mut self, account: Key) {
        let person = self.people.remove(&account).expect("it is registered");
        if person.online {
            self.events.push(Event::UserOffline { account: self.id(account) });
        }
        for (device, ..) in person.devices {
            self.forget(account, device);
        }
        if person.spent > self.now {
            self.left.insert(account, person.spent);
        }
        self.events.push(Event::AccountDeregistered { account: self.id(account) });
    }

    pub fn renew(&mut self, who: Key) -> Answer {
        let account = self.acting(who)?;
        self.charge(account);
        Ok(())
    }

    pub fn set_profile(&mut self, who: Key, profile: Vec<u8>) -> Answer {
        let account = self.acting(who)?;
        self.charge(account);
        self.person(account).profile = profile;
        self.events.push(Event::ProfileSet { account: self.id(account) });
        Ok(())
    }

    pub fn presence(&mut self, who: Key, online: bool) -> Answer {
        let account = self.acting(who)?;
        self.charge(account);
        let (now, id) = (self.now, self.id(account));
        let person = self.person(account);
        let was = std::mem::replace(&mut person.online, online);
        if online {
            person.seen = Some(now);
        }
        match (was, online) {
            (false, true) => self.events.push(Event::UserOnline { account: id }),
            (true, false) => self.events.push(Event::UserOffline { account: id }),
            _ => {},
        }
        Ok(())
    }

    pub fn set_peer_info(&mut self, who: Key, info: Vec<u8>) -> Answer {
        let account = self.acting_device(who)?;
        self.charge(account);
        self.peer_info.insert(who, info);
        let (account, device) = (self.id(account), self.id(who));
        self.events.push(Event::PeerInfoSet { account, device });
        Ok(())
    }
}
