import type { DeploymentView, HostRecord, ServerState } from '@vesemir/contract'
import { isSameServer } from '@vesemir/core'
import { count, serverStatus } from '@vesemir/words'
import { memo } from 'react'
import { LongTable } from './long-table.tsx'
import { Status } from './mark.tsx'
import { fullWeight, serversOf } from '../servers.ts'

/** Every backend with its servers as last read from each box: state, weight and sessions. */
export function ServerTables({ view: { deployment, hosts } }: { view: DeploymentView }) {
  const backends = [...new Set(hosts.flatMap(({ servers }) => servers.map(({ backend }) => backend)))]
  const boxes = deployment.plan?.boxes.map(({ name }) => name) ?? []
  if (backends.length === 0) return <p className="empty">These hosts have no load balancer.</p>
  return backends.map((backend) => <BackendTable key={backend} backend={backend} boxes={boxes} hosts={hosts} />)
}

interface BackendTableProps {
  backend: string
  boxes: readonly string[]
  hosts: readonly HostRecord[]
}

function BackendTable({ backend, boxes, hosts }: BackendTableProps) {
  const own = hosts.filter(({ servers }) => servers.some((server) => server.backend === backend))
  return (
    <section aria-label={`Backend ${backend}`}>
      <h2>
        Backend {backend} <span className="sub">{count(own.length, 'server')}</span>
      </h2>
      <LongTable
        label={`Servers of ${backend}`}
        className="server-grid"
        columns={1 + boxes.length}
        rows={own}
        head={
          <tr>
            <th scope="col">Server</th>
            {boxes.map((box) => (
              <th key={box} scope="col">
                {box}
              </th>
            ))}
          </tr>
        }
      >
        {(host, rowIndex) => (
          <tr key={host.target.name} aria-rowindex={rowIndex}>
            <th scope="row">{host.target.name}</th>
            {boxes.map((box) => (
              <ServerCell key={box} host={host} backend={backend} box={box} />
            ))}
          </tr>
        )}
      </LongTable>
    </section>
  )
}

/** Rendered again only when this host has changed. */
const ServerCell = memo(function ServerCell({
  host,
  backend,
  box,
}: {
  host: HostRecord
  backend: string
  box: string
}) {
  return (
    <td>
      {host.servers
        .filter((server) => server.backend === backend && server.box === box)
        .map((ref) => (
          <Server
            key={ref.server}
            state={serversOf(host).find((server) => isSameServer(server, ref))}
            name={ref.server === host.target.name ? undefined : ref.server}
            host={host}
          />
        ))}
    </td>
  )
})

interface ServerProps {
  state: ServerState | undefined
  /** Shown where it differs from the host's name. */
  name: string | undefined
  host: HostRecord
}

/** One server as last read from its box. */
export function Server({ state, name, host }: ServerProps) {
  if (!state) return <span className="sub">not read yet</span>
  const full = fullWeight(state, host)
  return (
    <span className="server">
      {name !== undefined && <span className="sub">{name}</span>}
      <Status shown={serverStatus(state)} />
      <span className="weight">
        weight {state.weight}
        {state.weight !== full && <span className="sub"> of {full}</span>}
      </span>
      <span className="sessions">{count(state.sessions, 'session')}</span>
    </span>
  )
}
