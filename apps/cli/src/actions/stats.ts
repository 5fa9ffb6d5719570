import { durationMs, isDuration } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { exitCodes } from '../exit-codes.ts'
import { jsonDocument } from '../render/json.ts'
import { statisticsLines } from '../render/statistics.ts'
import type { Session } from '../session.ts'

export interface StatsOptions {
  application?: string | undefined
  environment?: string
  since: string
}

/** Shows the statistics of deployments. */
export async function showStats({ since, ...filter }: StatsOptions, session: Session): Promise<number> {
  const days = daysOf(since)
  const { client, json, write, print, notify } = session
  const report = await client.getStatistics({ ...filter, days })
  if (json) write(jsonDocument(report))
  else if (report.places.length === 0) notify([`No deployments ended in the last ${days} days`])
  else statisticsLines(report).forEach(print)
  return exitCodes.succeeded
}

const mostDays = 730

function daysOf(since: string): number {
  const days = isDuration(since) ? Math.ceil(durationMs(since) / 86_400_000) : 0
  if (days >= 1 && days <= mostDays) return days
  throw new VesemirError('REQUEST_INVALID', `--since: "${since}" is not a duration from 1d to ${mostDays}d`)
}
