import type { Command } from 'commander'
import { readConfig } from '../config.ts'
import { openClient } from '../open-client.ts'
import type { GlobalOptions } from '../session.ts'
import { findCandidates, type Candidate, type Lookup } from './candidates.ts'

interface Unfinished {
  shell: 'bash' | 'zsh' | 'fish'
  /** Those of the command line after `vesemir`; the last one is being typed and may be empty. */
  words: readonly string[]
  flags: GlobalOptions
}

/** Prints what can stand in place of the last word, in the form of the shell that asks. */
export async function complete(program: Command, { shell, words, flags }: Unfinished): Promise<void> {
  const typed = words.at(-1) ?? ''
  const candidates = await findCandidates(program, { words, lookUp: (what) => lookUp(what, flags) })
  const fitting = candidates.filter(({ value }) => value.startsWith(typed))
  process.stdout.write(fitting.map((candidate) => `${forms[shell](candidate)}\n`).join(''))
}

const forms: Record<Unfinished['shell'], (candidate: Candidate) => string> = {
  bash: ({ value }) => value,
  zsh: ({ value, description }) => `${value.replaceAll(':', '\\:')}:${description}`,
  fish: ({ value, description }) => `${value}\t${description}`,
}

/** Whoever presses Tab waits for the answer: an API that is slow or not there means none. */
const longestLookUpMs = 1000

async function lookUp(what: Lookup, flags: GlobalOptions): Promise<Candidate[]> {
  try {
    const client = openClient(await readConfig(flags, process.env))
    const signal = AbortSignal.timeout(longestLookUpMs)
    if (what === 'deployment') {
      const { deployments } = await client.listDeployments({ limit: 30 }, { signal })
      return deployments.map(({ id, spec, state }) => ({
        value: id,
        description: `${spec.application} ${spec.version} to ${spec.environment}, ${state.status}`,
      }))
    }
    const { applications } = await client.listApplications({ signal })
    if (what === 'application') return applications.map(({ name, description = '' }) => ({ value: name, description }))
    const environments = new Set(applications.flatMap((application) => Object.keys(application.environments ?? {})))
    return [...environments].map((value) => ({ value, description: '' }))
  } catch {
    // There is nobody to tell: a message would land in the middle of the line that is being typed.
    return []
  }
}
