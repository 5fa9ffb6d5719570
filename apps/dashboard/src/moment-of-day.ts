/** The moment at which a day, `2026-11-01`, begins or ends by the clock of who looks; undefined where it is no day. */
export function momentOfDay(day: string, time: '00:00:00' | '23:59:59.999'): string | undefined {
  const moment = new Date(`${day}T${time}`)
  return Number.isNaN(moment.getTime()) ? undefined : moment.toISOString()
}
