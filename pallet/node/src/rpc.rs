//! What can be asked over RPC beyond Substrate's own groups (`chain`, `state`, `author`, `system`,
//! `chainHead`, `archive`, `transaction`, `transactionWatch`), which every service has.

use crate::types::{Client, Pool};
use jsonrpsee::RpcModule;
use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
use sc_rpc::{
    statement::{StatementApiServer, StatementStore},
    SubscriptionTaskExecutor,
};
use sc_rpc_spec_v2::statement::{StatementSpec, StatementSpecApiServer};
use sc_statement_store::Store;
use std::sync::Arc;
use substrate_frame_rpc_system::{System, SystemApiServer};

/// Nonces, fees, statements.
pub fn module(
    client: Arc<Client>,
    pool: Arc<Pool>,
    store: Arc<Store>,
    executor: SubscriptionTaskExecutor,
) -> Result<RpcModule<()>, sc_service::Error> {
    let merged = || -> Result<_, jsonrpsee::core::RegisterMethodError> {
        let mut module = RpcModule::new(());
        module.merge(System::new(client.clone(), pool).into_rpc())?;
        module.merge(TransactionPayment::new(client).into_rpc())?;
        module.merge(StatementStore::new(store.clone(), executor.clone()).into_rpc())?;
        module.merge(StatementSpec::new(store, executor).into_rpc())?;
        Ok(module)
    };
    merged().map_err(|error| sc_service::Error::Application(Box::new(error)))
}
