import { CommandLine, DeploymentSpec, type Acceptance } from '@vesemir/contract'
import { aSpec } from '@vesemir/contract/testing'
import { expect, test } from 'vitest'
import { unaccepted } from './acceptance.ts'

/** As much of a zod schema as leads to what is in it. */
interface Schema {
  _zod: {
    def: {
      checks?: unknown
      shape?: Record<string, Schema>
      options?: Schema[]
    } & Partial<Record<'innerType' | 'element' | 'valueType' | 'in' | 'out', Schema>>
  }
}

const command = (CommandLine as unknown as Schema)._zod.def.checks

/** Lists the paths of all command lines of a schema, by the rules that only command lines have. */
function commandsIn({ _zod: { def } }: Schema, path = ''): string[] {
  if (def.checks === command) return [path]
  const { shape = {}, options = [], element, valueType, innerType, in: input, out } = def
  const inner = [innerType, input, out, ...options].flatMap((schema) => (schema ? commandsIn(schema, path) : []))
  const fields = Object.entries(shape).flatMap(([name, schema]) => commandsIn(schema, path ? `${path}.${name}` : name))
  const items = [element, valueType].flatMap((schema) => (schema ? commandsIn(schema, `${path}[]`) : []))
  return [...new Set([...inner, ...fields, ...items])]
}

const moments = [
  'beforeDrain',
  'afterDrain',
  'beforeDeploy',
  'afterDeploy',
  'beforeRestart',
  'afterRestart',
  'beforeEnable',
  'afterEnable',
] as const

test('a cluster accepts or refuses every command line that settings can have', () => {
  const spec = aSpec({
    changeset: { strategy: 'command', commands: ['id'], rollback: ['id'] },
    hooks: Object.fromEntries(moments.map((moment) => [moment, ['id']])),
    tasks: [{ name: 'migrate', when: 'before', command: 'id' }],
    service: { restart: 'id' },
    healthCheck: { kind: 'command', command: 'id' },
  })
  const accept: Acceptance[] = [{ commands: ['true'] }]

  const refused = unaccepted({ spec }, accept).map(({ field }) => field.replaceAll(/\[\d+\]/g, '[]'))

  // How a service is restarted is one line, whatever manages it.
  const all = commandsIn(DeploymentSpec as unknown as Schema).map((path) => path.replace('service.restart', 'service'))
  expect(refused.toSorted()).toEqual(all.toSorted())
})
