import { expect, test } from 'vitest'
import { createProgram } from '../program.ts'
import { findCandidates, type Lookup } from './candidates.ts'

const steps = ['connect', 'guard', 'drain', 'deploy', 'restart', 'verify', 'enable', 'soak', 'restore']
const lookUp = async (what: Lookup) => [{ value: `a ${what}`, description: '' }]

test.each<[words: string[], expected: unknown]>([
  [
    ['apps', ''],
    ['apply', 'list', 'show'],
  ],
  [['apps', 'show', ''], ['a application']],
  [['deploy', ''], ['a application']],
  [['deploy', 'payments', '-e', ''], ['a environment']],
  [
    ['deploy', 'payments', '--environment', 'production', '--on-failure', ''],
    ['stop', 'rollback', 'ask'],
  ],
  [['deploy', 'payments', '--no-wait', ''], []],
  [['deploy', 'payments', '--reason', ''], []],
  [['--json', 'approve', ''], ['a deployment']],
  [['--url', 'approve', 'approve', ''], ['a deployment']],
  [['ls', '--application', ''], ['a application']],
  [['logs', '-f', 'd-1', '--step', ''], steps],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [['not', 'there', ''], []],
])('after %j', async (words, expected) => {
  const found = await findCandidates(createProgram('1.0.0'), { words, lookUp })

  expect(found.map(({ value }) => value)).toEqual(expected)
})

test('are all commands that help shows, with what they do', async () => {
  const found = await findCandidates(createProgram('1.0.0'), { words: [''], lookUp })

  expect(found).toContainEqual({
    value: 'pause',
    description: 'Pause a deployment; running hosts finish',
  })
  expect(found.map(({ value }) => value)).not.toContain('complete')
})

test("are a command's options and those of all commands", async () => {
  const found = await findCandidates(createProgram('1.0.0'), { words: ['cancel', 'd-1', '--'], lookUp })

  expect(found.map(({ value }) => value)).toEqual([
    '--reason',
    '--follow',
    '--now',
    '--url',
    '--token',
    '--json',
    '--no-color',
  ])
})
