import type { Overview, OverviewPlace } from '@vesemir/contract'
import { count, listFew } from './count.ts'
import { describeGate, type ReaderOptions } from './gate.ts'
import { strong, toned, type Status, type Text } from './text.ts'

/** Describes what a deployment needs of the reader: `payments 1.4.2 to production: waiting for approval after wave 1 until 15:04:00`. */
export function describeNeed({ need, deployment }: Overview['needs'][number], { timeZone }: ReaderOptions = {}): Text {
  const { spec, state } = deployment
  const what = [strong(`${spec.application} ${spec.version}`), ` to ${spec.environment}: `]
  switch (need) {
    case 'approval':
    case 'decision':
      return state.status === 'gated' ? [...what, ...describeGate(state.gate, { at: state.since, timeZone })] : what
    case 'paused':
      return [...what, toned('paused by you', 'waiting')]
    case 'failure':
      return [...what, toned('failed', 'bad'), state.status === 'failed' ? `: ${state.failure.message}` : '']
  }
}

/** Describes how the newest deployment of an environment failed: `failed on 34 of 200 hosts`. */
export function placeFailure({ failed, hosts }: NonNullable<OverviewPlace['failure']>): Status {
  return toned(hosts === 0 ? 'failed' : `failed on ${failed} of ${count(hosts, 'host')}`, 'bad')
}

/** Returns what is not as usual in an application's environment; nothing where all hosts serve what they should. */
export function placeStatuses({ drifted, outOfRotation, lock }: OverviewPlace): Status[] {
  const hosts = (names: readonly string[]) => `${count(names.length, 'host')} (${listFew(names, 3)})`
  return [
    ...(drifted.length > 0 ? [toned(`${hosts(drifted)} drifted`, 'bad')] : []),
    ...(outOfRotation.length > 0 ? [toned(`${hosts(outOfRotation)} out of rotation`, 'waiting')] : []),
    ...(lock ? [toned(`locked by ${lock.by}: ${lock.reason}`, 'waiting')] : []),
  ]
}
