import { parseArgs } from 'node:util'
import type { Masker } from '../masking/index.ts'
import { withCredentials } from '../settings/credentials.ts'
import { runProcess } from './run-process.ts'

/** A process that runs until it is told to end, by its settings. */
export interface Service<Settings> {
  /** The environment variable that names the settings file; `--config` names it too. */
  variable: string
  /** Reads the settings. @throws {VesemirError} `CONFIG_INVALID` */
  readSettings: (env: NodeJS.ProcessEnv) => Promise<Settings>
  /** Reads the files that the settings name, such as keys. @throws {VesemirError} `CONFIG_INVALID` */
  check: (settings: Settings, env: NodeJS.ProcessEnv) => Promise<unknown>
  /** `env` names the file of the settings, for whoever reads them again, and has the credentials of systemd in it. */
  run: (settings: Settings, env: NodeJS.ProcessEnv) => Promise<void>
  masker?: Masker
}

const options = {
  config: { type: 'string' },
  check: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

/**
 * Runs a service as its command line asks: by the settings of `--config FILE`, and with `--check` only as far as to say whether they are
 * valid. Wrong use and wrong settings end it with exit code 2, as `runProcess`.
 */
export async function runService<Settings>(
  { variable, readSettings, check, run, masker }: Service<Settings>,
  args: readonly string[] = process.argv.slice(2),
): Promise<void> {
  const wanted = readArgs(args)
  if (!wanted) return sayUse(variable, `unknown arguments: ${args.join(' ')}`)
  if (wanted.help) return sayUse(variable)
  const given = wanted.config === undefined ? process.env : { ...process.env, [variable]: wanted.config }
  await runProcess(async () => {
    const env = await withCredentials(given)
    const settings = await readSettings(env)
    if (!wanted.check) return run(settings, env)
    await check(settings, env)
    console.log(`${env[variable]} is valid`)
  }, masker)
}

function readArgs(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options }).values
  } catch {
    return undefined
  }
}

function sayUse(variable: string, problem?: string): void {
  const use = `Options:
  --config FILE  settings file [$${variable}]
  --check        check the settings, and exit: 0 when they are valid, else 2
  -h, --help     show this help`
  if (problem === undefined) return console.log(use)
  console.error(`error: ${problem}\n${use}`)
  process.exitCode = 2
}
