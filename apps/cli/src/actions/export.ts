import { open, rename, rm } from 'node:fs/promises'
import { exportFormat, type ExportHead, type ExportLine } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { softwareVersion } from '@vesemir/process/version'
import { count } from '@vesemir/words'
import { exitCodes } from '../exit-codes.ts'
import { jsonLine } from '../render/json.ts'
import { refuseUnlessAdmin } from '../transfer/refuse-unless-admin.ts'
import type { Session } from '../session.ts'

/** Writes what another installation can import, to a file or to stdout: one JSON object a line, no secrets and no keys. */
export async function exportAll(file: string | undefined, session: Session): Promise<number> {
  const { write, notify } = session
  await refuseUnlessAdmin(session, 'export')
  if (file === undefined) for await (const line of exportLines(session)) write(jsonLine(line))
  else {
    const lines = await writeWhole(file, exportLines(session))
    notify([`${count(lines, 'line')} written to ${file}. Import them elsewhere: vesemir import ${file} --plan`])
  }
  return nameMissing(session)
}

/** Lists leave out definitions that cannot be read, which the doctor names: a file without them is no success. */
async function nameMissing({ client, notify }: Session): Promise<number> {
  const { checks } = await client.doctor()
  const missing = checks.filter(({ name, target, ok }) => name === 'record' && target === 'applications' && !ok)
  for (const { detail, hint } of missing) notify([`missing in the export: ${detail}${hint ? `. ${hint}` : ''}`])
  return missing.length === 0 ? exitCodes.succeeded : exitCodes.incomplete
}

/** Yields the lines of an export. */
async function* exportLines({ client }: Session): AsyncGenerator<ExportHead | ExportLine> {
  const exportedAt = new Date().toISOString()
  yield { kind: 'export', format: exportFormat, version: softwareVersion, exportedAt }
  let lines = 0
  for await (const line of contentLines(client)) {
    yield line
    lines += 1
  }
  yield { kind: 'end-of-export', lines }
}

async function* contentLines(client: Session['client']): AsyncGenerator<ExportLine> {
  const { applications } = await client.listApplications()
  for (const definition of applications) yield { kind: 'application', definition }
  const { locks } = await client.listLocks()
  for (const lock of locks) yield { kind: 'lock', lock }
  const { grants } = await client.listGrants()
  for (const grant of grants) yield { kind: 'grant', grant }
}

/** Writes lines to a file that gets its name once it is whole; only its owner can read it. Returns how many there are. */
async function writeWhole(path: string, lines: AsyncIterable<object>): Promise<number> {
  const part = `${path}.part`
  let written = 0
  try {
    await using file = await open(part, 'w', 0o600).catch((cause: NodeJS.ErrnoException) => {
      throw new VesemirError('REQUEST_INVALID', `cannot write ${part}: ${cause.code}`, { cause })
    })
    for await (const line of lines) {
      await file.appendFile(jsonLine(line))
      written += 1
    }
    await file.sync()
    await rename(part, path)
  } finally {
    await rm(part, { force: true })
  }
  return written
}
