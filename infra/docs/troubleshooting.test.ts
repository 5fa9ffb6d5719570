import { errorTable } from '@vesemir/core'
import { expect, test } from 'vitest'
import { readPage } from './pages.ts'

test('troubleshooting says of every error code what it means, and what to do as the table says', () => {
  const [, ...sections] = readPage('docs/troubleshooting.md').split('\n### ')
  const explained = sections.map((section) => {
    const [code, meaning, advice = ''] = section.split('\n\n')
    return { code: code!.replaceAll('`', ''), meaning, hint: advice.trim().replace('**What to do:** ', '') }
  })

  const codes = Object.entries(errorTable).map(([code, { hint }]) => ({
    code,
    meaning: expect.stringMatching(/\w/),
    hint,
  }))
  expect(explained.toSorted(byCode)).toEqual(codes.toSorted(byCode))
})

function byCode(one: { code: string }, other: { code: string }): number {
  return one.code.localeCompare(other.code)
}
