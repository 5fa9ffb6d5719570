import { complaintsOf, fieldName, describeIssue } from '@vesemir/contract'
import { VesemirError, type ErrorCode } from '@vesemir/core'
import { isMap, isNode, LineCounter, parseDocument, type Document } from 'yaml'
import type { z } from 'zod'

/** What is wrong with one field of what a person wrote; `place` is where, such as `app.yml:12:3`. */
export interface FieldError {
  field: string
  message: string
  place?: string
}

/** Where a text comes from, and the code of the error when it is wrong. */
export interface YamlSource {
  file: string
  code: ErrorCode
}

/** The content of a YAML file, and where in it each field stands. */
export interface YamlContent {
  content: unknown
  placeOf: (path: readonly PropertyKey[]) => string
}

/**
 * Reads YAML and checks it by a schema.
 * @throws {VesemirError} of the code given, whose `details.errors` say what is wrong with which field, and where
 */
export function parseYaml<Schema extends z.ZodType>(
  text: string,
  { schema, ...source }: YamlSource & { schema: Schema },
): z.output<Schema> {
  const { content, placeOf } = readYaml(text, source)
  return check(content, { schema, placeOf, ...source })
}

/** Reads YAML that holds fields. Its errors quote nothing of the text: it may be a secret. Throws as `parseYaml`. */
export function readYaml(text: string, source: YamlSource): YamlContent {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const placeAt = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${source.file}:${line}:${col}`
  }
  const [broken] = document.errors
  if (broken) throw notValid(source, [{ field: '', message: broken.message, place: placeAt(broken.pos[0]) }])
  const placeOf: YamlContent['placeOf'] = (path) => placeAt(offsetOf(document, path))
  const content: unknown = document.toJS()
  if (isMap(document.contents)) return { content, placeOf }
  throw notValid(source, [{ field: '', message: notFields(content), place: placeOf([]) }])
}

/** Checks fields by a schema. Throws as `parseYaml`. */
export function check<Schema extends z.ZodType>(
  content: unknown,
  { schema, placeOf, ...source }: YamlSource & Pick<YamlContent, 'placeOf'> & { schema: Schema },
): z.output<Schema> {
  const checked = schema.safeParse(content, { error: describeIssue })
  if (checked.success) return checked.data
  const complaints = complaintsOf(checked.error, content)
  throw notValid(
    source,
    complaints.map(({ path, message }) => ({ field: fieldName(path), message, place: placeOf(path) })),
  )
}

function notValid({ file, code }: YamlSource, errors: FieldError[]): VesemirError {
  return new VesemirError(code, `${file} is not valid`, { details: { errors } })
}

function notFields(content: unknown): string {
  const found = Array.isArray(content) ? 'is a list' : content === null ? 'is empty' : `is a ${typeof content}`
  return `the file ${found}; write one "name: value" a line`
}

/** Returns where a field stands; of a missing one, what it is missing from. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  if (path.length === 0) return document.contents?.range?.[0] ?? 0
  const parent = document.getIn(path.slice(0, -1), true)
  const pair = isMap(parent) ? parent.items.find(({ key }) => String(key) === String(path.at(-1))) : undefined
  if (isNode(pair?.key) && pair.key.range) return pair.key.range[0]
  const node = document.getIn(path, true)
  return isNode(node) && node.range ? node.range[0] : offsetOf(document, path.slice(0, -1))
}
