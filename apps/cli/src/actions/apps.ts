import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { GivenDefinition } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { stringify } from 'yaml'
import { exitCodes } from '../exit-codes.ts'
import { jsonDocument } from '../render/json.ts'
import { applicationLines } from '../render/lists.ts'
import type { Session } from '../session.ts'
import { parseYaml } from '@vesemir/process/settings'

/** Registers an application from a file, `-` for stdin, after checking the file here. */
export async function applyApplication(file: string, { client, json, write, notify }: Session): Promise<number> {
  const name = file === '-' ? 'stdin' : file
  const definition = parseYaml(await readInput(file), {
    schema: GivenDefinition,
    file: name,
    code: 'REQUEST_INVALID',
  })
  const registered = await client.putApplication(definition)
  if (json) write(jsonDocument(registered))
  else
    notify([
      `${registered.name} registered. Deploy it: vesemir deploy ${registered.name} -e ENVIRONMENT --version VERSION`,
    ])
  return exitCodes.succeeded
}

/** Lists the registered applications. */
export async function listApplications({ client, json, write, print, notify }: Session): Promise<number> {
  const list = await client.listApplications()
  if (json) write(jsonDocument(list))
  else if (list.applications.length === 0)
    notify(['No applications found. Register one: vesemir apps apply -f app.yml'])
  else applicationLines(list.applications).forEach(print)
  return exitCodes.succeeded
}

/** Shows an application as it is registered, in the form that `apply` reads. */
export async function showApplication(name: string, { client, json, write, print }: Session): Promise<number> {
  const definition = await client.getApplication(name)
  if (json) write(jsonDocument(definition))
  else for (const line of stringify(definition, { lineWidth: 0 }).trimEnd().split('\n')) print([line])
  return exitCodes.succeeded
}

async function readInput(file: string): Promise<string> {
  try {
    return await (file === '-' ? text(process.stdin) : readFile(file, 'utf8'))
  } catch (cause) {
    throw new VesemirError('REQUEST_INVALID', `cannot read ${file}: ${(cause as NodeJS.ErrnoException).code}`, {
      cause,
    })
  }
}
