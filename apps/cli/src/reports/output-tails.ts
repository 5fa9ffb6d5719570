import type { DeploymentEvent } from '@vesemir/contract'
import type { Viewer } from '../render/viewer.ts'

/** As many lines as fit a report that has a place for each host. */
const mostLines = 20

/** Keeps the last lines that each host's steps write, for reports; `watching` is a viewer that does so beside another. */
export function createOutputTails(): { of: (host: string) => readonly string[]; watching: (viewer: Viewer) => Viewer } {
  const tails = new Map<string, string[]>()
  const keep = (event: DeploymentEvent) => {
    if (event.type !== 'log.appended') return
    const lines = event.lines.map(({ text }) => text)
    tails.set(event.host, [...(tails.get(event.host) ?? []), ...lines].slice(-mostLines))
  }
  return {
    of: (host) => tails.get(host) ?? [],
    watching: (viewer) => ({
      ...viewer,
      event: (event, view) => {
        keep(event)
        viewer.event(event, view)
      },
    }),
  }
}
