import type { ChefNode } from './node.ts'
import type { AttributePaths } from './options.ts'
import { fieldOf, type Query, type Term } from './query.ts'

/** How a node compares with the query by which a server found it. */
export type Comparison =
  | { is: 'meant' }
  /** The server is taken at its word: what it found the node by is not among the attributes that it shows. */
  | { is: 'unseen'; terms: Term[] }
  | { is: 'another'; term: Term; found: readonly Value[] }
  /** Found by a wildcard, which goiardi does not anchor. */
  | { is: 'stray' }

type Value = ChefNode['tags'][number]

/**
 * Fields that Chef's index knows before the node has them: they are attributes since the first run of chef-client alone, and
 * until then properties of the node, which a partial search does not show.
 */
const shownLater = new Set(['policy_name', 'policy_group'])

/** Every node has these. */
const alwaysShown = new Set(['name', 'chef_environment'])

/**
 * Compares a node with a query, as far as can be seen from here: a server's word alone is not enough to touch a machine that
 * says otherwise of itself. A term of a field that is not read from nodes counts as held.
 */
export function compareNode(
  node: ChefNode,
  { query, attributes }: { query: Query; attributes: AttributePaths },
): Comparison {
  const unseen: Term[] = []
  for (const term of query) {
    const found = valuesOf(node, { field: term.field, attributes })
    if (!found || found.some((value) => matchesTerm(term, value))) continue
    if (term.anyRecipe) return { is: 'stray' }
    if (found.length > 0 || alwaysShown.has(term.field)) return { is: 'another', term, found }
    if (!shownLater.has(term.field)) unseen.push(term)
  }
  return unseen.length === 0 ? { is: 'meant' } : { is: 'unseen', terms: unseen }
}

/** Chef's index has the text of numbers and booleans too. */
function matchesTerm({ value, anyRecipe }: Term, found: Value): boolean {
  if (typeof found === 'number') return found === Number(value)
  return anyRecipe ? String(found).startsWith(`${value}::`) : String(found) === value
}

function valuesOf(
  node: ChefNode,
  { field, attributes }: { field: string; attributes: AttributePaths },
): readonly Value[] | undefined {
  if (field === fieldOf(attributes.application)) return node.application
  if (field === fieldOf(attributes.team)) return node.team
  switch (field) {
    case 'name':
      return [node.name]
    case 'chef_environment':
      return node.environment
    case 'tags':
      return node.tags
    case 'roles':
      return node.roles
    case 'recipes':
      return node.recipes
    case 'policy_name':
      return node.policyName
    case 'policy_group':
      return node.policyGroup
    case 'role':
      return runListItems(node, 'role')
    case 'recipe':
      return runListItems(node, 'recipe')
    default:
      return undefined
  }
}

/**
 * An item is `role[web]`, `recipe[haproxy::default]`, with a version at times, or bare, which means a recipe. A list without
 * such items is given as it is: it is there, and does not match.
 */
function runListItems({ runList }: ChefNode, type: 'role' | 'recipe'): readonly Value[] {
  const items = runList.flatMap((item) => {
    const text = String(item)
    const [, itemType, name = text] = /^(role|recipe)\[(.+)\]$/.exec(text) ?? []
    if ((itemType ?? 'recipe') !== type) return []
    return [name, name.replace(/@.*$/, '')]
  })
  return items.length > 0 ? items : runList
}
