// Loaded before chopsticks.
//
// It gives every chain that starts from a spec the same made-up genesis hash, 0x4545…: a proof made
// for one of them would be good on all, and a client could not tell a chain of another runtime from
// the one it knew. Here it is the hash of the genesis header, as a real node makes it of this spec.
'use strict'

const { GenesisProvider } = require('@acala-network/chopsticks-core')
const { hexToU8a, u8aConcat } = require('@polkadot/util')
const { blake2AsHex } = require('@polkadot/util-crypto')

const hashes = new WeakMap()

// SCALE of a header without a parent, of height 0, without transactions and logs.
async function genesisHash(provider) {
  const { stateRoot, extrinsicsRoot } = await provider.getHeader()
  const nothing = new Uint8Array(1)
  return blake2AsHex(u8aConcat(new Uint8Array(32), nothing, hexToU8a(stateRoot), hexToU8a(extrinsicsRoot), nothing))
}

Object.defineProperty(GenesisProvider.prototype, 'blockHash', {
  get() {
    if (!hashes.has(this)) hashes.set(this, genesisHash(this))
    return hashes.get(this)
  }
})
