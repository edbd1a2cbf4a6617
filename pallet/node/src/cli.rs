//! The command line: Substrate's own flags and subcommands, as far as they make sense here.

use crate::chain_spec;
use sc_cli::{
    ChainInfoCmd, ExportBlocksCmd, ExportChainSpecCmd, ImportBlocksCmd, KeySubcommand,
    PurgeChainCmd, RevertCmd, RunCmd, SubstrateCli,
};
use sc_service::ChainSpec;

/// What can be typed.
#[derive(Debug, clap::Parser)]
pub struct Cli {
    /// What to do instead of running the node.
    #[command(subcommand)]
    pub subcommand: Option<Subcommand>,

    /// How to run the node.
    #[clap(flatten)]
    pub run: RunCmd,
}

/// What the node's binary does besides running.
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
    /// Make, look at and insert keys.
    #[command(subcommand)]
    Key(KeySubcommand),

    /// Remove the chain's database (keys stay).
    PurgeChain(PurgeChainCmd),

    /// Write blocks to a file.
    ExportBlocks(ExportBlocksCmd),

    /// Read blocks from a file.
    ImportBlocks(ImportBlocksCmd),

    /// Go back to an earlier block (never behind the last finalized one).
    Revert(RevertCmd),

    /// Make the raw chain spec of a new network from a plain one (with --raw).
    ExportChainSpec(ExportChainSpecCmd),

    /// Say how far the database has come.
    ChainInfo(ChainInfoCmd),
}

impl SubstrateCli for Cli {
    fn impl_name() -> String {
        "Stardust Node".into()
    }

    fn impl_version() -> String {
        env!("CARGO_PKG_VERSION").into()
    }

    fn executable_name() -> String {
        // Also the folder of the data: the same however the binary's file is called.
        env!("CARGO_PKG_NAME").into()
    }

    fn description() -> String {
        env!("CARGO_PKG_DESCRIPTION").into()
    }

    fn author() -> String {
        "the Stardust authors".into()
    }

    fn support_url() -> String {
        "docs/network.md".into()
    }

    fn copyright_start_year() -> i32 {
        2026
    }

    fn load_spec(&self, id: &str) -> Result<Box<dyn ChainSpec>, String> {
        chain_spec::load(id)
    }
}
