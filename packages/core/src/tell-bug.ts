import { isVesemirError } from './errors.ts'

/**
 * Hears of an error that no code has foreseen, with its stack, and of what it failed. The record keeps its message alone: a
 * stack says nothing to whoever deploys, and everything to whoever mends Vesemir.
 */
export type OnBug = (error: unknown, at: { deploymentId: string; host?: string }) => void

/** Tells of an error when it is a bug: whatever is not a `VesemirError`. */
export function tellBug(error: unknown, { onBug }: { onBug: OnBug }, at: Parameters<OnBug>[1]): void {
  if (!isVesemirError(error)) onBug(error, at)
}
