//! Backups and groups in the model.

use super::*;

impl Model {
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
