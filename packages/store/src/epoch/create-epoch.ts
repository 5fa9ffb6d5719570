import type { Redis } from 'ioredis'
import { randomBytes } from 'node:crypto'
import { defineScript } from '../redis/define-script.ts'

/** The life of what Redis holds, from when it was empty or lost writes until it loses some again. */
export interface Epoch extends Disposable {
  /** The epoch that Redis was in last; '' before it answered for the first time. */
  readonly id: string
  /** Asks Redis now. */
  look(): Promise<void>
  /** Notes that a deployment's id was given, which Redis may have forgotten. */
  learn(deploymentId: string): void
}

export interface EpochOptions {
  keys: EpochKeys
  /** Hears that Redis was found without writes that it had acknowledged, and which epoch begins. */
  onLoss: (began: { epoch: string }) => void
  /** From one look to the next; 1 s. A loss of less than that may go unnoticed. */
  intervalMs?: number
}

export interface EpochKeys {
  epoch: string
  /** Where deployments go on that were in progress when the epoch began: the number of the last event that each still had. */
  restored: string
  active: string
  /** Counters that must never go back; that of deployments is the first. */
  counters: readonly string[]
  /** What the name of a deployment's record starts with; its id follows. */
  recordPrefix: string
}

type Reply = [id: string, ordinal: number, pulse: number, isLost: 0 | 1, ...counts: string[]]

/**
 * Watches for a Redis that has forgotten: that came back empty, was restored from a backup, or failed over to a replica without the
 * last writes. Each process counts on in Redis once a second and after each new connection, and remembers how far the count was.
 */
export function createEpoch(redis: Redis, { keys, onLoss, intervalMs = 1000 }: EpochOptions): Epoch {
  const pulse = defineScript<Reply>(redis, {
    name: 'vesemirPulse',
    files: [new URL('./pulse.lua', import.meta.url)],
  })
  let seen = { id: '', ordinal: 0, pulse: 0 }
  let counts = keys.counters.map(() => '0')
  let looking: Promise<void> | undefined

  const ask = async () => {
    const [id, ordinal, count, isLost, ...counters] = await pulse(
      [keys.epoch, keys.restored, keys.active, ...keys.counters],
      [seen.id, seen.ordinal, seen.pulse, newId(), keys.recordPrefix, ...counts],
    )
    seen = { id, ordinal, pulse: count }
    counts = counters
    if (isLost === 1) onLoss({ epoch: id })
  }
  const look = () => (looking ??= ask().finally(() => (looking = undefined)))
  // What fails is tried again at the next interval; the connection's own listener hears of the error.
  const lookAgain = () => void look().catch(() => {})
  const timer = setInterval(lookAgain, intervalMs).unref()
  redis.on('ready', lookAgain)
  lookAgain()
  return {
    get id() {
      return seen.id
    },
    look,
    learn(deploymentId) {
      const [number = '0', ...others] = counts
      counts = [String(Math.max(Number(number), Number(deploymentId.slice('d-'.length)))), ...others]
    },
    [Symbol.dispose]() {
      clearInterval(timer)
      redis.off('ready', lookAgain)
    },
  }
}

function newId(): string {
  return randomBytes(6).toString('hex')
}
