import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { programOf } from '../../../infra/vesemir/programs.ts'
import { waitFor } from '../../../infra/fleet/wait-for.ts'

/** Starts the API with these settings, without a fleet, and waits until it is ready. */
export async function startOwnApi(
  folder: string,
  settings: { port: number; [setting: string]: unknown },
): Promise<AsyncDisposable> {
  const config = join(folder, 'api.yml')
  await writeFile(config, stringify(settings))
  const env = { PATH: process.env.PATH, HOME: folder, VESEMIR_API_CONFIG: config }
  const api = spawn(process.execPath, programOf('api'), { env, stdio: ['ignore', 'ignore', 'inherit'] })
  const ended = once(api, 'exit')
  const isReady = async () =>
    (await fetch(`http://127.0.0.1:${settings.port}/readyz`).catch(() => undefined))?.ok === true
  await waitFor(isReady, { what: 'the API is ready', timeoutMs: 30_000 })
  return {
    async [Symbol.asyncDispose]() {
      api.kill('SIGTERM')
      await ended
    },
  }
}
