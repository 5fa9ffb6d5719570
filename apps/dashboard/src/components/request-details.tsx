import type { Deployment } from '@vesemir/contract'
import { describeRestart } from '@vesemir/core'
import { describeRequester, formatDateTime } from '@vesemir/words'

/** The request of a deployment, and what its plan resolved. */
export function RequestDetails({ deployment }: { deployment: Deployment }) {
  const { spec, plan, createdAt } = deployment
  const facts: [string, string][] = [
    [
      'Requested',
      `by ${describeRequester(deployment)}, ${formatDateTime(createdAt)}${spec.reason === undefined ? '' : `: ${spec.reason}`}`,
    ],
    ['Team and cluster', `${spec.team}, ${spec.cluster}`],
    ...(plan
      ? ([
          [
            'Release',
            plan.release.strategy === 'artifact' ? `${plan.release.id} (${plan.release.url})` : plan.release.id,
          ],
          ['Load balancers', plan.boxes.map(({ name }) => name).join(', ') || 'none'],
        ] as [string, string][])
      : []),
    ['Restart', describeRestart(spec.service)],
    ['Failures tolerated', String(spec.rollout.maxFailures)],
  ]
  return (
    <div className="request">
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <details>
        <summary>All settings</summary>
        <pre tabIndex={0}>{JSON.stringify(spec, null, 2)}</pre>
      </details>
    </div>
  )
}
