//! Random general transactions.

use super::*;

impl Run {
    pub(super) fn expect_general(&mut self, call: Call<Test>, expected: state::Refusal) {
        let said = match apply_general(call.clone()) {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => panic!("{call:?} was let into a block and failed: {error:?}"),
            Err(TransactionValidityError::Invalid(reason)) => Err(reason),
            Err(other) => panic!("{call:?}: {other:?}"),
        };
        assert_eq!(said, expected, "block {}: {call:?}", self.model.now);
        self.count(format!("{said:?}"));
    }

    pub(super) fn expiry(&mut self) -> u32 {
        let now = self.model.now;
        match self.random.below(10) {
            0 => now.saturating_sub(self.random.below(3) as u32),
            1 => now + 599 + self.random.below(3) as u32,
            _ => now + 1 + self.random.below(20) as u32,
        }
    }

    pub(super) fn join(&mut self) {
        let (account, device) = (self.random.account(), self.random.device());
        if self.is_silent(account) {
            return;
        }
        let (expires, forged) = (self.expiry(), self.random.one_in(12));
        let first = if self.random.one_in(8) {
            self.random.one_in(2)
        } else {
            !self.model.people.contains_key(&account)
        };
        let key = Key::Ed(self.keys[account]);
        let mut proof = Proof::new(&key, &self.keys[device], expires);
        if forged {
            proof.possession[5] ^= 1;
        }
        for number in [account, device] {
            self.note_nonce(number, System::account_nonce(&self.model.ids[number]));
        }
        let expected = self.model.join(first, account, device, expires, forged);
        let call = if first { proof.register() } else { proof.add_device() };
        self.expect_general(call, expected);
    }

    pub(super) fn register_group(&mut self) {
        let (founder, expires) = (self.random.account(), self.expiry());
        let forged = self.random.one_in(8);
        let (group, authority) = (self.model.groups_ids[founder], self.keys[founder].public().0);
        let message = proof::group_registration(&genesis(), &group, &authority, expires);
        let signer = if forged { (founder + 1) % KEYS } else { founder };
        let signature = self.keys[signer].sign(&message).0;
        let expected = self.model.register_group(founder, expires, forged);
        let call = Call::register_group { group, authority, expires, signature, work: 0 };
        self.expect_general(call, expected);
    }

    /// A group, its epoch and its authority, or what might have been.
    pub(super) fn some_group(&mut self) -> (Number, u64, Number) {
        let group = self.random.account();
        let (epoch, authority) =
            self.model.groups.get(&group).map_or((0, group), |head| (head.epoch, head.authority));
        let authority = if self.random.one_in(8) { self.random.device() } else { authority };
        (group, epoch, authority)
    }

    pub(super) fn commit(&mut self) {
        let (number, last, signer) = self.some_group();
        let epoch = match self.random.below(10) {
            0 => last,
            1 => last + 2,
            _ => last + 1,
        };
        let next = self.random.device();
        let group = self.model.groups_ids[number];
        let (commit, next_authority) = ([epoch as u8; 32], self.keys[next].public().0);
        let message = proof::group_commit(&genesis(), &group, epoch, &commit, &next_authority);
        let signature = self.keys[signer].sign(&message).0;
        let expected = self.model.commit(number, epoch, signer, next);
        let call =
            Call::commit_group_epoch { group, epoch, commit, next_authority, signature, work: 0 };
        self.expect_general(call, expected);
    }

    pub(super) fn close(&mut self) {
        let (number, last, signer) = self.some_group();
        let epoch = if self.random.one_in(6) { last + 1 } else { last };
        let group = self.model.groups_ids[number];
        let message = proof::group_close(&genesis(), &group, epoch);
        let signature = self.keys[signer].sign(&message).0;
        let expected = self.model.close(number, epoch, signer);
        self.expect_general(Call::close_group { group, signature }, expected);
    }
}
