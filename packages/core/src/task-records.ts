import type { Deployment, DeploymentFact, Intent, TaskRecord } from '@vesemir/contract'

type FactOf<Type extends DeploymentFact['type']> = Extract<DeploymentFact, { type: Type }>

/** Returns the records of tasks with one that has started, in the place of what an earlier attempt had left of it. */
export function startTask(
  records: readonly TaskRecord[] = [],
  { task, on }: Pick<FactOf<'task.started'>, 'task' | 'on'>,
  at: string,
): TaskRecord[] {
  const others = records.filter((record) => record.task !== task)
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
 * again, since a person wants it. Once the tasks of the way back have begun, what they undid is to be done again.
 */
export function tasksToKeep(
  { spec, tasks: records = [], intent: before }: Pick<Deployment, 'spec' | 'tasks' | 'intent'>,
  { intent }: { intent: Intent },
): TaskRecord[] {
  const undoing = new Set(spec.tasks?.filter(({ when }) => when === 'onRollback').map(({ name }) => name))
  // A deployment that goes back has run these on its own way, and its rollback runs none.
  const hasUndone = before === 'rollback' && !spec.goesBack && records.some(({ task }) => undoing.has(task))
  const isUndone = hasUndone && intent === 'deploy'
  if (isUndone) return []
  // On the way back, what failed on the way forward stays to be seen.
  return records.filter(({ task, status }) => status === 'succeeded' || (intent === 'rollback' && !undoing.has(task)))
}
