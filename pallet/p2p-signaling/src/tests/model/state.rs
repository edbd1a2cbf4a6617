//! A second, much simpler pallet: plain collections, no queue of deadlines, nothing bounded but
//! what the specification bounds. Keys are numbers.

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
}

/// `newcomer`: the sending account and the block in which it came.
fn room(
    items: &[Item],
    newcomer: (Key, u32),
    now: u32,
    life: u32,
) -> Result<Vec<Item>, Error<Test>> {
    let mut items: Vec<_> = items.iter().filter(|item| now < item.at + life).cloned().collect();
    let mut tally = BTreeMap::<Key, u32>::new();
    for item in &items {
        *tally.entry(item.sender).or_default() += 1;
    }
    let (sender, since) = newcomer;
    let would = tally.get(&sender).copied().unwrap_or_default() + 1;
    if would > 4 {
        return Err(Error::SenderLimit);
    }
    if items.len() == 32 {
        // The first goes of those that sort last: how many, how young.
        items.sort_by_key(|item| std::cmp::Reverse((tally[&item.sender], item.since)));
        if (tally[&items[0].sender], items[0].since) <= (would, since) {
            return Err(Error::InboxFull);
        }
        items.remove(0);
        items.sort_by_key(|item| item.id);
    }
    Ok(items)
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

    fn item(&mut self, from: Key, sender: Key) -> Item {
        let id = self.next;
        self.next += 1;
        Item { id, from, sender, since: self.people[&sender].since, at: self.now }
    }

    pub fn signal(&mut self, who: Key, to: Key, kind: SignalKind) -> Answer {
        let sender = self.acting_device(who)?;
        let receiver = self.owner(to).ok_or(Error::UnknownReceiver)?;
        if self.people[&receiver].blocked.contains(&sender) {
            return Err(Error::Blocked);
        }
        let held = self.inboxes.get(&to).cloned().unwrap_or_default();
        let mut items = room(&held, (sender, self.people[&sender].since), self.now, SIGNAL)?;
        self.displaced += u64::from(held.len() == 32 && items.len() == 31);
        self.charge(sender);
        let item = self.item(who, sender);
        let id = item.id;
        items.push(item);
        self.inboxes.insert(to, items);
        let (to, from, sender) = (self.id(to), self.id(who), self.id(sender));
        self.events.push(Event::SignalSent { to, from, sender, kind, id });
        Ok(())
    }

    pub fn notify(&mut self, who: Key, to: Key, empty: bool) -> Answer {
        let sender = self.acting_device(who)?;
        if empty {
            return Err(Error::EmptyCid);
        }
        let receiver = self.people.get(&to).ok_or(Error::UnknownReceiver)?;
        if receiver.blocked.contains(&sender) {
            return Err(Error::Blocked);
        }
        let mut items =
            room(&receiver.notices, (sender, self.people[&sender].since), self.now, NOTICE)?;
        self.charge(sender);
        let item = self.item(who, sender);
        let id = item.id;
        items.push(item);
        self.person(to).notices = items;
        let (to, from, sender) = (self.id(to), self.id(who), self.id(sender));
        self.events.push(Event::OfflineMessageNotified { to, from, sender, id });
        Ok(())
    }

    pub fn clear_signals(&mut self, who: Key, up_to: u64) -> Answer {
        let account = self.acting_device(who)?;
        self.charge(account);
        self.inboxes.entry(who).or_default().retain(|item| item.id > up_to);
        self.events.push(Event::SignalsCleared { device: self.id(who), up_to });
        Ok(())
    }

    pub fn clear_notices(&mut self, who: Key, up_to: u64) -> Answer {
        let account = self.acting(who)?;
        self.charge(account);
        self.person(account).notices.retain(|item| item.id > up_to);
        self.events.push(Event::NotificationsCleared { account: self.id(account), up_to });
        Ok(())
    }

    pub fn block(&mut self, who: Key, other: Key) -> Answer {
        let by = self.acting(who)?;
        if by == other {
            return Err(Error::CannotBlockSelf);
        }
        if self.person(by).blocked.contains(&other) {
            return Err(Error::AlreadyBlocked);
        }
        if !self.people.contains_key(&other) {
            return Err(Error::UnknownAccount);
        }
        self.person(by).blocked.insert(other);
        self.charge(by);
        let (account, blocked) = (self.id(by), self.id(other));
        self.events.push(Event::UserBlocked { account, blocked });
        Ok(())
    }

    pub fn unblock(&mut self, who: Key, other: Key) -> Answer {
        let by = self.acting(who)?;
        if !self.person(by).blocked.remove(&other) {
            return Err(Error::NotBlocked);
        }
        self.charge(by);
        let (account, blocked) = (self.id(by), self.id(other));
        self.events.push(Event::UserUnblocked { account, blocked });
        Ok(())
    }

    pub fn set_backup(&mut self, who: Key, sequence: u64) -> Answer {
        let (account, now) = (self.acting(who)?, self.now);
        let person = self.person(account);
        if person.sequence.is_some_and(|last| sequence <= last) {
            return Err(Error::StaleBackup);
        }
        person.sequence = Some(sequence);
        person.backup = Some((sequence, now));
        self.charge(account);
        self.events.push(Event::BackupSet { account: self.id(account), sequence });
        Ok(())
    }

    pub fn clear_backup(&mut self, who: Key) -> Answer {
        let account = self.acting(who)?;
        if self.person(account).backup.take().is_none() {
            return Err(Error::NoBackup);
        }
        self.charge(account);
        self.events.push(Event::BackupCleared { account: self.id(account) });
        Ok(())
    }

    pub fn register_group(&mut self, founder: Key, expires: u32, forged: bool) -> Refusal {
        if expires > self.now + PROOF {
            return Err(InvalidTransaction::Future);
        }
        let taken = self.groups.contains_key(&founder) || self.closed.contains_key(&founder);
        if expires <= self.now || taken {
            return Err(InvalidTransaction::Stale);
        }
        if forged {
            return Err(InvalidTransaction::BadProof);
        }
        self.groups.insert(founder, Group { authority: founder, epoch: 0, at: self.now });
        self.events.push(Event::GroupRegistered { group: self.groups_ids[founder] });
        Ok(())
    }

    /// `signer` signs; the commit's hash is made of the epoch.
    pub fn commit(&mut self, group: Key, epoch: u64, signer: Key, next: Key) -> Refusal {
        let now = self.now;
        let head = self.groups.get_mut(&group).ok_or(InvalidTransaction::Custom(5))?;
        if epoch <= head.epoch {
            return Err(InvalidTransaction::Stale);
        }
        if epoch != head.epoch + 1 || head.at == now {
            return Err(InvalidTransaction::Future);
        }
        if signer != head.authority {
            return Err(InvalidTransaction::BadProof);
        }
        *head = Group { authority: next, epoch, at: now };
        let (group, commit) = (self.groups_ids[group], [epoch as u8; 32]);
        self.events.push(Event::GroupEpochCommitted { group, epoch, commit });
        Ok(())
    }

    pub fn close(&mut self, group: Key, epoch: u64, signer: Key) -> Refusal {
        let head = self.groups.get(&group).ok_or(InvalidTransaction::Custom(5))?;
        if signer != head.authority || epoch != head.epoch {
            return Err(InvalidTransaction::BadProof);
        }
        self.groups.remove(&group);
        self.closed.insert(group, self.now + PROOF);
        self.events.push(Event::GroupClosed { group: self.groups_ids[group] });
        Ok(())
    }
}
