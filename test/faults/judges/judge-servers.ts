import type { ServerRow } from '../../../infra/fleet/show-servers.ts'

/** Says in words which servers have another admin state or weight than before. */
export function judgeServers(before: readonly ServerRow[], after: readonly ServerRow[]): string[] {
  const shown = new Map(after.map((row) => [nameOf(row), describe(row)]))
  return before.flatMap((row) => {
    const now = shown.get(nameOf(row)) ?? 'not there'
    return now === describe(row) ? [] : [`${nameOf(row)} was ${describe(row)}, and is ${now}`]
  })
}

function nameOf({ box, backend, server }: ServerRow): string {
  return `${box} ${backend}/${server}`
}

function describe({ adminState, weight }: ServerRow): string {
  return `${adminState === 0 ? 'ready' : `in admin state ${adminState}`} with weight ${weight}`
}
