import { kinds, type KindName } from './kinds.ts'
import { createRandom, type Random } from './random.ts'
import type { Course } from './trial.ts'

/** A trial before it runs: all of it follows from its seed. */
export interface PlannedTrial {
  kind: KindName
  course: Course
  random: Random
}

const { 'lost parts': _, ...rarer } = kinds
const rarerNames = Object.keys(rarer) as Exclude<KindName, 'lost parts'>[]

/** Plans the trial of a seed; its kind, unless it is given, follows from the seed too. */
export function planTrial(seed: number, { hosts, kind }: { hosts: number; kind?: KindName | undefined }): PlannedTrial {
  const random = createRandom(seed)
  const picked = kind ? { kind, index: seed } : pickKind(seed)
  return { kind: picked.kind, random, course: kinds[picked.kind]({ index: picked.index, random, hosts }) }
}

/** Lost parts come with every third seed, since most can be lost; the others in turn between them. */
function pickKind(seed: number): { kind: KindName; index: number } {
  const third = Math.floor(seed / 3)
  if (seed % 3 === 0) return { kind: 'lost parts', index: third }
  const place = third * 2 + (seed % 3) - 1
  return { kind: rarerNames[place % rarerNames.length]!, index: Math.floor(place / rarerNames.length) }
}
