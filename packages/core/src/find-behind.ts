import type { ApplicationHost, Deployment, HostReason, HostsBehind } from '@vesemir/contract'
import { VesemirError } from './errors.ts'
import { versionOf } from './release-report.ts'

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
 * rotation. The host's own word counts before the record. A host that could not be asked is left out, and so are one that
 * failed last time and one that another deployment gave a version of its own.
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
  if ('unasked' in answer) return { list: 'leftOut', why: answer.unasked, isUnasked: true }
  const own = ownVersion(known, expected)
  if (own !== undefined) return { list: 'leftOut', why: own }
  const lack = answer.isSilent ? lackByRecord(known, expected) : lackByAnswer(answer.current, { known, expected })
  const why = lack ?? (known?.traffic === 'drained' ? 'was left out of rotation' : undefined)
  if (why === undefined) return 'up-to-date'
  if (!failed) return { list: 'behind', why }
  const { deployment, command } = failed
  return { list: 'leftOut', why: `failed in ${deployment}: ${command}`, failedIn: deployment }
}

/** What a deployment to some hosts alone made of a host is not undone by what all of them should run. */
function ownVersion(known: ApplicationHost | undefined, { version, deployment }: ExpectedRelease): string | undefined {
  const wanted = known?.wanted
  if (deployment === undefined || !wanted || wanted.deployment === deployment || wanted.version === version)
    return undefined
  return `should run ${wanted.version}, deployed by ${wanted.deployment} to some hosts`
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

/** Whether hosts may be behind that could not be asked. */
export function hasUnasked({ leftOut = [] }: Pick<Deployment, 'leftOut'>): boolean {
  return leftOut.some(({ isUnasked }) => isUnasked === true)
}

/**
 * Refuses to call hosts up to date of which none said so.
 * @throws {VesemirError} `HOSTS_UNASKED`
 */
export function refuseUnasked(only: HostsBehind, version: string): void {
  const { behind, leftOut, upToDate } = only
  if (behind.length > 0 || upToDate > 0 || !hasUnasked(only)) return
  throw new VesemirError('HOSTS_UNASKED', `no host is known to run ${version}${sayLeftOut(leftOut)}`)
}

/** Says in a plan which hosts it leaves out, and why. */
export function warnOfLeftOut({ leftOut }: HostsBehind): string[] {
  return leftOut.map(({ host, why }) => `${host} is left out: ${why}`)
}

/** Says that no host is behind a version, and which could not be asked. */
export function describeNothingBehind({ upToDate, leftOut }: HostsBehind, version: string): string {
  return `nothing is behind ${version}: ${upToDate} ${upToDate === 1 ? 'host runs' : 'hosts run'} it${sayLeftOut(leftOut)}`
}

function sayLeftOut(leftOut: readonly HostReason[]): string {
  return leftOut.length === 0 ? '' : `; left out: ${leftOut.map(({ host, why }) => `${host} (${why})`).join(', ')}`
}
