import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { stringify } from 'yaml'

/** The worker's process. */
export interface SpawnedWorker extends AsyncDisposable {
  child: ChildProcess
  /** Exit code and signal, once it has ended. */
  ended: Promise<[code: number | null, signal: NodeJS.Signals | null]>
  stdout: () => string
  stderr: () => string
  /** Waits until it has logged this message. */
  logged: (message: string) => Promise<void>
  /** Writes its settings file anew. */
  writeSettings: (settings: unknown) => Promise<void>
}

/** Starts the worker as it is started, with these settings, in a folder. */
export async function spawnWorker(folder: string, settings: unknown): Promise<SpawnedWorker> {
  const file = join(folder, 'worker.yml')
  await writeFile(file, stringify(settings))
  const child = spawn(process.execPath, [join(import.meta.dirname, '../main.ts')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: folder, VESEMIR_WORKER_CONFIG: file },
  })
  const ended = once(child, 'close') as SpawnedWorker['ended']
  const lines: string[] = []
  const messages = new Set<string>()
  const news = new EventTarget()
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    messages.add((JSON.parse(line) as { msg: string }).msg)
    news.dispatchEvent(new Event('line'))
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return {
    child,
    ended,
    stdout: () => lines.join('\n'),
    stderr: () => stderr,
    writeSettings: (changed) => writeFile(file, stringify(changed)),
    async logged(message) {
      while (!messages.has(message)) await once(news, 'line', { signal: AbortSignal.timeout(30_000) })
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
