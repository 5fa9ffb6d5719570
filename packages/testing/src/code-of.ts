import { isVesemirError } from '@vesemir/core'

/** Gives the code of the error that something ends with; what is no such error is thrown. */
export async function codeOf(doing: Promise<unknown>): Promise<string> {
  const error = await errorOf(doing)
  return error.code
}

/** Gives the error that something ends with. */
export async function errorOf(doing: Promise<unknown>) {
  const outcome = await doing.catch((error: unknown) => error)
  if (!isVesemirError(outcome)) throw outcome
  return outcome
}
