import type { ApplicationHost, Deployment } from '@vesemir/contract'
import { isChanging, type ApplicationEnvironment } from '@vesemir/core'
import { count, hostReleaseStatus } from '@vesemir/words'
import { api } from '../api.ts'
import { Link } from '../navigation.tsx'
import { changesRestMs, useLoaded } from '../use-loaded.ts'
import { useNow } from '../use-now.ts'
import { ConvergeHosts } from './converge-hosts.tsx'
import { Status } from './mark.tsx'
import { Moment } from './moment.tsx'
import { Notice } from './notice.tsx'

/** The version last deployed to each host of an application's environment, and which hosts have drifted. */
export function HostVersions({
  place,
  deployments,
  mayConverge,
}: {
  place: ApplicationEnvironment
  deployments: readonly Deployment[]
  mayConverge: boolean
}) {
  const { application, environment } = place
  const nowMs = useNow(true, 30_000)
  const key = `${application} ${environment}`
  const { value, error } = useLoaded((signal, unlike) => api.listHosts(application, { environment, signal, unlike }), {
    key,
    restMs: changesRestMs,
  })
  // To ask the inventory takes a worker, and longer.
  const inventory = useLoaded((signal) => api.listHosts(application, { environment, inventory: 'true', signal }), {
    key,
    restMs: 60_000,
  })
  if (error) return <Notice tone="bad" title="Failed to load the hosts" error={error} />
  if (!value) return null
  const hosts = inventory.value ? besideInventory(value.hosts, inventory.value.hosts) : value.hosts
  if (hosts.length === 0) return <p className="empty">{`No deployed hosts in ${environment} yet.`}</p>
  const ongoing = new Set(deployments.filter(({ state }) => !('endedAt' in state)).map(({ id }) => id))
  const behind = hosts.filter(({ drift }) => drift !== undefined).length
  return (
    <>
      <div className="page-title">
        <p>{summary(hosts)}</p>
        {mayConverge && behind > 0 && <ConvergeHosts key={key} place={place} behind={behind} />}
      </div>
      <div className="table-frame versions" role="region" aria-label="Versions per host" tabIndex={0}>
        <table>
          <caption className="visually-hidden">Versions per host</caption>
          <thead>
            <tr>
              <th scope="col">Host</th>
              <th scope="col">Version</th>
              <th scope="col">State</th>
              <th scope="col">Since</th>
            </tr>
          </thead>
          <tbody>
            {hosts.map((host) => (
              <Row key={host.host} host={host} isChanging={isChanging(host, ongoing)} nowMs={nowMs} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

interface RowOptions {
  host: ApplicationHost
  /** Whether the deployment that last changed the host, or began to, is in progress. */
  isChanging: boolean
  nowMs: number
}

function Row({ host, isChanging, nowMs }: RowOptions) {
  const { runs } = host
  const { note, ...shown } = hostReleaseStatus(host, { isChanging })
  return (
    <tr>
      <th scope="row">{host.host}</th>
      <td title={runs?.release}>{runs?.version ?? '–'}</td>
      <td>
        <Status shown={shown} />
        {note !== undefined && <span className="sub">{note}</span>}
      </td>
      <td>
        {runs && <Moment at={runs.at} nowMs={nowMs} />}{' '}
        {runs?.deployment !== undefined && (
          <span className="sub">
            by <Link href={`/deployments/${runs.deployment}?host=${host.host}`}>{runs.deployment}</Link>
          </span>
        )}
      </td>
    </tr>
  )
}

/** Hosts as they are known now, beside what the inventory said last. */
function besideInventory(
  known: readonly ApplicationHost[],
  ofInventory: readonly ApplicationHost[],
): readonly ApplicationHost[] {
  const now = new Map(known.map((host) => [host.host, host]))
  const names = new Set(ofInventory.map(({ host }) => host))
  return [
    ...ofInventory.map((host) => withInventory(now.get(host.host) ?? host, host)),
    ...known.filter(({ host }) => !names.has(host)),
  ]
}

/** What was known of the host when the inventory was read may no longer be so. */
function withInventory(known: ApplicationHost, { inInventory }: ApplicationHost): ApplicationHost {
  return inInventory === undefined ? known : { ...known, inInventory }
}

function summary(hosts: readonly ApplicationHost[]): string {
  const tally = Map.groupBy(hosts, ({ runs, mayRun }) =>
    [runs?.version ?? 'nothing', ...(mayRun ? [mayRun.version] : [])].join(' or '),
  )
  return [...tally].map(([versions, group]) => `${versions} on ${count(group.length, 'host')}`).join(', ')
}
