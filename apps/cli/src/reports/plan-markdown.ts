import type { KeptPlan, PlanChanges, PlanPreview, ServerState } from '@vesemir/contract'
import { isLowCapacity } from '@vesemir/core'
import {
  count,
  describeChange,
  describePlan,
  describePlanChanges,
  formatDateTime,
  formatDuration,
  serverStatus,
  toPlainText,
} from '@vesemir/words'
import { codeBlock, markdownTable, markdownText } from './markdown-text.ts'

interface Planned {
  application: string
  environment: string
  version: string
  /** What deploys exactly this. */
  command: string
}

/** GitHub takes 65,536 characters in a comment. */
const mostRows = 100

/** Describes a plan in Markdown: what changes, warnings, hosts by wave with their servers, steps, and the command that deploys it. */
export function planMarkdown(
  preview: PlanPreview & Pick<KeptPlan, 'expiresAt'>,
  { application, environment, version, command }: Planned,
): string {
  const { plan, steps, estimateSeconds, expiresAt } = preview
  const { changes } = plan
  const change = describeChange(changes?.running ?? [], version)
  const estimate = estimateSeconds === undefined ? '' : `, about ${formatDuration(estimateSeconds * 1000)}`
  const paragraphs = [
    [`## ${markdownText(`Plan: ${application} ${version} to ${environment}`)}`],
    ...(change === undefined ? [] : [[`**${markdownText(change)}**`]]),
    ...(changes ? changeParagraphs(changes) : []),
    [markdownText(`${describePlan({ ...plan, hosts: plan.hosts.length })}${estimate}`)],
    ...warningParagraphs(preview),
    details(count(plan.hosts.length, 'host'), hostTable(preview)),
    details(
      'Steps on each host',
      markdownTable(
        ['step', 'what it does'],
        steps.map(({ step, does }) => [step, markdownText(does)]),
      ),
    ),
    [markdownText(`Deploy exactly this until ${formatDateTime(expiresAt, 'UTC')} UTC:`)],
    codeBlock([command], 'sh'),
  ]
  return `${paragraphs.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function changeParagraphs(changes: PlanChanges): string[][] {
  const { compareUrl } = changes
  const parts = describePlanChanges(changes).map(({ title, lines }) =>
    lines.length === 0
      ? [markdownText(title)]
      : details(
          title,
          lines.map((line) => `- ${markdownText(line)}`),
        ),
  )
  return [...(compareUrl === undefined ? [] : [[`[Compare](<${compareUrl}>)`]]), ...parts]
}

function warningParagraphs({ plan, needsYes }: PlanPreview): string[][] {
  const low = (plan.capacity ?? [])
    .filter(isLowCapacity)
    .map(({ box, backend, inService, least }) => `${backend} on ${box}: at least ${least} of ${inService} in service`)
  const warnings = [
    ...(needsYes ? [`needs --yes: less than half of a backend would stay in service (${low.join('; ')})`] : []),
    ...plan.warnings,
  ]
  return warnings.length === 0 ? [] : [warnings.map((warning) => `- ${markdownText(`warning: ${warning}`)}`)]
}

function hostTable({ plan: { hosts }, servers }: PlanPreview): string[] {
  const rows = hosts
    .toSorted((a, b) => a.wave - b.wave)
    .map((host) => {
      const shown = host.servers.map(({ box, backend, server }) => {
        const state = servers.find((known) => known.box === box && known.backend === backend && known.server === server)
        return `${box} ${backend}/${server}${state ? ` ${textOf(state)}` : ''}`
      })
      return [String(host.wave), host.target.name, host.target.zone ?? '', shown.join(', ')].map(markdownText)
    })
  const more = rows.length > mostRows ? [`| | and ${rows.length - mostRows} more | | |`] : []
  return [...markdownTable(['wave', 'host', 'zone', 'servers now'], rows.slice(0, mostRows)), ...more]
}

function textOf(state: ServerState): string {
  return toPlainText([serverStatus(state)])
}

/** Markdown inside of HTML needs empty lines around it. */
function details(summary: string, lines: readonly string[]): string[] {
  return [`<details><summary>${markdownText(summary)}</summary>`, '', ...lines, '', '</details>']
}
