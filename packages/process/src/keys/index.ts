export { KeySource, readKey } from './key-source.ts'
export { recordPublicKey, recordSigningKey } from './record-signing-key.ts'
export { keySettings, makeKeys, type KeySettings } from './make-keys.ts'
