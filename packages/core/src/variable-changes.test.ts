import { aSpec } from '@vesemir/contract/testing'
import { expect, test } from 'vitest'
import { variableChanges } from './variable-changes.ts'

const secret = (name: string) => ({ secret: name })

function changes(
  before: { variables?: object; secrets?: Record<string, string> },
  now: { variables?: object; secrets?: Record<string, string> },
) {
  const specOf = ({ variables }: { variables?: object }) => aSpec({ variables: variables as never })
  const plan = { secrets: before.secrets } as never
  return variableChanges(
    { spec: specOf(before), plan },
    {
      spec: specOf(now),
      secrets: now.secrets,
    },
  )
}

test('variables that were added, changed and removed are named, without their values', () => {
  const before = { variables: { LEVEL: 'info', OLD: '1', SAME: 'x' } }
  const now = { variables: { LEVEL: 'debug', SAME: 'x', NEW: '2' } }

  expect(changes(before, now)).toEqual({ added: ['NEW'], changed: ['LEVEL'], removed: ['OLD'] })
})

test('nothing is said where no variable differs', () => {
  expect(changes({ variables: { A: '1', B: '2' } }, { variables: { B: '2', A: '1' } })).toBeUndefined()
  expect(changes({}, {})).toBeUndefined()
})

test.each([
  ['another value', { TOKEN: 'one' }, { TOKEN: 'two' }, ['TOKEN']],
  ['the same value by another name', { TOKEN: 'one' }, { TOKEN: 'one' }, []],
  ['values that are not known, and another name', undefined, { TOKEN: 'two' }, ['TOKEN']],
])('a secret with %s', (_what, was, is, changed) => {
  const [before, now] = [{ variables: { TOKEN: secret('a') } }, { variables: { TOKEN: secret('b'), LEVEL: 'x' } }]

  const found = changes({ ...before, ...(was && { secrets: was }) }, { ...now, secrets: is })

  expect(found).toEqual({ added: ['LEVEL'], changed, removed: [] })
})

test('a value in the place of a secret is a change', () => {
  const found = changes(
    { variables: { URL: secret('url') }, secrets: { URL: 'one' } },
    { variables: { URL: 'http://x' } },
  )

  expect(found).toMatchObject({ changed: ['URL'] })
})
