import type { DeploymentView } from '@vesemir/contract'
import { findStall, isEnded, progressOf, shouldProgress } from '@vesemir/core'
import { deploymentStatus, describeDeployment, describeRequester, describeStall, timeTaken } from '@vesemir/words'
import { Link } from '../navigation.tsx'
import { useHolds } from '../use-holds.ts'
import { useNow } from '../use-now.ts'
import { FailureDetails } from './host-panel.tsx'
import { capitalize, Status } from './mark.tsx'
import { Moment } from './moment.tsx'
import { PageTitle } from './page-title.tsx'
import { ProgressBar } from './progress-bar.tsx'

/** What is deployed where, its state in a sentence, and its progress. */
export function DeploymentHead({ view }: { view: DeploymentView }) {
  const { deployment } = view
  const { id, spec, createdAt, counts, plan, supersedes, supersededBy, refused } = deployment
  const nowMs = useNow(!isEnded(deployment))
  const sentence = describeDeployment(view, { nowMs })
  const holds = useHolds(shouldProgress(view)).filter(({ cluster }) => cluster === spec.cluster)
  const stalls = describeStall(findStall(view, nowMs), holds)
  const percent = Math.round(progressOf(view) * 100)
  return (
    <header className="deployment-head">
      <PageTitle
        title={`${spec.application} ${spec.version} to ${spec.environment}`}
        aside={<Status big shown={deploymentStatus(deployment)} />}
      >
        <Link href={`/applications/${spec.application}`}>{spec.application}</Link> {spec.version}{' '}
        <span className="to">
          <span aria-hidden="true">→</span>
          <span className="visually-hidden">to</span> {spec.environment}
        </span>
      </PageTitle>
      <p className="sentence">{sentence}</p>
      {stalls.length > 0 && (
        <div className="notice" data-tone="waiting" role="status">
          {stalls.map((text) => (
            <p key={text.split(' ')[0]}>{capitalize(text)}</p>
          ))}
        </div>
      )}
      {plan && (
        <div className="progress-line">
          <ProgressBar counts={counts} label={`${percent} percent done`} />
          {!isEnded(deployment) && <span className="number">{percent} %</span>}
        </div>
      )}
      {supersededBy && (
        <p className="sub">
          Superseded by <Link href={`/deployments/${supersededBy.id}`}>{supersededBy.id}</Link> ({supersededBy.version}
          ). Retry or roll back that deployment instead.
        </p>
      )}
      {refused && isEnded(deployment) && <FailureDetails failure={refused} id={id} />}
      <p className="sub">
        {id} · requested by {describeRequester(deployment)} <Moment at={createdAt} nowMs={nowMs} />
        {!isEnded(deployment) && ` · ${timeTaken(deployment, nowMs)} so far`}
        {spec.reason !== undefined && ` · “${spec.reason}”`}
        {supersedes !== undefined && (
          <>
            {' · '}
            <Link href={`/compare/${supersedes}/${id}`}>Compare with the one before</Link>
          </>
        )}
      </p>
    </header>
  )
}
