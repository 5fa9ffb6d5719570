import { durationMs } from '@vesemir/contract'
import { VesemirError, type Clock } from '@vesemir/core'
import ssh2, { type ParsedKey } from 'ssh2'
import { programEnvironment } from '../../program/program-environment.ts'
import { runProgram, type Program } from '../../program/run-program.ts'
import { parseCertificate, type Certificate } from './certificate.ts'
import { generateKey } from './generate-key.ts'
import type { SshOptions } from './ssh-options.ts'

/** A key that exists in memory alone, and the certificate that an authority signed for it. */
export interface MintedKey {
  key: ParsedKey
  certificate: Certificate
  /** The certificate as SSH sends it. */
  blob: Buffer
}

interface MintDeps {
  /** Variables for the command, besides those that the settings name. */
  variables: Readonly<Record<string, string>>
  env: Readonly<Record<string, string | undefined>>
  clock: Pick<Clock, 'now'>
}

const maxOutputBytes = 64 * 1024

/** The part of its time after which a certificate is renewed: connections that begin then have the rest. */
const renewedAfter = 0.75

/**
 * Creates what gives the current key: a new one, with a new certificate, as soon as the last has come near its end. Whoever asks
 * meanwhile waits for the same; when the command fails, the last certificate serves to its end.
 * @throws {VesemirError} `CONFIG_INVALID` for a variable that is not set; what it returns throws `SSH_CERTIFICATE_UNAVAILABLE`
 */
export function createMint(
  { command, environmentVariables, timeout }: NonNullable<SshOptions['certificateCommand']>,
  { env, clock, variables }: MintDeps,
): () => Promise<MintedKey> {
  const setting = 'certificateCommand.environmentVariables'
  const { all } = programEnvironment(environmentVariables, { env, setting })
  const program = {
    command,
    directory: undefined,
    env: { ...all, ...variables },
    timeoutMs: durationMs(timeout),
    maxOutputBytes,
  }
  let last: MintedKey | undefined
  let minting: Promise<MintedKey> | undefined

  const renew = async (): Promise<MintedKey> => {
    try {
      return (last = await mint(program, clock))
    } catch (error) {
      if (last && clock.now() < last.certificate.validBeforeMs) return last
      throw error
    } finally {
      minting = undefined
    }
  }
  return async () => {
    if (last && clock.now() < renewalMs(last.certificate)) return last
    return (minting ??= renew())
  }
}

function renewalMs({ validAfterMs, validBeforeMs }: Certificate): number {
  return validAfterMs + (validBeforeMs - validAfterMs) * renewedAfter
}

/** Hands the public half to the command, and reads the certificate that it prints. What it writes besides is not quoted. */
async function mint(program: Program, clock: Pick<Clock, 'now'>): Promise<MintedKey> {
  const [name = ''] = program.command
  const pair = generateKey()
  const key = ssh2.utils.parseKey(pair.private) as ParsedKey
  const run = await runProgram({ ...program, input: `${pair.public} vesemir\n` }).catch(() => undefined)
  if (!run || run.failure !== undefined) throw unavailable(`${name} ${run?.failure ?? 'could not be run'}`)
  const blob = Buffer.from(run.stdout.trim().split(/\s+/)[1] ?? '', 'base64')
  const certificate = parseCertificate(blob)
  if (certificate?.kind !== 'user') throw unavailable(`${name} printed no certificate of a user`)
  if (!certificate.publicKey.equals(key.getPublicSSH()))
    throw unavailable(`${name} printed the certificate of another key than the one on its standard input`)
  if (certificate.validBeforeMs <= clock.now()) throw unavailable(`${name} printed a certificate that has expired`)
  return { key, certificate, blob }
}

function unavailable(why: string): VesemirError {
  return new VesemirError('SSH_CERTIFICATE_UNAVAILABLE', `no certificate to log in with: ${why}`)
}
