import { Role, type Action, type Command } from '@vesemir/contract'
import { isForced } from '../commands.ts'

interface ActionRule {
  /** The roles whose grants allow it. */
  roles: readonly Role[]
  /** What follows "may" in a sentence. */
  does: string
}

const everyone: readonly Role[] = ['viewer', 'approver', 'deployer', 'operator', 'admin']
const deployers: readonly Role[] = ['deployer', 'operator', 'admin']
const operators: readonly Role[] = ['operator', 'admin']

/** The one table of what each role allows. */
export const actionTable: Readonly<Record<Action, ActionRule>> = {
  converge: { roles: ['converger', ...deployers], does: 'bring up single hosts of' },
  read: { roles: everyone, does: 'see' },
  plan: { roles: everyone, does: 'plan' },
  deploy: { roles: deployers, does: 'deploy' },
  steer: { roles: deployers, does: 'steer deployments of' },
  approve: { roles: ['approver', ...deployers], does: 'approve deployments of' },
  force: { roles: operators, does: 'force commands on deployments of' },
  override: { roles: ['admin'], does: 'deploy over the lock of' },
  customize: { roles: deployers, does: 'change settings for one deployment of' },
  lock: { roles: deployers, does: 'lock' },
  unlock: { roles: operators, does: 'lift the lock of another on' },
  define: { roles: ['admin'], does: 'define' },
  inspect: { roles: deployers, does: 'inspect' },
  repair: { roles: operators, does: 'repair the load balancers of' },
  'drain-workers': { roles: operators, does: 'drain the workers of' },
  'retry-job': { roles: deployers, does: 'retry jobs of' },
  'change-queues': { roles: ['admin'], does: 'change the queues of' },
  audit: { roles: ['admin'], does: 'audit' },
  'manage-tokens': { roles: ['admin'], does: 'manage the tokens of' },
}

/** Returns the role of a list that allows the most. */
export function highestRole(roles: readonly Role[]): Role {
  return Role.options.findLast((role) => roles.includes(role)) ?? 'viewer'
}

/** Returns whether a role allows all that another does. */
export function includesRole(role: Role, other: Role): boolean {
  return Object.values(actionTable).every(({ roles }) => roles.includes(role) || !roles.includes(other))
}

/** Returns the action that giving a command is. */
export function actionOfCommand(command: Command): Action {
  if (isForced(command)) return 'force'
  return command.command === 'approve' || command.command === 'reject' ? 'approve' : 'steer'
}
