import { createRandom } from '../../test/faults/random.ts'
import { courses, type Person } from './courses.ts'
import { bringFaults } from './faults.ts'
import { fitTrend, type Sample, type Trend } from './fit-trend.ts'
import { startSoak, type SoakSystem } from './start-soak.ts'
import { measures, takeSample, type Measure } from './take-sample.ts'

export interface SoakOptions {
  minutes: number
  /** Decides what people do and which faults come when. */
  seed: number
  applications?: number
  /** After each, the system is measured at rest. */
  rounds?: number
}

export interface SoakReport {
  seed: number
  minutes: number
  deployments: number
  /** Events that viewers were sent. */
  events: number
  courses: Record<string, number>
  faults: Record<string, number>
  /** What went otherwise than it should. */
  findings: string[]
  trends: Record<Measure, Trend>
  isGood: boolean
}

const mostFindings = 20

/**
 * Has people deploy, with every feature, while faults come, for so long; and tells how the processes and Redis fared. The time is cut into
 * rounds. In each, every fault comes once; after each, all that was begun ends, old records are removed, and the system is measured at rest.
 */
export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const { minutes, seed, applications = 8, rounds = 12 } = options
  await using system = await startSoak({ applications })
  const tally = createTally()
  const people = system.applications.map((application, index) =>
    createPerson(system, { application, seed: seed + index + 1, tally }),
  )
  const random = createRandom(seed)
  const roundMs = (minutes * 60_000) / rounds
  const faults: string[] = []
  const samples: { atMs: number; values: Record<Measure, number> }[] = []
  for (let round = 0; round < rounds; round += 1) {
    const over = AbortSignal.timeout(roundMs)
    const [came] = await Promise.all([
      bringFaults(system, { random, withinMs: roundMs }),
      ...people.map((live) => live(over)),
    ])
    faults.push(...came)
    // A worker removes old records when it starts.
    await system.replaceWorker()
    samples.push({ atMs: performance.now(), values: await takeSample(system) })
  }
  const trends = Object.fromEntries(
    Object.entries(measures).map(([name, judgement]) => {
      const ofOne = samples.map(({ atMs, values }): Sample => ({ atMs, value: values[name as Measure] }))
      return [name, fitTrend(ofOne, judgement)]
    }),
  ) as Record<Measure, Trend>
  const { deployments, events, ran, findings } = tally
  const isGood = findings.length === 0 && Object.values(trends).every(({ isFlat }) => isFlat)
  return { seed, minutes, deployments, events, courses: ran, faults: countEach(faults), findings, trends, isGood }
}

function countEach(names: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]))
}

interface Tally {
  deployments: number
  events: number
  ran: Record<string, number>
  findings: string[]
}

function createTally(): Tally {
  const ran = Object.fromEntries(Object.keys(courses).map((name) => [name, 0]))
  return { deployments: 0, events: 0, ran, findings: [] }
}

interface PersonOptions {
  application: string
  seed: number
  tally: Tally
}

/** Somebody who, when called, goes through one course after the other until the signal; two viewers watch each deployment. */
function createPerson(
  system: SoakSystem,
  { application, seed, tally }: PersonOptions,
): (over: AbortSignal) => Promise<void> {
  const { client, url, environment } = system
  const random = createRandom(seed)
  let version = 0
  let viewers: Promise<void>[] = []
  const report = (what: string, error: unknown) => {
    if (tally.findings.length < mostFindings) tally.findings.push(`${application}, ${what}: ${String(error)}`)
  }
  const person: Person = {
    client,
    url,
    application,
    environment,
    random,
    nextVersion: () => `1.0.${(version += 1)}`,
    onDeployment(id) {
      tally.deployments += 1
      const watch = () => view(system, { id, tally }).catch((error: unknown) => report(`a viewer of ${id}`, error))
      viewers = [watch(), watch()]
    },
  }
  return async (over) => {
    while (!over.aborted) {
      const name = random.pick(Object.keys(courses))
      try {
        await courses[name]!(person)
        await Promise.all(viewers)
        tally.ran[name]! += 1
      } catch (error) {
        report(name, error)
      }
    }
  }
}

/** Follows a deployment to its first end. */
async function view({ client }: SoakSystem, { id, tally }: { id: string; tally: Tally }): Promise<void> {
  for await (const _ of client.followEvents(id, { signal: AbortSignal.timeout(180_000) })) tally.events += 1
}
