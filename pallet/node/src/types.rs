//! The few types of the chain that the node has to agree on with the runtime.

use crate::fake_runtime_api::RuntimeApi;
use sc_executor::WasmExecutor;
use sc_transaction_pool::TransactionPoolHandle;
use sp_runtime::{generic, traits::BlakeTwo256, OpaqueExtrinsic};

/// An account: the public key.
pub type AccountId = sp_core::crypto::AccountId32;
/// How many transactions an account has sent.
pub type Nonce = u32;
/// An amount of the chain's token.
pub type Balance = u128;
/// A block whose extrinsics are bytes: only the runtime can read them.
pub type Block = generic::Block<generic::Header<u32, BlakeTwo256>, OpaqueExtrinsic>;
/// A block's hash.
pub type Hash = sp_core::H256;

/// Runs the Wasm of the chain; what it may ask of the host.
pub type Executor = WasmExecutor<sp_io::SubstrateHostFunctions>;
/// The chain, its state and its runtime.
pub type Client = sc_service::TFullClient<Block, RuntimeApi, Executor>;
/// Where blocks and state are kept.
pub type Backend = sc_service::TFullBackend<Block>;
/// Transactions that wait for a block.
pub type Pool = TransactionPoolHandle<Block, Client>;
