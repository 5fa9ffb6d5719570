import { isVesemirError, templateComplaint } from '@vesemir/core'
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { failure, useReleaseBench, type ArtifactRelease, type Context } from '../testing/release-bench.ts'

const bench = useReleaseBench()
const templates = [{ from: 'config/app.yml.tmpl', to: 'config/app.yml' }]
const made = { content: ['version', 'config'] }

beforeEach(() => mkdirSync(join(bench.folder, 'config')))

function writeTemplate(text: string, mode = 0o644): void {
  const file = join(bench.folder, 'config/app.yml.tmpl')
  writeFileSync(file, text)
  chmodSync(file, mode)
}

const inCurrent = (path = 'config/app.yml') => join(bench.directory, 'current', path)
const modeOf = (path?: string) => (statSync(inCurrent(path)).mode & 0o777).toString(8)
const env = { VESEMIR_HOST: 'web-1', VESEMIR_VERSION: '1.0.0', VESEMIR_APPLICATION: 'shop' }

/** Puts a version with these variables on the host, as a deployment of it would. */
async function deploy(version: string, variables: Record<string, string>, secretNames: string[] = []) {
  bench.writeArtifact(version, made)
  const release = await pin(version, variables)
  await bench.introduce(release, { templates }, { variables, secretNames, env })
  return release
}

function pin(version: string, variables: Record<string, string>, settings: object = {}): Promise<ArtifactRelease> {
  return bench.pin(version, { templates, ...settings }, undefined, variables)
}

test('a file is made of a template and the variables, with its permissions, and goes back with the release', async () => {
  writeTemplate('level: {{ LEVEL }}\nhost: {{VESEMIR_HOST}}\nname: {{ NAME | json }}', 0o640)
  await deploy('1.0.0', { LEVEL: 'info', NAME: 'a "b"\n\\n' })
  const first = readFileSync(inCurrent(), 'utf8')
  const second = await deploy('2.0.0', { LEVEL: 'debug', NAME: '{{ LEVEL }}&\\1' })
  const after = readFileSync(inCurrent(), 'utf8')
  const mode = modeOf()
  await bench.revert(second, undefined)

  expect(first).toBe('level: info\nhost: web-1\nname: "a \\"b\\"\\n\\\\n"')
  expect(after).toBe('level: debug\nhost: web-1\nname: "{{ LEVEL }}&\\\\1"')
  expect(mode).toBe('640')
  expect(readFileSync(inCurrent(), 'utf8')).toBe(first)
  expect(bench.traces()).toEqual(['.previous'])
})

test('a file with a secret in it is for its owner alone', async () => {
  writeTemplate('token: {{ TOKEN | json }}\n', 0o755)

  await deploy('1.0.0', { TOKEN: 'two\nlines' }, ['TOKEN'])

  expect(readFileSync(inCurrent(), 'utf8')).toBe('token: "two\\nlines"\n')
  expect(modeOf()).toBe('700')
})

test.for([
  ['warns besides', 'echo "awk: warning" >&2; exec /usr/bin/awk "$@"'],
  ['says nothing', 'exec /usr/bin/awk "$@" 2> /dev/null'],
] as const)('a file is for its owner alone where the awk of the host %s: it may hold a secret', async ([, script]) => {
  writeTemplate('token: {{ TOKEN }}\n', 0o644)
  bench.writeArtifact('1.0.0', made)
  const variables = { TOKEN: 'abc' }
  const release = await pin('1.0.0', variables)
  const bin = join(bench.folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'awk'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  const { session } = bench
  const run: typeof session.run = (command, options) =>
    session.run(command, { ...options, env: { ...options.env, PATH: `${bin}:/usr/bin:/bin` } })

  await bench.introduce(
    release,
    { templates },
    { session: { ...session, run }, variables, secretNames: ['TOKEN'], env },
  )

  expect(readFileSync(inCurrent(), 'utf8')).toBe('token: abc\n')
  expect(modeOf()).toBe('600')
})

test('the same version with other variables is another release', async () => {
  writeTemplate('level: {{ LEVEL }}\n')

  const info = await deploy('1.0.0', { LEVEL: 'info' })
  const debug = await deploy('1.0.0', { LEVEL: 'debug' })

  expect(debug.id).not.toBe(info.id)
  expect(readFileSync(inCurrent(), 'utf8')).toBe('level: debug\n')
})

test('a file of a template is never copied into the release that follows', async () => {
  writeTemplate('level: {{ LEVEL }}\n')
  bench.writeContent('0', { random: 2_000_000 })
  const worker: Context['worker'] = [{ folders: [bench.folder], cache: { folder: join(bench.folder, 'cache') } }]
  const bring = async (version: string) => {
    bench.writeArtifact(version, { content: [...made.content, 'ballast'] })
    const variables = { LEVEL: `of ${version}` }
    const release = await bench.pin(version, { templates }, worker, variables)
    return bench.introduce(release, { templates }, { worker, variables, env })
  }

  await bring('1.0.0')
  const { note } = await bring('2.0.0')

  expect(note).toMatch(/^sent .* bytes, copied the rest from 1\.0\.0-/)
  expect(readFileSync(inCurrent(), 'utf8')).toBe('level: of 2.0.0\n')
})

test.for([
  [
    'a placeholder that is no variable',
    'a\n{{ LEVL }}',
    'the template config/app.yml.tmpl: line 2: {{ LEVL }} is no variable',
  ],
  ['no end of a placeholder', '{{ LEVEL', 'the template config/app.yml.tmpl: line 1: {{ without }} in its line'],
] as const)('%s is refused by the plan, and by a host that is asked to fill it in', async ([, text, why]) => {
  writeTemplate(text)
  bench.writeArtifact('1.0.0', made)
  const release = await bench.pin('1.0.0')

  const planned = await failure(pin('1.0.0', { LEVEL: 'info' }))
  const introduced = await failure(bench.introduce(release, { templates }, { variables: { LEVEL: 'info' }, env }))

  expect(planned).toMatchObject({ code: 'TEMPLATE_INVALID', message: why })
  expect(introduced).toMatchObject({ code: 'TEMPLATE_INVALID' })
  expect(introduced.message).toContain(why.slice('the template '.length))
  expect(bench.releases()).toEqual([])
})

test('a template that is missing, or a link out of the release, is refused', async () => {
  symlinkSync('/etc/passwd', join(bench.folder, 'config/app.yml.tmpl'))
  bench.writeArtifact('1.0.0', made)
  const release = await bench.pin('1.0.0')

  const planned = await failure(pin('1.0.0', {}))
  const missing = await failure(pin('1.0.0', {}, { templates: [{ from: 'other', to: 'file' }] }))
  const introduced = await failure(bench.introduce(release, { templates }, { env }))

  expect(planned).toMatchObject({ code: 'TEMPLATE_INVALID' })
  expect(missing.message).toBe('the template other: is no plain file of the artifact')
  expect(introduced.message).toContain('config/app.yml.tmpl is behind a link of the artifact at config/app.yml.tmpl')
})

test('nothing is read or written where a link of the artifact leads', async () => {
  symlinkSync('/etc', join(bench.folder, 'linked'))
  writeTemplate('a\n')
  bench.writeArtifact('1.0.0', { content: ['version', 'config', 'linked'] })
  const release = await bench.pin('1.0.0')
  const introduce = (paths: { from: string; to: string }) =>
    failure(bench.introduce(release, { templates: [paths] }, { env }))

  const read = await introduce({ from: 'linked/hostname', to: 'shown' })
  const written = await introduce({ from: 'config/app.yml.tmpl', to: 'linked/vesemir' })

  expect(read).toMatchObject({ code: 'TEMPLATE_INVALID', message: expect.stringContaining('link') as string })
  expect(written.message).toContain('it has a link at linked')
})

/** Texts with what templates and values have trouble with. */
const text = (...more: string[]) =>
  fc.string({
    unit: fc.constantFrom('{', '}', '{{', '}}', '|', ' ', '\t', '\n', '\\', '&', '"', '%', '#', 'A', 'B', 'é', ...more),
    maxLength: 30,
  })

/** What a template comes to. */
function filled(template: string, values: Record<string, string>): string {
  return template.replaceAll(/\{\{[ \t]*([A-Z]+)[ \t]*(\|[ \t]*json[ \t]*)?\}\}/g, (_, name: string, json?: string) =>
    json === undefined ? values[name]! : JSON.stringify(values[name]),
  )
}

test('hosts fill in what the plan takes, and refuse what it refuses', async () => {
  await fc.assert(
    fc.asyncProperty(
      text('{{ A }}', '{{B|json}}', '{{ A | json }}', 'json'),
      fc.record({ A: text('\r'), B: text('\r') }),
      async (template, variables) => {
        writeTemplate(template)
        bench.writeArtifact('1.0.0', made)
        const complaint = templateComplaint(template, Object.keys(variables))
        const settings = { templates, directory: join(bench.directory, `${Math.random()}`) }
        const release = await bench.pin('1.0.0', { directory: settings.directory })
        const outcome = await bench.introduce(release, settings, { variables, env }).catch((error: unknown) => error)

        const file = join(settings.directory, 'current/config/app.yml')
        const seen = isVesemirError(outcome) ? outcome.code : readFileSync(file, 'utf8')
        expect(seen).toBe(complaint === undefined ? filled(template, variables) : 'TEMPLATE_INVALID')
      },
    ),
    { numRuns: 40 },
  )
}, 120_000)
