import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { root, samplesOf } from './pages.ts'

/** The packages that have something to do with a step of the walk. */
const stepProjects = ['packages/contract', 'packages/core', 'packages/words']
const projects = [...stepProjects, 'packages/process', 'packages/testing', 'packages/machines']

/** A copy of the packages, in which a newcomer does what the page says. */
let copy: string

beforeEach(async () => {
  copy = await mkdtemp(join(tmpdir(), 'vesemir-extending-'))
  await cp(join(root, 'tsconfig.base.json'), join(copy, 'tsconfig.base.json'))
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  for (const path of projects) await copyPackage(path)
}, 60_000)
afterEach(() => rm(copy, { recursive: true }))

test('a changeset strategy, done as the page says, leaves to the compiler what the page says that it leaves', async () => {
  const [schema, pinned, strategy, registration] = samplesOf('docs/extending.md', 'ts').map(({ text }) => text)

  await change('packages/contract/src/changeset.ts', (file) =>
    file
      .replace('export const Changeset = ', `${schema}\nexport const Changeset = `)
      .replace('[ArtifactChangeset, ', '[AptChangeset, ArtifactChangeset, '),
  )
  await change('packages/contract/src/plan.ts', (file) =>
    file.replace("PlannedRelease = z.discriminatedUnion('strategy', [", (found) => `${found}\n${pinned}`),
  )
  await mkdir(join(copy, 'packages/machines/src/changeset/apt'))
  await writeFile(join(copy, 'packages/machines/src/changeset/apt/create-apt.ts'), strategy!)
  await change('packages/machines/src/changeset/index.ts', (file) =>
    file
      .replace("import { z } from 'zod'\n", (found) => `${found}import { createApt } from './apt/create-apt.ts'\n`)
      .replace('ReleaseOf<Name>> } = {', (found) => `${found}\n${registration}`),
  )

  expect(await compile()).toEqual([
    "packages/core/src/steps/deploy.ts: Function lacks ending return statement and return type does not include 'undefined'.",
    "packages/words/src/settings.ts: Function lacks ending return statement and return type does not include 'undefined'.",
  ])
}, 300_000)

test('a step, done as the page says, leaves to the compiler what the page says that it leaves', async () => {
  const [step, registration] = samplesOf('docs/extending.md', 'ts')
    .slice(4)
    .map(({ text }) => text)
  await change('packages/contract/src/step-names.ts', (file) =>
    file.replace("  'enable',\n", (found) => `  'warm',\n${found}`),
  )
  const unlisted = await compile(stepProjects)
  await writeFile(join(copy, 'packages/core/src/steps/warm.ts'), step!)
  await change('packages/core/src/steps/steps.ts', (file) =>
    file
      .replace("import { verify } from './verify.ts'\n", (found) => `${found}import { warm } from './warm.ts'\n`)
      .replace('  enable,\n', (found) => `  ${registration}${found}`),
  )
  const listed = await compile(stepProjects)

  expect(new Set(unlisted.map(fileOf))).toEqual(
    new Set(['packages/core/src/steps/steps.ts', 'packages/words/src/steps.ts']),
  )
  expect(listed).toEqual([
    expect.stringMatching(/^packages\/words\/src\/steps\.ts: Property 'warm' is missing in type/),
  ])
}, 300_000)

test('the sketch of a third load balancer compiles as it is, in a folder of its own', async () => {
  const [sketch] = samplesOf('docs/decisions/0037-what-a-load-balancer-must-do.md', 'ts')
  const folder = join(copy, 'packages/machines/src/load-balancer')
  await change('packages/contract/src/load-balancer.ts', (file) =>
    file
      .replace('/** For applications that', (found) => `${nginxSettings}\n${found}`)
      .replace('[HaproxySettings, ', (found) => `${found}NginxSettings, `),
  )
  await change('packages/contract/src/index.ts', (file) =>
    file.replace('HaproxySettings,', (found) => `${found} NginxSettings,`),
  )
  await mkdir(join(folder, 'nginx'))
  await writeFile(join(folder, 'nginx/create-nginx.ts'), sketch!.text)
  await change('packages/machines/src/load-balancer/index.ts', (file) =>
    file
      .replace('import { createNone }', (found) => `import { createNginx } from './nginx/create-nginx.ts'\n${found}`)
      .replace('none: createNone()', (found) => `nginx: createNginx(deps), ${found}`),
  )

  const complaints = await compile()

  expect(complaints.filter((complaint) => complaint.startsWith('packages/machines/'))).toEqual([])
  expect(new Set(complaints.map(fileOf))).toEqual(new Set(readers))
}, 300_000)

/** What says in a plan, or on the page, what a load balancer will do. */
const readers = [
  'packages/core/src/locate-servers.ts',
  'packages/core/src/steps/guard.ts',
  'packages/core/src/traffic-policy.ts',
  'packages/words/src/settings.ts',
]

const nginxSettings = `
export const NginxSettings = z.strictObject({
  kind: z.literal('nginx'),
  boxes: BoxSelection,
  file: z.string(),
  upstream: z.string(),
  ...Traffic.shape,
})
export type NginxSettings = z.infer<typeof NginxSettings>
`

/** Compiles as `tsc -b` does, but goes on where one package has errors; gives them all. */
async function compile(paths = projects): Promise<string[]> {
  const complaints: string[] = []
  for (const project of paths) {
    const tsc = promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-p', project], { cwd: copy })
    const { stdout } = await tsc.catch((error: { stdout: string }) => error)
    complaints.push(...stdout.split('\n').filter((line) => line.includes('error TS')))
  }
  return complaints.map((line) => line.replace(/\(\d+,\d+\): error TS\d+/, ''))
}

function fileOf(complaint: string): string {
  return complaint.split(':')[0]!
}

async function change(path: string, edit: (text: string) => string): Promise<void> {
  const file = join(copy, path)
  const before = await readFile(file, 'utf8')
  const after = edit(before)
  expect(after, `${path} has no place for what the page adds`).not.toBe(before)
  await writeFile(file, after)
}

/** Copies what a package's program is made of; its libraries are linked, its own packages to their copies. */
async function copyPackage(path: string): Promise<void> {
  const folder = join(copy, path)
  for (const name of ['src', 'package.json', 'tsconfig.json'])
    await cp(join(root, path, name), join(folder, name), { recursive: true })
  // All else of the package has nothing to do with it.
  if (path === projects.at(-1))
    await change(`${path}/tsconfig.json`, (file) =>
      file.replace('["src"]', '["src/changeset/index.ts"]').replace('"rootDir"', '"composite": false, "rootDir"'),
    )
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  for (const name of Object.keys(manifest.dependencies)) {
    const isOurs = name.startsWith('@vesemir/')
    const target = isOurs
      ? join(copy, 'packages', name.slice('@vesemir/'.length))
      : join(root, path, 'node_modules', name)
    const link = join(folder, 'node_modules', name)
    await mkdir(dirname(link), { recursive: true })
    await symlink(target, link)
  }
}
