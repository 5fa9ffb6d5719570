import { VesemirError, type Clock } from '@vesemir/core'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import ssh2, { type AgentAuthMethod, type ParsedKey, type PublicKeyAuthMethod } from 'ssh2'
import { purposeVariables, type Purpose } from '../purpose.ts'
import { latestMs, parseCertificate, type Certificate } from './certificate.ts'
import { fingerprint } from './host-keys.ts'
import { keepByPurpose } from './keep-by-purpose.ts'
import { createMint, type MintedKey } from './minted-certificate.ts'
import type { SshOptions } from './ssh-options.ts'

/** One thing to log in with, and its name for people. */
export interface Credential {
  label: string
  method(username: string): PublicKeyAuthMethod | AgentAuthMethod
}

/** What connections for one purpose log in with. To be disposed of with the last of them. */
export interface Credentials extends Disposable {
  /** Throws `CONFIG_INVALID`, `SSH_CERTIFICATE_UNAVAILABLE`. */
  read(): Promise<Credential[]>
}

interface CredentialsDeps {
  env: Environment
  clock: Pick<Clock, 'now'>
  /** The cluster whose machines are reached, which the command that certifies keys is told. */
  cluster?: string | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads what to log in with: the key once, since opening an encrypted one takes as long as many handshakes; its certificate
 * for every connection, since such hold for minutes or hours and are written again; and one that a command signs, for each purpose
 * when it is needed.
 * @throws {VesemirError} `CONFIG_INVALID`
 */
export function readCredentials(
  options: SshOptions,
  { env, clock, cluster }: CredentialsDeps,
): (purpose: Purpose) => Credentials {
  const { privateKey: path, certificate } = options
  const key = path === undefined ? undefined : readKey(path, passphraseOf(options, env))
  const fixed: Credential[] = []
  if (key) fixed.push(keyCredential(key, `key ${path} (${fingerprint(key.getPublicSSH())})`))
  const agent = agentOf(options, env)
  if (agent !== undefined) {
    fixed.push({ label: `agent ${agent}`, method: (username) => ({ type: 'agent', username, agent }) })
  }
  const useMint = mintByPurpose(options, { env, clock, cluster })
  return (purpose) => {
    const mint = useMint?.(purpose)
    return {
      async read() {
        const minted = mint && certifiedCredential(await mint.value(), 'minted certificate')
        const read = key && certificate !== undefined ? await certified(key, certificate) : undefined
        return [minted, read].filter((one) => one !== undefined).concat(fixed)
      },
      [Symbol.dispose]: () => mint?.[Symbol.dispose](),
    }
  }
}

/** Returns nothing where no command certifies keys. */
function mintByPurpose({ certificateCommand }: SshOptions, { cluster, ...deps }: CredentialsDeps) {
  if (!certificateCommand) return undefined
  const ofCluster: Record<string, string> = cluster === undefined ? {} : { VESEMIR_CLUSTER: cluster }
  const mintFor = (purpose: Purpose) =>
    createMint(certificateCommand, { ...deps, variables: { ...ofCluster, ...purposeVariables(purpose) } })
  // A variable that is not set is a mistake in the settings, told at the start.
  mintFor({ name: 'checks' })
  return keepByPurpose(mintFor)
}

function keyCredential(key: ParsedKey, label: string): Credential {
  return { label, method: (username) => ({ type: 'publickey', username, key }) }
}

async function certified(key: ParsedKey, path: string): Promise<Credential> {
  const { certificate, blob } = await readCertificate(path)
  if (!certificate.publicKey.equals(key.getPublicSSH())) throw invalid(`certificate: ${path} is of another key`)
  return certifiedCredential({ key, certificate, blob }, `certificate ${path}`)
}

/** The key with its certificate in place of its public half: the same signatures, under another name. */
function certifiedCredential({ key, certificate, blob }: MintedKey, label: string): Credential {
  const withCertificate = Object.create(key, {
    type: { value: certificate.type },
    getPublicSSH: { value: () => blob },
  }) as ParsedKey
  return keyCredential(withCertificate, `${label} (${inWords(certificate)})`)
}

function inWords({ keyId, principals, validBeforeMs }: Certificate): string {
  const end = validBeforeMs < latestMs ? `until ${new Date(validBeforeMs).toISOString()}` : 'for ever'
  return `"${keyId}", for ${principals.join(', ') || 'anyone'}, valid ${end}`
}

async function readCertificate(path: string): Promise<{ certificate: Certificate; blob: Buffer }> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw invalid(`certificate: ${path} cannot be read: ${(cause as NodeJS.ErrnoException).code}`, cause)
  }
  const blob = Buffer.from(text.trim().split(/\s+/)[1] ?? '', 'base64')
  const certificate = parseCertificate(blob)
  if (certificate?.kind === 'user') return { certificate, blob }
  throw invalid(`certificate: ${path} holds no certificate of a user, as ssh-keygen -s writes it`)
}

function agentOf({ agent }: SshOptions, env: Environment): string | undefined {
  if (!agent?.startsWith('$')) return agent
  const path = env[agent.slice(1)]
  if (path) return path
  throw invalid(`agent: the environment has no ${agent.slice(1)}`)
}

function passphraseOf({ privateKeyPassphraseVariable: name }: SshOptions, env: Environment) {
  if (name === undefined) return undefined
  const passphrase = env[name]
  if (passphrase !== undefined) return passphrase
  throw invalid(`privateKeyPassphraseVariable: the environment has no ${name}`)
}

function readKey(path: string, passphrase: string | undefined): ParsedKey {
  const key = parseKey(path, passphrase)
  if (key.isPrivateKey()) return key
  throw invalid(`privateKey: ${path} holds a public key`)
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
  throw invalid(`privateKey: ${path} cannot be used: ${words}`, failure)
}

function invalid(message: string, cause?: unknown): VesemirError {
  return new VesemirError('CONFIG_INVALID', message, { cause })
}
