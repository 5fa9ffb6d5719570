import type { ApplicationHost, Deployment, HostReason, HostsBehind } from '@vesemir/contract'
import { VesemirError } from './errors.ts'
import { versionOf } from './release-report.ts'
import { sayMayRun } from './say-may-run.ts'

/** The release that should run; `deployment` is the one that made it so, where that is what hosts are compared with. */
export interface ExpectedRelease {
  release: string
  version: string
  deployment?: string | undefined
}

/** What a host said when it was asked what it runs; `isSilent` where its changeset leaves nothing that could say it. */
export type HostAnswer = { current?: string; isSilent?: boolean } | { unasked: string }

/** A failure of a host in an earlier deployment that was to bring it up. */
export interface FailedBefore {
  deployment: string
  /** The command by which a person tries it again. */
  command: string
}

/** A host that the inventory has, what it said, and what the record knows of it. */
export interface AskedHost {
  host: string
  answer: HostAnswer
  known: ApplicationHost | undefined
  /** In which deployment it failed, and what a person does about it: it is not tried again before. */
  failed?: FailedBefore | undefined
}

/**
 * Finds the hosts that are behind a release: those that say that they run another, or none, and those that a walk left out of
 * rotation. So is one that may run another, whatever it says: its application may not have been restarted. Otherwise the host's own
 * word counts before the record. A host that could not be asked is left out, and so are one that failed last time and one that another
 * deployment gave a version of its own.
 */
export function findBehind(hosts: readonly AskedHost[], expected: ExpectedRelease): HostsBehind {
  const found: HostsBehind = { behind: [], leftOut: [], upToDate: 0 }
  for (const asked of hosts) {
    const verdict = judgeHost(asked, expected)
    if (verdict === 'up-to-date') found.upToDate += 1
    else {
      const { list, ...reason } = verdict
      found[list].push({ host: asked.host, ...reason })
    }
  }
  return found
}

type Verdict = 'up-to-date' | ({ list: 'behind' | 'leftOut' } & Omit<HostReason, 'host'>)

function judgeHost({ answer, known, failed }: AskedHost, expected: ExpectedRelease): Verdict {
  const failedIn = failed && { failedIn: failed.deployment }
  const doubt = known?.mayRun && `${sayMayRun(known.mayRun)}, which ${known.mayRun.deployment} began to deploy`
  if ('unasked' in answer) {
    const why = [answer.unasked, ...(doubt === undefined ? [] : [doubt])].join('; ')
    return { list: 'leftOut', why, isUnasked: true, ...failedIn }
  }
  const own = known && ownVersion(known, expected)
  if (own) return { list: 'leftOut', ...judgeOwn(own, { answer, known }) }
  const lack = answer.isSilent
    ? (doubt ?? lackByRecord(known, expected))
    : (lackByAnswer(answer.current, { known, expected }) ?? doubt)
  const why = lack ?? (known?.traffic === 'drained' ? 'was left out of rotation' : undefined)
  if (why === undefined) return 'up-to-date'
  if (!failed) return { list: 'behind', why }
  return { list: 'leftOut', why: `failed in ${failed.deployment}: ${failed.command}`, ...failedIn }
}

/** What a deployment to some hosts alone made of a host is not undone by what all of them should run. */
function ownVersion({ wanted }: ApplicationHost, { version, deployment }: ExpectedRelease): ApplicationHost['wanted'] {
  if (deployment === undefined || wanted?.deployment === deployment || wanted?.version === version) return undefined
  return wanted
}

function judgeOwn(
  { version, deployment }: NonNullable<ApplicationHost['wanted']>,
  { answer, known }: { answer: Exclude<HostAnswer, { unasked: string }>; known: ApplicationHost },
): Omit<HostReason, 'host'> {
  const said = answer.current === undefined ? undefined : versionOf(answer.current)
  const runs = answer.isSilent ? known.runs?.version : said
  const why = `should run ${version}, deployed by ${deployment} to some hosts`
  if (runs === undefined) return { why: `${why}, and has no release`, lacksOwn: true }
  if (runs !== version) return { why: `${why}, and runs ${runs}`, lacksOwn: true }
  if (known.mayRun) return { why: `${why}, and ${sayMayRun(known.mayRun)}`, lacksOwn: true }
  if (known.traffic === 'drained') return { why: `${why}, and was left out of rotation`, lacksOwn: true }
  return { why }
}

function lackByAnswer(
  current: string | undefined,
  { known, expected }: { known: ApplicationHost | undefined; expected: ExpectedRelease },
): string | undefined {
  if (current === expected.release) return undefined
  const runs = known?.runs
  if (current === undefined)
    return runs ? `has no release; ${runs.version} was deployed to it` : 'nothing was deployed to it'
  const version = versionOf(current)
  if (version === expected.version) return `runs ${version} with other contents or variables: ${current}`
  return runs && runs.release !== current ? `runs ${version}; ${runs.version} was deployed to it` : `runs ${version}`
}

function lackByRecord(known: ApplicationHost | undefined, expected: ExpectedRelease): string | undefined {
  const runs = known?.runs
  if (!runs) return 'nothing was deployed to it'
  return runs.release === expected.release ? undefined : `runs ${runs.version}`
}

/** Returns the hosts that were left out and do not run what they should, or may not: not those that a person gave their own version. */
export function findMissed({ leftOut = [] }: Pick<Deployment, 'leftOut'>): HostReason[] {
  return leftOut.filter(({ isUnasked, failedIn, lacksOwn }) => isUnasked || lacksOwn || failedIn !== undefined)
}

/**
 * Refuses to say that all is well where no host is known to run the version and nothing is to be deployed: of a single host, where
 * it is left out.
 * @throws {VesemirError} `HOSTS_UNASKED`, `HOSTS_LEFT_OUT`
 */
export function refuseMissed(only: HostsBehind, version: string): void {
  const missed = findMissed(only)
  if (only.behind.length > 0 || only.upToDate > 0 || missed.length === 0) return
  const code = missed.some(({ isUnasked }) => isUnasked) ? 'HOSTS_UNASKED' : 'HOSTS_LEFT_OUT'
  const [host, ...others] = only.leftOut
  if (host && others.length === 0) throw new VesemirError(code, sayWhy(host))
  throw new VesemirError(code, `no host is known to run ${version}${sayLeftOut(only.leftOut)}`)
}

/** How many hosts a text names. */
const mostNamed = 10

/** Says in a plan which hosts it leaves out, and why: of the first ten. */
export function warnOfLeftOut({ leftOut }: HostsBehind): string[] {
  const more = leftOut.length - mostNamed
  return [...leftOut.slice(0, mostNamed).map(sayWhy), ...(more > 0 ? [`${more} more hosts are left out`] : [])]
}

/** Says why nothing is to be deployed: no host is behind a version, or those that are were left out. */
export function describeNothingBehind(only: HostsBehind, version: string): string {
  const { upToDate, leftOut } = only
  const what =
    findMissed(only).length > 0 ? `not all hosts are known to run ${version}` : `nothing is behind ${version}`
  return `${what}: ${upToDate} ${upToDate === 1 ? 'host runs' : 'hosts run'} it${sayLeftOut(leftOut)}`
}

function sayWhy({ host, why }: HostReason): string {
  return `${host} is left out: ${why}`
}

function sayLeftOut(leftOut: readonly HostReason[]): string {
  if (leftOut.length === 0) return ''
  const named = leftOut.slice(0, mostNamed).map(({ host, why }) => `${host} (${why})`)
  const more = leftOut.length - named.length
  return `; left out: ${[...named, ...(more > 0 ? [`${more} more`] : [])].join(', ')}`
}
