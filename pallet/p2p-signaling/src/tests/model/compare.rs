//! Compares the pallet and the model.

use super::*;

impl Run {
    /// Compares everything that can be seen.
    pub(super) fn compare(&self) {
        for key in 0..KEYS {
            self.compare_account(key);
            self.compare_device(key);
            self.compare_group(key);
        }
        assert_eq!(NextSignal::<Test>::get(), self.model.next);
        Signaling::do_try_state().expect("the storage is sound");
    }

    pub(super) fn compare_account(&self, key: Number) {
        let (model, id) = (&self.model, || self.model.ids[key].clone());
        let person = model.people.get(&key);
        let info = Signaling::account(id()).map(|i| (i.since, i.revision, i.spent_proof));
        assert_eq!(info, person.map(|p| (p.since, p.revision, p.spent)));
        let devices: Vec<_> = Signaling::devices(id())
            .into_iter()
            .map(|stored| (Account::new(stored.record.device), stored.expires, stored.added))
            .collect();
        let expected = person.map_or(Vec::new(), |person| {
            let known = person.devices.iter();
            known.map(|(key, expires, added)| (model.ids[*key].clone(), *expires, *added)).collect()
        });
        assert_eq!(devices, expected);
        let profile = person.map(|person| person.profile.clone()).unwrap_or_default();
        assert_eq!(Signaling::profile(id()), profile);
        let presence = person.map_or((false, None), |person| (person.online, person.seen));
        assert_eq!(Signaling::presence(id()), presence);
        let notices: Vec<_> = Signaling::notices(id())
            .into_iter()
            .map(|n| (n.id, n.from, n.sender, n.at, n.expires))
            .collect();
        let items = person.map(|person| person.notices.clone()).unwrap_or_default();
        assert_eq!(notices, self.seen(&items, NOTICE));
        let mut blocked = Signaling::blocked(id());
        blocked.sort();
        let mut expected: Vec<_> = person
            .map(|person| person.blocked.iter().map(|key| model.ids[*key].clone()).collect())
            .unwrap_or_default();
        expected.sort();
        assert_eq!(blocked, expected);
        assert_eq!(Signaling::allowance(id()), model.credits(key));
        assert_eq!(Signaling::active(id()), person.map(|person| person.active));
        let backup = Signaling::backup(id()).map(|head| (head.sequence, head.at));
        assert_eq!(backup, person.and_then(|person| person.backup));
    }

    pub(super) fn compare_device(&self, key: Number) {
        let (model, id) = (&self.model, || self.model.ids[key].clone());
        let owner = model.owner(key);
        let publishes = owner.is_some_and(|owner| model.people[&owner].publishes);
        let granted = unhashed::get(&statement_allowance_key(&id()));
        assert_eq!(granted, publishes.then_some(STATEMENT_ALLOWANCE));
        let owner = owner.map(|owner| model.ids[owner].clone());
        assert_eq!(Signaling::owner(id()), owner);
        let info = model.peer_info.get(&key).cloned().unwrap_or_default();
        assert_eq!(Signaling::peer_info(id()), info);
        let inbox: Vec<_> = Signaling::inbox(id())
            .into_iter()
            .map(|s| (s.id, s.from, s.sender, s.at, s.expires))
            .collect();
        let items = model.inboxes.get(&key).cloned().unwrap_or_default();
        assert_eq!(inbox, self.seen(&items, SIGNAL));
        let bound = u32::from(owner.is_some()) + u32::from(model.people.contains_key(&key));
        assert_eq!(System::sufficients(&id()), bound);
    }

    pub(super) fn compare_group(&self, key: Number) {
        let head = Signaling::group(self.model.groups_ids[key]);
        let said = head.map(|head| (head.authority, head.epoch, head.at));
        let expected = self
            .model
            .groups
            .get(&key)
            .map(|group| (self.keys[group.authority].public().0, group.epoch, group.at));
        assert_eq!(said, expected);
        assert!(expected.is_none_or(|(_, _, at)| self.model.now < at + GROUP));
    }

    pub(super) fn seen(&self, items: &[Item], life: u32) -> Vec<(u64, Account, Account, u32, u32)> {
        let ids = &self.model.ids;
        let show = |item: &Item| {
            let (from, sender) = (ids[item.from].clone(), ids[item.sender].clone());
            (item.id, from, sender, item.at, item.at + life)
        };
        items.iter().map(show).collect()
    }
}
