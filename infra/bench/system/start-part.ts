import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { waitFor } from '../../fleet/wait-for.ts'

interface Program {
  /** What it is called in errors. */
  name: string
  command: string
  args: string[]
  outputFile: string
  env?: NodeJS.ProcessEnv
  /** Whether it serves, by its output so far or by asking it. */
  isReady: (output: string) => boolean | Promise<boolean>
}

/** A process of a benchmark, ended with it. */
export interface Part extends AsyncDisposable {
  pid: number
}

const termMs = 10_000

/** Starts a program whose output goes to a file, and waits until it serves. */
export async function startPart(program: Program): Promise<Part> {
  const { name, command, args, outputFile, env = process.env, isReady } = program
  const output = openSync(outputFile, 'w')
  const child = spawn(command, args, { stdio: ['ignore', output, output], env })
  closeSync(output)
  await once(child, 'spawn')
  try {
    const look = async () => {
      const text = await readFile(outputFile, 'utf8')
      if (await isReady(text)) return true
      if (hasEnded(child)) throw new Error(`${name} ended before it served:\n${text.slice(-2000)}`)
      return false
    }
    await waitFor(look, { what: `${name} serves`, timeoutMs: 60_000 })
  } catch (error) {
    await end(child)
    throw error
  }
  return { pid: child.pid!, [Symbol.asyncDispose]: () => end(child) }
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const timeout = new AbortController()
  const late = setTimeout(termMs, undefined, { signal: timeout.signal }).then(
    () => child.kill('SIGKILL'),
    () => {},
  )
  await exited
  timeout.abort()
  await late
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}
