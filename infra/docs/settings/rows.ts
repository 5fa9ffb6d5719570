import type { JsonSchema } from '@vesemir/process/settings'

/** A setting, as one line of the reference. */
export interface Row {
  /** Where it stands: `clusters.<name>.inventory`, `grants[].role`. */
  path: string
  schema: JsonSchema
  isRequired: boolean
}

/** Settings that belong together: a heading, and the settings below it. */
export interface Section {
  path: string
  /** Which of several forms it describes, such as `kind: chef`. */
  variant?: string
  rows: Row[]
}

/** More settings than this have a section of their own. */
const mostInline = 6

/** Lists all settings of a schema: those of the file itself first, then each larger part in a section of its own. */
export function sectionsOf(schema: JsonSchema): Section[] {
  return variantsOf({ ...schema, title: undefined }).flatMap((form) => partSections('', form))
}

function partSections(path: string, schema: JsonSchema, variant?: string): Section[] {
  const rows: Row[] = []
  const later: Section[] = []
  for (const row of childrenOf(path, schema)) {
    rows.push(row)
    const below = row.schema
    const inner = variantsOf(below).flatMap((form) => sectionsBelow(row.path, form))
    const count = inner.flatMap((section) => section.rows).length
    if (count > mostInline || inner.length > 1) later.push(...inner)
    else rows.push(...inner.flatMap((section) => section.rows))
  }
  return [{ path, ...(variant !== undefined && { variant }), rows }, ...later]
}

/** Returns the sections of what stands below a setting, if that is fields, a list of fields or fields by name. */
function sectionsBelow(path: string, form: JsonSchema): Section[] {
  if (form.title !== undefined) return []
  const variant = variantOf(form)
  if (form.items) return variantsOf(form.items).flatMap((item) => sectionsBelow(`${path}[]`, item))
  if (typeof form.additionalProperties === 'object') {
    const inner = variantsOf(form.additionalProperties)
    return inner.flatMap((value) => sectionsBelow(`${path}.<name>`, value))
  }
  return form.properties && Object.keys(form.properties).length > 0 ? partSections(path, form, variant) : []
}

function childrenOf(path: string, { properties = {}, required = [] }: JsonSchema): Row[] {
  return Object.entries(properties)
    .filter(([, { const: only }]) => only === undefined)
    .map(([name, schema]) => ({
      path: path === '' ? name : `${path}.${name}`,
      schema,
      isRequired: required.includes(name),
    }))
}

/** Returns what a value may be: each of several forms, or the one. A form with a title is described by it. */
export function variantsOf(schema: JsonSchema): JsonSchema[] {
  if (schema.title !== undefined) return [schema]
  return (schema.anyOf ?? schema.oneOf)?.flatMap(variantsOf) ?? [schema]
}

/** Says which form of several fields are, by the field that has one value alone. */
function variantOf({ properties = {} }: JsonSchema): string | undefined {
  const [found] = Object.entries(properties).filter(([, { const: only }]) => only !== undefined)
  return found && `${found[0]}: ${String(found[1].const)}`
}
