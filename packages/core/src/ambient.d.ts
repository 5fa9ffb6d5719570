// Core sees neither Node nor the DOM. This is as much of abort signals as it may know; real ones fit.
interface AbortSignal {
  readonly aborted: boolean
  readonly reason: unknown
  throwIfAborted(): void
}

declare const AbortSignal: { any(signals: readonly AbortSignal[]): AbortSignal }

declare class AbortController {
  readonly signal: AbortSignal
  abort(reason: unknown): void
}
