/**
 * Names the process of HAProxy that answers `ask`: by its node, process id and start. After a restart in a container, and after a
 * reboot, another process has the same id. `info` is its answer to `show info`.
 */
export async function nameProcess(
  info: string,
  ask: (commands: readonly string[]) => Promise<string[]>,
): Promise<string> {
  const start = infoField(info, 'Start_time_sec') ?? (await deriveStart(ask))
  return [infoField(info, 'node'), infoField(info, 'Pid'), start].join(' ')
}

/** Returns the value of a line of `show info`. */
export function infoField(info: string, name: string): string | undefined {
  const start = info.indexOf(`\n${name}: `)
  return start === -1 ? undefined : info.slice(start + name.length + 3).split('\n', 1)[0]
}

const mostTries = 5

/**
 * Computes the start of a HAProxy that does not show it (2.2): its uptime is whole seconds of the same clock that `show
 * activity` shows. A second that ends between the answers would make it another start.
 */
async function deriveStart(ask: (commands: readonly string[]) => Promise<string[]>): Promise<string | undefined> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const [before = '', info = '', after = ''] = await ask(['show activity', 'show info', 'show activity'])
    const [second, uptime] = [secondOf(before), infoField(info, 'Uptime_sec')]
    if (second === undefined || uptime === undefined) return undefined
    if (second === secondOf(after)) return String(second - Number(uptime))
  }
  return undefined
}

function secondOf(activity: string): number | undefined {
  const [, seconds] = /^date_now: (\d+)\./m.exec(activity) ?? []
  return seconds === undefined ? undefined : Number(seconds)
}
