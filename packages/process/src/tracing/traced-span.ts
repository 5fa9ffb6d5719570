import type * as OpenTelemetry from '@opentelemetry/api'
import { isVesemirError } from '@vesemir/core'
import type { Span, SpanAttributes } from './tracing.ts'

/** A walk can wait for hours, and asks again every second. */
const mostRepeated = 20

/** A span of OpenTelemetry, which takes no more than names and figures. */
export class TracedSpan implements Span {
  readonly #span: OpenTelemetry.Span
  readonly #api: typeof OpenTelemetry
  readonly #repeated = new Map<string, number>()
  #hasFailed = false

  constructor(span: OpenTelemetry.Span, api: typeof OpenTelemetry) {
    this.#span = span
    this.#api = api
  }

  get context(): OpenTelemetry.SpanContext {
    return this.#span.spanContext()
  }

  set(attributes: SpanAttributes): this {
    for (const [name, value] of Object.entries(attributes))
      if (value !== undefined) this.#span.setAttribute(name, value)
    return this
  }

  /** The first reason is the one that counts: what it led to is thrown on. */
  fail(error: unknown): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    const type = nameOf(error)
    this.set({ 'error.type': type })
    this.#span.setStatus({ code: this.#api.SpanStatusCode.ERROR, message: type })
  }

  /** Returns whether one more part of a name is still to be told, and counts those that are not. */
  tellsAgain(name: string): boolean {
    const count = (this.#repeated.get(name) ?? 0) + 1
    this.#repeated.set(name, count)
    if (count > mostRepeated) this.set({ [`vesemir.untold.${name}`]: count - mostRepeated })
    return count <= mostRepeated
  }

  end(): void {
    this.#span.end()
  }
}

function nameOf(error: unknown): string {
  if (typeof error === 'string') return error
  if (isVesemirError(error)) return error.code
  return error instanceof Error ? error.name : typeof error
}
