import { Role, type Action, type Grant } from '@vesemir/contract'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { actionTable } from './actions.ts'
import { decide, findGrant } from './decide.ts'
import { matchesPattern } from './matches-pattern.ts'

const payments = { application: 'payments', team: 'core', environment: 'production', cluster: 'eu' }

describe('a grant', () => {
  it.each<[Omit<Grant, 'role'>, boolean]>([
    [{}, true],
    [{ applications: ['pay*'], teams: ['core'], environments: ['*'], clusters: ['eu'] }, true],
    [{ applications: ['ledger'] }, false],
    [{ applications: ['payments'], environments: ['test-*', 'staging'] }, false],
    [{ teams: ['core'], clusters: ['us'] }, false],
  ])('of %j covers payments in production: %s', (limits, isCovered) => {
    const decision = decide([{ role: 'deployer', ...limits }], 'deploy', payments)

    expect(decision.isAllowed).toBe(isCovered)
  })

  it('with any limit does not cover what is about all, nor what is not known', () => {
    const grants: Grant[] = [{ role: 'admin', teams: ['*'] }]

    expect(findGrant(grants, 'read', { cluster: 'eu' })).toBeUndefined()
    expect(findGrant(grants, 'read', { ...payments, team: undefined })).toBeUndefined()
  })

  it('is never put together from two', () => {
    const grants: Grant[] = [
      { role: 'viewer', environments: ['production'] },
      { role: 'deployer', environments: ['test'] },
    ]

    expect(decide(grants, 'deploy', payments)).toMatchObject({
      isAllowed: false,
      reason:
        'you may not deploy payments in production: it needs the role deployer or operator or admin, and your grant is viewer in production',
    })
  })

  test('none allow nothing, and several what each allows alone', () => {
    const name = fc.constantFrom('payments', 'core', 'production', 'eu', 'ledger', 'pay*', '*')
    const names = fc.option(fc.array(name, { minLength: 1, maxLength: 2 }), { nil: undefined })
    const grant = fc.record({
      role: fc.constantFrom(...Role.options),
      applications: names,
      teams: names,
      environments: names,
      clusters: names,
    })
    const action = fc.constantFrom(...(Object.keys(actionTable) as (keyof typeof actionTable)[]))
    fc.assert(
      fc.property(fc.array(grant), fc.array(grant), action, (some, more, asked) => {
        const isAllowed = (grants: Grant[]) => decide(grants, asked, payments).isAllowed

        expect(isAllowed([])).toBe(false)
        expect(isAllowed([...more, ...some])).toBe(isAllowed(more) || isAllowed(some))
      }),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 200) },
    )
  })
})

test('a converger may have one host brought up, and nothing else of all that there is', () => {
  const grants: Grant[] = [{ role: 'converger', applications: ['payments'], environments: ['production'] }]

  const allowed = Object.keys(actionTable).filter((action) => findGrant(grants, action as Action, payments))

  expect(allowed).toEqual(['converge'])
  expect(findGrant(grants, 'converge', { ...payments, environment: 'test' })).toBeUndefined()
})

test.each([
  ['payments', 'payments', true],
  ['payments', 'payments2', false],
  ['*', 'anything', true],
  ['pay*', 'payments', true],
  ['*-test', 'payments-test', true],
  ['a*b*c', 'a-b-b-c', true],
  ['a*ab', 'ab', false],
  ['p.y*', 'payments', false],
])('the pattern %s matches %s: %s', (pattern, name, isMatch) => {
  expect(matchesPattern(pattern, name)).toBe(isMatch)
})
