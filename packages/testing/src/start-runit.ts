import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, vi } from 'vitest'

/** Starts runsv for a service whose `run` and log's `run` are these scripts; both run when it gives its folder. */
export async function startRunit(folder: string, { run, log }: { run: string; log?: string }) {
  const service = join(folder, 'shop')
  writeScript(join(service, 'run'), run)
  if (log !== undefined) writeScript(join(service, 'log', 'run'), log)
  const runsv = spawn('runsv', [service], { stdio: 'ignore' })
  const exited = once(runsv, 'exit')
  // As `sv` sees it: runsv makes `supervise/ok` before it listens there, and writes `pid` before `status`, which sv reads.
  const running = log === undefined ? /^run: / : /^run: .*; run: log: /
  await vi.waitFor(async () => expect(await readStatus(service)).toMatch(running), { timeout: 20_000 })
  return {
    folder: service,
    /** Ends runsv alone, as a crash does. */
    async kill() {
      runsv.kill('SIGKILL')
      await exited
    },
    async [Symbol.asyncDispose]() {
      // Told by TERM to end, runsv ends the service first; its log ends with it.
      runsv.kill('SIGTERM')
      await exited
    },
  }
}

async function readStatus(service: string): Promise<string> {
  const { stdout } = await promisify(execFile)('sv', ['status', service])
  return stdout
}

function writeScript(path: string, script: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
}
