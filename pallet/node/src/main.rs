//! A node of the Stardust chain: Aura makes blocks, GRANDPA finalizes them, and the statement store
//! carries signals that never touch a block.
//!
//! It does not know the runtime that it runs. The chain spec brings the Wasm, so that a change of
//! the pallet needs no new node.

#![forbid(unsafe_code)]
#![deny(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// The error type of `sc-service`, which is everywhere here.
#![allow(clippy::result_large_err)]

mod chain_spec;
mod cli;
mod command;
mod consensus;
mod fake_runtime_api;
mod rpc;
mod service;
mod statements;
mod types;

use std::process::ExitCode;

fn main() -> ExitCode {
    match command::run() {
        Ok(()) => return ExitCode::SUCCESS,
        // What was typed is wrong: the sentence says it all.
        Err(sc_cli::Error::Input(sentence)) => eprintln!("error: {sentence}"),
        Err(error) => eprintln!("error: {error}"),
    }
    ExitCode::FAILURE
}
