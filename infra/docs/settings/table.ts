import type { JsonSchema } from '@vesemir/process/settings'
import { variantsOf, type Row, type Section } from './rows.ts'

/** What is known of a setting besides its schema. */
export interface Notes {
  /** Environment variables by the setting that they set. */
  variables?: Readonly<Record<string, readonly string[]>>
  /** The settings that SIGHUP reads again. */
  reloaded?: readonly string[]
}

/** Renders a section of settings: a heading, and a table with a line for each. */
export function renderSection({ path, variant, rows }: Section, notes: Notes = {}): string {
  const heading = path === '' ? [] : [`### \`${path}\`${variant === undefined ? '' : ` with \`${variant}\``}`]
  if (rows.length === 0) return [...heading, 'Has no other settings.'].join('\n\n')
  const lines = rows.map((row) => renderRow(row, { ...notes, below: path }))
  return [
    ...heading,
    [`| setting | type | default | example | meaning |`, '| --- | --- | --- | --- | --- |', ...lines].join('\n'),
  ].join('\n\n')
}

function renderRow(
  { path, schema, isRequired }: Row,
  { variables = {}, reloaded = [], below }: Notes & { below: string },
): string {
  const isSetByVariable = variables[path] ?? []
  const meaning = [
    schema.description ?? '',
    ...isSetByVariable.map((name) => `Also \`${name}\`.`),
    ...(reloaded.includes(path) ? ['SIGHUP reloads it.'] : []),
  ].join(' ')
  const name = below === '' ? path : path.slice(below.length + 1)
  const cells = [`\`${name}\``, typeOf(schema), defaultOf(schema, isRequired), exampleOf(schema), meaning]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

/** Says in words what a value is. */
export function typeOf(schema: JsonSchema): string {
  const { title, enum: choices, type, items, properties } = schema
  if (title !== undefined) return title
  if (choices) return choices.map(code).join(', ')
  if (schema.const !== undefined) return code(schema.const)
  const forms = variantsOf(schema)
  if (forms.length > 1) return [...new Set(forms.map(typeOf))].join(' or ')
  if (type === 'array') return items && items.type !== 'object' ? `list: ${typeOf(items)}` : 'list of fields'
  if (type === 'object') return properties ? 'fields' : 'by name'
  if (type === 'boolean') return '`true` or `false`'
  if (type === 'integer' || type === 'number') return `number ${rangeOf(schema)}`
  return 'text'
}

function rangeOf({ minimum = 0, maximum }: JsonSchema): string {
  return maximum === undefined || maximum > 1e12 ? `from ${minimum}` : `${minimum}–${maximum}`
}

function defaultOf({ default: value }: JsonSchema, isRequired: boolean): string {
  if (isRequired) return 'required'
  return value === undefined || isEmpty(value) ? '' : code(value)
}

function exampleOf({ examples: [first] = [] }: JsonSchema): string {
  return first === undefined ? '' : code(first)
}

/** Tells whether the table shows a value that a reader can copy, or says all values that there are. */
export function hasExample({ schema }: Row): boolean {
  if (schema.examples || schema.enum) return true
  if (schema.default !== undefined && !isEmpty(schema.default)) return true
  const forms = variantsOf(schema)
  if (forms.length > 1 || forms[0] !== schema)
    return forms.some((inner) => hasExample({ path: '', schema: inner, isRequired: false }))
  if (schema.items) return hasExample({ path: '', schema: schema.items, isRequired: false })
  return schema.type === 'boolean' || schema.type === 'object' || schema.title?.startsWith('{') === true
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``
}
