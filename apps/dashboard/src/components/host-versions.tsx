import type { Deployment, DeploymentView } from '@vesemir/contract'
import { api } from '../api.ts'
import { Link } from '../navigation.tsx'
import { useLoaded } from '../use-loaded.ts'
import { useNow } from '../use-now.ts'
import { count } from '../words/count.ts'
import { trafficWords } from '../words/status.ts'
import { versionsPerHost, type HostVersion } from '../words/versions.ts'
import { Status } from './mark.tsx'
import { Moment } from './moment.tsx'
import { Notice } from './notice.tsx'

/** The most deployments that are looked through for what runs on a host. */
const mostRead = 20

/** What runs on each host, by the deployments of an application in an environment, newest first. */
export function HostVersions({ deployments }: { deployments: readonly Deployment[] }) {
  const nowMs = useNow(true, 30_000)
  const planned = deployments.filter(({ plan }) => plan !== undefined).slice(0, mostRead)
  const { value, error } = useLoaded((signal) => readUntilKnown(planned, signal), {
    key: planned.map(({ id, state, counts }) => `${id} ${state.status} ${counts.pending} ${counts.running}`).join(),
  })
  if (error) return <Notice tone="bad" title="Not known" error={error} />
  if (!value) return null
  if (value.length === 0) return <p className="empty">No host is known to have a version of it.</p>
  return (
    <>
      <p>{summary(value)}</p>
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
            {value.map((row) => (
              <Row key={row.host} row={row} nowMs={nowMs} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

function Row({
  row: { host, version, isProven, traffic, deployment, at },
  nowMs,
}: {
  row: HostVersion
  nowMs: number
}) {
  return (
    <tr>
      <th scope="row">{host}</th>
      <td>{version}</td>
      <td>
        <Status shown={isProven ? { tone: 'good', label: 'Proven' } : { tone: 'bad', label: 'Not proven' }} />
        {traffic !== undefined && traffic !== 'restored' && <span className="sub">{trafficWords[traffic]}</span>}
      </td>
      <td>
        <Moment at={at} nowMs={nowMs} />{' '}
        <span className="sub">
          by <Link href={`/deployments/${deployment}?host=${host}`}>{deployment}</Link>
        </span>
      </td>
    </tr>
  )
}

/** Reads deployments one after another, until what runs on each host is known. */
async function readUntilKnown(deployments: readonly Deployment[], signal: AbortSignal): Promise<HostVersion[]> {
  const views: DeploymentView[] = []
  let versions: HostVersion[] = []
  for (const { id } of deployments) {
    views.push(await api.getDeployment(id, { signal }))
    versions = versionsPerHost(views)
    if (versions.length === views[0]!.hosts.length) break
  }
  return versions
}

function summary(versions: readonly HostVersion[]): string {
  const tally = Map.groupBy(versions, ({ version }) => version)
  return [...tally].map(([version, hosts]) => `${version} on ${count(hosts.length, 'host')}`).join(', ')
}
