import { mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { redisArguments } from '@vesemir/testing/redis-arguments'
import type { FleetState } from './fleet-state.ts'
import { startProcess, waitUntilReady } from './processes.ts'
import { findProgram } from './programs.ts'

/** Starts Redis as BullMQ needs it; what an earlier one of this fleet wrote is there again. */
export async function startRedis(state: FleetState, signal?: AbortSignal): Promise<void> {
  const folder = join(state.dir, 'redis')
  const endpoint = { host: state.controlAddress, port: state.ports.redis }
  const logFile = join(folder, 'redis.log')
  mkdirSync(folder, { recursive: true })
  const place = { address: endpoint.host, port: endpoint.port, folder, isKept: true }
  const started = await startProcess(state, {
    name: 'redis',
    command: findProgram('redis-server'),
    args: [...redisArguments(place), '--logfile', logFile],
    outputFile: join(folder, 'redis.out'),
    logFile,
  })
  await waitUntilReady(started, () => answersPing(endpoint), { what: `Redis answers on ${state.redisUrl}`, signal })
}

async function answersPing(endpoint: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(endpoint, () => socket.write('PING\r\n'))
    const end = (isReady: boolean) => {
      socket.destroy()
      resolve(isReady)
    }
    socket.setTimeout(2_000, () => end(false))
    socket.on('error', () => end(false))
    socket.on('close', () => end(false))
    socket.on('data', (data) => end(data.toString('latin1').startsWith('+PONG')))
  })
}
