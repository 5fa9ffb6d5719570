import type { HttpTask, Task } from '@vesemir/contract'
import type { Revealed } from '../reveal.ts'
import type { ApplicationEnvironment } from './application-environment.ts'
import type { OnLine } from './remote-shell.ts'

/** What a worker does itself, once per deployment. */
export interface WorkerTasks {
  /**
   * Makes sure that tasks could be done by the worker's settings, as far as it can be known beforehand.
   * @throws {VesemirError} `TASK_PROGRAM_UNKNOWN`, `TASK_PROGRAM_NOT_ALLOWED`, `ADDRESS_REFUSED`, and `REQUEST_INVALID` for what no
   * request can be made of
   */
  check(tasks: readonly Task[], place: ApplicationEnvironment): void
  /**
   * Runs a program of the worker's settings, for an application that may have it run.
   * @throws {VesemirError} `TASK_PROGRAM_UNKNOWN`, `TASK_PROGRAM_NOT_ALLOWED`, `COMMAND_FAILED`, `COMMAND_TIMED_OUT`,
   * `CONFIG_INVALID`
   */
  run(program: string, options: ProgramOptions): Promise<void>
  /**
   * Sends a request, and polls for the end of what it started. Returns the last answer's status, in words.
   * @throws {VesemirError} `TASK_FAILED`, `COMMAND_TIMED_OUT`, `ADDRESS_REFUSED`
   */
  call(request: Revealed<HttpTask>, options: TaskOptions & { version: string }): Promise<string>
}

/** How a task runs. */
export interface TaskOptions {
  timeoutMs: number
  onLine: OnLine
  signal: AbortSignal
}

interface ProgramOptions extends TaskOptions {
  /** For what it runs. */
  place: ApplicationEnvironment
  env: Readonly<Record<string, string>>
}
