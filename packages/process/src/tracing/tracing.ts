/** What a span says besides its name: names and figures. A secret is neither, nor is the output of a host. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>

export interface SpanOptions {
  /** How it takes part in what several processes do; default: not at all, it is this process's own. */
  kind?: 'server' | 'client' | 'producer' | 'consumer'
  attributes?: SpanAttributes
  /** The W3C trace context of what it is a part of; default: the active span, or nothing. */
  traceparent?: string | undefined
}

export interface PartOptions extends Pick<SpanOptions, 'kind' | 'attributes'> {
  /** Whether the same is done again and again, as to wait for something: then the first 20 in a row are told. */
  isRepeated?: boolean
}

/** Something that was done, and how long it took. */
export interface Span {
  set(attributes: SpanAttributes): void
  /** Marks it as failed, by a code; of an error it says the code, or the name of its class, and never the message. */
  fail(error: unknown): void
  end(): void
}

/** What writes the traces of a process. */
export interface Tracing extends AsyncDisposable {
  start(name: string, options?: SpanOptions): Span
  /** Does something while a span is the active one. */
  within<Result>(span: Span, act: () => Result): Result
  /** Does something as a span, which is the active one meanwhile. */
  span<Result>(name: string, options: SpanOptions, act: () => Promise<Result>): Promise<Result>
  /** The same as a part of the active span; where there is none, nothing is traced. */
  part<Result>(name: string, options: PartOptions, act: () => Promise<Result>): Promise<Result>
  /** Begins a phase of the active span, which ends the one before: what follows is part of it. Without a name, none begins. */
  enter(name?: string, attributes?: SpanAttributes): void
  /** Returns the active span, and its phase in progress. */
  active(): { span: Span; phase?: Span | undefined } | undefined
  /** Returns the W3C trace context of what is being done. */
  readonly traceparent: () => string | undefined
  /** Returns what a line of the log says of what is being done. */
  readonly fields: () => { trace?: string; span?: string }
}
