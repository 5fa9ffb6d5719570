import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { planStrikes, type Strike } from './plan-strikes.ts'
import { createRandom } from './random.ts'
import { runTrial, type TrialReport } from './run-trial.ts'
import { startBench } from './start-bench.ts'

// The long fault run: `npm run test:faults -- --seeds N --seed S`. Trial i of a run is decided by the seed S + i, so that one
// that went wrong can be run alone with `--seeds 1 --seed <its seed>`.

const hosts = 12

const { seeds, seed, benches } = readOptions()
console.log(`seed ${seed}: ${seeds} deployments to ${hosts} hosts, each with faults of its own, on ${benches} benches`)
const reports: TrialReport[] = []
const todo = Array.from({ length: seeds }, (_, index) => seed + index).values()
await allOrFirstError(Array.from({ length: Math.min(benches, seeds) }, () => runBench(todo, reports)))
const total = summarise(reports)
process.exitCode = isGood(total) ? 0 : 1
console.log(JSON.stringify(total))

/** Runs one trial after another on a fleet of its own, until no seed is left: most of a trial is waiting. */
async function runBench(todo: Iterator<number>, reports: TrialReport[]): Promise<void> {
  await using system = await startBench({ hosts })
  let before = system.fleet.version
  for (let next = todo.next(); !next.done; next = todo.next()) {
    const trialSeed = next.value
    const random = createRandom(trialSeed)
    const strikes = planStrikes({ seed: trialSeed, random, hosts })
    const version = `1.${trialSeed}.0`
    console.log(`seed ${trialSeed}: ${strikes.map(describeStrike).join('; ')}`)
    const startedMs = performance.now()
    const report = await runTrial(system, { random, strikes, version, before })
    reports.push(report)
    tell(report, { trialSeed, seconds: Math.round((performance.now() - startedMs) / 1000) })
    before = version
  }
}

/** Waits for all, so that every fleet is down when one has failed. */
async function allOrFirstError(tasks: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(tasks)).find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

function readOptions(): { seeds: number; seed: number; benches: number } {
  const options = { seeds: { type: 'string' }, seed: { type: 'string' }, benches: { type: 'string' } } as const
  const { values } = parseArgs({ options })
  const read = (name: keyof typeof values, otherwise: number) => {
    const value = values[name] === undefined ? otherwise : Number(values[name])
    if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} must be a whole number from 1 on`)
    return value
  }
  return { seeds: read('seeds', 50), seed: read('seed', randomInt(1, 1_000_000)), benches: read('benches', 2) }
}

function describeStrike({ fault, step, nth, delayMs }: Strike): string {
  return `${fault}, ${delayMs} ms into ${step} no. ${nth}`
}

function tell(report: TrialReport, { trialSeed, seconds }: { trialSeed: number; seconds: number }): void {
  const { requests, resent, ends, resumes, missed, failedRequests, minHealthyBroken, untrueRecords, stuckJobs, bugs } =
    report
  const slowest = resumes.length === 0 ? '' : `, slowest resume ${(Math.max(...resumes) / 1000).toFixed(1)} s`
  console.log(
    `seed ${trialSeed} took ${seconds} s: ${requests} requests${resent > 0 ? `, ${resent} sent again` : ''}, ended ${ends.join(' | ')}${slowest}`,
  )
  for (const strike of missed) console.log(`  its moment never came: ${describeStrike(strike)}`)
  for (const [failure, count] of Object.entries(failedRequests)) console.log(`  FAILED REQUESTS ${count} × ${failure}`)
  for (const [what, list] of Object.entries({ minHealthyBroken, untrueRecords, stuckJobs, bugs }))
    for (const item of list) console.log(`  ${what}: ${item}`)
}

function summarise(all: readonly TrialReport[]) {
  const count = (of: (report: TrialReport) => number) => all.reduce((sum, report) => sum + of(report), 0)
  const slowestMs = Math.max(0, ...all.flatMap(({ resumes }) => resumes))
  return {
    seeds: all.length,
    requests: count(({ requests }) => requests),
    resentRequests: count(({ resent }) => resent),
    failedRequests: count(({ failedRequests }) => Object.values(failedRequests).reduce((sum, each) => sum + each, 0)),
    untrueRecords: count(({ untrueRecords }) => untrueRecords.length),
    minHealthyBroken: count(({ minHealthyBroken }) => minHealthyBroken.length),
    stuckJobs: count(({ stuckJobs }) => stuckJobs.length),
    bugs: count(({ bugs }) => bugs.length),
    // JSON has no Infinity: what was never taken up counts as a day.
    slowestResumeSeconds: Number.isFinite(slowestMs) ? Math.round(slowestMs / 100) / 10 : 86_400,
  }
}

function isGood(total: ReturnType<typeof summarise>): boolean {
  const { failedRequests, untrueRecords, minHealthyBroken, stuckJobs, bugs, slowestResumeSeconds } = total
  return failedRequests + untrueRecords + minHealthyBroken + stuckJobs + bugs === 0 && slowestResumeSeconds <= 15
}
