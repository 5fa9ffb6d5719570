import type { CiSystem } from './ci-system.ts'
import { github } from './github.ts'
import { gitlab } from './gitlab.ts'

/** Returns the CI system that the process runs in, by the variables that each sets in every job. */
export function detectCi(env: NodeJS.ProcessEnv): CiSystem | undefined {
  if (env.GITHUB_ACTIONS === 'true') return github(env.GITHUB_STEP_SUMMARY)
  return env.GITLAB_CI === 'true' ? gitlab : undefined
}
