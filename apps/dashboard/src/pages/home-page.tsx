import type { Overview } from '@vesemir/contract'
import { describeNeed, toPlainText } from '@vesemir/words'
import { api } from '../api.ts'
import { DeploymentTable } from '../components/deployment-table.tsx'
import { Notice } from '../components/notice.tsx'
import { PageTitle } from '../components/page-title.tsx'
import { PlaceTable } from '../components/place-table.tsx'
import { Link } from '../navigation.tsx'
import { useLoaded } from '../use-loaded.ts'

/** During a rollout it changes all the time, and costs more than a list. */
const restMs = 2000

/** What needs the person who looks, what is in progress, and what runs where. */
export function HomePage() {
  const { value, error } = useLoaded((signal, unlike) => api.getOverview({ signal, unlike }), { key: '', restMs })
  return (
    <>
      <PageTitle title="Overview" />
      {error && (
        <Notice
          tone="bad"
          title={value ? 'This page may be out of date' : 'Failed to load the overview'}
          error={error}
        />
      )}
      {value && <Sections overview={value} />}
    </>
  )
}

function Sections({ overview: { needs, ongoing, places } }: { overview: Overview }) {
  return (
    <>
      <h2>Needs you</h2>
      {needs.length === 0 ? <p className="quiet-line">Nothing waits for you.</p> : <Needs needs={needs} />}
      <h2>In progress</h2>
      {ongoing.length === 0 ? (
        <p className="quiet-line">
          No deployments in progress. <Link href="/deployments">All deployments</Link>
        </p>
      ) : (
        <DeploymentTable deployments={ongoing} caption="Deployments in progress" />
      )}
      <h2>Applications</h2>
      {places.length === 0 ? (
        <p className="empty">
          No applications yet. Register one: <code>vesemir apps apply -f app.yml</code>
        </p>
      ) : (
        <PlaceTable places={places} ongoing={ongoing} />
      )}
    </>
  )
}

function Needs({ needs }: Pick<Overview, 'needs'>) {
  return (
    <ul className="needs">
      {needs.map(({ need, deployment }) => (
        <li key={deployment.id} className="notice" data-tone={need === 'failure' ? 'bad' : 'waiting'}>
          <p>{toPlainText(describeNeed({ need, deployment }))}</p>
          <Link className="button" href={`/deployments/${deployment.id}`}>
            Open {deployment.id}
          </Link>
        </li>
      ))}
    </ul>
  )
}
