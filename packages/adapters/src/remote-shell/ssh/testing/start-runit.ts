import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { vi } from 'vitest'

/** Starts runsv for a service whose `run` and log's `run` are these scripts; both are ready when it gives its folder. */
export async function startRunit(folder: string, { run, log }: { run: string; log?: string }) {
  const service = join(folder, 'shop')
  writeScript(join(service, 'run'), run)
  if (log !== undefined) writeScript(join(service, 'log', 'run'), log)
  const runsv = spawn('runsv', [service], { stdio: 'ignore' })
  const exited = once(runsv, 'exit')
  await vi.waitFor(() => {
    if (!existsSync(join(service, 'supervise', 'ok'))) throw new Error('runsv is not ready')
    if (log !== undefined && !existsSync(join(service, 'log', 'supervise', 'ok')))
      throw new Error('its log is not ready')
  })
  return {
    folder: service,
    async [Symbol.asyncDispose]() {
      // Told by TERM to end, runsv ends the service first; its log ends with it.
      runsv.kill('SIGTERM')
      await exited
    },
  }
}

function writeScript(path: string, script: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
}
