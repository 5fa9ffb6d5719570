import type { DeploymentView, FailureCause } from '@vesemir/contract'
import { findFailureCauses } from '@vesemir/core'
import {
  describeCause,
  describeFailure,
  describeHint,
  listFew,
  nameCauseHosts,
  quiet,
  strong,
  toned,
  type Text,
} from '@vesemir/words'

/** With more causes than this, each is as short as it can be: they are to fit one screen. */
const fewCauses = 2
const mostLogLines = 5

/** Describes why hosts failed, cause by cause, each with the end of one service's log; nothing when none did. */
export function causeLines(view: DeploymentView): Text[] {
  const { deployment, hosts } = view
  const causes = findFailureCauses(hosts)
  const isLong = causes.length <= fewCauses
  return [
    ...causes.flatMap((cause, index) => [
      ...(isLong || index === 0 ? [[]] : []),
      ...linesOf(cause, { id: deployment.id, isLong, number: causes.length > 1 ? index + 1 : undefined }),
    ]),
    ...goneLines(view),
  ]
}

interface Shown {
  id: string
  isLong: boolean
  /** What `retry --cause` takes; undefined where there is but one cause. */
  number: number | undefined
}

function linesOf(cause: FailureCause, { id, isLong, number }: Shown): Text[] {
  const { sample, isBeingRetried } = cause
  const { failure, host } = sample
  const log = isBeingRetried ? [] : (failure.log ?? []).slice(isLong ? -mostLogLines : -1)
  const hosts = nameCauseHosts(cause)
  return [
    [
      ...(number === undefined ? [] : [quiet(`${number}. `)]),
      ...describeCause(cause),
      ...(hosts.length > 0 ? [': ', ...hosts] : [`: ${describeFailure(failure)}`]),
    ],
    ...(hosts.length > 0 ? [[`   ${describeFailure(failure)}`]] : []),
    ...log.map((line): Text => [toned('   | ', 'quiet'), line]),
    ...(isLong && !isBeingRetried ? describeHint(failure, { id, host }) : []),
  ]
}

/** Names the hosts that a retry no longer found, and why that may be. */
function goneLines({ deployment: { id }, hosts }: DeploymentView): Text[] {
  const gone = hosts.flatMap((host) => (host.gone ? [{ name: host.target.name, failure: host.gone }] : []))
  const [first] = gone
  if (!first) return []
  const names = listFew(
    gone.map(({ name }) => name),
    8,
  )
  return [
    [],
    [strong(names), ': ', describeFailure(first.failure)],
    ...describeHint(first.failure, { id, host: first.name }),
  ]
}
