import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { waitFor } from '../fleet/wait-for.ts'

/** What a deployment started on all machines, the box of HAProxy among them. */
export interface MachineCounts {
  /** Those of sshd, shells, programs, and the service that was restarted. */
  processes: number
  /** Of SSH: one for each command, connection and upload. */
  channels: number
}

/**
 * Counts what is started on the machines of the peers' fleet meanwhile. That slows all of it down: what is counted is not timed.
 * There are no counts where nobody may trace processes.
 */
export async function countOnMachines<Result>(
  fleet: string,
  run: () => Promise<Result>,
): Promise<{ result: Result; counts: MachineCounts | undefined }> {
  const services = await readServices(fleet)
  const channelsBefore = await countChannels(fleet)
  await using tracer = await trace(services, join(fleet, 'strace.log'))
  const result = await run()
  // The box keeps its connection.
  const hosts = services.filter(({ kind, isBox }) => kind === 'sshd' && !isBox)
  const haveEnded = async () => (await Promise.all(hosts.map(hasConnection))).every((has) => !has)
  await waitFor(haveEnded, { what: 'no host has a connection any more', timeoutMs: 30_000 })
  const processes = await tracer.countEnded()
  const channels = (await countChannels(fleet)) - channelsBefore
  return { result, counts: processes === undefined ? undefined : { processes, channels } }
}

interface Tracer extends AsyncDisposable {
  /** Counts the processes that have ended; undefined where they could not be traced. */
  countEnded(): Promise<number | undefined>
}

async function trace(services: readonly Service[], log: string): Promise<Tracer> {
  const processes = services.flatMap(({ pid }) => ['-p', pid])
  const tracer = spawn('strace', ['-f', '-q', '-e', 'trace=none', '-e', 'signal=none', '-o', log, ...processes])
  const over = once(tracer, 'exit')
  const isOver = () => tracer.exitCode !== null
  const areTraced = async () => (await Promise.all(services.map(isTraced))).every(Boolean)
  const end = async () => {
    tracer.kill('SIGINT')
    await over
  }
  await waitFor(async () => isOver() || (await areTraced()), { what: 'all machines are traced', timeoutMs: 30_000 })
  return {
    async countEnded() {
      if (isOver()) return undefined
      await end()
      return (await readFile(log, 'utf8')).split('+++ ').length - 1
    },
    [Symbol.asyncDispose]: end,
  }
}

interface Service {
  pid: string
  kind: string
  isBox: boolean
}

/** The box's sshd is the first that fleet.sh starts. */
async function readServices(fleet: string): Promise<Service[]> {
  const lines = (await readFile(join(fleet, 'pids'), 'utf8')).trim().split('\n')
  const services = lines.map((line, index) => {
    const [pid = '', kind = ''] = line.split(' ')
    return { pid, kind, isBox: index === 0 }
  })
  return services.filter(({ kind }) => kind !== 'haproxy')
}

async function isTraced({ pid }: Service): Promise<boolean> {
  return !/^TracerPid:\t0$/m.test(await readFile(`/proc/${pid}/status`, 'utf8'))
}

async function hasConnection({ pid }: Service): Promise<boolean> {
  return (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')) !== ''
}

/** sshd notes each channel that is opened: fleet.sh has it do so. */
async function countChannels(fleet: string): Promise<number> {
  let count = 0
  for await (const file of glob('{box,vm/*}/sshd.log', { cwd: fleet }))
    count += (await readFile(join(fleet, file), 'utf8')).split(': ctype ').length - 1
  return count
}
