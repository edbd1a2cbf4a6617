//! The command line: Substrate's own flags and subcommands, as far as they make sense here.

use crate::chain_spec;
use sc_cli::{
    ChainInfoCmd, ExportBlocksCmd, ExportChainSpecCmd, ImportBlocksCmd, KeySubcommand,
    PurgeChainCmd, RevertCmd, RunCmd, SubstrateCli,
};
use sc_service::ChainSpec;
use sc_statement_store::{DEFAULT_MAX_TOTAL_SIZE, DEFAULT_MAX_TOTAL_STATEMENTS};

/// What can be typed.
#[derive(Debug, clap::Parser)]
pub struct Cli {
    /// What to do instead of running the node.
    #[command(subcommand)]
    pub subcommand: Option<Subcommand>,

    /// How to run the node.
    #[clap(flatten)]
    pub run: RunCmd,

    /// How much the statement store keeps.
    #[clap(flatten)]
    pub store: StoreLimits,
}

/// Beyond these a statement is refused until others have expired.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct StoreLimits {
    /// How many statements the statement store keeps at most.
    #[arg(long, value_name = "COUNT", default_value_t = DEFAULT_MAX_TOTAL_STATEMENTS)]
    pub statement_store_max_total_statements: usize,

    /// How many bytes of data the statements in the store have together at most.
    #[arg(long, value_name = "BYTES", default_value_t = DEFAULT_MAX_TOTAL_SIZE)]
    pub statement_store_max_total_size: usize,
}

impl From<StoreLimits> for sc_statement_store::Config {
    fn from(limits: StoreLimits) -> Self {
        Self {
            max_total_statements: limits.statement_store_max_total_statements,
            max_total_size: limits.statement_store_max_total_size,
            ..Self::default()
        }
    }
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
