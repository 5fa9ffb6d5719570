/** The week before this one, Monday to Sunday by the clock of who looks, as days: `2026-11-23`. */
export function lastWeek(now: Date): { since: string; until: string } {
  const sinceMonday = (now.getDay() + 6) % 7
  const day = (offset: number) => {
    const date = new Date(now.getFullYear(), now.getMonth(), now.getDate() + offset)
    return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => `${part}`.padStart(2, '0')).join('-')
  }
  return { since: day(-sinceMonday - 7), until: day(-sinceMonday - 1) }
}
