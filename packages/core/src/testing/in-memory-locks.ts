import { VesemirError } from '../errors.ts'
import type { Locks } from '../ports/locks.ts'

/** Locks that a whole set of workers shares. */
export class InMemoryLocks {
  readonly #holders = new Map<string, PromiseWithResolvers<void>>()

  get held(): number {
    return this.#holders.size
  }

  /** The locks as one worker has them; `mayAct` is asked before one is taken or confirmed: the dead do neither. */
  for(mayAct: () => Promise<void>): Locks {
    return {
      hold: async (names, _, task) => {
        for (;;) {
          const holder = await this.#take(names, mayAct)
          const loss = new VesemirError('LOCK_LOST', 'its locks ran out')
          const confirm = async () => {
            await mayAct()
            if (!this.#isHeldBy(holder, names)) throw loss
            return new AbortController().signal
          }
          try {
            return await task({ confirm })
          } catch (error) {
            if (error !== loss) throw error
          } finally {
            this.#free(holder)
          }
        }
      },
    }
  }

  /** Lets every lock run out, as Redis does with those of the dead, and of all when nobody could renew them. */
  expire(): void {
    for (const holder of this.#holders.values()) this.#free(holder)
  }

  async #take(names: readonly string[], mayAct: () => Promise<void>): Promise<PromiseWithResolvers<void>> {
    for (;;) {
      await mayAct()
      const busy = names.map((name) => this.#holders.get(name)).find((holder) => holder !== undefined)
      if (!busy) break
      await busy.promise
    }
    const holder = Promise.withResolvers<void>()
    for (const name of names) this.#holders.set(name, holder)
    return holder
  }

  #isHeldBy(holder: PromiseWithResolvers<void>, names: readonly string[]): boolean {
    return names.every((name) => this.#holders.get(name) === holder)
  }

  #free(holder: PromiseWithResolvers<void>): void {
    for (const [name, other] of this.#holders) if (other === holder) this.#holders.delete(name)
    holder.resolve()
  }
}
