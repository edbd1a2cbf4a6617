//! Random calls against a second implementation, the model: every answer, every event and
//! everything that can be seen has to be the same, whether a call is free included.
//!
//! `STARDUST_MODEL_CALLS` sets how many, `STARDUST_MODEL_SEED` where they start.

mod compare;
mod general;
mod random;
mod signed;
mod state;

use crate::{mock::*, proof, types::*, Call, Event, NextSignal};
use codec::Encode;
use frame_support::{storage::unhashed, traits::UnfilteredDispatchable};
use random::{setting, Random};
use sp_core::{ed25519, Pair};
use sp_runtime::{
    transaction_validity::{InvalidTransaction, TransactionValidityError},
    DispatchError,
};
use state::{Item, Key as Number, Model, ACCOUNT, GROUP, NOTICE, SIGNAL, STATEMENTS};
use std::collections::BTreeMap;

const ACCOUNTS: usize = 16;
const KEYS: usize = 44;
/// Calls between two comparisons.
const CHUNK: u64 = 200;

fn key_pair(number: Number) -> ed25519::Pair {
    // Not more than `KEYS`.
    pair(500 + number as u32)
}

struct Run {
    random: Random,
    keys: Vec<ed25519::Pair>,
    model: Model,
    /// Whether the sweep is always in time, so that events come when the model says.
    in_time: bool,
    /// The largest nonce that a key has had.
    nonces: BTreeMap<Number, u32>,
    /// Calls that cost their signer money.
    paid: u64,
    /// How often each answer came: what is behind the figure that the run prints.
    answers: BTreeMap<String, u64>,
}

impl Run {
    fn new(seed: u64, in_time: bool) -> Self {
        let keys: Vec<_> = (0..KEYS).map(key_pair).collect();
        let ids = keys.iter().map(id).collect();
        let groups = keys.iter().map(|key| proof::group_id(&genesis(), &key.public().0)).collect();
        events();
        Run {
            random: Random(seed),
            keys,
            model: Model::new(ids, groups, in_time),
            in_time,
            nonces: BTreeMap::new(),
            paid: 0,
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

    /// Whether a key has money of its own.
    fn is_rich(&self, key: Number) -> bool {
        key % 4 == 1
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
            // Who has money was not gone and goes on where it was.
            let goes_on = *last == 0 || self.is_rich(number) && nonce == *last;
            assert!(goes_on || nonce > *last, "a nonce starts again");
        }
    }

    fn note_nonce(&mut self, number: Number, nonce: u32) {
        let last = self.nonces.entry(number).or_default();
        *last = (*last).max(nonce);
    }

    fn count(&mut self, answer: String) {
        *self.answers.entry(answer).or_default() += 1;
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
        let free = expected.is_ok() && covered;
        let next = System::account_nonce(&id) + 1;
        if expected.is_ok() || self.is_rich(who) {
            self.note_nonce(who, next);
        }
        let said = if free || self.is_rich(who) {
            self.as_transaction(&id, call.clone(), free)
        } else {
            let paid = validate_signed(&id, call.clone()).map(|validity| validity.priority);
            assert_eq!(paid, Err(InvalidTransaction::Payment.into()), "{call:?}");
            // What it would do if it were paid for.
            if expected.is_ok() {
                System::inc_account_nonce(&id);
            }
            let origin = RuntimeOrigin::signed(id);
            let said = RuntimeCall::from(call.clone()).dispatch_bypass_filter(origin);
            said.map(|_| ()).map_err(|error| error.error)
        };
        let answer = format!("{expected:?}");
        assert_eq!(said, expected.map_err(Into::into), "block {}: {call:?}", self.model.now);
        self.count(answer);
    }

    /// With every extension: a call that is not free is paid for by its signer, also if it fails.
    fn as_transaction(
        &mut self,
        id: &Account,
        call: Call<Test>,
        free: bool,
    ) -> Result<(), DispatchError> {
        let before = Balances::free_balance(id);
        let said = apply_signed(id, call.clone()).expect("it is free or paid for");
        assert_eq!(Balances::free_balance(id) == before, free, "{call:?}");
        self.paid += u64::from(!free);
        said.map(|_| ()).map_err(|error| error.error)
    }
}

fn run(calls: u64, expiries_per_block: u32, in_time: bool) {
    let seed = setting("STARDUST_MODEL_SEED", 1);
    let mut builder = ExtBuilder::default().difficulty(0).lifetimes(NOTICE, GROUP);
    for key in (1..KEYS).step_by(4) {
        builder = builder.balance(id(&key_pair(key)), u64::MAX / KEYS as u64);
    }
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
            "{calls} calls, seed {seed}, {} blocks, {} displaced, {} ended, {} paid, answers: {:?}",
            run.model.now, run.model.displaced, run.model.ended, run.paid, run.answers
        );
        assert!(run.answers["Ok(())"] > calls / 4, "too few calls were good to mean much");
        for answer in ["Err(InboxFull)", "Err(SenderLimit)", "Err(Blocked)", "Err(BadProof)"] {
            assert!(calls < 20_000 || run.answers.contains_key(answer), "{answer} never came");
        }
        if calls >= 20_000 {
            assert!(run.model.displaced > 0, "nobody was displaced from an inbox");
            assert!(!in_time || run.model.ended > 0, "no account ended");
            assert!(run.paid > 0, "nobody paid");
        }
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
