//! The chain spec: a raw one, from a file.
//!
//! A raw spec holds the genesis state itself, runtime included. Everybody who has the file has the
//! same chain, whatever node they run; nothing about the chain is compiled in here.

use sc_service::{ChainSpec, GenericChainSpec};
use serde_json::Value;
use std::{fs, path::Path};

/// Under this key of the state stands the runtime (`:code`).
const CODE: &str = "0x3a636f6465";

/// Loads the spec at `path`; the error is a sentence for whoever started the node.
pub fn load(path: &str) -> Result<Box<dyn ChainSpec>, String> {
    if path.is_empty() {
        return Err(
            "no chain was named: start the node with --chain FILE, where FILE is a raw chain \
                    spec (a local network's is chain-spec/local.json)"
                .into(),
        );
    }
    let json = read(path, "a raw chain spec")?;
    check(&json).map_err(|problem| {
        format!(
            "{path} is not a raw chain spec: {problem}; take the file that the network hands out"
        )
    })?;
    complete(path, json)
}

/// Loads any spec at `path`: also one that says only what the genesis is to hold. A node does not
/// run on such a one, because another version of the runtime would make another genesis of it.
pub fn load_plain(path: &str) -> Result<Box<dyn ChainSpec>, String> {
    complete(path, read(path, "a chain spec")?)
}

fn read(path: &str, wanted: &str) -> Result<Vec<u8>, String> {
    fs::read(Path::new(path)).map_err(|error| {
        format!(
            "the chain spec {path} cannot be read ({error}): --chain wants the file of {wanted}; \
             names of chains mean nothing to this node"
        )
    })
}

fn complete(path: &str, json: Vec<u8>) -> Result<Box<dyn ChainSpec>, String> {
    let spec = GenericChainSpec::<Option<()>>::from_json_bytes(json)
        .map_err(|error| format!("{path} is not a complete chain spec: {error}"))?;
    Ok(Box::new(spec))
}

/// Says what is missing before Substrate does: its own words come late and name no remedy.
fn check(json: &[u8]) -> Result<(), String> {
    let spec: Value =
        serde_json::from_slice(json).map_err(|error| format!("it is not JSON ({error})"))?;
    let state = spec
        .pointer("/genesis/raw/top")
        .and_then(Value::as_object)
        .ok_or("it has no genesis state under genesis.raw.top")?;
    if !state.contains_key(CODE) {
        return Err(format!("its genesis state has no runtime (the key {CODE})"));
    }
    Ok(())
}
