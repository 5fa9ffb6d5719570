import { createRandom } from '../../test/faults/random.ts'
import { courses, type Person } from './courses.ts'
import { bringFaults } from './faults.ts'
import { fitTrend, type Trend } from './fit-trend.ts'
import { startSoak, type SoakSystem } from './start-soak.ts'
import { measures, takeSamples, type Measure } from './take-samples.ts'

export interface SoakOptions {
  minutes: number
  /** Decides what people do and which faults come when. */
  seed: number
  applications?: number
  /** The least and the most time from one fault to the next, in milliseconds. */
  faultRestMs?: readonly [least: number, most: number]
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

/** Has people deploy, with every feature, while faults come, for so long; and tells how the processes and Redis fared. */
export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const { minutes, seed, applications = 8, faultRestMs = [5_000, 15_000] } = options
  await using system = await startSoak({ applications })
  const over = AbortSignal.timeout(minutes * 60_000)
  const tally = createTally()
  const [faults, samples] = await Promise.all([
    bringFaults(system, { random: createRandom(seed), restMs: faultRestMs, signal: over }),
    takeSamples(system, { everyMs: Math.max(250, minutes * 100), signal: over }),
    ...system.applications.map((application, index) =>
      live(system, { application, seed: seed + index + 1, tally, over }),
    ),
  ])
  const trends = Object.fromEntries(
    Object.entries(measures).map(([name, judgement]) => [name, fitTrend(samples[name as Measure], judgement)]),
  ) as Record<Measure, Trend>
  const { deployments, events, ran, findings } = tally
  const isGood = findings.length === 0 && Object.values(trends).every(({ isFlat }) => isFlat)
  return { seed, minutes, deployments, events, courses: ran, faults, findings, trends, isGood }
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

interface Life {
  application: string
  seed: number
  tally: Tally
  over: AbortSignal
}

/** One person's courses, one after the other, until the time is over; two viewers watch each deployment. */
async function live(system: SoakSystem, { application, seed, tally, over }: Life): Promise<void> {
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

/** Follows a deployment to its first end. */
async function view({ client }: SoakSystem, { id, tally }: { id: string; tally: Tally }): Promise<void> {
  for await (const _ of client.followEvents(id, { signal: AbortSignal.timeout(180_000) })) tally.events += 1
}
