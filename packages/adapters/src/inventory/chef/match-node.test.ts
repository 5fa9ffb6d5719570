import { describe, expect, test } from 'vitest'
import { matchesQuery } from './match-node.ts'
import { readNode } from './node.ts'
import { ChefOptions } from './options.ts'

const { attributes } = ChefOptions.parse({ kind: 'chef', attributes: { application: 'shop.app' } })

const node = readNode({
  name: 'web1',
  environment: 'production',
  tags: ['web', 'eu'],
  roles: ['base'],
  recipes: ['app', 'app::web', 'myhaproxy::lb'],
  runList: ['role[web]', 'recipe[app::web@1.2.0]', 'ntp'],
  application: ['payments', 'refunds'],
  team: 'core',
})

describe('matchesQuery', () => {
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
    expect(matchesQuery(node, { query: [{ field, value }], attributes })).toBe(true)
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
  ])('drops a node whose %s does not have %s', (field, value) => {
    expect(
      matchesQuery(node, {
        query: [
          { field: 'tags', value: 'web' },
          { field, value },
        ],
        attributes,
      }),
    ).toBe(false)
  })

  test('tells any recipe of a cookbook from those of one with a longer name', () => {
    const anyOf = (value: string) => [{ field: 'recipes', value, anyRecipe: true as const }]

    expect(matchesQuery(node, { query: anyOf('app'), attributes })).toBe(true)
    expect(matchesQuery(node, { query: anyOf('haproxy'), attributes })).toBe(false)
  })

  test('drops a node whose attributes are errors or missing', () => {
    const broken = readNode({ name: 'web2', environment: 'production', tags: 'ERROR: no tags', team: null })

    expect(matchesQuery(broken, { query: [{ field: 'tags', value: 'web' }], attributes })).toBe(false)
    expect(matchesQuery(broken, { query: [{ field: 'team', value: 'core' }], attributes })).toBe(false)
  })
})
