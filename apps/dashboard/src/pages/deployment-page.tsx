import type { DeploymentView } from '@vesemir/contract'
import { isEnded, listTasks, needsAttention } from '@vesemir/core'
import { archivedRecord, deploymentStatus, hostStatuses, incompleteRecord } from '@vesemir/words'
import { Suspense, useEffect, useRef } from 'react'
import { Actions, useCommandSender } from '../components/actions.tsx'
import { useAnnounce } from '../components/announcer.tsx'
import { Attention } from '../components/attention.tsx'
import { ConnectionNotice } from '../components/connection-notice.tsx'
import { DeploymentHead } from '../components/deployment-head.tsx'
import { HostGrid } from '../components/host-grid.tsx'
import { FailureDetails, HostPanel } from '../components/host-panel.tsx'
import { Later } from '../components/later.tsx'
import { lazyPage } from '../components/lazy-page.tsx'
import { LogPanel } from '../components/log-panel.tsx'
import { Notice } from '../components/notice.tsx'
import { NotifyAtEnd } from '../components/notify-at-end.tsx'
import { PageTitle } from '../components/page-title.tsx'
import { RequestDetails } from '../components/request-details.tsx'
import { ServerTables } from '../components/server-table.tsx'
import { TaskTable } from '../components/task-table.tsx'
import { Waves } from '../components/waves.tsx'
import { WhatChanges } from '../components/what-changes.tsx'
import type { LiveDeployment, LiveState } from '../live/live-deployment.ts'
import { addressWith, Link, navigate, useAddress } from '../navigation.tsx'
import { useLiveDeployment } from '../use-live-deployment.ts'

const TimelineView = lazyPage(async () => (await import('../components/timeline-view.tsx')).TimelineView)

const PeersNow = lazyPage(async () => (await import('../components/peers-plots.tsx')).PeersNow)

/** One deployment, as it happens. */
export function DeploymentPage({ id }: { id: string }) {
  const { live, state } = useLiveDeployment(id)
  const { view, error, connection } = state
  if (live && view) return <Watched live={live} state={state} view={view} />
  return (
    <>
      <PageTitle title={id} />
      <ConnectionNotice isLost={connection === 'lost'} />
      {error && (
        <Notice tone="bad" title={`Failed to load ${id}`} error={error}>
          <Link href="/deployments">All deployments</Link>
        </Notice>
      )}
      {!error && <p className="empty">Loading {id}…</p>}
    </>
  )
}

function Watched({ live, state, view }: { live: LiveDeployment; state: LiveState; view: DeploymentView }) {
  const { deployment, hosts, incomplete, archivedAt } = view
  const place = useAddress()
  const commandSender = useCommandSender(deployment.id, live.wake)
  const selected = hosts.find(({ target }) => target.name === place.query.get('host'))
  useAnnouncements(view)
  return (
    <div className="deployment" data-ended={isEnded(deployment) || undefined}>
      <ConnectionNotice isLost={state.connection === 'lost'} />
      {state.error && <Notice tone="bad" title="Live updates stopped" error={state.error} />}
      {incomplete && (
        <Notice tone="bad" title={incompleteRecord}>
          <FailureDetails failure={incomplete} id={deployment.id} />
        </Notice>
      )}
      {archivedAt !== undefined && <Notice tone="idle" title={archivedRecord} />}
      <DeploymentHead view={view} />
      {archivedAt === undefined && <Actions view={view} commandSender={commandSender} />}
      <NotifyAtEnd view={view} />
      <Attention view={view} commandSender={commandSender} />
      {deployment.plan?.changes && (
        <WhatChanges
          changes={deployment.plan.changes}
          version={deployment.spec.version}
          isOpen={deployment.state.status === 'gated' && deployment.state.gate.kind === 'approval'}
        />
      )}
      {deployment.peers && deployment.intent === 'deploy' && !isEnded(deployment) && (
        <Suspense>
          <PeersNow live={live} view={view} />
        </Suspense>
      )}
      <TaskTable view={view} />
      {hosts.length > 0 && (
        <Waves view={view} onHost={(host) => navigate(addressWith(place, { host, line: undefined }))} />
      )}
      <Later>
        {hosts.length > 0 && <Panels live={live} view={view} isCaughtUp={state.isCaughtUp} />}
        {selected && <HostPanel view={view} host={selected} commandSender={commandSender} />}
        <LogPanel
          id={deployment.id}
          live={live}
          end={state.logEnd}
          isCaughtUp={state.isCaughtUp}
          isOngoing={!isEnded(deployment)}
          hosts={hosts.map(({ target }) => target.name)}
          tasks={listTasks(deployment).map(({ task }) => task.name)}
        />
      </Later>
    </div>
  )
}

const panels = { hosts: 'Hosts', timeline: 'Timeline', servers: 'Load balancers', request: 'Request' } as const

interface PanelsProps {
  live: LiveDeployment
  view: DeploymentView
  isCaughtUp: boolean
}

function Panels({ live, view, isCaughtUp }: PanelsProps) {
  const place = useAddress()
  const name = place.query.get('show') ?? 'hosts'
  const shown = name in panels ? (name as keyof typeof panels) : 'hosts'
  return (
    <section className="card panels" aria-label={panels[shown]}>
      <nav className="tabs" aria-label="Sections">
        {(Object.keys(panels) as (keyof typeof panels)[]).map((panel) => (
          <Link
            key={panel}
            href={addressWith(place, { show: panel === 'hosts' ? undefined : panel, as: undefined })}
            aria-current={panel === shown ? 'true' : undefined}
          >
            {panels[panel]}
          </Link>
        ))}
      </nav>
      {shown === 'hosts' && <HostGrid view={view} />}
      {shown === 'timeline' && (
        <Suspense>
          <TimelineView live={live} view={view} isCaughtUp={isCaughtUp} />
        </Suspense>
      )}
      {shown === 'servers' && <ServerTables view={view} />}
      {shown === 'request' && <RequestDetails deployment={view.deployment} />}
    </section>
  )
}

/** Announces to screen readers the deployment's state and each host that fails. */
function useAnnouncements({ deployment, hosts }: DeploymentView): void {
  const announce = useAnnounce()
  const { text: status } = deploymentStatus(deployment)
  const failed = hosts
    .filter(needsAttention)
    .map(({ target, state }) => `${target.name}: ${hostStatuses[state.status].text}`)
  const text = [`${deployment.spec.application} ${deployment.spec.version}: ${status}`, ...failed.slice(-3)].join('. ')
  const isFirst = useRef(true)
  useEffect(() => {
    if (!isFirst.current) announce(text)
    isFirst.current = false
  }, [announce, text])
}
