import type { BoxSelection, DeploymentSpec } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import type { AttributePaths } from './options.ts'

/** One condition of a Chef search. With `anyRecipe` the value is a cookbook's name, and all of its recipes are meant. */
export interface Term {
  field: string
  value: string
  anyRecipe?: true
}

/**
 * Terms that must all hold. There is no OR, NOT or bracket: goiardi answers those wrongly rather than with an error, so
 * alternatives are queries of their own.
 */
export type Query = readonly Term[]

const fieldPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/
const valuePattern = /^[A-Za-z0-9_.][A-Za-z0-9_.:@-]*$/

/** Gives the queries whose answers together are the application's hosts. */
export function hostQueries(spec: DeploymentSpec, attributes: AttributePaths): Query[] {
  const environment = { field: 'chef_environment', value: spec.environment }
  if (spec.hosts.query !== undefined) return [[environment, ...parseQuery(spec.hosts.query)]]
  return [
    [
      environment,
      { field: fieldOf(attributes.application), value: spec.application },
      { field: fieldOf(attributes.team), value: spec.team },
      ...tagTerms(spec.hosts.tags),
    ],
  ]
}

/** Gives the queries whose answers together are the load balancer's boxes, in one environment. */
export function boxQueries(selection: BoxSelection, environment: string): Query[] {
  const everywhere: Term[] = [{ field: 'chef_environment', value: environment }, ...tagTerms(selection.tags)]
  if (selection.role) everywhere.push({ field: 'roles', value: selection.role })
  const names: Query[] = selection.names?.map((value) => [{ field: 'name', value }]) ?? [[]]
  return names.flatMap((name) => recipeAlternatives(selection).map((recipe) => [...everywhere, ...name, ...recipe]))
}

/**
 * Writes a query in Chef's search language. This is the only way into it, so every field and value is checked here.
 * @throws {VesemirError} `QUERY_INVALID`, naming field and value.
 */
export function renderQuery(query: Query): string {
  return query.map(renderTerm).join(' AND ')
}

/**
 * Reads a query that a person wrote: `field:value` joined by AND. A colon in the value may be escaped or not.
 * @throws {VesemirError} `QUERY_INVALID` for anything else.
 */
export function parseQuery(text: string): Query {
  const words = text.trim().split(/\s+/)
  return words.flatMap((word, index) => {
    if (index % 2 === 0) return [parseTerm(word, text)]
    if (word === 'AND' && index < words.length - 1) return []
    throw invalidQuery(text, word === 'AND' ? 'it ends with AND' : `${shown(word)} stands where AND must be`)
  })
}

/** Gives the name under which Chef's index has an attribute. */
export function fieldOf(path: readonly string[]): string {
  return path.join('_')
}

function tagTerms(tags: readonly string[] = []): Term[] {
  return tags.map((value) => ({ field: 'tags', value }))
}

/** A node's recipes have the default recipe as `cookbook` or as `cookbook::default`, and a search finds only what it names. */
function recipeAlternatives({ cookbook, recipe }: BoxSelection): Query[] {
  if (!cookbook) return [[]]
  const plain: Term = { field: 'recipes', value: cookbook }
  if (!recipe) return [[plain], [{ ...plain, anyRecipe: true }]]
  const full: Term = { field: 'recipes', value: `${cookbook}::${recipe}` }
  return recipe === 'default' ? [[plain], [full]] : [[full]]
}

function renderTerm({ field, value, anyRecipe }: Term): string {
  if (!fieldPattern.test(field) || isOperator(field)) {
    throw new VesemirError('QUERY_INVALID', `${shown(field)} cannot be a field of a Chef query`, { details: { field } })
  }
  if (!valuePattern.test(value) || isOperator(value)) {
    const message = `${shown(value)} cannot be searched for in Chef's ${field}: use letters, digits, "_", ".", ":", "@" and "-", not AND, OR or NOT`
    throw new VesemirError('QUERY_INVALID', message, { details: { field, value } })
  }
  return `${field}:${value.replaceAll(':', '\\:')}${anyRecipe ? '\\:\\:*' : ''}`
}

function parseTerm(word: string, text: string): Term {
  const colon = word.indexOf(':')
  const term = { field: word.slice(0, colon), value: word.slice(colon + 1).replaceAll('\\:', ':') }
  if (colon < 1 || !fieldPattern.test(term.field) || isOperator(term.field)) {
    throw invalidQuery(text, `${shown(word)} is not a field:value`)
  }
  return term
}

/** goiardi takes lower-case operators too, and reads `and` as OR. */
function isOperator(word: string): boolean {
  return /^(?:and|or|not)$/i.test(word)
}

function invalidQuery(text: string, reason: string): VesemirError {
  const message = `the Chef query ${shown(text)} cannot be used: ${reason}. Write field:value terms joined by AND, such as roles:web AND tags:eu-west`
  return new VesemirError('QUERY_INVALID', message, { details: { query: text } })
}

function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text)
}
