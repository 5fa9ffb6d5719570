import type { RedisClient } from '../redis/redis-client.ts'
import { randomBytes } from 'node:crypto'
import { defineScript, type Script } from '../redis/define-script.ts'

/** The life of what Redis holds, from when it was empty or lost writes until it loses some again. */
export interface Epoch extends Disposable {
  /** The epoch that the first shard was in last; '' before Redis answered for the first time. */
  readonly id: string
  /** Returns the same of a deployment's shard. */
  idOf(deploymentId: string): string
  /** Asks Redis now. */
  look(): Promise<void>
  /** Notes that a deployment's id was given, which Redis may forget: it learns of it again from the next look. */
  note(deploymentId: string): void
  /** Has Redis know that a deployment's id was given, which it may have forgotten. */
  learn(deploymentId: string): Promise<void>
}

export interface EpochOptions {
  keys: EpochKeys
  /** Hears that Redis was found without writes that it had acknowledged, and which epoch begins. */
  onLoss: (began: { epoch: string }) => void
  /** From one look to the next; 1 s. A loss of less than that may go unnoticed. */
  intervalMs?: number
}

interface EpochKeys {
  shards: readonly PulseKeys[]
  ofDeployment: (id: string) => PulseKeys
  /** Counters that must never go back, of deployments and of plans. The first shard has them. */
  lastNumber: string
  lastPlan: string
}

interface PulseKeys {
  epoch: string
  /** Where deployments go on that were in progress when the epoch began: the number of the last event that each still had. */
  restored: string
  active: string
  /** What the name of a deployment's record starts with; its id follows. */
  recordPrefix: string
}

type Reply = [id: string, ordinal: number, pulse: number, isLost: 0 | 1, ...counts: string[]]

/**
 * Watches for a Redis that has forgotten: that came back empty, was restored from a backup, or failed over to a replica without the
 * last writes. Each process counts on in Redis once a second and after each new connection, and remembers how far the count was. Each
 * shard of a Redis Cluster has an epoch of its own, since each may fail over alone.
 */
export function createEpoch(redis: RedisClient, { keys, onLoss, intervalMs = 1000 }: EpochOptions): Epoch {
  const pulse = defineScript<Reply>(redis, {
    name: 'vesemirPulse',
    files: [new URL('./pulse.lua', import.meta.url)],
  })
  const counters = [keys.lastNumber, keys.lastPlan]
  const pulses = new Map(
    keys.shards.map((shard, index) => [
      shard.epoch,
      createPulse(pulse, { keys: shard, counters: index === 0 ? counters : [], onLoss }),
    ]),
  )
  const [first] = [...pulses.values()] as [Pulse]
  let looking: Promise<void> | undefined

  const ask = async () => {
    // One that fails keeps no other from being looked at.
    const looks = await Promise.allSettled([...pulses.values()].map((each) => each.look()))
    for (const look of looks) if (look.status === 'rejected') throw look.reason
  }
  const look = () => (looking ??= ask().finally(() => (looking = undefined)))
  // What fails is tried again at the next interval; the connection's own listener hears of the error.
  const lookAgain = () => void look().catch(() => {})
  const note = (deploymentId: string) => first.note(Number(deploymentId.slice('d-'.length)))
  const timer = setInterval(lookAgain, intervalMs).unref()
  redis.on('ready', lookAgain)
  lookAgain()
  return {
    get id() {
      return first.id
    },
    idOf: (deploymentId) => pulses.get(keys.ofDeployment(deploymentId).epoch)!.id,
    look,
    note,
    async learn(deploymentId) {
      note(deploymentId)
      // A look that is under way began without it.
      await looking?.catch(() => {})
      await look()
    },
    [Symbol.dispose]() {
      clearInterval(timer)
      redis.off('ready', lookAgain)
    },
  }
}

interface Pulse {
  readonly id: string
  look(): Promise<void>
  /** Notes the least that the first of the counters has counted. */
  note(number: number): void
}

/** Watches what is in one slot. */
function createPulse(
  pulse: Script<Reply>,
  { keys, counters, onLoss }: { keys: PulseKeys; counters: readonly string[]; onLoss: EpochOptions['onLoss'] },
): Pulse {
  let seen = { id: '', ordinal: 0, pulse: 0 }
  let counts = counters.map(() => '0')
  return {
    get id() {
      return seen.id
    },
    async look() {
      const [id, ordinal, count, isLost, ...counted] = await pulse(
        [keys.epoch, keys.restored, keys.active, ...counters],
        [seen.id, seen.ordinal, seen.pulse, newId(), keys.recordPrefix, ...counts],
      )
      seen = { id, ordinal, pulse: count }
      // Another may have been noted meanwhile.
      counts = counted.map((count, index) => greater(count, counts[index]!))
      if (isLost === 1) onLoss({ epoch: id })
    },
    note(number) {
      const [known = '0', ...others] = counts
      counts = [greater(known, String(number)), ...others]
    },
  }
}

function greater(one: string, other: string): string {
  return Number(one) < Number(other) ? other : one
}

function newId(): string {
  return randomBytes(6).toString('hex')
}
