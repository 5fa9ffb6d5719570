import { Role, type Grant } from '@vesemir/contract'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { actionTable } from './actions.ts'
import { findGrant } from './decide.ts'
import { grantWithin } from './grant-within.ts'

const held: Grant = { role: 'deployer', applications: ['pay*'], environments: ['test-*', 'production'] }

test.each<[Grant, boolean]>([
  [held, true],
  [{ ...held, role: 'viewer', applications: ['pay*s'], environments: ['test-1'], clusters: ['eu'] }, true],
  [{ ...held, role: 'operator' }, false],
  [{ ...held, applications: ['*'] }, false],
  [{ ...held, applications: ['payments', 'ledger'] }, false],
  [{ role: 'deployer', applications: ['pay*'] }, false],
])('%j is within a deployer of pay* in test-* and production: %s', (wanted, isWithin) => {
  expect(grantWithin(wanted, [held]) !== undefined).toBe(isWithin)
})

test('what is within a grant allows nothing that the grant does not', () => {
  const pattern = fc.stringMatching(/^[ab*]{1,4}$/)
  const patterns = fc.option(fc.array(pattern, { minLength: 1, maxLength: 2 }), { nil: undefined })
  const grant = fc.record({ role: fc.constantFrom(...Role.options), applications: patterns, environments: patterns })
  const name = fc.stringMatching(/^[ab]{1,5}$/)
  const subject = fc.record({ application: name, environment: name })
  const action = fc.constantFrom(...(Object.keys(actionTable) as (keyof typeof actionTable)[]))

  fc.assert(
    fc.property(grant, grant, subject, action, (wanted, holder, about, asked) => {
      fc.pre(grantWithin(wanted, [holder]) !== undefined && findGrant([wanted], asked, about) !== undefined)

      expect(findGrant([holder], asked, about)).toBe(holder)
    }),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 200), maxSkipsPerRun: 1000 },
  )
})
