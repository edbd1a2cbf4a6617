//! Puts the node together: database, import queue, network, statements, consensus, RPC.

use crate::{
    consensus::{self, Author, BlockImport, GrandpaLink, SelectChain, Votes},
    fake_runtime_api::RuntimeApi,
    rpc, statements,
    types::{Backend, Block, Client, Hash, Pool},
};
use sc_consensus::{DefaultImportQueue, LongestChain};
use sc_consensus_grandpa::{warp_proof::NetworkProvider, GrandpaPruningFilter};
use sc_network::{
    config::FullNetworkConfiguration, multiaddr::Protocol, Litep2pNetworkBackend, Multiaddr,
    NetworkBackend, NetworkStateInfo,
};
use sc_service::{
    BuildNetworkParams, Configuration, Error, KeystoreContainer, SpawnTasksParams, TaskManager,
    WarpSyncConfig,
};
use sc_statement_store::Config as StoreConfig;
use std::sync::Arc;

type Net = Litep2pNetworkBackend;

/// The node without its network: what the commands need that touch the database only.
pub struct Parts {
    /// The chain, its state and its runtime.
    pub client: Arc<Client>,
    /// Where blocks and state are kept.
    pub backend: Arc<Backend>,
    /// Owns the node's tasks.
    pub task_manager: TaskManager,
    /// Checks blocks and brings them into the database.
    pub import_queue: DefaultImportQueue<Block>,
    keystore: KeystoreContainer,
    pool: Arc<Pool>,
    select_chain: SelectChain,
    block_import: BlockImport,
    grandpa: GrandpaLink,
}

/// Opens the database and builds everything that needs no network.
pub fn parts(config: &Configuration) -> Result<Parts, Error> {
    let executor = sc_service::new_wasm_executor(&config.executor);
    let (client, backend, keystore, task_manager) =
        sc_service::new_full_parts::<Block, RuntimeApi, _>(
            config,
            None,
            executor,
            // Warp sync lives on the proofs of finality: a pruned node serves it too.
            vec![Arc::new(GrandpaPruningFilter)],
        )?;
    let client = Arc::new(client);
    let select_chain = LongestChain::new(backend.clone());
    let pool = sc_transaction_pool::Builder::new(
        task_manager.spawn_essential_handle(),
        client.clone(),
        config.role.is_authority().into(),
    )
    .with_options(config.transaction_pool.clone())
    .with_prometheus(config.prometheus_registry())
    .build();
    let (block_import, grandpa) = consensus::block_import(&client, select_chain.clone())?;
    let import_queue = consensus::import_queue(config, &client, &block_import, &task_manager)?;
    Ok(Parts {
        client,
        backend,
        task_manager,
        import_queue,
        keystore,
        pool: Arc::new(pool),
        select_chain,
        block_import,
        grandpa,
    })
}

/// Starts the node with a statement store of such limits; it runs as long as the task manager lives.
pub fn start(config: Configuration, limits: StoreConfig) -> Result<TaskManager, Error> {
    let Parts {
        client,
        backend,
        mut task_manager,
        import_queue,
        keystore,
        pool,
        select_chain,
        block_import,
        grandpa,
    } = parts(&config)?;

    let metrics = <Net as NetworkBackend<Block, Hash>>::register_notification_metrics(
        config.prometheus_registry(),
    );
    let mut protocols = FullNetworkConfiguration::<Block, Hash, Net>::new(
        &config.network,
        config.prometheus_registry().cloned(),
    );
    // What a light client starts from: from one proof of finality to the next.
    let authority_set = grandpa.shared_authority_set().clone();
    let warp_proofs = Arc::new(NetworkProvider::new(backend.clone(), authority_set, Vec::new()));
    let votes = Votes::announce(&config, &client, &metrics, &mut protocols, grandpa);
    let statement_gossip = statements::announce(&config, &client, &metrics, &mut protocols);

    let (network, system_rpc_tx, tx_handler_controller, sync, _) =
        sc_service::build_network(BuildNetworkParams {
            config: &config,
            net_config: protocols,
            client: client.clone(),
            transaction_pool: pool.clone(),
            spawn_handle: task_manager.spawn_handle(),
            spawn_essential_handle: task_manager.spawn_essential_handle(),
            import_queue,
            block_announce_validator_builder: None,
            warp_sync_config: Some(WarpSyncConfig::WithProvider(warp_proofs)),
            block_relay: None,
            metrics,
            gap_sync_body_policy: None,
        })?;
    check_listening(&config.network.listen_addresses, &network.listen_addresses())?;

    let store = statements::open(&config, limits, client.clone(), &keystore, &task_manager)?;
    statements::start(
        &config,
        limits,
        store.clone(),
        &task_manager,
        network.clone(),
        sync.clone(),
        statement_gossip,
    )?;
    if config.role.is_authority() {
        let (client, pool, sync) = (client.clone(), pool.clone(), sync.clone());
        let author = Author { client, pool, select_chain, block_import, sync };
        author.start(&config, &keystore, &task_manager)?;
    }
    if !config.disable_grandpa {
        let (pool, network, sync) = (pool.clone(), network.clone(), sync.clone());
        votes.start(&config, pool, &keystore, &task_manager, network, sync)?;
    }

    let rpc_parts = (client.clone(), pool.clone(), store);
    sc_service::spawn_tasks(SpawnTasksParams {
        config,
        client,
        backend,
        task_manager: &mut task_manager,
        keystore: keystore.keystore(),
        transaction_pool: pool,
        rpc_builder: Box::new(move |executor| {
            let (client, pool, store) = rpc_parts.clone();
            rpc::module(client, pool, store, executor)
        }),
        network,
        system_rpc_tx,
        tx_handler_controller,
        sync_service: sync,
        telemetry: None,
        tracing_execute_block: None,
    })?;
    Ok(task_manager)
}

/// The network starts although another program has the port, and then nobody can reach this node: of a
/// validator that is alone so, all others may wait for the votes.
fn check_listening(wanted: &[Multiaddr], listening: &[Multiaddr]) -> Result<(), Error> {
    let has_port =
        |address: &Multiaddr| address.iter().any(|part| matches!(part, Protocol::Tcp(_)));
    if !wanted.iter().any(has_port) || listening.iter().any(has_port) {
        return Ok(());
    }
    let wanted = wanted.iter().map(Multiaddr::to_string).collect::<Vec<_>>().join(", ");
    Err(Error::Other(format!(
        "nobody could reach this node: it cannot listen on {wanted}. Has another program the port? \
         Choose another with --port or --listen-addr"
    )))
}
