import { describe, expect, test } from 'vitest'
import { ApplicationDefinition } from './application.ts'
import { complaintsOf, fieldName, describeIssue } from './complaints.ts'
import { DeploymentSpec } from './deployment.ts'
import { aSpec } from './testing/builders.ts'

const artifact = { strategy: 'artifact', url: 'https://artifacts.example/shop-{version}.tgz', directory: '/srv/shop' }
const http = { kind: 'http', port: 80 }
const command = { strategy: 'command', commands: ['true'] }
const planted = 'hunter2-XyZ'

test.for([
  ['a header of the artifact', { changeset: { ...artifact, headers: { Authorization: planted } } }],
  ['a header in other letters', { changeset: { ...artifact, headers: { 'private-TOKEN': planted } } }],
  ['a password in the URL', { changeset: { ...artifact, url: `https://me:${planted}@artifacts.example/x.tgz` } }],
  ['a token in the place of a user', { changeset: { ...artifact, url: `https://${planted}@artifacts.example/x.tgz` } }],
  [
    'a token in the query of the URL',
    { changeset: { ...artifact, url: `https://artifacts.example/x?private_token=${planted}` } },
  ],
  ['a password in an invalid URL', { changeset: { ...artifact, url: `gopher://me:${planted}@artifacts.example/ x` } }],
  [
    'a password of a repository',
    { changeset: { strategy: 'git', repository: `https://me:${planted}@git.example/a.git`, directory: '/srv/a' } },
  ],
  ['a variable of the changeset', { changeset: { ...command, environment: { DB_PASSWORD: planted } } }],
  [
    'a variable with a password in its URL',
    { changeset: { ...command, environment: { DATABASE: `postgres://me:${planted}@db/x` } } },
  ],
  ['a variable of the application', { variables: { DB_PASSWORD: planted } }],
  ['a variable of hooks', { hooks: { environment: { GITHUB_TOKEN: planted } } }],
  ['a variable of the restart', { service: { restart: 'true', environment: { PGPASSWORD: planted } } }],
  [
    'a variable of the health check',
    { healthCheck: { kind: 'command', command: 'true', environment: { API_KEY: planted } } },
  ],
  ['a header of the health check', { healthCheck: { ...http, headers: { Cookie: planted } } }],
  ['a token in the path of the health check', { healthCheck: { ...http, path: `/health?token=${planted}` } }],
  [
    'a header in a command',
    { hooks: { afterDrain: [`curl -H 'Authorization: Bearer ${planted}' https://x.example`] } },
  ],
  ['an option of a command', { service: { restart: `restart --password=${planted}` } }],
  ['a variable in a command', { changeset: { ...command, commands: [`PGPASSWORD=${planted} psql`] } }],
  [
    'a password in a URL of a command',
    { changeset: { ...command, rollback: [`curl https://me:${planted}@x.example`] } },
  ],
] as const)('refuses %s, without quoting it, and says what to write', ([, settings]) => {
  const complaints = complaintsAbout(settings)

  expect(complaints).toMatch(/secret: NAME|credentials/)
  expect(complaints).not.toContain(planted)
})

test.for([
  ['headers that are text', { changeset: { ...artifact, headers: `Authorization: ${planted}` } }],
  ['commands that are text', { changeset: { ...command, commands: `TOKEN=${planted} run` } }],
  ['a header over two lines', { healthCheck: { ...http, headers: { 'X-Note': `${planted}\n` } } }],
  ['a header that is a list', { healthCheck: { ...http, headers: { Authorization: [planted] } } }],
  [
    'a reference by a name that is none',
    { healthCheck: { ...http, headers: { Authorization: { secret: `${planted}!` } } } },
  ],
  ['a variable with a control character', { hooks: { environment: { NOTE: `${planted}\u0007` } } }],
] as const)('quotes no value of %s', ([, settings]) => {
  const complaints = complaintsAbout(settings)

  expect(complaints).not.toBe('')
  expect(complaints).not.toContain(planted)
})

test('names the field', () => {
  expect(complaintsAbout({ changeset: { ...artifact, headers: { Authorization: planted } } })).toMatch(
    /^changeset\.headers\.Authorization: expects a secret, not a plain value: write \{secret: NAME\}/,
  )
})

test('takes references, and plain values where no secret is expected', () => {
  const settings = {
    changeset: { ...artifact, headers: { Authorization: { secret: 'artifacts' }, Accept: 'application/gzip' } },
    hooks: {
      environment: {
        TOKEN: { secret: 'deploy.token-1' },
        TOKEN_URL: 'https://login.example/token',
        TOKEN_FILE: '/run/t',
      },
    },
    healthCheck: { ...http, headers: { Cookie: { secret: 'session' }, Host: 'shop.example', 'Idempotency-Key': '1' } },
    service: { restart: 'true', environment: { PWD: '/srv', JAVA_OPTS: '-Xmx1g' } },
  }

  expect(ApplicationDefinition.parse({ name: 'shop', ...settings })).toMatchObject(settings)
})

describe('takes a command', () => {
  test.for([
    'curl -H "Authorization: Bearer $TOKEN" https://x.example',
    'PGPASSWORD="$DB_PASSWORD" psql',
    'TOKEN=$(cat /run/token) run --password-file=/run/password',
    'run --token=/run/secrets/token --secret-name=shop',
    'curl "https://$USER:$PASSWORD@x.example/?token=$TOKEN"',
    'git clone ssh://git@git.example/shop.git',
    'logger "the token: none is needed"',
    'curl http://127.0.0.1:8080/a@b',
  ])('%s', (line) => {
    expect(complaintsAbout({ hooks: { beforeDrain: [line] } })).toBe('')
  })
})

test("refuses one of Vesemir's own variables", () => {
  expect(complaintsAbout({ hooks: { environment: { VESEMIR_HOST: 'x' } } })).toContain("Vesemir's own variables")
})

function complaintsAbout(settings: object): string {
  const input = { ...aSpec(), ...settings }
  const checked = DeploymentSpec.safeParse(input, { error: describeIssue })
  if (checked.success) return ''
  return complaintsOf(checked.error, input)
    .map(({ path, message }) => `${fieldName(path)}: ${message}`)
    .join('; ')
}
