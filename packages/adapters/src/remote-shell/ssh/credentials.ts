import { VesemirError } from '@vesemir/core'
import { readFileSync } from 'node:fs'
import ssh2, { type AgentAuthMethod, type ParsedKey, type PublicKeyAuthMethod } from 'ssh2'
import { fingerprint } from './host-keys.ts'
import type { SshOptions } from './ssh-options.ts'

/** One thing to log in with, and its name for people. */
export interface Credential {
  label: string
  method(username: string): PublicKeyAuthMethod | AgentAuthMethod
}

/**
 * Reads what to log in with, once: opening an encrypted key takes as long as many handshakes.
 * @throws {VesemirError} `CONFIG_INVALID`
 */
export function readCredentials(options: SshOptions, env: Readonly<Record<string, string | undefined>>): Credential[] {
  const credentials: Credential[] = []
  if (options.privateKey !== undefined) {
    const key = readKey(options.privateKey, passphraseOf(options, env))
    const label = `key ${options.privateKey} (${fingerprint(key.getPublicSSH())})`
    credentials.push({ label, method: (username) => ({ type: 'publickey', username, key }) })
  }
  const { agent } = options
  if (agent !== undefined) {
    credentials.push({ label: `agent ${agent}`, method: (username) => ({ type: 'agent', username, agent }) })
  }
  return credentials
}

function passphraseOf(
  { privateKeyPassphraseVariable: name }: SshOptions,
  env: Readonly<Record<string, string | undefined>>,
) {
  if (name === undefined) return undefined
  const passphrase = env[name]
  if (passphrase === undefined) {
    throw new VesemirError('CONFIG_INVALID', `privateKeyPassphraseVariable: the environment has no ${name}`)
  }
  return passphrase
}

function readKey(path: string, passphrase: string | undefined): ParsedKey {
  const key = parseKey(path, passphrase)
  if (key.isPrivateKey()) return key
  throw new VesemirError('CONFIG_INVALID', `privateKey: ${path} holds a public key`)
}

function parseKey(path: string, passphrase: string | undefined): ParsedKey {
  let failure: unknown
  try {
    const parsed: ParsedKey | Error | ParsedKey[] = ssh2.utils.parseKey(readFileSync(path), passphrase)
    const key = Array.isArray(parsed) ? parsed[0] : parsed
    if (key && !(key instanceof Error)) return key
    failure = key
  } catch (error) {
    failure = error
  }
  const words = failure instanceof Error ? failure.message : 'no key in it'
  throw new VesemirError('CONFIG_INVALID', `privateKey: ${path} cannot be used: ${words}`, { cause: failure })
}
