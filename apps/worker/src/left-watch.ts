import type { HostTarget } from '@vesemir/contract'
import {
  holdLeftServer,
  isVesemirError,
  serverResource,
  type Clock,
  type LeftServer,
  type LoadBalancer,
  type LoadBalancerSession,
  type Locks,
  type Owners,
  type TrafficJournal,
  type Deployments,
} from '@vesemir/core'
import type { Log } from '@vesemir/process/log'

interface LeftWatchOptions {
  deployments: Deployments
  journal: TrafficJournal
  locks: Locks
  owners: Pick<Owners, 'find'>
  loadBalancer: LoadBalancer
  /** Servers of other clusters are other workers' to look after. */
  cluster: string
  clock: Clock
  log: Log
  /** From one look to the next; 500 ms. */
  intervalMs?: number
}

/**
 * Looks again and again at the servers that walks have left out of rotation, while their deployment goes on and after it,
 * and holds those again whose box has forgotten them. One worker does at a time, for each box.
 */
export function startLeftWatch(options: LeftWatchOptions): AsyncDisposable {
  const stopping = new AbortController()
  const watch = new LeftWatch(options, stopping.signal)
  const running = watch.run()
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await running
    },
  }
}

class LeftWatch {
  readonly #options: LeftWatchOptions
  readonly #signal: AbortSignal
  /** What is being looked at: a box that does not answer holds up no other. */
  readonly #looks = new Map<string, Promise<void>>()
  /** What could not be looked at the last time: it is said once. */
  readonly #inTrouble = new Set<string>()

  constructor(options: LeftWatchOptions, signal: AbortSignal) {
    this.#options = options
    this.#signal = signal
  }

  async run(): Promise<void> {
    const { clock, intervalMs = 500 } = this.#options
    while (!this.#signal.aborted) {
      await this.#inTurn('journal', () => this.#lookAtAll())
      await clock.sleep(intervalMs, this.#signal).catch(() => {})
    }
    await Promise.all(this.#looks.values())
  }

  async #lookAtAll(): Promise<void> {
    const left = await this.#options.journal.listLeft()
    for (const [key, own] of Map.groupBy(left, keyOf))
      if (!this.#looks.has(key)) {
        const look = this.#inTurn(key, () => this.#lookAt(key, own)).finally(() => this.#looks.delete(key))
        this.#looks.set(key, look)
      }
  }

  /** Looks at what one deployment has left on one box. */
  async #lookAt(key: string, left: readonly LeftServer[]): Promise<void> {
    const { deployments, locks, loadBalancer, cluster } = this.#options
    const [{ deploymentId, server }] = left as [LeftServer]
    const deployment = await deployments.read(deploymentId)
    const target = deployment?.plan?.boxes.find(({ name }) => name === server.box)
    if (!deployment || !target || deployment.spec.cluster !== cluster) return
    await locks.hold([`left/${key}`], { waitMs: 0, signal: this.#signal }, async () => {
      await using balancer = await loadBalancer.open([target], deployment.spec.loadBalancer, this.#signal)
      await Promise.all(
        left.map((each) =>
          this.#inTurn(`${key}/${each.server.server}`, () => this.#hold(each, { balancer, boxes: [target] })),
        ),
      )
    })
  }

  async #hold(
    left: LeftServer,
    { balancer, boxes }: { balancer: LoadBalancerSession; boxes: HostTarget[] },
  ): Promise<void> {
    const { journal, owners, cluster, log } = this.#options
    const isBeingPutBack = async () => {
      const [owner] = await owners.find([serverResource(left.server, { cluster, boxes })])
      return owner !== undefined && owner.walk === undefined
    }
    const end = await holdLeftServer(left, { balancer, journal, isBeingPutBack }, this.#signal)
    const { server, deploymentId: deployment, host } = left
    if (end === 'held-again')
      log.warn({ deployment, host, server }, 'box was reloaded; server taken out of rotation again')
    if (end === 'moved')
      log.warn({ deployment, host, server }, 'server is another machine now; no longer kept out of rotation')
    if (end === 'taken-back') log.info({ deployment, host, server }, 're-enabled by someone else; no longer watched')
  }

  /** Does one look of many: what fails is said once, and tried again in its turn. */
  async #inTurn(key: string, look: () => Promise<void>): Promise<void> {
    try {
      await look()
      this.#inTrouble.delete(key)
    } catch (err) {
      if (this.#signal.aborted || isVesemirError(err, 'LOCK_HELD') || this.#inTrouble.has(key)) return
      this.#inTrouble.add(key)
      this.#options.log.warn({ err, key }, 'failed to read servers that were left out of rotation')
    }
  }
}

function keyOf({ deploymentId, server }: LeftServer): string {
  return `${deploymentId}/${server.box}`
}
