import { ApiError, type DeploymentView, type HostFact } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { expect, test } from 'vitest'
import { exitOfCommand, exitOfDeployment, exitOfError } from './exit-codes.ts'
import { planned, queued, viewOf } from './testing/story.ts'

const at = '2026-03-01T15:04:05.000Z'
const failed = (code: string) => ({ status: 'failed' as const, endedAt: at, failure: { code, message: '' } })

test.each<[DeploymentView['deployment']['state'], number]>([
  [{ status: 'queued' }, 6],
  [{ status: 'planning', since: at }, 6],
  [{ status: 'running', since: at }, 6],
  [{ status: 'succeeded', endedAt: at }, 0],
  [{ ...failed('CANCELLED'), status: 'cancelled' }, 3],
  [{ ...failed('of a later version'), status: 'cancelled' }, 3],
  [failed('HOSTS_FAILED'), 1],
  [failed('GUARD_REFUSED'), 5],
  [failed('of a later version'), 1],
  [failed('toString'), 1],
  [{ status: 'of a later version' } as unknown as DeploymentView['deployment']['state'], 1],
])('a deployment in %o exits with %d', (state, exit) => {
  expect(exitOfDeployment({ ...viewOf([queued]).deployment, state })).toBe(exit)
})

const skipped: HostFact = {
  type: 'host.ended',
  host: 'web-2',
  outcome: 'skipped',
  traffic: 'untouched',
  failure: { code: 'SERVER_NOT_IN_SERVICE', message: '' },
}
const succeededOn = (host: string): HostFact => ({ ...skipped, host, outcome: 'succeeded', traffic: 'restored' })

test.each<[string, HostFact, number]>([
  ['all hosts', succeededOn('web-2'), 0],
  ['all hosts but one that was skipped', skipped, 9],
  ['all hosts but a failure that was tolerated', { ...skipped, outcome: 'failed' }, 9],
])('a deployment that succeeded on %s exits with its code', (_, end, exit) => {
  const story = [queued, planned('web-1', 'web-2'), succeededOn('web-1'), end]
  const { deployment } = viewOf([...story, { type: 'deployment.ended', outcome: 'succeeded' }])

  expect(exitOfDeployment(deployment)).toBe(exit)
})

test('a deployment to hosts that are behind is incomplete where one was left out that may not run what it should', () => {
  const exitWith = (reason: { isUnasked?: boolean; failedIn?: string; lacksOwn?: boolean }) => {
    const leftOut = [{ host: 'web-3', why: 'web-3 refused the connection', ...reason }]
    return exitOfDeployment(viewOf([queued, { type: 'deployment.ended', outcome: 'succeeded', leftOut }]).deployment)
  }

  expect([{ isUnasked: true }, { failedIn: 'd-5' }, { lacksOwn: true }, {}].map(exitWith)).toEqual([9, 9, 9, 0])
})

test('a command that was refused exits with the code of its refusal, whatever the deployment had ended as', () => {
  const { deployment } = viewOf([queued, { type: 'deployment.ended', outcome: 'succeeded' }])
  const refused = { ...deployment, refused: { code: 'HOST_GONE', message: '' } }

  expect([exitOfCommand(deployment), exitOfCommand(refused)]).toEqual([0, 1])
})

test.each<[string, unknown, number]>([
  ['bad input', anApiError('REQUEST_INVALID'), 2],
  ['no token', anApiError('UNAUTHENTICATED'), 4],
  ['an API that is away', anApiError('API_UNREACHABLE'), 7],
  ['a code of a later version', anApiError('SOMETHING_NEW'), 1],
  ['a wrong setting', new VesemirError('CONFIG_INVALID', ''), 2],
  ['a bug', new TypeError(''), 1],
])('%s exits with its code', (_, error, exit) => {
  expect(exitOfError(error)).toBe(exit)
})

function anApiError(code: string): ApiError {
  return new ApiError({ type: 'about:blank', title: '', status: 400, detail: '', code })
}
