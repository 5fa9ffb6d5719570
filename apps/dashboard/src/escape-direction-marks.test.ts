import { expect, test } from 'vitest'
import { escapeDirectionMarks, escapeDirectionMarksInJson } from './escape-direction-marks.ts'

const reason = 'rm \u202Exslx.eliforp\u2066 \u061C\u200E\u200F\u2028'
const escaped = 'rm \\u202exslx.eliforp\\u2066 \\u061c\\u200e\\u200f\\u2028'

test('marks that change the reading direction are shown as escapes', () => {
  expect(escapeDirectionMarks(reason)).toBe(escaped)
})

test('the strings of a document hold the escapes, and all else stays', () => {
  const value = { reason, path: 'C:\\u202e', 'é\u202E': ['\u001B[1mok', 7, null] }

  expect(JSON.parse(escapeDirectionMarksInJson(JSON.stringify(value)))).toEqual({
    reason: escaped,
    path: 'C:\\u202e',
    'é\\u202e': ['\u001B[1mok', 7, null],
  })
})
