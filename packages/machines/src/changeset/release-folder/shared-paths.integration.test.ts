import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, readlinkSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { failure, useReleaseBench } from '../testing/release-bench.ts'

const bench = useReleaseBench()
const { introduce, pin } = bench
const inCurrent = (path: string) => join(bench.directory, 'current', path)
const inShared = (path: string) => join(bench.directory, 'shared', path)

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

beforeEach(() => {
  put(join(bench.folder, 'log', 'from-the-build'), 'x')
  put(join(bench.folder, 'config', 'app.yml'), 'of the build')
  put(join(bench.folder, 'config', 'routes.yml'), 'routes')
})

const settings = { shared: ['log/', 'config/app.yml', 'tmp/cache/', '.env'] }

async function release(version: string, names = ['log', 'config']) {
  bench.writeArtifact(version, { content: ['version', ...names] })
  return pin(version, settings)
}

test('shared files and folders are links in every release, in the place of what the artifact has there', async () => {
  put(inShared('config/app.yml'), 'of the host')
  put(inShared('.env'), 'A=1')

  await introduce(await release('1.0.0'), settings)
  writeFileSync(inCurrent('log/app.log'), 'line')
  await introduce(await release('2.0.0'), settings)

  expect(readFileSync(inCurrent('config/app.yml'), 'utf8')).toBe('of the host')
  expect(readFileSync(inCurrent('config/routes.yml'), 'utf8')).toBe('routes')
  expect(readFileSync(inCurrent('.env'), 'utf8')).toBe('A=1')
  expect(readdirSync(inCurrent('log'))).toEqual(['app.log'])
  expect(readlinkSync(inCurrent('tmp/cache'))).toBe('../../../shared/tmp/cache')
  expect(realpathSync(inCurrent('tmp/cache'))).toBe(realpathSync(inShared('tmp/cache')))
})

test('a shared file that the host does not have is asked for before anything is sent', async () => {
  const error = await failure(introduce(await release('1.0.0'), settings))

  expect(error.message).toContain(`${bench.directory}/shared/config/app.yml is not there`)
  expect(bench.releases()).toEqual([])
})

test('a shared path is not put where a link of the artifact leads', async () => {
  put(inShared('config/app.yml'), 'of the host')
  put(inShared('.env'), '')
  const outside = join(bench.folder, 'outside')
  mkdirSync(outside)
  execFileSync('mv', [join(bench.folder, 'config'), join(bench.folder, 'moved')])
  symlinkSync(outside, join(bench.folder, 'config'))

  const error = await failure(introduce(await release('1.0.0'), settings))

  expect(error.message).toContain('the artifact is refused: it has a link at config')
  expect(readdirSync(outside)).toEqual([])
})

test('a release with other shared paths is another release', async () => {
  const one = await release('1.0.0')
  const other = await pin('1.0.0', { shared: ['log/'] })
  const none = await pin('1.0.0')

  expect(new Set([one.id, other.id, none.id]).size).toBe(3)
  expect(none.id).toBe(`1.0.0-${none.sha256.slice(0, 8)}`)
})
