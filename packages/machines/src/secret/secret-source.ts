import { durationMs } from '@vesemir/contract'
import { VesemirError, type Clock } from '@vesemir/core'
import { readFile } from 'node:fs/promises'
import { programEnvironment } from '../program/program-environment.ts'
import { runProgram } from '../program/run-program.ts'
import type { SecretOptions } from './secrets-options.ts'

/**
 * Reads a secret as it is now.
 * @throws {VesemirError} `SECRET_MISSING`, `SECRET_UNAVAILABLE`
 */
export type SecretSource = () => Promise<string>

interface SourceDeps {
  env: Readonly<Record<string, string | undefined>>
  clock: Pick<Clock, 'startStopwatch'>
}

const maxOutputBytes = 1024 * 1024
/** A health check asks for its headers twice a second, and many hosts begin at once. */
const keptMs = 30_000

/** Creates what reads a secret of the settings: from its file, variable or command. */
export function createSource(name: string, options: SecretOptions, { env, clock }: SourceDeps): SecretSource {
  const { file, env: variable, command } = options
  if (command) return kept(clock, commandSource(name, { ...options, command }, env))
  if (file !== undefined) return () => readSecretFile(name, file)
  return async () => env[variable!] || missing(name, 'variable is not set')
}

function commandSource(
  name: string,
  { command, timeout, environmentVariables }: SecretOptions & { command: readonly string[] },
  env: SourceDeps['env'],
): SecretSource {
  const variables = programEnvironment(environmentVariables, { env, setting: `secrets.${name}.environmentVariables` })
  const program = { command, directory: undefined, env: variables.all, timeoutMs: durationMs(timeout), maxOutputBytes }
  return async () => {
    // What the command wrote to stderr is left out: it may have the secret in it, which is not known yet.
    const { stdout, failure } = await runProgram(program).catch(() => ({ stdout: '', failure: 'could not be run' }))
    if (failure === undefined) return stdout
    throw new VesemirError('SECRET_UNAVAILABLE', `the secret ${name} cannot be read: ${command[0]} ${failure}`)
  }
}

/** Keeps what was read for a moment, for all who ask. A failure is kept for nobody. */
function kept(clock: SourceDeps['clock'], read: SecretSource): SecretSource {
  let last: { value: Promise<string>; ageMs: () => number } | undefined
  return () => {
    if (last && last.ageMs() < keptMs) return last.value
    const value = read()
    const current = { value, ageMs: clock.startStopwatch() }
    last = current
    value.catch(() => {
      if (last === current) last = undefined
    })
    return value
  }
}

async function readSecretFile(name: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return missing(name, 'file does not exist')
    throw new VesemirError('SECRET_UNAVAILABLE', `the secret ${name} cannot be read: ${code}`, { cause })
  }
}

function missing(name: string, why: string): never {
  throw new VesemirError('SECRET_MISSING', `the secret ${name} is not on the worker: its ${why}`)
}
