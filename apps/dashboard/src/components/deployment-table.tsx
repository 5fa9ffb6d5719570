import type { Deployment, QueueHold } from '@vesemir/contract'
import { shouldProgress } from '@vesemir/core'
import { deploymentStatus, describeProgress, describeRequester, timeTaken } from '@vesemir/words'
import { Link } from '../navigation.tsx'
import { useHolds } from '../use-holds.ts'
import { useNow } from '../use-now.ts'
import { Status } from './mark.tsx'
import { Moment } from './moment.tsx'
import { ProgressBar } from './progress-bar.tsx'

/** Deployments, one in a row: version, state, hosts, who requested it and when, and its duration. */
export function DeploymentTable({ deployments, caption }: { deployments: readonly Deployment[]; caption: string }) {
  const nowMs = useNow()
  const holds = useHolds(deployments.some((deployment) => shouldProgress({ deployment })))
  return (
    <div className="table-frame" role="region" aria-label={caption} tabIndex={0}>
      <table className="deployments">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Deployment</th>
            <th scope="col">State</th>
            <th scope="col">Hosts</th>
            <th scope="col">Requested by</th>
            <th scope="col" className="wide-only">
              Team
            </th>
            <th scope="col" className="number">
              Duration
            </th>
          </tr>
        </thead>
        <tbody>
          {deployments.map((deployment) => (
            <Row key={deployment.id} deployment={deployment} holds={holds} nowMs={nowMs} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface RowProps {
  deployment: Deployment
  holds: readonly QueueHold[]
  nowMs: number
}

function Row({ deployment, holds, nowMs }: RowProps) {
  const { id, spec, counts, plan, createdAt } = deployment
  const hosts = plan ? describeProgress(counts, plan.hosts) : ''
  return (
    <tr>
      <th scope="row">
        <Link href={`/deployments/${id}`}>
          <span className="application">{spec.application}</span> {spec.version}
        </Link>
        <span className="sub">
          {spec.environment} · {id}
        </span>
      </th>
      <td>
        <Status shown={deploymentStatus(deployment)} />
        {shouldProgress({ deployment }) &&
          holds
            .filter(({ cluster }) => cluster === spec.cluster)
            .map(({ reason }) => (
              <span key={reason} className="sub" data-tone="waiting">
                {reason}
              </span>
            ))}
      </td>
      <td className="hosts-cell">
        {plan && (
          <>
            <ProgressBar counts={counts} label={`Hosts: ${hosts}`} />
            <span className="sub">{hosts}</span>
          </>
        )}
      </td>
      <td>
        {describeRequester(deployment)}
        <span className="sub">
          <Moment at={createdAt} nowMs={nowMs} />
          {spec.reason !== undefined && <span className="reason"> · {spec.reason}</span>}
        </span>
      </td>
      <td className="wide-only">{spec.team}</td>
      <td className="number">{timeTaken(deployment, nowMs)}</td>
    </tr>
  )
}
