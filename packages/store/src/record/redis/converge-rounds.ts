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
    async end(place, round) {
      await redis.hset(keys.convergeRounds, fieldOf(place), JSON.stringify(round))
      await announceChange(store)
    },
  }
}

function fieldOf({ application, environment }: ApplicationEnvironment): string {
  return `${application}/${environment}`
}
