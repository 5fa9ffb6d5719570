import { useEffect, useMemo, useState } from 'react'
import type { LiveDeployment } from './live-deployment.ts'
import { LogView } from './log-view.ts'

interface ViewOf {
  host: string | undefined
  task: string | undefined
  search: string
  /** How many lines the log has had: whenever it grows, there is more to show. */
  end: number
}

/** Returns what of a deployment's log is shown, up to date. */
export function useLogView(live: LiveDeployment, { host, task, search, end }: ViewOf): LogView {
  const [epoch, setEpoch] = useState(0)
  // oxlint-disable-next-line react/exhaustive-deps -- a new epoch is a new view of the same
  const view = useMemo(() => new LogView(live.log, { host, task, search }), [live, host, task, search, epoch])
  view.update()
  useEffect(() => {
    if (view.isStale) setEpoch((number) => number + 1)
  }, [view, end])
  return view
}
