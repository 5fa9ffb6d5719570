import type { Acceptance, DeploymentSpec, Environment, Task } from '@vesemir/contract'
import { describeRestart } from '../describe-restart.ts'
import type { BrokenFloor } from './floors.ts'
import { matchesPattern } from './matches-pattern.ts'

/** Who wants what carried out; nobody yet, for a plan. */
export interface Order {
  spec: DeploymentSpec
  requestedBy?: string | undefined
}

/** Returns what a cluster's workers do not carry out of an order. One entry of the list must accept all of it. */
export function unaccepted(order: Order, accept: readonly Acceptance[] | undefined): BrokenFloor[] {
  if (!accept) return []
  const refusals = accept.filter((entry) => isMeant(order, entry)).map((entry) => refusedBy(entry, order))
  if (refusals.length === 0) return [{ field: 'application', message: sayNotAccepted(order) }]
  // The entry that comes closest says best what would have to change.
  return refusals.toSorted((a, b) => a.length - b.length)[0]!
}

function isMeant({ spec, requestedBy }: Order, { applications, teams, environments, users }: Acceptance): boolean {
  const isOneOf = (patterns: readonly string[] | undefined, name: string | undefined) =>
    patterns === undefined || name === undefined || patterns.some((pattern) => matchesPattern(pattern, name))
  return (
    isOneOf(applications, spec.application) &&
    isOneOf(teams, spec.team) &&
    isOneOf(environments, spec.environment) &&
    isOneOf(users, requestedBy)
  )
}

function sayNotAccepted({ spec, requestedBy }: Order): string {
  const who = requestedBy === undefined ? '' : `, requested by ${requestedBy},`
  return `${spec.application} of team ${spec.team} in ${spec.environment}${who} is not accepted in cluster ${spec.cluster}`
}

function refusedBy({ directories, commands }: Acceptance, { spec }: Order): BrokenFloor[] {
  const refused = [
    ...(directories ? directoriesOf(spec).filter(({ value }) => !isFolderOf(directories, value)) : []),
    ...(commands ? commandsOf(spec).filter(({ value }) => !isCommandOf(commands, value)) : []),
  ]
  return refused.map(({ field, value }) => ({
    field,
    message: `${JSON.stringify(value)} is not accepted in cluster ${spec.cluster}`,
  }))
}

interface Part {
  field: string
  value: string
}

function directoriesOf({ changeset, service }: DeploymentSpec): Part[] {
  const folder = 'directory' in changeset ? [{ field: 'changeset.directory', value: changeset.directory }] : []
  const isFolder = service.kind === 'runit' && service.service.startsWith('/')
  return [...folder, ...(isFolder ? [{ field: 'service.service', value: service.service }] : [])]
}

/** All that runs by the words of a definition or a request: on hosts, and what the worker does itself. */
function commandsOf({ changeset, hooks, service, healthCheck, tasks = [], variables }: DeploymentSpec): Part[] {
  const { timeout: _timeout, environment, ...lists } = hooks
  const { commands = [], rollback = [] } = changeset.strategy === 'command' ? changeset : {}
  return [
    ...Object.entries({ 'changeset.commands': commands, 'changeset.rollback': rollback }).flatMap(numbered),
    ...Object.entries(lists).flatMap(([name, list]) => numbered([`hooks.${name}`, list])),
    { field: 'service', value: describeRestart(service) },
    ...variablesOf('variables', variables),
    ...variablesOf('hooks.environment', environment),
    ...('environment' in changeset ? variablesOf('changeset.environment', changeset.environment) : []),
    ...('environment' in service ? variablesOf('service.environment', service.environment) : []),
    ...tasks.flatMap((task, index) =>
      partsOfTask(task).map(({ field, value }) => ({ field: `tasks[${index}].${field}`, value })),
    ),
    ...(healthCheck.kind === 'command' ? [{ field: 'healthCheck.command', value: healthCheck.command }] : []),
  ]
}

function partsOfTask({ command, environment, program, http }: Task): Part[] {
  return [
    ...(command === undefined ? [] : [{ field: 'command', value: command }]),
    ...variablesOf('environment', environment),
    ...(program === undefined ? [] : [{ field: 'program', value: `program ${program}` }]),
    ...(http ? [{ field: 'http.url', value: `${http.method} ${http.url}` }] : []),
    ...(http?.poll ? [{ field: 'http.poll.url', value: `GET ${http.poll.url ?? http.url}` }] : []),
  ]
}

/** A variable such as PATH decides what a command runs: each is a part of its own, written as a shell would set it. */
function variablesOf(part: string, variables: Environment = {}): Part[] {
  return Object.entries(variables).map(([name, value]) => ({
    field: `${part}.${name}`,
    value: `${name}=${typeof value === 'string' ? value : ''}`,
  }))
}

function numbered([field, values]: [string, readonly string[]]): Part[] {
  return values.map((value, index) => ({ field: `${field}[${index}]`, value }))
}

function isFolderOf(patterns: readonly string[], path: string): boolean {
  return patterns.some((pattern) => matchesPattern(pattern, path.replace(/\/$/, '')))
}

/** What `*` may stand for in a command: no blank, no quote, nothing that a shell makes more of, and no way to other folders. */
const plainCharacters = '[A-Za-z0-9_.:@=+-]*'

function isCommandOf(patterns: readonly string[], command: string): boolean {
  return patterns.some((pattern) => {
    const literals = pattern.split('*').map((literal) => literal.replace(/[^A-Za-z0-9]/g, String.raw`\$&`))
    if (literals.length === 1) return pattern === command
    return !command.includes('..') && new RegExp(`^${literals.join(plainCharacters)}$`).test(command)
  })
}
