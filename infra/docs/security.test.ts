import { globSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readPage, root } from './pages.ts'

const page = readPage('docs/security.md')
const sections = page.split(/^## /m).slice(1)
/** Those about an attacker: what is tried, or between whom. */
const attackers = sections.filter((section) => /^\| (?:attempt|tries|looks for|between)\b/m.test(section))

test('every attacker of the threat model is there', () => {
  const names = attackers.map((section) => section.split('\n')[0])

  expect(names).toEqual(
    expect.arrayContaining([
      'A developer of another team',
      'A viewer who asks for plans',
      'A hostile VM',
      'A hostile box',
      'Someone on the network',
      'Someone in CI',
      'Someone with a stolen token',
      'Someone who can write to Redis',
      'Someone who can write to the artifact server',
    ]),
  )
})

test.each(attackers.map((section) => [section.split('\n')[0]!, section]))('%s: the page names tests', (_, section) => {
  expect(section).toMatch(/^Tests: `[\w./-]+\.test\.ts`/m)
})

test('every test of an attack is named', () => {
  const attacks = globSync('{apps,packages,test}/**/*.security.test.ts', { cwd: root, exclude: ['**/node_modules'] })

  expect(attacks.filter((path) => !page.includes(`\`${path}\``))).toEqual([])
})
