// Core sees neither Node nor the DOM. This is as much of an AbortSignal as it may know; a real one fits.
interface AbortSignal {
  readonly aborted: boolean
  readonly reason: unknown
  throwIfAborted(): void
}
