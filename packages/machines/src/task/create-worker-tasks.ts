import { complaintsOfRequests, fieldName } from '@vesemir/contract'
import { matchesPattern, VesemirError, type ApplicationEnvironment, type Clock, type WorkerTasks } from '@vesemir/core'
import type { Masker } from '@vesemir/process/masking'
import { createFetch } from '../http/create-fetch.ts'
import { createOutgoing } from '../http/outgoing.ts'
import { programEnvironment } from '../program/program-environment.ts'
import { callTask, urlsOf } from './call-task.ts'
import { runTaskProgram } from './run-task-program.ts'
import type { TasksOptions } from './task-options.ts'

interface TaskDeps {
  /** The addresses that requests may go to, as those for artifacts. */
  allowed: readonly string[] | undefined
  /** Environment of the worker: for proxies, and for what programs get of it. */
  env: Readonly<Record<string, string | undefined>>
  clock: Clock
  masker: Masker
  /** The cluster, for messages. */
  cluster: string
}

/**
 * Creates what does tasks on the worker: programs of its settings, and requests to addresses that it may connect to.
 * @throws {VesemirError} `CONFIG_INVALID` when a variable that a program is to get is not set
 */
export function createWorkerTasks(
  options: TasksOptions,
  { allowed, env, clock, masker, cluster }: TaskDeps,
): WorkerTasks {
  const outgoing = createOutgoing(allowed)
  const fetch = createFetch({ env, outgoing, hasOwnLimits: true })
  const programs = new Map(
    Object.entries(options).map(([name, { environmentVariables, ...program }]) => {
      const setting = `tasks.${name}.environmentVariables`
      const variables = programEnvironment(environmentVariables, { env, setting })
      Object.values(variables.named).forEach((value) => masker.add(value))
      return [name, { ...program, env: variables.all }]
    }),
  )
  const findProgram = (name: string, place: ApplicationEnvironment) => {
    const program = programs.get(name)
    if (program && isAllowed(program, place)) return program
    const { application, environment } = place
    if (program)
      throw new VesemirError(
        'TASK_PROGRAM_NOT_ALLOWED',
        `${application} may not run the program ${name} in ${environment}`,
      )
    const known = [...programs].filter(([, program]) => isAllowed(program, place)).map(([name]) => name)
    const message = `workers of cluster ${cluster} have no program ${name} for tasks; they have: ${known.join(', ') || 'none'}`
    throw new VesemirError('TASK_PROGRAM_UNKNOWN', message)
  }
  return {
    check(tasks, place) {
      const [complaint] = complaintsOfRequests(tasks)
      if (complaint) {
        const field = fieldName(['tasks', ...complaint.path])
        throw new VesemirError('REQUEST_INVALID', `${field}: ${complaint.message}`)
      }
      for (const { program, http } of tasks) {
        if (program !== undefined) findProgram(program, place)
        if (http) urlsOf(http, '').forEach((url) => outgoing.check(new URL(url)))
      }
    },
    async run(name, { place, env, ...how }) {
      const { command, directory, env: own } = findProgram(name, place)
      await runTaskProgram({ command, directory, env: { ...own, ...env } }, { ...how, masker })
    },
    call: (request, how) => callTask(request, { ...how, fetch, clock, masker }),
  }
}

function isAllowed(
  { applications, environments }: Pick<TasksOptions[string], 'applications' | 'environments'>,
  { application, environment }: ApplicationEnvironment,
): boolean {
  const isOneOf = (patterns: readonly string[] | undefined, name: string) =>
    patterns === undefined || patterns.some((pattern) => matchesPattern(pattern, name))
  return isOneOf(applications, application) && isOneOf(environments, environment)
}
