import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import type { AnsibleInventory, Variables } from './inventory.ts'
import { readYaml } from './read-yaml.ts'
import type { VariableFiles } from './resolve-hosts.ts'
import { isVaulted, ansibleHint } from './unread.ts'

/** In the order in which they are looked for; the first that is there holds. */
const extensions = ['', '.yml', '.yaml', '.json']

/**
 * Reads the folders `group_vars` and `host_vars` beside an inventory file, as Ansible does (vars plugin host_group_vars): for
 * each group and host a file, or a folder of files.
 * @throws {Error} naming the file that cannot be read, without what stands in it
 */
export async function readVariableFiles(path: string, { groups, hosts }: AnsibleInventory): Promise<VariableFiles> {
  const folder = dirname(path)
  return {
    groups: await readFolder(join(folder, 'group_vars'), [...groups.keys()]),
    hosts: await readFolder(join(folder, 'host_vars'), [...hosts.keys()]),
  }
}

async function readFolder(folder: string, names: readonly string[]): Promise<Map<string, Variables>> {
  const there = new Set(await entriesOf(folder))
  const found = new Map<string, Variables>()
  for (const name of there.size > 0 ? names : []) {
    const extension = extensions.find((one) => there.has(name + one))
    if (extension === undefined) continue
    const files = await filesIn(join(folder, name + extension))
    const read = await Promise.all(files.map(readVariables))
    found.set(name, new Map(read.flatMap((variables) => [...variables])))
  }
  return found
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw error
  }
}

/** A file, or all files in a folder in order of name, but for hidden ones and backups. */
async function filesIn(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const entries = (await readdir(path)).filter((name) => !name.startsWith('.') && !name.endsWith('~')).toSorted()
  const files: string[] = []
  for (const entry of entries) {
    const within = join(path, entry)
    const isFolder = (await stat(within)).isDirectory()
    if (isFolder && extname(entry) === '') files.push(...(await filesIn(within)))
    if (!isFolder && extensions.includes(extname(entry))) files.push(within)
  }
  return files
}

async function readVariables(path: string): Promise<Variables> {
  const text = await readFile(path, 'utf8')
  if (isVaulted(text)) throw new Error(`${path} is encrypted by Ansible Vault: ${ansibleHint}`)
  try {
    const content = readYaml(text)
    if (content === null) return new Map()
    if (content instanceof Map) return content as Variables
  } catch (cause) {
    throw new Error(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
  throw new Error(`${path} must be a mapping of variables`)
}
