import fc from 'fast-check'
import { isVesemirError } from '@vesemir/core'
import { describe, expect, test } from 'vitest'
import { ChefOptions } from './options.ts'
import { parseQuery } from '../query.ts'
import { boxQueries, hostQueries, renderQuery } from './query.ts'
import { aSpec } from '@vesemir/contract/testing'

const { attributes } = ChefOptions.parse({ kind: 'chef' })

const hostilePieces = 'web| AND | OR |NOT|*|?|(|)|"|\\|:|\\:|%20|%3A|+|[|\n|~|&&|-|@|\u0000|é'.split('|')
const hostileText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.array(fc.constantFrom(...hostilePieces)).map((pieces) => pieces.join('')),
)

const term = String.raw`[A-Za-z0-9_][A-Za-z0-9_.-]*:[A-Za-z0-9_.](?:[A-Za-z0-9_.@-]|\\:)*`
/** What may stand in a query that is sent: nothing else reaches Chef. */
const safeOrRefused = new RegExp(`^(?:${term}(?: AND ${term})*|refused)$`)

function renderedOrRefused(render: () => string): string {
  try {
    return render()
  } catch (error) {
    if (isVesemirError(error, 'QUERY_INVALID')) return 'refused'
    throw error
  }
}

describe('hostQueries', () => {
  test('asks for environment, application, team and every tag', () => {
    const queries = hostQueries(aSpec({ hosts: { tags: ['web', 'eu-west'] } }), attributes)

    expect(queries.map(renderQuery)).toEqual([
      'chef_environment:production AND application:payments AND team:core AND tags:web AND tags:eu-west',
    ])
  })

  test('names nested attributes as the index does', () => {
    const nested = ChefOptions.parse({ kind: 'chef', attributes: { application: 'shop.app', team: ['shop', 'team'] } })

    const queries = hostQueries(aSpec(), nested.attributes)

    expect(queries.map(renderQuery)).toEqual(['chef_environment:production AND shop_app:payments AND shop_team:core'])
  })

  test('takes a raw query in place of application, team and tags, but never of the environment', () => {
    const queries = hostQueries(aSpec({ hosts: { query: 'roles:web AND recipes:app\\:\\:web' } }), attributes)

    expect(queries.map(renderQuery)).toEqual(['chef_environment:production AND roles:web AND recipes:app\\:\\:web'])
  })
})

describe('boxQueries', () => {
  test.each([
    [{ tags: ['haproxy', 'eu'] }, ['tags:haproxy AND tags:eu']],
    [{ role: 'lb' }, ['roles:lb']],
    [{ names: ['lb1', 'lb2'] }, ['name:lb1', 'name:lb2']],
    [{ cookbook: 'haproxy' }, ['recipes:haproxy', 'recipes:haproxy\\:\\:*']],
    [{ cookbook: 'haproxy', recipe: 'lb' }, ['recipes:haproxy\\:\\:lb']],
    [{ cookbook: 'haproxy', recipe: 'default' }, ['recipes:haproxy', 'recipes:haproxy\\:\\:default']],
    [
      { tags: ['eu'], names: ['lb1', 'lb2'], cookbook: 'haproxy', recipe: 'default' },
      [
        'tags:eu AND name:lb1 AND recipes:haproxy',
        'tags:eu AND name:lb1 AND recipes:haproxy\\:\\:default',
        'tags:eu AND name:lb2 AND recipes:haproxy',
        'tags:eu AND name:lb2 AND recipes:haproxy\\:\\:default',
      ],
    ],
  ])('asks once for each alternative of %j', (selection, expected) => {
    const queries = boxQueries(selection, 'production')

    expect(queries.map(renderQuery)).toEqual(expected.map((query) => `chef_environment:production AND ${query}`))
  })
})

describe('renderQuery', () => {
  test.each([
    '',
    '*',
    'a b',
    'a*',
    'web OR tags:x',
    '-web',
    ':web',
    '"web"',
    'a%20b',
    'a+b',
    'AND',
    'or',
    'Not',
    'wéb',
    'a\nb',
  ])('refuses %j as a value, naming it and its field', (value) => {
    expect(() => renderQuery([{ field: 'tags', value }])).toThrow(
      expect.objectContaining({ code: 'QUERY_INVALID', details: { field: 'tags', value } }),
    )
  })

  test('lets nothing hostile into a query, whatever field and value are', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (field, value) => {
        const query = [
          { field: 'tags', value },
          { field, value: 'web' },
        ]

        expect(renderedOrRefused(() => renderQuery(query))).toMatch(safeOrRefused)
      }),
    )
  })

  test('gives back every harmless value with its colons escaped', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_.][A-Za-z0-9_.:@-]{4,20}$/), (value) => {
        expect(renderQuery([{ field: 'tags', value }])).toBe(`tags:${value.replaceAll(':', '\\:')}`)
      }),
    )
  })
})

describe('parseQuery', () => {
  test('reads terms joined by AND, with colons escaped or not', () => {
    const query = parseQuery(' roles:web  AND recipes:app\\:\\:web AND recipes:app::db ')

    expect(query).toEqual([
      { field: 'roles', value: 'web' },
      { field: 'recipes', value: 'app::web' },
      { field: 'recipes', value: 'app::db' },
    ])
  })

  test.each([
    ['roles:web OR roles:db', '"OR" is where AND must be'],
    ['roles:web and roles:db', '"and" is where AND must be'],
    ['roles:web roles:db', '"roles:db" is where AND must be'],
    ['roles:web AND', 'it ends with AND'],
    ['NOT roles:web', '"NOT" is not a field:value'],
    ['roles:web AND (tags:a OR tags:b)', '"(tags:a" is not a field:value'],
    ['-roles:web', '"-roles:web" is not a field:value'],
    ['web', '"web" is not a field:value'],
    [':web', '":web" is not a field:value'],
    [' ', '"" is not a field:value'],
  ])('refuses %j and says what is right', (text, reason) => {
    const message = expect.stringMatching(/Write field:value terms joined by AND/) as string

    expect(() => parseQuery(text)).toThrow(expect.objectContaining({ code: 'QUERY_INVALID', message }))
    expect(() => parseQuery(text)).toThrow(reason)
  })

  test('lets nothing hostile through to Chef, whatever a person writes', () => {
    fc.assert(
      fc.property(hostileText, (query) => {
        fc.pre(query.length > 0 && query.length <= 1000)
        const spec = aSpec({ hosts: { query } })

        const rendered = renderedOrRefused(() => hostQueries(spec, attributes).map(renderQuery).join('\n'))

        expect(rendered).toMatch(safeOrRefused)
      }),
    )
  })
})
