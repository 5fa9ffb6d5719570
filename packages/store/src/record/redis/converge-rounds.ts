import { ConvergeRound } from '@vesemir/contract'
import type { ApplicationEnvironment, ConvergeRounds } from '@vesemir/core'
import { readEach, readJson } from '../../redis/read-json.ts'
import { announceChange, type Store } from './store.ts'

/** Keeps the last round of each schedule in one hash. */
export function createConvergeRounds(store: Store): ConvergeRounds {
  const { redis, keys, scripts, onInvalid } = store
  const parse = (json: string | null, field: string): ConvergeRound | undefined => {
    const read = (text: string) => readJson(ConvergeRound, text, `the last round of ${field}`)
    return json === null ? undefined : readEach([json], { read, onInvalid })[0]
  }
  return {
    async read(place) {
      const field = fieldOf(place)
      return parse(await redis.hget(keys.convergeRounds, field), field)
    },
    async begin(place, decide) {
      const field = fieldOf(place)
      const json = await redis.hget(keys.convergeRounds, field)
      const round = decide(parse(json, field))
      if (!round) return undefined
      const written = await scripts.replaceField([keys.convergeRounds], [field, json ?? '', JSON.stringify(round)])
      return written === 1 ? round : undefined
    },
    async end(place, { begun, ended }) {
      // As `begin` has written it.
      const [before, after] = [begun, ended].map((round) => JSON.stringify(round)) as [string, string]
      const written = await scripts.replaceField([keys.convergeRounds], [fieldOf(place), before, after])
      if (written === 1) await announceChange(store)
      return written === 1
    },
  }
}

function fieldOf({ application, environment }: ApplicationEnvironment): string {
  return `${application}/${environment}`
}
