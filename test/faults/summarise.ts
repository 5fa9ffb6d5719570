import { findingNames } from './findings.ts'
import type { KindName } from './kinds.ts'
import type { TrialReport } from './run-trial.ts'

/** What a trial of a run came to. */
export interface RanTrial {
  kind: KindName
  report: TrialReport
}

/** The figures of a whole run. */
export function summarise(trials: readonly RanTrial[]) {
  const reports = trials.map(({ report }) => report)
  const count = (of: (report: TrialReport) => number) => reports.reduce((sum, report) => sum + of(report), 0)
  const slowestMs = Math.max(0, ...reports.flatMap(({ resumes }) => resumes))
  const found = findingNames.map((name) => [name, count(({ findings }) => findings[name].length)])
  const kinds = Object.entries(Object.groupBy(trials, ({ kind }) => kind)).map(([kind, all]) => [kind, all.length])
  return {
    seeds: trials.length,
    kinds: Object.fromEntries(kinds) as Partial<Record<KindName, number>>,
    requests: count(({ requests }) => requests),
    resentRequests: count(({ resent }) => resent),
    failedRequests: count(({ failedRequests }) => Object.values(failedRequests).reduce((sum, each) => sum + each, 0)),
    ...(Object.fromEntries(found) as Record<(typeof findingNames)[number], number>),
    missedStrikes: count(({ missed }) => missed.length),
    // JSON has no Infinity: what was never taken up counts as a day.
    slowestResumeSeconds: Number.isFinite(slowestMs) ? Math.round(slowestMs / 100) / 10 : 86_400,
  }
}

/** Whether nothing was wrong in a run. */
export function isGood(total: ReturnType<typeof summarise>): boolean {
  const wrong = findingNames.reduce((sum, name) => sum + total[name], total.failedRequests)
  return wrong === 0 && total.slowestResumeSeconds <= 15
}
