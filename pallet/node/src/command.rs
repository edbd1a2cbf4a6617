//! From the command line to what it asks for.

use crate::{
    chain_spec,
    cli::{Cli, Subcommand},
    service::{self, Parts},
    types::{Backend, Block, Client},
};
use sc_cli::{Error, Result, SubstrateCli};
use sc_network::config::NetworkBackendType;
use sc_service::Configuration;
use sp_runtime::traits::NumberFor;
use std::sync::Arc;

/// Does what the command line says; returns when the node has stopped.
pub fn run() -> Result<()> {
    let cli = Cli::from_args();
    match &cli.subcommand {
        None => cli.create_runner(&cli.run)?.run_node_until_exit(|config| async move {
            refuse_what_is_not_here(&config)?;
            service::start(config, cli.store.into()).map_err(Error::Service)
        }),
        Some(Subcommand::Key(command)) => command.run(&cli),
        Some(Subcommand::ExportChainSpec(command)) => {
            command.run(chain_spec::load_plain(&command.chain)?)
        },
        Some(Subcommand::PurgeChain(command)) => {
            cli.create_runner(command)?.sync_run(|config| command.run(config.database))
        },
        Some(Subcommand::ChainInfo(command)) => {
            cli.create_runner(command)?.sync_run(|config| command.run::<Block>(&config))
        },
        Some(Subcommand::ExportBlocks(command)) => {
            cli.create_runner(command)?.async_run(|config| {
                let Parts { client, task_manager, .. } = service::parts(&config)?;
                Ok((command.run(client, config.database), task_manager))
            })
        },
        Some(Subcommand::ImportBlocks(command)) => {
            cli.create_runner(command)?.async_run(|config| {
                let Parts { client, task_manager, import_queue, .. } = service::parts(&config)?;
                Ok((command.run(client, import_queue), task_manager))
            })
        },
        Some(Subcommand::Revert(command)) => cli.create_runner(command)?.async_run(|config| {
            let Parts { client, task_manager, backend, .. } = service::parts(&config)?;
            Ok((command.run(client, backend, Some(Box::new(revert_grandpa))), task_manager))
        }),
    }
}

/// GRANDPA keeps a record of authority sets beside the blocks: it has to go back with them.
fn revert_grandpa(client: Arc<Client>, _: Arc<Backend>, blocks: NumberFor<Block>) -> Result<()> {
    sc_consensus_grandpa::revert(client, blocks).map_err(Into::into)
}

/// Flags that come with Substrate's command line and that this node would otherwise swallow.
fn refuse_what_is_not_here(config: &Configuration) -> Result<()> {
    if config.telemetry_endpoints.as_ref().is_some_and(|endpoints| !endpoints.is_empty()) {
        return Err(Error::Input(
            "this node reports to nobody: start it without --telemetry-url, and with \
             --no-telemetry when the chain spec names telemetry endpoints"
                .into(),
        ));
    }
    if !matches!(config.network.network_backend, NetworkBackendType::Litep2p) {
        return Err(Error::Input(
            "this node has the litep2p network only: start it without --network-backend".into(),
        ));
    }
    Ok(())
}
