import { readFileSync } from 'node:fs'
import { errorTable } from '@vesemir/core'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { InventoryOptions } from './inventory/index.ts'
import { HaproxyOptions } from './load-balancer/haproxy/haproxy-options.ts'
import { RecipientsOptions } from './notification/index.ts'
import { SshOptions } from './remote-shell/index.ts'

const page = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8')

/** The last part of each setting's name, however deep. */
function settingsOf(schema: z.ZodType): string[] {
  const names = new Set<string>()
  JSON.stringify(z.toJSONSchema(schema, { io: 'input' }), (key, value: unknown) => {
    if (key === 'properties') for (const name of Object.keys(value as object)) names.add(name)
    return value
  })
  names.delete('kind')
  return [...names]
}

test.each([
  ['inventory.md', InventoryOptions],
  ['ssh.md', SshOptions],
  ['haproxy.md', HaproxyOptions],
  ['notifications.md', RecipientsOptions],
])('docs/%s tells of every setting', (name, schema) => {
  const text = page(name)

  const untold = settingsOf(schema).filter((setting) => !new RegExp(`[\`.]${setting}[\`.[]`).test(text))

  expect(untold).toEqual([])
})

test.each([
  ['inventory.md', /^(?:INVENTORY|QUERY|HOST_(?:UNUSABLE|STALE|KEY))_/],
  ['ssh.md', /^(?:SSH|SUDO)_/],
  ['notifications.md', /^NOTIFICATION_/],
])('docs/%s tells of every failure', (name, codes) => {
  const text = page(name)

  const untold = Object.keys(errorTable).filter((code) => codes.test(`${code}_`) && !text.includes(`\`${code}\``))

  expect(untold).toEqual([])
})

test.each(['inventory.md', 'ssh.md'])('the examples of docs/%s are valid', (name) => {
  const examples = [...page(name).matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => parse(text) as unknown)

  const checked = examples.flatMap((example) => [
    ...valuesOf(example, 'inventory').map((value) => InventoryOptions.safeParse(value).error?.message),
    ...valuesOf(example, 'remoteShell').map((value) => SshOptions.safeParse(value).error?.message),
  ])

  expect(checked.length).toBeGreaterThan(0)
  expect(checked.filter((problem) => problem !== undefined)).toEqual([])
})

function valuesOf(content: unknown, key: string): unknown[] {
  if (typeof content !== 'object' || content === null) return []
  return Object.entries(content).flatMap(([name, value]) => (name === key ? [value] : valuesOf(value, key)))
}
