// Loaded before chopsticks.
//
// Its transaction pool asks every extrinsic who signed it. A general (v5) extrinsic has no signer:
// `@polkadot/types` throws there, and the pool would refuse what the runtime authorises itself
// (register, add_device, the calls of groups). An empty signer is what the pool shows for
// unsigned extrinsics, too. Whether the call is good is decided by the runtime, as on a real node.
'use strict'

const { GenericExtrinsic } = require('@polkadot/types')

const base = Object.getPrototypeOf(GenericExtrinsic.prototype)
const { get } = Object.getOwnPropertyDescriptor(base, 'signer')

Object.defineProperty(GenericExtrinsic.prototype, 'signer', {
  configurable: true,
  get() {
    try {
      return get.call(this)
    } catch {
      return ''
    }
  }
})
