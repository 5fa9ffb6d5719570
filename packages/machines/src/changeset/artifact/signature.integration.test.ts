import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Changeset } from '@vesemir/contract'
import { startServer } from '@vesemir/testing/start-server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ChangesetsOptions, createChangesets } from '../index.ts'
import { anArtifactChangeset, aSpec } from '../testing/a-spec.ts'
import { artifacts } from '../testing/an-artifact.ts'
import { hostileArchive } from '../testing/hostile-archive.ts'
import { ArtifactOptions } from './artifact-options.ts'

/** Signed by the real minisign. */
let folder: string
let publicKeys: Record<'ours' | 'theirs', string>
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vesemir-signature-'))
  for (const name of ['signed', 'unsigned', 'altered', 'theirs', 'renamed', 'comment', 'garbage'])
    mkdirSync(join(folder, name))
  const makeKey = (name: string) => {
    execFileSync('minisign', ['-G', '-W', '-p', join(folder, `${name}.pub`), '-s', join(folder, `${name}.key`)])
    return readFileSync(join(folder, `${name}.pub`), 'utf8')
  }
  publicKeys = { ours: makeKey('ours'), theirs: makeKey('theirs') }
  const archive = (text: string) => hostileArchive('tar.gz', [{ name: 'version', text }])
  const put = (place: string, text = '1.0.0') => {
    const path = join(folder, place, 'shop-1.0.0.tar.gz')
    writeFileSync(path, archive(text))
    return path
  }
  const sign = (path: string, by = 'ours') =>
    execFileSync('minisign', ['-S', '-s', join(folder, `${by}.key`), '-m', path])
  sign(put('signed'))
  put('unsigned')
  sign(put('altered'))
  put('altered', '6.6.6')
  sign(put('theirs'), 'theirs')
  const old = join(folder, 'shop-0.9.0.tar.gz')
  writeFileSync(old, archive('0.9.0'))
  sign(old)
  copyFileSync(old, put('renamed'))
  copyFileSync(`${old}.minisig`, join(folder, 'renamed', 'shop-1.0.0.tar.gz.minisig'))
  const commented = put('comment')
  sign(commented)
  const text = readFileSync(`${commented}.minisig`, 'utf8')
  writeFileSync(`${commented}.minisig`, text.replace(/timestamp:\d/, 'timestamp:9'))
  writeFileSync(`${put('garbage')}.minisig`, 'x'.repeat(100))
})
afterAll(() => rmSync(folder, { recursive: true }))

const options = () => ({
  folders: [folder],
  signatures: [{ environments: ['prod*'], publicKeys: [publicKeys.ours] }],
})

function pin(
  url: string,
  { environment = 'production', ...changed }: { environment?: string } & Partial<ReturnType<typeof options>> = {},
) {
  return artifacts({ ...options(), ...changed }).pin(anArtifactChangeset({ url }), aSpec({ environment }))
}

const at = (place: string) => `file://${folder}/${place}/shop-{version}.tar.gz`

describe('in an environment that takes signed artifacts alone', () => {
  test('an artifact that minisign has signed is pinned', async () => {
    expect(await pin(at('signed'))).toMatchObject({ id: expect.stringMatching(/^1\.0\.0-/) as string })
  })

  test('one of a server is too, with its signature beside it', async () => {
    await using server = await startServer(
      createServer(({ url = '' }, answer) => answer.end(readFileSync(join(folder, 'signed', url.split('?')[0]!)))),
    )

    expect(await pin(`http://127.0.0.1:${server.port}/shop-{version}.tar.gz?build=1`)).toHaveProperty('sha256')
  })

  test.each([
    ['has none', 'unsigned', /has no signature: .*shop-1\.0\.0\.tar\.gz\.minisig/],
    ['was altered', 'altered', /is not what [0-9A-F]{16} has signed/],
    ['has that of another key', 'theirs', /is signed by the key [0-9A-F]{16}, which is none of [0-9A-F]{16}$/],
    ['is an earlier version under a later name', 'renamed', /is signed as "shop-0\.9\.0\.tar\.gz"/],
    ['has one whose comment was changed', 'comment', /is not what [0-9A-F]{16} has signed/],
    ['has one of another kind', 'garbage', /has no signature of minisign/],
  ])('one whose signature %s is refused before anything is touched', async (_, place, message) => {
    await expect(pin(at(place))).rejects.toMatchObject({
      code: 'ARTIFACT_UNSIGNED',
      message: expect.stringMatching(message) as string,
    })
  })

  test('one by the old key is taken while both keys are named', async () => {
    const signatures = [{ environments: ['*'], publicKeys: [publicKeys.theirs, publicKeys.ours] }]

    expect(await pin(at('theirs'), { signatures })).toHaveProperty('sha256')
    expect(await pin(at('signed'), { signatures })).toHaveProperty('sha256')
  })

  test.each([
    [
      'git',
      { strategy: 'git', repository: 'https://git.example/shop.git', revision: '{version}', directory: '/srv/shop' },
    ],
    ['command', { strategy: 'command', commands: ['true'] }],
  ])('what is no artifact is refused: %s', async (strategy, changeset) => {
    const settings = ChangesetsOptions.parse({ artifact: options() })
    const pinWith = (environment: string) => {
      const spec = aSpec({ changeset: changeset as Changeset, environment })
      return createChangesets(settings, { env: {} })(spec.changeset).pin(spec.changeset as never, spec, {
        signal: AbortSignal.timeout(1),
      })
    }

    await expect(pinWith('production')).rejects.toMatchObject({
      code: 'ARTIFACT_UNSIGNED',
      message: `production takes signed artifacts alone, which the strategy ${strategy} has not`,
    })
  })
})

test('elsewhere nothing needs a signature', async () => {
  const spec = aSpec({ changeset: { strategy: 'command', commands: ['true'] } as Changeset, environment: 'staging' })
  const strategy = createChangesets(ChangesetsOptions.parse({ artifact: options() }), { env: {} })(spec.changeset)

  expect(await strategy.pin(spec.changeset as never, spec)).toHaveProperty('strategy', 'command')
  expect(await pin(at('unsigned'), { environment: 'staging' })).toHaveProperty('sha256')
})

test('a public key that is none is refused with the settings', () => {
  const signatures = [{ environments: ['*'], publicKeys: ['RWQ='] }]

  expect(() => ArtifactOptions.parse({ signatures })).toThrow('is no public key of minisign')
})
