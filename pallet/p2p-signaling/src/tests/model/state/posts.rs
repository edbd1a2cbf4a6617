//! Signals, notices and block lists in the model.

use super::*;

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
}
