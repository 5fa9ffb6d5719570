import { aPlan, aSpec } from '@vesemir/contract/testing'
import { expect, test } from 'vitest'
import { writeEnvironmentFile } from './environment-file.ts'
import { planChanges } from './plan-changes.ts'
import type { Secrets } from './ports/secrets.ts'
import { digestSecrets, identifyVariables } from './variables.ts'

const spec = aSpec({ variables: { LEVEL: 'info', TOKEN: { secret: 'token' } } })
const digest: NonNullable<Secrets['digest']> = (value, { application, environment, variable }) =>
  `${application} ${environment} ${variable} ${value.length}`

test('of secrets there is a digest, of other variables none', () => {
  const values = { LEVEL: 'info', TOKEN: 'hunter2!' }

  expect(digestSecrets(spec, { values, secrets: { digest } })).toEqual({ TOKEN: 'payments production TOKEN 8' })
  expect(digestSecrets(spec, { values, secrets: {} })).toBeUndefined()
  expect(digestSecrets(aSpec({ variables: { LEVEL: 'info' } }), { values, secrets: { digest } })).toBeUndefined()
})

test('variables are told apart by plain values and digests, whatever their order', () => {
  const { LEVEL, TOKEN } = spec.variables!
  const of = (digests: Record<string, string> | undefined, id = 'd-1', variables = spec.variables!) =>
    identifyVariables({ variables }, { digests, id })

  expect(of({ TOKEN: 'one' })).toBe(of({ TOKEN: 'one' }, 'd-2', { TOKEN: TOKEN!, LEVEL: LEVEL! }))
  expect(of({ TOKEN: 'one' })).not.toBe(of({ TOKEN: 'two' }))
  expect(of({ TOKEN: 'one' })).not.toBe(of({ TOKEN: 'one' }, 'd-1', { LEVEL: 'debug', TOKEN: TOKEN! }))
})

test('a secret of which no digest is known is that of one deployment', () => {
  const of = (id: string) => identifyVariables(spec, { digests: undefined, id })

  expect(of('d-1')).not.toBe(of('d-2'))
  expect(identifyVariables(aSpec({ variables: { LEVEL: 'info' } }), { digests: undefined, id: 'd-1' })).not.toContain(
    'd-1',
  )
})

test('a plan whose secret has another value is out of date', () => {
  const [before, now] = [aPlan(['web-1']), aPlan(['web-1'])]

  expect(planChanges({ ...before, secrets: { TOKEN: 'one' } }, { ...now, secrets: { TOKEN: 'two' } })).toEqual([
    'value of the secret variable TOKEN',
  ])
  expect(planChanges(before, { ...now, secrets: { TOKEN: 'two' } })).toEqual([])
})

test('an environment file has every variable on its line, quoted', () => {
  const file = writeEnvironmentFile({ B: 'a "quoted" $HOME \\ `id`', A: '' })

  expect(file).toBe('A=""\nB="a \\"quoted\\" \\$HOME \\\\ \\`id\\`"\n')
})

test.each(['hunter2\rhunter2', 'hunter2\ufffe', 'hunter2\u0000'])(
  'what systemd would leave out is refused, and not quoted: %j',
  (value) => {
    const write = () => writeEnvironmentFile({ TOKEN: value })

    expect(write).toThrow(expect.objectContaining({ code: 'SECRET_INVALID' }))
    expect(write).not.toThrow(/hunter2/)
  },
)
