import { expect, test } from 'vitest'
// @ts-expect-error set-up is plain JavaScript: it runs before TypeScript is there
import { isStale, pinnedPnpm } from './workspace.mjs'

test('installs when nothing is installed or a description is newer', () => {
  expect(isStale(undefined, [1])).toBe(true)
  expect(isStale(5, [1, 6])).toBe(true)
  expect(isStale(5, [1, 5])).toBe(false)
})

test('reads the pinned pnpm and refuses a loose one', () => {
  expect(pinnedPnpm('{"packageManager":"pnpm@12.21.0+sha512.abc"}')).toBe('pnpm@12.21.0')
  expect(() => pinnedPnpm('{"packageManager":"pnpm@latest"}')).toThrow('must pin pnpm')
  expect(() => pinnedPnpm('{}')).toThrow('must pin pnpm')
})
