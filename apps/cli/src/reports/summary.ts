import type { Deployment, DeploymentView, FailureCause, HostRecord } from '@vesemir/contract'
import { describeNothingBehind, findFailureCauses, findMissed } from '@vesemir/core'
import {
  deploymentStatus,
  describeCause,
  describeCounts,
  describeFailure,
  describeRequester,
  fillHint,
  formatDuration,
  hostStatus,
  nameCauseHosts,
  nextSteps,
  timeTaken,
  toPlainText,
} from '@vesemir/words'
import { walkMs } from './walk-ms.ts'
import type { NothingBehind } from './write-reports.ts'
import { codeBlock, markdownTable, markdownText } from './markdown-text.ts'

interface SummaryOptions {
  /** The address of the deployment's page. */
  page: string
  nowMs: number
}

/** GitHub shows a mebibyte of a step's summary; nobody reads as many rows. */
const mostRows = 200

/** Describes a deployment in Markdown: how it ended, why hosts failed, each host, and what to do next. */
export function summaryOf(view: DeploymentView, { page, nowMs }: SummaryOptions): string {
  const { deployment, hosts } = view
  const { id, spec, state } = deployment
  const title = `${spec.application} ${spec.version} to ${spec.environment}: ${deploymentStatus(deployment).text}`
  const facts = [
    `requested by ${describeRequester(deployment)}`,
    describeCounts(deployment),
    timeTaken(deployment, nowMs),
  ]
  const failure = 'failure' in state ? state.failure : undefined
  const paragraphs = [
    [`## ${markdownText(title)}`],
    [`[${id}](${page}) · ${facts.filter(Boolean).map(markdownText).join(' · ')}`],
    ...(spec.reason === undefined ? [] : [[markdownText(spec.reason)]]),
    ...(failure ? [[markdownText(describeFailure(failure))]] : []),
    ...findFailureCauses(hosts).flatMap((cause) => causeParagraphs(cause, id)),
    ...(hosts.length > 0 ? [hostTable(hosts)] : []),
    ...leftOutParagraphs(deployment),
    ...nextParagraphs(view),
  ]
  return join(paragraphs)
}

/** Describes what hosts said where none is deployed to. */
export function summaryOfNothing({ application, environment, version, only }: NothingBehind): string {
  return join([
    [`## ${markdownText(`${application} ${version} to ${environment}: no deployment`)}`],
    [markdownText(describeNothingBehind(only, version))],
  ])
}

function join(paragraphs: readonly (readonly string[])[]): string {
  return `${paragraphs.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

/** Hosts that were left out, and may not run what they should. */
function leftOutParagraphs(deployment: Deployment): string[][] {
  const missed = findMissed(deployment)
  if (missed.length === 0) return []
  const cells = missed.slice(0, mostRows).map(({ host, why }) => [host, why].map(markdownText))
  const more = missed.length > mostRows ? [`| and ${missed.length - mostRows} more | |`] : []
  return [[...markdownTable(['left out', 'why'], cells), ...more]]
}

function causeParagraphs(cause: FailureCause, id: string): string[][] {
  const { failure, host } = cause.sample
  const names = toPlainText(nameCauseHosts(cause))
  const hint = failure.hint === undefined ? [] : [markdownText(`→ ${fillHint(failure.hint, { id, host })}`)]
  return [
    [`### ${markdownText(toPlainText(describeCause(cause)))}`],
    ...(names === '' ? [] : [[markdownText(names)]]),
    [markdownText(describeFailure(failure))],
    ...(failure.log ? [codeBlock(failure.log)] : []),
    ...(hint.length > 0 ? [hint] : []),
  ]
}

/** Those that need someone come first. */
function hostTable(hosts: readonly HostRecord[]): string[] {
  const succeeded = ({ state }: HostRecord) => state.status === 'succeeded'
  const sorted = [...hosts.filter((host) => !succeeded(host)), ...hosts.filter(succeeded)]
  const rows = sorted.slice(0, mostRows).map((host) => {
    const { target, state } = host
    const tookMs = walkMs(host)
    const traffic = 'endedAt' in state ? state.traffic : ''
    return [target.name, hostStatus(state).text, traffic, tookMs === undefined ? '' : formatDuration(tookMs)]
  })
  const more = sorted.length > mostRows ? [`| and ${sorted.length - mostRows} more | | | |`] : []
  const cells = rows.map((row) => row.map(markdownText))
  return [...markdownTable(['host', 'status', 'traffic', 'duration'], cells), ...more]
}

function nextParagraphs(view: DeploymentView): string[][] {
  const steps = nextSteps(view)
  if (steps.length === 0) return []
  return [
    ['Next steps:'],
    codeBlock(
      steps.map(({ command, purpose }) => `${command}   # ${purpose}`),
      'sh',
    ),
  ]
}
