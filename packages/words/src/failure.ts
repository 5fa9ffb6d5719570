import type { Failure } from '@vesemir/contract'
import { quiet, toned, type Text } from './text.ts'

/** Describes why something failed, with its code: `web-2 was not healthy in 60s (HEALTH_CHECK_FAILED)`. */
export function describeFailure({ code, message }: Pick<Failure, 'code' | 'message'>): string {
  return `${message} (${code})`
}

/** What is said of a deployment that is read from the archive. */
export const archivedRecord = 'This deployment is archived and read-only'

/** Says that events of a deployment are missing, or something of its record was changed. */
export const incompleteRecord = 'The record of this deployment is incomplete'

/** The deployment, the host and the task that a hint is about, where they are known. */
export interface HintNames {
  task?: string | undefined
  id?: string | undefined
  host?: string | undefined
}

/** Describes what to do next; nothing when there is no hint. */
export function describeHint(failure: { hint?: string | undefined } | undefined, names: HintNames = {}): Text[] {
  return failure?.hint === undefined ? [] : [[quiet('→ '), toned(fillHint(failure.hint, names), 'command')]]
}

/** Returns a hint without the commands to type: on the page, buttons and links do what they do. */
export function withoutCommands(hint: string): string {
  return hint.replaceAll(/: vesemir (?:(?!\. |\.$|, or ).)*/g, '').replace(/(?<![.!?)])$/, '.')
}

/** Replaces `ID`, `HOST` and `TASK` in a hint by the names at hand; a name that is not known stays open. */
export function fillHint(hint: string, { id = 'ID', host = 'HOST', task = 'TASK' }: HintNames): string {
  return hint
    .replace(/\bID\b/g, id)
    .replace(/\bHOST\b/g, host)
    .replace(/\bTASK\b/g, task)
}
