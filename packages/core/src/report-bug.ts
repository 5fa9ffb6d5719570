import { isVesemirError } from './errors.ts'

/**
 * Called with an error that no code has foreseen, with its stack, and with what it failed. The record keeps only its message: the
 * stack is for whoever fixes Vesemir.
 */
export type OnBug = (error: unknown, at: { deployment: string; host?: string }) => void

/** Reports an error when it is a bug: anything but a `VesemirError`. */
export function reportBug(error: unknown, { onBug }: { onBug: OnBug }, at: Parameters<OnBug>[1]): void {
  if (!isVesemirError(error)) onBug(error, at)
}
