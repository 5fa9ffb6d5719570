import { readFile, stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { VesemirError } from '@vesemir/core'
import type { AnsibleInventory } from '../ansible/inventory.ts'
import { parseIniInventory } from '../ansible/parse-ini.ts'
import { parseYamlInventory } from '../ansible/parse-yaml.ts'
import { resolveHosts, type AnsibleHost } from '../ansible/resolve-hosts.ts'
import { isVaulted, ansibleHint } from '../ansible/unread.ts'
import { readVariableFiles } from '../ansible/variable-files.ts'

const yamlExtensions = ['.yml', '.yaml', '.json']

/**
 * Reads an Ansible inventory file with the folders group_vars and host_vars beside it.
 * @throws {VesemirError} `CONFIG_INVALID`
 */
export async function readInventoryFile(path: string): Promise<AnsibleHost[]> {
  try {
    if ((await stat(path)).isDirectory()) throw new Error(`it is a folder: name one file of it, or ${ansibleHint}`)
    const inventory = parseInventory(path, await readFile(path, 'utf8'))
    return resolveHosts(inventory, await readVariableFiles(path, inventory))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new VesemirError('CONFIG_INVALID', `the inventory file ${path} cannot be used: ${reason}`, { cause })
  }
}

/** Ansible tries YAML first where a file has no extension, then INI. */
function parseInventory(path: string, text: string): AnsibleInventory {
  if (text.startsWith('#!')) throw new Error('it is a program: use the inventory `kind: command`')
  if (isVaulted(text)) throw new Error(`it is encrypted by Ansible Vault: ${ansibleHint}`)
  const extension = extname(path)
  if (yamlExtensions.includes(extension)) return parseYamlInventory(text)
  if (extension === '.toml') throw new Error(`it is TOML: ${ansibleHint}`)
  return extension === '' ? parseEither(text) : parseIniInventory(text)
}

function parseEither(text: string): AnsibleInventory {
  const [asYaml, asIni] = [attempt(parseYamlInventory, text), attempt(parseIniInventory, text)]
  if (!(asYaml instanceof Error)) return asYaml
  if (!(asIni instanceof Error)) return asIni
  throw new Error(`it is neither an inventory in INI (${asIni.message}) nor one in YAML (${asYaml.message})`)
}

function attempt(parse: (text: string) => AnsibleInventory, text: string): AnsibleInventory | Error {
  try {
    return parse(text)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
