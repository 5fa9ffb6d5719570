import type { Deployment, OverviewPlace } from '@vesemir/contract'
import { findGrant } from '@vesemir/core'
import { count, deploymentStatus, placeFailure, placeStatuses } from '@vesemir/words'
import { Link } from '../navigation.tsx'
import { useSession } from '../session.tsx'
import { useNarrow } from '../use-narrow.ts'
import { useNow } from '../use-now.ts'
import { Status } from './mark.tsx'
import { Moment } from './moment.tsx'

interface PlaceTableProps {
  places: readonly OverviewPlace[]
  ongoing: readonly Deployment[]
}

/** What runs in each environment of each application, with the buttons that deploy and promote there. */
export function PlaceTable({ places, ongoing }: PlaceTableProps) {
  const nowMs = useNow(true, 30_000)
  const isNarrow = useNarrow()
  const caption = 'Applications by environment'
  return (
    <div className="table-frame" role="region" aria-label={caption} tabIndex={0}>
      <table className="places">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Application</th>
            <th scope="col">Version</th>
            <th scope="col" className="wide-only">
              Hosts
            </th>
            <th scope="col">State</th>
            {!isNarrow && (
              <th scope="col">
                <span className="visually-hidden">Deploy</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {places.map((place) => (
            <Row key={`${place.application}/${place.environment}`} {...{ place, ongoing, isNarrow, nowMs }} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface RowProps {
  place: OverviewPlace
  ongoing: readonly Deployment[]
  /** Whether the buttons stand below the state, for want of room. */
  isNarrow: boolean
  nowMs: number
}

function Row({ place, ongoing, isNarrow, nowMs }: RowProps) {
  const { application, environment, version, deployment, since, versions } = place
  return (
    <tr>
      <th scope="row">
        <Link href={`/applications/${application}?${new URLSearchParams({ environment })}`}>{application}</Link>
        <span className="sub">{environment}</span>
      </th>
      <td>
        {version ?? '–'}
        <span className="sub">
          {since !== undefined && <Moment at={since} nowMs={nowMs} />}
          {deployment !== undefined && (
            <>
              {since !== undefined && ' · '}
              <Link href={`/deployments/${deployment}`}>{deployment}</Link>
            </>
          )}
        </span>
      </td>
      <td className="wide-only">
        {versions.map((each) => (
          <div key={each.version ?? ''}>
            {count(each.hosts, 'host')}
            {each.version !== version && `: ${each.version ?? 'nothing'}`}
          </div>
        ))}
      </td>
      <td>
        <States place={place} ongoing={ongoing.filter(({ id }) => place.ongoing.includes(id))} />
        {isNarrow && <Buttons place={place} />}
      </td>
      {!isNarrow && (
        <td>
          <Buttons place={place} />
        </td>
      )}
    </tr>
  )
}

function States({ place, ongoing }: Pick<RowProps, 'place' | 'ongoing'>) {
  const statuses = placeStatuses(place)
  const { failure } = place
  const isUsual = statuses.length === 0 && ongoing.length === 0 && !failure && place.version !== undefined
  return (
    <>
      {failure && (
        <div>
          <Status shown={placeFailure(failure)} />{' '}
          <span className="sub">
            <Link href={`/deployments/${failure.deployment}`}>
              {failure.version} · {failure.deployment}
            </Link>
          </span>
        </div>
      )}
      {statuses.map((status) => (
        <div key={status.text}>
          <Status shown={status} />
        </div>
      ))}
      {ongoing.map((deployment) => (
        <div key={deployment.id}>
          <Status shown={deploymentStatus(deployment)} />{' '}
          <span className="sub">
            <Link href={`/deployments/${deployment.id}`}>
              {deployment.spec.version} · {deployment.id}
            </Link>
          </span>
        </div>
      ))}
      {isUsual && <Status shown={{ tone: 'good', text: 'as expected' }} />}
    </>
  )
}

function Buttons({ place }: { place: OverviewPlace }) {
  const { grants } = useSession()
  const { application, environment, promotions } = place
  if (!findGrant(grants, 'deploy', place)) return null
  const to = (more: Record<string, string>) =>
    `/deployments/new?${new URLSearchParams({ application, environment, ...more })}`
  return (
    <div className="buttons">
      <Link className="button" href={to({})}>
        Deploy<span className="visually-hidden">{` ${application} to ${environment}`}</span>
      </Link>
      {promotions.map(({ from, version }) => (
        <Link key={from} className="button" href={to({ version, reason: `promoted from ${from}`, plan: 'now' })}>
          Promote {version} from {from}
          <span className="visually-hidden">{` to ${environment} of ${application}`}</span>
        </Link>
      ))}
    </div>
  )
}
