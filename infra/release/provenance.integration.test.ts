import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeProvenance, type Build } from './provenance.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-provenance-'))
  await writeFile(join(folder, 'vesemir-1.2.0.tgz'), 'the command line')
  await writeFile(join(folder, 'vesemir-1.2.0.cdx.json'), '{}')
  await writeFile(join(folder, 'notes.md'), 'not an artifact')
})
afterEach(() => rm(folder, { recursive: true }))

const commit = '0123456789abcdef0123456789abcdef01234567'
const build: Build = {
  version: '1.2.0',
  commit,
  remote: 'https://ada:hunter2@git.example/vesemir',
  lockFile: 'lockfileVersion: 9',
  startedAt: new Date('2026-11-29T12:00:00Z'),
  finishedAt: new Date('2026-11-29T12:01:00Z'),
  env: {},
}

function sumOf(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}

test('names the artifacts by their hashes, the commit, the lock file and the builder', async () => {
  const file = await writeProvenance(folder, build)

  expect(file).toBe('vesemir-1.2.0.provenance.json')
  expect(JSON.parse(await readFile(join(folder, file), 'utf8'))).toEqual({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [
      { name: 'vesemir-1.2.0.cdx.json', digest: { sha256: sumOf('{}') } },
      { name: 'vesemir-1.2.0.tgz', digest: { sha256: sumOf('the command line') } },
    ],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'urn:vesemir:release',
        externalParameters: { command: 'npm run release', version: '1.2.0' },
        internalParameters: { node: process.version },
        resolvedDependencies: [
          { uri: 'git+https://git.example/vesemir', digest: { gitCommit: commit } },
          { name: 'pnpm-lock.yaml', digest: { sha256: sumOf('lockfileVersion: 9') } },
        ],
      },
      runDetails: {
        builder: { id: 'urn:vesemir:maintainer' },
        metadata: { startedOn: '2026-11-29T12:00:00.000Z', finishedOn: '2026-11-29T12:01:00.000Z' },
      },
    },
  })
})

test('names no repository that is not on the web', async () => {
  const file = await writeProvenance(folder, { ...build, remote: '/srv/vesemir.git' })

  const { predicate } = JSON.parse(await readFile(join(folder, file), 'utf8')) as {
    predicate: { buildDefinition: { resolvedDependencies: object[] } }
  }
  expect(predicate.buildDefinition.resolvedDependencies[0]).toEqual({ digest: { gitCommit: commit } })
})

const github = {
  GITHUB_ACTIONS: 'true',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'a/b',
  GITHUB_RUN_ID: '7',
}

test.each([
  ['GitHub Actions', github, 'https://github.com/a/b/actions/runs/7'],
  ['GitLab CI', { CI_JOB_URL: 'https://gitlab.example/a/b/-/jobs/7' }, 'https://gitlab.example/a/b/-/jobs/7'],
])('names the job of %s that built it', async (_, env, id) => {
  const file = await writeProvenance(folder, { ...build, env })

  expect(JSON.parse(await readFile(join(folder, file), 'utf8'))).toMatchObject({
    predicate: { runDetails: { builder: { id } } },
  })
})

test('is signed by a key where one is given, as OpenSSL confirms, and denies once a byte is changed', async () => {
  const path = (name: string) => join(folder, name)
  execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', path('key.pem')])
  execFileSync('openssl', ['pkey', '-in', path('key.pem'), '-pubout', '-out', path('key.pub')])

  const file = await writeProvenance(folder, build, path('key.pem'))

  const envelope = JSON.parse(await readFile(path(file), 'utf8')) as {
    payloadType: string
    payload: string
    signatures: { sig: string }[]
  }
  const payload = Buffer.from(envelope.payload, 'base64').toString()
  const verify = async (body: string) => {
    const signed = `DSSEv1 ${envelope.payloadType.length} ${envelope.payloadType} ${body.length} ${body}`
    await writeFile(path('signed'), signed)
    await writeFile(path('sig'), Buffer.from(envelope.signatures[0]!.sig, 'base64'))
    const command = ['pkeyutl', '-verify', '-pubin', '-inkey', path('key.pub'), '-rawin']
    return spawnSync('openssl', [...command, '-in', path('signed'), '-sigfile', path('sig')]).status
  }
  expect(await verify(payload)).toBe(0)
  expect(await verify(payload.replace(commit, commit.replace('0', '1')))).toBe(1)
  expect(JSON.parse(payload)).toMatchObject({ subject: [{}, { name: 'vesemir-1.2.0.tgz' }] })
  expect(await readdir(folder)).not.toContain('vesemir-1.2.0.provenance.json')
})
