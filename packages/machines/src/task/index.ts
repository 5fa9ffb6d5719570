export { createWorkerTasks } from './create-worker-tasks.ts'
export { TasksOptions } from './task-options.ts'
