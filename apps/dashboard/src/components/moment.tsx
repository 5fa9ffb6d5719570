import { formatAge, formatDateTime } from '@vesemir/words'
/** A moment as people say it, with the exact one for whoever points at it. */
export function Moment({ at, nowMs }: { at: string; nowMs: number }) {
  return (
    <time dateTime={at} title={formatDateTime(at)}>
      {formatAge(at, nowMs)}
    </time>
  )
}
