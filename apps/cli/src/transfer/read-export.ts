import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { complaintsOf, describeIssue, ExportHead, exportFormat, ExportLine, fieldName } from '@vesemir/contract'
import { VesemirError, type Transferred } from '@vesemir/core'
import type { FieldError } from '@vesemir/process/settings'
import { softwareVersion } from '@vesemir/process/version'
import type { z } from 'zod'

/** After so many, the rest would not help. */
const mostErrors = 20

/** What the lines of a file hold. */
interface Content {
  applications: Transferred['applications'][number][]
  locks: Transferred['locks'][number][]
  grants: Transferred['grants'][number][]
}

/**
 * Reads an export, line by line, and checks all of it.
 * @throws {VesemirError} `REQUEST_INVALID` with each wrong line and field; `SCHEMA_TOO_NEW` where a newer version wrote it
 */
export async function readExport(file: string): Promise<Transferred> {
  const content: Content = { applications: [], locks: [], grants: [] }
  const errors: FieldError[] = []
  /** Where each thing stands, by its kind and name. */
  const places = new Map<string, number>()
  let number = 0
  let isWhole = false
  for await (const text of linesOf(file)) {
    number += 1
    const complain = (field: string, message: string) => errors.push({ field, message, place: `${file}:${number}` })
    if (errors.length >= mostErrors) break
    if (number === 1) readHead(text, { file, complain })
    else if (isWhole) complain('', 'comes after the end of the export')
    else {
      const line = readLine(text, ExportLine, complain)
      if (line) isWhole = take(line, { content, places, number, complain })
    }
  }
  if (errors.length === 0 && !isWhole)
    errors.push({ field: '', message: 'the export is cut off: its last line is missing', place: `${file}:${number}` })
  if (errors.length > 0)
    throw new VesemirError('REQUEST_INVALID', `${file} is not a valid export: nothing was imported`, {
      details: { errors },
    })
  return content
}

type Complain = (field: string, message: string) => void

function readHead(text: string, { file, complain }: { file: string; complain: Complain }): void {
  const head = readLine(text, ExportHead, complain)
  if (!head || head.format <= exportFormat) return
  const message = `${file} has form ${head.format}, of Vesemir ${head.version}; this is Vesemir ${softwareVersion}, which reads form ${exportFormat}`
  throw new VesemirError('SCHEMA_TOO_NEW', message)
}

/** Notes what a line holds. Returns whether it is the last. */
function take(
  line: ExportLine,
  {
    content,
    places,
    number,
    complain,
  }: { content: Content; places: Map<string, number>; number: number; complain: Complain },
): boolean {
  const only = (field: string, name: string) => {
    const first = places.get(`${line.kind} ${name}`)
    if (first === undefined) return void places.set(`${line.kind} ${name}`, number)
    complain(field, `${JSON.stringify(name)} is on line ${first} too`)
  }
  switch (line.kind) {
    case 'application':
      only('definition.name', line.definition.name)
      content.applications.push(line.definition)
      return false
    case 'lock':
      only('lock.environment', `${line.lock.application} in ${line.lock.environment}`)
      content.locks.push(line.lock)
      return false
    case 'grant':
      content.grants.push(line.grant)
      return false
    case 'end-of-export':
      // The first line and this one are none of them.
      if (line.lines !== number - 2) complain('lines', `${line.lines} were written, and ${number - 2} are there`)
      return true
  }
}

function readLine<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
  complain: Complain,
): z.output<Schema> | undefined {
  const value = parse(text)
  if (value === undefined) {
    complain('', 'is not JSON')
    return undefined
  }
  const checked = schema.safeParse(value, { error: describeIssue })
  if (checked.success) return checked.data
  for (const { path, message } of complaintsOf(checked.error, value)) complain(fieldName(path), message)
  return undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const stream = createReadStream(file)
  try {
    yield* createInterface({ input: stream, crlfDelay: Infinity })
  } catch (cause) {
    throw new VesemirError('REQUEST_INVALID', `cannot read ${file}: ${(cause as NodeJS.ErrnoException).code}`, {
      cause,
    })
  } finally {
    stream.destroy()
  }
}
