import type { Deployment, DeploymentSpec, HostRecord, Intent, Task, TaskMoment, TaskRecord } from '@vesemir/contract'

/** A task, and its record where it has started. */
export interface TaskTurn {
  task: Task
  record: TaskRecord | undefined
}

type Tasked = Pick<Deployment, 'spec' | 'tasks'>

type Way = Pick<DeploymentSpec, 'goesBack'>

/** Returns the moments whose tasks must be done before a host of this wave starts. */
export function momentsBefore(wave: number, { goesBack }: Way): TaskMoment[] {
  if (goesBack) return []
  return wave > 1 ? ['before', 'between'] : ['before']
}

/**
 * Returns the moments whose tasks must be done before the deployment ends well. Where there is one wave only, `between` is after
 * it. Nothing undoes the tasks of a deployment that goes back: whether they have run, its own rollback does not ask.
 */
export function momentsBeforeEnd({ goesBack }: Way, intent: Intent): TaskMoment[] {
  if (intent === 'rollback') return goesBack ? [] : ['onRollback']
  return goesBack ? ['onRollback'] : ['before', 'between', 'after']
}

/** Returns the tasks of these moments in the order in which they run: moment after moment, then as the settings list them. */
export function tasksAt(
  moments: readonly TaskMoment[],
  { spec: { tasks = [] }, tasks: records = [] }: Tasked,
): TaskTurn[] {
  return moments.flatMap((moment) =>
    tasks
      .filter(({ when }) => when === moment)
      .map((task) => ({ task, record: records.find((record) => record.task === task.name) })),
  )
}

/**
 * Returns a deployment's tasks with what became of them, in the order in which they run. Those of the way back are only there
 * once it is on that way, or has been.
 */
export function listTasks(deployment: Pick<Deployment, 'spec' | 'tasks' | 'intent'>): TaskTurn[] {
  const { spec } = deployment
  const forward = tasksAt(momentsBeforeEnd(spec, 'deploy'), deployment)
  const back = tasksAt(momentsBeforeEnd(spec, 'rollback'), deployment)
  const isBack = deployment.intent === 'rollback' || back.some(({ record }) => record !== undefined)
  return [...forward, ...(isBack ? back : [])]
}

/**
 * Whether a deployment has begun anything that tasks of the way back could undo: a task, or the change of a host. Where it has
 * not, the database is as the release before left it, and that still serves.
 */
export function hasBegun(deployment: Tasked, hosts: readonly HostRecord[]): boolean {
  const forward = tasksAt(momentsBeforeEnd(deployment.spec, 'deploy'), deployment)
  return forward.some(({ record }) => record !== undefined) || hosts.some(isEverChanged)
}

/** Whether this deployment has changed the host at any time: it may be as before since. */
function isEverChanged({ state, release, unproven }: HostRecord): boolean {
  const isIntroduced = release !== undefined && release.previous !== release.id
  return state.status === 'rolled-back' || unproven === true || isIntroduced
}

/** Returns the first task of these moments that is not done. */
export function nextTask(moments: readonly TaskMoment[], deployment: Tasked): TaskTurn | undefined {
  return tasksAt(moments, deployment).find(({ record }) => record?.status !== 'succeeded')
}

/**
 * Returns the task that the record shows as running. To a coordinator that decides what to do next, that is one that an earlier
 * attempt has begun: it may have done all, some, or nothing of its work.
 */
export function interruptedTask(deployment: Tasked): { task: Task; record: TaskRecord } | undefined {
  const record = deployment.tasks?.find(({ status }) => status === 'running')
  const task = deployment.spec.tasks?.find(({ name }) => name === record?.task)
  return record && task && { task, record }
}
