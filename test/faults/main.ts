import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { Proof } from '@vesemir/contract'
import { applicationsOf } from '../../infra/fleet/fleet-state.ts'
import type { System } from '../support/start-system.ts'
import { kinds, type KindName } from './kinds.ts'
import { planTrial } from './plan-trial.ts'
import { runTrial, type TrialReport } from './run-trial.ts'
import { startBench } from './start-bench.ts'
import { isGood, summarise, type RanTrial } from './summarise.ts'

// The long fault run: `npm run test:faults -- --seeds N --seed S`. Trial i of a run is decided by the seed S + i, so that one
// that went wrong can be run alone with `--seeds 1 --seed <its seed>`, and with the same `--kind` if there was one.

const hosts = 9

const { seeds, seed, benches, kind, proof } = readOptions()
console.log(`seed ${seed}: ${seeds} trials${kind ? ` of ${kind}` : ''} with ${hosts} hosts, on ${benches} benches`)
const trials: RanTrial[] = []
const todo = Array.from({ length: seeds }, (_, index) => seed + index).values()
await allOrFirstError(Array.from({ length: Math.min(benches, seeds) }, () => runBenches(todo, trials)))
const total = summarise(trials)
process.exitCode = isGood(total) ? 0 : 1
console.log(JSON.stringify(total))

/** Runs trials until no seed is left, on one bench after another: what a trial broke must not break the next one. */
async function runBenches(todo: Iterator<number>, trials: RanTrial[]): Promise<void> {
  for (let isLast = false; !isLast;) {
    await using system = await startBench({ hosts })
    if (proof) await proveBy(system, proof)
    isLast = await runBench(system, { todo, trials })
  }
}

/** Has every application prove its hosts so. */
async function proveBy({ client, fleet }: System, proof: Proof): Promise<void> {
  for (const { name } of applicationsOf(fleet)) {
    const application = await client.getApplication(name)
    const loadBalancer = { ...application.loadBalancer, proof } as typeof application.loadBalancer
    await client.putApplication({ ...application, loadBalancer })
  }
}

/** Runs one trial after another on a fleet of its own: most of a trial is waiting. Tells whether no seed is left. */
async function runBench(
  system: System,
  { todo, trials }: { todo: Iterator<number>; trials: RanTrial[] },
): Promise<boolean> {
  for (let next = todo.next(); !next.done; next = todo.next()) {
    const trialSeed = next.value
    const planned = planTrial(trialSeed, { hosts, kind })
    console.log(`seed ${trialSeed}: ${planned.kind}: ${planned.course.what}`)
    const startedMs = performance.now()
    const report = await runTrial(system, planned.course, { random: planned.random, version: `1.${trialSeed}` })
    trials.push({ kind: planned.kind, report })
    tell(report, { trialSeed, seconds: Math.round((performance.now() - startedMs) / 1000) })
    if (!isIntact(report)) return false
  }
  return true
}

/** Whether the next trial finds the bench as this one did. */
function isIntact({ findings }: TrialReport): boolean {
  return findings.changedServers.length + findings.bugs.length + findings.unexpected.length === 0
}

/** Waits for all, so that every fleet is down when one has failed. */
async function allOrFirstError(tasks: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(tasks)).find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

function readOptions(): {
  seeds: number
  seed: number
  benches: number
  kind: KindName | undefined
  proof: Proof | undefined
} {
  const options = {
    seeds: { type: 'string' },
    seed: { type: 'string' },
    benches: { type: 'string' },
    kind: { type: 'string' },
    proof: { type: 'string' },
  } as const
  const { values } = parseArgs({ options })
  const read = (name: 'seeds' | 'seed' | 'benches', otherwise: number) => {
    const value = values[name] === undefined ? otherwise : Number(values[name])
    if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} must be a whole number from 1 on`)
    return value
  }
  return {
    seeds: read('seeds', 50),
    seed: read('seed', randomInt(1, 1_000_000)),
    benches: read('benches', 2),
    kind: readKind(values.kind),
    proof: values.proof === undefined ? undefined : Proof.parse(values.proof),
  }
}

function readKind(name: string | undefined): KindName | undefined {
  if (name === undefined || name in kinds) return name as KindName | undefined
  throw new Error(`--kind must be one of ${Object.keys(kinds).join(', ')}, not ${name}`)
}

function tell(report: TrialReport, { trialSeed, seconds }: { trialSeed: number; seconds: number }): void {
  const { requests, resent, ends, resumes, missed, lost, fewestInService, findings } = report
  const slowest = resumes.length === 0 ? '' : `, slowest resume ${(Math.max(...resumes) / 1000).toFixed(1)} s`
  const again = resent > 0 ? `, ${resent} sent again` : ''
  console.log(
    `seed ${trialSeed} took ${seconds} s: ${requests} requests${again}, at least ${fewestInService} in service, ended ${ends.join(' | ')}${slowest}`,
  )
  for (const what of missed) console.log(`  its moment never came: ${what}`)
  for (const request of lost) console.log(`  FAILED REQUEST: ${request}`)
  for (const [what, list] of Object.entries(findings)) for (const item of list) console.log(`  ${what}: ${item}`)
}
