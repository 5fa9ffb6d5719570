import { expect, test } from 'vitest'
import { templateComplaint, writeTemplateValues } from './templates.ts'

test.for([
  ['nothing to fill in', 'level: info }} { }\n', undefined],
  ['placeholders', 'level: {{LEVEL}} on {{ VESEMIR_HOST }}: {{ LEVEL | json }}{{\tLEVEL|json }}', undefined],
  ['a name that is no variable', 'a\nlevel: {{ LEVL }}', 'line 2: {{ LEVL }} is no variable'],
  ['another case', '{{ level }}', 'line 1: {{ level }} is no variable'],
  ['one of a command alone', '{{ VESEMIR_DEPLOYMENT }}', 'line 1: {{ VESEMIR_DEPLOYMENT }} is no variable'],
  ['another filter', '{{ LEVEL | yaml }}', 'line 1: {{ LEVEL | yaml }} is no variable'],
  ['code', '{{ LEVEL }}{{#each LEVEL}}', 'line 1: {{ #each LEVEL }} is no variable'],
  ['a name of every object', '{{ constructor }}', 'line 1: {{ constructor }} is no variable'],
  ['no end', 'level: {{ LEVEL\n}}', 'line 1: {{ without }} in its line'],
  ['no text', 'a\0', 'is no text file'],
] as const)('a template with %s', ([, text, complaint]) => {
  expect(templateComplaint(text, ['LEVEL'])).toBe(complaint)
})

test('values are one line each, as they are and as JSON, and say whether they are secret', () => {
  const env = { VESEMIR_APPLICATION: 'shop', VESEMIR_DEPLOYMENT: 'd-1' }

  const lines = writeTemplateValues({ variables: { A: 'b\t"\\', KEY: 'x\ny' }, secretNames: ['KEY'], env }).split('\n')

  expect(lines.slice(0, 5)).toEqual([
    'A\tplain\tb\t"\\\\',
    'A | json\tplain\t"b\\\\t\\\\"\\\\\\\\"',
    'KEY\tsecret\tx\\ny',
    'KEY | json\tsecret\t"x\\\\ny"',
    'VESEMIR_APPLICATION\tplain\tshop',
  ])
  expect(lines.join()).not.toContain('d-1')
})
