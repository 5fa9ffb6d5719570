import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { isVesemirError } from '@vesemir/core'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readInventoryFile } from '../file/read-inventory-file.ts'
import { iniInventory, variableFiles, yamlInventory } from './testing/arbitrary-inventories.ts'
import { comparableHosts, hostsOf, runAnsible } from './testing/run-ansible.ts'

// The real ansible-inventory is the judge: what is read here is read as it reads it, or refused.

const fixtures = join(import.meta.dirname, 'testing/inventories')
const runs = Number(process.env['PROPERTY_RUNS'] ?? 30)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-ansible-'))
})
afterAll(() => rm(folder, { recursive: true }))

const refused = 'refused'

async function readHere(path: string) {
  try {
    return comparableHosts(await readInventoryFile(path))
  } catch (error) {
    if (isVesemirError(error, 'CONFIG_INVALID')) return refused
    throw error
  }
}

const readThere = async (paths: readonly string[]) =>
  (await runAnsible(paths)).map((answer) => ('listing' in answer ? hostsOf(answer.listing) : refused))

describe('an inventory file', async () => {
  const names = await readdir(fixtures)
  const there = await readThere(names.map((name) => join(fixtures, name)))

  test.each(names)('is read, or refused, as Ansible does: %s', async (name) => {
    expect(await readHere(join(fixtures, name))).toEqual(there[names.indexOf(name)])
  })
})

interface Sample {
  text: string
  files: Record<string, string>
}

/** Writes a sample into a folder of its own, and gives the path of the inventory. */
async function write(name: string, { text, files }: Sample): Promise<string> {
  const own = await mkdtemp(join(folder, 'sample-'))
  for (const [path, content] of Object.entries({ [name]: text, ...files })) {
    await mkdir(dirname(join(own, path)), { recursive: true })
    await writeFile(join(own, path), content)
  }
  return join(own, name)
}

test.each([
  ['hosts', iniInventory],
  ['hosts.yml', yamlInventory],
])(
  'random inventories are read as Ansible does, or refused, and many are read: %s',
  { timeout: 60_000 + runs * 1000 },
  async (name, arbitrary) => {
    const samples = fc.sample(fc.record({ text: arbitrary, files: variableFiles }), { numRuns: runs })
    const paths = await Promise.all(samples.map((sample) => write(name, sample)))

    const there = await readThere(paths)
    const here = await Promise.all(paths.map(readHere))

    // Each beside its sample, so that a failure shows it.
    const compared = samples.map((sample, index) => ({ ...sample, is: here[index] }))
    expect(compared).toEqual(
      samples.map((sample, index) => ({ ...sample, is: here[index] === refused ? refused : there[index] })),
    )
    expect(here.filter((read) => read !== refused).length).toBeGreaterThan(runs / 5)
  },
)
