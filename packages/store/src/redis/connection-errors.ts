import { createSystemClock } from '@vesemir/process/clock'

/** A connection that is lost is tried again several times a second, and each try fails with the same words. */
const silenceMs = 5000

/**
 * Has errors of connections reported, each wording at most once in 5 s: API and workers have many connections, which all break at
 * once. Numbers make no other wording: ports differ, and the time until the next try.
 */
export function reportConnectionErrors(
  onError: (error: Error) => void,
  { clock = createSystemClock() }: { clock?: Pick<ReturnType<typeof createSystemClock>, 'startStopwatch'> } = {},
): (error: Error) => void {
  const reported = new Map<string, () => number>()
  return (error) => {
    const wording = error.message.replace(/\d+/g, '0')
    const sinceLast = reported.get(wording)
    if (sinceLast && sinceLast() < silenceMs) return
    reported.set(wording, clock.startStopwatch())
    onError(error)
  }
}

/**
 * Returns whether Redis has refused a write because it has become a replica: after a fail-over the address leads to another one, and the
 * old connection would be refused for ever.
 */
export function isFromReplica(error: Error): boolean {
  return error.message.startsWith('READONLY')
}
