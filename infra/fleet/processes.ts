import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import type { FleetState, FleetProcess } from './fleet-state.ts'
import { writeFleetState } from './fleet-state.ts'
import { isAlive, processTrees, readProcess, type ProcessIdentity } from './process-table.ts'
import { findProgram } from './programs.ts'
import { waitFor } from './wait-for.ts'

interface Program {
  /** The process's name in the fleet, such as `sshd web-1`. */
  name: string
  command: string
  args: string[]
  /** The program's output goes there. */
  outputFile: string
  /** Where its errors are to be read, when it keeps a log of its own. */
  logFile?: string
  user?: { uid: number; gid: number } | undefined
  env?: NodeJS.ProcessEnv
  /** Whether it gets a PID namespace of its own, as in a container, where it is process 1. Default false. */
  hasPidNamespace?: boolean
}

const termMs = 6_000
const killMs = 5_000

/** Starts a program that outlives this process, and keeps its pid and start time in the fleet's file. */
export async function startProcess(state: FleetState, program: Program): Promise<FleetProcess> {
  const { name, outputFile, user, env, hasPidNamespace } = program
  const { command, args } = hasPidNamespace ? inPidNamespace(program) : program
  const output = openSync(outputFile, 'a')
  try {
    const child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', output, output],
      cwd: state.dir,
      ...(env && { env }),
      ...user,
    })
    await once(child, 'spawn')
    child.unref()
    const spawned = readProcess(child.pid ?? 0)
    if (!spawned) throw new Error(`${name} ended at once${tailOf([outputFile])}`)
    const { pid, startTime } = hasPidNamespace ? await firstChildOf(spawned) : spawned
    const started = { name, pid, startTime, logFiles: [program.logFile ?? outputFile, outputFile] }
    state.processes = [...state.processes.filter((other) => other.name !== name), started]
    writeFleetState(state)
    return started
  } finally {
    closeSync(output)
  }
}

/** Whoever is not root gets a user namespace besides, in which they may make the others. */
function inPidNamespace({ command, args }: Program): { command: string; args: string[] } {
  const user = userInfo().uid === 0 ? [] : ['--user', '--map-root-user']
  const unshare = [...user, '--pid', '--mount-proc', '--fork', '--kill-child']
  return { command: findProgram('unshare'), args: [...unshare, command, ...args] }
}

/** unshare itself stays outside of the namespace, heeds no TERM, and ends with its child. */
function firstChildOf(unshare: ProcessIdentity): Promise<ProcessIdentity> {
  const what = `unshare (${unshare.pid}) starts its program`
  return waitFor(() => processTrees([unshare])[1], { what, timeoutMs: 5_000 })
}

/** Waits until a started program is ready; when it dies first or takes too long, the error shows the end of its log. */
export async function waitUntilReady(
  started: FleetProcess,
  isReady: () => boolean | Promise<boolean>,
  { what, timeoutMs = 60_000, signal }: { what: string; timeoutMs?: number; signal?: AbortSignal | undefined },
): Promise<void> {
  try {
    await waitFor(
      async () => {
        if (await isReady()) return true
        if (!isAlive(started)) throw new Error(`${started.name} ended before this was so: ${what}`)
        return false
      },
      { what, timeoutMs, signal },
    )
  } catch (error) {
    if (signal?.aborted) throw error
    const message = error instanceof Error ? error.message : String(error)
    throw new Error(`${message}${tailOf(started.logFiles)}`, { cause: error })
  }
}

/**
 * Ends the named processes and all that descends from them: TERM, and KILL when that was not enough. A process that only has
 * the same pid as one of the fleet's is left alone.
 */
export async function stopProcesses(state: FleetState, isChosen: (process: FleetProcess) => boolean): Promise<void> {
  const roots = state.processes.filter(isChosen)
  const members = new Map<string, ProcessIdentity>()
  const running = () => {
    // Again at every look: a service may have been started again, and a child without its parent is not found any more.
    for (const found of processTrees([...roots, ...members.values()]))
      members.set(`${found.pid} ${found.startTime}`, found)
    return [...members.values()].filter(isAlive)
  }
  const isRoot = ({ pid }: ProcessIdentity) => roots.some((root) => root.pid === pid)
  const sessions = processTrees(roots.filter(({ name }) => name.startsWith('sshd '))).filter((found) => !isRoot(found))
  running()
  // Not to the children of all: runsv and HAProxy's master end theirs, and runsv would start a dead service again.
  for (const found of [...roots, ...sessions]) signalProcess(found, 'SIGTERM')
  const ended = () => running().length === 0
  try {
    await waitFor(ended, { what: 'the processes end by TERM', timeoutMs: termMs })
  } catch {
    const kill = () => {
      for (const found of running()) signalProcess(found, 'SIGKILL')
      return ended()
    }
    await waitFor(kill, {
      what: `these processes end: ${running()
        .map(({ pid }) => pid)
        .join(', ')}`,
      timeoutMs: killMs,
    })
  }
  state.processes = state.processes.filter((process) => !isChosen(process))
  writeFleetState(state)
}

/** Gives a process of the fleet by its name. */
export function findProcess(state: FleetState, name: string): FleetProcess {
  const found = state.processes.find((process) => process.name === name)
  if (!found) throw new Error(`the fleet in ${state.dir} has no running ${name}`)
  return found
}

function signalProcess(process: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isAlive(process)) return
  try {
    globalThis.process.kill(process.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function tailOf(files: string[]): string {
  const file = files.find((name) => existsSync(name) && readFileSync(name, 'utf8').trim())
  if (file === undefined) return `; it logged nothing to ${files.at(0)}`
  const lines = readFileSync(file, 'utf8').trim().split('\n').slice(-12)
  return `; the end of ${file}:\n${lines.map((line) => `  ${line}`).join('\n')}`
}
