import type { HostTarget } from '@vesemir/contract'
import { isOver } from '@vesemir/core'
import { BoxServers } from './box-servers.ts'
import { Box, type BoxDeps } from './box.ts'

/** A box in use, and its servers. Each user gives it back once. */
export interface Lease {
  box: Box
  servers: BoxServers
  release(): void
}

interface Place {
  box: Box
  servers: BoxServers
  users: number
  /** Aborted when the box is wanted again before its idle time is over. */
  idle?: AbortController
}

/** Keeps one connection per box for the whole process, and for a while when nobody uses it. */
export class BoxPool implements AsyncDisposable {
  readonly #places = new Map<string, Place>()
  readonly #deps: BoxDeps
  readonly #idleTimeMs: number
  readonly #closings = new Set<Promise<void>>()

  constructor(deps: BoxDeps, { idleTimeMs }: { idleTimeMs: number }) {
    this.#deps = deps
    this.#idleTimeMs = idleTimeMs
  }

  lease(target: HostTarget): Lease {
    const key = JSON.stringify(target)
    const place = this.#places.get(key) ?? this.#open(target)
    this.#places.set(key, place)
    place.idle?.abort(isOver)
    place.users += 1
    let isHeld = true
    const release = () => {
      if (!isHeld) return
      isHeld = false
      place.users -= 1
      if (place.users === 0) void this.#closeWhenIdle(key, place)
    }
    return { box: place.box, servers: place.servers, release }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const [key, place] of this.#places) this.#close(key, place)
    await Promise.all(this.#closings)
  }

  #open(target: HostTarget): Place {
    const box = new Box(target, this.#deps)
    return { box, servers: new BoxServers(box, this.#deps.clock), users: 0 }
  }

  async #closeWhenIdle(key: string, place: Place): Promise<void> {
    const { signal } = (place.idle = new AbortController())
    await this.#deps.clock.sleep(this.#idleTimeMs, signal).catch(() => {})
    if (!signal.aborted) this.#close(key, place)
  }

  #close(key: string, { box, idle }: Place): void {
    idle?.abort(isOver)
    this.#places.delete(key)
    const closing = box[Symbol.asyncDispose]().finally(() => this.#closings.delete(closing))
    this.#closings.add(closing)
  }
}
