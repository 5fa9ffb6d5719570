export { KeySource, readKey } from './key-source.ts'
export { keySettings, makeKeys, type KeySettings } from './make-keys.ts'
