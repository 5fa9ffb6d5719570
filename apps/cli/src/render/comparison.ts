import type { ComparedDeployment, DeploymentComparison, HostOutcome } from '@vesemir/core'
import {
  deploymentStatuses,
  formatDateTime,
  formatDuration,
  hostStatuses,
  quiet,
  strong,
  type Text,
} from '@vesemir/words'
import { table } from './table.ts'

/** Shows two deployments side by side: what they are, then the settings and hosts that differ, then what each step took. */
export function comparisonLines(comparison: DeploymentComparison, { timeZone }: { timeZone?: string } = {}): Text[] {
  const { first, second, settings, hosts, steps } = comparison
  const titled = (title: string) => [title, first.id, second.id]
  const [before, after] = [summaryCells(first, timeZone), summaryCells(second, timeZone)]
  const summary = Object.keys(before).map((name): Text[] => [[name], before[name]!, after[name]!])
  const settingRows = settings.map(({ field, ...values }): Text[] => [
    [field],
    valueCell(values.first),
    valueCell(values.second),
  ])
  const hostRows = hosts.map(({ host, ...outcomes }): Text[] => [
    [host],
    outcomeCell(outcomes.first),
    outcomeCell(outcomes.second),
  ])
  const stepRows = steps.map(({ step, ...took }): Text[] => [
    [step],
    durationCell(took.first),
    durationCell(took.second),
    [changeOf(took.first, took.second)],
  ])
  return [
    ...table(titled('deployment'), summary),
    [''],
    ...section(titled('setting'), settingRows, 'No settings differ.'),
    [''],
    ...section(titled('host'), hostRows, 'No outcomes of hosts differ.'),
    [''],
    ...section([...titled('step, median of hosts'), 'difference'], stepRows, 'No steps have succeeded.'),
  ]
}

function section(titles: readonly string[], rows: readonly Text[][], otherwise: string): Text[] {
  return rows.length > 0 ? table(titles, rows) : [[quiet(otherwise)]]
}

function summaryCells(deployment: ComparedDeployment, timeZone: string | undefined): Record<string, Text> {
  const { application, environment, version, release, status, requestedBy, createdAt, durationMs, reason } = deployment
  return {
    application: [application],
    environment: [environment],
    version: [strong(version)],
    release: [release ?? ''],
    status: [deploymentStatuses[status]],
    by: [requestedBy],
    requested: [formatDateTime(createdAt, timeZone)],
    took: durationCell(durationMs),
    reason: [reason ?? ''],
  }
}

function valueCell(value: unknown): Text {
  if (value === undefined) return [quiet('not set')]
  return [typeof value === 'string' ? value : JSON.stringify(value)]
}

function outcomeCell(outcome: HostOutcome | undefined): Text {
  if (!outcome) return [quiet('not deployed')]
  const { status, step, code } = outcome
  return [hostStatuses[status], step ? ` in ${step}` : '', code ? ` (${code})` : '']
}

function durationCell(ms: number | undefined): Text {
  return [ms === undefined ? '' : formatDuration(ms)]
}

function changeOf(first: number | undefined, second: number | undefined): string {
  if (first === undefined || second === undefined || first === second) return ''
  return `${second > first ? '+' : '-'}${formatDuration(Math.abs(second - first))}`
}
