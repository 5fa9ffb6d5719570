import type { ApplicationHost, Deployment } from '@vesemir/contract'
import { count, hostReleaseStatus } from '@vesemir/words'
import { api } from '../api.ts'
import { Link } from '../navigation.tsx'
import { useLoaded } from '../use-loaded.ts'
import { useNow } from '../use-now.ts'
import { Status } from './mark.tsx'
import { Moment } from './moment.tsx'
import { Notice } from './notice.tsx'

interface Place {
  application: string
  environment: string
}

/** The version last deployed to each host of an application's environment, and which hosts have drifted. */
export function HostVersions({ place, deployments }: { place: Place; deployments: readonly Deployment[] }) {
  const { application, environment } = place
  const nowMs = useNow(true, 30_000)
  const { value, error } = useLoaded((signal) => api.listHosts(application, { environment, signal }), {
    key: `${application} ${environment}`,
    everyMs: 5000,
  })
  if (error) return <Notice tone="bad" title="Failed to load the hosts" error={error} />
  if (!value) return null
  const { hosts } = value
  if (hosts.length === 0) return <p className="empty">{`No deployed hosts in ${environment} yet.`}</p>
  const ongoing = new Set(deployments.filter(({ state }) => !('endedAt' in state)).map(({ id }) => id))
  return (
    <>
      <p>{summary(hosts)}</p>
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
              <Row
                key={host.host}
                host={host}
                isChanging={host.deployment !== undefined && ongoing.has(host.deployment)}
                nowMs={nowMs}
              />
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

interface RowOptions {
  host: ApplicationHost
  /** Whether the deployment that last changed the host is in progress. */
  isChanging: boolean
  nowMs: number
}

function Row({ host, isChanging, nowMs }: RowOptions) {
  const { deployment, at } = host
  const { note, ...shown } = hostReleaseStatus(host, { isChanging })
  return (
    <tr>
      <th scope="row">{host.host}</th>
      <td title={host.release}>{host.version}</td>
      <td>
        <Status shown={shown} />
        {note !== undefined && <span className="sub">{note}</span>}
      </td>
      <td>
        <Moment at={at} nowMs={nowMs} />{' '}
        {deployment !== undefined && (
          <span className="sub">
            by <Link href={`/deployments/${deployment}?host=${host.host}`}>{deployment}</Link>
          </span>
        )}
      </td>
    </tr>
  )
}

function summary(hosts: readonly ApplicationHost[]): string {
  const tally = Map.groupBy(hosts, ({ version }) => version)
  return [...tally].map(([version, group]) => `${version} on ${count(group.length, 'host')}`).join(', ')
}
