import type { Convergence, HostReason } from '@vesemir/contract'
import { describeNothingBehind, findMissed } from '@vesemir/core'
import { count, toned, type Text } from '@vesemir/words'
import { exitCodes } from '../exit-codes.ts'
import { jsonDocument } from '../render/json.ts'
import { checkReports, writeReportsOfNothing } from '../reports/write-reports.ts'
import type { Session } from '../session.ts'
import { followStarted, readLimit, type FollowOptions } from './deploy.ts'

export interface ConvergeOptions extends FollowOptions {
  environment: string
  /** Only this host. */
  host?: string
  /** Only shows which hosts are behind. */
  plan?: boolean
  reason?: string
}

/** Brings the hosts of an application that are behind up to what should run, and follows the deployment to its end. */
export async function converge(application: string, options: ConvergeOptions, session: Session): Promise<number> {
  const { environment, host, plan: dryRun = false, reason } = options
  readLimit(options.timeout)
  checkReports(options)
  const { client, json, write, print, notify } = session
  const found = await client.converge(application, {
    environment,
    ...(host === undefined ? {} : { host }),
    ...(dryRun ? { dryRun } : {}),
    ...(reason === undefined ? {} : { reason }),
  })
  const { id } = found
  if (id !== undefined) {
    if (!json) linesOf(found, { application, environment }).forEach(notify)
    const exit = await followStarted(id, options, session)
    return exit === exitCodes.succeeded ? exitOf(found) : exit
  }
  const { version, only } = found
  if (!dryRun && only)
    await writeReportsOfNothing(options, { found: { application, environment, version, only }, session })
  if (json) write(jsonDocument(found))
  else linesOf(found, { application, environment }).forEach(print)
  return exitOf(found)
}

/** A host that was left out may not run what it should. */
function exitOf({ only }: Convergence): number {
  return only && findMissed(only).length > 0 ? exitCodes.incomplete : exitCodes.succeeded
}

/** How many hosts that are left out are named; with --json, all are. */
const mostNamed = 20

function linesOf({ version, since, only }: Convergence, place: { application: string; environment: string }): Text[] {
  if (!only) return []
  const { behind, leftOut, upToDate } = only
  if (behind.length === 0) return [[describeNothingBehind(only, version)]]
  const { application, environment } = place
  const more = leftOut.length - mostNamed
  return [
    [`${version} of ${application} should run in ${environment}, since ${since}`],
    [`${count(behind.length, 'host')} behind, ${upToDate} up to date`],
    ...behind.map(lineOf),
    ...leftOut.slice(0, mostNamed).map((host): Text => [toned('left out: ', 'waiting'), ...lineOf(host)]),
    ...(more > 0 ? [[toned(`left out: ${count(more, 'more host')}`, 'waiting')]] : []),
  ]
}

function lineOf({ host, why }: HostReason): Text {
  return [`${host}: ${why}`]
}
