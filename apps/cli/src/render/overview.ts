import type { Need, Overview, OverviewPlace } from '@vesemir/contract'
import {
  deploymentStatus,
  describeNeed,
  formatAge,
  placeFailure,
  placeStatuses,
  quiet,
  strong,
  toned,
  type Text,
} from '@vesemir/words'
import { table } from './table.ts'

/** Shows what needs the reader, then a line for each application's environment. */
export function overviewLines(
  { needs, ongoing, places }: Overview,
  { nowMs, timeZone }: { nowMs: number; timeZone?: string },
): Text[] {
  const rows = places.map((place): Text[] => [
    [strong(place.application)],
    [place.environment],
    [place.version ?? ''],
    [place.since === undefined ? '' : formatAge(place.since, nowMs)],
    [String(place.versions.reduce((sum, { hosts }) => sum + hosts, 0))],
    joined([
      ...(place.failure ? [[`${place.failure.deployment} `, placeFailure(place.failure)]] : []),
      ...placeStatuses(place).map((status): Text => [status]),
    ]),
    joined(
      ongoing.filter(({ id }) => place.ongoing.includes(id)).map((each) => [`${each.id} `, deploymentStatus(each)]),
    ),
    promotionsOf(place),
  ])
  const asks = needs.flatMap((each): Text[] => [
    describeNeed(each, { timeZone }),
    [quiet('→ '), toned(`vesemir ${answers[each.need]} ${each.deployment.id}`, 'command')],
  ])
  return [
    ...(asks.length > 0 ? [[quiet('Needs you:')], ...asks, ['']] : []),
    ...table(['application', 'environment', 'version', 'since', 'hosts', 'state', 'in progress', 'to promote'], rows),
  ]
}

const answers: Readonly<Record<Need, string>> = {
  approval: 'approve',
  decision: 'status',
  paused: 'resume',
  failure: 'status',
}

function promotionsOf({ promotions }: OverviewPlace): Text {
  return joined(promotions.map(({ from, version }) => [`${version} from ${from}`]))
}

function joined(texts: readonly Text[]): Text {
  return texts.flatMap((text, index) => (index === 0 ? text : ['; ', ...text]))
}
