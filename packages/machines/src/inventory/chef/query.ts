import type { BoxSelection, DeploymentSpec } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { fieldPattern, isOperator, parseQuery, shown, type Term as PlainTerm } from '../query.ts'
import type { AttributePaths } from './options.ts'

/** One condition of a Chef search. With `anyRecipe` the value is a cookbook's name, and all of its recipes are meant. */
export interface Term extends PlainTerm {
  anyRecipe?: true
}

/**
 * Terms that must all hold. There is no OR, NOT or bracket: goiardi answers those wrongly rather than with an error, so
 * alternatives are queries of their own.
 */
export type Query = readonly Term[]

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
