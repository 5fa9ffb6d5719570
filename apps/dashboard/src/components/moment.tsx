import { dayAndTime, timeAgo } from '../words/time.ts'

/** A moment as people say it, with the exact one for whoever points at it. */
export function Moment({ at, nowMs }: { at: string; nowMs: number }) {
  return (
    <time dateTime={at} title={dayAndTime(at)}>
      {timeAgo(at, nowMs)}
    </time>
  )
}
