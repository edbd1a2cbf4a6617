// node metadata.mjs WASM: what the runtime tells clients about itself, in hex: its version, then
// its metadata (what `state_getMetadata` answers).
import { finish, runtime } from './runtime-call.mjs'

const { call } = await runtime(process.argv[2])
const version = await call('Core_version')
const metadata = await call('Metadata_metadata')
finish(version.result + metadata.result.slice(2))
