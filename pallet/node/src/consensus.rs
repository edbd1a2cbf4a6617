//! How blocks come about: Aura's slots make them, GRANDPA's votes make them final.

use crate::types::{Backend, Block, Client, Hash, Pool};
use sc_basic_authorship::ProposerFactory;
use sc_consensus::{DefaultImportQueue, LongestChain};
use sc_consensus_aura::{ImportQueueParams, SlotProportion, StartAuraParams};
use sc_consensus_grandpa::{
    GrandpaBlockImport, GrandpaParams, LinkHalf, SharedVoterState, VotingRulesBuilder,
};
use sc_network::{
    config::FullNetworkConfiguration, service::traits::NetworkService, NetworkBackend,
    NotificationMetrics, NotificationService, ProtocolName,
};
use sc_network_sync::SyncingService;
use sc_service::{Configuration, Error, KeystoreContainer, TaskManager};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus_aura::{
    inherents::InherentDataProvider as Slot,
    sr25519::{AuthorityId as AuraId, AuthorityPair as AuraPair},
    SlotDuration,
};
use std::{sync::Arc, time::Duration};

/// Which of several forks is the best.
pub type SelectChain = LongestChain<Backend, Block>;
/// Brings a block into the database, proofs of finality with it.
pub type BlockImport = GrandpaBlockImport<Backend, Block, Client, SelectChain>;
/// From the block import to the voter.
pub type GrandpaLink = LinkHalf<Block, Client, SelectChain>;

/// A proof of finality is kept at least every so many blocks: the stride of a light client's start.
const JUSTIFICATION_PERIOD: u32 = 512;

/// About how long a vote is on its way to everybody.
const GOSSIP_DURATION: Duration = Duration::from_millis(333);

/// The block import, and the voter's end of it.
pub fn block_import(
    client: &Arc<Client>,
    select_chain: SelectChain,
) -> Result<(BlockImport, GrandpaLink), Error> {
    let parts = sc_consensus_grandpa::block_import(
        client.clone(),
        JUSTIFICATION_PERIOD,
        client,
        select_chain,
        None,
    )?;
    Ok(parts)
}

/// Checks seal, slot and time of blocks that others made.
pub fn import_queue(
    config: &Configuration,
    client: &Arc<Client>,
    block_import: &BlockImport,
    tasks: &TaskManager,
) -> Result<DefaultImportQueue<Block>, Error> {
    let slot_duration = slot_duration(client)?;
    let queue = sc_consensus_aura::import_queue::<AuraPair, _, _, _, _, _>(ImportQueueParams {
        block_import: block_import.clone(),
        justification_import: Some(Box::new(block_import.clone())),
        client: client.clone(),
        create_inherent_data_providers: move |_, ()| async move { Ok(inherents(slot_duration)) },
        spawner: &tasks.spawn_essential_handle(),
        registry: config.prometheus_registry(),
        check_for_equivocation: Default::default(),
        telemetry: None,
        compatibility_mode: Default::default(),
    })?;
    Ok(queue)
}

fn slot_duration(client: &Client) -> Result<SlotDuration, Error> {
    Ok(sc_consensus_aura::slot_duration::<AuraId, _, _>(client)?)
}

/// Slot and time, which every block carries.
fn inherents(slot_duration: SlotDuration) -> (Slot, sp_timestamp::InherentDataProvider) {
    let time = sp_timestamp::InherentDataProvider::from_system_time();
    (Slot::from_timestamp_and_slot_duration(*time, slot_duration), time)
}

/// Makes a block in each slot for which the keystore has the key.
pub struct Author {
    /// The chain, its state and its runtime.
    pub client: Arc<Client>,
    /// Where the transactions of a block come from.
    pub pool: Arc<Pool>,
    /// What to build on.
    pub select_chain: SelectChain,
    /// Where the block goes.
    pub block_import: BlockImport,
    /// Whether the node is still catching up: it makes no blocks then.
    pub sync: Arc<SyncingService<Block>>,
}

impl Author {
    /// Starts it, as a task that the node cannot live without.
    pub fn start(
        self,
        config: &Configuration,
        keystore: &KeystoreContainer,
        tasks: &TaskManager,
    ) -> Result<(), Error> {
        let slot_duration = slot_duration(&self.client)?;
        let proposer_factory = ProposerFactory::new(
            tasks.spawn_handle(),
            self.client.clone(),
            self.pool,
            config.prometheus_registry(),
            None,
        );
        let aura = sc_consensus_aura::start_aura::<AuraPair, _, _, _, _, _, _, _, _, _, _>(
            StartAuraParams {
                slot_duration,
                client: self.client,
                select_chain: self.select_chain,
                block_import: self.block_import,
                proposer_factory,
                create_inherent_data_providers: move |_, ()| async move { Ok(inherents(slot_duration)) },
                force_authoring: config.force_authoring,
                backoff_authoring_blocks: None::<()>,
                keystore: keystore.keystore(),
                sync_oracle: self.sync.clone(),
                justification_sync_link: self.sync,
                // The rest of the slot is for the block to reach the next author.
                block_proposal_slot_portion: SlotProportion::new(2f32 / 3f32),
                max_block_proposal_slot_portion: None,
                telemetry: None,
                compatibility_mode: Default::default(),
            },
        )?;
        tasks.spawn_essential_handle().spawn_blocking("aura", Some("block-authoring"), aura);
        Ok(())
    }
}

/// GRANDPA's gossip protocol, announced before the network is built.
pub struct Votes {
    name: ProtocolName,
    notifications: Box<dyn NotificationService>,
    link: GrandpaLink,
}

impl Votes {
    /// Announces the protocol.
    pub fn announce<Net: NetworkBackend<Block, Hash>>(
        config: &Configuration,
        client: &Client,
        metrics: &NotificationMetrics,
        network: &mut FullNetworkConfiguration<Block, Hash, Net>,
        link: GrandpaLink,
    ) -> Self {
        let genesis = client.chain_info().genesis_hash;
        let name = sc_consensus_grandpa::protocol_standard_name(&genesis, &config.chain_spec);
        let (protocol, notifications) = sc_consensus_grandpa::grandpa_peers_set_config::<_, Net>(
            name.clone(),
            metrics.clone(),
            network.peer_store_handle(),
        );
        network.add_notification_protocol(protocol);
        Self { name, notifications, link }
    }

    /// Starts to vote where the keystore has the key of an authority, to follow the votes elsewhere.
    pub fn start(
        self,
        config: &Configuration,
        pool: Arc<Pool>,
        keystore: &KeystoreContainer,
        tasks: &TaskManager,
        network: Arc<dyn NetworkService>,
        sync: Arc<SyncingService<Block>>,
    ) -> Result<(), Error> {
        let voter = sc_consensus_grandpa::run_grandpa_voter(GrandpaParams {
            config: sc_consensus_grandpa::Config {
                gossip_duration: GOSSIP_DURATION,
                justification_generation_period: JUSTIFICATION_PERIOD,
                name: Some(config.network.node_name.clone()),
                observer_enabled: false,
                keystore: config.role.is_authority().then(|| keystore.keystore()),
                local_role: config.role,
                telemetry: None,
                protocol_name: self.name,
            },
            link: self.link,
            network,
            sync,
            notification_service: self.notifications,
            voting_rule: VotingRulesBuilder::default().build(),
            prometheus_registry: config.prometheus_registry().cloned(),
            shared_voter_state: SharedVoterState::empty(),
            telemetry: None,
            offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(pool),
        })?;
        tasks.spawn_essential_handle().spawn_blocking("grandpa-voter", None, voter);
        Ok(())
    }
}
