//! Random calls against a second implementation, the model: every answer, every event and
//! everything that can be seen has to be the same, whether a call is free included.
//!
//! `STARDUST_MODEL_CALLS` sets how many, `STARDUST_MODEL_SEED` where they start.

mod state;

use crate::{mock::*, proof, types::*, Call, Event, NextSignal};
use codec::Encode;
use frame_support::{storage::unhashed, traits::UnfilteredDispatchable};
use sp_core::{ed25519, Pair};
use sp_runtime::transaction_validity::TransactionValidityError;
use state::{Item, Key as Number, Model, ACCOUNT, GROUP, NOTICE, SIGNAL, STATEMENTS};
use std::collections::BTreeMap;

const ACCOUNTS: usize = 16;
const KEYS: usize = 44;
/// Calls between two comparisons.
const CHUNK: u64 = 200;

/// A number from the environment. One that cannot be read is not taken for the default: a run that
/// was meant to be long would pass as one that is not.
fn setting(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(value) => {
            let digits = value.replace('_', "");
            digits.parse().unwrap_or_else(|_| panic!("{name}={value} is no number"))
        },
        Err(_) => default,
    }
}

/// SplitMix64: enough to choose calls, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn one_in(&mut self, chance: u64) -> bool {
        self.below(chance) == 0
    }

    /// Mostly a key that is used for accounts.
    fn account(&mut self) -> Number {
        if self.one_in(25) {
            self.below(KEYS as u64) as usize
        } else {
            self.below(ACCOUNTS as u64) as usize
        }
    }

    /// Mostly a key that is used for devices.
    fn device(&mut self) -> Number {
        if self.one_in(25) {
            self.below(KEYS as u64) as usize
        } else {
            ACCOUNTS + self.below((KEYS - ACCOUNTS) as u64) as usize
        }
    }
}

struct Run {
    random: Random,
    keys: Vec<ed25519::Pair>,
    model: Model,
    /// Whether the sweep is always in time, so that events come when the model says.
    in_time: bool,
    /// The largest nonce that a key has had.
    nonces: BTreeMap<Number, u32>,
    /// How often each answer came: what is behind the figure that the run prints.
    answers: BTreeMap<String, u64>,
}

impl Run {
    fn new(seed: u64, in_time: bool) -> Self {
        let keys: Vec<_> = (0..KEYS as u32).map(|number| pair(500 + number)).collect();
        let ids = keys.iter().map(id).collect();
        let groups = keys.iter().map(|key| proof::group_id(&genesis(), &key.public().0)).collect();
        events();
        Run {
            random: Random(seed),
            keys,
            model: Model::new(ids, groups, in_time),
            in_time,
            nonces: BTreeMap::new(),
            answers: BTreeMap::new(),
        }
    }

    /// One key that speaks for somebody, if it can be found quickly.
    fn signer(&mut self) -> Number {
        for _ in 0..4 {
            let key = self.random.device();
            if self.model.owner(key).is_some() {
                return key;
            }
        }
        self.random.account()
    }

    /// Whether an account makes no calls for some time: a quarter of them, in turn.
    fn is_silent(&self, account: Number) -> bool {
        self.in_time && account as u32 % 4 == self.model.now / 600 % 4
    }

    fn step(&mut self) {
        if self.random.one_in(20) {
            let blocks = match self.random.below(2_400) {
                0 => ACCOUNT + 20,
                1..=40 => 120,
                _ => 1 + self.random.below(3) as u32,
            };
            for _ in 0..blocks {
                self.model.tick();
                run_to(self.model.now);
                self.same_events();
            }
        }
        match self.random.below(100) {
            0..=3 => self.join(),
            4 => self.register_group(),
            5..=7 => self.commit(),
            8 if self.random.one_in(4) => self.close(),
            _ => self.signed(),
        }
        self.same_events();
    }

    fn same_events(&mut self) {
        let (mut said, mut expected) = (events(), std::mem::take(&mut self.model.events));
        if self.in_time {
            // Within a block's start the order is the queue's.
            said.sort_by_key(Encode::encode);
            expected.sort_by_key(Encode::encode);
            assert_eq!(said, expected, "block {}", self.model.now);
        }
        for event in said {
            self.check_nonce(event);
        }
    }

    /// Whoever comes must have a nonce that it never had.
    fn check_nonce(&mut self, event: Event<Test>) {
        let who = match event {
            Event::AccountRegistered { account } => account,
            Event::DeviceAdded { device, .. } => device,
            _ => return,
        };
        let number = self.model.ids.iter().position(|id| *id == who).expect("it is one of ours");
        if let Some(last) = self.nonces.get(&number) {
            let nonce = System::account_nonce(&who);
            assert!(*last == 0 || nonce > *last, "a nonce starts again");
        }
    }

    fn note_nonce(&mut self, number: Number) {
        let nonce = System::account_nonce(&self.model.ids[number]);
        let last = self.nonces.entry(number).or_default();
        *last = (*last).max(nonce);
    }

    fn expect_general(&mut self, call: Call<Test>, expected: state::Refusal) {
        let said = match apply_general(call.clone()) {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => panic!("{call:?} was let into a block and failed: {error:?}"),
            Err(TransactionValidityError::Invalid(reason)) => Err(reason),
            Err(other) => panic!("{call:?}: {other:?}"),
        };
        assert_eq!(said, expected, "block {}: {call:?}", self.model.now);
        self.count(format!("{said:?}"));
    }

    fn count(&mut self, answer: String) {
        *self.answers.entry(answer).or_default() += 1;
    }

    fn expiry(&mut self) -> u32 {
        let now = self.model.now;
        match self.random.below(10) {
            0 => now.saturating_sub(self.random.below(3) as u32),
            1 => now + 599 + self.random.below(3) as u32,
            _ => now + 1 + self.random.below(20) as u32,
        }
    }

    fn join(&mut self) {
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
        self.note_nonce(account);
        self.note_nonce(device);
        let expected = self.model.join(first, account, device, expires, forged);
        let call = if first { proof.register() } else { proof.add_device() };
        self.expect_general(call, expected);
    }

    fn register_group(&mut self) {
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
    fn some_group(&mut self) -> (Number, u64, Number) {
        let group = self.random.account();
        let (epoch, authority) =
            self.model.groups.get(&group).map_or((0, group), |head| (head.epoch, head.authority));
        let authority = if self.random.one_in(8) { self.random.device() } else { authority };
        (group, epoch, authority)
    }

    fn commit(&mut self) {
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

    fn close(&mut self) {
        let (number, last, signer) = self.some_group();
        let epoch = if self.random.one_in(6) { last + 1 } else { last };
        let group = self.model.groups_ids[number];
        let message = proof::group_close(&genesis(), &group, epoch);
        let signature = self.keys[signer].sign(&message).0;
        let expected = self.model.close(number, epoch, signer);
        self.expect_general(Call::close_group { group, signature }, expected);
    }

    fn signed(&mut self) {
        let who = if self.random.one_in(6) { self.random.account() } else { self.signer() };
        let payer = self.model.acting(who).ok();
        if payer.is_some_and(|account| self.is_silent(account)) {
            return;
        }
        let credits = payer.map_or(0, |account| self.model.credits(account));
        let (call, expected) = self.signed_call(who);
        let id = self.model.ids[who].clone();
        let ends = matches!(call, Call::revoke_device { .. } | Call::deregister {});
        let covered = credits > 0 || ends && payer == Some(who);
        assert_eq!(
            is_free(&id, call.clone()),
            expected.is_ok() && covered,
            "block {}: {call:?}",
            self.model.now
        );
        if expected.is_ok() {
            // As the transaction would.
            System::inc_account_nonce(&id);
            self.note_nonce(who);
        }
        let origin = RuntimeOrigin::signed(id);
        let said = RuntimeCall::from(call.clone()).dispatch_bypass_filter(origin);
        let said = said.map(|_| ()).map_err(|error| error.error);
        let answer = format!("{expected:?}");
        assert_eq!(said, expected.map_err(Into::into), "block {}: {call:?}", self.model.now);
        self.count(answer);
    }

    fn signed_call(&mut self, who: Number) -> (Call<Test>, state::Answer) {
        let (random, model) = (&mut self.random, &mut self.model);
        let bytes = vec![random.next() as u8; random.below(4) as usize];
        match random.below(100) {
            0..=34 => {
                // One device that everybody wants.
                let to = random.device();
                let to = if random.one_in(3) { to } else { model.favourite_device().unwrap_or(to) };
                let kind = [SignalKind::Offer, SignalKind::Ping][random.below(2) as usize];
                let payload = bytes.try_into().expect("short");
                let call = Call::send_signaling { to: model.ids[to].clone(), kind, payload };
                (call, model.signal(who, to, kind))
            },
            35..=54 => {
                let to = random.account();
                let first = model.people.keys().next().copied();
                let to = if random.one_in(3) { to } else { first.unwrap_or(to) };
                let empty = random.one_in(20);
                let cid = if empty { Default::default() } else { cid() };
                let call = Call::notify_offline_message { to: model.ids[to].clone(), cid };
                (call, model.notify(who, to, empty))
            },
            55..=64 => (Call::heartbeat {}, model.presence(who, true)),
            65..=66 => (Call::go_offline {}, model.presence(who, false)),
            67..=70 => {
                let profile = bytes.clone().try_into().expect("short");
                (Call::set_profile { profile }, model.set_profile(who, bytes))
            },
            71..=74 => {
                let info = bytes.clone().try_into().expect("short");
                (Call::register_peer_info { info }, model.set_peer_info(who, bytes))
            },
            75..=78 => {
                let up_to = model.next.saturating_sub(random.below(40));
                (Call::clear_signaling { up_to }, model.clear_signals(who, up_to))
            },
            79..=80 => {
                let up_to = model.next.saturating_sub(random.below(60));
                (Call::clear_notifications { up_to }, model.clear_notices(who, up_to))
            },
            81 => {
                let other = random.account();
                let account = model.ids[other].clone();
                (Call::block_user { account }, model.block(who, other))
            },
            82..=88 => {
                let other = random.account();
                let account = model.ids[other].clone();
                (Call::unblock_user { account }, model.unblock(who, other))
            },
            89..=93 => {
                let sequence = random.below(1_000);
                let call = Call::set_chat_backup { cid: cid(), sequence, digest: [0; 32] };
                (call, model.set_backup(who, sequence))
            },
            94..=95 => (Call::clear_chat_backup {}, model.clear_backup(who)),
            96..=97 => {
                let other = if random.one_in(3) { who } else { random.device() };
                let device = model.ids[other].clone();
                (Call::revoke_device { device }, model.revoke(who, other))
            },
            98 => (Call::deregister {}, model.leave(who)),
            _ => (Call::renew {}, model.renew(who)),
        }
    }

    /// Compares everything that can be seen.
    fn compare(&self) {
        for key in 0..KEYS {
            self.compare_account(key);
            self.compare_device(key);
            self.compare_group(key);
        }
        assert_eq!(NextSignal::<Test>::get(), self.model.next);
        Signaling::do_try_state().expect("the storage is sound");
    }

    fn compare_account(&self, key: Number) {
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

    fn compare_device(&self, key: Number) {
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

    fn compare_group(&self, key: Number) {
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

    fn seen(&self, items: &[Item], life: u32) -> Vec<(u64, Account, Account, u32, u32)> {
        let ids = &self.model.ids;
        let show = |item: &Item| {
            let (from, sender) = (ids[item.from].clone(), ids[item.sender].clone());
            (item.id, from, sender, item.at, item.at + life)
        };
        items.iter().map(show).collect()
    }
}

fn run(calls: u64, expiries_per_block: u32, in_time: bool) {
    let seed = setting("STARDUST_MODEL_SEED", 1);
    let builder = ExtBuilder::default().difficulty(0).lifetimes(NOTICE, GROUP);
    // Where the sweep is behind, the block in which an account ends is not foreseen.
    let builder = if in_time { builder.silence(STATEMENTS, ACCOUNT) } else { builder };
    let mut ext = builder.expiries_per_block(expiries_per_block).build();
    let mut run = ext.execute_with(|| Run::new(seed, in_time));
    for chunk in 0..calls.div_ceil(CHUNK) {
        ext.execute_with(|| {
            for _ in 0..CHUNK.min(calls - chunk * CHUNK) {
                run.step();
            }
            run.compare();
        });
        // Or what was removed would slow down every look at what is there.
        ext.commit_all().expect("no storage transaction is open");
    }
    ext.execute_with(|| {
        println!(
            "{calls} calls, {} blocks, {} displaced, answers: {:?}",
            run.model.now, run.model.displaced, run.answers
        );
        assert!(run.answers["Ok(())"] > calls / 4, "too few calls were good to mean much");
        for answer in ["Err(InboxFull)", "Err(SenderLimit)", "Err(Blocked)", "Err(BadProof)"] {
            assert!(calls < 20_000 || run.answers.contains_key(answer), "{answer} never came");
        }
        assert!(calls < 20_000 || run.model.displaced > 0, "nobody was displaced from an inbox");
    });
}

#[test]
fn random_calls_do_what_the_model_does() {
    run(setting("STARDUST_MODEL_CALLS", 20_000), 200, true);
}

#[test]
fn random_calls_do_what_the_model_does_while_the_sweep_is_behind() {
    run(setting("STARDUST_MODEL_CALLS", 20_000) / 4, 2, false);
}
