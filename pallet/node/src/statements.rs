//! The statement store: signed messages of at most some hundred bytes that nodes pass on, keep until
//! they expire and never put into a block.
//!
//! Who may store how many stands in the state of the chain; the pallet's registration of a device
//! writes it there.

use crate::types::{Block, Client, Hash};
use sc_network::{
    config::FullNetworkConfiguration, service::traits::NetworkService, NetworkBackend,
    NotificationMetrics,
};
use sc_network_statement::StatementHandlerPrototype;
use sc_network_sync::SyncingService;
use sc_service::{Configuration, Error, KeystoreContainer, TaskManager};
use sc_statement_store::{Config, Store};
use std::sync::Arc;

/// Announces the gossip protocol; has to happen before the network is built.
pub fn announce<Net: NetworkBackend<Block, Hash>>(
    config: &Configuration,
    client: &Client,
    metrics: &NotificationMetrics,
    network: &mut FullNetworkConfiguration<Block, Hash, Net>,
) -> StatementHandlerPrototype {
    let (handler, protocol) = StatementHandlerPrototype::new::<_, Block, Net>(
        client.chain_info().genesis_hash,
        config.chain_spec.fork_id(),
        metrics.clone(),
        network.peer_store_handle(),
    );
    network.add_notification_protocol(protocol);
    handler
}

/// Opens the store in the node's data folder.
pub fn open(
    config: &Configuration,
    limits: Config,
    client: Arc<Client>,
    keystore: &KeystoreContainer,
    tasks: &TaskManager,
) -> Result<Arc<Store>, Error> {
    Store::new_shared(
        &config.data_path,
        limits,
        client,
        keystore.local_keystore(),
        config.prometheus_registry(),
        Box::new(tasks.spawn_handle()),
    )
    .map_err(|error| Error::Application(Box::new(error)))
}

/// Starts to exchange the statements of `store` with peers.
pub fn start(
    config: &Configuration,
    limits: Config,
    store: Arc<Store>,
    tasks: &TaskManager,
    network: Arc<dyn NetworkService>,
    sync: Arc<SyncingService<Block>>,
    handler: StatementHandlerPrototype,
) -> Result<(), Error> {
    let validators = tasks.spawn_handle();
    let handler = handler.build(
        network,
        sync,
        store,
        config.prometheus_registry(),
        move |work| validators.spawn("statement-validator", Some("networking"), work),
        limits.network_workers,
        limits.rate_limit,
    )?;
    tasks.spawn_handle().spawn("statement-handler", Some("networking"), handler.run());
    Ok(())
}
