import { complaintsOf, fieldName } from '@vesemir/contract'
import { VesemirError, type ErrorCode } from '@vesemir/core'
import { isMap, isNode, LineCounter, parseDocument, type Document } from 'yaml'
import type { z } from 'zod'
import type { FieldError } from './field-errors.ts'

/**
 * Reads YAML and checks it by a schema.
 * @throws {VesemirError} of the code given, whose `details.errors` say what is wrong with which field, and where
 */
export function parseYaml<Schema extends z.ZodType>(
  text: string,
  { schema, file, code }: { schema: Schema; file: string; code: ErrorCode },
): z.output<Schema> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const placeOf = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${line}:${col}`
  }
  const fail = (errors: FieldError[]) => new VesemirError(code, `${file} is not valid`, { details: { errors } })
  const [broken] = document.errors
  if (broken) throw fail([{ field: '', message: broken.message, place: placeOf(broken.pos[0]) }])
  const content: unknown = document.toJS()
  const checked = schema.safeParse(content)
  if (checked.success) return checked.data
  throw fail(
    complaintsOf(checked.error, content).map(({ path, message }) => ({
      field: fieldName(path),
      message,
      place: placeOf(offsetOf(document, path)),
    })),
  )
}

/** Where a field stands; of a missing one, what it is missing from. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  if (path.length === 0) return document.contents?.range?.[0] ?? 0
  const parent = document.getIn(path.slice(0, -1), true)
  const pair = isMap(parent) ? parent.items.find(({ key }) => String(key) === String(path.at(-1))) : undefined
  if (isNode(pair?.key) && pair.key.range) return pair.key.range[0]
  const node = document.getIn(path, true)
  return isNode(node) && node.range ? node.range[0] : offsetOf(document, path.slice(0, -1))
}
