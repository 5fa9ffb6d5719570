// `npm run release`: makes a release of what stands in .changeset, as a commit, a tag and two packages. It publishes nothing:
// at the end it says how. VESEMIR_RELEASE_KEY names the private key, Ed25519 in PEM, that signs its provenance.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packPackages } from '../packages/pack.ts'
import { writeProvenance } from './provenance.ts'
import { output, run } from './run.ts'
import { addRelease, nextVersion, releaseNotes, type ReleasePlan } from './write-changelog.ts'

const root = join(import.meta.dirname, '../..')
const folder = join(root, 'dist/release')

if ((await output('git', ['branch', '--show-current'])) !== 'main\n') fail('a release is made from the branch main')
if ((await output('git', ['status', '--porcelain'])) !== '') fail('there are changes that are not committed')
const plan = await readPlan()
const version = nextVersion(plan) ?? fail('nothing to release: npm run changeset describes a change')
const notes = releaseNotes(plan)
const startedAt = new Date()
await writeVersion()
await buildPackages()
await run('git', ['add', '--all'])
await run('git', ['commit', '--quiet', '--message', `Release ${version}`])
await run('git', ['tag', '--annotate', `v${version}`, '--cleanup', 'verbatim', '--message', `${version}\n\n${notes}\n`])
const provenance = await describeRelease()
console.log(`
${version} is committed and tagged; its packages, notes and ${provenance} are in dist/release. To publish it:
  git push --follow-tags
  npm publish dist/release/vesemir-${version}.tgz && npm publish dist/release/vesemir-server-${version}.tgz
  gh release create v${version} --notes-file dist/release/notes.md dist/release/*.tgz dist/release/*.cdx.json dist/release/${provenance}`)

/** After the commit, which is what was built: nothing else was changed. */
async function describeRelease(): Promise<string> {
  const build = {
    version,
    commit: (await output('git', ['rev-parse', 'HEAD'])).trim(),
    remote: (await output('git', ['config', '--default', '', '--get', 'remote.origin.url'])).trim(),
    lockFile: await readFile(join(root, 'pnpm-lock.yaml'), 'utf8'),
    startedAt,
    finishedAt: new Date(),
    env: process.env,
  }
  return writeProvenance(folder, build, process.env['VESEMIR_RELEASE_KEY'])
}

async function readPlan(): Promise<ReleasePlan> {
  const scratch = await mkdtemp(join(tmpdir(), 'vesemir-release-'))
  const file = join(scratch, 'plan.json')
  try {
    await run('changeset', ['status', '--output', file])
    return JSON.parse(await readFile(file, 'utf8')) as ReleasePlan
  } finally {
    await rm(scratch, { recursive: true })
  }
}

/** Writes the version into every package, and what is new into CHANGELOG.md, which takes the place of the changesets. */
async function writeVersion(): Promise<void> {
  await run('changeset', ['version'])
  const file = join(root, 'CHANGELOG.md')
  const date = new Date().toISOString().slice(0, 10)
  await writeFile(file, addRelease(await readFile(file, 'utf8'), { version, date, notes }))
}

async function buildPackages(): Promise<void> {
  await packPackages(folder)
  // Of what runs, by the lock file: nothing is asked of a registry.
  const format = ['--sbom-format', 'cyclonedx', '--sbom-spec-version', '1.6', '--sbom-type', 'application']
  await run('pnpm', [
    'sbom',
    ...format,
    '--prod',
    '--lockfile-only',
    '--out',
    join(folder, `vesemir-${version}.cdx.json`),
  ])
  await writeFile(join(folder, 'notes.md'), `${notes}\n`)
}

function fail(why: string): never {
  console.error(`release: ${why}`)
  process.exit(1)
}
