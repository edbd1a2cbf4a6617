// node devchain.mjs SPEC PORT: chopsticks on loopback with the runtime of SPEC, a block for each
// transaction, until SIGINT or SIGTERM.
import { createRequire } from 'node:module'
import { readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'

// Quiet unless asked: what matters is printed below, and what chopsticks calls an error is mostly a
// call that was refused, which whoever made it is told. Set before chopsticks is loaded.
process.env.LOG_LEVEL ??= 'fatal'
const require = createRequire(import.meta.url)
require('./general-extrinsics.cjs')
require('./genesis-hash.cjs')
require('./slot-duration.cjs')
const { BuildBlockMode } = require('@acala-network/chopsticks-core')
const { setupWithServer } = require('@acala-network/chopsticks')

const [spec, port] = [process.argv[2], Number(process.argv[3])]
const began = performance.now()

let server
async function stop() {
  await Promise.race([server?.close(), setTimeout(2000)])
  process.exit(0)
}
process.on('SIGINT', stop)
process.on('SIGTERM', stop)

server = await setupWithServer({
  'chain-spec': JSON.parse(await readFile(spec, 'utf8')),
  'build-block-mode': BuildBlockMode.Instant,
  host: '127.0.0.1',
  port
})
if (!server.addr.endsWith(`:${port}`)) {
  console.error(`error: port ${port} is taken by another program; choose another with --port`)
  await server.close()
  process.exit(1)
}
const version = await server.chain.head.runtimeVersion
const genesis = await server.chain.getBlockAt(0)
console.log(`dev chain ready in ${((performance.now() - began) / 1000).toFixed(1)} s: ws://127.0.0.1:${port}`)
console.log(`runtime ${version.specName} ${version.specVersion}, genesis ${genesis.hash}`)
