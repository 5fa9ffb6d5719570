import { expect, test } from 'vitest'
import { jsonDocument, jsonLine } from './json.ts'

test('what a terminal would obey is written as JSON escapes, and reads as it was', () => {
  const value = { reason: 'a\u202Eb\u2066c\u200Fd\u009Be\u007F' }

  for (const json of [jsonLine(value), jsonDocument(value)]) {
    expect(json).toContain('a\\u202eb\\u2066c\\u200fd\\u009be\\u007f')
    expect(JSON.parse(json)).toEqual(value)
  }
})
