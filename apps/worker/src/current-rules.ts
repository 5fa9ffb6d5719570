import type { Rules } from '@vesemir/core'

/** A cluster's rules as its settings say them last: whoever holds them sees each change. */
export interface CurrentRules extends Rules {
  replace(settings: Rules): void
}

/** Holds the rules of a cluster, which can be replaced. */
export function createCurrentRules(settings: Rules): CurrentRules {
  let current = settings
  return {
    get accept() {
      return current.accept
    },
    get protections() {
      return current.protections
    },
    replace(changed) {
      current = changed
    },
  }
}
