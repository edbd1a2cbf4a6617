// node genesis.mjs WASM PRESET: the raw genesis storage that the runtime builds for a preset,
// with the Wasm itself as `:code`, as JSON `{key: value}` in hex, keys in order.
import { compactAddLength, compactStripLength, hexToU8a, stringToU8a, u8aConcat, u8aToString } from '@polkadot/util'

import { finish, runtime } from './runtime-call.mjs'

const [path, preset] = process.argv.slice(2)
const { call, wasm } = await runtime(path)

// Argument: SCALE Option<PresetId>; answer: Option<bytes of JSON>.
async function genesisConfig(id) {
  const argument = id === null ? new Uint8Array([0]) : u8aConcat(new Uint8Array([1]), compactAddLength(stringToU8a(id)))
  const found = hexToU8a((await call('GenesisBuilder_get_preset', argument)).result)
  if (found[0] !== 1) throw new Error(`the runtime has no preset ${id}`)
  return JSON.parse(u8aToString(compactStripLength(found.slice(1))[1]))
}

// A preset is a merge patch (RFC 7386) on the runtime's defaults.
function merge(target, patch) {
  if (patch === null || typeof patch !== 'object' || Array.isArray(patch)) return patch
  const merged = { ...target }
  for (const [key, value] of Object.entries(patch)) merged[key] = merge(merged[key], value)
  return merged
}

const json = stringToU8a(JSON.stringify(merge(await genesisConfig(null), await genesisConfig(preset))))
const built = await call('GenesisBuilder_build_state', compactAddLength(json))
if (hexToU8a(built.result)[0] !== 0) throw new Error(`the runtime refused its own preset: ${built.result}`)

const storage = Object.fromEntries(built.storageDiff.filter(([, value]) => value !== null))
storage['0x3a636f6465'] = wasm
finish(JSON.stringify(storage, Object.keys(storage).sort()))
