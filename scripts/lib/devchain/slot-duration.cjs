// Loaded before chopsticks.
//
// To learn how long a slot is it asks the runtime (`AuraApi_slot_duration`), but lets it read no
// storage; ours looks there first (docs/chain.md, Runtime), so it would be taken for one of twelve
// seconds, and no block could be made. The metadata says it too: as the constant of Aura, shown to
// chopsticks where it looks for a parachain's.
'use strict'

const { Block } = require('@acala-network/chopsticks-core')

const { get } = Object.getOwnPropertyDescriptor(Block.prototype, 'meta')

Object.defineProperty(Block.prototype, 'meta', {
  configurable: true,
  get() {
    return get.call(this).then((meta) => {
      meta.consts.asyncBacking ??= { expectedBlockTime: meta.consts.aura.slotDuration }
      return meta
    })
  }
})
