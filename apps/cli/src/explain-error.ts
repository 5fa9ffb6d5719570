import { ApiError } from '@vesemir/contract'
import { errorTable, isVesemirError, type ErrorCode } from '@vesemir/core'
import type { Annotation } from './ci/ci-system.ts'
import { exitOfError } from './exit-codes.ts'
import type { FieldError } from '@vesemir/process/settings'
import { describeFailure, describeHint, fillHint, strong, toned, toPlainText, type Text } from '@vesemir/words'

/** What a person is told of an error: what happened, which fields it is about, and what to do next. */
interface Explained {
  code: string
  message: string
  hint?: string
  errors?: FieldError[]
}

/** Says an error in words for people; `about` is the deployment that it is about. Only a bug comes with its stack, for the report of it. */
export function errorLines(error: unknown, about?: string): Text[] {
  const explained = explain(error, about)
  const stack = isExpected(error) || !(error instanceof Error) ? [] : (error.stack ?? '').split('\n').slice(1)
  return [
    [toned('error: ', 'bad'), describeFailure(explained)],
    ...(explained.errors ?? []).map(fieldLine),
    ...stack.map((frame): Text => [frame]),
    ...describeHint(explained, {}),
  ]
}

/** Says an error in the annotations of a CI job. */
export function errorAnnotation(error: unknown, about?: string): Annotation {
  const { code, message, hint, errors = [] } = explain(error, about)
  const fields = errors.map((field) => toPlainText(fieldLine(field)).trim())
  return {
    level: 'error',
    title: `vesemir: ${code}`,
    message: [message, ...fields, ...(hint ? [hint] : [])].join('\n'),
  }
}

/** Says an error for programs. */
export function errorJson(error: unknown, about?: string): { error: Explained; exit: number } {
  return { error: explain(error, about), exit: exitOfError(error) }
}

function fieldLine({ field, message, place }: FieldError): Text {
  return ['  ', ...(place === undefined ? [] : [`${place}  `]), strong(field), field === '' ? message : `: ${message}`]
}

function isExpected(error: unknown): boolean {
  return error instanceof ApiError || isVesemirError(error)
}

function explain(error: unknown, about: string | undefined): Explained {
  const { hint, ...explained } = describe(error)
  return { ...explained, ...(hint === undefined ? {} : { hint: fillHint(hint, { id: about }) }) }
}

function describe(error: unknown): Explained {
  if (error instanceof ApiError) {
    const { code, detail: message, hint = hintOf(code), errors } = error.problem
    return { code, message, ...(hint === undefined ? {} : { hint }), ...(errors === undefined ? {} : { errors }) }
  }
  if (isVesemirError(error)) {
    const { code, message, details } = error
    return {
      code,
      message,
      hint: errorTable[code].hint,
      ...(details.errors ? { errors: details.errors as FieldError[] } : {}),
    }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'INTERNAL', message, hint: 'This is a bug in vesemir. Report it with these lines.' }
}

/** What to do about an error of this code; nothing when it is of a later version. */
export function hintOf(code: string): string | undefined {
  return Object.hasOwn(errorTable, code) ? errorTable[code as ErrorCode].hint : undefined
}
