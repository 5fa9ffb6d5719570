import { stepNames, type StepName } from '@vesemir/contract'

/** Which lines of a log are shown, and what is looked for in them. */
export interface LogFilter {
  /** Only lines of this host. */
  host?: string | undefined
  /** Only lines of this task. */
  task?: string | undefined
  /** Only lines of this step. */
  step?: StepName | undefined
  /** Only what commands wrote to stderr. */
  isStderrOnly: boolean
  /** Marks lines that hold this text, in capitals or not. */
  text: string
  /** Only lines that hold the text. */
  isMatchesOnly: boolean
}

/** Reads the filter of a log from the query of an address, such as `step=deploy&output=stderr&text=disk+full&lines=matching`. */
export function readLogFilter(query: URLSearchParams): LogFilter {
  return {
    host: query.get('host') ?? undefined,
    task: query.get('task') ?? undefined,
    step: stepNames.find((name) => name === query.get('step')),
    isStderrOnly: query.get('output') === 'stderr',
    text: query.get('text') ?? '',
    isMatchesOnly: query.get('lines') === 'matching',
  }
}

/** Changes of the query that show all lines of the host, task or deployment again. */
export const noLogFilter = { step: undefined, output: undefined, text: undefined, lines: undefined } as const

/** Whether a filter leaves out lines of its host, task or deployment. */
export function leavesOutLines({ step, isStderrOnly, text, isMatchesOnly }: LogFilter): boolean {
  return step !== undefined || isStderrOnly || (isMatchesOnly && text !== '')
}
