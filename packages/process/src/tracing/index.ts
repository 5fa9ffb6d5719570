export { openLog } from './open-log.ts'
export type { PartOptions, Span, SpanAttributes, SpanOptions, Tracing } from './tracing.ts'
