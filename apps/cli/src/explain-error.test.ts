import { ApplicationDefinition } from '@vesemir/contract'
import { isVesemirError } from '@vesemir/core'
import { parseYaml } from '@vesemir/process/settings'
import { expect, test } from 'vitest'
import { errorLines } from './explain-error.ts'
import { paint } from './render/paint.ts'

test('gives what the file says, with defaults', () => {
  const definition = read('name: payments\nteam: shop\nservice:\n  restart: sv restart payments\n')

  expect(definition).toEqual({
    name: 'payments',
    team: 'shop',
    service: { restart: 'sv restart payments', timeout: '60s' },
  })
})

test('says of each field what is wrong and where it stands', () => {
  const file = `name: pay ments
descriptio: x
loadBalancer:
  kind: haproxy
  boxes: {}
  backends: [a, "b c"]
  degradedWeight: 0%
service:
  timeout: 60s
environments:
  production: { clustr: x }
  no go: {}
`

  expect(complaints(file)).toEqual([
    'error: app.yml is not valid (REQUEST_INVALID)',
    '  app.yml:1:1  name: "pay ments" is not a name: letters, digits, "_", "-", "." and "@", at most 100',
    '  app.yml:5:3  loadBalancer.boxes: name the boxes by names, tags, a role or a cookbook',
    '  app.yml:6:17  loadBalancer.backends.1: "b c" is not a HAProxy name: letters, digits, "_", "-", "." and ":"',
    '  app.yml:7:3  loadBalancer.degradedWeight: "0%" is not a percentage from "1%" to "100%"',
    '  app.yml:8:1  service.restart: is missing',
    '  app.yml:11:17  environments.production.clustr: unknown setting; did you mean cluster?',
    '  app.yml:12:3  environments.no go: "no go" is not a name: letters, digits, "_", "-", "." and "@", at most 100',
    '  app.yml:2:1  descriptio: unknown setting; did you mean description?',
    '→ Fix the named fields and send the request again.',
  ])
})

test.each([
  ['name: [\n', '  app.yml:2:1  Flow sequence in block collection must be sufficiently indented and end with a ]'],
  ['', '  app.yml:1:1  the file is empty; write one "name: value" a line'],
  ['payments', '  app.yml:1:1  the file is a string; write one "name: value" a line'],
  ['name: a\n---\nname: b\n', expect.stringMatching(/^ {2}app\.yml:2:1 {2}Source contains multiple documents/)],
])('says where %j stops being a definition', (file, complaint) => {
  expect(complaints(file)[1]).toEqual(complaint)
})

function read(text: string) {
  return parseYaml(text, { schema: ApplicationDefinition, file: 'app.yml', code: 'REQUEST_INVALID' })
}

function complaints(text: string): string[] {
  try {
    read(text)
  } catch (error) {
    if (isVesemirError(error)) return errorLines(error).map((line) => paint(line, { colours: false }))
    throw error
  }
  return []
}
