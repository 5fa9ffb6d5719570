import { isVesemirError } from '@vesemir/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pathOf } from './box-reader.ts'
import { checkShown, refusalOf } from './refusal.ts'

const characters = [
  'a',
  'Z',
  '9',
  '_',
  '.',
  ':',
  '-',
  '/',
  ';',
  '#',
  '<',
  '@',
  '\\',
  '"',
  ' ',
  '\t',
  '\r',
  '\n',
  '\0',
  'é',
]
const name = fc.string({ unit: fc.constantFrom(...characters), maxLength: 6 })

describe('a name in a command', () => {
  test('never holds what ends a command or means something else', () => {
    fc.assert(
      fc.property(name, name, (backend, server) => {
        let path = 'app/web-1'
        try {
          path = pathOf({ backend, server })
        } catch (error) {
          if (!isVesemirError(error, 'LOAD_BALANCER_REFUSED')) throw error
        }

        expect(path).toMatch(/^[\w.:-]+\/[\w.:-]+$/)
      }),
    )
  })

  test.for(['a;shutdown', 'a\nb', 'a b', 'a/b', '#3', '<<', '', '@1', 'a\u0000'])('is refused: %j', (name) => {
    expect(() => pathOf({ backend: name, server: 'web-1' })).toThrow('is not a name in HAProxy')
    expect(() => pathOf({ backend: 'app', server: name })).toThrow('is not a name in HAProxy')
  })
})

describe('what HAProxy answers', () => {
  const asked = { box: 'lb1', command: 'set server app/web-1 state drain' }

  test('is nothing when a change was made', () => {
    expect(refusalOf('', asked)).toBeUndefined()
  })

  test.for([
    ['[3]: No such backend.', 'BACKEND_UNKNOWN'],
    ["[3]: Can't find backend.", 'BACKEND_UNKNOWN'],
    ['[3]: No such server.', 'SERVER_UNKNOWN'],
    ['[3]: Permission denied', 'LOAD_BALANCER_PERMISSION'],
    ['[3]: Proxy is disabled.', 'LOAD_BALANCER_REFUSED'],
    ["[3]: Require 'backend/server'.", 'LOAD_BALANCER_REFUSED'],
    ['[6]: Something new', 'LOAD_BALANCER_REFUSED'],
    ['Permission denied', 'LOAD_BALANCER_PERMISSION'],
  ] as const)('is a refusal of a change: %s', ([answer, code]) => {
    const refusal = refusalOf(answer, asked)

    expect(refusal?.code).toBe(code)
    expect(refusal?.message).toBe(`lb1 answered "${asked.command}" with: ${answer.replace(/^\[\d\]: /, '')}`)
  })

  test('is a table where one was asked for, or a refusal', () => {
    expect(() => checkShown('1\n# be_id be_name', asked)).not.toThrow()
    expect(() => checkShown("[3]: Can't find backend.", asked)).toThrow(
      expect.objectContaining({ code: 'BACKEND_UNKNOWN' }),
    )
  })
})
