import type { FailureCause } from '@vesemir/contract'
import { count, listFew } from './count.ts'
import { hostStatuses } from './status.ts'
import { quiet, strong, toned, type Text } from './text.ts'

/** Describes which hosts failed how: `34 hosts failed in verify`, `web-2 unreachable in connect`. */
export function describeCause({ hosts, status, step, isBeingRetried }: FailureCause): Text {
  const [only = ''] = hosts
  return [
    strong(hosts.length === 1 ? only : count(hosts.length, 'host')),
    ' ',
    isBeingRetried ? toned('being retried', 'waiting') : hostStatuses[status],
    ...(isBeingRetried ? [`: ${hostStatuses[status].text}`] : []),
    ...(step === undefined ? [] : [` in ${step}`]),
    ...(isBeingRetried ? [' last time'] : []),
  ]
}

/** Names the hosts of a cause, the first eight at most; nothing where `describeCause` names the only one. */
export function nameCauseHosts({ hosts }: FailureCause): Text {
  return hosts.length === 1 ? [] : [quiet(listFew(hosts, 8))]
}
