import { writeEnvironmentFile } from '@vesemir/core'
import { startRunit } from '@vesemir/testing/start-runit'
import { startSystemd } from '@vesemir/testing/start-systemd'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { failure, useReleaseBench, type ArtifactRelease, type Context } from '../testing/release-bench.ts'

const bench = useReleaseBench()
const settings = { environmentFile: 'config/payments.env' }
const inCurrent = () => join(bench.directory, 'current', settings.environmentFile)

/** Puts a version with these variables on the host, as a deployment of it would. */
async function deploy(version: string, variables: Record<string, string>): Promise<ArtifactRelease> {
  const release = await bench.pin(version, settings, undefined, variables)
  await bench.introduce(release, settings, { variables })
  return release
}

test('the variables are in a file of the release, for its owner alone, and go back with it', async () => {
  bench.writeArtifact('1.0.0', {})
  bench.writeArtifact('2.0.0', {})
  await deploy('1.0.0', { LEVEL: 'info', TOKEN: 'of\n"two" lines' })
  const second = await deploy('2.0.0', { LEVEL: 'debug' })

  const after = readFileSync(inCurrent(), 'utf8')
  const { mode } = statSync(inCurrent())
  await bench.revert(second, undefined)

  expect(after).toBe('LEVEL="debug"\n')
  expect((mode & 0o777).toString(8)).toBe('600')
  expect(readFileSync(inCurrent(), 'utf8')).toBe('LEVEL="info"\nTOKEN="of\n\\"two\\" lines"\n')
  expect(bench.traces()).toEqual(['.previous'])
})

test('the same version with other variables is another release, and one with the same variables is not', async () => {
  bench.writeArtifact('1.0.0', {})

  const info = await deploy('1.0.0', { LEVEL: 'info' })
  const debug = await deploy('1.0.0', { LEVEL: 'debug' })
  const again = await deploy('1.0.0', { LEVEL: 'info' })

  expect(debug.id).not.toBe(info.id)
  expect(again.id).toBe(info.id)
  expect(readFileSync(inCurrent(), 'utf8')).toBe('LEVEL="info"\n')
  expect(bench.releases()).toEqual([info.id, debug.id].toSorted())
})

test('what an artifact has in its place is replaced, and what changed is still all that is sent', async () => {
  mkdirSync(join(bench.folder, 'config'))
  writeFileSync(join(bench.folder, 'config/payments.env'), 'LEVEL="of the build"\n')
  const made = { content: ['version', 'config', 'ballast'] }
  bench.writeContent('0', { random: 2_000_000 })
  const worker: Context['worker'] = [{ folders: [bench.folder], cache: { folder: join(bench.folder, 'cache') } }]
  const bring = async (version: string) => {
    bench.writeArtifact(version, made)
    const release = await bench.pin(version, settings, worker)
    return bench.introduce(release, settings, { worker, variables: { LEVEL: `of ${version}` } })
  }

  await bring('1.0.0')
  const { note } = await bring('2.0.0')

  expect(note).toMatch(/^sent .* bytes, copied the rest from 1\.0\.0-/)
  expect(readFileSync(inCurrent(), 'utf8')).toBe('LEVEL="of 2.0.0"\n')
})

test('no file is written where a link of the artifact leads', async () => {
  symlinkSync(bench.folder, join(bench.folder, 'config'))
  bench.writeArtifact('1.0.0', { content: ['version', 'config'] })
  const release = await bench.pin('1.0.0', settings)

  const error = await failure(bench.introduce(release, settings, { variables: { LEVEL: 'info' } }))

  expect(error.message).toContain('it has a link at config, and the environment file is below it')
})

/** Values with what files of variables have trouble with. */
const value = fc.oneof(
  fc.string({
    unit: fc.oneof(
      fc.constantFrom('"', "'", '\\', '$', '`', '\n', '\t', ' ', '#', '=', ';', '!', '%', '{', '}', '~', 'é', '🦄'),
      fc.constantFrom('n', '1', '\ufeff', '\u2028'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((character) => isWritable(character)),
    ),
    maxLength: 40,
  }),
  fc.constant(''),
)

function isWritable(text: string): boolean {
  try {
    return writeEnvironmentFile({ V: text }) !== ''
  } catch {
    return false
  }
}

const names = Array.from({ length: 60 }, (_, index) => `VALUE_${index}`)
const variables = fc
  .tuple(...names.map(() => value))
  .map((values) => Object.fromEntries(names.map((name, index) => [name, values[index]!])))

/** The variables that a program has printed by `env -0`. */
function printed(text: string): Record<string, string> {
  const pairs = text.split('\0').map((line) => /^(VALUE_\d+)=(.*)$/s.exec(line))
  return Object.fromEntries(pairs.flatMap((pair) => (pair ? [[pair[1]!, pair[2]!]] : [])))
}

/** What the page on variables shows in a language, for a file and a program that are here. */
function documented(language: string, { file, program = '' }: { file: string; program?: string }): string {
  const page = readFileSync(new URL('../../../../../docs/variables.md', import.meta.url), 'utf8')
  const [, block] = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(page)!
  return block!
    .replaceAll('/srv/payments/current/payments.env', file)
    .replaceAll('-u payments /srv/payments/current/start', `-u root ${program}`)
}

test.for(['sh', 'bash'])('%s reads what was written', async (shell) => {
  const file = join(bench.folder, 'payments.env')
  fc.assert(
    fc.property(variables, (written) => {
      writeFileSync(file, writeEnvironmentFile(written))
      const read = execFileSync(shell, ['-c', 'set -a; . "$0"; exec env -0', file], { encoding: 'utf8' })
      expect(printed(read)).toEqual(written)
    }),
    { numRuns: 20 },
  )
})

test('systemd reads what was written', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'vesemir-environment-'))
  const [file, seen] = [join(folder, 'payments.env'), join(folder, 'seen')]
  await using systemd = await startSystemd(folder, {
    'payments.service': `${documented('ini', { file }).replace('[Service]', '')}Type=oneshot\nExecStart=/bin/sh -c 'env -0 > ${seen}'`,
  })
  if (!systemd) return context.skip('systemd cannot run here')

  const env = { ...process.env, ...systemd.env }
  fc.assert(
    fc.property(variables, (written) => {
      writeFileSync(file, writeEnvironmentFile(written))
      execFileSync('systemctl', ['--user', 'restart', 'payments.service'], { env })
      expect(printed(readFileSync(seen, 'utf8'))).toEqual(written)
    }),
    { numRuns: 20 },
  )
  rmSync(folder, { recursive: true })
})

test('a service of runit finds the variables, by the script of the page on them', async () => {
  const [file, seen] = [join(bench.folder, 'payments.env'), join(bench.folder, 'seen')]
  const written = { VALUE_1: 'a "quoted" $HOME', VALUE_2: 'of\ntwo lines' }
  writeFileSync(file, writeEnvironmentFile(written))
  const program = `sh -c 'env -0 > ${seen}; mv ${seen} ${seen}-whole; exec sleep 1000'`

  await using _ = await startRunit(bench.folder, { run: documented('sh', { file, program }) })
  await vi.waitFor(() => readFileSync(`${seen}-whole`), { timeout: 20_000 })

  expect(printed(readFileSync(`${seen}-whole`, 'utf8'))).toEqual(written)
})
