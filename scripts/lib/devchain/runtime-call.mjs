// Calls a runtime's Wasm outside of any chain.
import { readFile } from 'node:fs/promises'

import { runTask, emptyTaskHandler } from '@acala-network/chopsticks-core'
import { u8aToHex } from '@polkadot/util'

const nothing = { ...emptyTaskHandler, getStorage: async () => undefined, getNextKey: async () => undefined }

// Answers a function (method, SCALE argument) -> { result, storageDiff, ... }, and the Wasm in hex.
export async function runtime(path) {
  const wasm = u8aToHex(await readFile(path))
  async function call(method, argument = new Uint8Array()) {
    const answer = await runTask({
      wasm,
      calls: [[method, [u8aToHex(argument)]]],
      mockSignatureHost: false,
      allowUnresolvedImports: false,
      runtimeLogLevel: 0
    }, nothing)
    if (answer.Error !== undefined) throw new Error(`${method}: ${answer.Error}`)
    return answer.Call
  }
  return { call, wasm }
}

// The executor's worker keeps the process alive; exit, but not before a pipe has taken everything.
export const finish = (text) => process.stdout.write(text, () => process.exit(0))
