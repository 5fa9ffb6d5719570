import { durationMs } from '@vesemir/contract'
import { VesemirError, type Inventory } from '@vesemir/core'
import { createAnsibleInventory } from '../ansible/find-hosts.ts'
import { parseListing } from '../ansible/parse-listing.ts'
import { resolveHosts, type AnsibleHost } from '../ansible/resolve-hosts.ts'
import { programEnvironment } from '../../program/program-environment.ts'
import { runProgram, type Program } from '../../program/run-program.ts'
import type { InventoryDeps } from '../deps.ts'
import { CommandOptions } from './options.ts'

/** The inventory that a program prints as Ansible's inventory scripts do, `ansible-inventory --list` among them. */
export const commandInventory = { options: CommandOptions, create: createCommandInventory }

/** Without it Ansible passes over a source that it cannot read, with a warning, and every host of it is lost. */
const refuseUnreadSources = { ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED: 'true' }

/** @throws {VesemirError} `CONFIG_INVALID` when a variable that the program is to get is not in the worker's environment */
function createCommandInventory(options: CommandOptions, deps: InventoryDeps): Inventory {
  const { command, directory, maxOutputBytes, variables, knownHosts } = options
  const setting = 'inventory.environmentVariables'
  const { named, all } = programEnvironment(options.environmentVariables, { env: deps.env ?? process.env, setting })
  const program: Program = {
    command,
    directory,
    maxOutputBytes,
    env: { ...refuseUnreadSources, ...all },
    timeoutMs: durationMs(options.timeout),
  }
  const redact = redactor(Object.values(named))
  // Its arguments are for the worker's settings alone.
  const [name = ''] = command
  const read = (signal?: AbortSignal) => readHosts(program, { name, redact, signal })
  return createAnsibleInventory({ name, variables, knownHosts, read }, deps)
}

/**
 * Runs the program and reads what it prints. What it writes to stderr becomes a warning of the plan: it may be about hosts.
 * @throws {VesemirError} `INVENTORY_UNREACHABLE`, `INVENTORY_ANSWER_INVALID`, `CONFIG_INVALID`
 */
async function readHosts(
  program: Program,
  { name, redact, signal }: { name: string; redact: (text: string) => string; signal: AbortSignal | undefined },
): Promise<{ hosts: AnsibleHost[]; warnings: string[] }> {
  const { stdout, stderr, failure } = await runProgram(program, signal)
  const said = redact(stderr)
  if (failure !== undefined)
    throw new VesemirError('INVENTORY_UNREACHABLE', `${name} ${failure}${said && `: ${said}`}`, { details: { name } })
  try {
    return { hosts: resolveHosts(parseListing(stdout)), warnings: said ? [`${name} says: ${said}`] : [] }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const message = `${name} does not print an inventory as ansible-inventory --list does: ${reason}${said && ` (it says: ${said})`}`
    throw new VesemirError('INVENTORY_ANSWER_INVALID', message, { cause })
  }
}

/** Makes one line of a program's output, without control characters and without secrets. */
function redactor(secrets: readonly string[]): (text: string) => string {
  return (text) => {
    const plain = secrets.reduce((redacted, secret) => redacted.replaceAll(secret, '***'), text)
    return plain.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim()
  }
}
