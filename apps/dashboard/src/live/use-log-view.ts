import { useEffect, useMemo, useState } from 'react'
import type { LiveDeployment } from './live-deployment.ts'
import type { LogFilter } from './log-filter.ts'
import { LogView } from './log-view.ts'

/** Returns what of a deployment's log is shown, up to date. `end` is how many lines the log has had: whenever it grows, there is more to show. */
export function useLogView(live: LiveDeployment, { filter, end }: { filter: LogFilter; end: number }): LogView {
  const [epoch, setEpoch] = useState(0)
  // oxlint-disable-next-line react/exhaustive-deps -- a filter is a new object each time; a new epoch is a new view of the same
  const view = useMemo(() => new LogView(live.log, filter), [live, JSON.stringify(filter), epoch])
  view.update()
  useEffect(() => {
    if (view.isStale) setEpoch((number) => number + 1)
  }, [view, end])
  return view
}
