import { ApiError, type Client, type DeploymentView } from '@vesemir/contract'
import { applyEvent } from '@vesemir/core'
import { exitCodes, exitOfDeployment, exitOfError } from './exit-codes.ts'
import type { Viewer } from './render/viewer.ts'

export interface FollowTo {
  client: Client
  viewer: Viewer
  after: number
  /** To what has happened by now, or to the deployment's end. */
  until: 'now' | 'end'
  limitMs?: number | undefined
  /** The exit code of the deployment at its end; that of the deployment itself unless given. */
  exitOf?: ((deployment: DeploymentView['deployment']) => number) | undefined
}

/** How following came to its end: the deployment as last seen, if it was, and the exit code that says so. */
export interface Followed {
  view?: DeploymentView
  exit: number
  error?: ApiError
}

/** `setTimeout` takes no more. */
const longestWaitMs = 2 ** 31 - 1

/** Shows a deployment until it ends, the wait limit is over, or Ctrl-C. Neither of these touches the deployment. */
export async function followDeployment(id: string, to: FollowTo): Promise<Followed> {
  const { client, viewer, after, until, limitMs = longestWaitMs, exitOf = exitOfDeployment } = to
  let view: DeploymentView | undefined
  let stopped: number | undefined
  const controller = new AbortController()
  const stop = (exit: number) => {
    stopped = exit
    controller.abort()
  }
  const interrupt = () => stop(exitCodes.interrupted)
  const limit = setTimeout(stop, Math.min(limitMs, longestWaitMs), exitCodes.stillRunning)
  process.once('SIGINT', interrupt)
  try {
    const { signal } = controller
    const now = await client.getDeployment(id, { signal })
    // Whoever begins at the beginning sees each event in the state that it led to; who does not, in today's.
    view = after === 0 ? undefined : now
    if (view) viewer.begin(view)
    const last = until === 'end' ? Infinity : now.cursor
    if (after < last)
      for await (const item of client.followEvents(id, { after, signal, onConnection: viewer.connection })) {
        if ('kind' in item && item.kind === 'restored') {
          view = await client.getDeployment(id, { signal })
          viewer.restored(item)
          viewer.begin(view)
          continue
        }
        if ('kind' in item) {
          viewer.trimmed(item)
          continue
        }
        view = applyEvent(view, item)
        viewer.event(item, view)
        if (item.seq >= last) break
      }
    view ??= now
    return { view, exit: until === 'end' ? exitOf(view.deployment) : exitCodes.succeeded }
  } catch (error) {
    const last = view ? { view } : {}
    if (stopped !== undefined) return { ...last, exit: stopped }
    if (error instanceof ApiError) return { ...last, exit: exitOfError(error), error }
    throw error
  } finally {
    clearTimeout(limit)
    process.off('SIGINT', interrupt)
    viewer.close()
  }
}
