import { VesemirError, type ErrorCode } from '@vesemir/core'

// With `set severity-output number`, errors carry a syslog severity: 3 is error. Tables carry none.
const error = /^\[[0-3]\]: /
const anySeverity = /^\[\d\]: /

/** The texts in which HAProxy says errors, 2.0 to 3.x; what is not among them is refused all the same. */
const causes: readonly [RegExp, ErrorCode][] = [
  [/^permission denied/i, 'LOAD_BALANCER_PERMISSION'],
  [/^(?:no such|can't find) (?:backend|proxy)/i, 'BACKEND_UNKNOWN'],
  [/^(?:no such|can't find) server/i, 'SERVER_UNKNOWN'],
]

const staticAlgorithm = /static LB algorithm/

/** Takes a change's answer: HAProxy says nothing when it has done it. */
export function refusalOf(
  answer: string,
  { box, command }: { box: string; command: string },
): VesemirError | undefined {
  if (answer === '') return undefined
  const text = answer.replace(anySeverity, '').trim()
  const code = causes.find(([pattern]) => pattern.test(text))?.[1] ?? 'LOAD_BALANCER_REFUSED'
  return new VesemirError(code, `${box} answered "${command}" with: ${text}`, { details: { box, command } })
}

/** Takes the answer of a command that shows something, which begins with an error's severity only when it failed. */
export function refusalOfShow(answer: string, asked: { box: string; command: string }): VesemirError | undefined {
  return error.test(answer) ? refusalOf(answer, asked) : undefined
}

/** Throws the refusal that an answer is, where it is one. */
export function checkShown(answer: string, asked: { box: string; command: string }): void {
  const refusal = refusalOfShow(answer, asked)
  if (refusal) throw refusal
}

/** Whether a weight was refused because the backend's algorithm knows only all or nothing. */
export function isStaticWeight(refusal: VesemirError): boolean {
  return refusal.code === 'LOAD_BALANCER_REFUSED' && staticAlgorithm.test(refusal.message)
}
