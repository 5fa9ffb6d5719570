import type { Deployment, DeploymentFact, TaskRecord } from '@vesemir/contract'

type FactOf<Type extends DeploymentFact['type']> = Extract<DeploymentFact, { type: Type }>

/**
 * Returns the records of tasks with one that has started, in the place of what an earlier attempt had left of it. With a task of
 * the way forward, there is again something to undo.
 */
export function startTask(
  { spec, tasks: records = [] }: Pick<Deployment, 'spec' | 'tasks'>,
  { task, on }: Pick<FactOf<'task.started'>, 'task' | 'on'>,
  at: string,
): TaskRecord[] {
  const undoing = tasksThatUndo(spec)
  const others = records.filter((record) => record.task !== task && (undoing.has(task) || !undoing.has(record.task)))
  return [...others, { task, status: 'running', startedAt: at, ...(on === undefined ? {} : { on }) }]
}

/** Returns the records of tasks with one that has ended. */
export function endTask(
  records: readonly TaskRecord[] = [],
  { task, outcome: status, durationMs, note, failure }: FactOf<'task.ended'>,
): TaskRecord[] {
  const end = { status, durationMs, ...(note === undefined ? {} : { note }), ...(failure ? { failure } : {}) }
  return records.map((record) => (record.task === task ? { ...record, ...end } : record))
}

/**
 * Returns the records that still count when hosts are retried or rolled back. What is done stays done; what failed may run
 * again, since a person wants it. Once the tasks of the way back have begun, what they undid is to be done again, and they
 * themselves stay done until there is something to undo again.
 */
export function tasksToKeep(
  { spec, tasks: records = [], intent: before }: Pick<Deployment, 'spec' | 'tasks' | 'intent'>,
  { intent, hosts }: Pick<FactOf<'hosts.requeued'>, 'intent' | 'hosts'>,
): TaskRecord[] {
  const undoing = tasksThatUndo(spec)
  const undone = records.filter(({ task, status }) => undoing.has(task) && status === 'succeeded')
  if (intent === 'deploy') {
    const hasUndone = before === 'rollback' && records.some(({ task }) => undoing.has(task))
    return hasUndone ? undone : records.filter(({ status }) => status === 'succeeded')
  }
  // On the way back, what failed on the way forward stays to be seen.
  const forward = records.filter(({ task }) => !undoing.has(task))
  const isToUndoAgain = before === 'deploy' && hosts.length > 0
  return [...forward, ...(isToUndoAgain ? [] : undone)]
}

/** The tasks of the way back. A deployment that goes back has them on its own way, and its rollback runs none. */
function tasksThatUndo({ tasks = [], goesBack }: Deployment['spec']): ReadonlySet<string> {
  return new Set(goesBack ? [] : tasks.filter(({ when }) => when === 'onRollback').map(({ name }) => name))
}
