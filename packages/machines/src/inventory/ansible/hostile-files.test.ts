import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseIniInventory } from './parse-ini.ts'
import { parseYamlInventory } from './parse-yaml.ts'
import { resolveHosts, type AnsibleHost } from './resolve-hosts.ts'

const pieces = fc.constantFrom(
  ...'[|]|[web]|[web:vars]|[a:children]|:|=|"|\'|#| |\n|\t|\\|{{ x }}|web|[1:3]|[9:1]|*|&a|<<: *a|- |: |{|}|!vault |all|hosts|children|__proto__|é|\u0000'.split(
    '|',
  ),
)
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(pieces, { maxLength: 40 }).map((some) => some.join('')),
)

test.each([
  ['INI', parseIniInventory],
  ['YAML', parseYamlInventory],
])('whatever stands in a file of %s, its hosts are read or it is refused', (_, parse) => {
  const property = fc.property(hostile, (text) => isReadOrRefused(() => resolveHosts(parse(text))))

  expect(() => fc.assert(property, { numRuns: 500 })).not.toThrow()
})

function isReadOrRefused(read: () => AnsibleHost[]): boolean {
  try {
    return read().every(({ name, groups }) => typeof name === 'string' && groups.every((group) => group !== 'all'))
  } catch (error) {
    // A TypeError would be an accident.
    return error instanceof Error && !(error instanceof TypeError)
  }
}

test('a small file that would unfold to an endless one is refused', () => {
  const lines = ['a: &a [x,x,x,x,x,x,x,x,x,x]']
  for (let depth = 1; depth < 10; depth += 1)
    lines.push(
      `b${depth}: &b${depth} [${Array(10)
        .fill(depth === 1 ? '*a' : `*b${depth - 1}`)
        .join(',')}]`,
    )

  expect(() => parseYamlInventory(lines.join('\n'))).toThrow(/alias/i)
})
