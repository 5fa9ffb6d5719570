import type { ChefNode } from './node.ts'
import type { AttributePaths } from './options.ts'
import { fieldOf, type Query, type Term } from './query.ts'

/**
 * Tells whether a node is what a query asked for, as far as can be seen from here: a server's word alone is not enough to
 * touch a machine. A term of a field that is not read from nodes counts as held.
 */
export function matchesQuery(
  node: ChefNode,
  { query, attributes }: { query: Query; attributes: AttributePaths },
): boolean {
  return query.every((term) => matchesTerm(term, valuesOf(node, { field: term.field, attributes })))
}

function matchesTerm({ value, anyRecipe }: Term, found: readonly string[] | undefined): boolean {
  if (!found) return true
  return found.some((item) => (anyRecipe ? item.startsWith(`${value}::`) : item === value))
}

function valuesOf(
  node: ChefNode,
  { field, attributes }: { field: string; attributes: AttributePaths },
): readonly string[] | undefined {
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

/** An item is `role[web]`, `recipe[haproxy::default]`, with a version at times, or bare, which means a recipe. */
function runListItems({ runList }: ChefNode, type: 'role' | 'recipe'): string[] {
  return runList.flatMap((item) => {
    const [, itemType, name = item] = /^(role|recipe)\[(.+)\]$/.exec(item) ?? []
    if ((itemType ?? 'recipe') !== type) return []
    return [name, name.replace(/@.*$/, '')]
  })
}
