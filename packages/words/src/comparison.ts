import type { ComparedDeployment, DeploymentComparison, HostOutcome } from '@vesemir/core'
import { formatDuration } from './duration.ts'
import type { ReaderOptions } from './gate.ts'
import { formatDateTime } from './moment.ts'
import { describeRequester } from './schedule.ts'
import { deploymentStatuses, hostStatuses } from './status.ts'
import { quiet, strong, toPlainText, type Text } from './text.ts'

/** A part of a comparison: a row for each thing compared, the first cell its name. */
export interface ComparisonTable {
  titles: readonly string[]
  rows: readonly Text[][]
  /** What to say where there are no rows. */
  otherwise: string
}

/** Describes two deployments side by side: what they are, then the settings and hosts that differ, then what each step took. */
export function describeComparison(
  { first, second, settings, hosts, steps }: DeploymentComparison,
  { timeZone }: ReaderOptions = {},
): ComparisonTable[] {
  const titled = (title: string) => [title, first.id, second.id]
  const [before, after] = [summaryCells(first, timeZone), summaryCells(second, timeZone)]
  return [
    {
      titles: titled('deployment'),
      rows: Object.keys(before)
        .map((name): Text[] => [[name], before[name]!, after[name]!])
        .filter(([, ...cells]) => cells.some((cell) => toPlainText(cell) !== '')),
      otherwise: '',
    },
    {
      titles: titled('setting'),
      rows: settings.map(({ field, ...values }) => [[field], valueCell(values.first), valueCell(values.second)]),
      otherwise: 'No settings differ.',
    },
    {
      titles: titled('host'),
      rows: hosts.map(({ host, ...outcomes }) => [[host], outcomeCell(outcomes.first), outcomeCell(outcomes.second)]),
      otherwise: 'No outcomes of hosts differ.',
    },
    {
      titles: [...titled('step, median of hosts'), 'difference'],
      rows: steps.map(({ step, ...took }) => [
        [step],
        durationCell(took.first),
        durationCell(took.second),
        [changeOf(took.first, took.second)],
      ]),
      otherwise: 'No steps have succeeded.',
    },
  ]
}

function summaryCells(deployment: ComparedDeployment, timeZone: string | undefined): Record<string, Text> {
  const { application, environment, version, release, status, createdAt, durationMs, reason } = deployment
  return {
    application: [application],
    environment: [environment],
    version: [strong(version)],
    release: [release ?? ''],
    status: [deploymentStatuses[status]],
    by: [describeRequester(deployment)],
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
