import { expect, test } from 'vitest'
import { expandHostPattern } from './host-pattern.ts'

test.each<[string, string[], number | undefined]>([
  ['web1', ['web1'], undefined],
  ['web1:2222', ['web1'], 2222],
  [
    'web[08:11].example.com',
    ['web08.example.com', 'web09.example.com', 'web10.example.com', 'web11.example.com'],
    undefined,
  ],
  ['web[8:10]:22', ['web8', 'web9', 'web10'], 22],
  ['web[1:7:3]', ['web1', 'web4', 'web7'], undefined],
  ['db-[a:c]', ['db-a', 'db-b', 'db-c'], undefined],
  ['r[1:2]n[a:b]', ['r1na', 'r1nb', 'r2na', 'r2nb'], undefined],
])('%s stands for %j', (pattern, names, port) => {
  expect(expandHostPattern(pattern)).toEqual({ names, port })
})

test.each(['web[1]', 'web[2:1]', 'web[a:9]', 'web[1:9:0]', 'web[]', 'web[1:999999999]', 'a[1:200]b[1:200]'])(
  '%s is refused',
  (pattern) => {
    expect(() => expandHostPattern(pattern)).toThrow(RangeError)
  },
)
