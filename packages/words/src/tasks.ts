import type { Deployment, TaskMoment } from '@vesemir/contract'
import type { TaskTurn } from '@vesemir/core'
import { formatDuration } from './duration.ts'
import { describeFailure } from './failure.ts'
import { toned, type Status } from './text.ts'

/** When tasks run, in words. */
export const taskMoments: Readonly<Record<TaskMoment, string>> = {
  before: 'before the first host',
  between: 'after the first wave',
  after: 'after the last host',
  onRollback: 'after a rollback',
}

const statuses = {
  pending: toned('pending', 'idle'),
  running: toned('running', 'active'),
  succeeded: toned('succeeded', 'good'),
  failed: toned('failed', 'bad'),
} as const satisfies Record<string, Status>

/** Returns how a task stands, in a word. */
export function taskStatus({ record }: Pick<TaskTurn, 'record'>): Status {
  return statuses[record?.status ?? 'pending']
}

/** Returns the name of the task that failed last: a failure of the deployment that names one is of this. */
export function failedTask({ tasks }: Pick<Deployment, 'tasks'>): string | undefined {
  return tasks?.findLast(({ status }) => status === 'failed')?.task
}

/** Returns how long a task took, or has taken so far; an empty text before it starts. */
export function taskTime({ record }: Pick<TaskTurn, 'record'>, nowMs: number): string {
  if (!record) return ''
  return formatDuration(record.durationMs ?? Math.max(0, nowMs - Date.parse(record.startedAt)))
}

/** Returns where a task ran and what it came to: `on web-1: bin/migrate exited with 1 (COMMAND_FAILED)`. */
export function describeTaskResult({ task, record }: TaskTurn): string {
  if (!record) return ''
  const where = record.on === undefined ? 'on the worker' : `on ${record.on}`
  const why = record.failure ? describeFailure(record.failure) : record.note
  return task.http && why === undefined ? '' : why === undefined ? where : `${where}: ${why}`
}
