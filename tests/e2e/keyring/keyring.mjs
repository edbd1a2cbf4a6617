// The real polkadot-js keyring behind one JSON request on stdin and one JSON answer on stdout.
import { Keyring } from '@polkadot/keyring';
import { u8aToHex, hexToU8a } from '@polkadot/util';
import { cryptoWaitReady, scryptEncode, naclEncrypt, jsonEncryptFormat } from '@polkadot/util-crypto';

let input = '';
for await (const chunk of process.stdin) input += chunk;
const request = JSON.parse(input);
await cryptoWaitReady();

const keyring = new Keyring({ ss58Format: 42 });

function derive({ uri, type }) {
  const pair = keyring.createFromUri(uri, {}, type);
  return { publicKey: u8aToHex(pair.publicKey), address: pair.address };
}

function exported({ uri, type, passphrase }) {
  return { json: keyring.createFromUri(uri, { name: 'a person' }, type).toJson(passphrase) };
}

function opened({ json, passphrase, message }) {
  const pair = keyring.createFromJson(json);
  pair.decodePkcs8(passphrase);
  return { publicKey: u8aToHex(pair.publicKey), signature: u8aToHex(pair.sign(hexToU8a(message))) };
}

function verified({ address, type, message, signature }) {
  const pair = keyring.addFromAddress(address, {}, null, type);
  return { valid: pair.verify(hexToU8a(message), hexToU8a(signature), pair.publicKey) };
}

// A file as older versions wrote it: N = 32768.
function older({ uri, type, passphrase }) {
  const pair = keyring.createFromUri(uri, {}, type);
  const { params, password, salt } = scryptEncode(passphrase, undefined, { N: 1 << 15, p: 1, r: 8 });
  const { encrypted, nonce } = naclEncrypt(pair.encodePkcs8(), password.subarray(0, 32));
  const numbers = new Uint8Array(12);
  const view = new DataView(numbers.buffer);
  [params.N, params.p, params.r].forEach((value, index) => view.setUint32(index * 4, value, true));
  const encoded = Buffer.concat([salt, numbers, nonce, encrypted]);
  return { json: { ...jsonEncryptFormat(encoded, ['pkcs8', type], true), address: pair.address, meta: {} } };
}

const calls = { derive, exported, opened, verified, older };
process.stdout.write(JSON.stringify(calls[request.call](request)));
