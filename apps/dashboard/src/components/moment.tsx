import { formatAge, formatDateTime } from '@vesemir/words'
/** A moment by its age, with the exact time as a tooltip. */
export function Moment({ at, nowMs }: { at: string; nowMs: number }) {
  return (
    <time dateTime={at} title={formatDateTime(at)}>
      {formatAge(at, nowMs)}
    </time>
  )
}
