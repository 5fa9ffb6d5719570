import { describe, expect, test } from 'vitest'
import { compareNode } from './match-node.ts'
import { readNode, type ChefNode } from './node.ts'
import { ChefOptions } from './options.ts'
import type { Query } from './query.ts'

const { attributes } = ChefOptions.parse({ kind: 'chef', attributes: { application: 'shop.app' } })

const node = readNode(
  {
    name: 'web1',
    environment: 'production',
    tags: ['web', 'eu'],
    roles: ['base'],
    recipes: ['app', 'app::web', 'myhaproxy::lb'],
    runList: ['role[web]', 'recipe[app::web@1.2.0]', 'ntp'],
    application: ['payments', 'refunds'],
    team: 'core',
  },
  attributes,
)

const comparison = (of: ChefNode, ...query: Query) => compareNode(of, { query, attributes })

describe('compareNode', () => {
  test.each([
    ['name', 'web1'],
    ['chef_environment', 'production'],
    ['tags', 'eu'],
    ['roles', 'base'],
    ['recipes', 'app::web'],
    ['role', 'web'],
    ['recipe', 'app::web'],
    ['recipe', 'ntp'],
    ['shop_app', 'refunds'],
    ['team', 'core'],
    ['platform', 'anything: it is not read from nodes'],
  ])('accepts a node whose %s has %s', (field, value) => {
    expect(comparison(node, { field, value })).toEqual({ is: 'meant' })
  })

  test.each([
    ['name', 'web'],
    ['chef_environment', 'staging'],
    ['tags', 'we'],
    ['roles', 'web'],
    ['recipes', 'web'],
    ['role', 'base'],
    ['recipe', 'web'],
    ['shop_app', 'pay'],
    ['team', 'CORE'],
  ])('tells a node whose %s does not have %s, and what it has', (field, value) => {
    const compared = comparison(node, { field: 'tags', value: 'web' }, { field, value })

    expect(compared).toMatchObject({ is: 'another', term: { field, value }, found: expect.any(Array) as unknown[] })
  })

  test('tells any recipe of a cookbook from those of one with a longer name, which a wildcard may find', () => {
    const anyOf = (value: string) => comparison(node, { field: 'recipes', value, anyRecipe: true })

    expect(anyOf('app')).toEqual({ is: 'meant' })
    expect(anyOf('haproxy')).toEqual({ is: 'stray' })
  })

  test.each([
    [42, '42'],
    [[1, 2], '2'],
    [1.5, '1.50'],
    [true, 'true'],
  ])('compares %j, which is no text, as Chef’s index has it', (team, value) => {
    expect(comparison(readNode({ name: 'web2', team }, attributes), { field: 'team', value })).toEqual({ is: 'meant' })
  })

  test.each([null, undefined, [], { core: true }])(
    'takes the server’s word for an attribute that is %j, and says so',
    (team) => {
      const term = { field: 'team', value: 'core' }

      expect(comparison(readNode({ name: 'web2', team }, attributes), term)).toEqual({ is: 'unseen', terms: [term] })
    },
  )

  test.each(['policy_name', 'policy_group'])('takes %s without a word while chef-client has not run yet', (field) => {
    expect(comparison(node, { field, value: 'web' })).toEqual({ is: 'meant' })
  })

  test('takes the server’s word for no node without an environment', () => {
    const homeless = readNode({ name: 'web2' }, attributes)

    expect(comparison(homeless, { field: 'chef_environment', value: 'production' })).toMatchObject({ is: 'another' })
  })

  test('tells the text of an error from an attribute', () => {
    const broken = readNode({ name: 'web2', tags: 'ERROR: no tags' }, attributes)

    expect(comparison(broken, { field: 'tags', value: 'web' })).toMatchObject({ is: 'another' })
  })
})
