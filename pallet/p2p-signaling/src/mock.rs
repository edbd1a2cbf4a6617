//! A runtime for tests: the pallet with balances, fees and the transaction extensions that
//! matter to it, and keys to sign with.

use crate as pallet_p2p_signaling;
use crate::{proof, types::*, Config};
use frame_support::{
    derive_impl,
    dispatch::{DispatchResultWithPostInfo, GetDispatchInfo, PostDispatchInfo},
    parameter_types,
    traits::{ConstU32, Hooks},
    weights::{IdentityFee, Weight, WeightMeter},
};
use sp_core::{ed25519, sr25519, Pair};
use sp_runtime::{
    traits::{DispatchTransaction, IdentityLookup},
    transaction_validity::{TransactionSource, TransactionValidityError, ValidTransaction},
    AccountId32, BuildStorage, DispatchResultWithInfo, MultiSignature,
};

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = frame_system::Pallet<Test>;
    #[runtime::pallet_index(4)]
    pub type Balances = pallet_balances::Pallet<Test>;
    #[runtime::pallet_index(5)]
    pub type TransactionPayment = pallet_transaction_payment::Pallet<Test>;
    #[runtime::pallet_index(7)]
    pub type SkipFeelessPayment = pallet_skip_feeless_payment::Pallet<Test>;
    #[runtime::pallet_index(8)]
    pub type Signaling = pallet_p2p_signaling::Pallet<Test>;
}

pub type Block = frame_system::mocking::MockBlock<Test>;
pub type Account = AccountId32;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type AccountId = Account;
    type Lookup = IdentityLookup<Account>;
    type Block = Block;
    type AccountData = pallet_balances::AccountData<u64>;
    type OnKilledAccount = Signaling;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
}

#[derive_impl(pallet_transaction_payment::config_preludes::TestDefaultConfig)]
impl pallet_transaction_payment::Config for Test {
    type OnChargeTransaction = pallet_transaction_payment::FungibleAdapter<Balances, ()>;
    type WeightToFee = IdentityFee<u64>;
    type LengthToFee = IdentityFee<u64>;
}

impl pallet_skip_feeless_payment::Config for Test {
    type RuntimeEvent = RuntimeEvent;
}

parameter_types! {
    pub static ExpiriesPerBlock: u32 = 200;
    pub static NoticeLifetime: u32 = 100_800;
    pub static GroupLifetime: u32 = 1_209_600;
    pub static StatementLifetime: u32 = 864_000;
    pub static AccountLifetime: u32 = 5_256_000;
}

impl Config for Test {
    type WeightInfo = ();
    type ProofLifetime = ConstU32<600>;
    type PresenceTimeout = ConstU32<50>;
    type SignalLifetime = ConstU32<100>;
    type NoticeLifetime = NoticeLifetime;
    type GroupLifetime = GroupLifetime;
    type AllowanceCap = ConstU32<64>;
    type AllowanceStart = ConstU32<16>;
    type AllowanceInterval = ConstU32<2>;
    type StatementLifetime = StatementLifetime;
    type AccountLifetime = AccountLifetime;
    type ExpiriesPerBlock = ExpiriesPerBlock;
}

pub type TxExtension = (
    frame_system::AuthorizeCall<Test>,
    frame_system::CheckNonZeroSender<Test>,
    frame_system::CheckNonce<Test>,
    pallet_skip_feeless_payment::SkipCheckIfFeeless<
        Test,
        pallet_transaction_payment::ChargeTransactionPayment<Test>,
    >,
);

fn extension(nonce: u32) -> TxExtension {
    (
        frame_system::AuthorizeCall::new(),
        frame_system::CheckNonZeroSender::new(),
        frame_system::CheckNonce::from(nonce),
        pallet_transaction_payment::ChargeTransactionPayment::from(0).into(),
    )
}

/// What becomes of a transaction: refused before it costs anything, or in a block.
pub type Applied = Result<DispatchResultWithInfo<PostDispatchInfo>, TransactionValidityError>;

/// Applies a transaction as a block would, with every extension.
pub fn apply(origin: RuntimeOrigin, call: RuntimeCall, nonce: u32) -> Applied {
    let info = call.get_dispatch_info();
    extension(nonce).dispatch_transaction(origin, call, &info, 100, 0)
}

/// Applies a call signed by `who` with its next nonce.
pub fn apply_signed(who: &Account, call: impl Into<RuntimeCall>) -> Applied {
    let nonce = System::account_nonce(who);
    apply(RuntimeOrigin::signed(who.clone()), call.into(), nonce)
}

/// Applies a general transaction.
pub fn apply_general(call: impl Into<RuntimeCall>) -> Applied {
    apply(RuntimeOrigin::none(), call.into(), 0)
}

/// What a transaction pool says about a general transaction.
pub fn validate(
    call: impl Into<RuntimeCall>,
) -> Result<ValidTransaction, TransactionValidityError> {
    validated(RuntimeOrigin::none(), call.into(), 0)
}

/// The same about a call signed by `who` with its next nonce.
pub fn validate_signed(
    who: &Account,
    call: impl Into<RuntimeCall>,
) -> Result<ValidTransaction, TransactionValidityError> {
    let nonce = System::account_nonce(who);
    validated(RuntimeOrigin::signed(who.clone()), call.into(), nonce)
}

fn validated(
    origin: RuntimeOrigin,
    call: RuntimeCall,
    nonce: u32,
) -> Result<ValidTransaction, TransactionValidityError> {
    let info = call.get_dispatch_info();
    extension(nonce)
        .validate_only(origin, &call, &info, 100, TransactionSource::External, 0)
        .map(|(validity, ..)| validity)
}

/// Whether a call by `who` would be free.
pub fn is_free(who: &Account, call: impl Into<RuntimeCall>) -> bool {
    use frame_support::dispatch::CheckIfFeeless;
    call.into().is_feeless(&RuntimeOrigin::signed(who.clone()))
}

/// The key of an account. Few exist at a time, so that its size does not matter.
#[allow(clippy::large_enum_variant)]
#[derive(Clone)]
pub enum Key {
    Sr(sr25519::Pair),
    Ed(ed25519::Pair),
}

impl Key {
    pub fn account(&self) -> Account {
        match self {
            Key::Sr(pair) => pair.public().into(),
            Key::Ed(pair) => pair.public().into(),
        }
    }

    pub fn sign(&self, message: &[u8]) -> MultiSignature {
        match self {
            Key::Sr(pair) => pair.sign(message).into(),
            Key::Ed(pair) => pair.sign(message).into(),
        }
    }
}

/// An ed25519 key made of a small number.
pub fn pair(seed: u32) -> ed25519::Pair {
    let mut bytes = [7; 32];
    bytes[..4].copy_from_slice(&seed.to_le_bytes());
    ed25519::Pair::from_seed(&bytes)
}

pub fn ed(seed: u32) -> Key {
    Key::Ed(pair(seed))
}

pub fn sr(seed: u8) -> Key {
    Key::Sr(sr25519::Pair::from_seed(&[seed; 32]))
}

pub fn id(pair: &ed25519::Pair) -> Account {
    pair.public().into()
}

pub fn genesis() -> proof::Genesis {
    Signaling::genesis()
}

/// A good record for a device key.
pub fn record(device: &ed25519::Pair) -> DeviceRecord {
    DeviceRecord {
        suite: SUITE,
        device: device.public().0,
        olm: [1; 32],
        fallback: [2; 32],
        sealing: vec![3; SEALING_KEY_LEN as usize].try_into().expect("as long as it may be"),
    }
}

/// The smallest nonce that is enough.
pub fn work(message: &[u8], signatures: &[u8]) -> u64 {
    let difficulty = pallet_p2p_signaling::WorkDifficulty::<Test>::get();
    (0..)
        .find(|nonce| proof::is_enough_work(&proof::work(message, signatures, *nonce), difficulty))
        .expect("there is work for every difficulty of a test")
}

/// Everything that a registration or a further device carries.
#[derive(Clone)]
pub struct Proof {
    pub account: Account,
    pub record: DeviceRecord,
    pub expires: u32,
    pub possession: [u8; 64],
    pub certificate: MultiSignature,
    pub work: u64,
}

impl Proof {
    pub fn new(key: &Key, device: &ed25519::Pair, expires: u32) -> Self {
        Self::of_chain(&genesis(), key, device, record(device), expires)
    }

    pub fn of_chain(
        genesis: &proof::Genesis,
        key: &Key,
        device: &ed25519::Pair,
        record: DeviceRecord,
        expires: u32,
    ) -> Self {
        let account = key.account();
        let message = proof::possession_statement(genesis, &account, &record, expires);
        let possession = device.sign(&message).0;
        let statement = proof::device_statement(genesis, &account, &record, expires);
        let certificate = key.sign(&statement);
        let signatures = proof::device_signatures(&possession, &certificate);
        let work = work(&message, &signatures);
        Proof { account, record, expires, possession, certificate, work }
    }

    /// The same with work for what it holds now.
    pub fn worked(mut self) -> Self {
        let message =
            proof::possession_statement(&genesis(), &self.account, &self.record, self.expires);
        self.work = work(&message, &proof::device_signatures(&self.possession, &self.certificate));
        self
    }

    pub fn register(self) -> crate::Call<Test> {
        let Proof { account, record, expires, possession, certificate, work } = self;
        crate::Call::register { account, record, expires, possession, certificate, work }
    }

    pub fn add_device(self) -> crate::Call<Test> {
        let Proof { account, record, expires, possession, certificate, work } = self;
        crate::Call::add_device { account, record, expires, possession, certificate, work }
    }
}

/// A person with one device.
#[derive(Clone)]
pub struct Person {
    pub key: Key,
    pub device_key: ed25519::Pair,
}

impl Person {
    pub fn new(seed: u32) -> Self {
        Person { key: ed(seed), device_key: pair(seed + 10_000) }
    }

    pub fn account(&self) -> Account {
        self.key.account()
    }

    pub fn device(&self) -> Account {
        id(&self.device_key)
    }

    pub fn joined(seed: u32) -> Self {
        let person = Self::new(seed);
        person.join();
        person
    }

    /// Registers with the shortest proof that is still good.
    pub fn join(&self) {
        let spent = crate::SpentProofs::<Test>::get(self.account()).unwrap_or_default();
        let expires = spent.max(Signaling::now()) + 1;
        apply_general(Proof::new(&self.key, &self.device_key, expires).register())
            .expect("the proof is good")
            .expect("and so is the call");
    }

    /// Adds a device with the shortest proof that is still good.
    pub fn add(&self, device: &ed25519::Pair) -> Applied {
        let info = crate::Accounts::<Test>::get(self.account());
        let spent = info.map(|info| info.spent_proof).unwrap_or_default();
        let expires = spent.max(Signaling::now()) + 1;
        apply_general(Proof::new(&self.key, device, expires).add_device())
    }

    pub fn as_device(&self) -> RuntimeOrigin {
        RuntimeOrigin::signed(self.device())
    }

    pub fn as_account(&self) -> RuntimeOrigin {
        RuntimeOrigin::signed(self.account())
    }

    /// Sends a signal with an empty payload.
    pub fn signal(&self, to: &Account) -> DispatchResultWithPostInfo {
        Signaling::send_signaling(
            self.as_device(),
            to.clone(),
            SignalKind::Ping,
            Default::default(),
        )
    }

    /// Sends a notice.
    pub fn notify(&self, to: &Account) -> DispatchResultWithPostInfo {
        Signaling::notify_offline_message(self.as_device(), to.clone(), cid())
    }
}

/// A content identifier.
pub fn cid() -> CidBytes {
    vec![9; 36].try_into().expect("shorter than it may be")
}

/// What a call that went in came to.
pub fn outcome(applied: Applied) -> DispatchResultWithPostInfo {
    applied.expect("the transaction is valid")
}

/// Goes on to the block `to`, with everything that happens at the start of each block.
pub fn run_to(to: u32) {
    while System::block_number() < u64::from(to) {
        let next = System::block_number() + 1;
        System::set_block_number(next);
        Signaling::on_initialize(next);
    }
}

/// Has the sweep take so many steps as at the start of block `now`. Returns what they cost.
pub fn sweep(now: u32, steps: u32) -> Weight {
    let mut meter = WeightMeter::new();
    Signaling::sweep(now, steps, &mut meter);
    meter.consumed()
}

/// Jumps to the block `to`: the blocks between have no sweep.
pub fn jump_to(to: u32) {
    System::set_block_number(to.into());
}

/// What the sweep will look at, apart from the accounts themselves, in no order.
pub fn pending() -> Vec<Expiry> {
    let all = crate::Scheduled::<Test>::iter_keys();
    all.filter(|item| !matches!(item, Expiry::Account(_))).collect()
}

/// The pallet's events so far, oldest first; forgets them.
pub fn events() -> Vec<crate::Event<Test>> {
    let events = System::events()
        .into_iter()
        .filter_map(|record| match record.event {
            RuntimeEvent::Signaling(event) => Some(event),
            _ => None,
        })
        .collect();
    System::reset_events();
    events
}

pub struct ExtBuilder {
    difficulty: u8,
    expiries_per_block: u32,
    notice_lifetime: u32,
    group_lifetime: u32,
    statement_lifetime: u32,
    account_lifetime: u32,
    balances: Vec<(Account, u64)>,
}

impl Default for ExtBuilder {
    fn default() -> Self {
        ExtBuilder {
            difficulty: 2,
            expiries_per_block: 200,
            notice_lifetime: 100_800,
            group_lifetime: 1_209_600,
            statement_lifetime: 864_000,
            account_lifetime: 5_256_000,
            balances: Vec::new(),
        }
    }
}

impl ExtBuilder {
    pub fn difficulty(mut self, difficulty: u8) -> Self {
        self.difficulty = difficulty;
        self
    }

    pub fn expiries_per_block(mut self, expiries: u32) -> Self {
        self.expiries_per_block = expiries;
        self
    }

    /// Shorter lives of notices and groups, for tests that live through many.
    pub fn lifetimes(mut self, notice: u32, group: u32) -> Self {
        self.notice_lifetime = notice;
        self.group_lifetime = group;
        self
    }

    /// Shorter lives of accounts without a call.
    pub fn silence(mut self, statement: u32, account: u32) -> Self {
        self.statement_lifetime = statement;
        self.account_lifetime = account;
        self
    }

    pub fn balance(mut self, who: Account, amount: u64) -> Self {
        self.balances.push((who, amount));
        self
    }

    pub fn build(self) -> sp_io::TestExternalities {
        ExpiriesPerBlock::set(self.expiries_per_block);
        NoticeLifetime::set(self.notice_lifetime);
        GroupLifetime::set(self.group_lifetime);
        StatementLifetime::set(self.statement_lifetime);
        AccountLifetime::set(self.account_lifetime);
        let storage = RuntimeGenesisConfig {
            balances: pallet_balances::GenesisConfig {
                balances: self.balances,
                ..Default::default()
            },
            signaling: crate::GenesisConfig {
                work_difficulty: self.difficulty,
                ..Default::default()
            },
            ..Default::default()
        }
        .build_storage()
        .expect("the genesis of the tests is good");
        let mut ext = sp_io::TestExternalities::new(storage);
        ext.execute_with(|| run_to(1));
        ext
    }

    /// With a keystore, as the benchmarks sign inside of the runtime.
    #[cfg(feature = "runtime-benchmarks")]
    pub fn build_with_keys(self) -> sp_io::TestExternalities {
        let mut ext = self.build();
        let keys = sp_keystore::testing::MemoryKeystore::new();
        ext.register_extension(sp_keystore::KeystoreExt::new(keys));
        ext
    }

    /// Runs a test, then checks that the storage is sound.
    pub fn execute(self, test: impl FnOnce()) {
        self.build().execute_with(|| {
            test();
            Signaling::do_try_state().expect("the storage is sound");
        });
    }
}
