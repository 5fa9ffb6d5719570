import type { DeploymentSpec, PlannedTask, Task } from '@vesemir/contract'
import { momentsBeforeEnd, tasksAt } from './next-task.ts'

/** Says in words what each task does, in the order in which they run; those of the way back come last. */
export function describeTasks(spec: DeploymentSpec): PlannedTask[] {
  const moments = [...momentsBeforeEnd(spec, 'deploy'), ...momentsBeforeEnd(spec, 'rollback')]
  return tasksAt(moments, { spec }).map(({ task }) => ({
    task: task.name,
    when: task.when,
    does: describeTask(task),
  }))
}

/** Says in words what a task does: a command, a program of the worker's settings, or a request. */
export function describeTask({ command, program, http }: Task): string {
  if (command !== undefined) return `${command} (on one host)`
  if (program !== undefined) return `${program} (on the worker)`
  return `${http!.method} ${http!.url}${http!.poll ? ', then polled' : ''}`
}
